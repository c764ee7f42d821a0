"""A puzzle -> its twins, by code: without its herrings, with more of them, items in another order, other names. Pure.

A twin names the puzzle it was made from as its `parent`, so that both are one unit wherever puzzles are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from escape.environments.rooms import Room, solver
from escape.types import PlainText, Puzzle, Rule, World, normalized_name

_TRIED = ("put", "push", "pull", "throw", "hit", "hold", "tie", "rub")


@dataclass(frozen=True)
class TwinKind:
    """A way to make a twin. `ending`: of its id, without "-"; None if a puzzle has no such twin."""

    name: str
    ending: str
    question: str
    make: Callable[[Puzzle], Puzzle | None]


def _twin(puzzle: Puzzle, ending: str, **change: object) -> Puzzle:
    changed = {
        "problem_id": f"{puzzle.problem_id[:50]}-{ending}",
        "parent": puzzle.parent or puzzle.problem_id,
        "title": f"{puzzle.name[:100]} ({ending})",
    }
    return puzzle.model_copy(update=changed | change)


def _without(names: Iterable[str], gone: frozenset[str]) -> tuple[str, ...]:
    return tuple(n for n in names if normalized_name(n) not in gone)


def without_herrings(puzzle: Puzzle) -> Puzzle | None:
    """The same room without its red herrings, in its text too; None if the text still speaks of one."""
    if not puzzle.red_herrings:
        return None
    gone = frozenset(map(normalized_name, puzzle.red_herrings))
    text = puzzle.plain or PlainText(scenario=puzzle.setup.scenario, constraints=puzzle.setup.constraints)
    if _speaks_of(text, gone):
        return None
    items = _without(puzzle.setup.available_items, gone)
    setup = puzzle.setup.model_copy(
        update={"scenario": text.scenario, "constraints": text.constraints, "available_items": items}
    )
    world = puzzle.world
    if world:
        rules = []
        for rule in world.rules:
            thing, at = _without(rule.thing, gone), None if rule.at is None else _without(rule.at, gone)
            if thing and (at is None or at):
                rules.append(rule.model_copy(update={"thing": thing, "at": at, "enforces": ()}))
        world = world.model_copy(update={"rules": tuple(rules)})
    cues = {k: v for k, v in puzzle.cues.items() if normalized_name(k) not in gone}
    return _alive(_twin(puzzle, "plain", setup=setup, world=world, red_herrings=(), herring_notes={}, cues=cues))


def _alive(puzzle: Puzzle) -> Puzzle:
    """Without the rules that can no longer apply, now that nothing makes their conditions true."""
    if puzzle.world is None:
        return puzzle
    room = Room(puzzle)
    rules = tuple(r for n, r in enumerate(puzzle.world.rules) if n in room.firing)
    return puzzle.model_copy(update={"world": puzzle.world.model_copy(update={"rules": rules})})


def _speaks_of(text: PlainText, things: Iterable[str]) -> bool:
    wording = f"{text.scenario} {' '.join(text.constraints)}".casefold()
    return any(re.search(rf"\b{re.escape(thing)}", wording) for thing in things)


def more_herrings(puzzle: Puzzle) -> Puzzle | None:
    """The same room with the spare herrings that its author wrote for it: they fit it, and cannot help."""
    spare = puzzle.spare_herrings
    if not spare:
        return None
    setup = puzzle.setup.model_copy(update={"available_items": (*puzzle.setup.available_items, *spare)})
    world: World | None = puzzle.world
    if world:
        rules = [Rule(verbs=_TRIED, thing=(item,), say=note) for item, note in spare.items()]
        world = world.model_copy(update={"rules": (*world.rules, *rules)})
    herrings = (*puzzle.red_herrings, *spare)
    notes = {**puzzle.herring_notes, **spare}
    return _twin(
        puzzle, "more", setup=setup, world=world, red_herrings=herrings, herring_notes=notes, spare_herrings={}
    )


def other_order(puzzle: Puzzle) -> Puzzle | None:
    """The same room with its items, limits and herrings listed in reverse order."""
    if len(puzzle.setup.available_items) < 2:
        return None
    setup = puzzle.setup.model_copy(
        update={
            "available_items": puzzle.setup.available_items[::-1],
            "constraints": puzzle.setup.constraints[::-1],
        }
    )
    return _twin(puzzle, "order", setup=setup, red_herrings=puzzle.red_herrings[::-1])


def other_names(puzzle: Puzzle) -> Puzzle | None:
    """The same room with the other names that its author gave to its things, throughout; None for a puzzle without any,
    or with one that it uses already.
    """
    names = puzzle.other_names
    everything = puzzle.model_dump_json(
        exclude={"other_names": True, "plain": True, "spare_herrings": True, "world": {"names"}}
    )
    if not names or any(re.search(rf"(?i)\b{re.escape(new)}\b", everything) for new in names.values()):
        return None
    names_pattern = re.compile(
        "|".join(rf"\b{re.escape(n)}\b" for n in sorted(names, key=len, reverse=True)), re.IGNORECASE
    )
    lower = {k.casefold(): v for k, v in names.items()}

    def changed(value: object) -> object:
        if isinstance(value, str):
            return names_pattern.sub(lambda m: lower[m[0].casefold()], value)
        if isinstance(value, dict):
            return {changed(k): changed(v) for k, v in value.items()}
        return [changed(v) for v in value] if isinstance(value, list) else value

    same_fields = {n: getattr(puzzle, n) for n in ("problem_id", "parent", "family", "source")} | {
        "other_names": {},
        "plain": None,
        "spare_herrings": {},
    }
    twin = Puzzle.model_validate(changed(puzzle.model_dump(mode="json")) | same_fields)  # type: ignore[operator]
    return _twin(_named_once(twin), "names")


def _named_once(puzzle: Puzzle) -> Puzzle:
    """Without the other words for a thing that have become the name of one."""
    if puzzle.world is None:
        return puzzle
    taken = frozenset(map(normalized_name, (*puzzle.setup.available_items, *puzzle.world.things)))
    names = {thing: words_left for thing, words in puzzle.world.names.items() if (words_left := _without(words, taken))}
    return puzzle.model_copy(update={"world": puzzle.world.model_copy(update={"names": names})})


TWIN_KINDS: dict[str, TwinKind] = {
    k.name: k
    for k in (
        TwinKind("without herrings", "plain", "Do red herrings lower the scores?", without_herrings),
        TwinKind("more herrings", "more", "Do more red herrings cost more?", more_herrings),
        TwinKind("other names", "names", "Did it memorise the puzzle?", other_names),
        TwinKind("another order", "order", "Does the order of items and limits matter?", other_order),
    )
}


def twins(kind: TwinKind, puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    """The twins of one kind of all puzzles that have one; one whose world cannot be proved is left out."""
    twins_made = [t for p in puzzles if p.parent is None and (t := kind.make(p)) is not None]
    return [t for t in twins_made if t.world is None or not solver.prove(t).faults]
