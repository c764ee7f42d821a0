"""Twists: a file that says what differs.

The known way fails, another works, and no way leaves both by chance.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from escape.puzzles import draft_of, files, puzzle_of
from escape.puzzles.sample_plans import load_plans, try_plans
from escape.rooms import leaves_both, plans, renamed_line, room_of
from escape.types import Puzzle, PuzzleError

FOLDER = files.BUNDLED


@pytest.fixture(scope="module")
def twists() -> dict[str, Puzzle]:
    return {p.problem_id: p for p in files.load(files.sets_in(FOLDER)[files.TWISTS])}


@pytest.fixture(scope="module")
def rooms() -> dict[str, Puzzle]:
    return {p.problem_id: p for p in files.load(FOLDER)}


def known(puzzle: Puzzle, original: Puzzle) -> str:
    assert original.world
    return "Moves:\n" + "\n".join(renamed_line(line, puzzle.renamed) for line in original.world.moves)


def reference(puzzle: Puzzle) -> str:
    assert puzzle.world
    return "Moves:\n" + "\n".join(puzzle.world.moves)


def test_twists_are_a_set_in_eight_families_and_three_have_no_way_out(
    twists: dict[str, Puzzle], rooms: dict[str, Puzzle]
) -> None:
    assert len(twists) == 12
    assert not twists.keys() & rooms.keys()
    assert len({p.family for p in twists.values()}) >= 8
    assert sum(not p.solvable for p in twists.values()) <= 3
    assert {p.problem_id for p in files.in_set(FOLDER, files.TWISTS)} == {
        *twists, *(p.twist_of for p in twists.values())}  # fmt: skip


def test_the_originals_way_is_read_in_its_twist_and_fails_there(
    twists: dict[str, Puzzle], rooms: dict[str, Puzzle]
) -> None:
    for puzzle in twists.values():
        original = rooms[puzzle.twist_of]
        by_heart = plans.outcome(puzzle, known(puzzle, original))
        assert by_heart
        assert (by_heart.out, by_heart.not_understood) == (False, 0), puzzle.problem_id
        assert (reasoned := plans.outcome(puzzle, reference(puzzle)))
        assert reasoned.out, puzzle.problem_id
        assert (there := plans.outcome(original, reference(original)))
        assert there.out


def test_few_words_differ_and_the_things_are_as_many(
    twists: dict[str, Puzzle], rooms: dict[str, Puzzle]
) -> None:
    for puzzle in twists.values():
        original = rooms[puzzle.twist_of]
        assert len(puzzle.setup.available_items) == len(original.setup.available_items)
        assert len(puzzle.setup.constraints) == len(original.setup.constraints)
        ours, theirs = (
            " ".join((p.setup.scenario, *p.setup.constraints)).split() for p in (puzzle, original)
        )
        assert len(set(ours) - set(theirs)) <= 30, puzzle.problem_id
        assert abs(len(ours) - len(theirs)) <= 30, puzzle.problem_id
        assert puzzle.differs not in puzzle.setup.scenario


@pytest.mark.proof
def test_no_way_out_without_an_idle_move_leaves_both(
    twists: dict[str, Puzzle], rooms: dict[str, Puzzle]
) -> None:
    for puzzle in twists.values():
        assert leaves_both(room_of(rooms[puzzle.twist_of]), room_of(puzzle), puzzle.renamed) == "", (
            puzzle.problem_id
        )


def test_blind_plans_each_do_what_their_readers_said(twists: dict[str, Puzzle]) -> None:
    for puzzle in twists.values():
        plans = load_plans(FOLDER / f"{puzzle.problem_id}.json", puzzle)
        assert try_plans(puzzle, plans).faults == [], puzzle.problem_id


ORIGINAL = {
    "problem_id": "TAP",
    "setup": {"scenario": "A tap of steel drips.", "available_items": ["magnet", "cork"], "constraints": []},
    "physical_principles": ["iron is attracted by a magnet"],
    "red_herrings": ["cork"],
    "solution": {"steps": ["hold the magnet to the tap"], "key_insights": []},
    "world": {
        "things": ["tap"],
        "start": {"tap": "open"},
        "goal": {"tap": "shut"},
        "rules": [
            {
                "verbs": ["put", "hold"],
                "thing": "magnet",
                "at": "tap",
                "then": {"tap": "shut"},
                "say": "It comes.",
            },
            {"verbs": ["put"], "thing": "cork", "at": "tap", "say": "Too small."},
        ],
        "moves": ["put: magnet -> tap"],
    },
}
TWIST = ORIGINAL | {
    "problem_id": "TAP.twist",
    "setup": {
        "scenario": "A spout of brass drips.",
        "available_items": ["magnet", "cork"],
        "constraints": [],
    },
    "red_herrings": ["magnet"],
    "solution": {"steps": ["cork it"], "key_insights": []},
    "twist_of": "TAP",
    "differs": "The tap is of brass.",
    "renamed": {"tap": "spout"},
    "world": {
        "things": ["spout"],
        "start": {"spout": "open"},
        "goal": {"spout": "shut"},
        "rules": [
            {"verbs": ["put", "hold"], "thing": "magnet", "at": "spout", "say": "Brass does not follow."},
            {
                "verbs": ["put", "push"],
                "thing": "cork",
                "at": "spout",
                "then": {"spout": "shut"},
                "say": "It fits.",
            },
        ],
        "moves": ["put: cork -> spout"],
    },
}


def test_an_original_lies_beside_its_twist(tmp_path: Path) -> None:
    (tmp_path / "TAP.json").write_text(json.dumps(ORIGINAL))
    (tmp_path / "TAP.twist.json").write_text(json.dumps(TWIST))
    assert [p.problem_id for p in files.load(tmp_path)] == ["TAP"]
    assert [p.problem_id for p in files.load(files.sets_in(tmp_path)[files.TWISTS])] == ["TAP.twist"]


def test_the_joint_search_finds_a_way_out_of_both_without_idle_moves() -> None:
    careless = json.loads(json.dumps(TWIST))
    careless["world"]["rules"][0]["then"] = {"spout": "shut"}
    original, twist = files.parse(json.dumps([ORIGINAL, careless]))
    assert leaves_both(room_of(original), room_of(twist), {"tap": "spout"}) == "put: magnet -> tap"
    # corking and then the magnet leaves both, in vain
    original, twist = files.parse(json.dumps([ORIGINAL, TWIST]))
    assert leaves_both(room_of(original), room_of(twist), {"tap": "spout"}) == ""


def test_the_form_makes_a_twist_of_a_room(rooms: dict[str, Puzzle]) -> None:
    (original,) = files.parse(json.dumps(ORIGINAL))
    draft = draft_of(original)
    assert not puzzle_of(draft, original).twist_of
    rules = [{**draft.rules[0], "then": "", "say": "Brass."}, {**draft.rules[1], "then": "tap = shut"}]
    form = replace(draft, differs="Brass.", rules=rules, moves="put: cork -> tap")
    twist = puzzle_of(form, original)
    assert (twist.twist_of, twist.differs) == ("TAP", "Brass.")
    assert twist.renamed == {}
    turned = puzzle_of(replace(form, items="cork\nmagnet"), original)
    assert turned.renamed == {}, "the same things in another order have the names that they had"
    with pytest.raises(PuzzleError, match="a twist needs rules"):
        puzzle_of(replace(draft, differs="Brass.", rules=[], facts=""), original)


def test_a_twist_that_is_changed_in_the_form_stays_one(twists: dict[str, Puzzle]) -> None:
    twist = twists["VAC_001.twist"]
    kept = puzzle_of(replace(draft_of(twist), title="Another title"), twist)
    assert (kept.twist_of, kept.differs, kept.renamed) == (twist.twist_of, twist.differs, twist.renamed)
