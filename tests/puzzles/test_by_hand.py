"""A person at play: typos cost nothing, undo and hints in practice, verbs that fit, looking that tells."""

from __future__ import annotations

import statistics

import pytest

from escape.puzzles import files
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
    stands,
)
from escape.types import Puzzle

ROOMS = [p for p in files.load(files.BUNDLED) if p.world]


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
        assert any(verb in offered[thing] for verb, thing, _ in edge.acts), move_text(*edge.acts[0])


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
