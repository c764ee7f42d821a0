"""Attempts at a house: what a line does, when it is lost, how far it went; and the scripted players."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from types import SimpleNamespace

import pytest

from escape.environments import plans as attempts
from escape.environments.houses import CONTROL_WAYS, DEMO_WAYS, HouseAttempt, houses
from escape.environments.houses.obstacles import Choice, at_door
from escape.environments.houses.reading import Reader
from escape.environments.houses.scene import HouseScene, Place
from escape.types import MAX_WAY, Outcome, Puzzle


@pytest.fixture(scope="module")
def eight() -> list[Puzzle]:
    return houses("attempts", 8, 12)


def test_the_reference_gets_out_and_says_why_at_every_door(eight: list[Puzzle]) -> None:
    for puzzle in eight:
        assert puzzle.house
        found = attempts.outcome(puzzle, "Moves:\n" + "\n".join(puzzle.house.way))
        assert found
        assert found.out
        assert found.doors
        assert (found.doors.opened, found.doors.ended_at, found.progress) == (12, "", 1.0)
        assert found.moves == found.shortest == len(puzzle.house.way)
        assert sum("opens." in s.said for s in found.steps) == 12


def test_a_door_can_only_be_worked_from_the_room_before_it_and_a_thing_is_there_once(eight: list[Puzzle]) -> None:
    puzzle = eight[0]
    assert puzzle.house
    way = list(puzzle.house.way)
    at = HouseAttempt(puzzle)
    assert "out of reach" in at.do(way[-1]).said
    assert at.made == 1
    for line in way:
        at.do(line)
    assert at.over
    assert at.do(way[0]).said == "This attempt is already over."
    used = next(line for line in way if line.startswith(("pour", "join", "put", "tie")) and "jug" not in line)
    again = HouseAttempt(puzzle)
    for line in way[: way.index(used) + 1]:
        again.do(line)
    assert "used up" in again.do(used).said or "open already" in again.do(used).said


def test_a_wrong_final_move_ends_the_attempt_and_the_doors_before_count(eight: list[Puzzle]) -> None:
    for puzzle in eight:
        assert puzzle.house
        way = list(puzzle.house.way)
        cut = next((n for n, line in enumerate(way) if line.startswith("set:")), None)
        if cut is None:
            continue
        at = HouseAttempt(puzzle)
        for line in way[:cut] + way[cut + 1 :]:  # one dial is left as it stood
            at.do(line)
        doors = at.doors
        assert at.over
        assert doors.opened < doors.total
        assert doors.ended_at
        assert "stays shut for good" in at.steps[-1].said
        assert "stood at" in at.steps[-1].said
        assert at.lost_at == len(at.steps)


def test_a_thing_that_falls_short_is_spent_in_vain(eight: list[Puzzle]) -> None:
    seen = 0
    for puzzle in eight:
        at = HouseAttempt(puzzle)
        scene = at.scene
        for made in scene.doors[0]:
            short = [t for t in scene.within_reach(at.place) if t.kind == made.kind and t.name not in scene.fits[1, 0]]
            if made.kind and short:
                at.do(f"put: {short[0].name} -> {made.names[0]} 1")
                assert at.doors.in_vain == (short[0].name,)
                assert at.outcome.lost_at == 1
                seen += 1
    assert seen


def test_a_thing_of_another_kind_is_nothing_for_a_door_and_a_used_one_is_used_up(eight: list[Puzzle]) -> None:
    seen = set()
    for puzzle in eight:
        assert puzzle.house
        at = HouseAttempt(puzzle)
        scene = at.scene
        for line in puzzle.house.way:
            door = at.place.opened + 1
            for made in (x for x in scene.doors[door - 1] if isinstance(x, Choice) and x.kind):
                place = at_door(door)(made.place)
                for thing in scene.house.things:
                    fits = thing.kind == made.kind
                    before = replace(at.place, used=(*at.place.used, thing.name)) if fits else at.place
                    if thing.room <= door and (fits or thing.name not in before.used):
                        move = scene.reader.read(f"put: {thing.name} -> {place}")[0]
                        found = scene.do(before, move)
                        why = "is used up." if fits else "is nothing for this door."
                        if found.said == f"{thing.name} {why}":
                            assert found.place == before
                            seen.add(fits)
                        else:
                            assert "That is done already" in found.said, found.said
            at.do(line)
    assert seen == {True, False}


def test_a_thing_behind_the_next_door_is_out_of_reach(eight: list[Puzzle]) -> None:
    seen = 0
    for puzzle in eight:
        assert puzzle.house
        at = HouseAttempt(puzzle)
        scene = at.scene
        for line in puzzle.house.way:
            door = at.place.opened + 1
            places = {x.kind: x.place for x in scene.doors[door - 1] if isinstance(x, Choice)}
            for thing in scene.house.things:
                if thing.room == door + 1 and thing.kind in places:
                    move = scene.reader.read(f"put: {thing.name} -> {at_door(door)(places[thing.kind])}")[0]
                    found = scene.do(at.place, move)
                    assert (found.said, found.place) == (f"{thing.name} is out of reach, behind door {door}.", at.place)
                    seen += 1
            at.do(line)
    assert seen


def test_only_the_thing_whose_use_loses_the_house_is_said_to_be_missing_elsewhere(eight: list[Puzzle]) -> None:
    told = []
    for puzzle in eight:
        at = HouseAttempt(puzzle)
        for line in CONTROL_WAYS["greedy"](puzzle):
            at.do(line)
        if at.doors.misplaced:
            assert at.lost_at
            told += at.doors.misplaced
            assert told[-1] in at.steps[at.lost_at - 1].move
    assert told


def test_what_is_spent_rightly_in_a_house_that_is_lost_already_is_not_said_to_be_missing(eight: list[Puzzle]) -> None:
    spent = 0
    for puzzle in eight:
        assert puzzle.house
        scene = HouseAttempt(puzzle).scene
        place = scene.start
        for line in puzzle.house.way:
            move = scene.reader.read(line)[0]
            after = scene.do(place, move).place
            gone = next((n for n, (door, _) in scene.matching(after).items() if door > after.opened + 1), "")
            lost = replace(place, used=(*place.used, gone))
            if after.used != place.used and gone and scene.is_lost(lost):
                assert scene.do(lost, move).place.misplaced == ()
                spent += 1
            place = after
    assert spent


def test_giving_up_counts_alone(eight: list[Puzzle]) -> None:
    puzzle = eight[0]
    assert puzzle.house
    first, *rest = puzzle.house.way
    alone = attempts.outcome(puzzle, "Moves:\ngive up")
    assert alone
    assert (alone.gave_up, alone.moves, alone.not_understood) == (True, 0, 0)
    last = attempts.outcome(puzzle, f"Moves:\n{first}\ngive up")
    assert last
    assert (last.gave_up, last.moves, last.not_understood) == (False, 1, 0)
    early = attempts.outcome(puzzle, "\n".join(["Moves:", first, "give up", *rest]))
    assert early
    assert (early.gave_up, early.out, early.not_understood) == (False, True, 0)


def test_the_limit_of_moves_is_twice_the_reference_and_ten_more(eight: list[Puzzle]) -> None:
    puzzle = eight[0]
    assert puzzle.house
    at = HouseAttempt(puzzle)
    name = next(iter(at.scene.things))
    for _ in range(3 * len(puzzle.house.way) + 20):
        at.do(f"put: {name}")
    assert at.over
    assert at.made == 2 * len(puzzle.house.way) + 10
    assert f"You have {at.made} moves in all" in puzzle.setup.scenario


@pytest.mark.parametrize(
    ("line", "names", "value"),
    [
        ("pour: flask 37 -> tube 6", ("flask 37", "tube 6"), ""),
        ("Pour flask 37 into tube 6.", ("flask 37", "tube 6"), ""),
        ("12. **pour: flask 37 (870 ml) → tube 6** (final)", ("flask 37", "tube 6"), ""),
        ("set: ring 6a -> 43", ("ring 6a",), "43"),
        ("set ring 6a to 43 mm", ("ring 6a",), "43"),
        ("ring 6a: 43", ("ring 6a",), "43"),
        ("Set Ring #6a to the mark 43", ("ring 6a",), "43"),
        ("push: crate 6 -> north", ("crate 6",), "north"),
        ("push crate 6 northwards", ("crate 6",), "north"),
        ("- turn: switch 6b", ("switch 6b",), ""),
        ("set: ring ６a -> ４３", ("ring 6a",), "43"),
        ("set: ring 6a - 43", ("ring 6a",), "43"),
        ("set: ring 6a -> -43", ("ring 6a",), "-43"),
        ("set: ring 6a -> −43", ("ring 6a",), "-43"),
        ("set: ring 6a -> 1,129", ("ring 6a",), "1129"),
        ("set: ring 6a -> 4,5 mm", ("ring 6a",), "4.5"),
        ("set: ring 6a -> 43mm", ("ring 6a",), "43"),
        ("set: ring 6a -> 43.0", ("ring 6a",), "43.0"),
        ("set: ring 6a -> 1e400", ("ring 6a",), ""),
    ],
)
def test_a_line_is_read_in_whatever_way_it_is_written(line: str, names: tuple[str, ...], value: str) -> None:
    (move,) = Reader(["flask 37", "tube 6", "ring 6a", "ring 6b", "crate 6", "switch 6b"], ["north"]).read(line)
    assert (move.names, move.value, move.fault) == (names, value, "")


def test_several_dials_on_a_line_and_repeats_are_several_moves_and_unknown_names_are_told() -> None:
    reader = Reader(["ring 6a", "ring 6b", "switch 6a"], ["north"])
    assert [(m.names, m.value) for m in reader.read("set: ring 6a -> 43, ring 6b -> 12")] == [
        (("ring 6a",), "43"),
        (("ring 6b",), "12"),
    ]
    for times in ("twice", ", 2 times"):
        assert [(m.fault, m.value) for m in reader.read(f"press: switch 6a {times}")] == [("", "")] * 2, times
    assert "ring 9" in reader.read("set: ring 9 -> 43")[0].fault
    assert reader.read("I wait")[0].fault
    assert reader.read("give up")[0].gives_up


@pytest.mark.parametrize("line", ["set: ring 6a -> 1/2", "ring 6a: 43 or 44", "ring 6a, " * 300, "tube 6 " * 300])
def test_what_can_be_read_in_several_ways_is_no_move(line: str) -> None:
    (move,) = Reader(["ring 6a", "ring 6b", "tube 6"], ["north"]).read(line)
    assert move.fault
    assert not move.names


def test_a_mark_that_a_dial_does_not_have_changes_nothing(eight: list[Puzzle]) -> None:
    at = HouseAttempt(eight[0])
    made, place = dials(at)
    for said in ("-5", "1e400", "９９９９９９", "0.5", "9" * 280, ""):
        done = at.scene.do(place, at.scene.reader.read(f"set: {made} -> {said}")[0])
        assert done.place == place
        assert not done.changed


def dials(at: HouseAttempt) -> tuple[str, Place]:
    """A dial, and the place in front of its door."""
    for opened, parts in enumerate(at.scene.doors):
        for made in parts:
            if isinstance(made, Choice) and made.dials:
                start = tuple(x.start for x in parts)
                return at_door(opened + 1)(made.dials[0]), replace(at.place, opened=opened, parts=start)
    raise AssertionError("no door has a dial")


def test_parts_of_two_doors_are_not_taken_for_two_of_one() -> None:
    puzzle = houses("pinned", 1, 3)[0]
    at = HouseAttempt(puzzle)  # its first door takes "move: pallet 1a -> pallet 1b"
    done = at.do("move: pallet 1a -> jug 3b")
    assert not done.changed
    assert "do not belong together" in done.said
    assert at.do("move: pallet 1a -> pallet 1b").changed


def test_plans_of_any_length_have_an_outcome_and_take_time_in_proportion() -> None:
    puzzle = houses("long", 1, 20)[0]
    name = next(iter(HouseAttempt(puzzle).scene.things))
    for line in ("nothing here is known", f"put: {name} 20 times", "give up", "9" * 5000, "ring " * 2000, "(" * 5000):
        began = time.perf_counter()
        found = attempts.outcome(puzzle, "Moves:\n" + f"{line}\n" * 5000, requested=True)
        assert found
        assert found.doors
        assert found.doors.opened == 0
        assert time.perf_counter() - began < 5
    at = HouseAttempt(puzzle)
    for n in range(3 * at.max_lines):
        at.do("what now?" if n % 2 else f"put: {name} 20 times")
    assert at.over
    assert at.outcome.moves <= at.max_lines
    longest = 2 * (2 * MAX_WAY + 10)
    assert len(at.steps) <= 2 * at.max_lines <= longest
    assert Outcome.model_validate(at.outcome.model_dump() | {"steps": [at.steps[0].model_dump()] * longest})


def opened(puzzle: Puzzle, lines: Sequence[str]) -> int:
    at = HouseAttempt(puzzle)
    for line in lines:
        at.do(line)
    return at.doors.opened


def test_scripted_players_end_where_their_habits_take_them(eight: list[Puzzle]) -> None:
    far = {name: [opened(p, way(p)) for p in eight] for name, way in {**CONTROL_WAYS, **DEMO_WAYS}.items()}
    assert set(far["reference"]) == {12}
    assert median(far["guesser"]) <= 1
    assert 3 <= median(far["greedy"]) <= 10
    assert median(far["careful"]) > median(far["hoarder"]) > median(far["hasty"]) > median(far["guesser"])
    for name, way in DEMO_WAYS.items():
        assert way(eight[0]) == way(eight[0]), name  # the same answer whenever it is asked


def test_silence_opens_no_door(eight: list[Puzzle]) -> None:
    found = attempts.outcome(eight[0], "I would think hard.", requested=True)
    assert found
    assert found.doors
    assert not found.out
    assert found.doors.opened == 0
    assert not found.tried
    assert attempts.outcome(eight[0], "I would think hard.") is None


def test_the_step_at_which_it_was_lost_is_counted_with_the_lines_that_did_nothing(eight: list[Puzzle]) -> None:
    lost = 0
    for puzzle, way in itertools.product(eight, DEMO_WAYS.values()):
        at = HouseAttempt(puzzle)
        for line in ("dance with me", *way(puzzle)):
            at.do(line)
            if at.lost_at is not None:
                break
        lost += at.lost_at is not None
        assert at.lost_at in (None, len(at.steps))
    assert lost >= 8


def test_of_the_parts_of_a_door_the_spoilt_one_is_what_stopped_an_attempt(eight: list[Puzzle]) -> None:
    class Part(SimpleNamespace):
        def is_open(self, state: str) -> bool:
            return state == "open"

        def is_dead(self, state: str) -> bool:
            return state == "dead"

    assert eight[0].house
    house = HouseScene(eight[0].house)
    house.doors = ((Part(mechanism="ring"), Part(mechanism="winch"), Part(mechanism="scale")),)  # type: ignore[assignment]
    for states, blamed in (
        (("open", "shut", "shut"), "winch"),
        (("shut", "open", "dead"), "scale"),
        (("shut", "shut", "open"), "ring"),
    ):
        assert house.stuck_on(Place(0, states)) == blamed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line",
    ["Do not tie rope 36 to bracket 2", "never tie: rope 36 -> bracket 2", "- Do not tie rope 36 to bracket 2",
     "1. **Do not** tie rope 36 to bracket 2", "Careful: don’t tie rope 36 to bracket 2",
     "You must not tie rope 36 to bracket 2", "You can't tie rope 36 to bracket 2",
     "Please do not tie rope 36 to bracket 2"],
)  # fmt: skip
def test_what_is_denied_is_no_move_in_a_house(line: str) -> None:
    (move,) = Reader(["rope 36", "bracket 2"], []).read(line)
    assert move.fault


def test_a_unit_of_resistance_is_read_as_its_sign_too() -> None:
    for unit in ("ohm", " ohms", "Ω", " Ω", ""):
        (move,) = Reader(["rheostat 6a"], []).read(f"set: rheostat 6a -> 115{unit}")
        assert (move.names, move.value) == (("rheostat 6a",), "115")
