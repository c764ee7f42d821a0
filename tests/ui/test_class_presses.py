"""Each button that a teacher and a student press in a class, and the board after it."""

import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from escape.classes import Teacher, classwork
from escape.classes.rounds import BetEntry, Prediction, Remark, Round, RoundSettings, StoredBet
from escape.results import CATEGORIES, display_name, ranking, results_sentence, usual
from escape.runs import new_run
from escape.runs.file import loads
from escape.types import ClassError, Puzzle, Run, RunConfig, Scores, Trial, Verdict, WrongCodeError
from escape.ui.class_ import notes, student, taking_home, way_in
from escape.ui.session import Seat
from tests.ui.test_class import address, board, guide, joined, kept, opens_round, press, state, teacher_of
from tests.ui.test_page import opened, texts

_ = board, guide  # the fixtures of a teacher's pages
pytestmark = pytest.mark.proof


def stuck(run: Run, n: int) -> tuple[Trial, ...]:
    """Answers that did not get out."""
    return tuple(r.trial for r in run.results if r.answer and r.outcome and not r.outcome.out)[:n]


def latest(at: AppTest) -> Round:
    return teacher_of(at).rounds()[-1]


def test_the_code_on_the_projector_leads_to_the_door_of_the_class(
    board: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = way_in.segno.make
    drawn: list[str] = []
    monkeypatch.setattr(
        way_in.segno, "make", lambda content, error: drawn.append(content) or made(content, error=error)
    )
    board.run()
    assert drawn[-1].endswith(f"?class={teacher_of(board).about().joining}")
    board.button(key="new_code").click().run()
    assert drawn[-1].endswith(f"?class={teacher_of(board).about().joining}")


def test_the_address_on_the_projector_is_one_that_others_reach(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened_at = "http://localhost:8501/?board=X"
    monkeypatch.setattr(way_in.st, "context", SimpleNamespace(url=opened_at))
    monkeypatch.setattr(way_in.net_util, "get_internal_ip", lambda: "192.0.2.7")
    for container, there in (
        (tmp_path / "none", "http://192.0.2.7:8501/"),
        (tmp_path, "http://localhost:8501/"),
    ):
        monkeypatch.setattr(way_in, "CONTAINER", container)
        assert way_in._network_address() == there


def test_a_round_is_closed_opened_again_and_revealed_by_its_buttons(board: AppTest) -> None:
    board.button(key="open_round").click().run()
    for button, then in (("next", "closed"), ("reopen", "open"), ("reveal", "revealed")):
        board.button(key=button).click().run()
        assert latest(board).state == then


def test_a_round_is_about_what_the_teacher_chose(board: AppTest) -> None:
    board.radio(key="next_way").set_value("Checklist").run()
    board.button(key="open_round").click().run()
    assert latest(board).settings.checklist
    of_kinds = (("predict", "players", ["demo:careful", "demo:hasty"]), ("play", "rooms", ["VAC_001"]))
    for kind, field, chosen in of_kinds:
        board.button(key="reveal").click().run()
        board.radio(key="next_kind").set_value(kind).run()
        board.multiselect(key=f"next_{field}").set_value(chosen).run()
        board.button(key="open_round").click().run()
        plan = latest(board).settings
        assert [*plan.players, *plan.puzzles] == chosen


def test_the_guide_shows_all_of_the_round_revealed_last_and_of_any_earlier_one(
    board: AppTest, bundled: list[Puzzle]
) -> None:
    teacher_, me = teacher_of(board), way_in.class_access().join(teacher_of(board).code, "Ada").student
    players = tuple(p.name for p in teacher_.run().config.players)[:2]
    first = teacher_.start(RoundSettings(kind="write"))
    me.hand_in(first, bundled[2])
    teacher_.reveal(first)
    second = teacher_.start(RoundSettings(kind="predict", players=players))
    me.predict(second, Prediction(winner=players[0], enough=True))
    teacher_.reveal(second)
    board.run()
    board.toggle(key="everything").set_value(True).run()
    assert "Who will do best?" in texts(board)
    board.radio(key="seen_round").set_value(first.id).run()
    assert "1 puzzle by the class." in texts(board)


def test_everything_that_was_revealed_is_taken_home(board: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher_, me = teacher_of(board), way_in.class_access().join(teacher_of(board).code, "Ada").student
    answers = stuck(teacher_.run(), 1)
    for settings in (
        RoundSettings(kind="mark", answers=answers),
        RoundSettings(kind="note", answers=answers),
    ):
        round_ = teacher_.start(settings)
        if settings.kind == "mark":
            me.mark(round_, answers[0], Verdict(judge="", scores=Scores(pus=1, sps=1, rhh=1)))
        else:
            me.remark(round_, answers[0], Remark(text="it leaks"))
        teacher_.reveal(round_)
    offered: dict[str, Any] = {}
    button = streamlit.download_button
    monkeypatch.setattr(
        taking_home.st,
        "download_button",
        lambda *args, **more: offered.update({more["key"]: args[1]}) or button(*args, **more),
    )
    board.run()
    board.toggle(key="drawer").set_value(True).run()
    table = list(csv.DictReader(io.StringIO(offered["class_csv"]())))
    assert {row["round"] for row in table} == {"1", "2"}
    teacher_.set_run(new_run(RunConfig(), [p for p in teacher_.run().puzzles if p.problem_id == "UV_001"]))
    board.run()  # the class goes on with another run; what was written stays with the first
    assert "human:S01" in {o.verdict.judge for o in loads(offered["class_run"](), "x").opinions if o.verdict}


def test_a_bet_is_the_one_that_was_pressed(board: AppTest) -> None:
    teacher_, me = teacher_of(board), joined(board)
    plans = tuple(
        StoredBet(problem_id="FLUID_001", by="x", lines=(f"take: ping pong ball{' ' * n}",)) for n in range(2)
    )
    round_ = teacher_.start(RoundSettings(kind="bet", bets=plans))
    me.run()
    for words in ("It gets out", "It gets stuck"):
        press(me, words)
        assert "Your bet is in." in texts(me)
    mine = state(me).seat.student
    assert mine is not None
    said = {int(i): BetEntry.model_validate_json(b).out for i, b in mine.mine(round_).items()}
    assert said == {0: True, 1: False}
    teacher_.reveal(round_)
    me.run()
    table = texts(me).partition("Your bets")[2]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)]
    # the bet, and what came of it
    assert [row[-2:] for row in rows if row] == [["out", "stuck"], ["stuck", "stuck"]]


def test_a_vote_is_what_was_chosen_and_may_be_changed(board: AppTest) -> None:
    teacher_, me = teacher_of(board), joined(board)
    players = tuple(p.name for p in teacher_.run().config.players)[:2]
    round_ = teacher_.start(RoundSettings(kind="predict", players=players))
    me.run()
    for winner, enough in ((0, "no"), (1, "yes")):
        if winner:  # what was said before stands there
            assert (me.radio[0].value, me.radio[1].value) == (players[0], "no")
        me.radio[0].set_value(players[winner])
        me.radio[1].set_value(enough)
        press(me, "Vote")
    mine = state(me).seat.student
    assert mine is not None
    assert Prediction.model_validate_json(mine.mine(round_)["guess"]) == Prediction(
        winner=players[1], enough=True
    )


def test_a_page_that_waits_sees_every_change_of_its_round(board: AppTest) -> None:
    teacher_, me = teacher_of(board), state(joined(board)).seat.student
    assert me is not None
    seen = [student._round_state(me.round())]
    round_ = teacher_.start(RoundSettings(kind="write"))
    seen.append(student._round_state(me.round()))
    for change in (teacher_.close, teacher_.reveal):
        change(round_)
        seen.append(student._round_state(me.round()))
    assert len(set(seen)) == 4


def test_the_code_of_a_class_typed_on_the_front_page_leads_to_its_door(board: AppTest) -> None:
    at = opened()
    at.text_input(key="class_code").set_value(f" {teacher_of(board).code.lower()} ")
    press(at, "Join")
    assert address(at) == {"class": teacher_of(board).code}
    assert at.title[0].value == "Join a class"


def test_an_answer_in_words_is_handed_in(board: AppTest) -> None:
    me = joined(board)
    round_ = teacher_of(board).start(RoundSettings(kind="play", puzzles=("FLUID_001",)))
    me.run()
    next(t for t in me.text_area if t.label.startswith("How do you get out")).set_value(
        "I pour the water in."
    )
    press(me, "Hand in the words")
    assert teacher_of(board).counts(round_) == (1, 1)
    assert "is handed in" in texts(me)


def test_a_room_that_is_played_again_in_another_round_begins_anew(
    board: AppTest, by_id: dict[str, Puzzle]
) -> None:
    teacher_ = teacher_of(board)
    teacher_.set_run(new_run(RunConfig(), [by_id["BAL_003"]]))
    me = joined(board)
    for n in range(2):
        round_ = teacher_.start(RoundSettings(kind="play", puzzles=("BAL_003",)))
        me.run()
        assert "there is no way out of this room" not in texts(me), n
        next(w for w in me.text_input if "write a move" in w.label).set_value("give up")
        press(me, "Do this move")
        assert "there is no way out of this room" in texts(me)
        teacher_.close(round_)


def test_a_students_name_for_a_failure_is_kept_and_may_be_changed(board: AppTest) -> None:
    teacher_, me = teacher_of(board), joined(board)
    round_ = teacher_.start(RoundSettings(kind="note", answers=stuck(teacher_.run(), 1)))
    me.run()
    next(t for t in me.text_input if t.label == "In one line").set_value("It leaks.")
    next(s for s in me.selectbox if s.label.startswith("Of which kind")).set_value(CATEGORIES[1])
    press(me, "Save")
    (entry,) = teacher_.data.rows.entries(round_.id)
    assert Remark.model_validate_json(entry.body) == Remark(text="It leaks.", category=CATEGORIES[1])
    teacher_.reveal(round_)
    board.run()
    board.toggle(key="everything").set_value(True).run()
    board.selectbox(key=f"group {round_.id} {classwork.group_key(entry)}").set_value(CATEGORIES[0]).run()
    assert latest(board).settings.groups == {classwork.group_key(entry): CATEGORIES[0]}


def test_the_door_is_prolonged_and_shut_by_its_buttons(board: AppTest) -> None:
    for button, lets_in in (("close_joining", False), ("extend_joining", True), ("close_joining", False)):
        board.button(key=button).click().run()
        if lets_in:
            way_in.class_access().join(teacher_of(board).code, "Bo")
        else:
            with pytest.raises(ClassError, match="nobody new"):
                way_in.class_access().join(teacher_of(board).code, "Late")


def test_what_the_class_and_the_judge_differ_on_most_stands_first(board: AppTest) -> None:
    teacher_ = teacher_of(board)
    run = teacher_.run()
    best = next(r for r in run.results if r.verdict and r.verdict.scores.pus == r.verdict.scores.sps == 2)
    worst = next(r for r in run.results if r.verdict and r.verdict.scores.pus == r.verdict.scores.sps == 0)
    ada = way_in.class_access().join(teacher_.code, "Ada").student
    for answers in ((best, worst), (worst, best)):
        round_ = teacher_.start(RoundSettings(kind="mark", answers=tuple(r.trial for r in answers)))
        for r in answers:  # the class agrees with the judge on one of them
            ada.mark(round_, r.trial, Verdict(judge="", scores=Scores(pus=2, sps=2, rhh=1)))
        teacher_.reveal(round_)
        board.run()
        board.toggle(key="everything").set_value(True).run()
        first = next(e.label for e in board.expander if ". Physical" in e.label)
        assert "Physical Understanding: class 2, judge 0" in first


@pytest.mark.parametrize(("number", "players"), [("1", ["lark", "owl"]), ("3", ["scholar", "tinkerer"])])
def test_a_lesson_is_about_the_players_that_it_names(number: str, players: list[str]) -> None:
    at = opened(lesson=number)
    at.button(key="lesson_asked").click().run()
    assert [display_name(p) for p in teacher_of(at).run().players] == players
    assert all(p in notes.lessons()[number].players for p in players)


def test_who_was_taken_out_is_told_and_finds_the_way_back_to_the_page(board: AppTest) -> None:
    me = joined(board)
    teacher_of(board).remove(*teacher_of(board).members())
    me.run()
    assert not me.exception
    assert "taken you out" in texts(me)
    me.button(key="back_to_page").click().run()
    assert not address(me)


def test_a_class_has_the_puzzles_of_the_set_up_and_its_lesson_can_begin(board: AppTest) -> None:
    assert {p.problem_id for p in teacher_of(board).run().puzzles} > {"FLUID_001", "VAC_001"}
    at = opened(lesson="5")
    at.button(key="lesson_asked").click().run()
    assert latest(opens_round(at)).settings.kind == "bet"


def test_wrong_codes_are_answered_ever_later_up_to_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(way_in, "time", SimpleNamespace(monotonic=lambda: now[0]))
    seat = Seat()

    def refuse() -> None:
        raise WrongCodeError("no class with that code")

    def told() -> str:
        with pytest.raises(ClassError) as caught:
            way_in.enter(seat, refuse)
        return str(caught.value)

    assert {told() for _ in range(6)} == {"no class with that code"}
    assert told() == "too many wrong codes; try again in 2 seconds"
    for _ in range(20):
        now[0] += 60
        assert told() == "no class with that code"
    assert told() == "too many wrong codes; try again in 60 seconds"


def test_a_taken_nickname_is_no_wrong_code() -> None:
    seat = Seat(wrong=3)

    def refuse() -> None:
        raise ClassError("that nickname is taken")

    for _ in range(9):
        with pytest.raises(ClassError, match="taken"):
            way_in.enter(seat, refuse)
    assert seat.wrong == 3
    assert way_in.enter(seat, lambda: "in") == "in"
    assert seat.wrong == 0


def test_what_was_handed_in_is_ticked_and_what_is_left_is_not(board: AppTest) -> None:
    teacher_, me = teacher_of(board), joined(board)
    teacher_.start(RoundSettings(kind="note", answers=stuck(teacher_.run(), 3)))
    me.run()
    next(t for t in me.text_input if t.label == "In one line").set_value("It leaks.")
    press(me, "Save")
    (options,) = [[*p.options] for p in me.button_group if p.label == "Answer"]
    assert sorted(o.endswith("✓") for o in options) == [False, False, True]


def test_a_nickname_typed_with_the_press_is_the_one_given(board: AppTest) -> None:
    joined(board)
    board.run()
    (one,) = teacher_of(board).members()
    board.text_input(key=f"rename_{one.id}").set_value("Bea")
    board.button(key="rename").click().run()
    assert [m.nickname for m in teacher_of(board).members()] == ["Bea"]


def test_two_boards_of_one_teacher_do_not_undo_each_other(board: AppTest) -> None:
    board.run()
    teacher_of(board).expect(30)  # at another board
    board.run()
    assert (teacher_of(board).about().seats, board.number_input(key="seats").value) == (30, 30)
    board.number_input(key="seats").set_value(12).run()
    assert teacher_of(board).about().seats == 12


def voting(board: AppTest) -> tuple[Teacher, AppTest, Round, tuple[str, ...]]:
    """A teacher, a student's page, an open round of prediction, and the players to vote on."""
    teacher_, me = teacher_of(board), joined(board)
    players = tuple(p.name for p in teacher_.run().config.players)[:2]
    vote = teacher_.start(RoundSettings(kind="predict", players=players))
    return teacher_, me.run(), vote, players


def test_what_came_too_late_is_said_at_once_and_not_in_the_next_round(board: AppTest) -> None:
    teacher_, me, vote, players = voting(board)
    me.radio(key=f"predict_{vote.id}_who").set_value(players[0])
    me.radio(key=f"predict_{vote.id}_enough").set_value("yes")
    teacher_.close(vote)
    press(me, "Vote")
    assert "this round is closed" in texts(me)
    teacher_.reveal(vote)
    teacher_.start(RoundSettings(kind="predict", players=players))
    me.run()
    assert "this round is closed" not in texts(me)


def test_a_vote_lacks_nothing_or_says_what(board: AppTest) -> None:
    teacher_, me, vote, _players = voting(board)
    press(me, "Vote")
    assert "Answer both questions." in texts(me)
    assert teacher_.counts(vote) == (0, 0)


def test_a_students_result_is_that_of_the_board(board: AppTest, bundled: list[Puzzle]) -> None:
    teacher_, me, vote, players = voting(board)
    one = state(me).seat.student
    assert one is not None
    one.predict(vote, Prediction(winner=players[0], enough=True))
    teacher_.close(vote)
    teacher_.set_run(new_run(RunConfig(), bundled))  # what the class is about from now on
    teacher_.reveal(vote)
    me.run()
    shown = texts(me)
    assert f"What came out: {results_sentence(ranking(teacher_.run(), usual(teacher_.run())))}" in shown


def test_who_was_taken_out_may_ask_to_come_in_again(board: AppTest) -> None:
    me = joined(board)
    teacher_of(board).remove(*teacher_of(board).members())
    me.run()
    me.run()
    assert me.text_input(key="join_name")
    me.text_input(key="join_code").set_value(teacher_of(board).about().joining)
    me.text_input(key="join_name").set_value("Ada")
    press(me, "Join")
    assert "Welcome, Ada." in texts(me)


def test_the_puzzle_that_was_kept_last_is_the_one_that_is_handed_in(board: AppTest) -> None:
    me = joined(board)
    round_ = teacher_of(board).start(RoundSettings(kind="write"))
    me.run()
    for name in ("OWN_1", "OWN_2"):
        me.selectbox(key="work_from").set_value("FLUID_001").run()
        me.button(key="work_begin").click().run()
        me.text_input(key=f"work_problem_id_{state(me).workshop.edition}").set_value(name).run()
        press(me, "Keep this puzzle")
        me.button(key="hand_in").click().run()
    one = state(me).seat.student
    assert one is not None
    assert set(one.mine(round_)) == {"OWN_1", "OWN_2"}


def test_a_board_opens_by_its_code_however_it_is_written(board: AppTest) -> None:
    code = teacher_of(board).code
    secret = kept(board)[f"teach_{code}"]
    again = opened(board=f"{code[:3]}-{code[3:]}".lower())
    next(t for t in again.text_input if t.label.startswith("Your teacher's word")).set_value(secret)
    press(again, "Come back")
    again.run()
    assert address(again)["board"] == code
    assert state(again).seat.teacher


def test_why_a_line_was_no_move_is_not_said_in_another_room(board: AppTest) -> None:
    me = joined(board)
    round_ = teacher_of(board).start(RoundSettings(kind="play", puzzles=("FLUID_001", "VAC_001")))
    press(me.run(), "Do it")
    assert "Choose a thing and what" in texts(me)
    me.pills(key=f"play_{round_.id}").set_value("VAC_001").run()
    assert "Choose a thing and what" not in texts(me)


def test_a_student_is_told_whether_the_judge_was_more_generous_or_stricter(board: AppTest) -> None:
    teacher_ = teacher_of(board)
    best = next(
        r for r in teacher_.run().results if r.verdict and r.verdict.scores.pus == r.verdict.scores.sps == 2
    )
    me = joined(board)
    round_ = teacher_.start(RoundSettings(kind="mark", answers=(best.trial,)))
    student = state(me).seat.student
    assert student
    student.mark(round_, best.trial, Verdict(judge="", scores=Scores(pus=0, sps=0, rhh=1)))
    teacher_.reveal(round_)
    assert "more generous than you" in texts(me.run())


@pytest.mark.parametrize("enough", [True, False])
def test_who_comes_back_to_a_vote_finds_it_as_it_was(board: AppTest, *, enough: bool) -> None:
    teacher_ = teacher_of(board)
    me = joined(board)
    round_ = teacher_.start(RoundSettings(kind="predict", players=("demo:careful", "demo:hasty")))
    student = state(me).seat.student
    assert student
    student.predict(round_, Prediction(winner="demo:hasty", enough=enough))
    me.run()
    assert [r.value for r in me.radio] == ["demo:hasty", "yes" if enough else "no"]
