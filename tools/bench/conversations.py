"""Move by move over all three protocols: faults, a rate limit, a cap, and kill -9.

Then what a turn takes beside a bare loop over the SDK that holds the same conversations.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path

from genai_prices import Usage, calc_price

from escape import prompts
from escape.puzzles import files
from escape.runs.file import jsonl
from escape.types import Answer, ModelSpec, RunConfig, Turn
from tools.bench import harness
from tools.bench.harness import begin, escape, measured, stats

CHAT, SEALED, MESSAGES = "gpt-4o-mini", "gpt-4.1-mini", "claude-haiku-4-5"
MODELS = [x for m in (f"openai:{CHAT}", f"openai:{SEALED}", f"anthropic:{MESSAGES}") for x in ("--model", m)]
ROOMS = [x for p in ("FLUID_001", "CIPHER_001") for x in ("--puzzle", p)]
TURNS = 30
AT_ONCE = 20


def talk(*flags: str) -> AbstractContextManager[str]:
    """Serve conversations, with one model that only `/responses` can reach."""
    return harness.talk("--responses", SEALED, *flags)


def turns(file: str) -> int:
    """Count the turns that a file holds."""
    return sum(len(r.turns) for r in jsonl.load(file).results)


def spent(url: str) -> float:
    """Work out what the server charges by its own count, in USD."""
    seen, usd = stats(url), 0.0
    for model, provider in ((CHAT, "openai"), (SEALED, "openai"), (MESSAGES, "anthropic")):
        usage = Usage(input_tokens=seen[f"in {model}"], output_tokens=seen[f"out {model}"])
        usd += float(calc_price(usage, model, provider_id=provider).total_price)
    return usd


def faulty(folder: str, conversations: int) -> None:
    """Run with 20 % faults and a rate limit, resumed until every conversation has ended; then under a cap."""
    file, each = f"{folder}/faulty.json", str(max(1, conversations // 6))
    flags = ["--move-by-move", "--concurrency", str(AT_ONCE), "--quiet", "--max-tokens", "20000"]
    with talk("--faults", "0.2", "--rate", "300") as url:
        began, rounds = time.monotonic(), 1
        done = measured(escape(*MODELS, *ROOMS, "--trials", each, "--json", file, *flags), url)
        while done.code and rounds < 30:
            done, rounds = measured(escape("--resume", file, "--quiet"), url), rounds + 1
        seen, kept = stats(url), turns(file)
        print(
            f"{6 * int(each)} conversations, 20 % faults, 300 calls a second: {kept} turns in "
            f"{time.monotonic() - began:.0f} s and {rounds} rounds, {seen['answered']} answered by the "
            f"server, {seen['faults']} faults, {seen['refused']} refused, {seen['broken']} histories broken",
            flush=True,
        )
        assert kept == seen["answered"] == 6 * int(each) * TURNS
        assert not seen["broken"]
    with talk() as url:
        cap = 0.02
        measured(
            escape(
                *MODELS, *ROOMS, "--trials", each, "--max-cost", str(cap), "--json", f"{file}.cap", *flags
            ),
            url,
        )
        usd, own, kept = spent(url), jsonl.load(f"{file}.cap").charged_usd, turns(f"{file}.cap")
        print(
            f"under a cap of {cap} USD: {usd:.4f} by the server's count, {own:.4f} by ours, {kept} turns",
            flush=True,
        )
        assert usd <= cap


def killed(folder: str, times: int = 5) -> None:
    """kill -9 whenever one more conversation has ended; those that were open start again.

    No ended conversation is asked again, and the file knows of all money that was spent.
    """
    file, conversations = f"{folder}/killed.json", 96
    with talk() as url:
        flags = ["--trials", str(conversations // 6), "--move-by-move", "--max-tokens", "20000", "--quiet"]
        command = escape(*MODELS, *ROOMS, *flags, "--json", file)
        had = 0
        for _ in range(times):
            running = begin(command, url)
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and running.poll() is None:
                if Path(file).exists() and turns(file) > had:
                    break
                time.sleep(0.05)
            running.kill()
            running.wait()
            now = turns(file)
            assert now >= had, "an ended conversation was lost"
            had, command = now, escape("--resume", file, "--quiet")
        done = measured(command, url)
        seen, kept, usd, own = stats(url), turns(file), spent(url), jsonl.load(file).charged_usd
        most = times * 3 * RunConfig().concurrency * TURNS  # open conversations of three players
        print(
            f"kill -9, {times} times: {kept} turns of {conversations} conversations, exit {done.code}; "
            f"{seen['answered'] - kept} turns were asked again, at most {most}; {usd:.2f} USD by the "
            f"server's count, at most {own:.2f} by the file; {seen['broken']} histories broken",
            flush=True,
        )
        assert kept == conversations * TURNS
        assert seen["answered"] - kept <= most
        assert usd <= own
        assert not seen["broken"]


async def bare(conversations: int) -> None:
    """Hold the same conversations with nothing but the SDK and a semaphore."""
    import openai

    client, gate = openai.AsyncOpenAI(), asyncio.Semaphore(AT_ONCE)
    room = files.load(files.BUNDLED)[0]
    first = prompts.move_by_move(room, TURNS, ModelSpec(provider="openai", model=CHAT))

    async def hold() -> None:
        messages: list[dict[str, str]] = [{"role": "system", "content": first.system}]
        messages.append({"role": "user", "content": first.user})
        for n in range(TURNS):
            async with gate:
                reply = await client.chat.completions.create(model=CHAT, messages=messages, max_tokens=512)  # type: ignore[arg-type]
            said = Turn(
                number=n + 1, answer=Answer(text=reply.choices[0].message.content or ""), reply="Nothing."
            )
            messages += [
                {"role": "assistant", "content": said.answer.text},
                {"role": "user", "content": said.reply},
            ]

    await asyncio.gather(*(hold() for _ in range(conversations)))
    await client.close()


def main(trials: int = 200) -> None:
    with tempfile.TemporaryDirectory() as folder:
        faulty(folder, trials)
        killed(folder)
        took = {}
        for name in ("bare", "escape"):
            with talk() as url:
                ours = [
                    "--model",
                    f"openai:{CHAT}",
                    "--puzzle",
                    "FLUID_001",
                    "--trials",
                    str(trials),
                    "--move-by-move",
                ]
                ours += [
                    "--concurrency",
                    str(AT_ONCE),
                    "--max-tokens",
                    "20000",
                    "--json",
                    f"{folder}/{name}",
                    "--quiet",
                ]
                mine = [sys.executable, "-m", "tools.bench.conversations", str(trials)]
                done = measured(escape(*ours) if name == "escape" else mine, url)
                took[name] = done.cpu_s / max(1, stats(url)["answered"])
                n_turns, ms = stats(url)["answered"], 1000 * took[name]
                print(f"{name:7} {n_turns} turns in {done.wall_s:.1f} s, {ms:.2f} ms of CPU each", flush=True)
        print(f"a turn takes {took['escape'] / took['bare']:.2f} of the bare loop's CPU")


if __name__ == "__main__":
    asyncio.run(bare(int(sys.argv[1])))
