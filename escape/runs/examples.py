"""Runs made for lessons from the demo players' texts: in one the metric decides who leads, one varies by the day.

No model is asked: each answer is put together from parts that people wrote, carried out by the rooms, and has the
marks that readers gave those parts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from escape.judges import Annotators
from escape.metrics import marks
from escape.puzzles import scripted_answer
from escape.rooms import plans as attempts
from escape.runs.assembly import new_run
from escape.types import IMPORTED, Answer, NotJudged, Puzzle, Result, Run, RunConfig, Trial, Verdict

DAYS = 5
_STEPS = re.compile(r"(?m)^Solution Steps:")


def _parts(text: str) -> tuple[str, str]:
    """Return an answer's reasons, and its plan with everything behind it."""
    at = _STEPS.search(text)
    return (text[: at.start()], text[at.start() :]) if at else (text, "")


class _Made(NamedTuple):
    """An answer, and whose reasons and whose plan it has: `reasons_of` and `plan_of` are whole answers."""

    text: str
    reasons_of: str
    plan_of: str


def _joined(reasons_of: str, plan_of: str) -> _Made:
    return _Made(_parts(reasons_of)[0] + _parts(plan_of)[1], reasons_of, plan_of)


def metric_decides(puzzles: Sequence[Puzzle]) -> Run:
    """`scholar` explains well and plans badly half of the time. `tinkerer` plans well and hardly explains."""

    def scholar(careful: str, hasty: str, dice: random.Random) -> _Made:
        return _joined(careful, careful if dice.random() < 0.5 else hasty)

    def tinkerer(careful: str, hasty: str, dice: random.Random) -> _Made:
        return _joined(hasty, careful if dice.random() < 0.75 else hasty)

    return _run("Made for a lesson: the metric decides", puzzles, {"scholar": scholar, "tinkerer": tinkerer}, 1)


def day_to_day(puzzles: Sequence[Puzzle]) -> Run:
    """`lark` and `owl` answer as careful on good days and as hasty on others. Lark has a few more good ones."""

    def on_good_days(share: float) -> Callable[[str, str, random.Random], _Made]:
        def make(careful: str, hasty: str, dice: random.Random) -> _Made:
            answer = careful if dice.random() < share else hasty
            return _Made(answer, answer, answer)

        return make

    return _run(f"Made for a lesson: the same two players on {DAYS} days", puzzles,
                {"lark": on_good_days(0.65), "owl": on_good_days(0.5)}, DAYS)  # fmt: skip


def _run(
    title: str, puzzles: Sequence[Puzzle], players: dict[str, Callable[[str, str, random.Random], _Made]], repeats: int
) -> Run:
    results, chosen = [], []
    for puzzle in puzzles:
        careful, hasty = (scripted_answer(name, puzzle.problem_id) for name in ("careful", "hasty"))
        try:
            marked = {
                text: Annotators("readers").verdict(puzzle, text) for text in (careful, hasty) if text is not None
            }
        except NotJudged:  # a room of one's own, or one that was changed
            continue
        if careful is None or hasty is None:
            continue
        chosen.append(puzzle)
        for name, make in players.items():
            for repeat in range(1, repeats + 1):
                answer = make(careful, hasty, random.Random(f"{name} {puzzle.problem_id} {repeat}"))  # noqa: S311
                results.append(
                    Result(
                        trial=Trial(problem_id=puzzle.problem_id, player=f"{IMPORTED}{name}", repeat=repeat),
                        answer=Answer(text=answer.text, cost_usd=0.0),
                        verdict=_composed(puzzle, marked[answer.reasons_of], marked[answer.plan_of]),
                        outcome=attempts.outcome(puzzle, answer.text),
                    )
                )
    run = new_run(RunConfig(problem_ids=tuple(p.problem_id for p in chosen), repeats=repeats), chosen, title)
    return run.model_copy(update={"results": tuple(results)})


def _composed(puzzle: Puzzle, reasons: Verdict, plan: Verdict) -> Verdict:
    """Return the readers' marks of an answer made of two: principles of the one, steps and herrings of the other."""
    if reasons.checklist is None or plan.checklist is None or reasons is plan:
        return reasons
    items = plan.checklist.model_copy(update={"principles": reasons.checklist.principles})
    return plan.model_copy(update={"checklist": items, "scores": marks(items, puzzle), "feedback": ""})


BEFORE = ("days",)  # examples that a class predicts before anybody sees a figure
EXAMPLES: dict[str, tuple[str, Callable[[Sequence[Puzzle]], Run]]] = {
    "metric": ("Show a run in which the metric decides", metric_decides),
    "days": ("Show two players on five days", day_to_day),
}
