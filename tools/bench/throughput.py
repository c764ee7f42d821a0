"""Wall time, CPU, and memory of a run beside the bare SDK on the same calls, in turn.

Runs are `escape run` into its file, and a run of the page into the store.
"""

import asyncio
import json
import os
import sys
import tempfile

from escape import prompts
from escape.judges import checklist
from escape.puzzles import files
from escape.results import digest
from tools.bench.harness import FIVE, ROOMS, escape, measured, mock, stats


async def bare(cells: int, at_once: int) -> None:
    """Make the same calls with nothing but the SDK and a semaphore."""
    import openai

    client = openai.AsyncOpenAI()
    gate = asyncio.Semaphore(at_once)
    rooms = files.load(files.BUNDLED)

    async def ask(prompt: prompts.Prompt) -> str:
        extra = {}
        if prompt.reply_schema:
            form = {"name": "x", "strict": True, "schema": prompt.reply_schema}
            extra["response_format"] = {"type": "json_schema", "json_schema": form}
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        reply = await client.chat.completions.create(
            model="gpt-4o-mini", messages=messages, max_tokens=512, **extra
        )
        return reply.choices[0].message.content or ""

    async def cell(i: int) -> None:
        async with gate:
            room = rooms[i % len(rooms)]
            answer = await ask(prompts.player(room))
            json.loads(await ask(checklist.checklist(room, answer, "==m==")))

    await asyncio.gather(*(cell(i) for i in range(cells)))
    await client.close()


def page(cells: int, at_once: int) -> None:
    """Make the same run as the page does, on its loop: line by line in the store, packed at its end."""
    from escape.models import key_for, parse
    from escape.runs import BACKGROUND, Execution, LiveRun, archive, make_plan, new_run
    from escape.types import JudgeSpec, RunConfig

    model = parse("openai:gpt-4o-mini", max_tokens=512)
    config = RunConfig(
        players=(model,), judge=JudgeSpec(design="checklist", model=model), problem_ids=tuple(FIVE),
        repeats=cells // len(FIVE), concurrency=at_once,
    )  # fmt: skip
    live = LiveRun(new_run(config, files.with_ids(FIVE)), lambda: True)
    execution = Execution(make_plan(live.run(), lambda spec: key_for(spec, {}, os.environ)))
    live.recording = archive.record(live)
    assert live.recording
    BACKGROUND.start(live, execution)
    assert live.future
    live.future.result()
    archive.save_run(live)
    assert live.saved is live.run()
    print(len(digest(live.run()).players))


def command_line(cells: int, at_once: int, file: str) -> list[str]:
    """Build the command that runs and judges so many cells: five puzzles, with enough trials."""
    model = "openai:gpt-4o-mini"
    flags = ["--trials", str(cells // len(FIVE)), "--concurrency", str(at_once), "--json", file, "--quiet"]
    return escape("--model", model, "--judge", model, *ROOMS, *flags)


def main(
    cells: int = 1000, at_once: int = 50, latency: float = 0.2, jitter: float = 0.0, rounds: int = 1
) -> None:
    """Measure in each round the bare SDK, the command line, and the page."""
    limit = -(-cells // at_once) * 2 * latency
    print(f"{cells} cells, {at_once} at once, {latency * 1000:.0f} ms a call: the limit is {limit:.1f} s")
    for _ in range(rounds):
        for name in ("bare", "file", "store"):
            with (
                mock("--latency", str(latency), "--jitter", str(jitter)) as url,
                tempfile.TemporaryDirectory() as folder,
            ):
                command = (
                    command_line(cells, at_once, f"{folder}/run.json")
                    if name == "file"
                    else [sys.executable, "-m", "tools.bench.throughput", name, str(cells), str(at_once)]
                )
                wall, cpu, peak, code, _ = measured(command, url, ESCAPE_DATA=folder)
                print(
                    f"{name:7} wall {wall:6.2f} s ({wall / limit:.2f} of the limit)  CPU {cpu:5.2f} s  "
                    f"peak {peak:4.0f} MB  calls {stats(url)['calls']}  exit {code}"
                )


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    page(*map(int, numbers)) if name == "store" else asyncio.run(bare(*map(int, numbers)))
