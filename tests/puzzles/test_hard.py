"""The hard set: rooms of nine moves or more, the numbers that decide, and the usual rooms beside it."""

import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from escape.cli import check
from escape.puzzles import files
from escape.puzzles.sample_plans import load_plans, try_plans
from escape.rooms import plans, solver
from escape.types import Puzzle

CHECK = check.callback
assert CHECK
FOLDER = files.BUNDLED / files.HARD


@pytest.fixture(scope="module")
def hard() -> list[Puzzle]:
    return files.load(FOLDER)


@pytest.fixture(scope="module")
def leavable(hard: list[Puzzle]) -> list[Puzzle]:
    return [p for p in hard if p.solvable]


def test_the_hard_rooms_are_a_set_of_their_own_and_not_the_default(
    hard: list[Puzzle], every: list[Puzzle], the_five: Path
) -> None:
    assert not {p.problem_id for p in hard} & {p.problem_id for p in every}
    assert not {p.name for p in hard} & {p.name for p in every}
    assert files.sets_in(files.BUNDLED) == {
        "rooms": files.BUNDLED,
        "easy": files.BUNDLED / "easy",
        "hard": FOLDER,
        "told": files.BUNDLED / "told",
        "twists": files.BUNDLED / "*.twist.json",
    }
    assert files.sets_in(the_five) == {"rooms": the_five}


@pytest.mark.proof
def test_a_folder_is_checked_with_its_hard_rooms(capsys: pytest.CaptureFixture[str]) -> None:
    CHECK([str(FOLDER)])
    alone = capsys.readouterr().out
    CHECK([str(files.BUNDLED), str(FOLDER)])
    assert alone.splitlines()[:-1] == [
        line for line in capsys.readouterr().out.splitlines() if "HARD_" in line
    ]


@pytest.mark.proof
def test_a_hard_room_is_proved_long_and_has_final_mistakes(leavable: list[Puzzle]) -> None:
    assert len({p.family for p in leavable}) == len(leavable) >= 4
    for puzzle in leavable:
        proved = solver.prove(puzzle)
        assert proved.faults + proved.too_easy == (), puzzle.problem_id
        assert 9 <= proved.shortest <= 14
        assert puzzle.world
        assert sum(rule.final for rule in puzzle.world.rules) >= 4
        assert puzzle.difficulty == 3
        assert 3 <= len(puzzle.red_herrings) == len(puzzle.herring_notes)


def test_six_sound_plans_of_a_hard_room_get_out_and_four_others_do_not(leavable: list[Puzzle]) -> None:
    for puzzle in leavable:
        samples = load_plans(FOLDER / "any.json", puzzle)
        assert try_plans(puzzle, samples).faults == []
        for plan in samples:
            outcome = plans.outcome(puzzle, "\n".join(["Moves:", *plan.lines(puzzle)]))
            assert outcome
            assert (outcome.out, outcome.not_understood) == (plan.sound, 0), (puzzle.problem_id, plan)
            assert plan.why


def cos2(degrees: float) -> float:
    return math.cos(math.radians(degrees)) ** 2


def test_the_folded_beam_opens_by_two_settings_of_two_sheets_alone() -> None:
    marks = range(0, 180, 15)
    two = {(a, b): 400 * 0.8**2 * cos2(a) * cos2(b + a) * cos2(90 - b) for a in marks for b in marks}
    three = [
        400 * 0.8**3 * cos2(a) * cos2(b + a) * cos2(c - b) * cos2(90 - c)
        for a, b, c in itertools.product(marks, repeat=3)
    ]
    assert {angles for angles, mw in two.items() if mw >= 105} == {(30, 120), (150, 60)}
    assert max(three) < 105
    assert 0.6 * max(two.values()) < 105  # the grease
    wide = {slot: 50 * abs(1 - cm / 20) for slot, cm in {"far": 35, "middle": 17, "near": 7}.items()}
    assert [slot for slot, mm in wide.items() if mm <= 10] == ["middle"]
    assert all(max(two.values()) * (10 / mm) ** 2 < 105 for slot, mm in wide.items() if slot != "middle")


def test_the_diving_bell_needs_ring_and_bead_and_salt_water() -> None:
    weights = {"ring": (4.1, 1.5), "bead": (5.2, 2.1), "bob": (5.3, 0.5), "washer": (5.7, 0.7)}

    def works(chosen: tuple[str, ...]) -> bool:
        mass, volume = (sum(x) for x in zip((43.0, 50.0), *(weights[w] for w in chosen), strict=True))
        sinks = mass > volume - 10 * 0.18
        deep = volume - 6 * 0.18 + 0.3
        return sinks and mass + 2.5 > deep and mass + 2.5 < 1.06 * deep

    every = [c for n in range(5) for c in itertools.combinations(weights, n)]
    assert [c for c in every if works(c)] == [("ring", "bead")]


def heated(
    block: float = 20.0, water: int = 0, left: str = "gbr", done: str = ""
) -> Iterator[tuple[str, float]]:
    """Yield every order of the flasks, and how warm the block gets.

    A `/` marks that the basin was emptied before the next.
    """
    yield done, block
    for flask in left:
        mixed = ((1 + water) * block + {"g": 55, "b": 75, "r": 90}[flask]) / (2 + water)
        yield from heated(mixed, water + 1, left.replace(flask, ""), done + flask)
        yield from heated(mixed, 0, left.replace(flask, ""), f"{done}{flask}/")


def test_the_tight_pin_needs_one_order_of_flasks_and_the_cold_plug() -> None:
    def free(block: float, pin: float) -> bool:
        return 0.46 * (block - 20) - 0.24 * (pin - 20) >= 26

    assert {done.rstrip("/") for done, block in heated() if free(block, 10)} == {"g/b/r"}
    assert not any(free(block, block) for _, block in heated())


def test_the_door_needs_three_capacitors_and_one_weight_to_open_in_time() -> None:
    farads = {"red": 1000e-6, "blue": 1000e-6, "green": 1000e-6, "white": 470e-6, "black": 2200e-6}
    volts = {"red": 16.0, "blue": 16.0, "green": 6.3, "white": 25.0, "black": 16.0}

    def held(row: tuple[str, ...]) -> float:
        whole = (
            all(volts[c] >= 9 for c in row)
            and sum(9 * farads[c] for c in row) <= 40e-3
            and 9 * len(row) >= 24
        )
        return 1000 / sum(1 / farads[c] for c in row) * math.log(9 * len(row) / 12) if whole else 0.0

    def takes(kg: float) -> float:
        newtons = 9.81 * kg
        pinched = 0.3 * (newtons - 3) > 12 - 8
        return math.inf if pinched else math.sqrt(2 * 0.02 * (10 + kg) / (newtons - 3))

    rows = [row for n in (1, 2, 3) for row in itertools.combinations(farads, n)]
    assert [(row, kg) for row in rows for kg in (0.5, 1, 2) if held(row) >= takes(kg)] == [
        (("red", "blue", "black"), 1)
    ]
    assert 2 * 9 * (1000e-6 + 1000e-6 + 2200e-6) > 40e-3  # there is no second charge
