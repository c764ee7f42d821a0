"""Twists: a file that says what differs from another puzzle -> that puzzle, changed. Pure.

The change is written as other words, other facts and a few rules that are asked before the original's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field, JsonValue

from escape.environments.rooms import GIVE_UP, room_of
from escape.types import PROBLEM_ID, Line, Puzzle, Record, Rule, Twist, World, normalized_name

ENDING = ".twist"  # of a twist's id, after the original's
FILE_ENDING = f"{ENDING}.json"
_LEFT_OUT = ("other_names", "plain", "spare_herrings", "difficulty")  # a twist has no twins


class OtherFacts(Record):
    """How a twist's world differs. `rules` are asked before the original's; of those the ones that can no longer apply
    are left out. `things`, `names`, `start` and `goal` are added, or take the place of what has their name.
    """

    things: tuple[Line, ...] = Field((), max_length=40)
    names: Mapping[Line, tuple[Line, ...]] = Field(default_factory=dict, max_length=80)
    start: Mapping[Line, Line] = Field(default_factory=dict, max_length=40)
    goal: Mapping[Line, Line] | None = Field(None, max_length=20)
    rules: tuple[Rule, ...] = Field((), max_length=120)
    moves: tuple[Line, ...] = Field((), max_length=30)


class Change(Record):
    """A twist's file. `differs`, `decides`: see Twist; `words`: what every text of the original says -> what it says
    here; `fields`: of the puzzle, those that are quite other here, such as the solution.
    """

    twist_of: str = Field(pattern=PROBLEM_ID)
    differs: Line
    decides: tuple[Line, ...] = Field(min_length=1, max_length=40)
    words: Mapping[Line, str] = Field(default_factory=dict, max_length=80)
    fields: Mapping[str, JsonValue] = Field(default_factory=dict, max_length=20)
    world: OtherFacts = OtherFacts()


def is_change(entry: JsonValue) -> bool:
    """Whether a document tells a twist by what differs."""
    return isinstance(entry, dict) and "twist_of" in entry


def applied(change: Change, original: Puzzle) -> Puzzle:
    """The original, changed. Raises ValueError, which names what the change says wrongly."""
    if original.world is None:
        raise ValueError(f"is of {original.problem_id}, which has no rules that could differ")
    before: dict[str, Any] = original.model_dump(mode="json", exclude={*_LEFT_OUT, "twist"}, exclude_defaults=True)
    told = f"{before['setup']} {before['world']}"
    if absent := [old for old in change.words if not _pattern([old]).search(told)]:
        raise ValueError(f"replaces {absent[0]!r}, which stands nowhere in {original.problem_id}")
    document: dict[str, Any] = _said_otherwise(before, change.words)
    document |= {"problem_id": original.problem_id + ENDING, **change.fields}
    if not document.get("title", "").endswith("twisted"):
        document["title"] = f"{original.name}, twisted"
    world = World.model_validate(document["world"])
    others = change.world
    document["world"] = world.model_copy(
        update={
            "things": tuple(dict.fromkeys((*world.things, *others.things))),
            "names": _joined(world.names, others.names),
            "start": {**world.start, **others.start},
            "goal": world.goal if others.goal is None else others.goal,
            "rules": (*others.rules, *world.rules),
            "moves": others.moves or (GIVE_UP[0],),
        }
    ).model_dump(mode="json")
    marked = {*document["physical_principles"], *document["solution"]["steps"], *document["red_herrings"]}
    document["cues"] = {line: words for line, words in document.get("cues", {}).items() if line in marked}
    known = [_said_otherwise(line, change.words) for line in original.world.moves]
    document["twist"] = Twist(
        of=original.problem_id,
        differs=change.differs,
        known=tuple(known),
        decides=change.decides,
        renamed=_renamed(original, change),
    ).model_dump(mode="json")
    return _without_what_never_applies(Puzzle.model_validate(document), len(others.rules))


def made_from(puzzle: Puzzle, original: Puzzle, differs: str) -> Puzzle:
    """A room that was written as a change of another, as its twist. Things are the same by their places in the lists;
    what decides the original is whatever its way does that the twist's own does not. Raises ValueError for a puzzle
    without rules.
    """
    if puzzle.world is None or original.world is None:
        raise ValueError("a twist needs rules; write what the room answers first")
    things = [[*map(normalized_name, (*p.setup.available_items, *w.things))] for p, w in (
        (original, original.world), (puzzle, puzzle.world))]  # fmt: skip
    renamed = {old: new for old, new in zip(*things, strict=False) if old != new and old not in things[1]}
    known = tuple(_said_otherwise(line, renamed) for line in original.world.moves)
    pairs = [line.partition(": ")[2] or line for line in known]
    own = {line.partition(": ")[2] or line for line in puzzle.world.moves}
    decides = tuple(dict.fromkeys(pair for pair in pairs if pair not in own)) or tuple(pairs[-1:])
    return puzzle.model_copy(
        update={"twist": Twist(of=original.problem_id, differs=differs, known=known, decides=decides, renamed=renamed)}
    )


def _joined(names: Mapping[str, tuple[str, ...]], others: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    own = {normalized_name(thing) for thing in others}
    return {thing: words for thing, words in names.items() if normalized_name(thing) not in own} | dict(others)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(w)}(?!\w)" for w in longest_first))


def _said_otherwise(value: Any, words: Mapping[str, str]) -> Any:
    """A document with other words throughout, in its keys too."""
    if isinstance(value, str):
        return _pattern(words).sub(lambda found: words[found[0]], value) if words else value
    if isinstance(value, dict):
        return {_said_otherwise(k, words): _said_otherwise(v, words) for k, v in value.items()}
    return [_said_otherwise(v, words) for v in value] if isinstance(value, list) else value


def _renamed(original: Puzzle, change: Change) -> dict[str, str]:
    things = [*original.setup.available_items, *(original.world.things if original.world else ())]
    pairs = [(normalized_name(old), normalized_name(_said_otherwise(old, change.words))) for old in things]
    return {old: new for old, new in pairs if old != new}


def _without_what_never_applies(puzzle: Puzzle, own: int) -> Puzzle:
    """Without the original's rules that are never asked here; a twist's own stay, so that `check` names idle ones."""
    world, firing = puzzle.world, room_of(puzzle).firing
    if world is None:
        return puzzle
    rules = tuple(rule for n, rule in enumerate(world.rules) if n < own or n in firing)
    return puzzle.model_copy(update={"world": world.model_copy(update={"rules": rules})})
