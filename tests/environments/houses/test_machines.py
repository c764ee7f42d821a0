"""States to think through: every machine against a second simulation that knows only its printed text."""

from __future__ import annotations

import itertools
import json
import math
import random
import time
from fractions import Fraction

import pytest

from escape.environments.dice import Dice
from escape.environments.houses.generate import house
from escape.environments.houses.mechanisms import MECHANISMS
from escape.environments.houses.obstacles.machine import Machine
from escape.environments.houses.obstacles.obstacle import Deed, at_door
from escape.environments.houses.puzzle import as_puzzle, check
from escape.environments.houses.scene import HouseError, obstacle
from escape.environments.houses.things import THINGS
from escape.types import MAX_DOORS, House, Part
from tests.environments.houses.machines import READ, Read

DRAWS = 30  # of each mechanism, its levels in turn
MANY = 4_000  # sequences of moves that are tried one by one; beyond them shares are added up state by state
called = at_door(7)


def machine(name: str) -> type[Machine]:
    kind = MECHANISMS[name]
    assert issubclass(kind, Machine)
    return kind


def drawn(name: str) -> list[tuple[int, Machine, Read]]:
    kind = machine(name)
    found = []
    for n in range(DRAWS):
        level = 1 + n % kind.top
        made = kind.draw(Dice(f"test {n}"), level)
        found.append((level, made, READ[name](made.text(n % len(kind.wordings), called))))
    return found


def lines(made: Machine) -> dict[str, Deed]:
    """Every line that can be written, and what it does."""
    return {made.written(Deed(*act), called): Deed(*act) for act in made.acts}


def test_every_machine_is_simulated_here() -> None:
    assert set(READ) == {name for name, kind in MECHANISMS.items() if issubclass(kind, Machine)}


@pytest.mark.parametrize("name", READ)
def test_a_text_gives_all_that_decides(name: str) -> None:
    """Every wording gives the same start, moves, bound, and shortest way."""
    for _, made, read in drawn(name)[:: 3 if name == "valves" else 1]:
        assert set(lines(made)) == set(read.moves)
        for wording in range(len(made.wordings)):
            other = READ[name](made.text(wording, called))
            assert (other.start, other.moves, other.bound) == (read.start, read.moves, made.bound)
            state: object = other.start
            for deed in made.way("", None):
                assert not other.opens(state)
                state = other.after(state, made.written(deed, called))
            assert other.opens(state)
            assert len(made.said(wording, called).split()) <= 40
        assert "{" not in made.text(0, called)


@pytest.mark.parametrize("name", READ)
def test_the_way_is_a_shortest_one_and_lost_is_exact(name: str) -> None:
    for n, (_, made, read) in enumerate(drawn(name)):
        far = read.reachable()
        needed = read.needed(far)
        assert len(made.way("", None)) == made.shortest == needed[read.start] <= read.bound == made.bound
        dice, writes = random.Random(n), lines(made)
        for _ in range(12):
            mine, theirs = made.start, read.start
            for left in range(read.bound - 1, -1, -1):
                line = dice.choice(read.moves)
                if left and dice.random() < 0.6 and not read.opens(theirs):  # often a good move, so that both occur
                    best = [x for x in read.moves if needed.get(read.after(theirs, x)) == needed.get(theirs, 0) - 1]
                    line = dice.choice(best or read.moves)
                after = read.after(theirs, line)
                mine = made.do(mine, writes[line], None, called).state
                assert made.is_open(mine) == (after is not None and read.opens(after))
                assert made.is_dead(mine) == (after is None or needed.get(after, math.inf) > left)
                if after is None or read.opens(after):
                    break
                theirs = after


@pytest.mark.parametrize("name", READ)
def test_a_guessers_chance_and_a_searchs_work(name: str) -> None:
    for level, made, read in drawn(name):
        chance, work = made.chance(1), made.work(1)
        assert chance == read.chance()
        if len(read.moves) ** read.bound <= MANY:
            every = list(itertools.product(read.moves, repeat=read.bound))
            assert chance == Fraction(sum(opens(read, tried) for tried in every), len(every))
        if level <= 5:
            shortest = made.shortest or 0
            assert work == sum(map(read.sequences, range(shortest))) + Fraction(read.sequences(shortest), 2)
        assert abs(math.log(1 / chance, 4) - level) <= 1
        assert abs(math.log(work, 3) - level) <= 1


def opens(read: Read, tried: tuple[str, ...]) -> bool:
    state: object = read.start
    for line in tried:
        state = read.after(state, line)
        if state is None or read.opens(state):
            return state is not None
    return False


def test_no_two_mechanisms_use_the_same_word() -> None:
    words = [word for kind in MECHANISMS.values() for word in kind.fixtures]
    assert len(words) == len(set(words))
    assert not set(words) & set(THINGS)
    for name in READ:
        kind = machine(name)
        assert len(kind.law) <= 500  # a line of a puzzle
        assert {n.split()[0] for n in kind.draw(Dice("words"), 1).names} == set(kind.fixtures)


@pytest.mark.parametrize("name", READ)
def test_a_machine_comes_back_from_a_file(name: str) -> None:
    for level, made, _ in drawn(name)[:8]:
        part = Part(mechanism=name, level=level, wording=0, numbers=made.model_dump())
        again = obstacle(Part.model_validate(json.loads(part.model_dump_json())))
        assert again == made
        assert again.text(1, called) == made.text(1, called)


@pytest.mark.parametrize("doors", [1, 16, 50, MAX_DOORS])
@pytest.mark.proof
def test_a_house_of_any_length_is_made_the_same_again(doors: int) -> None:
    made = house("any-seed", 2, doors)
    if doors < MAX_DOORS:  # the text of a longer one is more than a puzzle may say
        check(as_puzzle(made))
    assert House.model_validate_json(made.model_dump_json()) == made == house("any-seed", 2, doors)
    for door in made.doors:
        assert len({part.mechanism for part in door.parts}) == len(door.parts)
    for before, door in itertools.pairwise(made.doors[:50]):  # from there on there are too few to choose from
        assert not {part.mechanism for part in before.parts} & {part.mechanism for part in door.parts}


@pytest.mark.parametrize("name", READ)
def test_forged_numbers_are_refused_in_one_line(name: str) -> None:
    """Each number in turn is made too small, too large, huge, another length: refused, or an obstacle that works."""
    made = drawn(name)[5][1]
    numbers = made.model_dump()
    began, refused = time.process_time(), 0
    for field, value in numbers.items():
        for forged in forgeries(value):
            part = Part.model_construct(mechanism=name, level=5, wording=0, numbers={**numbers, field: forged})
            why = refusal(part)
            refused += bool(why)
            if why:
                assert why.startswith(name)
                assert "\n" not in why
                assert len(why) < 300
            else:
                works = obstacle(part)
                assert isinstance(works, Machine)
                assert works.shortest
                works.text(0, called)
    assert refused > len(numbers)
    assert time.process_time() - began < 5


def refusal(part: Part) -> str:
    """Why a part is refused; "" if it is not."""
    try:
        obstacle(part)
    except HouseError as error:
        return str(error)
    return ""


def forgeries(value: object) -> list[object]:
    if isinstance(value, tuple):
        some = [(), value[:-1], (*value, *value), tuple(-1 - x for x in value), tuple(10**9 for _ in value), (0,) * 400]
        return [*some, tuple(reversed(value)), (*value[:-1], 10**9), tuple(x + 1 for x in value)]
    assert isinstance(value, int)
    return [-1, 0, value + 1, value - 1, 80, 10**9, 10**30, "x"]


HUGE: dict[str, dict[str, object]] = {
    "jugs": {"holds_dl": (1000, 999, 997, 991, 983), "has_dl": (1000, 999, 500, 0, 0), "which": 0, "amount_dl": 1,
             "bound": 80},
    "stacks": {"mass_kg": (1,) * 8, "bears_kg": (100,) * 8, "stands": (1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0),
               "wanted": (8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0), "bound": 80},
    "valves": {"section_cm2": (1, 2, 3, 5, 7, 9), "level_mm": (9000, 1, 500, 70, 0, 333), "which": 0, "low_mm": 9,
               "pipes": tuple(x for a in range(5) for x in (a, a + 1)), "high_mm": 10, "bound": 12},
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_more_states_than_can_be_looked_at_are_refused_quickly(name: str) -> None:
    began = time.process_time()
    why = refusal(Part.model_validate({"mechanism": name, "level": 5, "wording": 0, "numbers": HUGE[name]}))
    assert "more than 4000 states" in why
    assert "\n" not in why
    assert time.process_time() - began < 2


def test_what_is_told_of_a_crate_is_where_it_rests() -> None:
    """The map has its first row at the top; rows and columns are counted from 1."""
    crate = machine("ice")(side=4, rocks=(), crate=4, plate=15, bound=3)
    start, name_of = crate.start, at_door(1)
    east = crate.do(start, Deed("crate", "east"), None, name_of)
    assert east.said == "It slides east and rests in row 2, column 4."
    assert crate.do(east.state, Deed("crate", "south"), None, name_of).said == "It slides south and rests on the plate."
