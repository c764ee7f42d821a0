"""Runs made for lessons from the demo players' texts: in one the metric decides who leads, one varies by the day.

No model is asked: each answer is put together from parts that people wrote, carried out by the rooms, judged offline.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from escape.environments import plans as attempts
from escape.judges.ideas import Rubric
from escape.puzzles import scripted_answer
from escape.runs.assembly import new_run
from escape.types import IMPORTED, Answer, Puzzle, Result, Run, RunConfig, Trial

DAYS = 5
_STEPS = re.compile(r"(?m)^Solution Steps:")


def _parts(text: str) -> tuple[str, str]:
    """An answer's reasons, and its plan with everything behind it."""
    at = _STEPS.search(text)
    return (text[: at.start()], text[at.start() :]) if at else (text, "")


def metric_decides(puzzles: Sequence[Puzzle]) -> Run:
    """`scholar` explains well and plans badly half of the time; `tinkerer` plans well and hardly explains."""

    def scholar(careful: str, hasty: str, dice: random.Random) -> str:
        return _parts(careful)[0] + _parts(careful if dice.random() < 0.5 else hasty)[1]

    def tinkerer(careful: str, hasty: str, dice: random.Random) -> str:
        return _parts(hasty)[0] + _parts(careful if dice.random() < 0.75 else hasty)[1]

    return _run("Made for a lesson: the metric decides", puzzles, {"scholar": scholar, "tinkerer": tinkerer}, 1)


def day_to_day(puzzles: Sequence[Puzzle]) -> Run:
    """`lark` and `owl` answer as careful on good days and as hasty on others; lark has a few more good ones."""

    def on_good_days(share: float) -> Callable[[str, str, random.Random], str]:
        return lambda careful, hasty, dice: careful if dice.random() < share else hasty

    return _run(f"Made for a lesson: the same two players on {DAYS} days", puzzles,
                {"lark": on_good_days(0.65), "owl": on_good_days(0.5)}, DAYS)  # fmt: skip


def _run(
    title: str, puzzles: Sequence[Puzzle], players: dict[str, Callable[[str, str, random.Random], str]], repeats: int
) -> Run:
    judge, results, chosen = Rubric(puzzles), [], []
    for puzzle in puzzles:
        careful, hasty = (scripted_answer(name, puzzle.problem_id) for name in ("careful", "hasty"))
        if careful is None or hasty is None:
            continue
        chosen.append(puzzle)
        for name, make in players.items():
            for repeat in range(1, repeats + 1):
                text = make(careful, hasty, random.Random(f"{name} {puzzle.problem_id} {repeat}"))  # noqa: S311
                results.append(
                    Result(
                        trial=Trial(problem_id=puzzle.problem_id, player=f"{IMPORTED}{name}", repeat=repeat),
                        answer=Answer(text=text, cost_usd=0.0),
                        verdict=judge.verdict(puzzle, text),
                        outcome=attempts.outcome(puzzle, text),
                    )
                )
    run = new_run(RunConfig(problem_ids=tuple(p.problem_id for p in chosen), repeats=repeats), chosen, title)
    return run.model_copy(update={"results": tuple(results)})


BEFORE = ("days",)  # examples that a class predicts before anybody sees a figure
EXAMPLES: dict[str, tuple[str, Callable[[Sequence[Puzzle]], Run]]] = {
    "metric": ("Show a run in which the metric decides", metric_decides),
    "days": ("Show two players on five days", day_to_day),
}
