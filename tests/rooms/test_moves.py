"""Lines of a plan, read: what every part of a line may be, and where reading ends."""

import pytest

from escape.rooms.reading import NO_VERB, plan_lines
from escape.rooms.reading.moves import read
from escape.rooms.reading.names import MEANINGS, VERBS, Names
from tests.rooms.test_rooms import outcome

NAMES = Names(["ball", "wall", "narrow tube", "rope", "keypad", "bus", "box of nails", "box"])


def verb(line: str) -> str:
    return read(line, NAMES)[0].verb


def pairs(line: str, names: Names = NAMES) -> list[tuple[str, str]]:
    """What each move of a line does to what; fails if the line cannot be read."""
    found = read(line, names)
    assert not any(m.fault for m in found), [m.fault for m in found]
    return [(m.thing, m.second) for m in found]


def fault(line: str) -> str:
    (move,) = read(line, NAMES)
    return move.fault


@pytest.mark.parametrize(
    "said", ["then hit", "Now, please hit", "hit", "I hit", "we carefully HIT", "Ana: hit"]
)
def test_a_line_begins_with_a_verb_behind_words_of_order_and_care_alone(said: str) -> None:
    assert verb(f"{said} the ball") == "hit"


@pytest.mark.parametrize(
    "line",
    ["use ball", "rope -> ball", "ball", "Careful: do not hit the ball", "NOT hit: ball -> wall", "You don’t "
                                                                                                  "hit it",
     "You should not hit the ball", "Nobody hits the ball", "There are no blocks on the wall", "so we begin",
     "In order to get out we hit the ball", "Let us hit the ball", "The rope hits the ball by itself"],
)  # fmt: skip
def test_a_line_that_begins_with_no_verb_is_unread_whatever_it_says(line: str) -> None:
    assert fault(line)


def test_what_begins_with_no_verb_says_so_and_what_names_nothing_too() -> None:
    assert fault("use ball") == fault("ball") == NO_VERB
    assert fault("press") == "it does not name a thing"
    assert fault("drop: ball -> wall") == "“drop” is none of the verbs; say it with these"
    assert read("look", NAMES)[0].fault == read("wait", NAMES)[0].fault == ""


@pytest.mark.parametrize(
    "line",
    ["hit the ball because it is hard", "hit: ball (so that it rolls)", "hit the ball until it rolls",
     "put the ball in the box and close the lid", "pull the rope and hold it", "tie the rope to whatever is "
                                                                               "there",
     "hit: ball -> moon", "take: ball and moon", "put: ball and moon -> box", "hit the ball on the moon with "
                                                                              "the rope",
     "pull it slowly", "hit the ball to see whether it rolls"],
)  # fmt: skip
def test_one_word_that_is_nothing_leaves_the_whole_line_unread(line: str) -> None:
    assert fault(line)


def test_a_synonym_may_swap_its_things_and_a_listed_verb_never_does() -> None:
    assert MEANINGS["fill"] == ("pour", True)
    assert MEANINGS["cover"] == ("put", True)
    assert MEANINGS["toss"] == ("throw", False)
    assert MEANINGS["push"] == ("push", False)
    assert fault("fill: box") == "it does not say with what"  # at a tap, or by emptying it?
    assert not [
        (v, other.name) for v in VERBS for other in VERBS.values() if v in {*other.also, *other.swapped}
    ]


@pytest.mark.parametrize(
    "mark",
    [
        "1. ",
        "- 1) ",
        "* Step 2: ",
        "✅ ",
        "3️⃣ ",
        "👉🏽 ",
        "❖ ① ",
        "◦ ",
        "➤ 4. ",
        "~ ",
        "• (3) a) ",
        "> - ",
        "(1) ",
        "**2.** ",
    ],
)
def test_up_to_three_marks_before_a_line_are_no_part_of_it(mark: str) -> None:
    assert pairs(f"{mark}hit: ball") == [("ball", "")]


def test_a_row_of_things_before_the_arrow_is_a_row_of_moves() -> None:
    rows = {
        "put: ball, rope and keypad -> box": [("ball", "box"), ("rope", "box"), ("keypad", "box")],
        "put the ball and the rope into the box": [("ball", "box"), ("rope", "box")],
        "take: ball + rope": [("ball", ""), ("rope", "")],
        "tie: ball & rope -> wall": [("ball", "wall"), ("rope", "wall")],
        "tie: ball and rope": [("ball", "rope")],  # without an arrow these two are tied to each other
        "take: box of nails": [("box of nails", "")],
    }
    assert {line: pairs(line) for line in rows} == rows
    assert [m.symmetric for m in read("tie: ball and rope -> wall", NAMES)] == [True, True]
    assert [m.symmetric for m in read("put: ball and rope -> wall", NAMES)] == [False, False]


@pytest.mark.parametrize(
    "line", ["put: ball, box", "hit the ball with the rope and the keypad", "put: ball -> box -> bus"]
)
def test_what_goes_where_is_said_or_the_line_is_unread(line: str) -> None:
    assert "which thing goes where" in fault(line) or "more than two things" in fault(line)


def test_the_second_thing_stands_behind_an_arrow_or_a_word_of_place() -> None:
    assert pairs("hit the ball on the wall") == pairs("hit: ball -> wall") == [("ball", "wall")]
    assert pairs("push: ->  ball") == [("ball", "")]
    assert pairs(
        "Place the weight on the near hook of the beam.", Names(["near hook", "beam", "weight"])
    ) == [("weight", "near hook")]


def test_a_tool_may_be_named_first_or_second() -> None:
    assert read("push the ball with the rope", NAMES)[0].symmetric
    assert read("push the ball using the rope", NAMES)[0].symmetric
    assert not read("push the ball into the box", NAMES)[0].symmetric
    assert not read("push: ball -> rope", NAMES)[0].symmetric
    assert read("tie: ball -> rope", NAMES)[0].symmetric


def test_a_part_of_the_body_is_one_only_where_no_thing_has_its_name() -> None:
    pump = Names(["hand pump", "sack", "rope"])
    assert pairs("Pull the rope with both hands.") == [("rope", "")]
    assert pairs("Push the hand pump ten times.", pump) == [("hand pump", "")] * 10


def test_a_word_is_spoken_to_a_thing_or_to_all() -> None:
    for line in ("enter: 12 -> keypad", "enter: keypad -> 12", "type 12 on the keypad"):
        assert (read(line, NAMES)[0].thing, read(line, NAMES)[0].word) == ("keypad", "12")
    assert (read("enter: 12", NAMES)[0].thing, read("enter: 12", NAMES)[0].word) == ("", "12")
    assert (read("enter: keypad", NAMES)[0].thing, read("enter: keypad", NAMES)[0].word) == ("keypad", "")
    assert (read("say: -> ball", NAMES)[0].thing, read("say: -> ball", NAMES)[0].word) == ("ball", "")


@pytest.mark.parametrize(("word", "stem"), [("buses", ""), ("bus", "bus"), ("ropes", "rope"), ("as", "")])
def test_a_plural_is_told_from_a_word_that_ends_in_s(word: str, stem: str) -> None:
    assert NAMES.find(word) == stem


def test_a_name_without_a_word_of_its_own_is_found_as_it_is_written_alone() -> None:
    names = Names(["the one", "red ball"])
    assert names.find("the one") == "the one"
    assert names.find("a very red ball") == "red ball"
    assert names.find("moon") == names.find("these") == ""
    assert names.listed == ("the one", "red ball")
    assert Names(["ball", "ball"]).listed == ("ball",)


def test_a_plan_is_thirty_moves_wherever_they_stand() -> None:
    many = "\n".join(f"hit: ball {n}" for n in range(40))
    found = plan_lines.move_lines(f"Moves: take: rope\n{many}")
    assert found is not None
    assert (len(found), found[0], found[-1]) == (30, "take: rope", "hit: ball 28")
    blank = plan_lines.move_lines("Moves: \nhit: ball")
    assert blank == ["hit: ball"]
    assert plan_lines.move_lines("Moves:") == []
    assert plan_lines.move_lines("hit: ball") is None
    assert plan_lines.move_lines("Moves:\n" + ";".join(["hit: ball"] * 40)) == ["hit: ball"] * 30


@pytest.mark.parametrize(
    "often", ["again and again", "many times", "dozens of times", "over and over", "forty times"]
)
def test_what_is_done_many_times_is_done_so_often(often: str) -> None:
    assert len(pairs(f"Push the ball into the box, {often}.")) > 5


def test_a_wait_lasts_as_long_as_is_needed() -> None:
    for line in (
        "wait: ball (until it has cooled down)",
        "wait until the rope hangs still",
        "wait: 5 minutes",
    ):
        assert not any(m.fault for m in read(line, NAMES)), line


def test_a_manner_is_kept_apart_from_things_and_care_is_dropped() -> None:
    (move,) = read("put: ball -> box (upside down)", NAMES)
    assert (move.thing, move.second, move.manner) == ("ball", "box", "upside down")
    (move,) = read("slowly and carefully push the ball into the box", NAMES)
    assert (move.thing, move.second, move.manner) == ("ball", "box", "")


@pytest.mark.parametrize(
    ("line", "turns"),
    [("tie: rope -> post, twice", "two turns"),
     ("tie: rope -> post (2 Turns)", "two turns"),
     ("bend: rope -> post, 2-turns", "two turns"),
     ("bend: rope -> post, 2.0 turns", "two turns"), ("bend: rope -> post, 2 full turns", "two turns"),
     ("bend: rope -> post -> three turns", "three turns")],
)  # fmt: skip
def test_how_far_a_thing_is_turned_is_said_once(line: str, turns: str) -> None:
    also = {"two turns": ["twice", "twice round the post"]}
    (move,) = read(line, Names(["rope", "post", "one turn", "two turns", "three turns"], also))
    assert move.fault == ""
    assert turns in (move.number, move.second)


def test_a_figure_is_a_number_of_turns_only_before_that_word() -> None:
    names = Names(["rope", "post", "one turn", "two turns", "three turns"])
    for line in ("turn: rope for 2 seconds", "turn: rope -> post, with 2 hands"):
        assert read(line, names)[0].number != "two turns"
    (move,) = read("turn: rope -> two turns, 3 m", names)
    assert "two turns" in (move.number, move.second)
    assert len(read("rub: rope -> post, twice", names)) == 2


ARROWS = "-> → ⟶ ⟹ ➡ ➡️ ► ⇒ > -&gt; &rarr; $\\rightarrow$ \\to $\\to$ \\Rightarrow".split()


@pytest.mark.parametrize("arrow", ARROWS)
def test_every_arrow_is_one(arrow: str) -> None:
    assert outcome(f"pour: bottle of water {arrow} narrow tube\ntake: ball").out


LAYOUTS = {
    "moves by number": "Move 1: pour: bottle of water -> tube\nMove 2: take: ball",
    "numbered steps": "Step 1. pour: bottle of water -> tube\nstep 2) take: ball",
    "a speaker in front": "Ana: pour: bottle of water -> tube\nBen: take: ball",
    "a speaker and a sentence": "Ana: pour the water into the tube\nBen: take the ball",
    "together": "Together we pour the bottle of water into the tube.\nTogether we take the ball.",
    "both of us": "We both pour the water into the tube\nWe take the ball",
    "calls": "pour(bottle of water, narrow tube)\ntake(ball)",
    "calls with names": "pour(thing=bottle of water, second=narrow tube);\ntake(thing=ball);",
    "a fence": "```\npour: bottle of water -> tube\ntake: ball\n```",
    "a named fence": "```text\npour: bottle of water -> tube\ntake: ball\n```",
    "underscores": "pour: bottle_of_water -> narrow_tube\ntake: ball_",
    "italics": "_pour_: _bottle of water_ -> _tube_\n__take__: ball",
    "JSON strings": '["pour: bottle of water -> tube", "take: ball"]',
    "JSON strings on lines": '[\n  "pour: bottle of water -> tube",\n  "take: ball"\n]',
    "JSON objects": '[{"verb": "pour", "thing": "bottle of water", "second": "tube"},\n'
    '{"verb": "take", "thing": "ball", "second": null}]',
    "a table": "| # | Verb | Thing | Second thing |\n|---|---|---|---|\n| 1 | pour | bottle of water | "
    "tube |\n"
    "| 2 | take | ball | - |",
    "a table of moves": "| Move |\n| --- |\n| pour: bottle of water -> tube |\n| take: ball |",
    "one line": "pour: bottle of water -> tube; take: ball",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_plan_says_the_same_in_every_layout(layout: str) -> None:
    found = outcome(LAYOUTS[layout])
    assert found.out, [(s.move, s.said) for s in found.steps]
    assert (found.moves, found.not_understood) == (2, 0)


@pytest.mark.parametrize(
    "line", ["I give up", "We give up.", "give up", "Give up: there is no way.", "So I concede"]
)
def test_giving_up_is_heard(line: str) -> None:
    assert outcome(line).gave_up is not line.startswith("So")


def test_layout_alone_is_no_line() -> None:
    assert plan_lines.move_lines("Moves:\n```\n| --- |\n| Verb | Thing |\n```\n[\n]\n") == []
    assert plan_lines.move_lines('Moves:\n{"note": 3}') == ['{"note": 3}']


@pytest.mark.parametrize("mark", ["", "1. ", "12) ", "- ", "* ", "• "])
def test_a_call_is_read_behind_any_mark_of_a_list(mark: str) -> None:
    assert plan_lines.move_lines(f"Moves:\n{mark}pour(bottle of water, tube)") == [
        "pour: bottle of water -> tube"
    ]


@pytest.mark.parametrize(
    "line", ["Hold the rope (do not let the stone fall)", "Take ball (not the carton)", "Pull (gently)"]
)
def test_a_bracketed_remark_behind_a_list_mark_is_no_call(line: str) -> None:
    assert plan_lines.move_lines(f"Moves:\n4. {line}") == [f"4. {line}"]


@pytest.mark.parametrize(
    "word", "hang lower step stand sit lean empty break scrape squeeze drop remove screw".split()
)
def test_a_word_that_may_be_another_deed_leaves_its_line_unread(word: str) -> None:
    """No other deed is done in its place, whatever the room would make of it.

    The player is asked for it once more.
    """
    assert fault(f"{word}: ball")
    assert fault(f"{word} the ball onto the wall")


def test_each_word_means_one_verb() -> None:
    words = [word for v in VERBS.values() for word in (v.name, *v.also, *v.swapped)]
    assert len(words) == len(set(words))
    assert len(VERBS) <= 34


@pytest.mark.parametrize("line", ["turn: rope on", "turn on: rope", "turn the rope off"])
def test_turning_on_or_off_is_said_otherwise(line: str) -> None:
    assert "say which" in fault(line)
