"""The work that is left of a run. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable

from escape.types import Answer, Result, RunConfig, Trial


def missing(
    config: RunConfig, results: Iterable[Result], *, failed_too: bool
) -> tuple[list[Trial], dict[Trial, Answer]]:
    """Return what is left to complete a run: trials, and, for those that only need a judge, their answers."""
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
