"""A class on the page without a browser: a marker's page, the class's addresses, and deleting."""

import html
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from escape.classes import RoundKind, Teacher
from escape.classes.rounds import RoundSettings, StoredBet
from escape.runs import archive, new_run
from escape.store import rows, store
from escape.types import ClassError, Puzzle, RunConfig, Scores, Trial, Verdict
from escape.ui.class_ import lessons, notes, way_in
from escape.ui.class_.rounds import handing_in, next_round
from escape.ui.session import Session
from tests.rooms.test_rooms import TUBE, tube
from tests.ui.test_page import open_judge, open_saved, opened, press_run, texts


def state(at: AppTest) -> Session:
    found: Session = at.session_state["escape"]
    return found


def sent(at: AppTest) -> str:
    """Everything that the page sends to a browser: texts, and the ids and keys of fields."""

    def below(node: Any) -> Iterator[str]:
        yield str(getattr(node, "proto", ""))
        for child in getattr(node, "children", {}).values():
            yield from below(child)

    return "\n".join(below(at.main))


def address(at: AppTest) -> dict[str, str]:
    """What stands in the address bar."""
    return {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}


@pytest.fixture
def guide() -> AppTest:
    """The guide of a new class on the example."""
    at = opened()
    at.button(key="open_class").click().run()
    assert state(at).seat.teacher
    return at


@pytest.fixture
def board(guide: AppTest) -> AppTest:
    """The board of a new class, with the guide unfolded on it."""
    return on_board(guide)


def on_board(at: AppTest) -> AppTest:
    code = teacher_of(at).code
    at.query_params.clear()
    at.query_params["board"] = code
    at.run()
    return at.toggle(key="drawer").set_value(True).run()


def teacher_of(board: AppTest) -> Teacher:
    found = state(board).seat.teacher
    assert found is not None
    return found


def press(at: AppTest, label: str) -> AppTest:
    """Press the first button whose label begins so."""
    next(b for b in at.button if b.label.startswith(label)).click().run()
    assert not at.exception
    return at


def opens_round(at: AppTest) -> AppTest:
    """Turn the scenes until the lesson's next round is open."""
    before = len(teacher_of(at).rounds())
    while len(teacher_of(at).rounds()) == before:
        at.button(key="next").click().run()
    return at


def joined(board: AppTest, name: str = "Ada") -> AppTest:
    """The page of a student who has just joined."""
    teacher = teacher_of(board)
    me = opened(**{"class": teacher.about().joining})
    me.text_input(key="join_name").set_value(name)
    next(b for b in me.button if b.label == "Join").click().run()
    assert f"Welcome, {name}." in texts(me)
    return me


@pytest.mark.parametrize("way", ["remove", "rename", "nobody new|close the door"])
def test_the_teacher_can_remove_rename_and_let_nobody_new_in(board: AppTest, way: str) -> None:
    joined(board, "a rude name")
    board.run()
    offered = [
        w.label for w in (*board.button, *board.text_input, *board.selectbox, *board.checkbox, *board.toggle)
    ]
    assert any(re.search(way, label, re.IGNORECASE) for label in offered)


@pytest.mark.proof
def test_who_waits_for_the_nod_is_not_counted_as_here(board: AppTest) -> None:
    teacher = teacher_of(board)
    teacher.expect(1)
    for name in ("ada", "bo", "cy"):
        way_in.class_access().join(teacher.code, name)
    board.run()
    assert "1 person here." in texts(board)


@pytest.mark.proof
def test_a_flood_is_shown_with_the_two_presses_that_end_it(board: AppTest) -> None:
    teacher = teacher_of(board)
    for n in range(70):
        way_in.class_access().join(teacher.code, f"bot {n}")
    board.run()
    assert "61 came within" in texts(board)
    board.button(key="no_burst").click().run()
    assert "came within" not in texts(board)
    board.button(key="new_code").click().run()
    code = teacher.about().joining
    assert code != teacher.code
    assert f"?class={code}" in texts(board)  # the projector shows the new one
    assert "Welcome, Ada." in texts(joined(board))


@pytest.mark.proof
def test_a_new_code_in_a_browser_that_joined_finds_the_same_person(board: AppTest) -> None:
    me = joined(board)
    teacher = teacher_of(board)
    mine = {k: v for k, v in kept(me).items() if k.startswith("me_")}
    teacher.new_code()
    again = opened(**{"class": teacher.about().joining}, **mine)
    assert state(again).seat.student == state(me).seat.student


def kept(at: AppTest) -> dict[str, str]:
    """What a page asks its browser to remember, as drawn."""
    return dict(re.findall(r'data-keep="(\w+)" data-value="([^"]*)"', texts(at)))


@pytest.mark.proof
def test_a_browser_remembers_each_class_and_a_wrong_link_changes_nothing() -> None:
    jar: dict[str, str] = {}
    for _ in range(2):
        at = opened()
        at.button(key="open_class").click().run()
        jar |= {name: value for name, value in kept(at).items() if name.startswith("teach_")}
    first, second = (name.removeprefix("teach_") for name in jar)
    for code in (first, second):  # both boards come back in this browser
        again = state(opened(board=code, **jar)).seat.teacher
        assert again is not None
        assert again.code == code
    wrong = opened(board=first, **jar, **{"try": f"{first}.not-the-secret-at-all"})
    assert "nothing was changed" in texts(wrong)
    assert state(wrong).seat.teacher is not None  # by what the browser remembers
    assert kept(wrong) == {"try": ""}
    # in a browser that knows nothing
    right = opened(board=first, **{"try": f"{first}.{jar[f'teach_{first}']}"})
    assert state(right).seat.teacher is not None
    assert kept(right) == {"try": "", f"teach_{first}": jar[f"teach_{first}"]}
    other = opened(board=first, **{"try": f"{second}.{jar[f'teach_{second}']}"})  # a link of another class
    assert state(other).seat.teacher is None


def links(at: AppTest) -> list[str]:
    return [code.value for code in at.code if "?guide=" in code.value]


def test_the_teachers_link_can_be_had_as_long_as_its_cookie_is_there(guide: AppTest) -> None:
    code = teacher_of(guide).code
    secret = kept(guide)[f"teach_{code}"]
    assert [link.rpartition("#")[2] for link in links(guide)] == [secret]
    again = opened(guide=code, **{f"teach_{code}": secret})  # a reload, another day
    with mock.patch("escape.ui.visit.recalled", lambda name: secret if name == f"teach_{code}" else ""):
        again.run()
    assert [link.rpartition("#")[2] for link in links(again)] == [secret]
    assert not links(opened(guide=code))  # a browser that knows nothing has no class either


def test_lesson_4a_offers_the_link_at_its_start_and_at_its_end() -> None:
    at = opened(lesson="4a")
    at.button(key="lesson_asked").click().run()

    def unfolded() -> bool:
        return next(e for e in at.expander if "teacher link" in e.label).proto.expanded

    assert unfolded()
    at = opens_round(at)
    assert not unfolded()
    at.button(key="reveal").click().run()
    assert unfolded()


def test_two_pupils_use_one_device_one_after_the_other(board: AppTest) -> None:
    me = joined(board, "Ada")
    teacher = teacher_of(board)
    round_ = teacher.start(RoundSettings(kind="note", answers=(teacher.run().results[0].trial,)))
    me.run()
    field = next(f for f in me.text_input if f.label == "In one line")
    field.set_value("a secret of Ada's").run()
    me.checkbox(key="leave_ask").check().run()
    me.button(key="leave").click().run()
    assert not me.exception
    assert kept(me)[f"me_{teacher.code}"] == ""
    assert "Ada" not in sent(me)
    me.text_input(key="join_name").set_value("Bob")
    next(b for b in me.button if b.label == "Join").click().run()
    assert "a secret of Ada's" not in sent(me)
    assert state(me).seat.student is not None
    field = next(f for f in me.text_input if f.label == "In one line")
    field.set_value("Bob's line")
    next(b for b in me.button if b.label == "Save").click().run()
    teacher.reveal(round_)
    assert [(e.member, "Bob's line" in e.body) for e in teacher.entries(round_)] == [(2, True)]
    assert [m.nickname for m in teacher.members()] == ["Ada", "Bob"]


def test_somebody_is_let_in_again_as_who_they_were(guide: AppTest) -> None:
    me = joined(guide, "Ada")
    teacher = teacher_of(guide)
    guide.run()
    guide.button(key="readmit").click().run()
    word = re.search(r"the word (\w+)", texts(guide))
    assert word is not None
    again = opened(**{"class": teacher.code})
    again.text_input(key="join_word").set_value(word[1])
    next(b for b in again.button if b.label == "Come back").click().run()
    found, before = state(again).seat.student, state(me).seat.student
    assert found is not None
    assert before is not None
    assert found.member == before.member


def test_the_first_lessons_run_shows_no_figure_before_the_prediction() -> None:
    at = open_saved(opened())
    next(b for b in at.button if b.label == "Show two players on five days").click().run()
    assert not re.search(r"lark (gets out of|scores)", texts(at))


@pytest.mark.parametrize("checklist", [True, False])
def test_a_students_page_never_names_the_player_whose_answer_is_marked(
    board: AppTest, checklist: bool
) -> None:
    teacher = teacher_of(board)
    trial = Trial(problem_id="FLUID_001", player="demo:hasty")
    me = joined(board)
    teacher.start(RoundSettings(kind="mark", answers=(trial,), checklist=checklist))
    me.run()
    assert "Mark the answers" in texts(me)
    assert "hasty" not in sent(me)


def test_nor_does_a_page_on_which_one_says_what_went_wrong_or_bets(board: AppTest) -> None:
    teacher = teacher_of(board)
    me = joined(board)
    teacher.start(RoundSettings(kind="note", answers=(Trial(problem_id="FLUID_001", player="demo:hasty"),)))
    me.run()
    assert "What went wrong?" in texts(me)
    assert "hasty" not in sent(me)
    plan = StoredBet(
        problem_id="FLUID_001", by="hasty, a scripted player", lines=("take: ping pong ball",), why="no water"
    )
    teacher.start(RoundSettings(kind="bet", bets=(plan,)))
    me.run()
    assert "out or stuck?" in texts(me)
    assert "hasty" not in sent(me)
    assert "no water" not in sent(me)


def test_no_key_of_the_form_names_the_player_whose_answer_is_checked() -> None:
    at = open_judge(opened())
    at.text_input(key="spot_name").set_value("Ada").run()
    assert "Save and show what the judge said" in {b.label for b in at.button}
    assert not [w.key for w in (*at.checkbox, *at.radio, *at.text_input) if "demo:" in str(w.key)]


def test_no_mark_on_the_answer_that_is_checked_by_hand_is_on_the_page() -> None:
    at = open_judge(opened())
    at.text_input(key="spot_name").set_value("Ada").run()
    assert "Save and show what the judge said" in {b.label for b in at.button}
    # such as "careful on The tube: 4.0 apart"
    assert not [b.label for b in at.button if re.search(r"\d apart", b.label or "")]


def test_a_deleted_class_takes_its_pupils_puzzles_with_it(board: AppTest) -> None:
    teacher = teacher_of(board)
    me = joined(board)
    round_ = teacher.start(RoundSettings(kind="write"))
    me.run()
    me.selectbox(key="work_from").set_value("FLUID_001").run()
    me.button(key="work_begin").click().run()
    for name, value in (("problem_id", "PUPILS_OWN"), ("title", "A pupil's own tube")):
        me.text_input(key=f"work_{name}_{state(me).workshop.edition}").set_value(value).run()
    next(b for b in me.button if b.label == "Keep this puzzle").click().run()
    me.button(key="hand_in").click().run()
    assert teacher.counts(round_) == (1, 1)
    archive.save_changes(state(me).shelf, now=True)
    teacher.delete()
    assert not [
        row["body"] for row in store().rows(select(rows.shelves.c.body)) if "PUPILS_OWN" in row["body"]
    ]


def test_a_copied_address_does_not_let_others_write_to_ones_runs() -> None:
    mine = press_run(opened())
    theirs = opened(**address(mine))
    assert state(theirs).shelf.code != state(mine).shelf.code


def test_a_copied_address_does_not_let_others_write_as_a_student(board: AppTest) -> None:
    me = joined(board)
    theirs = opened(**address(me))
    assert state(theirs).seat.student is None


def test_a_student_hands_in_that_there_is_no_way_out(board: AppTest, by_id: dict[str, Puzzle]) -> None:
    teacher = teacher_of(board)
    teacher.set_run(new_run(RunConfig(), [by_id["BAL_003"]]))
    me = joined(board)
    round_ = teacher.start(RoundSettings(kind="play", puzzles=("BAL_003",)))
    me.run()
    line = next(w for w in me.text_input if "write a move" in w.label)
    line.set_value("give up")
    next(b for b in me.button if b.label == "Do this move").click().run()
    assert "there is no way out of this room" in texts(me)
    next(b for b in me.button if b.label == "Hand it in").click().run()
    assert teacher.counts(round_) == (1, 1)


@pytest.mark.proof
@pytest.mark.parametrize("number", [n for n in lessons.LESSONS if n != lessons.REVIEW])
def test_a_lesson_begins_with_one_press_and_each_round_with_another(number: str) -> None:
    at = opened(lesson=number)
    at.button(key="lesson_asked").click().run()
    assert not at.exception
    teacher, lesson = teacher_of(at), lessons.LESSONS[number]
    told = notes.lessons()[number]
    assert teacher.about().title == f"Lesson {number}: {told.question}"
    assert told.players in texts(at)
    minutes = [f"({note.minutes} min)" for note in told.scenes if note.name == "The task"]
    for planned, said in zip(lesson.rounds, minutes, strict=True):
        while "open the round" not in at.button(key="next").label:
            at.button(key="next").click().run()
        assert said in at.button(key="next").label
        at.button(key="next").click().run()
        plan = teacher.rounds()[-1].settings
        assert f"{plan.kind}{' by checklist' if plan.checklist else ''}" == planned
        at.button(key="reveal").click().run()


def test_the_second_sitting_goes_on_with_the_class_of_the_first(guide: AppTest) -> None:
    lost = opened(lesson="4b")
    lost.button(key="lesson_asked").click().run()
    assert "guide" not in address(lost)
    assert "open your teacher link of 4a" in texts(lost)  # beside the press
    at = opened(lesson="4a")
    at.button(key="lesson_asked").click().run()
    first = teacher_of(at)
    first.close_joining()
    opens_round(at)
    first.reveal(first.rounds()[-1])
    jar = {first.code: kept(at)[f"teach_{first.code}"], "GONE22": "an-old-secret"}
    again = opened(lesson="4b")
    with mock.patch("escape.ui.visit.recalled_under", return_value=jar):
        again.button(key="lesson_asked").click().run()
    assert address(again)["guide"] == first.code
    assert way_in.class_access().join(first.code, "Ada").student.member.code == first.code
    again.button(key="next").click().run()
    assert "Review rooms" in texts(again)
    assert [title.value.replace("\\", "") for title in again.title] == [
        "Lesson 4b: Review the rooms and run them"
    ]


def test_the_board_keeps_the_judge_and_the_names_to_itself_until_reveal(
    guide: AppTest, bundled: list[Puzzle]
) -> None:
    joined(guide, "Grace")
    guide.run()
    assert "Grace" in texts(guide)
    assert "two readers" in texts(guide)
    teacher = teacher_of(guide)
    round_ = teacher.start(next_round.settings(teacher, "mark"))
    projector = opened(board=teacher.code, **{f"teach_{teacher.code}": kept(guide)[f"teach_{teacher.code}"]})
    page = sent(projector)
    assert "Mark answers" in page
    assert "Grace" not in page
    assert "readers" not in page
    assert not {b.key for b in projector.button} & {"reveal", "close_round"}
    way_in.class_access().join(teacher.code, "Ada").student.mark(
        round_, round_.settings.answers[0], Verdict(judge="", scores=Scores(pus=0, sps=0, rhh=0))
    )
    teacher.reveal(round_)
    projector.run()
    assert "1 answer are too few to compare" in texts(projector)
    guide.run()
    guide.toggle(key="everything").set_value(True).run()
    assert "in common: too few to compare" in texts(guide)


def in_sight(at: AppTest) -> list[str]:
    """The lines of a page that nobody has unfolded: texts, and the labels and options of fields."""

    def below(node: Any) -> Iterator[str]:
        if node.type in ("expander", "selectbox"):
            yield node.label
            return
        if not getattr(node, "children", None):
            shown = (getattr(node, "label", ""), node.proto.body if node.type in ("html", "markdown") else "")
            for part in (*shown, *getattr(node, "options", ())):
                if isinstance(part, str):
                    yield re.sub(
                        r"(?s)<style>.*?</style>|<p hidden.*?</p>|<script>.*?</script>|<[^>]*>", "\n", part
                    )
        for child in getattr(node, "children", {}).values():
            yield from below(child)

    return [
        line.strip() for part in below(at.main) for line in html.unescape(part).splitlines() if line.strip()
    ]


@pytest.mark.proof
@pytest.mark.parametrize(
    ("lesson", "kind", "checklist"), [("2", "mark", False), ("2", "mark", True), ("6", "note", False)]
)
def test_a_round_of_six_answers_is_read_in_five_hundred_words(
    lesson: str, kind: RoundKind, checklist: bool
) -> None:
    """Labels and stories count.

    A line of a checklist, which stands under three answers to one room, counts once.
    """
    at = opened(lesson=lesson)
    at.button(key="lesson_asked").click().run()
    teacher = teacher_of(at)
    me = joined(at)
    teacher.start(next_round.settings(teacher, kind, checklist=checklist))
    me.run()
    lines: list[str] = []
    for answer in me.button_group[0].options[:6]:
        me.button_group[0].set_value(int(str(answer)[0]) - 1).run()
        assert not me.exception
        new = [line for line in in_sight(me) if not (checklist and line in lines)]
        lines += new
    words = [word for line in lines for word in line.split() if re.search("[A-Za-z]", word)]
    assert 150 < len(words) <= 500


@pytest.mark.parametrize("text", ["", "short", "Moves:\n1. wait\n\nWhy: it melts."])
def test_a_short_answer_is_shown_as_it_is(text: str) -> None:
    assert handing_in.excerpt(text) == text


@pytest.mark.parametrize(
    "text", ["word " * 300, "Moves:\n" + "wait\n" * 200, f"Moves:\n{'put: ' + 'x ' * 140}\n" * 5]
)
def test_a_long_answer_is_shown_in_few_words(text: str) -> None:
    assert 0 < len(handing_in.excerpt(text).split()) <= handing_in.MOST_WORDS + 1


def test_a_long_answer_begins_with_its_moves_and_then_says_why() -> None:
    why, steps = "It melts. " + "More of this. " * 60, "step " * 60
    text = f"Physical Principles:\n{why}\nSolution Steps:\n{steps}\nMoves:\n1. heat: ice"
    assert handing_in.excerpt(text).startswith("1. heat: ice\n\nPhysical Principles:\nIt melts.")
    assert "step" not in handing_in.excerpt(text)


def test_a_long_answer_is_cut_between_sentences_and_not_within_a_number() -> None:
    text = f"Moves:\n1. wait\n\nIt is 1.3 m deep. {'More of this. ' * 60}"
    assert "It is 1.3 m deep." in handing_in.excerpt(text, 20)
    headed = f"Moves:\n1. wait\n\nPhysical Principles:\n{'one long sentence ' * 60}."
    assert handing_in.excerpt(headed, 20) == "1. wait"


def test_an_address_with_a_lesson_that_does_not_exist_is_passed_over() -> None:
    for number in ("0", "7", "x"):
        assert "lesson_asked" not in {b.key for b in opened(lesson=number).button}


@pytest.mark.proof
def test_who_waits_is_let_in_at_one_press_once_there_are_more_seats(board: AppTest) -> None:
    teacher = teacher_of(board)
    teacher.expect(1)
    for name in ("Ada", "Bo", "Cy"):
        way_in.class_access().join(teacher.code, name)
    board.run()
    assert "2 people wait: all 1 seats are taken" in texts(board)
    for seats, offered in ((2, "Let in the first 1 of 2 who wait"), (3, "Let in the 2 who wait")):
        board.number_input(key="seats").set_value(seats).run()
        board.run()
        assert board.button(key="let_all_in").label == offered
    board.button(key="let_all_in").click().run()
    assert [m.standing for m in teacher.members()] == ["in"] * 3
    one = next(m for m in teacher.members() if m.nickname == "Cy")
    board.selectbox(key="person").set_value(one.id).run()
    board.text_input(key=f"rename_{one.id}").set_value("Di").run()
    board.button(key="rename").click().run()
    assert [m.nickname for m in teacher.members()] == ["Ada", "Bo", "Di"]
    board.button(key="remove").click().run()
    assert [m.nickname for m in teacher.members()] == ["Ada", "Bo"]


def test_a_student_votes_marks_and_says_what_went_wrong_on_their_page(board: AppTest) -> None:
    teacher = teacher_of(board)
    me, run = joined(board), teacher.run()
    players = tuple(p.name for p in run.config.players)[:2]
    stuck = tuple(r.trial for r in run.results if r.answer and r.outcome and not r.outcome.out)[:2]
    votes = teacher.start(RoundSettings(kind="predict", players=players))
    me.run()
    press(me, "Vote")
    assert "Answer both questions" in texts(me)
    me.radio[0].set_value(players[1])
    me.radio[1].set_value("no")
    press(me, "Vote")
    assert "Your vote is in." in texts(me)
    teacher.reveal(votes)
    noted = teacher.start(RoundSettings(kind="note", answers=stuck))
    me.run()
    for _ in stuck:
        press(me, "Save")
        assert "Write one line first" in texts(me)
        next(t for t in me.text_input if t.label == "In one line").set_value("It leaks.")
        press(me, "Save")
    assert "What the room said" in texts(me)
    teacher.reveal(noted)
    assert len(teacher.entries(noted)) == len(stuck)
    teacher.start(RoundSettings(kind="mark", answers=stuck))
    me.run()
    assert any(b.label == "Save" for b in me.button)
    assert "What the room said" not in texts(me)  # which would say whether the plan works


@pytest.mark.proof
def test_the_teacher_runs_the_class_s_puzzles_and_gives_one_more_day(
    board: AppTest, bundled: list[Puzzle]
) -> None:
    teacher = teacher_of(board)
    student = way_in.class_access().join(teacher.code, "Ada").student
    round_ = teacher.start(RoundSettings(kind="write"))
    student.hand_in(round_, bundled[2].model_copy(update={"problem_id": "MINE", "title": "My tube"}))
    teacher.reveal(round_)
    board.run()
    board.toggle(key="drawer").set_value(True).run()
    board.button(key="extend_joining").click().run()
    board.button(key="class_take").click().run()
    assert any(p.name == "My tube" for p in state(board).puzzles)
    assert "board" not in address(board)
    board.run()
    board.button(key="class_about").click().run()
    assert address(board) == {"guide": teacher.code}
    board.checkbox(key="delete_ask").check().run()
    board.button(key="delete_class").click().run()
    assert not address(board)
    with pytest.raises(ClassError):
        way_in.class_access().join(teacher.code, "Late")


def test_rooms_of_classmates_are_reviewed_without_name_or_reference(board: AppTest) -> None:
    teacher = teacher_of(board)
    pages = {name: joined(board, name) for name in ("Ada", "Bo", "Cy")}
    written = teacher.start(RoundSettings(kind="write"))
    for name, page in pages.items():
        me = state(page).seat.student
        assert me
        me.hand_in(written, tube(problem_id=f"ROOM_{name.upper()}", title=f"Room {len(name)}"))
    teacher.reveal(written)
    board.run()
    board.toggle(key="drawer").set_value(True).run()
    board.radio(key="next_kind").set_value("review").run()
    assert "3 of 3 rooms are proved" in texts(board)
    press(board, "Open the round")
    page = pages["Ada"].run()
    assert "0 of 2 rooms done" in texts(page)
    assert TUBE["solution"]["steps"][0] not in sent(page)  # the reference
    assert not re.search(r"\bBo\b|\bCy\b", sent(page))
    page.text_area[0].set_value("pour: bottle of water -> narrow tube\ntake: ball")
    page.radio[0].set_value("clear")
    press(page, "Save")
    assert "1 of 2 rooms done" in texts(page)
    press(board.run(), "Reveal")
    assert "Somebody got out of 1 of 3 rooms" in texts(board)
    assert "The class's set" in {m.label for m in board.multiselect}
    press(board, "Let the class play this set")
    assert {p.title for p in teacher.run().puzzles} == {"Room 3", "Room 2"}
