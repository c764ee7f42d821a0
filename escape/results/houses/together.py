"""A class in houses: all its people as one player, since a board for 200 has no room for a line each."""

from __future__ import annotations

from statistics import fmean

from escape.results.houses.reach import Line, Reach
from escape.results.sentences import count
from escape.types import PLAYED, Run

CLASS = f"{PLAYED}the class"


def as_one(run: Run) -> Run:
    """The run with everybody's plays as repeats of one player, CLASS."""
    results, people = [], 0
    for result in run.results:
        if result.trial.player.startswith(PLAYED):
            people += 1
            trial = result.trial.model_copy(update={"player": CLASS, "repeat": people})
            result = result.model_copy(update={"trial": trial})
        results.append(result)
    return run.model_copy(update={"results": tuple(results)})


def class_sentence(reach: Reach, people: int) -> str:
    """How far a class came; nobody is named."""
    line: Line | None = next((x for x in reach.lines if x.player == CLASS), None)
    if line is None:
        return "Nobody has tried a house yet."
    mean = fmean(line.attempts)
    opened = f"{mean:.1f}".removesuffix(".0")
    return (
        f"{count(people, 'person', 'people')} opened {opened} of {count(line.total, 'door')} on average, the furthest "
        f"{max(line.attempts)}."
    )
