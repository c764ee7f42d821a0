"""Questions about houses, answered by their formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from escape.houses import DEMO_WAYS, Choice, Deed, Dice, HouseAttempt, Machine, at_door
from escape.schema import Puzzle
from escape.world import Question

HAPPENS, POSSIBLE, FAILS, CHANGED = 3, 3, 2, 1  # questions of each kind; the last are pairs
LONGEST = 14  # lines of a plan that is asked about


def drawn(puzzle: Puzzle, dice: Dice) -> Iterator[Question]:
    """Some ten questions about one house."""
    ways = [[*puzzle.house.way] if puzzle.house else [], *(way(puzzle) for way in DEMO_WAYS.values())]
    for make, n in ((_happens, HAPPENS), (_possible, POSSIBLE), (_fails, FAILS)):
        asked: set[str] = set()
        for _ in range(6 * n):
            question = make(puzzle, ways, dice)
            if question is not None and question.text not in asked:
                asked.add(question.text)
                yield question
            if len(asked) == n:
                break
    for pair in range(1, CHANGED + 1):
        yield from _changed(puzzle, dice, pair)


def _at(puzzle: Puzzle, lines: Sequence[str]) -> HouseAttempt:
    tried = HouseAttempt(puzzle)
    for line in lines:
        tried.do(line)
    return tried


def _after(lines: Sequence[str]) -> str:
    return f"These moves are made from the start: {'; '.join(lines)}." if lines else "Nothing has been done yet."


def _happens(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> Question | None:
    """What one more move does to the door that stands next, each of four ends as often as it can be found."""
    wanted = dice.below(4)
    for _ in range(25):
        question = _one_move(puzzle, ways, dice)
        if question is not None and question.right == wanted:
            return question
    return None


def _one_move(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> Question | None:
    way = ways[0][: 3 * LONGEST]
    before = _at(puzzle, way[: dice.below(len(way))])
    if before.over:
        return None
    lines, number = [s.move for s in before.steps], before.place.opened
    part = dice.pick(before.scene.doors[number])
    called = at_door(number + 1)
    if isinstance(part, Machine):
        line = part.written(Deed(*dice.pick(part.acts)), called)
    elif isinstance(part, Choice):
        there = [t.name for t in before.scene.within_reach(before.place) if t.kind == part.kind]
        line = part.written(Deed(dice.pick(there), part.place), called) if there else ""
    else:
        line = ""
    line = ways[0][len(lines)] if dice.below(2) or not line else line
    after = _at(puzzle, [*lines, line])
    options = (
        f"door {number + 1} opens",
        f"door {number + 1} can never be opened any more",
        "something changes, and the door stays shut for now",
        "nothing changes",
    )
    if after.place.opened > number:
        right = 0
    elif after.place.dead:
        right = 1
    else:
        right = 2 if after.steps[-1].changed else 3
    text = f"{_after(lines)}\nThen: {line}\nWhat happens?"
    return Question(kind="happens", text=text, options=options, right=right)


def _possible(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> Question | None:
    """Whether all doors can still be opened."""
    yes = bool(dice.below(2))
    for _ in range(25):
        way = ways[0] if yes else dice.pick(ways[1:])
        lines = way[: 1 + dice.below(min(len(way), 3 * LONGEST))]
        if (_at(puzzle, lines).lost_at is None) == yes:
            break
    else:
        return None
    text = f"{_after(lines)}\nCan all doors still be opened?"
    return Question(kind="possible", text=text, options=("yes", "no"), right=0 if yes else 1)


def _fails(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> Question | None:
    """The line of a plan after which not all doors can be opened any more."""
    lines = dice.pick(ways)[:LONGEST]
    if len(lines) < 2:
        return None
    at = _at(puzzle, lines).lost_at or 0
    if at == 0 and dice.below(len(lines)):  # none is right no more often than one line
        return None
    options = ("none", *(f"line {n}" for n in range(1, len(lines) + 1)))
    told = "\n".join(f"{n}. {m}" for n, m in enumerate(lines, 1))
    asked = "After which line is it no longer possible to open all doors, whatever follows?"
    text = f"A plan, from the start:\n{told}\n{asked}"
    return Question(kind="fails", text=text, options=options, right=at) if at < len(options) else None


def _changed(puzzle: Puzzle, dice: Dice, pair: int) -> list[Question]:
    """The same deed with a dial right, and with the same dial a mark off: both must be told."""
    way = [*puzzle.house.way] if puzzle.house else []
    for _ in range(40):
        n = dice.below(len(way))
        before = _at(puzzle, way[:n])
        number = before.place.opened
        part = dice.pick(before.scene.doors[number])
        if not isinstance(part, Choice) or not part.dials or before.over:
            continue
        things = [t for t in before.scene.within_reach(before.place) if t.kind == part.kind]
        fits = [(t, marks) for t in things if (marks := part.settings(t.amounts)) is not None]
        if not fits:
            continue
        thing, marks = dice.pick(fits)
        dial = dice.below(len(marks))
        low, step, size = part.lows[dial], part.steps[dial], part.sizes[dial]
        near = [m for m in (marks[dial] - step, marks[dial] + step) if low <= m < low + step * size]
        if not near:
            continue
        made = []
        for setting in dice.shuffled([marks[dial], dice.pick(near)]):
            set_to = [*marks[:dial], setting, *marks[dial + 1 :]]
            called = at_door(number + 1)
            lines = [part.written(Deed(d, str(m)), called) for d, m in zip(part.dials, set_to, strict=True)]
            lines.append(part.written(Deed(thing.name, part.place), called))
            right = 0 if setting == marks[dial] else 1
            text = (
                f"In front of door {number + 1}, with nothing done there yet, these moves are made: "
                f"{'; '.join(lines)}. Is {lines[-1]} then right for it?"
            )
            made.append(Question(kind="changed", text=text, options=("yes", "no"), right=right, pair=pair))
        return made
    return []
