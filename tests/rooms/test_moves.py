"""Lines of a plan, read: what every part of a line may be, and where reading ends."""

from __future__ import annotations

import pytest

from escape.rooms.reading import plan_lines
from escape.rooms.reading.moves import read
from escape.rooms.reading.names import Names
from escape.rooms.reading.verbs import MEANINGS, VERBS

NAMES = Names(["ball", "wall", "narrow tube", "rope", "keypad", "bus", "box of nails", "box"])


def verb(line: str) -> set[str]:
    return {v for v, _ in read(line, NAMES)[0].verbs}


@pytest.mark.parametrize("said", ["hitting", "hitted", "hits", "hit,", "then hit", "now please hit", "hit"])
def test_a_verb_is_known_in_its_forms_and_after_words_that_lead_up_to_it(said: str) -> None:
    assert verb(f"{said} the ball") == {"hit"}


def test_a_verb_is_sought_among_four_words_and_behind_words_that_lead_up_to_it_alone() -> None:
    assert verb("now then please hit ball") == {"hit"}
    for said in ("use hit", "now then please try hit"):  # another word, and the fifth
        assert read(f"{said} ball", NAMES)[0].fault == "it does not start with one of the verbs"


def test_a_short_ending_is_part_of_its_word() -> None:
    assert verb("ties: rope -> ball") == verb("tied: rope -> ball") == {"tie"}
    assert verb("cutting: rope") == {"cut"}
    assert verb("pressing: ball") == {"press"}
    assert verb("sing: ball") == {"say"}
    assert verb("ing: ball") == verb("bed: ball") == set()


def test_a_synonym_may_swap_its_things_and_a_verb_of_the_list_means_itself_alone() -> None:
    assert MEANINGS["fill"] == (("pour", True),)
    assert MEANINGS["cover"] == (("put", True),)
    assert MEANINGS["dump"] == (("pour", False),)
    assert MEANINGS["push"] == (("push", False),)
    assert set(MEANINGS["move"]) == {("put", False), ("push", False), ("pull", False)}


@pytest.mark.parametrize("mark", ["1. ", "- 1) ", "* Step 2: ", "• (3) a) ", "> - "])
def test_up_to_three_marks_before_a_line_are_no_part_of_it(mark: str) -> None:
    (move,) = read(f"{mark}hit: ball", NAMES)
    assert (move.text, move.thing) == ("hit: ball", "ball")


def test_a_colon_after_more_than_three_words_is_part_of_what_is_said() -> None:
    assert read("hit the big ball: hard", NAMES)[0].thing == "ball"
    assert read("hit it hard: ball", NAMES)[0].thing == "ball"
    assert read("hit ball", NAMES)[0].thing == "ball"


def test_an_arrow_without_a_verb_needs_a_thing_before_it() -> None:
    assert verb("rope -> ball") == {"put", "join"}
    assert read("moon -> ball", NAMES)[0].fault == "it does not start with one of the verbs"
    assert read("ball", NAMES)[0].fault == "it does not start with one of the verbs"
    assert verb("hit rope -> ball") == {"hit"}


def test_a_row_of_things_before_the_arrow_is_a_row_of_moves() -> None:
    rows = {
        "put: ball, rope and keypad -> box": [("ball", "box"), ("rope", "box"), ("keypad", "box")],
        "take: ball + rope": [("ball", ""), ("rope", "")],
        "tie: ball & rope -> wall": [("ball", "wall"), ("rope", "wall")],
        "tie: ball and rope": [("ball", "rope")],  # without an arrow these two are tied to each other
        "take: box of nails": [("box of nails", "")],
    }
    for line, meant in rows.items():
        found = read(line, NAMES)
        assert [(m.thing, m.second) for m in found] == meant, line
    for line in ("put: ball and rope -> moon", "take: ball and moon", "put: ball and moon -> box"):
        (move,) = read(line, NAMES)
        assert "moon" in move.fault, line
    assert [m.symmetric for m in read("tie: ball and rope -> wall", NAMES)] == [True, True]
    assert [m.symmetric for m in read("put: ball and rope -> wall", NAMES)] == [False, False]


def test_the_second_thing_is_the_one_that_is_here() -> None:
    (move,) = read("hit the ball on the moon with the rope", NAMES)
    assert "moon" in move.fault  # one name that is not here, and the line is not understood
    (move,) = read("hit the ball on the wall", NAMES)
    assert (move.thing, move.second) == ("ball", "wall")
    (move,) = read("push: ->  ball", NAMES)
    assert (move.thing, move.fault) == ("ball", "")


def test_a_tool_may_be_named_first_or_second() -> None:
    assert read("push the ball with the rope", NAMES)[0].symmetric
    assert read("push the ball using the rope", NAMES)[0].symmetric
    assert not read("push the ball into the box", NAMES)[0].symmetric
    assert not read("push: ball -> rope", NAMES)[0].symmetric
    assert read("tie: ball -> rope", NAMES)[0].symmetric


def test_a_word_is_spoken_to_a_thing_or_to_all() -> None:
    for line in ("enter: 12 -> keypad", "enter: keypad -> 12"):
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
    found = plan_lines.lines(f"Moves: take: rope\n{many}")
    assert found is not None
    assert (len(found), found[0], found[-1]) == (30, "take: rope", "hit: ball 28")
    blank = plan_lines.lines("Moves: \nhit: ball")
    assert blank == ["hit: ball"]
    assert plan_lines.lines("Moves:") == []
    assert plan_lines.lines("hit: ball") is None
    assert plan_lines.lines("Moves:\n" + ";".join(["hit: ball"] * 40)) == ["hit: ball"] * 30


def test_a_line_that_only_names_its_verb_needs_a_thing_unless_every_meaning_does_without() -> None:
    assert read("look", NAMES)[0].fault == ""
    assert read("rest", NAMES)[0].fault == "it does not name a thing"  # to put something down, or to wait
    assert read("press", NAMES)[0].fault == "it does not name a thing"
    assert read("let the moon", NAMES)[0].fault == ""


def test_no_verb_is_a_synonym_of_another_so_that_each_word_means_one_thing() -> None:
    assert not [(v, other.name) for v in VERBS for other in VERBS.values() if v in {*other.also, *other.swapped}]


KITCHEN = Names(
    [
        "bottle of oil",
        "long bolt",
        "iron pipe",
        "hand pump",
        "slot",
        "sack",
        "wall hook",
        "two turns",
        "rope",
        "post",
        "plank",
    ],
    {"bottle of oil": ("cap",), "wall hook": ("hook on the wall",), "iron pipe": ("rim of the pipe",)},
)


@pytest.mark.parametrize(
    ("sentence", "acts"),
    [
        ("Slip the long bolt, head upwards, into the iron pipe.", ["put long bolt iron pipe"]),
        ("Reach in under the sack and pull the rope out through the slot.", ["pull rope slot"]),
        ("Blow gently and evenly across the rim of the pipe, holding the tone for three seconds.", ["blow iron pipe"]),
        ("Work the hand pump until the sack is full and the plank floats up.", ["press hand pump"]),
        ("Keep turning the long bolt with both of your hands, steadily.", ["turn long bolt"]),
        ("Wind the rope click by click round the post, so that it grips.", ["turn rope post"]),
        ("Hang the rope by its loop on the hook on the wall.", ["put rope wall hook"]),
        ("Put the sack into the slot beside the plank, under the rim.", ["put sack slot"]),
        ("Walk out along the plank slowly and stand upright there.", ["enter plank"]),
        ("Step back from the plank and the post a little.", ["wait plank post"]),
        ("Do not pull on the rope while the sack swells.", ["wait"]),
        ("Let the other team pull the rope in, hand over hand.", ["pull rope"]),
        ("Push the sack hard into the slot, close against the post.", ["push sack slot"]),
        ("Ana presses the sack firmly against the post with her knee.", ["press sack post"]),
    ],
)
def test_a_sentence_as_a_person_writes_it_is_its_acts(sentence: str, acts: list[str]) -> None:
    found = [" ".join(filter(None, (m.verbs[0][0], m.thing, m.second))) for m in read(sentence, KITCHEN)]
    assert found[: len(acts)] == acts
    assert not any(m.fault for m in read(sentence, KITCHEN))


def test_a_plain_sentence_without_one_thing_that_is_here_is_not_understood() -> None:
    for sentence in ("Take the moon and put it into the slot at once.", "Carefully pull the crane away from the post."):
        assert any(m.fault for m in read(sentence, KITCHEN))


@pytest.mark.parametrize("often", ["again and again", "many short strokes", "dozens of times", "over and over"])
def test_what_is_done_many_times_is_done_so_often(often: str) -> None:
    assert len(read(f"Push the sack into the slot with force, {often}.", KITCHEN)) > 5


def deeds(sentence: str, last: str = "") -> list[str]:
    """What a sentence does to things of the kitchen: verbs and things, without waiting and looking."""
    read_ = read(sentence, KITCHEN, last)
    return [
        f"{m.verbs[0][0]} {m.thing}".strip() for m in read_ if not m.fault and m.verbs[0][0] not in ("wait", "look")
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Hold the plank still and do not press the sack yet.",
        "Nobody pulls the rope before the plank lies still.",
        "Never toss the sack into the slot, whatever happens.",
        "The lever presses the sack into the slot by itself.",
        "The current starts, and the door opens on its own.",
        "Let it cool down for at least an hour or two.",
        "Turn around and walk slowly back to the other door.",
    ],
)
def test_what_is_denied_or_happens_by_itself_is_no_act(sentence: str) -> None:
    assert [deed for deed in deeds(sentence, "hand pump") if not deed.startswith("hold plank")] == []


def test_a_line_that_names_nothing_is_about_the_thing_before_only_where_it_goes_on_or_says_it() -> None:
    assert deeds("Keep turning steadily until the resistance is felt.", "long bolt") == ["turn long bolt"]
    assert deeds("Pull it slowly and steadily out of the slot.", "rope") == ["pull rope"]
    for sentence in ("Stop.", "Breathe out.", "Stand back for a while."):
        assert deeds(sentence, "hand pump") == []


def test_a_warning_ends_where_the_next_act_begins_and_an_order_is_no_warning() -> None:
    assert deeds("Be sure to pull the rope out of the slot.") == ["pull rope"]
    assert deeds("Do not wait. Pull the rope out of the slot at once.") == ["pull rope"]
    assert deeds("Be careful, then pull the rope out of the slot.") == ["pull rope"]
    assert deeds("Do not pull the rope and press the sack.") == []


def test_a_part_of_the_body_is_one_only_where_no_thing_has_its_name() -> None:
    assert deeds("Put your hand on the sack and pull the rope out.") == ["pull rope"]
    assert deeds("Push the hand pump ten times and then pull the rope out.") == ["push hand pump", "pull rope"]


def test_manners_before_a_verb_part_two_acts() -> None:
    assert deeds("Take the sack and slowly push the rope into the slot.") == ["take sack", "push rope"]


def test_a_name_may_begin_with_a_word_of_place() -> None:
    names = Names(["near hook", "beam", "weight"])
    assert [(m.thing, m.second) for m in read("Hang the weight on the near hook of the beam right now.", names)] == [
        ("weight", "near hook")
    ]


@pytest.mark.parametrize(
    "line",
    ["Careful: do not press the ball", "Remember: never press the ball", "NOT hit: ball -> wall",
     "You should not press the ball to the wall", "There are no blocks on the wall",
     "You don’t press the ball", "You shouldn't press the ball", "Neither presses the ball"],
)  # fmt: skip
def test_what_is_denied_is_no_move(line: str) -> None:
    assert read(line, NAMES)[0].fault == "it does not start with one of the verbs"


@pytest.mark.parametrize(
    ("line", "turns"),
    [("tie: rope -> post, twice", "two turns"),
     ("wrap: rope -> post (2 Turns)", "two turns"),
     ("wind: rope -> post, 2-turns", "two turns"),
     ("wind: rope -> post, 2.0 turns", "two turns"), ("wind: rope -> post, 2 full turns", "two turns"),
     ("wind: rope -> post -> three turns", "three turns")],
)  # fmt: skip
def test_how_far_a_thing_is_turned_is_said_once(line: str, turns: str) -> None:
    also = {"two turns": ["twice", "twice round the post"]}
    (move,) = read(line, Names(["rope", "post", "one turn", "two turns", "three turns"], also))
    assert turns in (move.number, move.second)


def test_a_figure_is_a_number_of_turns_only_before_that_word() -> None:
    names = Names(["rope", "post", "one turn", "two turns", "three turns"])
    for line in ("turn: rope for 2 seconds", "turn: rope -> post, with 2 hands", "turn: rope -> post (step 2)"):
        assert read(line, names)[0].number != "two turns"
    (move,) = read("turn: rope -> two turns, 3 m of it left", names)
    assert "two turns" in (move.number, move.second)
    assert len(read("rub: rope -> post, twice", names)) == 2
