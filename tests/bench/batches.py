"""10,000 requests in batches from a real process, killed with -9 at every state: nothing lost, nothing paid twice.

The providers are fakes of both protocols on this machine. Beside it: the same requests asked one by one, as CPU time.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from escape.runs.file import load
from escape.types import FileError
from tests.bench.tools import FIVE, ROOT, escape, measured, mock
from tests.models.fake_batches import FakeBatches

REQUESTS = 10_000
PUZZLES = [part for puzzle in FIVE for part in ("--puzzle", puzzle)]
When = Callable[[FakeBatches, Path], bool]


def batches(file: Path) -> int:
    """How many batches the file knows by their ids."""
    with contextlib.suppress(FileError):
        return sum(bool(b.batch_id) for b in load(file).batches)
    return 0


def results(file: Path) -> int:
    with contextlib.suppress(FileError):
        return len(load(file).results)
    return 0


def called(path: str) -> When:
    return lambda server, file: any(c.endswith(path) for c in server.calls)


def written(server: FakeBatches, file: Path) -> bool:
    return file.exists() and b'{"batch"' in file.read_bytes()


LATER: dict[str, When] = {
    "its id written down": lambda server, file: batches(file) > 0,
    "while it is waited for": lambda server, file: sum(b["looks"] for b in server.batches.values()) > 1,
    "while its results come": lambda server, file: called("/content")(server, file) or called("/results")(server, file),
    "while they are written down": lambda server, file: 100 < results(file) < REQUESTS,
}
# when the process is killed: each state of a batch, once. Of an unnamed batch at Anthropic only its results say whose
# it is, so its later states are a run of their own
STATES: tuple[tuple[str, dict[str, When]], ...] = (
    (
        "openai:gpt-5",
        {
            "before it is handed in": written,
            "while its file goes up": called("POST /v1/files"),
            "taken in, its id not yet here": called("POST /v1/batches"),
            **LATER,
        },
    ),
    ("anthropic:claude-sonnet-4-5", {"before it is handed in": written, **LATER}),
    ("anthropic:claude-sonnet-4-5", {"taken in, its id not yet here": called("POST /v1/messages/batches")}),
)


def killed(command: list[str], env: dict[str, str], when: Callable[[], bool]) -> bool:
    """Start, and kill as soon as it is time; False where it ended before."""
    running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 240
    while running.poll() is None:
        if when():
            running.send_signal(signal.SIGKILL)
            running.wait()
            return True
        assert time.monotonic() < end
        time.sleep(0.01)
    return False


def one(model: str, states: dict[str, When]) -> None:
    with FakeBatches(looks=3) as server, tempfile.TemporaryDirectory() as folder:
        server.delay_s = {"POST /v1/batches": 1.0, "POST /v1/messages/batches": 1.0, "/content": 0.5, "/results": 0.5}
        file = Path(folder) / "run.json"
        env = {**os.environ, "OPENAI_BASE_URL": f"{server.url}/v1", "ANTHROPIC_BASE_URL": server.url,
               "OPENAI_API_KEY": "mock", "ANTHROPIC_API_KEY": "mock"}  # fmt: skip  # pragma: allowlist secret
        begin = escape("--model", model, "--batch", *PUZZLES, "--trials", str(REQUESTS // 5), "--quiet")
        kills = 0
        for state, when in states.items():
            command = [*begin, "--json", str(file)] if not file.exists() else escape("--resume", str(file), "--quiet")
            server.calls.clear()
            done = killed(command, env, lambda when=when: when(server, file))  # type: ignore[misc]
            kills += done
            print(f"  killed {state}: {'yes' if done else 'it was over'}; {len(server.batches)} batches, "
                  f"{results(file)} results")  # fmt: skip
        last = subprocess.run(
            escape("--resume", str(file), "--quiet"), cwd=ROOT, env=env, capture_output=True, check=False
        )
        run = load(file)
        answered, twice = len(server.answered), sum(n - 1 for n in server.answered.values())
        print(f"{model}: {kills} kills; exit {last.returncode}; {len(run.results)} of {REQUESTS} answers, "
              f"{sum(r.verdict is not None for r in run.results)} marked; {answered} requests answered, {twice} twice; "
              f"{len(server.batches)} batches; {len(server.single)} asked one by one")  # fmt: skip
        assert len(run.results) == REQUESTS
        assert all(r.verdict for r in run.results)
        assert (answered, twice, server.single) == (REQUESTS, 0, [])


def main(o: argparse.Namespace) -> None:
    for model, states in STATES:
        one(model, states)
    with FakeBatches(looks=1) as server, mock() as url, tempfile.TemporaryDirectory() as folder:
        many = [*PUZZLES, "--trials", "400", "--quiet", "--model", "openai:gpt-5"]
        together = measured(escape(*many, "--batch", "--json", f"{folder}/a.json"), server.url)
        alone = measured(escape(*many, "--concurrency", "100", "--json", f"{folder}/b.json"), url)
        print(f"2,000 requests: {together.cpu_s:.1f} s of CPU in a batch, {alone.cpu_s:.1f} s one by one "
              f"({together.cpu_s / alone.cpu_s:.2f} times), peak {together.peak_mb:.0f} MB")  # fmt: skip
