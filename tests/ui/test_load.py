"""What a draw of the page does and leaves undone: shared work once, folded parts not at all, uploads within bounds."""

from __future__ import annotations

import threading

import pytest

from escape.hosting import HOSTED_TRIALS
from escape.puzzles import files
from escape.runs import new_run
from escape.runs.file import jsonl
from escape.types import Puzzle, Result, RunConfig, Trial
from escape.ui.session import Session
from tests.ui.test_page import live, open_saved, opened, texts


def test_shared_work_is_done_once_however_many_visitors_come(bundled: list[Puzzle]) -> None:
    run, times = new_run(RunConfig(), bundled), 0
    second_is_there = threading.Event()

    def make() -> int:
        nonlocal times
        times += 1
        if times == 2:
            second_is_there.set()
        second_is_there.wait(0.5)  # a second visitor comes while the first is at it
        return times

    visitors = [threading.Thread(target=Session([]).worked_out, args=(run, "rankings", make)) for _ in range(2)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert times == 1


def test_what_exactly_was_run_is_not_drawn_while_it_is_folded() -> None:
    assert "Puzzle set, SHA-256" not in texts(opened())


def test_more_figures_are_not_drawn_while_they_are_folded() -> None:
    at = opened()
    fold = next(e for e in at.expander if e.label == "Details")
    assert not list(fold.children)


def test_a_hosted_page_loads_no_more_answers_than_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_HOSTED", "1")
    known = files.load(files.BUNDLED)
    most = HOSTED_TRIALS // len(known) + 1
    bare = tuple(
        Result(trial=Trial(problem_id=p.problem_id, player="openai:a", repeat=n))
        for n in range(1, most + 1)
        for p in known
    )
    assert len(bare) > HOSTED_TRIALS
    data = jsonl.packed(new_run(RunConfig(), known).model_copy(update={"results": bare}))
    at = open_saved(opened())
    at.get("file_uploader")[0].set_value(("run.json.gz", data, "application/gzip")).run()
    assert len(live(at).run().results) <= HOSTED_TRIALS
    assert str(HOSTED_TRIALS) in texts(at).replace(",", "")
