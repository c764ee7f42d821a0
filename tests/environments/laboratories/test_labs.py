"""Laboratories: the same from the same seed, fair by construction, and reckoned alike one by one and all at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escape.environments import attempt
from escape.environments.dice import Dice
from escape.environments.laboratories import (
    APPARATUSES,
    LAB_WAYS,
    LabAttempt,
    LabError,
    check,
    laboratories,
    laboratory,
    law_text,
)
from escape.environments.laboratories.laws import MOST_LAWS, Laws, complete, deciding, reading, right_for_all, trials_of
from escape.environments.laboratories.make import experiment
from escape.runs import new_run
from escape.runs.file import lines, load
from escape.types import FileError, LabDoor, Puzzle, RunConfig

pytestmark = pytest.mark.proof

SEEDS = ("one", "two")


@pytest.fixture(scope="module")
def some() -> list[Puzzle]:
    return [p for seed in SEEDS for p in laboratories(seed, 1, 8)]


def doors(some: list[Puzzle]) -> list[LabDoor]:
    return [door for p in some if p.lab for door in p.lab.doors]


def test_the_same_seed_makes_the_same_laboratory_and_another_another() -> None:
    assert laboratory("one", 1, 4) == laboratory("one", 1, 4)
    assert laboratory("one", 1, 4) != laboratory("two", 1, 4)
    assert laboratory("one", 1, 4).doors[:2] == laboratory("one", 1, 2).doors


@pytest.mark.parametrize("name", APPARATUSES)
def test_all_laws_at_once_are_reckoned_as_each_by_itself(name: str) -> None:
    kind, dice = APPARATUSES[name], Dice(name)
    door = LabDoor(apparatus=name, law=kind.bases[0], causes=2, values=2, starts=tuple(kind.starts)[1:],
                   start=next(iter(kind.starts)), wanted=0, trials=1)  # fmt: skip
    laws, trials = Laws(door), dice.some(25, trials_of(door))
    shown, ends = laws.readings(trials), laws.outcomes([s for _, s in trials])
    for column in (dice.below(len(laws)) for _ in range(40)):
        law = {n: int(numbers[column]) for n, numbers in laws.columns.items()}
        assert [int(x) for x in shown[:, column]] == [kind.respond(law, kind.starts[s], x) for s, x in trials]
        start = kind.starts[door.start]
        assert [int(x) for x in ends[:, column]] == [kind.decide(law, start, x) for _, x in trials]


def test_a_cause_more_at_each_door_and_never_too_many_laws(some: list[Puzzle]) -> None:
    for puzzle in some:
        assert puzzle.lab
        causes = [d.causes for d in puzzle.lab.doors]
        assert causes[:3] == [1, 2, 3]
        assert all(4 <= n <= 6 for n in causes[3:])
        assert all(len(Laws(d)) <= MOST_LAWS for d in puzzle.lab.doors)
        assert {d.apparatus for d in puzzle.lab.doors} == set(APPARATUSES)


def test_the_setting_that_decides_begins_where_no_trial_does_and_is_hard_to_guess(some: list[Puzzle]) -> None:
    for door in doors(some):
        kind = APPARATUSES[door.apparatus]
        law, start, every = complete(kind, door.law), kind.starts[door.start], deciding(kind)
        right = [s for s in every if kind.decide(law, start, s) == door.wanted]
        assert door.start not in door.starts
        assert 0 < len(right) <= kind.most_guessed * len(every)


def test_within_its_trials_every_door_can_be_decided_for_sure(some: list[Puzzle]) -> None:
    for door in doors(some):
        found = experiment(door, Dice("another"))
        assert found is not None
        laws = Laws(door)
        for start, setting in found[0]:
            laws.saw((start, setting), reading(door, start, setting))
        assert right_for_all(laws)
        assert len(found[0]) <= 2 * door.trials + 4


def test_the_best_experimenter_opens_all_and_who_learns_nothing_none(some: list[Puzzle]) -> None:
    opened = {name: [_opened(p, way(p)) for p in some] for name, way in LAB_WAYS.items()}
    assert min(opened["experimenter"]) >= 6
    assert max(opened["random"]) <= 1
    assert max(opened["one-thing"]) < 8


def _opened(puzzle: Puzzle, moves: list[str]) -> int:
    tried = LabAttempt(puzzle)
    for line in moves:
        tried.do(line)
    return tried.opened


def test_a_trial_shows_the_reading_and_a_wrong_setting_ends_it_with_the_law(some: list[Puzzle]) -> None:
    puzzle = some[0]
    assert puzzle.lab
    tried, door = attempt(puzzle), puzzle.lab.doors[0]
    kind = APPARATUSES[door.apparatus]
    setting = kind.settings[kind.first - 1]
    one = tried.do(f"try: {door.starts[0]} | {kind.written(setting)}")
    shown = kind.shown(kind.respond(complete(kind, door.law), kind.starts[door.starts[0]], setting))
    assert one.said == f"{shown[:1].upper()}{shown[1:]}. {door.trials - 1} trials left."
    law = complete(kind, door.law)
    wrong = next(s for s in deciding(kind) if kind.decide(law, kind.starts[door.start], s) != door.wanted)
    end = tried.do(f"set: {kind.written(wrong)}")
    assert tried.over
    assert law_text(door) in end.said
    assert tried.outcome.doors
    assert (tried.outcome.doors.opened, tried.outcome.doors.ended_at) == (0, door.apparatus)


@pytest.mark.parametrize(
    "line", ["", "try", "try: | A", "try: nowhere | A", "set:", "set: ???", "look: tank", "try: 4", "A B"]
)
def test_what_cannot_be_read_costs_no_trial_and_says_how_to_write(some: list[Puzzle], line: str) -> None:
    tried = LabAttempt(some[0])
    assert not tried.do(line).understood
    assert tried.trials_left == tried.door.trials


def test_trials_come_to_an_end_and_so_do_lines_that_cannot_be_read(some: list[Puzzle]) -> None:
    tried = LabAttempt(some[0])
    kind = APPARATUSES[tried.door.apparatus]
    line = f"try: {tried.door.starts[0]} | {kind.written(kind.settings[30])}"
    said = [tried.do(line).said for _ in range(tried.door.trials + 1)]
    assert "no trials left" in said[-1]
    while not tried.over:
        tried.do("?")
    assert len(tried.steps) == tried.max_lines


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("tank and taps", "abw a", "A B W A"),
        ("tank and taps", "A, wait, B", "A W B"),
        ("beam", "z at 3, x on -1, y = 2", "X -1, Z 3, Y 2"),
        ("circuit", "A C, c d", "a c c d"),
    ],
)
def test_settings_are_read_forgivingly(name: str, text: str, written: str) -> None:
    kind = APPARATUSES[name]
    setting = kind.read(text)
    assert setting in kind.settings
    assert kind.written(setting) == written


def test_a_file_carries_it_and_what_was_changed_in_it_is_refused(some: list[Puzzle], tmp_path: Path) -> None:
    config = RunConfig(problem_ids=(some[0].problem_id,), protocol="move by move")
    text = b"".join(lines.lines(new_run(config, [some[0]]))).decode()
    (tmp_path / "run.json").write_text(text, "utf-8")
    assert load(tmp_path / "run.json").puzzles == (some[0],)
    for field, value in (("wanted", 999), ("trials", 59), ("law", {"a": 1}), ("causes", 6), ("starts", ["nowhere"])):
        changed = json.loads(text)
        changed["header"]["puzzles"][0]["lab"]["doors"][0][field] = value
        (tmp_path / "bad.json").write_text(json.dumps(changed) + "\n", "utf-8")
        with pytest.raises(FileError):
            load(tmp_path / "bad.json")


def test_a_number_that_could_not_be_drawn_is_refused(some: list[Puzzle]) -> None:
    lab = some[0].lab
    assert lab
    for number, name in enumerate(lab.doors[0].law):
        door = lab.doors[0].model_copy(update={"law": {**lab.doors[0].law, name: 99 + number}})
        with pytest.raises(LabError, match="no apparatus of this version"):
            check(some[0].model_copy(update={"lab": lab.model_copy(update={"doors": (door, *lab.doors[1:])})}))


def test_what_a_pour_gives_is_added_up_before_it_is_kept_from_falling_below_nothing() -> None:
    law = complete(APPARATUSES["tank and taps"], {"a": 2, "b": 2, "memory": 4, "interaction": 3})
    kind = APPARATUSES["tank and taps"]
    setting = kind.read("A B A")  # the second A: 2 - 4 + 3
    assert setting
    assert kind.respond(law, 0, setting) == 2 + 2 + 1


def test_a_laboratory_has_at_most_ten_doors() -> None:
    with pytest.raises(LabError, match="1 to 10 doors"):
        laboratory("x", 1, 11)
    check(laboratories("x", 1, 1)[0])
