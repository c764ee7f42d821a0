"""Amounts: how they are said, what a room makes of them, and what is unread whatever the room."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator

import pytest

from escape.puzzles import files
from escape.puzzles.recorded import FOLDER
from escape.puzzles.sample_plans import SamplePlan
from escape.rooms import VERBS, Room, RoomEpisode, move_text, plans, room_of
from escape.rooms.play import MEASURED
from escape.rooms.reading import PORTIONS, exact_amount
from escape.rooms.reading.amounts import read_amount
from escape.rooms.reading.moves import read
from escape.types import Amount, Puzzle, Range, normalized_name, stretches

ROOMS = {p.problem_id: p for path in files.sets_in(files.BUNDLED).values() for p in files.shared(path)}
MEASURING = sorted(
    i for i, p in ROOMS.items() if p.world and any(r.amount is not None for r in p.world.rules)
)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("20 cm", 20, "cm"),
        ("20cm", 20, "cm"),
        ("200 mm", 200, "mm"),
        ("0.2 metres", 0.2, "m"),
        ("180°", 180, "degrees"),
        ("half a turn", 0.5, "turns"),
        ("a quarter of a turn", 0.25, "turns"),
        ("two turns", 2, "turns"),
        ("2 1/2 turns", 2.5, "turns"),
        ("one and a half turns", 1.5, "turns"),
        ("8 full turns", 8, "turns"),
        ("1/2", 0.5, "of it"),
        ("half", 0.5, "of it"),
        ("two thirds", 2 / 3, "of it"),
        ("50 %", 50, "%"),
        ("3 dl", 3, "dl"),
        ("12 inches", 12, "inches"),
        ("about 5 kg", 5, "kg"),
    ],
)
def test_an_amount_is_a_number_and_its_unit_however_it_is_written(
    text: str, number: float, unit: str
) -> None:
    assert exact_amount(text) == Amount(number, unit)


@pytest.mark.parametrize("text", ["20", "seven", "a rope", "cm", "turns", "twice", "20 apples", "in two"])
def test_a_number_without_a_unit_is_no_amount(text: str) -> None:
    assert read_amount(text.split()) == (0, None)


def test_the_same_amount_in_other_units_is_the_same() -> None:
    assert Amount(0.2, "m").size == Amount(20, "cm").size == Amount(200, "mm").size
    assert Range(unit="turns", least=0.5, most=0.5).holds(Amount(180, "degrees"))
    assert not Range(unit="cm").holds(Amount(1, "turns"))


@pytest.mark.parametrize(
    "line",
    ["put: wooden ruler -> glass strip, 20 cm", "put: wooden ruler -> glass strip (20 cm)",
     "**Put:** wooden ruler → glass strip, $20\\,\\text{cm}$", "put the ruler on the glass strip at 200 mm",
     "| 1 | put | wooden ruler | glass strip, 20 cm |", "put: wooden ruler -> 20 cm mark",
     "lay: ruler -> strip at 20cm", "1. put(wooden ruler, glass strip at 0.2 m)"],
)  # fmt: skip
def test_an_amount_is_read_in_every_layout(line: str) -> None:
    puzzle = ROOMS["MAT_001"]
    rest = "rub: flint -> strip\nbend: strip -> table\nput: strip -> clip"
    plan = SamplePlan(writer="w", sound=True, moves=f"{line}\n{rest}")
    assert plans.carry_out(plans.attempt(puzzle), plan.lines(puzzle)).outcome.out


@pytest.mark.parametrize(
    ("room", "line", "why"),
    [("MAT_001", "put: wooden ruler -> glass strip", "such as cm"),
     ("MECH_002", "turn: nut -> spanner", "such as turns"),
     ("E3_STRING", "push: wooden peg -> string", "such as 1/4"),
     ("LIGHT_002", "turn: slide", "such as degrees"),
     ("MAT_001", "put: wooden ruler -> glass strip, 2 turns", "such as cm"),
     ("MAT_001", "put: wooden ruler -> glass strip, 20 cm, 6 cm", "more than one amount"),
     ("FLUID_001", "pour: bottle of water -> tube, 40 ml", "measures out 40 ml")],
)  # fmt: skip
def test_a_line_without_its_amount_or_with_another_is_unread_and_says_why(
    room: str, line: str, why: str
) -> None:
    assert why in plans.attempt(ROOMS[room]).fault(line)


# room -> what its reference says, and with which other amounts its way still gets out, or does not
TRIED = {
    "MAT_001": ("20 cm", ["200 mm", "19.95 cm", "6 cm"],
                ["21 cm", "19 cm", "24 cm", "16 cm", "10 cm", "40 cm", "13 cm"]),
    "MAT_002": ("2 turns", ["2.1 turns", "1.9 turns", "1.6 turns", "720 degrees"],
                ["2.4 turns", "1 turn", "4 turns", "3 turns"]),
    "MAT_002.twist": ("2 turns", ["2.1 turns", "1.9 turns", "1.6 turns"],
                      ["2.4 turns", "1 turn", "4 turns", "3 turns"]),
    "MECH_002": ("8 turns", ["8.4 turns", "7.6 turns", "7.5 turns", "9.6 turns", "16 turns"],
                 ["7 turns", "6.4 turns", "6 turns", "4 turns"]),
    "E3_STRING": ("1/2", ["50 %", "half", "half way"], ["52.5 %", "47.5 %", "60 %", "1/4", "1/3", "100 %"]),
    "HARD_LIGHT_001": ("30 degrees", ["30°", "30 mark"],
                       ["31.5 degrees", "36 degrees", "60 degrees", "15 degrees", "45 degrees"]),
    "LIGHT_002": ("180 degrees", ["half a turn", "171 degrees", "189 degrees", "upside down"],
                  ["144 degrees", "216 degrees", "360 degrees", "90 degrees", "a quarter of a turn"]),
}  # fmt: skip


@pytest.mark.parametrize("room", TRIED)
def test_what_happens_with_a_right_and_with_a_wrong_amount_is_what_would(room: str) -> None:
    written, right, wrong = TRIED[room]
    puzzle = ROOMS[room]
    assert puzzle.world
    lines = puzzle.world.moves
    assert any(written in line for line in lines)
    for amount, gets_out in [(written, True), *((a, True) for a in right), *((a, False) for a in wrong)]:
        answer = "Moves:\n" + "\n".join(line.replace(written, amount) for line in lines)
        outcome = plans.outcome(puzzle, answer)
        assert outcome is not None
        assert (outcome.out, outcome.not_understood) == (gets_out, 0), (
            amount,
            [s.said for s in outcome.steps],
        )


def test_amounts_add_up() -> None:
    room = room_of(ROOMS["MECH_002"])

    def shutter(*amounts: str) -> str:
        episode = RoomEpisode(room)
        for line in (*ROOMS["MECH_002"].world.moves[:3], *(f"turn: nut -> spanner, {a}" for a in amounts)):  # type: ignore[union-attr]
            assert episode.do(line).understood
        return episode.state[room.facts.index("shutter")]

    assert shutter("4 turns") == "8 mm up"
    assert shutter("4 turns", "4 turns") == shutter("8 turns") == shutter(*["1 turn"] * 8) == "raised"
    assert shutter("3 turns", "3 turns") == "12 mm up"


def test_a_guess_is_an_amount_of_each_stretch_by_its_share_of_a_logarithmic_scale() -> None:
    cut = list(stretches([19.9, 20.1], "cm"))
    assert [str(amount) for amount, _ in cut] == ["10 cm", "19.9 cm", "20 cm", "20.1 cm", "100 cm"]
    assert sum(share for _, share in cut) == pytest.approx(1)
    assert cut[2][1] == pytest.approx(0.00216, rel=0.01)
    assert list(stretches([], "turns")) == [(Amount(1, "turns"), 1.0)]


@pytest.mark.parametrize("name", MEASURING)
def test_every_range_of_a_rule_has_an_amount_that_the_solver_tries(name: str) -> None:
    room = room_of(ROOMS[name])
    tried: dict[int, int] = defaultdict(int)
    for act in room.acts:
        for rule in room.rules_for(act):
            tried[rule] += 1
    assert all(tried[n] for n, rule in enumerate(room.world.rules) if rule.amount)


def test_a_room_whose_amounts_are_things_is_read_as_before() -> None:
    with (FOLDER / "frontier-rooms.jsonl").open(encoding="utf-8") as lines:
        puzzles = {
            p["problem_id"]: Puzzle.model_validate(p) for p in json.loads(next(lines))["header"]["puzzles"]
        }
        answers = [json.loads(line)["result"] for line in lines if '"result"' in line]
    for name in ("MECH_002", "MAT_001", "MAT_002", "LIGHT_002"):
        old = puzzles[name]
        assert any(room_of(old).names.is_mark(thing) for thing in room_of(old).things)
        (answer,) = (a["answer"]["text"] for a in answers if a["trial"]["problem_id"] == name)
        outcome = plans.outcome(old, answer)
        assert outcome is not None
        assert outcome.out, name
    episode = RoomEpisode(room_of(puzzles["MECH_002"]))
    assert not episode.fault("turn: nut -> spanner, eight turns")


def _cells(room: Room, dice: random.Random) -> Iterator[str]:
    verbs = [name for name, verb in VERBS.items() if not verb.takes_word]
    for _ in range(150):
        verb, thing, second = dice.choice(verbs), dice.choice(room.things), dice.choice(["", *room.things])
        amounts = Amount(2, "turns"), Amount(20, "cm"), Amount(0.25, "of it"), Amount(40, "ml")
        amount = dice.choice([None, None, *amounts])
        yield move_text(verb, thing, second if second != thing else "", amount)


@pytest.mark.parametrize("name", ROOMS)
def test_whether_a_line_is_unread_says_nothing_of_the_room_s_state_or_way_out(name: str) -> None:
    """It follows, in every state, from verb, kinds of things, and whether the pair takes an amount."""
    room, dice = room_of(ROOMS[name]), random.Random(name)
    states = dice.sample(sorted(room.graph.edges), min(4, len(room.graph.edges)))
    for line in _cells(room, dice):
        episode, faults = RoomEpisode(room), set()
        for state in states:
            episode.state = state
            faults.add(episode.fault(line))
        (fault,) = faults
        (move,) = read(line, room.names)
        verb, pair = VERBS[move.verb or "look"], (normalized_name(move.thing), normalized_name(move.second))
        pairs = [p for p in ([pair, pair[::-1]] if verb.symmetric and pair[1] else [pair]) if p[0]]
        units = [unit for p in pairs if (unit := room.unit(move.verb, *p))]
        fitting = [a for a in move.amounts if units and a.kind == Amount(1, units[0]).kind]
        is_portion = any(a.kind in PORTIONS for a in move.amounts) and room.kinds.get(pair[0]) in MEASURED
        expected = (
            bool(move.fault)
            or (bool(pairs) and not any(room.kinds[p[0]] in verb.kinds for p in pairs))
            or (not fitting and any(room.needs_amount(move.verb, *p) for p in pairs))
            or (not units and is_portion)
        )
        assert bool(fault) == expected, (line, fault)


def test_every_thing_of_a_bundled_room_has_its_kind_and_no_rule_asks_for_the_impossible() -> None:
    for puzzle in ROOMS.values():
        room = room_of(puzzle)
        assert set(room.things) == set(room.kinds), puzzle.problem_id
        for rule in room.world.rules:
            things = [normalized_name(thing) for thing in rule.thing]
            never = [v for v in rule.verbs if not any(room.is_possible(v, thing) for thing in things)]
            assert not never, (puzzle.problem_id, things, never)


def test_what_a_thing_of_its_kind_does_not_allow_is_unread_and_what_it_allows_happens_or_does_not() -> None:
    episode = plans.attempt(ROOMS["FLUID_001"])
    assert "nothing that can be done with “ping pong ball”" in episode.fault("pour: ping pong ball -> tube")
    assert episode.fault("stir: ping pong ball")
    assert not episode.fault("shake: ping pong ball")
    assert not episode.fault("throw: ice cube -> shelf")
