"""A laboratory in words: what everybody is told, and the law at the end. Numbers in, text out."""

from __future__ import annotations

from collections.abc import Sequence

from escape.environments.laboratories.apparatus import APPARATUSES, Apparatus
from escape.types import LabDoor, Laboratory


def laboratory_text(lab: Laboratory) -> str:
    """All doors, and each kind of apparatus once."""
    kinds = dict.fromkeys(door.apparatus for door in lab.doors)
    parts = [_kind(APPARATUSES[kind]) for kind in kinds]
    parts += [door_text(door, n) for n, door in enumerate(lab.doors, 1)]
    return "\n\n".join(parts)


def _kind(apparatus: Apparatus) -> str:
    causes = "\n".join(
        f"- {name}: {cause.told.format(v='V')} (V is one of {_listed(cause.values)})"
        for name, cause in apparatus.causes.items()
    )
    head = f"{apparatus.name.upper()}\n{apparatus.told}\nCauses that may be at work:"
    return f"{head}\n{causes}\nHow it is written: {apparatus.asked}"


def _listed(values: Sequence[int]) -> str:
    return ", ".join(map(str, sorted(values)))


def door_text(door: LabDoor, number: int) -> str:
    """What is asked at one door."""
    apparatus = APPARATUSES[door.apparatus]
    at_work = "1 cause is" if door.causes == 1 else f"{door.causes} causes are"
    fewer = [
        f"{name} {_listed(cause.values[: door.values])}"
        for name, cause in apparatus.causes.items()
        if len(cause.values) > door.values
    ]
    only = f" Here V can only be: {'; '.join(fewer)}." if fewer else ""
    dim = f" Here {apparatus.dim_told}." if door.dim else ""
    return (
        f"DOOR {number}: {apparatus.name}. {at_work} at work.{only}{dim} {door.trials} trials, each from one of these "
        f"starts: {' / '.join(door.starts)}. The setting that decides begins at {door.start}: "
        f"{apparatus.wanted(door.wanted)}."
    )


RULES = (
    "each door has an apparatus whose law is hidden: numbers of its own, and as many causes at work as are said, of "
    "those that are listed, never which; nothing else is at work, and nothing is drawn by chance later: the same "
    "trial always shows the same",
    'a trial is written "try: START | STEPS" and shows its reading; every trial begins afresh, and nothing of it stays',
    'the setting that decides is written "set: STEPS"; it can be made once at each door, after any number of its '
    "trials, and is reckoned from the door's own start, from which no trial can be made; a right one opens the door, "
    "a wrong one ends the attempt",
    "where several causes are at work, they are reckoned one after the other, in the order in which they are listed",
)


def law_text(door: LabDoor) -> str:
    """The law of a door, in full."""
    apparatus = APPARATUSES[door.apparatus]
    causes = [c.told.format(v=door.law[name]) for name, c in apparatus.causes.items() if door.law.get(name)]
    return f"{apparatus.law_told(door.law)}; {'; '.join(causes)}"
