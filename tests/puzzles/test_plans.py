"""Plans written without seeing a room: sound ones get out, unsound ones do not."""

import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

from escape.puzzles import bets, files
from escape.puzzles.sample_plans import SamplePlan, load_plans, try_plans
from escape.rooms import (
    MEANINGS,
    ByHand,
    RoomEpisode,
    as_answer,
    attempt,
    fitting,
    move_text,
    room_of,
    shortest,
    solver,
    stands,
)
from escape.types import Puzzle, PuzzleError
from tests.rooms.test_rooms import outcome, tube


@pytest.mark.proof
def test_strangers_sound_plans_get_out_and_their_unsound_ones_do_not(every: list[Puzzle]) -> None:
    theirs = {p.problem_id: load_plans(files.BUNDLED / "any.json", p) for p in every}
    wrong = {p.problem_id: try_plans(p, theirs[p.problem_id]).faults for p in every}
    assert wrong == {p.problem_id: [] for p in every}


def test_every_room_has_sound_and_unsound_plans_half_of_them_loose() -> None:
    for name, path in files.sets_in(files.BUNDLED).items():
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
            assert not any(outcome("\n".join(p.lines(puzzle)), puzzle).not_understood for p in plans), told


def test_a_plan_that_the_room_takes_otherwise_than_its_reader_is_named() -> None:
    good = "pour: water -> tube\ntake: ball"

    def said(moves_: str, *, sound: bool) -> list[str]:
        plan = SamplePlan(writer="Ada", plan="a", sound=sound, moves=moves_, why="no water")
        return try_plans(tube(), [plan]).faults

    assert said(good, sound=True) == said("hit: wall", sound=False) == said("hit: moon", sound=True) == []
    assert said(good, sound=False) == [
        "Ada's plan a is unsound (no water) but gets out; a rule requires too little"
    ]
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
        return try_plans(tube(), [SamplePlan(writer="Ada", sound=sound, moves=moves_)]).faults

    assert said("so we begin\nhit: wall", sound=True) == []
    assert said(f"so we begin\n{good}", sound=False) == []  # it stops before the water is poured
    assert said(f"so we begin\n{good}", sound=True) == []
    assert len(said(f"{good}\nso it ends", sound=False)) == 1
    assert said("", sound=True) == []
    assert said("hit: wall", sound=True)[0].startswith("Ada's plan is sound")
    plans = [
        SamplePlan(writer="Ada", sound=True, moves=moves_) for moves_ in (good, "so we begin\nhit: wall", "")
    ]
    assert try_plans(tube(), plans) == ([], 2)  # how many prove nothing is told


def test_a_puzzle_without_a_file_of_plans_has_none(tmp_path: Path) -> None:
    assert load_plans(tmp_path / "TUBE.json", tube()) == []
    line = '{"writer": "Ada", "sound": true, "moves": "hit: wall"}\n'
    (tmp_path / "TUBE.plans.jsonl").write_text(2 * line)
    assert [p.moves for p in load_plans(tmp_path / "any.json", tube())] == ["hit: wall"] * 2


def test_a_rule_for_what_no_complete_set_of_plans_tries_is_named() -> None:
    def said(*plans: str, complete: bool = True) -> list[str]:
        listed = [
            SamplePlan(writer="Ada", sound="take: ball" in p, moves=p, complete=complete) for p in plans
        ]
        return try_plans(tube(), listed).faults

    good = "pour: water -> tube\ntake: ball"
    seconds = ["floor", "ball", "ice cube", "milk carton", "wall", "water"]
    spilled = [f"pour: water -> {x}" for x in seconds]
    assert said(good, complete=False) == said() == []
    assert not any("pour: bottle of water" in x for x in said(good, *spilled))
    assert any("rule 2 (pour: bottle of water -> floor) changes something on" in x for x in said(good))
    assert any("'pour: bottle of water -> floor'" in x for x in said(good, *spilled[1:]))
    plans = [SamplePlan(writer=w, sound=True, moves=good, complete=w == "Ada") for w in ("Ada", "Bo")]
    assert try_plans(tube(), plans).faults == said(good)  # one that says so speaks for all


def test_the_room_in_the_guide_is_one() -> None:
    guide = (files.BUNDLED / "README.md").read_text("utf-8")
    room, plans = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    (puzzle,) = files.parse(room.encode(), "README.md")
    proved = solver.prove(puzzle)
    assert (proved.faults, proved.shortest) == ((), 3)
    assert f"in {proved.guesser:.0%}".replace("%", " %") in guide
    given = [SamplePlan.model_validate_json(line) for line in plans.splitlines()]
    assert try_plans(puzzle, given) == ([], 0)


ROOMS = [p for p in files.shared(files.BUNDLED) if p.world]


def test_undo_takes_the_last_move_back_and_only_that(by_id: dict[str, Puzzle]) -> None:
    me = ByHand(by_id["FLUID_001"])
    me.do("pour: bottle of water -> floor")
    me.do("hit: tube")
    assert me.play.lost_at == 1
    me.undo()
    me.undo()
    assert not me.play.steps
    assert me.play.lost_at is None
    me.undo()  # there is nothing left to take back
    for move in shortest(me.puzzle):
        me.do(move)
    assert me.play.outcome.out


@pytest.mark.parametrize("puzzle", [p for p in ROOMS if p.solvable], ids=lambda p: p.problem_id)
def test_whoever_follows_the_hints_gets_out_by_a_shortest_way(puzzle: Puzzle) -> None:
    me = ByHand(puzzle)
    while not me.play.over:
        principle, thing, following = me.hints
        assert principle.startswith("The idea: ")
        assert thing.partition(": ")[2] in following
        assert me.do(following.removeprefix("Next: ")) == ""
    assert me.play.outcome.out
    assert me.play.outcome.moves == me.play.outcome.shortest


@pytest.mark.parametrize("puzzle", ROOMS, ids=lambda p: p.problem_id)
def test_whatever_can_be_done_can_be_done_with_the_verbs_that_are_offered(puzzle: Puzzle) -> None:
    room = room_of(puzzle)
    offered = {thing: fitting(room, thing) for thing in room.things}
    assert all(len(verbs) >= 8 and verbs[0] == "look" for verbs in offered.values())
    assert statistics.median(map(len, offered.values())) == 8
    for edge in (edge for edges in room.graph.edges.values() for edge in edges):
        assert any(verb in offered[thing] for verb, thing, *_ in edge.acts), move_text(*edge.acts[0])


def test_a_lost_room_and_a_room_without_a_way_out_say_so_in_their_hints(by_id: dict[str, Puzzle]) -> None:
    lost = ByHand(by_id["FLUID_001"])
    lost.do("pour: bottle of water -> floor")
    assert "Undo" in lost.hints[1]
    closed = ByHand(next(p for p in ROOMS if not p.solvable))
    assert "Give up" in closed.hints[1]
    closed.do("give up")
    assert closed.play.outcome.out


def test_looking_tells_how_a_thing_stands_now_and_costs_nothing(by_id: dict[str, Puzzle]) -> None:
    me = ByHand(by_id["FLUID_001"])
    me.do("look: ping pong ball")
    assert "at the bottom" in me.play.steps[-1].said
    me.do("pour: bottle of water -> tube")
    me.do("look: ping pong ball")
    assert "at the bottom" not in me.play.steps[-1].said
    me.do("look")
    assert all(thing in me.play.steps[-1].said for thing in room_of(me.puzzle).things)
    assert me.play.outcome.moves == 1
    told = attempt(by_id["COLLAB_003"])  # a plan is told nothing: its results stay what they were
    assert told.do("look: wire hook").said == "Nothing useful happens."


def test_how_things_stand_never_says_what_only_the_rules_know(by_id: dict[str, Puzzle]) -> None:
    room = room_of(by_id["COLLAB_001"])
    assert not {"yes", "no", "none"} & set(stands(room, room.start).values())


def test_beginning_again_is_counted_and_practice_goes_on(by_id: dict[str, Puzzle]) -> None:
    me = ByHand(by_id["FLUID_001"])
    me.practice = True
    me.hints_taken = 2
    again = me.again()
    assert (again.starts, again.practice, again.hints_taken) == (2, True, 0)
    assert isinstance(again.play, RoomEpisode)


def test_a_play_is_told_in_sentences_whatever_word_stood_for_the_verb(by_id: dict[str, Puzzle]) -> None:
    puzzle = by_id["FLUID_001"]
    for word in MEANINGS:
        me = ByHand(puzzle)
        me.do(f"{word}: ice cube -> tube")
        me.do("give up")
        assert "Solution Steps:" in as_answer(puzzle, me.play.outcome, "because")
    me = ByHand(puzzle)
    me.do("fill: tube -> bottle of water")
    me.do("grab: ping pong ball")
    told = as_answer(puzzle, me.play.outcome, "it floats")
    assert "Fill the tube with the bottle of water." in told
    assert "Grab the ping pong ball." in told
