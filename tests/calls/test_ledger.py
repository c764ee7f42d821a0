"""What a killed program may have spent.

It is written down before calls leave, settled by results, and counted by whoever continues.
"""

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from escape.calls import Calls, Limits
from escape.calls.budget import Ledger
from escape.models.prices import Prices
from escape.runs import make_plan, new_run
from escape.runs.execution import Passes
from escape.runs.file import RunFile, load
from escape.types import (
    Answer,
    JudgeSpec,
    Mark,
    ModelError,
    ModelSpec,
    Prompt,
    Puzzle,
    Result,
    RunConfig,
    Trial,
    TrialKey,
)
from tests.runs.test_trials import FairJudge, Most
from tests.small_runs import puzzles

PRICES = Prices(cost=lambda spec, answer: 0.01, ceiling=lambda spec, prompt, more: Most(0.04))


class Hangs:
    """Answers so many calls; the others never come back."""

    spec = ModelSpec(provider="fake", model="p")

    def __init__(self, answers: int) -> None:
        self.answers, self.asked, self.hanging = answers, 0, 0

    async def complete(self, prompt: Prompt) -> Answer:
        self.asked += 1
        if self.asked > self.answers:
            self.hanging += 1
            await asyncio.Event().wait()
        return Answer(text="x", input_tokens=1, output_tokens=1)

    async def close(self) -> None:
        pass


class Killed:
    """A file, until its program is killed."""

    def __init__(self, file: RunFile, killed: asyncio.Event) -> None:
        self.file, self.killed = file, killed

    def result(self, result: Result) -> bool:
        return not self.killed.is_set() and self.file.result(result)

    def mark(self, mark: Mark) -> None:
        if not self.killed.is_set():
            self.file.mark(mark)

    def stake(self, trial: TrialKey, usd: float) -> None:
        if not self.killed.is_set():
            self.file.stake(trial, usd)

    async def committed(self) -> None:
        pass


AT_ONCE = 4


def go(saved: RunFile, given: list[Puzzle], player: Hangs, cap: float) -> Calls:
    """A run that is killed, without a word, once all the calls that it makes at once hang."""
    made: list[Calls] = []

    async def scene() -> None:
        calls = Calls(PRICES, Limits(AT_ONCE, cap, saved.run.charged_usd, proven={("fake", None)}))
        made.append(calls)
        plan = replace(make_plan(saved.run, lambda spec: None, again=True), cap_usd=cap)
        sink = Killed(saved, killed)
        players = {"fake:p": calls.guard(player)}
        passes = Passes(plan, players, FairJudge(), calls, sink, lambda: "2026-01-01")
        work = asyncio.create_task(passes.both())
        while not work.done() and player.hanging < AT_ONCE:
            await asyncio.sleep(0.01)
        killed.set()
        work.cancel()
        with contextlib.suppress(BaseException):
            await work

    killed = asyncio.Event()
    asyncio.run(scene())
    return made[0]


@pytest.fixture
def given() -> list[Puzzle]:
    return puzzles(12)


def test_a_killed_runs_possible_cost_is_in_its_file_and_under_the_next_cap(
    given: list[Puzzle], tmp_path: Path
) -> None:
    ids = tuple(p.problem_id for p in given)
    judge = JudgeSpec(design="fair")
    config = RunConfig(players=(Hangs.spec,), problem_ids=ids, max_cost_usd=0.2, judge=judge)
    path = tmp_path / "run.json"
    with RunFile.begin(str(path), new_run(config, given), force=False) as saved:
        go(saved, given, Hangs(3), 0.2)
    after = load(path)
    answered = [r for r in after.results if r.answer]
    assert len(answered) == 3
    assert len(after.lost) == AT_ONCE
    assert after.charged_usd == pytest.approx(3 * 0.01 + 4 * 0.01)  # what such calls have cost in this run
    again = Hangs(99)
    with RunFile.resume(str(path)) as saved:
        go(saved, given, again, 0.1)
    assert again.asked == 0  # nothing fits under the cap any more
    with RunFile.resume(str(path)) as saved:
        go(saved, given, again, 9.0)
    whole = load(path)
    assert all(r.verdict for r in whole.results)
    assert whole.lost == ()
    assert whole.charged_usd == pytest.approx(12 * 0.01 + 4 * 0.01)  # what was lost stays spent


def test_the_ledger_is_told_once_per_call_and_again_while_something_is_out() -> None:
    told: list[float] = []
    ledger = Ledger(lambda trial, usd: told.append(round(usd, 6)))
    from escape.calls.budget import ASKER

    key = Trial(problem_id="P", player="a").key
    token = ASKER.set(key)
    try:
        assert ledger.leaves(0.0) is None
        for _ in range(2):  # refused once, asked again: no more is at stake
            about = ledger.leaves(0.5)
            assert about == key
            ledger.ended(key, 0.5, 0.0)
        assert told == [0.5]
        ledger.leaves(0.5)
        ledger.ended(key, 0.5, 0.3)  # paid, and in no file yet
        ledger.leaves(0.5)
        assert told == [0.5, 0.8]
        ledger.written(key)
        assert told == [0.5, 0.8, 0.5]
    finally:
        ASKER.reset(token)


def test_no_call_leaves_whose_run_was_lost_while_its_stake_was_written(given: list[Puzzle]) -> None:
    """As where a server wakes and finds that another has taken its run over."""
    player = Hangs(99)

    async def scene() -> float:
        calls = Calls(PRICES, Limits(4, proven={("fake", None)}))

        async def lost() -> None:
            calls.stop()

        calls.budget.ledger.write, calls.budget.ledger.commit = (lambda trial, usd: None), lost
        with pytest.raises(ModelError, match="stopped"):
            await calls.guard(player).complete(
                Prompt(name="p", version=1, system="", user="u", problem_id="P0")
            )
        return calls.budget.at_risk

    assert asyncio.run(scene()) == 0.0
    assert player.asked == 0
