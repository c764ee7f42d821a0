"""Easy rooms and told rooms: what is promised of them, and what they count for."""

import tomllib
from collections import Counter

import pytest

from escape import prompts
from escape.puzzles import banded, by_difficulty, files
from escape.results import doors, easy_sentence, ranking, sets, told_sentence, wants_told
from escape.results.sets import by_chance, of_main
from escape.rooms import plans, playable, solver
from escape.types import ModelSpec, Puzzle, Run
from tests.results.test_unread import OUT, ROOMS, STUCK, UNREAD, A, result, run_of

MODEL = ModelSpec(provider="openai", model="m")
FOLDERS = files.sets_in(files.BUNDLED)


@pytest.fixture(scope="module")
def easy() -> list[Puzzle]:
    return files.load(FOLDERS[files.EASY])


@pytest.fixture(scope="module")
def told() -> list[Puzzle]:
    return files.load(FOLDERS[files.TOLD])


def test_there_are_eight_easy_rooms_of_each_length_in_eight_families(easy: list[Puzzle]) -> None:
    proofs = {p.problem_id: solver.prove(p) for p in easy}
    assert Counter(proof.shortest for proof in proofs.values()) == {1: 8, 2: 8, 3: 8}
    assert len({p.family for p in easy}) >= 8
    assert [
        (i, proof.faults, proof.too_easy) for i, proof in proofs.items() if proof.faults or proof.too_easy
    ] == []
    assert all(p.world and p.world.most_moves == 8 and p.red_herrings for p in easy)


def test_a_prompt_for_a_short_plan_says_eight_moves_and_shows_no_thing(
    easy: list[Puzzle], every: list[Puzzle]
) -> None:
    for puzzle in easy:
        asked = prompts.player(puzzle).user
        assert "at most 8" in asked
        assert "ladder" not in asked + prompts.repair(puzzle, ["a"], {1: "b"}).user
    assert "at most 30" in prompts.player(every[0]).user
    assert "ladder -> fence" in prompts.player(every[0]).user


def test_a_plan_of_an_easy_room_ends_after_eight_lines(easy: list[Puzzle]) -> None:
    puzzle = next(p for p in easy if p.world and len(p.world.moves) == 1)
    (way,) = puzzle.world.moves if puzzle.world else ()
    late = plans.outcome(puzzle, "Moves:\n" + "look: floor\n" * 8 + way, requested=True)
    in_time = plans.outcome(puzzle, "Moves:\n" + "look: floor\n" * 7 + way, requested=True)
    assert (late and late.out, in_time and in_time.out) == (False, True)


@pytest.mark.proof
def test_everything_onto_everything_opens_no_room_but_told_ones() -> None:
    rooms = files.load(*(path for name, path in FOLDERS.items() if name != files.TOLD))
    assert [p.problem_id for p in rooms if playable(p) and solver.prove(p).everything] == []


def test_told_rooms_have_one_to_four_moves_and_two_name_what_is_useless(told: list[Puzzle]) -> None:
    assert sorted(solver.prove(p).shortest for p in told) == [1, 1, 2, 2, 3, 4]
    assert not any(solver.prove(p).faults for p in told)
    assert sum(bool(p.red_herrings) for p in told) == 2
    assert all("useless" in p.setup.scenario for p in told if p.red_herrings)


def with_sets(easy: list[Puzzle], every: list[Puzzle], told: list[Puzzle], followed: int) -> Run:
    ends = [(p, OUT) for p in easy[:6]] + [(p, OUT if n < 2 else STUCK) for n, p in enumerate(every[:10])]
    ends += [(p, OUT if n < followed else UNREAD) for n, p in enumerate(told)]
    return run_of([p for p, _ in ends], [result(p.problem_id, A, room=end) for p, end in ends], [A])


def test_told_and_easy_rooms_are_in_no_share_of_the_rooms(
    easy: list[Puzzle], every: list[Puzzle], told: list[Puzzle]
) -> None:
    run = with_sets(easy, every, told, 4)
    assert [*banded(run.puzzles)] == ["easy", "rooms", "told"]
    assert sets(run) == ["easy", "rooms"]
    (line,) = ranking(run, ROOMS).standings
    assert (line.rooms_out, line.headline and line.headline.n, line.tally.plans) == (2, 10, 10)
    assert {p.problem_id for p in of_main(run).puzzles} == {p.problem_id for p in every[:10]}
    assert easy_sentence(run) == "Of the easy rooms: a 6 of 6."


def test_who_follows_too_few_told_rooms_is_said_not_to_follow_the_form(
    easy: list[Puzzle], every: list[Puzzle], told: list[Puzzle]
) -> None:
    assert told_sentence(with_sets(easy, every, told, 5)) == "a escapes 5 of 6 rooms whose moves are given."
    too_few = with_sets(easy, every, told, 4)
    assert "does not write moves as asked, so its rooms say little about its physics" in told_sentence(
        too_few
    )
    shown = doors.doors(too_few, ROOMS)
    assert [band.name for band in shown] == ["easy", "rooms"]
    assert "4 of 6 with the moves given" in shown[1].rows[0].below


def test_told_rooms_are_offered_where_nothing_was_left_or_much_is_unread(every: list[Puzzle]) -> None:
    def run(*ends: object) -> Run:
        return run_of(
            every[: len(ends)],
            [result(p.problem_id, MODEL, room=e) for p, e in zip(every, ends, strict=False)],
            [MODEL],
        )  # type: ignore[arg-type]

    assert wants_told(run(STUCK, STUCK, STUCK)) == [MODEL.name]
    assert wants_told(run(OUT, OUT, OUT, OUT, UNREAD)) == [MODEL.name]
    assert wants_told(run(OUT, STUCK, STUCK)) == []


def test_what_chance_gets_out_of_is_counted_set_by_set(easy: list[Puzzle], every: list[Puzzle]) -> None:
    found = by_chance(with_sets(easy, every, [], 0))
    assert {name: of for name, (_, of) in found["random"].items()} == {"easy": 6, "rooms": 10}
    assert found["everything"] == {"easy": (0, 6), "rooms": (0, 10)}


def test_the_easiest_come_first_by_their_shortest_way(easy: list[Puzzle]) -> None:
    lengths = [len(p.world.moves) for p in by_difficulty(easy) if p.world]
    assert lengths == sorted(lengths)


def test_an_installed_copy_has_every_set() -> None:
    told_to_pack = tomllib.loads((files.BUNDLED.parent / "pyproject.toml").read_text("utf-8"))
    patterns = told_to_pack["tool"]["setuptools"]["package-data"]["escape.problems"]
    for folder in (p for p in files.BUNDLED.iterdir() if p.is_dir()):
        for kind in {file.suffix for file in folder.iterdir()}:
            assert f"{folder.name}/*{kind}" in patterns
