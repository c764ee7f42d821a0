"""Wall time, CPU and memory of `escape run` beside Inspect AI and the bare SDK on the same calls, in turn.

Inspect AI is installed into a virtual environment of its own in the temporary folder, once.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from escape import prompts
from escape.judges import checklist
from escape.puzzles import files
from tools.bench.tools import measured, mock, run_command, stats

INSPECT = "inspect-ai==0.3.285"
TASK = """
import json, sys
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, ResponseSchema, get_model
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import generate
from inspect_ai.util import JSONSchema

work = json.load(open(sys.argv[1]))
form = ResponseSchema(name="x", strict=True, json_schema=JSONSchema.model_validate(work["schema"]))
config = GenerateConfig(max_tokens=512, response_schema=form)

@scorer(metrics=[accuracy()])
def judged():
    async def score(state, target):
        reply = await get_model().generate(work["judge"].replace("==answer==", state.output.completion), config=config)
        json.loads(reply.completion)
        return Score(value="C")
    return score

samples = [Sample(id=i, input=work["players"][i % len(work["players"])], target="-") for i in range(work["cells"])]
task = Task(dataset=MemoryDataset(samples), solver=generate(), scorer=judged(), config=GenerateConfig(max_tokens=512))
model = get_model("openai/gpt-4o-mini", base_url=sys.argv[2] + "/v1", api_key="mock")
log, = eval(task, model=model, max_connections=work["at_once"], display="none", log_dir=sys.argv[3])
assert log.status == "success", log.error
"""


def inspect_ai() -> str:
    """The Python of an environment with Inspect AI."""
    where = Path(tempfile.gettempdir()) / "escape-bench-inspect"
    python = where / "bin/python"
    if not (where / "ready").exists():
        venv.create(where, with_pip=True)
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", INSPECT, "openai"]
        subprocess.run(command, check=True)
        (where / "ready").touch()
    return str(python)


def workload(o: argparse.Namespace, folder: Path) -> Path:
    """Our prompts as a file: every player's, and one judge's."""
    rooms = files.load(files.BUNDLED)
    judge = checklist.checklist(rooms[0], "==answer==", "==m==")
    players = [prompts.player(r) for r in rooms]
    file = folder / "work.json"
    work = {
        "cells": o.cells,
        "at_once": o.at_once,
        "players": [f"{p.system}\n\n{p.user}" for p in players],
        "judge": f"{judge.system}\n\n{judge.user}",
        "schema": judge.reply_schema,
    }
    file.write_text(json.dumps(work), "utf-8")
    return file


def main(o: argparse.Namespace) -> None:
    """Wall time, CPU and memory of `escape run` beside Inspect AI and the bare SDK on the same calls, in turn."""
    limit, python = -(-o.cells // o.at_once) * 2 * o.latency, inspect_ai()
    print(f"{o.cells} cells, {o.at_once} at once, {o.latency * 1000:.0f} ms a call: the limit is {limit:.1f} s")
    for _ in range(o.rounds):
        for name in ("bare", "escape", "inspect"):
            served = mock("--latency", str(o.latency), "--jitter", str(o.jitter))
            with served as url, tempfile.TemporaryDirectory() as at:
                folder = Path(at)
                (folder / "task.py").write_text(TASK, "utf-8")
                command = {
                    "bare": [sys.executable, "-m", "tools.bench.throughput", str(o.cells), str(o.at_once)],
                    "escape": run_command(o.cells, o.at_once, f"{at}/run.json"),
                    "inspect": [python, str(folder / "task.py"), str(workload(o, folder)), url, at],
                }[name]
                wall, cpu, peak, code, said = measured(command, url)
                print(
                    f"{name:7} wall {wall:6.2f} s ({wall / limit:.2f} of the limit)  CPU {cpu:5.2f} s  "
                    f"peak {peak:4.0f} MB  calls {stats(url)['calls']}  exit {code} {said[-300:] if code else ''}"
                )
