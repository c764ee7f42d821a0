"""The files of the package that one run of one answer enters, in order: from Run to its row in the CSV.

`python -m tools.trace`. What draws the page is left out: only what begins, asks, marks, keeps, and tells is
listed, each file once.
"""

import os
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from escape import store
from escape.calls import Limits
from escape.puzzles import files
from escape.results.csv import plain_csv
from escape.runs import BACKGROUND, Execution, LiveRun, archive, make_plan, new_run
from escape.types import Answer, JudgeSpec, ModelSpec, RunConfig

PACKAGE = Path(files.__file__).parent.parent
# what is no step of a run: types, texts of prompts, reading of moves and the rooms' own physics
APART = ("types/", "rooms/", "puzzles/", "prompts.py", "intake.py", "stats.py", "unpacking.py", "__init__.py")


class Trace:
    """The files that were entered, in the order of their first function."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and PACKAGE in path.parents and not frame.f_code.co_name.startswith("<"):
            self.seen.setdefault(path.relative_to(PACKAGE).as_posix(), frame.f_code.co_qualname)


def traced() -> dict[str, str]:
    """Run one answer; map each file entered to the first function called there."""
    room = next(iter(files.shared_set(files.ROOMS)))
    config = RunConfig(
        players=(ModelSpec(provider="demo", model="careful"),), judge=JudgeSpec(design="readers"),
        problem_ids=(room.problem_id,),
    )  # fmt: skip
    store.store()  # it exists before the press
    trace = Trace()
    threading.setprofile(trace)
    sys.setprofile(trace)
    try:
        live = LiveRun(new_run(config, [room]), lambda: True)
        execution = Execution(make_plan(live.run(), lambda spec: None), Limits())
        live.recording = archive.record(live)
        live.at_end = lambda: archive.save_run(live)
        BACKGROUND.start(live, execution)
        BACKGROUND.wait(live, 30)
        plain_csv(live.run())
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert live.run().results[0].answer != Answer(text="")
    return {
        file: name for file, name in trace.seen.items() if not file.startswith(APART) and "/__" not in file
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ESCAPE_DATA"] = folder
        for number, (file, name) in enumerate(traced().items(), 1):
            print(f"{number:2}. {file:32} {name}")


if __name__ == "__main__":
    main()
