"""Plans written without seeing a room: sound ones get out, unsound ones do not, and what disagrees is named."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from escape.puzzles import bets, files
from escape.puzzles.players import SamplePlan, carry_out, load_plans
from escape.rooms import solver
from escape.types import Puzzle, PuzzleError
from tests.rooms.test_rooms import outcome, tube


@pytest.mark.proof
def test_strangers_sound_plans_get_out_and_their_unsound_ones_do_not(every: list[Puzzle]) -> None:
    theirs = {p.problem_id: load_plans(files.BUNDLED / "any.json", p) for p in every}
    wrong = {p.problem_id: carry_out(p, theirs[p.problem_id]).faults for p in every}
    assert wrong == {p.problem_id: [] for p in every}


def test_every_room_has_sound_and_unsound_plans_half_of_them_loose() -> None:
    for name, path in files.sets(files.BUNDLED).items():
        if name == files.TOLD:  # which says what to do
            continue
        for puzzle, file in files.load_with_origin(path):
            plans = [p for p in load_plans(file, puzzle) if p.writer != bets.PROBER and not p.move_by_move]
            kinds = Counter((p.sound, ":" not in p.moves.partition("->")[0]) for p in plans)
            told = f"{puzzle.problem_id}: {dict(kinds)}"
            if name != files.EASY:
                assert kinds[True, True] >= 3, told
                assert kinds[False, True] >= 2, told
            assert kinds[True, True] + kinds[True, False] >= (4 if name == files.EASY else 6), told
            assert kinds[False, True] + kinds[False, False] >= 4, told
            assert not any(outcome(p.moves, puzzle).not_understood for p in plans), told


def test_a_plan_that_the_room_takes_otherwise_than_its_reader_is_named() -> None:
    good = "pour: water -> tube\ntake: ball"

    def said(moves_: str, *, sound: bool) -> list[str]:
        plan = SamplePlan(writer="Ada", plan="a", sound=sound, moves=moves_, why="no water")
        return carry_out(tube(), [plan]).faults

    assert said(good, sound=True) == said("hit: wall", sound=False) == said("hit: moon", sound=True) == []
    assert said(good, sound=False) == ["Ada's plan a is unsound (no water) but gets out; a rule requires too little"]
    (stuck,) = said("pour: water -> floor\nhit: wall", sound=True)
    assert "lost at move 1" in stuck
    assert "50% of the way done" in said("pour: water -> tube", sound=True)[0]


def test_a_fault_in_a_file_of_plans_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "TUBE.plans.jsonl").write_text('{"writer": "Ada", "sound": true}\n')
    with pytest.raises(PuzzleError, match=r"TUBE: plans: .*line 1: moves"):
        load_plans(tmp_path / "TUBE.json", tube())


def test_an_unread_line_proves_nothing_unless_the_plan_gets_out() -> None:
    good = "pour: water -> tube\ntake: ball"

    def said(moves_: str, *, sound: bool) -> list[str]:
        return carry_out(tube(), [SamplePlan(writer="Ada", sound=sound, moves=moves_)]).faults

    assert said("so we begin\nhit: wall", sound=True) == []
    assert said(f"so we begin\n{good}", sound=False) == []  # it stops before the water is poured
    assert said(f"so we begin\n{good}", sound=True) == []
    assert len(said(f"{good}\nso it ends", sound=False)) == 1
    assert said("", sound=True) == []
    assert said("hit: wall", sound=True)[0].startswith("Ada's plan is sound")
    plans = [SamplePlan(writer="Ada", sound=True, moves=moves_) for moves_ in (good, "so we begin\nhit: wall", "")]
    assert carry_out(tube(), plans) == ([], 2)  # how many prove nothing is told


def test_a_puzzle_without_a_file_of_plans_has_none(tmp_path: Path) -> None:
    assert load_plans(tmp_path / "TUBE.json", tube()) == []
    line = '{"writer": "Ada", "sound": true, "moves": "hit: wall"}\n'
    (tmp_path / "TUBE.plans.jsonl").write_text(2 * line)
    assert [p.moves for p in load_plans(tmp_path / "any.json", tube())] == ["hit: wall"] * 2


def test_a_rule_for_what_no_complete_set_of_plans_tries_is_named() -> None:
    def said(*plans: str, complete: bool = True) -> list[str]:
        listed = [SamplePlan(writer="Ada", sound="take: ball" in p, moves=p, complete=complete) for p in plans]
        return carry_out(tube(), listed).faults

    good = "pour: water -> tube\ntake: ball"
    seconds = ["floor", "ball", "ice cube", "milk carton", "wall", "water"]
    spilled = [f"pour: water -> {x}" for x in seconds]
    assert said(good, complete=False) == said() == []
    assert not any("pour: bottle of water" in x for x in said(good, *spilled))
    assert any("rule 2 (pour: bottle of water -> floor) changes something on" in x for x in said(good))
    assert any("'pour: bottle of water -> floor'" in x for x in said(good, *spilled[1:]))
    plans = [SamplePlan(writer=w, sound=True, moves=good, complete=w == "Ada") for w in ("Ada", "Bo")]
    assert carry_out(tube(), plans).faults == said(good)  # one that says so speaks for all


def test_the_room_in_the_guide_is_one() -> None:
    guide = (files.BUNDLED / "README.md").read_text("utf-8")
    room, plans = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    (puzzle,) = files.parse(room.encode(), "README.md")
    proved = solver.prove(puzzle)
    assert (proved.faults, proved.shortest) == ((), 3)
    assert f"in {proved.guesser:.0%}".replace("%", " %") in guide
    given = [SamplePlan.model_validate_json(line) for line in plans.splitlines()]
    assert carry_out(puzzle, given) == ([], 0)
