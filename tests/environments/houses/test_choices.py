"""Mechanisms whose numbers decide: each formula against one written anew, what deeds do, and what wordings say."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import get_args

import pytest

from escape.environments.dice import Dice
from escape.environments.houses.mechanisms import MECHANISMS
from escape.environments.houses.mechanisms.fluids import Tubes
from escape.environments.houses.obstacles.choice import DEAD, FAILS_BY, OPEN, PASSES_BY, Choice
from escape.environments.houses.obstacles.obstacle import Deed, at_door
from escape.environments.houses.scene import HouseError, obstacle
from escape.environments.houses.things import ladder
from escape.types import Amounts, Kind, Part
from tests.environments.houses.physics import LAWS, exactly, just_enough, marks, to_digits

CHOICES = {name: m for name, m in MECHANISMS.items() if issubclass(m, Choice)}
LEVELS, DRAWS, LONGEST = (1, 3, 6, 9), 40, 36
NAMES = sorted(CHOICES)
CALLED = at_door(16)


def fitted(name: str, level: int, seed: int, n: int = 7) -> tuple[Choice, Amounts, list[Amounts]]:
    """An obstacle as houses have it, the thing that is meant for it, and all of its kind."""
    kind, dice = CHOICES[name], Dice(f"{name} {level} {seed}")
    things = ladder(dice, kind.kind, n)
    meant = things[3 + seed % (n - 3)]
    others = [t for t in things if t is not meant]
    for _ in range(120):
        made = kind.draw(dice, level, meant)
        if made.is_clear(meant, meant=True) and all(made.is_clear(t, meant=False) for t in others):
            return made, meant, things
    raise AssertionError(f"no {name} of level {level}")


@cache
def drawn(name: str, level: int) -> tuple[tuple[Choice, Amounts, list[Amounts]], ...]:
    return tuple(fitted(name, level, seed) for seed in range(DRAWS))


def every(name: str) -> Iterator[tuple[Choice, Amounts, list[Amounts]]]:
    return itertools.chain.from_iterable(drawn(name, level) for level in LEVELS)


def part(made: Choice, **changed: object) -> Part:
    return Part.model_construct(
        mechanism=made.mechanism,
        level=1,
        wording=0,
        numbers=made.model_dump() | changed,  # type: ignore[arg-type]
    )


def tried(made: Choice, thing: Amounts, at: tuple[int, ...]) -> tuple[object, str]:
    """What comes of setting the dials so and making the deed."""
    state = made.start
    for dial, mark in zip(made.dials, at, strict=True):
        state = made.do(state, Deed(dial, str(mark)), None, CALLED).state
    found = made.do(state, Deed("thing 1", made.place), thing, CALLED)
    assert found.used == "thing 1"
    assert made.do(state, Deed(made.place, "thing 1"), thing, CALLED) == found  # also the other way round
    return found.state, found.said


def test_every_choice_has_a_law_here() -> None:
    assert set(LAWS) == set(CHOICES)


@pytest.mark.parametrize("name", NAMES)
def test_values_margin_and_marks_follow_from_the_law(name: str) -> None:
    for made, _, things in every(name):
        n = made.model_dump()
        for thing in things:
            found = made.exact(thing)
            values, over = LAWS[name](n, thing, exactly)
            if over > -math.inf and made.lows and found.margin > -0.2:
                for x, y in zip(found.marks, values, strict=True):
                    assert float(x) == pytest.approx(y, rel=1e-4, abs=1e-3)
            size = next(iter(thing.values()))
            assert float(found.margin) == pytest.approx(size / just_enough(LAWS[name], n, thing) - 1, abs=1e-4)
            assert (over >= 0) == (found.margin >= 0)
            right = made.settings(thing)
            if right is not None:
                assert right == marks(n, values)


@pytest.mark.parametrize("name", NAMES)
def test_things_pass_and_fail_clearly(name: str) -> None:
    for made, meant, things in every(name):
        assert made.exact(meant).margin >= PASSES_BY
        assert all(m >= PASSES_BY or m <= -FAILS_BY for m in (made.exact(t).margin for t in things))


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_opens_and_anything_else_is_final(name: str) -> None:
    for made, meant, things in every(name):
        right = marks(made.model_dump(), LAWS[name](made.model_dump(), meant, exactly)[0])
        assert tried(made, meant, right)[0] == OPEN
        state = made.start
        for deed in made.way("thing 1", meant):
            state = made.do(state, deed, meant if deed.first == "thing 1" else None, CALLED).state
        assert made.is_open(state)
        for i, (mark, low, step) in enumerate(zip(right, made.lows, made.steps, strict=True)):
            wrong = mark - step if mark > low else mark + step
            state, said = tried(made, meant, (*right[:i], wrong, *right[i + 1 :]))
            assert state == DEAD
            assert f"stood at {wrong}" in said
            assert made.exact(meant).reason in said
            assert made.do(state, Deed("thing 1", made.place), meant, CALLED).state == DEAD
        short = max((t for t in things if made.exact(t).margin < 0), key=lambda t: made.exact(t).margin)
        state, said = tried(made, short, right)
        assert state == DEAD
        assert "does not do" in said
        assert len(re.findall(r"\d+(?:\.\d+)?", said)) >= 2


def test_tubes_tell_how_high_the_water_comes_also_under_a_capsule() -> None:
    made = Tubes(tube_cm2=(10,), capsule_g=(12,), capsule_cm2=(4,), capsule_mm=(80,), spout_mm=(), needed_mm=50)
    for volume, level in ((0, 0), (12, 20), (18, 30), (28, 40), (38, 50)):  # 30 mm of water lift the capsule
        assert made.levels(Fraction(volume)) == (level,)
    assert made.exact({"volume_ml": 38}).margin == 0
    assert made.tops(Fraction(12)) == (80,)
    assert made.tops(Fraction(28)) == (90,)


@pytest.mark.parametrize("name", NAMES)
def test_three_digits_on_the_way_are_enough(name: str) -> None:
    for made, meant, _ in every(name):
        n = made.model_dump()
        values, over = LAWS[name](n, meant, to_digits(3))
        assert over >= 0
        assert marks(n, values) == made.settings(meant)


@pytest.mark.parametrize("name", NAMES)
def test_dials_do_not_tell_the_answer(name: str) -> None:
    where, now, chance = [], 0, 0.0
    for made, meant, _ in every(name):
        for mark, low, size, step in zip(made.settings(meant) or (), made.lows, made.sizes, made.steps, strict=True):
            where.append((mark - low) / step / (size - 1))
            now += mark == low
            chance += 1 / size
            assert (mark - low) % step == 0
    assert abs(sum(where) / len(where) - 0.5) < 4 * 0.33 / math.sqrt(len(where))
    assert now <= chance + 4 * math.sqrt(chance)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_for_is_not_what_a_dial_shows(name: str) -> None:
    """The mark just past the bound is right no more often than some others: nobody gets by without the formula."""
    near, dials = 0, 0
    for made, meant, _ in every(name):
        bounds = [float(x) for x in re.findall(r"\d+(?:\.\d+)?", made.said(0, lambda own: "it"))]
        for mark, size, step in zip(made.settings(meant) or (), made.sizes, made.steps, strict=True):
            if size > 20:
                near += any(abs(mark - scale * b) <= step for b in bounds for scale in (1, 10, 100))
                dials += 1
    assert near <= dials / 5


@pytest.mark.parametrize("name", NAMES)
def test_wordings_are_short_and_say_the_same(name: str) -> None:
    for level in (1, 2, 8):
        made, _, _ = fitted(name, level, 1)
        told = [made.said(w, CALLED) for w in range(len(made.wordings))]
        assert len(told) >= 3
        assert len(made.plain_wordings) == len(made.wordings)
        assert all(len(t.split()) <= LONGEST for t in told)
        assert len({tuple(sorted(re.findall(r"\d+[a-z]?(?:\.\d+)?", t))) for t in told}) == 1
        assert all(t[0].isupper() and t.endswith(".") for t in told)
        assert all(CALLED(d) in t for d in made.dials for t in told)
        *dials, deed = made.forms(CALLED)
        assert all(f"now {at})" in form for form, at in zip(dials, made.start, strict=True))
        assert deed.endswith("(final)")


def test_a_table_gives_the_numbers_that_decide() -> None:
    for made, *_ in every("coils"):
        told = [float(x) for x in re.findall(r"([\d.]+) ohm a turn", " ".join(map(str, made.table(CALLED))))]
        assert [round(1000 * x) for x in told] == [*made.model_dump()["turn_mohm"]]


@pytest.mark.parametrize("name", NAMES)
def test_a_door_that_is_open_stays_open_whatever_is_done_to_it(name: str) -> None:
    for made, *_ in every(name):
        for dial, low in zip(made.dials, made.lows, strict=True):
            response = made.do(OPEN, Deed(dial, str(low)), None, CALLED)
            assert (response.state, response.said) == (OPEN, "That is done already.")


def test_fixture_words_are_each_one_mechanisms_own() -> None:
    words = [w for m in MECHANISMS.values() for w in m.fixtures]
    assert len(set(words)) == len(words)
    assert not set(words) & set(get_args(Kind))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_come_back_from_a_file(name: str) -> None:
    for level in LEVELS:
        made, _, _ = drawn(name, level)[0]
        numbers = json.loads(json.dumps(made.model_dump()))
        assert obstacle(Part(mechanism=name, level=level, wording=0, numbers=numbers)) == made


@pytest.mark.parametrize("name", NAMES)
def test_forged_numbers_are_refused_in_one_line(name: str) -> None:
    made, _, _ = drawn(name, 6)[0]
    for field, value in made.model_dump().items():
        forged = [(-1, *value[1:]), value[:-1], value * 4] if isinstance(value, tuple) else [-1, 10**9]
        for wrong in forged:
            with pytest.raises(HouseError) as refused:
                obstacle(part(made, **{field: wrong}))
            assert "\n" not in str(refused.value)
            assert name in str(refused.value)


def test_forged_numbers_that_contradict_each_other_are_refused() -> None:
    contradictions = {
        "tubes": {"capsule_cm2": (99, 99)},
        "basins": {"most_dc": 999},
        "mobile": {"least_g": 1},
        "springs": {"needed_mm": 1},
        "lamps": {"most_dn": 1},
    }
    for name, changed in contradictions.items():
        with pytest.raises(HouseError):
            obstacle(part(drawn(name, 6)[0][0], **changed))


@pytest.mark.parametrize("n", [4, 12, 13, 30])
def test_ladders_keep_their_rungs_and_stay_small(n: int) -> None:
    for kind in {m.kind for m in CHOICES.values()}:
        for seed in range(10):
            sizes = [next(iter(a.values())) for a in ladder(Dice(f"{seed}"), kind, n)]
            assert all(8 * big >= 9 * small for small, big in itertools.pairwise(sizes))
            assert sizes[-1] <= 100 * sizes[0]
