"""Runs composed for lessons from the demo players' texts.

In one the metric decides who leads; in the other, results vary from day to day. No model is asked: each
answer is put together from parts that people wrote, carried out by the rooms, and has the marks that readers
gave those parts.
"""

import random
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from escape.judges import Annotators
from escape.metrics import marks
from escape.puzzles import scripted_answer
from escape.rooms import plans
from escape.runs.versions import new_run
from escape.types import IMPORTED, Answer, NotJudged, Puzzle, Result, Run, RunConfig, Trial, Verdict

DAYS = 5
_STEPS = re.compile(r"(?m)^Solution Steps:")


def _split_answer(text: str) -> tuple[str, str]:
    """Split an answer into its reasons, and its plan with everything behind it."""
    at = _STEPS.search(text)
    return (text[: at.start()], text[at.start() :]) if at else (text, "")


class Example(NamedTuple):
    """A run of two players.

    `players`: by name, whose reasons it gives ("": those of its plan's author), and the share of its plans
    that are careful, 0..1. `predicted`: a class predicts the result before anybody sees a figure.
    """

    label: str
    title: str
    players: Mapping[str, tuple[str, float]]
    repeats: int = 1
    predicted: bool = False


EXAMPLES = {
    # `scholar` explains well and plans badly half of the time, `tinkerer` plans well and hardly explains
    "metric": Example("Show a run in which the metric decides", "Made for a lesson: the metric decides",
                      {"scholar": ("careful", 0.5), "tinkerer": ("hasty", 0.75)}),
    # both answer as careful on good days and as hasty on others; lark has a few more good ones
    "days": Example("Show two players on five days", f"Made for a lesson: the same two players on {DAYS} "
                                                     "days",
                    {"lark": ("", 0.65), "owl": ("", 0.5)}, DAYS, predicted=True),
}  # fmt: skip


def make_run(which: str, puzzles: Sequence[Puzzle]) -> Run:
    """Compose an example from those puzzles that both demo players answered and readers marked."""
    example = EXAMPLES[which]
    results, chosen = [], []
    for puzzle in puzzles:
        careful, hasty = (scripted_answer(name, puzzle.problem_id) for name in ("careful", "hasty"))
        if careful is None or hasty is None:
            continue
        try:
            marked = {text: Annotators("readers").verdict(puzzle, text) for text in (careful, hasty)}
        except NotJudged:  # a room of one's own, or one that was changed
            continue
        chosen.append(puzzle)
        for name, (explains_as, share) in example.players.items():
            for repeat in range(1, example.repeats + 1):
                dice = random.Random(f"{name} {puzzle.problem_id} {repeat}")  # noqa: S311
                plan = careful if dice.random() < share else hasty
                reasons = {"careful": careful, "hasty": hasty}.get(explains_as, plan)
                text = _split_answer(reasons)[0] + _split_answer(plan)[1]
                results.append(
                    Result(
                        trial=Trial(problem_id=puzzle.problem_id, player=f"{IMPORTED}{name}", repeat=repeat),
                        answer=Answer(text=text, cost_usd=0.0),
                        verdict=_composed(puzzle, marked[reasons], marked[plan]),
                        outcome=plans.outcome(puzzle, text),
                    )
                )
    run = new_run(
        RunConfig(problem_ids=tuple(p.problem_id for p in chosen), repeats=example.repeats),
        chosen,
        example.title,
    )
    return run.model_copy(update={"results": tuple(results)})


def _composed(puzzle: Puzzle, reasons: Verdict, plan: Verdict) -> Verdict:
    """Combine two verdicts: the principles of `reasons`, everything else of `plan`."""
    if reasons.checklist is None or plan.checklist is None or reasons is plan:
        return reasons
    items = plan.checklist.model_copy(update={"principles": reasons.checklist.principles})
    return plan.model_copy(update={"checklist": items, "scores": marks(items, puzzle), "feedback": ""})
