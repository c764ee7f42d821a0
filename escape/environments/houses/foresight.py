"""Questions about houses, answered by their formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from escape.environments.dice import Dice
from escape.environments.houses.attempt import HouseAttempt
from escape.environments.houses.obstacles import Choice, Deed, Machine, at_door
from escape.environments.houses.players import DEMO_WAYS
from escape.types import Puzzle, Question

POSSIBLE, FAILS, CHANGED, TRIES = 2, 2, 1, 12  # questions: as many yes as no; of each kind; pairs
LONGEST = 14  # lines of a plan that is asked about


def drawn(puzzle: Puzzle, dice: Dice) -> Iterator[Question]:
    """Some ten questions about one house. Of each kind every answer is right as often as any other."""
    ways = [[*puzzle.house.way] if puzzle.house else [], *(way(puzzle) for way in DEMO_WAYS.values())]
    yield from _happens(puzzle, ways, dice)
    yield from _possible(puzzle, ways, dice)
    yield from _fails(puzzle, ways, dice)
    for pair in range(1, CHANGED + 1):
        yield from _changed(puzzle, dice, pair)


def _at(puzzle: Puzzle, lines: Sequence[str]) -> HouseAttempt:
    episode = HouseAttempt(puzzle)
    for line in lines:
        episode.do(line)
    return episode


def _after(lines: Sequence[str]) -> str:
    return f"These moves are made from the start: {'; '.join(lines)}." if lines else "Nothing has been done yet."


ENDS = (
    "door {} opens",
    "door {} can never be opened any more",
    "something changes, and door {} stays shut for now",
)


def _happens(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> Iterator[Question]:
    """What one more move does to the door that stands next: one question for each end that can be found."""
    cases: dict[int, tuple[str, int]] = {}
    for _ in range(75):
        if (case := _one_move(puzzle, ways, dice)) and case[0] not in cases:
            cases[case[0]] = case[1:]
        if len(cases) == len(ENDS):
            break
    ends = sorted(cases)
    for end in dice.shuffled(ends) if len(ends) > 1 else ():
        text, number = cases[end]
        options = tuple(ENDS[e].format(number) for e in ends)
        yield Question(kind="happens", text=f"{text}\nWhat happens?", options=options, right=ends.index(end))


def _one_move(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> tuple[int, str, int] | None:
    """A move at some place of the way: which end it comes to, the question's text, the number of the door."""
    before = _at(puzzle, ways[0][: dice.below(min(len(ways[0]), 3 * LONGEST))])
    if before.over:
        return None
    lines, number = [s.move for s in before.steps], before.place.opened
    line = _some_move(before, dice)
    line = ways[0][len(lines)] if dice.below(2) or not line else line
    after = _at(puzzle, [*lines, line])
    text = f"{_after(lines)}\nThen: {line}"
    if after.place.opened > number:
        return 0, text, number + 1
    if after.place.dead:
        return 1, text, number + 1
    return (2, text, number + 1) if after.steps[-1].changed else None


def _some_move(here: HouseAttempt, dice: Dice) -> str:
    """Some move at the door that stands next, as it is written; "" if there is none."""
    part = dice.pick(here.scene.doors[here.place.opened])
    name_of = at_door(here.place.opened + 1)
    if isinstance(part, Machine):
        return part.written(Deed(*dice.pick(part.acts)), name_of)
    if isinstance(part, Choice):
        names = [t.name for t in here.scene.within_reach(here.place) if t.kind == part.kind]
        return part.written(Deed(dice.pick(names), part.place), name_of) if names else ""
    return ""


def _possible(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> Iterator[Question]:
    """Whether all doors can still be opened: as often yes as no."""
    by_answer: dict[bool, list[str]] = {True: [], False: []}
    for _ in range(60):
        way = dice.pick(ways)
        lines = way[: 1 + dice.below(min(len(way), 3 * LONGEST))]
        question = f"{_after(lines)}\nCan all doors still be opened?"
        same = by_answer[_at(puzzle, lines).lost_at is None]
        if question not in same and len(same) < POSSIBLE:
            same.append(question)
    each = min(map(len, by_answer.values()))
    cases = [(text, yes) for yes, texts in by_answer.items() for text in texts[:each]]
    for text, yes in dice.shuffled(cases):
        yield Question(kind="possible", text=text, options=("yes", "no"), right=0 if yes else 1)


def _fails(puzzle: Puzzle, ways: list[list[str]], dice: Dice) -> Iterator[Question]:
    """The line of a plan after which not all doors can be opened any more, of the lines at which some plan fails."""
    way, plans = ways[0][:LONGEST], {0: ways[0][:LONGEST]}
    for _ in range(TRIES):
        n = dice.below(len(way))
        here = _at(puzzle, way[:n])
        lines = [*way[:n], _some_move(here, dice), *way[n + 1 :]]
        if all(lines) and (at := _at(puzzle, lines).lost_at or 0) <= len(lines):
            plans.setdefault(at, lines)
    ends = sorted(plans)
    for at in dice.shuffled(ends)[:FAILS] if len(ends) > 2 else ():
        plan_text = "\n".join(f"{n}. {m}" for n, m in enumerate(plans[at], 1))
        text = f"A plan, from the start:\n{plan_text}\nAfter which line is it no longer possible to open all doors?"
        options = tuple("none" if end == 0 else f"line {end}" for end in ends)
        yield Question(kind="fails", text=text, options=options, right=ends.index(at))


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
        questions = []
        for setting in dice.shuffled([marks[dial], dice.pick(near)]):
            set_to = [*marks[:dial], setting, *marks[dial + 1 :]]
            name_of = at_door(number + 1)
            lines = [part.written(Deed(d, str(m)), name_of) for d, m in zip(part.dials, set_to, strict=True)]
            lines.append(part.written(Deed(thing.name, part.place), name_of))
            right = 0 if setting == marks[dial] else 1
            text = (
                f"In front of door {number + 1}, with nothing done there yet, these moves are made: "
                f"{'; '.join(lines)}. Is {lines[-1]} then right for it?"
            )
            questions.append(Question(kind="changed", text=text, options=("yes", "no"), right=right, pair=pair))
        return questions
    return []
