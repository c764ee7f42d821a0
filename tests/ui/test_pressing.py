"""Typing and pressing at once: a field and a press arrive together.

As from a quick hand, or on a busy server.
"""

import threading
from threading import Thread

import pytest
from streamlit.testing.v1 import AppTest

from escape.hosting import HOSTED_TRIALS
from escape.puzzles import files
from escape.rooms import ByHand
from escape.runs import new_run
from escape.runs.file import jsonl
from escape.types import Puzzle, Result, RunConfig, Trial
from escape.ui.session import Session
from tests.fake_server import FakeServer
from tests.ui.test_class import state
from tests.ui.test_page import (
    DEMO,
    ROOT,
    add_model,
    choose,
    finish,
    live,
    open_saved,
    open_tab,
    opened,
    press_run,
    set_up,
    texts,
)


def test_run_goes_by_repeats_and_cap_as_they_stand_when_it_is_pressed() -> None:
    at = set_up(opened())
    at.number_input(key="repeats").set_value(2)
    at.number_input(key="cap").set_value(0.25)
    at.button(key="run").click().run()
    config = finish(at) and live(at).run().config
    assert (config.repeats, config.max_cost_usd) == (2, 0.25)


def test_run_goes_by_the_players_that_are_chosen_when_it_is_pressed() -> None:
    at = set_up(opened())
    at.multiselect(key="players").set_value(["demo:hasty"])
    at.button(key="run").click().run()
    finish(at)
    assert live(at).run().players == ["demo:hasty"]


def test_a_press_on_run_that_has_nothing_to_run_is_passed_over_for_good() -> None:
    at = choose(opened(), *DEMO)
    at.multiselect(key="players").set_value([])
    at.button(key="run").click().run()
    assert at.button(key="run").disabled
    at.multiselect(key="players").set_value(["demo:hasty"]).run()
    assert state(at).shows_example
    assert not state(at).page.presses


def test_players_are_added_that_were_chosen_with_the_press() -> None:
    at = open_tab(opened(), "Test models")
    at.button(key="add").click().run()
    at.segmented_control(key="door").set_value("a script").run()
    at.multiselect(key="new_scripts").set_value(["demo:hasty"])
    at.button(key="add_player").click().run()
    assert not at.exception
    assert at.session_state["players"] == ["demo:hasty"]
    assert state(at).page.way == ""


def test_a_class_has_the_name_that_was_typed_with_the_press() -> None:
    at = opened()
    at.text_input(key="class_title").set_value("Physics 7b")
    at.button(key="open_class").click().run()
    assert not at.exception
    assert at.title[0].value == "Physics 7b"


def test_a_round_has_as_many_answers_as_were_asked_for_with_the_press() -> None:
    at = opened()
    at.button(key="open_class").click().run()
    at.number_input(key="next_answers").set_value(3)
    at.button(key="open_round").click().run()
    assert not at.exception
    teacher = state(at).seat.teacher
    assert teacher is not None
    assert len(teacher.rounds()[-1].settings.answers) == 3


def test_a_word_typed_with_the_press_is_the_one_that_is_said(by_id: dict[str, Puzzle]) -> None:
    at = opened()
    state(at).playing = ByHand(by_id["FLUID_001"])
    open_tab(at, "Play")
    at.session_state["play_thing"], at.session_state["play_verb"], at.session_state["play_more"] = (
        "tube",
        "say",
        True,
    )
    at.run()
    at.text_input(key="play_word").set_value("first").run()
    at.text_input(key="play_word").set_value("second")
    at.button(key="play_do").click().run()
    playing = state(at).playing
    assert playing is not None
    assert playing.play.steps[-1].move == "say: tube -> second"


def test_the_last_word_written_into_a_puzzle_is_kept() -> None:
    at = open_tab(opened(), "Make a room")
    at.toggle(key="work_open").set_value(True).run()
    at.selectbox(key="work_from").set_value("FLUID_001")
    at.button(key="work_begin").click().run()
    edition = state(at).workshop.edition
    at.text_input(key=f"work_problem_id_{edition}").set_value("MINE_001")
    at.text_input(key=f"work_title_{edition}").set_value("A better title")
    at.button(key="work_keep").click().run()
    assert not at.exception
    kept = next(p for p in state(at).puzzles if p.problem_id == "MINE_001")
    assert kept.name == "A better title"


def test_a_press_survives_a_drawing_that_is_broken_off() -> None:
    at = set_up(opened())
    state(at).page.presses.add("run")  # noted by the callback of a drawing that never came to the button
    at.run()
    finish(at)
    assert not state(at).shows_example
    assert not state(at).page.presses


def test_a_press_during_a_broken_drawing_is_left_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    at = set_up(opened())
    kept = Session.save

    def pressed_meanwhile(self: Session) -> None:
        kept(self)
        self.page.presses.add("run")

    monkeypatch.setattr(Session, "save", pressed_meanwhile)
    at.run()
    assert state(at).page.presses == {"run"}
    monkeypatch.setattr(Session, "save", kept)
    at.run()
    finish(at)
    assert not state(at).shows_example


@pytest.mark.proof
def test_a_drawing_waits_for_the_one_that_is_being_broken_off() -> None:
    at = opened()
    with state(at).page.drawing:
        drawing = Thread(target=at.run, daemon=True)
        drawing.start()
        drawing.join(0.3)
        assert drawing.is_alive()
    drawing.join(10)
    assert not drawing.is_alive()


def test_marks_given_while_a_round_closes_are_not_called_saved() -> None:
    at = opened()
    at.button(key="open_class").click().run()
    at.button(key="open_round").click().run()
    teacher = state(at).seat.teacher
    assert teacher is not None
    me = opened(**{"class": teacher.code})
    me.text_input(key="join_name").set_value("Ada")
    next(b for b in me.button if b.label == "Join").click().run()
    save = next(b for b in me.button if b.label == "Save")
    for score in [r for r in me.radio if r.key]:
        score.set_value(score.options[0])
    teacher.close(teacher.rounds()[-1])
    save.click().run()
    assert not me.exception
    assert teacher.counts(teacher.rounds()[-1]) == (0, 0)
    assert "Saved" not in texts(me)
    teacher.reopen(teacher.rounds()[-1])
    me.run()
    assert "0 of 6 answers done" in texts(me)
    for score in [r for r in me.radio if r.key]:
        score.set_value(score.options[0])
    next(b for b in me.button if b.label == "Save").click().run()
    assert "1 of 6 answers done" in texts(me)
    assert teacher.counts(teacher.rounds()[-1]) == (1, 1)


def test_a_typed_move_is_made_once_for_each_press() -> None:
    """On a slow server a field's text comes again with the page's next question, and moves nobody twice."""
    at = opened()
    open_tab(at, "Play")
    at.selectbox(key="play_room").set_value("FLUID_001").run()

    def made() -> list[str]:
        playing = state(at).playing
        return [s.move for s in playing.play.steps] if playing else []

    (press,) = (b for b in at.button if b.label == "Do this move")
    at.text_input(key="play_line").set_value("hit: tube")
    press.click().run()
    assert made() == ["hit: tube"]
    at.text_input(key="play_line").set_value(
        "hit: tube"
    ).run()  # as a poll of the page would send it once more
    assert made() == ["hit: tube"]
    at.text_input(key="play_line").set_value("hit: tube")
    (press,) = (b for b in at.button if b.label == "Do this move")
    press.click().run()
    assert made() == ["hit: tube", "hit: tube"]
    at.text_input(key="play_line").set_value("hti the tueb")
    (press,) = (b for b in at.button if b.label == "Do this move")
    press.click().run()
    assert made() == ["hit: tube", "hit: tube"]  # a typo is no move, and stays in the field to be mended
    assert "Not understood" in texts(at)
    assert at.text_input(key="play_line").value == "hti the tueb"
    assert not at.exception


def test_of_several_plays_of_a_room_the_first_counts(by_id: dict[str, Puzzle]) -> None:
    at, puzzle = opened(), by_id["FLUID_001"]
    open_tab(at, "Play")
    for lines in (
        ["pour: bottle of water -> floor", "give up"],
        ["pour: bottle of water -> tube", "take: ping pong ball"],
    ):
        state(at).playing = ByHand(puzzle)
        for line in lines:
            state(at).playing.do(line)
        at.run()
        assert not at.exception
        assert "got out of 0 of 1 room" in texts(at)  # the line to share


@pytest.mark.proof
@pytest.mark.parametrize("out", [True, False])
def test_a_bet_is_counted_as_right_or_wrong_by_how_the_plan_ends(
    out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[bool] = []
    monkeypatch.setattr("escape.runs.archive.count_bet", lambda plan, *, right: counted.append(right))
    at = opened()
    at.button(key="try_call").click().run()
    calling = state(at).calling
    assert calling is not None
    for bet in calling.bets:
        at.button(key="call_out" if out else "call_stuck").click().run()
        assert counted[-1] == (bet.out == out)
        at.button(key="call_next").click().run()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


@pytest.mark.proof
def test_who_gets_out_of_nothing_is_offered_told_rooms_and_judged_by_them(
    page: AppTest, both_apis: FakeServer
) -> None:
    add_model(page, "openai", "gpt-4o-mini")
    page.checkbox(key="set_rooms").uncheck().run()
    press_run(page)
    asked_before = len(both_apis.requests)
    assert "Six short rooms that say what to do" in texts(page)
    page.button(key="follow_form_ask").click().run()
    open_tab(finish(page), "Results")
    assert len(both_apis.requests) - asked_before <= 12  # six rooms, and lines of them written anew
    run = page.session_state["escape"].run
    assert {i for i in run.config.problem_ids if i.startswith("T")} == {p.problem_id for p in told()}
    assert "escapes 0 of 6 rooms whose moves are given" in texts(page)
    assert "does not write moves as asked" in texts(page)
    assert "follow_form_ask" not in {b.key for b in page.button}


def told() -> tuple[Puzzle, ...]:
    return files.shared(files.sets_in(files.BUNDLED)[files.TOLD])


@pytest.mark.proof
def test_shared_work_is_done_once_however_many_visitors_come(bundled: list[Puzzle]) -> None:
    run, times = new_run(RunConfig(), bundled), 0
    second_is_there = threading.Event()

    def make() -> int:
        nonlocal times
        times += 1
        if times == 2:
            second_is_there.set()
        second_is_there.wait(0.5)  # a second visitor comes while the first is at it
        return times

    visitors = [
        threading.Thread(target=Session([]).worked_out, args=(run, "rankings", make)) for _ in range(2)
    ]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert times == 1


def test_what_exactly_was_run_is_not_drawn_while_it_is_folded() -> None:
    assert "Puzzle set, SHA-256" not in texts(opened())


def test_more_figures_are_not_drawn_while_they_are_folded() -> None:
    at = opened()
    fold = next(e for e in at.expander if e.label == "Details")
    assert not list(fold.children)


def test_a_hosted_page_loads_no_more_answers_than_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_HOSTED", "1")
    known = files.load(files.BUNDLED)
    most = HOSTED_TRIALS // len(known) + 1
    bare = tuple(
        Result(trial=Trial(problem_id=p.problem_id, player="openai:a", repeat=n))
        for n in range(1, most + 1)
        for p in known
    )
    assert len(bare) > HOSTED_TRIALS
    data = jsonl.packed_file(new_run(RunConfig(), known).model_copy(update={"results": bare}))
    at = open_saved(opened())
    at.get("file_uploader")[0].set_value(("run.json.gz", data, "application/gzip")).run()
    assert len(live(at).run().results) <= HOSTED_TRIALS
    assert str(HOSTED_TRIALS) in texts(at).replace(",", "")
