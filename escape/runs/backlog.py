"""What is left of a run to do, and what earlier goes of it left behind. Asks nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from escape.environments.foresight import questions
from escape.types import Answer, Puzzle, Repair, Result, RunConfig, Trial, Turn


@dataclass(frozen=True)
class EarlierGoes:
    """What earlier goes of a run left behind. `begun`: conversations to go on with; `unforeseen`: results that lack
    nothing but foresight; `foreseen`: trials that do not lack it; `repairs`: lines of plans that were written anew.
    """

    begun: Mapping[Trial, tuple[Turn, ...]] = field(default_factory=dict)
    unforeseen: Mapping[Trial, Result] = field(default_factory=dict)
    foreseen: Collection[Trial] = ()
    repairs: Mapping[Trial, Repair] = field(default_factory=dict)


def begun(results: Iterable[Result]) -> dict[Trial, tuple[Turn, ...]]:
    """The conversations that have not come to their end."""
    return {r.trial: r.turns for r in results if r.turns and r.answer is None}


def foreseen(results: Iterable[Result]) -> set[Trial]:
    """The trials whose player has said what will happen."""
    return {r.trial for r in results if r.foresight and not r.foresight.problem}


def unforeseen(
    config: RunConfig, results: Iterable[Result], puzzles: Mapping[str, Puzzle], todo: Collection[Trial]
) -> dict[Trial, Result]:
    """Results of a run's own trials that lack nothing but what their player foresees. `todo`: trials that lack more."""
    planned = set(config.trials()) - set(todo) if config.foresight else set()
    return {
        r.trial: r
        for r in (results if planned else ())
        if r.trial in planned
        and r.status in ("judged", "played")
        and (r.foresight is None or r.foresight.problem)
        and questions(puzzles[r.trial.problem_id])
    }


def missing(
    config: RunConfig, results: Iterable[Result], *, failed_too: bool
) -> tuple[list[Trial], dict[Trial, Answer]]:
    """What is left to complete a run: trials, and, for those that only need a judge, their answers."""
    finished: set[Trial] = set()
    answers: dict[Trial, Answer] = {}
    further: list[Trial] = []
    planned = config.trials()
    for result in results:
        if result.verdict or result.status == "played" or (result.failure and not failed_too):
            finished.add(result.trial)
        else:
            further.append(result.trial)
            if result.answer:
                answers[result.trial] = result.answer
    todo = dict.fromkeys(t for t in planned if t not in finished)
    return list(todo | dict.fromkeys(further)), answers
