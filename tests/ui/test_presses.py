"""What the page's buttons and fields do: each is pressed, and what came of it looked at."""

import json
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from escape import hosting
from escape.hosting import Visit
from escape.metrics import METRICS
from escape.puzzles import files
from escape.results import answer_sentence, display_name, doors, figure_caption, order
from escape.rooms import ByHand
from escape.runs import archive
from escape.types import FailureKind, Mark, Puzzle, Scores, Tick, Verdict
from escape.ui import pressing, serve, server, visit
from escape.ui.play import call_it
from escape.ui.session import Session
from escape.ui.setup import another_way
from escape.ui.text import label
from tests.every_kind import every_kind
from tests.fake_server import FakeServer
from tests.small_runs import dumps, puzzles, result, run_of, verdict
from tests.ui.test_class import kept, press, state
from tests.ui.test_every_kind import shown
from tests.ui.test_judge import bring, by_model, paste
from tests.ui.test_page import (
    KEY,
    add_model,
    choose,
    finish,
    live,
    open_judge,
    open_part,
    open_saved,
    open_tab,
    opened,
    press_run,
    set_up,
    texts,
)  # fmt: skip
from tests.ui.test_shelf import restarted, three
from tests.ui.test_walks import field, lending, workshop

_ = three, lending  # fixtures
pytestmark = pytest.mark.proof


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def offered(monkeypatch: pytest.MonkeyPatch, module: Any) -> dict[str, Any]:
    """What the download buttons that a module draws hand over, by their labels."""
    found: dict[str, Any] = {}
    button = streamlit.download_button

    def offer(label: str, data: Any, *args: Any, **more: Any) -> bool:
        found[label] = data
        return bool(button(label, data, *args, **more))

    monkeypatch.setattr(module.st, "download_button", offer)
    return found


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.get("file_uploader")[0].set_value((name, data, "application/json")).run()
    return at


def mine(at: AppTest) -> AppTest:
    """A page to which a visitor has brought a room of their own."""
    text = (files.BUNDLED / "FLUID_001.json").read_text("utf-8")
    open_tab(at, "Make a room")
    return upload(
        at, "mine.json", json.dumps(json.loads(text) | {"problem_id": "MINE_1", "title": "My room"}).encode()
    )


# --- who comes back, and who is who


def test_ones_own_rooms_are_there_after_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    at = mine(opened())
    from escape.ui.workshop import puzzles

    given = offered(monkeypatch, puzzles)
    at.run()
    (save,) = [data for label, data in given.items() if label.startswith("Save yours (1")]
    assert [p.problem_id for p in files.parse(save().encode(), "x.json")] == ["MINE_1"]
    archive.save_changes(state(at).shelf, now=True)
    again = opened(mine=state(at).shelf.code)
    assert "MINE_1" in {p.problem_id for p in state(again).puzzles}


def test_a_browser_is_known_by_what_it_was_asked_to_remember(monkeypatch: pytest.MonkeyPatch) -> None:
    cookies = {"escape_mine": "abc", "escape_try": "<x>", "mine": "other"}
    monkeypatch.setattr(visit.st, "context", SimpleNamespace(cookies=cookies))
    assert [visit.recalled(name) for name in ("mine", "try", "none")] == ["abc", "", ""]


def test_pasted_answers_are_what_a_browser_remembers_a_visitor_for() -> None:
    at = opened()
    paste(at, "chat", "VAC_001", "I wait.")
    state(at).open_way("")
    at.run()
    assert kept(at).get("mine") == state(at).shelf.code


@pytest.mark.parametrize("header", server.PROXY_HEADERS)
def test_whoever_comes_through_a_proxy_is_not_on_this_machine(
    header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit.runtime, "exists", lambda: True)
    for more, local in (({header: "203.0.113.9"}, False), ({}, True)):
        context = SimpleNamespace(headers={"Host": "localhost", **more}, ip_address=None)
        monkeypatch.setattr(visit.st, "context", context)
        assert visit.host().local is local


def test_a_run_that_was_reloaded_is_watched(three: AppTest) -> None:
    live(three).watchers[:] = [lambda: False]
    opened(run=live(three).code, mine=state(three).shelf.code)
    assert live(three).alive()


def test_the_link_of_a_run_is_its_own_and_a_run_that_is_removed_is_nowhere(three: AppTest) -> None:
    open_saved(three)
    code = live(three).code
    links = [e.proto.json for e in three.get("bidi_component")]
    assert any(f"?run={code}" in link for link in links)
    secret = state(three).shelf.code
    restarted(three)
    again = open_saved(opened(mine=secret, run=code))
    gone = live(again)
    again.checkbox(key=f"remove_{code}").check().run()
    again.button(key="remove_run").click().run()
    until(lambda: gone.dropped)
    until(lambda: archive.find(code, lambda: True) is None)


# --- parts that draw themselves, and what guards the server


def test_a_part_of_the_page_draws_itself_every_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    parts: list[Callable[[], None]] = []

    def fragment(part: Callable[[], None], run_every: float | None = None) -> Callable[[], None]:
        asked.append(run_every or 0.0)
        parts.append(part)
        return part

    monkeypatch.setattr(pressing.st, "fragment", fragment)
    drawn: list[str] = []
    pressing.every(1.0, drawn.append, "now")
    pressing.every(2.0, drawn.append, "later", at_once=False)
    assert (asked, drawn) == ([1.0, 2.0], ["now"])
    parts[1]()
    assert drawn == ["now", "later"]


@pytest.mark.parametrize(("network", "space"), [(False, False), (True, False), (False, True)])
def test_a_page_is_served_to_this_machine_alone_unless_that_is_asked_for(
    network: bool, space: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    if space:
        monkeypatch.setenv("SPACE_ID", "x")
    seen: list[list[str]] = []
    monkeypatch.setenv(visit.ALONE, "")
    monkeypatch.setattr("streamlit.net_util.get_external_ip", str)
    monkeypatch.setattr("streamlit.web.cli.main", lambda: seen.append([*sys.argv]))
    monkeypatch.setattr(sys, "argv", ["escape"])
    serve.serve(None, network=network)
    line = " ".join(seen[0])
    assert visit.no_other_device() is not network
    assert ("--server.address 127.0.0.1" in line) is not network
    assert ("--server.enableXsrfProtection false" in line) is space


def test_a_hosted_page_starts_no_run_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "HOSTED_TRIALS", 4)
    monkeypatch.setenv("ESCAPE_HOSTED", "1")
    at = set_up(opened())
    at.button(key="run").click().run()
    assert "this hosted page runs up to 4 at once" in texts(at)
    assert state(at).shows_example


# --- money


def of_a_model(at: AppTest) -> AppTest:
    open_tab(at, "Test models").checkbox(key="marks").uncheck().run()
    return choose(at, "openai:gpt-4o")


def test_a_visitors_share_gets_smaller_with_every_run(lending: None) -> None:
    at = press_run(of_a_model(opened()))
    loan = live(at).loan
    assert loan is not None
    loan.loans.settle(loan.token, 0.9)
    press_run(at)
    loan = live(at).loan
    assert loan is not None
    assert loan.usd == pytest.approx(0.1)
    loan.loans.settle(loan.token, 0.1)
    set_up(at).button(key="run").click().run()
    assert "you have used your share" in texts(at)


def test_a_days_cap_holds_for_all_visitors(lending: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_DAY_CAP_USD", "0.1")
    at = press_run(of_a_model(opened()))
    loan = live(at).loan
    assert loan is not None
    assert loan.usd == pytest.approx(0.1)


def test_a_run_that_goes_on_has_spent_what_it_had_spent(both_apis: FakeServer) -> None:
    at = add_model(opened(), "openai", "gpt-4o")
    press_run(choose(at, "openai:gpt-4o", "openai:unknown-m"))
    cost = sum(r.cost_usd or 0.0 for r in live(at).run().results)
    at.button(key="retry").click().run()
    finish(at)
    assert cost > 0
    execution = live(at).execution
    assert execution is not None
    assert execution.plan.spent_usd == pytest.approx(cost)


def test_limits_reach_the_models(both_apis: FakeServer) -> None:
    at = add_model(opened(), "openai", "gpt-4o")
    at.number_input(key="limit").set_value(640).run()
    at.number_input(key="wait").set_value(30).run()
    press_run(at)
    assert both_apis.requests[0]["max_completion_tokens"] == 640
    assert live(at).run().config.players[-1].timeout_s == 30


def test_what_stood_in_the_way_is_not_said_once_a_run_has_begun(
    both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    at = add_model(opened(), "openai", "gpt-4o")
    choose(at, "openai:gpt-4o").text_input(key="key_openai").set_value("").run()
    assert "OpenAI needs a key" in texts(at)
    at.text_input(key="key_openai").set_value(KEY).run()
    press_run(at)
    assert "needs a key" not in texts(at)


# --- setting up


def test_six_easy_rooms_and_ten_others_are_asked_where_all_cost_too_much(
    both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    at = add_model(opened(), "openai", "gpt-4o-mini")
    assert "1 model, 54 rooms" in texts(at)
    choose(at, "openai:gpt-4o-mini", "openai:gpt-4-turbo")
    assert "2 models, 16 rooms, 32 answers" in texts(at)
    asked = press_run(at).session_state["escape"].run.config.problem_ids
    assert [i[:2] for i in asked if i.startswith("E")] == ["E1", "E1", "E2", "E2", "E3", "E3"]
    open_tab(at, "Test models")
    at.button(key="ask_all").click().run()
    assert "2 models, 54 rooms, 108 answers" in texts(at)


def test_a_dialog_that_was_closed_stays_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    dismissed: list[Callable[[], None]] = []
    dialog = streamlit.dialog

    def seen(*args: Any, **more: Any) -> Any:
        dismissed.append(more["on_dismiss"])
        return dialog(*args, **more)

    monkeypatch.setattr(another_way.st, "dialog", seen)
    at = open_tab(opened(), "Test models")
    at.button(key="add").click().run()
    assert state(at).page.way
    dismissed[-1]()
    assert state(at).page.way == ""


def test_pasted_answers_are_discarded_and_their_lines_mended() -> None:
    at = opened()
    paste(at, "chat", "FLUID_001", "Moves:\n1. frobnicate the tube\n2. take: ping pong ball")
    next(t for t in at.text_input if t.label.startswith("Line 1")).set_value("pour: bottle of water -> tube")
    press(at, "Put these lines into the plan")
    (mended,) = state(at).shelf.pasted.values()
    lines = mended.partition("Moves:")[2]
    assert lines.index("pour: bottle of water -> tube") < lines.index("take: ping pong ball")
    assert "frobnicate" not in mended
    paste(at, "chat", "VAC_001", "I would press the suction cup on the lid and pull.")
    asked = next(c.value for c in at.code if "has no moves" in c.value)  # as a model with a key is asked once
    assert "suction cup on the lid and pull" in asked
    next(t for t in at.text_area if t.label == "Paste its reply").set_value(
        "press: suction cup -> lid\npull: suction cup"
    )
    press(at, "Put it into the plan")
    assert "press: suction cup -> lid" in state(at).shelf.pasted["chat", "VAC_001"]
    at.button(key="forget_pasted").click().run()
    assert not state(at).shelf.pasted
    assert "judge_pasted" not in {b.key for b in at.button}


def test_a_copy_of_a_bundled_room_is_one_room_however_often_it_is_kept() -> None:
    at = workshop("FLUID_001")
    for title in ("A", "B"):
        field(at, "title", title)
        press(at, "Keep this puzzle")
    copies = {p.problem_id: p.name for p in state(at).puzzles if p.problem_id.startswith("FLUID_001-")}
    assert copies == {"FLUID_001-2": "B"}


def test_a_room_of_ones_own_is_tried_by_hand() -> None:
    at = workshop("VAC_001")
    field(at, "title", "My can")
    press(at, "Try it by hand")
    assert at.session_state["view"] == "Play"
    playing = state(at).playing
    assert playing is not None
    assert playing.puzzle.name == "My can"
    assert "is kept among your puzzles" in texts(at)


# --- playing


def test_a_move_by_touch_has_both_its_things(by_id: dict[str, Puzzle]) -> None:
    at = opened()
    state(at).playing = ByHand(by_id["FLUID_001"])
    open_tab(at, "Play")
    at.pills(key="play_thing").set_value("bottle of water").run()
    at.pills(key="play_verb").set_value("pour").run()
    at.pills(key="play_second").set_value("tube").run()
    at.button(key="play_do").click().run()
    playing = state(at).playing
    assert playing is not None
    assert playing.play.steps[-1].move == "pour: bottle of water -> tube"
    assert not at.session_state["play_thing"]


def test_an_amount_is_written_in_a_field_that_asks_for_its_unit(
    by_id: dict[str, Puzzle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(files.BUNDLED / "MAT_001.json", tmp_path)
    monkeypatch.setenv("ESCAPE_PUZZLES", str(tmp_path))
    at = opened()
    state(at).playing = ByHand(by_id["MAT_001"])
    open_tab(at, "Play")
    at.pills(key="play_thing").set_value("wooden ruler").run()
    at.pills(key="play_verb").set_value("put").run()
    at.pills(key="play_second").set_value("glass strip").run()
    assert "cm" in at.text_input(key="play_amount").label
    at.button(key="play_do").click().run()
    assert "It does not say how much or how far" in texts(at)
    at.text_input(key="play_amount").set_value("20").run()
    at.button(key="play_do").click().run()
    playing = state(at).playing
    assert playing is not None
    assert playing.play.steps[-1].move == "put: wooden ruler -> glass strip, 20 cm"
    assert playing.play.steps[-1].changed


def test_practice_counts_nowhere_and_an_explanation_is_marked_with_a_play() -> None:
    at = open_tab(opened(), "Play")
    at.selectbox(key="play_room").set_value("FLUID_001").run()
    at.toggle(key="play_practice").set_value(True).run()
    at.text_input(key="play_line").set_value("pour: bottle of water -> tube")
    press(at, "Do this")
    press(at, "Undo the last move")
    playing = state(at).playing
    assert playing is not None
    assert not playing.play.steps
    press(at, "Give up")
    assert state(at).tried == {}
    at.toggle(key="play_practice").set_value(False).run()
    for line in ("pour: bottle of water -> tube", "take: ping pong ball"):
        at.text_input(key="play_line").set_value(line)
        press(at, "Do this")
    assert "got out of 1 of 1 room" in texts(at)
    state(at).shelf.pasted["chat", "VAC_001"] = "x"
    at.text_input(key="play_name").set_value("Zoe")
    at.text_area(key="play_why").set_value("The ball floats.")
    press(at, "Add my play of")
    finish(at)
    answer = live(at).run().results[-1].answer
    assert answer is not None
    assert "The ball floats." in answer.text
    assert state(at).shelf.pasted == {("chat", "VAC_001"): "x"}


def test_five_more_bets_are_others() -> None:
    at = open_tab(opened(), "Play")
    at.segmented_control(key="play_what").set_value(call_it.CALL).run()
    first = [bet.lines for bet in state(at).calling.bets]  # type: ignore[union-attr]
    for _ in range(5):
        at.button(key="call_out").click().run()
        at.button(key="call_next").click().run()
    at.button(key="call_more").click().run()
    calling = state(at).calling
    assert calling is not None
    assert not calling.called
    assert [bet.lines for bet in calling.bets] != first


# --- reading answers


def test_answers_are_gone_through_in_both_directions() -> None:
    at = open_tab(press_run(opened()), "Answers")
    first = state(at).chosen
    at.button(key="answer_next").click().run()
    at.button(key="answer_prev").click().run()
    assert state(at).chosen == first
    at.button(key="answer_prev").click().run()
    last = state(at).chosen
    at.button(key="answer_next").click().run()
    assert (state(at).chosen, last != first) == (first, True)


def test_each_repeat_can_be_read() -> None:
    run = every_kind()["everything goes wrong"]
    at = shown(run)
    trial = next(r.trial for r in run.results if r.trial.repeat == 2 and r.answer)
    state(at).read(trial.model_copy(update={"repeat": 1}).key)
    open_tab(at, "Answers")
    at.selectbox(key="answer_repeat").set_value(2).run()
    assert state(at).chosen is not None
    assert state(at).chosen[2] == 2


def test_answers_are_marked_by_the_metric_that_was_chosen() -> None:
    run = every_kind()["everything goes wrong"]
    at = open_part(shown(run), "Figures")
    at.segmented_control(key="metric").set_value("rhh_graded").run()
    graded, standard = METRICS["rhh_graded"], METRICS["standard"]
    result = next(
        r for r in run.results
        if r.verdict and answer_sentence(r, run.puzzle_by_id[r.trial.problem_id], graded)
        != answer_sentence(r, run.puzzle_by_id[r.trial.problem_id], standard)
    )  # fmt: skip
    state(at).read(result.trial.key)
    puzzle = run.puzzle_by_id[result.trial.problem_id]
    said = re.sub(r"<[^>]*>", "", texts(open_tab(at, "Answers")))
    assert answer_sentence(result, puzzle, graded) in said


def test_a_judges_words_are_no_markup() -> None:
    run = every_kind()["everything goes wrong"]
    evil = "<img src=x>"
    first = next(r for r in run.results if r.verdict and r.verdict.checklist)
    assert first.verdict is not None
    assert first.verdict.checklist is not None
    ticks = tuple(
        Tick(text=t.text, met=False, reason=evil, quote="") for t in first.verdict.checklist.principles
    )
    items = first.verdict.checklist.model_copy(update={"principles": ticks})
    verdict = first.verdict.model_copy(update={"checklist": items, "feedback": evil})
    changed = first.model_copy(update={"verdict": verdict})
    results = tuple(changed if r is first else r for r in run.results)
    at = shown(run.model_copy(update={"results": results}))
    state(at).read(first.trial.key)
    said = texts(open_tab(at, "Answers"))
    assert "&lt;img src=x" in said
    assert evil not in said


# --- taking home and bringing in


def test_each_form_is_handed_over_as_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    from escape.ui.results import export

    given = offered(monkeypatch, export)
    run = every_kind()["rooms"]
    shown(run)
    made = {label: data() if callable(data) else data for label, data in given.items()}
    (excel,) = [text for label, text in made.items() if "Excel" in label]
    plain = made["Download CSV"]
    assert str(excel).startswith("\ufeff")
    assert not str(plain).startswith("\ufeff")
    (figure,) = [text for label, text in made.items() if label.endswith("(SVG)")]
    assert figure_caption(run)[-1] in str(figure)
    assert str(plain).startswith(
        "run,player,judge,room,set,title,repeat,result,out,physical_understanding,solution_path,red_herring_handling,"
        "total,total_max,cost_usd,answer,reference\n"
    )


def test_a_line_that_could_not_be_read_is_told() -> None:
    at = press_run(opened())
    first, second, *rest = dumps(live(at).run()).splitlines(keepends=True)
    other = upload(open_saved(opened()), "run.json", "".join([first, "{\n", *rest]).encode())
    assert second.startswith("{")
    assert "1 line of the file could not be read" in texts(open_saved(other))


def test_another_draw_of_the_same_number_may_say_something_else() -> None:
    at = open_part(shown(every_kind()["everything goes wrong"]), "Pairs and other rooms")
    said = set()
    for _ in range(6):
        at.button(key="draw_others").click().run()
        said |= {line for line in texts(at).splitlines() if "Draw " in line}
    assert len(said) > 1


# --- judging


def test_the_answer_on_which_two_differ_most_is_opened() -> None:
    at = open_judge(press_run(opened()))
    run = live(at).run()
    doubted = next(r for r in run.results if r.verdict and not r.verdict.scores.sps)  # they come in any order
    unlike = Verdict(judge="human:Ada", scores=Scores(pus=2.0, sps=2.0, rhh=1.0))
    live(at).mark(Mark(trial=doubted.trial, verdict=unlike, rater="human:Ada"))
    at.run()
    label = at.selectbox(key="differ").options[0]
    at.selectbox(key="differ").select_index(0).run()
    assert at.session_state["view"] == "Answers"
    chosen = state(at).chosen
    assert chosen is not None
    assert chosen != order(run)[0]  # where Answers would open by itself
    assert run.puzzle_by_id[chosen[0]].name in label
    assert display_name(chosen[1]) in label


def test_a_checklist_is_saved_only_once_it_says_whether_it_would_work() -> None:
    at = open_judge(press_run(opened()))
    at.text_input(key="spot_name").set_value("Ada").run()
    for answered in (False, True):
        for box in at.checkbox:
            if re.match(r"\d", box.label or ""):
                box.check()
        next(t for t in at.text_input if t.label.startswith("Note")).set_value("too vague")
        if answered:
            next(r for r in at.radio if "Would it work" in r.label).set_value("yes")
        press(at, "Save and show")
        assert ("Choose yes, partly or no" in texts(at)) is not answered
    (opinion,) = live(at).run().opinions
    assert opinion.verdict is not None
    assert opinion.verdict.feedback == "too vague"


def test_what_one_marker_has_ticked_is_not_shown_to_the_next() -> None:
    at = open_judge(press_run(opened()))
    at.text_input(key="spot_name").set_value("Ada").run()

    def ticked() -> list[bool]:
        return [box.value for box in at.checkbox if re.match(r"\d", box.label or "")]

    for box in at.checkbox:
        if re.match(r"\d", box.label or ""):
            box.check()
    press(at, "Save and show")  # refused: it does not say whether the plan works
    assert any(ticked())
    at.text_input(key="spot_name").set_value("Bob").run()
    assert ticked()
    assert not any(ticked())


def test_a_note_beside_bare_marks_is_kept() -> None:
    at = open_judge(press_run(opened()))
    at.segmented_control(key="spot_way").set_value("Just the marks").run()
    at.text_input(key="spot_name").set_value("Bob").run()
    for radio in at.radio:
        if ", of " in radio.label:
            radio.set_value(1.0 if ", of 2" in radio.label else 1)
    next(t for t in at.text_input if t.label.startswith("Note")).set_value("too vague")
    press(at, "Save and show")
    verdict = live(at).run().opinions[0].verdict
    assert verdict is not None
    assert verdict.feedback == "too vague"


def test_a_run_that_one_judge_marked_takes_no_answer_marked_by_another(both_apis: FakeServer) -> None:
    at = by_model(opened())
    before = len(live(press_run(at)).run().results)
    open_tab(at, "Test models").selectbox(key="judge_model").set_value("openai:gpt-4o-mini").run()
    bring(at, "a pupil", "VAC_001", "I press the suction cup firmly onto the can and pull the can out.")
    assert "were marked by checklist:openai:gpt-4o" in texts(at)
    assert len(live(at).run().results) == before
    open_tab(at, "Test models").selectbox(key="judge_model").set_value("openai:gpt-4o").run()
    at.selectbox(key="judge_design").set_value("holistic").run()
    bring(at, "a pupil", "VAC_001", "I press the suction cup firmly onto the can and pull the can out.")
    added = live(at).run()
    assert len(added.results) == before + 1
    assert {r.verdict.judge for r in added.results if r.verdict} == {"checklist:openai:gpt-4o"}


def test_a_second_judge_that_cannot_mark_says_so(both_apis: FakeServer) -> None:
    at = press_run(opened())
    both_apis.listed += [{"id": "badkey-m"}]
    by_model(at, model="badkey-m")
    finish(open_judge(at).button(key="rejudge").click().run())
    assert "badkey-m does not answer" in texts(open_judge(at))
    (failed,) = live(at).run().opinions  # it is not asked about the other fourteen
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.BAD_KEY


def test_a_second_judge_is_not_paid_again_for_what_it_has_marked(both_apis: FakeServer) -> None:
    at = press_run(opened())
    by_model(at)
    finish(open_judge(at).button(key="rejudge").click().run())
    assert len(live(at).run().opinions) == 15
    open_judge(at)
    assert "has nothing here to mark" in texts(at)
    assert "rejudge" not in {button.key for button in at.button}


def test_what_is_noted_on_the_example_is_kept_like_a_run_of_ones_own() -> None:
    at = opened()
    stuck = next(r for r in live(at).run().results if r.outcome and not r.outcome.out and r.answer)
    at.session_state["noting"] = True
    state(at).read(stuck.trial.key)
    open_tab(at, "Answers")
    next(t for t in at.text_input if t.label.startswith("What went wrong")).set_value("It leaks.")
    press(at, "Save and go on")
    assert live(at) in state(at).shelf.runs
    assert [n.text for n in live(at).run().notes] == ["It leaks."]


def test_judging_again_keeps_the_cap(both_apis: FakeServer) -> None:
    at = press_run(opened())
    by_model(at)
    at.number_input(key="cap").set_value(0.25).run()
    finish(open_judge(at).button(key="rejudge").click().run())
    execution = live(at).execution
    assert execution is not None
    assert execution.plan.cap_usd == 0.25


def test_the_first_end_of_a_play_counts() -> None:
    at = open_tab(opened(), "Play")
    at.selectbox(key="play_room").set_value("FLUID_001").run()
    press(at, "Give up")
    press(at, "Start again")
    for line in ("pour: bottle of water -> tube", "take: ping pong ball"):
        at.text_input(key="play_line").set_value(line)
        press(at, "Do this")
    assert "got out of 0 of 1 room" in texts(at)


def test_the_doors_are_those_of_the_metric_that_is_chosen() -> None:
    run = every_kind()["everything goes wrong"]
    at = open_part(shown(run), "Figures")
    for metric in ("verified", "standard"):
        at.segmented_control(key="metric").set_value(metric).run()
        rows = doors.doors(run, METRICS[metric])
        drawn = [json.loads(e.proto.json) for e in at.get("bidi_component") if "data-door" in e.proto.json]
        assert doors.html_of(rows, pressed=True) in drawn


def test_an_address_is_made_whole_when_its_field_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Visit, "from_this_machine", True)
    at = open_tab(opened(), "Test models")
    at.button(key="add").click().run()
    at.selectbox(key="new_provider").set_value("compatible").run()
    at.text_input(key="new_address_of_compatible").set_value("localhost:8080").run()
    assert at.text_input(key="new_address_of_compatible").value == "http://localhost:8080/v1"


def test_a_second_press_is_no_bet_on_a_plan_that_nobody_has_read() -> None:
    at = opened()
    at.button(key="try_call").click().run()
    calling = state(at).calling
    assert calling is not None
    assert [calling.call(out=True), calling.call(out=False)] == [True, False]
    assert calling.called == [True]
    calling.at += 1
    assert calling.call(out=False)


def test_no_other_example_is_shown_while_a_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_saved(press_run(opened()))
    assert not at.button(key="example").disabled
    monkeypatch.setattr(Session, "running", True)
    open_saved(at)
    assert at.button(key="example").disabled


def test_the_changed_field_counts_where_the_other_has_no_such_answer() -> None:
    results = [result(f"P{n}", f"brought:{who}", verdict(1, 1)) for n, who in enumerate("ab")]
    at = open_tab(shown(run_of(puzzles(2), results, players=())), "Answers")

    def chosen() -> tuple[str, str]:
        return at.selectbox(key="answer_room").value, at.selectbox(key="answer_player").value

    assert chosen() == ("P0", "brought:a")
    at.selectbox(key="answer_player").set_value("brought:b").run()
    assert chosen() == ("P1", "brought:b")
    at.selectbox(key="answer_room").set_value("P0").run()
    assert chosen() == ("P0", "brought:a")


def test_what_was_typed_just_before_a_press_in_a_rule_is_kept() -> None:
    at = workshop("FLUID_001")
    at.segmented_control(key="work_step").set_value("Rules").run()
    work = state(at).workshop
    for button in ("rule_add", "rule_up", "rule_first"):
        n, words = work.rule, f"The room says {button}."
        at.text_area(key=f"rule_{work.edition}_{work.moved}_{n}_say").set_value(words)
        at.button(key=button).click().run()
        assert words in [rule["say"] for rule in work.draft.rules]


@pytest.mark.parametrize("text_", [":material/home:", ":streamlit:", "a:red[b]", ":+1:", ":-1:"])
def test_a_name_is_no_icon_and_no_colour(text_: str) -> None:
    disarmed = label(text_)
    assert not re.search(r":\\?[\w+-]", disarmed)
    assert re.sub(r"[\\\u2060]", "", disarmed) == text_
