"""A laboratory in words: what a player is told, door by door."""

from __future__ import annotations

from escape.environments.laboratories.apparatus import APPARATUSES, Apparatus, Choice
from escape.environments.laboratories.make import OTHER, ApparatusDoor, LaboratoryDoors

RULES = (
    "Everything obeys the textbook, except for the disturbances at work.",
    "A disturbance keeps its strength at a door; at another door it has another, or is not at work.",
    "Every reading has a random error of its own; its standard deviation is told, and measuring again helps.",
    "A prediction within the tolerance opens the door; a wrong one ends the attempt.",
)


def laboratory_text(lab: LaboratoryDoors) -> str:
    """The whole laboratory as a player is told it, without the rules."""
    opening = (
        f"A row of {len(lab.doors)} doors, each with an apparatus. You measure a few times within the ranges of its "
        "settings, then predict a reading outside of them. Name what is at work behind the prediction: it is a figure "
        "of its own, and opens no door."
    )
    kinds = [APPARATUSES[name] for name in dict.fromkeys(door.apparatus for door in lab.doors)]
    doors = [door_text(door, n) for n, door in enumerate(lab.doors, 1)]
    return "\n\n".join([opening, *map(apparatus_text, kinds), *doors])


def apparatus_text(apparatus: Apparatus) -> str:
    """An apparatus, its settings and how it is read."""
    spans = {
        name: ", ".join(knob.words)
        if isinstance(knob, Choice)
        else f"{knob.low:g} to {knob.high:g} {knob.unit}".strip()
        for name, knob in apparatus.knobs.items()
    }
    ranges = [f"{name} ({span})" for name, span in spans.items()]
    share = " of the reading" if apparatus.relative else f" {apparatus.unit}"
    spread = f"{apparatus.spread:.2%}" if apparatus.relative else f"{apparatus.spread:g}"
    tolerance = f"{apparatus.tolerance:.1%}" if apparatus.relative else f"{apparatus.tolerance:g}"
    return (
        f"{apparatus.name.upper()}\n{apparatus.told}\nSettings: {'; '.join(ranges)}.\nThe random error has a standard "
        f"deviation of {spread}{share}; the tolerance is {tolerance}{share}.\n"
        f"Moves: measure: {apparatus.form}; predict: VALUE {apparatus.unit} | NAMES, with commas, or none"
    )


def door_text(door: ApparatusDoor, number: int) -> str:
    """One door: what may be at work, and what must be predicted."""
    apparatus = APPARATUSES[door.apparatus]
    listed = "\n".join(f"- {name}: {_strength_text(apparatus, name)}" for name in door.listed)
    how_many = f"{door.how_many} of these are" if door.how_many else "Two or more of these are"
    if door.how_many == 1:
        how_many = "One of these is"
    ends = f". One that is not listed may be among them; it is named {OTHER}" if door.others else ""
    return (
        f"DOOR {number}: {apparatus.name}, {door.measurements} measurements\n{how_many} at work"
        f"{ends}:\n{listed}\nPredict the {apparatus.quantity} for "
        f"{apparatus.written(door.target)}."
    )


def _strength_text(apparatus: Apparatus, name: str) -> str:
    kind = apparatus.disturbances[name]
    sign = ", either way" if kind.signed else ""
    return f"{kind.told} ({kind.low:g} to {kind.high:g} {kind.unit}{sign})".replace(" )", ")")


def at_work_text(door: ApparatusDoor) -> str:
    """What was at work at a door, with its strengths."""
    kinds = APPARATUSES[door.apparatus].disturbances
    return ", ".join(f"{name} ({s:g} {kinds[name].unit})".replace(" )", ")") for name, s in door.at_work.items())
