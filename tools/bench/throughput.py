"""Wall time, CPU and memory of `escape run` beside the bare SDK on the same calls, in turn."""

import argparse
import asyncio
import json
import sys
import tempfile

from escape import prompts
from escape.judges import checklist
from escape.puzzles import files
from tools.bench.tools import measured, mock, run_command, stats


async def bare(cells: int, at_once: int) -> None:
    """The same calls by nothing but the SDK and a semaphore."""
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
        reply = await client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=512, **extra)
        return reply.choices[0].message.content or ""

    async def cell(i: int) -> None:
        async with gate:
            room = rooms[i % len(rooms)]
            answer = await ask(prompts.player(room))
            json.loads(await ask(checklist.checklist(room, answer, "==m==")))

    await asyncio.gather(*(cell(i) for i in range(cells)))
    await client.close()


def main(o: argparse.Namespace) -> None:
    """Wall time, CPU and memory of `escape run` beside the bare SDK on the same calls, in turn."""
    limit = -(-o.cells // o.at_once) * 2 * o.latency
    print(f"{o.cells} cells, {o.at_once} at once, {o.latency * 1000:.0f} ms a call: the limit is {limit:.1f} s")
    for _ in range(o.rounds):
        for name in ("bare", "escape"):
            with (
                mock("--latency", str(o.latency), "--jitter", str(o.jitter)) as url,
                tempfile.TemporaryDirectory() as folder,
            ):
                command = (
                    run_command(o.cells, o.at_once, f"{folder}/run.json")
                    if name == "escape"
                    else [sys.executable, "-m", "tools.bench.throughput", str(o.cells), str(o.at_once)]
                )
                wall, cpu, peak, code, _ = measured(command, url)
                print(
                    f"{name:7} wall {wall:6.2f} s ({wall / limit:.2f} of the limit)  CPU {cpu:5.2f} s  "
                    f"peak {peak:4.0f} MB  calls {stats(url)['calls']}  exit {code}"
                )


if __name__ == "__main__":
    asyncio.run(bare(int(sys.argv[1]), int(sys.argv[2])))
