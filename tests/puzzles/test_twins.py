"""Twins made by code: each is proved, and differs from its puzzle in one thing only."""

from __future__ import annotations

import pytest

from escape.environments import plans as attempts
from escape.environments.rooms import solver
from escape.puzzles import controls, twins
from escape.types import Puzzle, normalized_name


@pytest.mark.parametrize("name", twins.TWIN_KINDS)
@pytest.mark.proof
def test_nearly_every_bundled_puzzle_has_a_proved_twin(name: str, every: list[Puzzle]) -> None:
    kind = twins.TWIN_KINDS[name]
    made = twins.twins(kind, every)
    wanted = sum(kind.make(p) is not None for p in every)
    assert len(made) >= 0.85 * wanted > 0
    by_id = {p.problem_id: p for p in every}
    for twin in made:
        origin = by_id[twin.parent or ""]
        assert twin.problem_id == f"{origin.problem_id}-{kind.ending}"
        assert solver.prove(twin).shortest == solver.prove(origin).shortest
        found = attempts.outcome(twin, controls.reference(twin))
        assert found is not None
        assert found.out


def test_without_herrings_none_is_left_anywhere(by_id: dict[str, Puzzle]) -> None:
    origin = by_id["FLUID_001"]
    twin = twins.without_herrings(origin)
    assert twin is not None
    assert twin.world is not None
    gone = set(map(normalized_name, origin.red_herrings))
    assert not gone & set(map(normalized_name, twin.setup.available_items))
    assert not any(gone & r.touches for r in twin.world.rules)
    assert twins.without_herrings(by_id["CIPHER_001"]) is None


def test_spare_herrings_are_answered_and_marked(by_id: dict[str, Puzzle]) -> None:
    twin = twins.more_herrings(by_id["VAC_001"])
    assert twin is not None
    new = twin.red_herrings[-1]
    found = attempts.outcome(twin, f"Moves:\nput: {new} -> can\n" + "\n".join(twin.world.moves if twin.world else ()))
    assert found is not None
    assert (found.out, found.herrings_touched) == (True, (new,))


def test_other_names_stand_everywhere_or_are_refused(by_id: dict[str, Puzzle]) -> None:
    origin = by_id["VAC_001"]
    twin = called(origin, {"suction cup": "rubber disc", "can": "tin"})
    assert twin is not None
    assert "suction cup" not in twin.setup.model_dump_json()
    assert solver.prove(twin).faults == ()
    assert twin.parent == "VAC_001"
    assert called(origin, {"can": "ruler"}) is None


def called(puzzle: Puzzle, names: dict[str, str]) -> Puzzle | None:
    return twins.other_names(puzzle.model_copy(update={"other_names": names}))


def test_a_twin_has_no_twin_of_its_own(every: list[Puzzle]) -> None:
    kind = twins.TWIN_KINDS["another order"]
    first = twins.twins(kind, every[:2])
    assert twins.twins(kind, [*every[:2], *first]) == first


def test_another_order_is_the_reverse_of_everything_listed(by_id: dict[str, Puzzle]) -> None:
    origin = by_id["VAC_001"]
    twin = twins.other_order(origin)
    assert twin is not None
    assert twin.setup.available_items == origin.setup.available_items[::-1]
    assert twin.setup.constraints == origin.setup.constraints[::-1]
    assert twin.red_herrings == origin.red_herrings[::-1]
    assert twin.solution == origin.solution


def test_spare_herrings_are_new_to_the_room_and_each_room_has_its_own(every: list[Puzzle]) -> None:
    lent = [item for puzzle in every for item in puzzle.spare_herrings]
    assert {len(puzzle.spare_herrings) for puzzle in every} <= {0, 2}
    assert len(lent) >= 60
    assert len(set(map(normalized_name, lent))) >= 0.9 * len(lent)
    for puzzle in every:
        there = {*map(normalized_name, puzzle.setup.available_items)}
        words = {w for name in there for w in name.split() if len(w) > 3}
        assert not any(words & set(normalized_name(item).split()) for item in puzzle.spare_herrings), puzzle.problem_id


def test_the_text_without_herrings_speaks_of_none_and_else_is_the_rooms_own(every: list[Puzzle]) -> None:
    made = [t for p in every if (t := twins.without_herrings(p))]
    assert len(made) == sum(bool(p.red_herrings) for p in every)
    by_id = {p.problem_id: p for p in every}
    for twin in made:
        origin = by_id[twin.parent or ""]
        told = f"{twin.setup.scenario} {' '.join(twin.setup.constraints)}".casefold()
        assert not any(normalized_name(h) in told for h in origin.red_herrings), twin.problem_id
        before = f"{origin.setup.scenario} {' '.join(origin.setup.constraints)}"
        assert len(told) <= len(before), twin.problem_id


def test_a_room_whose_text_speaks_of_a_herring_has_no_plain_twin_until_its_author_writes_one() -> None:
    told = {"scenario": "A locked door and a brick.", "available_items": ["key", "brick"], "constraints": []}
    assert twins.without_herrings(bench(setup=told)) is None
    twin = twins.without_herrings(bench(setup=told, plain={"scenario": "A locked door.", "constraints": []}))
    assert twin is not None
    assert twin.setup.scenario == "A locked door."


def test_words_inside_others_are_not_renamed(by_id: dict[str, Puzzle]) -> None:
    twin = called(by_id["VAC_001"], {"can": "tin"})
    assert twin is not None
    assert "tinnot" not in twin.model_dump_json()
    assert "scan" in twin.model_dump_json() or "can" not in twin.setup.scenario.split()


def bench(name: str = "BENCH", **more: object) -> Puzzle:
    """A room of two items, one of them a herring, with a rule for each way of naming them."""
    rules = [
        {"verbs": ["push"], "thing": "door", "at": "key", "then": {"door": "open"}, "say": "It opens."},
        {"verbs": ["hit"], "thing": ["door", "brick"], "say": "Thud."},
        {"verbs": ["put"], "thing": "key", "at": ["brick"], "say": "It lies there."},
        {"verbs": ["throw"], "thing": "brick", "say": "Thud."},
    ]
    data: dict[str, object] = {
        "problem_id": name,
        "title": "The bench",
        "family": "A",
        "setup": {"scenario": "A locked door.", "available_items": ["key", "brick"], "constraints": ["no noise"]},
        "physical_principles": ["force"],
        "red_herrings": ["brick"],
        "herring_notes": {"brick": "heavy"},
        "cues": {"brick": ["brick"], "force": ["force"]},
        "solution": {"steps": ["push the door with the key"], "key_insights": []},
        "world": {"things": ["door"], "start": {"door": "shut"}, "goal": {"door": "open"}, "rules": rules,
                  "moves": ["push: door -> key"]},
    }  # fmt: skip
    return Puzzle.model_validate(data | more)


def test_what_names_a_herring_goes_and_what_names_something_else_too_stays_without_it() -> None:
    twin = twins.without_herrings(bench())
    assert twin is not None
    assert twin.world is not None
    assert [(r.verbs, r.thing, r.at) for r in twin.world.rules] == [
        (("push",), ("door",), ("key",)),
        (("hit",), ("door",), None),
    ]
    assert twin.setup.available_items == ("key",)
    assert (twin.red_herrings, dict(twin.herring_notes), set(twin.cues)) == ((), {}, {"force"})
    assert (twin.parent, twin.title) == ("BENCH", "The bench (plain)")
    without_world = twins.without_herrings(bench(world=None))
    assert without_world is not None
    assert without_world.world is None


def test_a_twin_of_a_twin_belongs_to_the_first_puzzle() -> None:
    twin = twins.other_order(bench(parent="FIRST"))
    assert twin is not None
    assert twin.parent == "FIRST"
    assert twins.other_order(bench(setup={"scenario": "s", "available_items": ["key"], "constraints": []},
                                   red_herrings=[], herring_notes={}, cues={}, world=None)) is None  # fmt: skip


def test_spare_herrings_join_the_room_with_a_rule_of_their_own() -> None:
    spare = {"kite": "There is no wind.", "drum (small)": "It only makes a noise."}
    twin = twins.more_herrings(bench(spare_herrings=spare))
    assert twin is not None
    assert twin.red_herrings == ("brick", "kite", "drum (small)")
    assert twin.setup.available_items == ("key", "brick", "kite", "drum (small)")
    assert dict(twin.herring_notes) == {"brick": "heavy"} | spare
    assert twin.world is not None
    assert [(r.thing, r.say) for r in twin.world.rules[-2:]] == [((k,), v) for k, v in spare.items()]
    assert (len(twin.world.rules), dict(twin.spare_herrings)) == (6, {})
    assert twins.more_herrings(bench()) is None


def test_longer_names_are_changed_before_those_inside_them_and_taken_words_are_refused() -> None:
    room = bench(setup={"scenario": "A Key and a key ring.", "available_items": ["key", "brick", "key ring"],
                        "constraints": []}, other_names={"key": "pin", "key ring": "hoop"})  # fmt: skip
    twin = twins.other_names(room)
    assert twin is not None
    assert twin.setup.scenario == "A pin and a hoop."
    assert twin.setup.available_items == ("pin", "brick", "hoop")
    assert (twin.other_names, twin.problem_id, twin.family) == ({}, "BENCH-names", "A")
    assert twins.other_names(bench()) is None
    assert twins.other_names(bench(other_names={"key": "door"})) is None


def test_a_room_that_cannot_be_proved_has_no_twin_and_a_puzzle_without_a_room_has() -> None:
    kind = twins.TWIN_KINDS["another order"]
    unproved = bench("STUCK")
    assert unproved.world is not None
    stuck = unproved.model_copy(update={"world": unproved.world.model_copy(update={"goal": {"door": "gold"}})})
    found = twins.twins(kind, [bench(), stuck, bench("FLAT", world=None), bench("TWIN", parent="BENCH")])
    assert [t.problem_id for t in found] == ["BENCH-order", "FLAT-order"]
