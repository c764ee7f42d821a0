"""The page without a browser: from click to table, with good, failing and hostile players."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from streamlit.testing.v1 import AppTest

from escape.metrics import METRICS
from escape.models import parse
from escape.results import doors
from escape.runs.live import LiveRun
from escape.ui.results import pictures
from escape.ui.results.pictures import pressed_answer
from escape.ui.run import example
from tests.fake_server import FakeServer
from tests.small_runs import dumps

ROOT = Path(__file__).parent.parent.parent
KEY = "sk-typed-by-hand-0123456789"

DEMO = ("demo:careful", "demo:hasty", "demo:hoarder")


@pytest.fixture
def page() -> Iterator[AppTest]:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not at.exception
    yield at
    assert not at.exception


def opened(**query: str) -> AppTest:
    """Open the page as a new visitor, by an address with these parameters.

    `mine`, `try`, `me_CODE`, and `teach_CODE` are cookies.
    """
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    kept = [name for name in query if name in ("mine", "try") or name.startswith(("me_", "teach_"))]
    cookies = {name: query.pop(name) for name in kept}
    for key, value in query.items():
        at.query_params[key] = value
    with mock.patch("escape.ui.visit.recalled", lambda name: cookies.get(name, "")):
        at.run()
    assert not at.exception
    return at


def texts(at: AppTest) -> str:
    return "\n".join(h.proto.body for h in at.get("html"))


def live(at: AppTest) -> LiveRun:
    found: LiveRun | None = at.session_state["escape"].live
    assert found is not None
    return found


def finish(at: AppTest, seconds: float = 30) -> AppTest:
    end = time.monotonic() + seconds
    while live(at).running:
        assert time.monotonic() < end, "the run did not end"
        time.sleep(0.01)
    return at.run()


def choose(at: AppTest, *names: str) -> AppTest:
    """Let exactly these play, as "Another way" does it."""
    state = at.session_state["escape"]
    there = {p.name for p in state.players}
    state.players += [parse(name) for name in names if name not in there]
    state.page.next_fields["players"] = list(names)
    return open_tab(at, "Test models")


def set_up(at: AppTest) -> AppTest:
    """The set-up with the demo players chosen, unless somebody else is."""
    return open_tab(at, "Test models") if at.session_state["players"] else choose(at, *DEMO)


def press_run(at: AppTest) -> AppTest:
    """Run, wait for the end, and see the results."""
    set_up(at).button(key="run").click().run()
    return open_tab(finish(at), "Results")


def show_marked(at: AppTest) -> AppTest:
    """The demo players with the kept marks of two annotators, whose verdicts quote an answer."""
    run = example.of_script()
    assert run
    at.session_state["escape"].show(run)
    return at.run()


def open_tab(at: AppTest, name: str) -> AppTest:
    at.session_state["view"] = name
    return at.run()


def open_judge(at: AppTest) -> AppTest:
    """The section of the results' details that tests a judge."""
    return open_part(at, "The judge")


def open_part(at: AppTest, part: str) -> AppTest:
    """A part of the results' details."""
    at.session_state["details"], at.session_state["part"] = True, part
    return open_tab(at, "Results")


def open_saved(at: AppTest) -> AppTest:
    """The menu of saved runs."""
    at.session_state["runs_menu"] = at.session_state["load_fold"] = True
    return at.run()


def add_model(at: AppTest, provider: str, model: str, key: str = KEY, *, judge: str = "") -> AppTest:
    """Type a key, let one of its provider's models play, and choose who marks: the room or another model."""
    open_tab(at, "Test models").text_input(key=f"key_{provider}").set_value(key).run()
    if judge:
        at.selectbox(key="judge_model").set_value(f"{provider}:{judge}").run()
    elif "marks" in {c.key for c in at.checkbox}:
        at.checkbox(key="marks").uncheck().run()
    return choose(at, f"{provider}:{model}")


def test_the_first_visit_explains_itself_and_offers_a_game_and_a_test(page: AppTest) -> None:
    assert "Code tests the plan" in texts(page)
    assert {"try_play", "try_call", "try_own"} <= {b.key for b in page.button}
    page.button(key="try_own").click().run()
    assert page.session_state["view"] == "Test models"
    assert page.button(key="run").disabled  # nobody plays by themselves
    assert "Paste a key" in texts(page)


def test_the_page_opens_on_a_result_that_can_be_read_before_any_picture(page: AppTest) -> None:
    told = texts(page)
    assert "careful gets out of 5 of 5 rooms" in told
    open_part(page, "Figures")
    page.segmented_control(key="metric").set_value("standard").run()
    assert "careful scores" in texts(page)  # real marks rank
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert live(other).run().run_id == live(page).run().run_id  # made once for all visitors
    open_tab(page, "Answers")
    assert re.search("(hasty|hoarder) on The", texts(page))  # the first that was lost


def test_scripted_players_give_results_without_a_key(page: AppTest) -> None:
    press_run(page)
    assert "careful gets out of" in texts(page)
    show_marked(page)
    assert "nobody was asked" in texts(page) or "no model was asked" in texts(page)
    shown = pictures.figures_of(live(page).run(), METRICS["verified"]).figures
    assert not page.get("plotly_chart")  # made when they are asked for
    open_part(page, "Charts")
    assert len(page.get("plotly_chart")) == len(shown) > 2


def open_answer(page: AppTest, player: str, puzzle: str = "The tube") -> None:
    """Press a player's door: what the browser sends, as far as AppTest has no browser."""
    run, state = live(page).run(), page.session_state["escape"]
    bands = doors.doors(run, METRICS["verified"])
    name = f"{puzzle}, {player}: "
    found = next(
        f"{b}.{r}.{d}"
        for b, band in enumerate(bands)
        for r, row in enumerate(band.rows)
        for d, x in enumerate(row.doors)
        if x.name.startswith(name)
    )
    answer = pressed_answer(bands, found)
    assert answer
    state.read(answer)
    page.run()


def test_of_two_players_the_one_that_is_behind_has_the_negative_difference(page: AppTest) -> None:
    open_part(press_run(page), "Pairs and other rooms")
    gaps = re.findall(r"\(([+-])(\d\.\d\d)\)", texts(page))
    assert gaps
    assert sorted(size for sign, size in gaps if sign == "-") == sorted(
        s for sign, s in gaps if sign == "+" and s != "0.00"
    )


def test_a_door_opens_its_answer(page: AppTest) -> None:
    press_run(page)
    open_answer(page, "hoarder")
    assert page.session_state["view"] == "Answers"
    assert "hoarder on The tube" in texts(page)


def test_a_line_of_the_reference_points_at_the_words_that_meet_it(page: AppTest) -> None:
    show_marked(page)
    open_answer(page, "careful")
    told = texts(page)
    pointed = set(re.findall(r'href="#esc-q(\d+)"', told))
    assert pointed
    assert pointed <= set(re.findall(r'<span id="esc-q(\d+)">', told))


def test_two_answers_to_a_puzzle_stand_beside_each_other(page: AppTest) -> None:
    show_marked(page)
    open_answer(page, "careful")
    page.selectbox(key="answer_other").select_index(1).run()
    told = texts(page)
    assert told.count("The reference</h2>") == 2
    assert "hoarder" in told
    assert 'id="esc-qa1"' in told
    page.selectbox(key="answer_room").set_value("VAC_001").run()  # the choice ends with its puzzle
    assert texts(page).count("The reference</h2>") == 1


def test_an_answer_stands_beside_the_reference(page: AppTest) -> None:
    open_tab(show_marked(page), "Answers")
    page.selectbox(key="answer_room").set_value("FLUID_001").run()
    page.selectbox(key="answer_player").set_value("demo:hoarder").run()
    body = texts(page)
    assert "hoarder on The tube" in body
    assert "<mark>" in body
    assert "used 8" in body
    page.button(key="answer_next").click().run()
    assert "on The tube" not in texts(page).split("esc-lead")[1][:200]


def test_choosing_another_metric_changes_the_marks(page: AppTest) -> None:
    open_part(show_marked(page), "Figures")
    assert "careful gets out of 5 of 5 rooms" in texts(page)
    page.segmented_control(key="metric").set_value("standard").run()
    assert "careful scores" in texts(page)
    page.segmented_control(key="metric").set_value("as_published").run()
    assert "gives everybody a free point" in texts(page)


def test_nothing_chosen_says_what_to_choose(page: AppTest) -> None:
    set_up(page).multiselect(key="players").set_value([]).run()
    assert page.button(key="run").disabled
    assert "Choose a model first" in texts(page)
    choose(page, "demo:careful").checkbox(key="set_rooms").uncheck().run()
    assert "Choose at least one room" in texts(page)
    page.button(key="choose_rooms").click().run()
    page.multiselect(key="puzzles").set_value(["FLUID_001"]).run()
    assert not page.button(key="run").disabled


def test_a_model_plays_with_a_typed_key_that_is_shown_and_saved_nowhere(
    page: AppTest, both_apis: FakeServer
) -> None:
    add_model(page, "openai", "gpt-4o")
    press_run(page)
    assert set(both_apis.keys) == {KEY}
    assert len(both_apis.requests) == 5
    run = live(page).run()
    for tab in ("Results", "Answers", "Test models", "Make a room"):
        open_tab(page, tab)
        assert KEY not in texts(page)
    assert KEY not in dumps(run)
    assert KEY not in str(page.session_state["escape"])
    assert all(r.status == "judged" for r in run.results)


def test_a_judge_is_proven_on_two_controls_before_it_marks(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "gpt-4o", judge="gpt-4o-mini")
    typed = page.text_input(key="key_openai").proto
    assert typed.type == typed.PASSWORD  # no key on a shared screen
    press_run(page)
    verdicts = [r.verdict for r in live(page).run().results]
    assert {v.judge for v in verdicts if v} == {"checklist:openai:gpt-4o-mini"}
    asked = [r["model"] for r in both_apis.requests]
    assert set(asked[:5]) == {"gpt-4o"}  # first all rooms
    assert "Key words:" in str(both_apis.requests[6]["messages"])
    assert (asked.count("gpt-4o"), asked.count("gpt-4o-mini")) == (5, 2 + 5)


@pytest.mark.proof
def test_a_judge_that_does_not_answer_costs_no_room_and_one_sentence(
    page: AppTest, both_apis: FakeServer
) -> None:
    both_apis.listed += [{"id": "badkey-judge"}]
    add_model(page, "openai", "gpt-4o", judge="badkey-judge")
    press_run(page)
    asked = Counter(r["model"] for r in both_apis.requests)
    assert (asked["gpt-4o"], asked["badkey-judge"]) == (5, 3)
    assert [r.answer is not None for r in live(page).run().results] == [True] * 5
    open_tab(page, "Test models")
    assert texts(page).count("5 answers not marked: badkey-judge does not answer") == 1
    assert "stopped early" not in texts(page)
    assert "0 of 5 marks" in texts(page)
    assert [b.label for b in page.button if b.key in ("retry", "continue")] == ["Ask these again"]
    assert "5 answers: an unknown price for the judge" in texts(page)
    assert KEY not in texts(page)


def test_recorded_models_stand_beside_ones_own_and_cost_nothing(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "gpt-4o", judge="gpt-4o-mini")
    press_run(page)
    run = live(page).run()
    assert run.players == ["openai:gpt-4o"]
    assert len(both_apis.requests) == 5 + 2 + 5
    (band,) = doors.doors(run, METRICS["verified"])
    assert [row.name for row in band.rows if row.faint] == ["unnamed frontier", "random moves"]
    assert "gpt-4o gets out of" in texts(page)
    assert "On these rooms unnamed frontier got out of 5 of 5" in texts(page)
    page.toggle(key="reference").set_value(False).run()
    assert "unnamed frontier got out" not in texts(page)


@pytest.mark.proof
def test_a_recorded_model_that_is_chosen_is_sent_to_no_judge(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "gpt-4o", judge="gpt-4o-mini")
    choose(page, "openai:gpt-4o", "recorded:frontier")
    assert "10 answers and 5 marks" in texts(page)
    press_run(page)
    judges = {
        r.verdict.judge
        for r in live(page).run().results
        if r.verdict and r.trial.player == "recorded:frontier"
    }
    assert judges == {"room"}
    assert "gpt-4o gets out of 0 of 5 rooms" in texts(page)  # and it is compared with nobody


def test_a_missing_key_is_asked_for_before_anything_runs(page: AppTest) -> None:
    at = choose(page, "openai:gpt-4o")
    assert at.button(key="run").disabled
    assert "OpenAI needs a key" in texts(at)
    assert at.session_state["escape"].shows_example


def test_all_failed_shows_one_cause_and_the_button_asks_again(
    page: AppTest, both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escape.calls.lane.AGAIN_S", 0.05)
    add_model(page, "openai", "badkey-m")
    press_run(page)
    assert texts(page).count("the key was refused") == 1
    assert "of 0 puzzles" not in texts(page)
    assert "Main figure" not in texts(page)  # no table without a row
    assert "5 answers failed" in texts(page)
    assert KEY not in texts(page)
    assert "sk-test" not in texts(page)
    seen = len(both_apis.requests)
    page.button(key="retry").click().run()
    finish(page)
    assert len(both_apis.requests) == seen + 2  # the second says the same


@pytest.mark.proof
def test_some_failed_keeps_the_rest(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "unknown-m")
    choose(page, "openai:unknown-m", "demo:careful")
    press_run(page)
    assert "no such model" in texts(page)
    assert "careful gets out of" in texts(page)
    open_tab(page, "Answers")
    page.selectbox(key="answer_player").set_value("openai:unknown-m").run()
    assert "unknown-m on" in texts(page)
    assert ": failed. " in texts(page)


def test_model_text_is_shown_as_text(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "image-m")
    open_tab(press_run(page), "Answers")
    assert "&lt;img src=" in texts(page)
    assert "<img" not in texts(page)


def test_the_published_run_is_shown_with_its_own_figures(page: AppTest) -> None:
    open_saved(page)
    page.button(key="published").click().run()
    assert "gpt-4 scores 3.77 of 5" in texts(page)
    open_part(page, "Figures").segmented_control(key="metric").set_value("as_published").run()
    assert (
        "gpt-4 scores 4.10 of 5, claude-3-haiku-20240307 3.50: both were asked 5 puzzles, too few"
        in texts(page)
    )
    open_tab(page, "Answers")
    assert "Only the marks of this run were published" in texts(page)


def test_a_saved_run_loads_back(page: AppTest) -> None:
    press_run(page)
    saved = dumps(live(page).run())
    other = open_saved(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run())
    other.get("file_uploader")[0].set_value(("run.json", saved.encode(), "application/json")).run()
    assert "careful gets out of" in texts(other)
    assert tuple(other.session_state["escape"].run.results) == live(page).run().results


def test_a_file_that_is_no_run_is_refused_and_nothing_is_lost(page: AppTest) -> None:
    open_saved(press_run(page))
    page.get("file_uploader")[0].set_value(("run.json", b"{}", "application/json")).run()
    assert "choose a run that Escape saved" in texts(page)
    open_tab(page, "Results")
    assert "careful gets out of" in texts(page)


def test_an_uploaded_puzzle_can_be_played_at_once(page: AppTest) -> None:
    data = json.loads((ROOT / "problems/FLUID_001.json").read_text("utf-8")) | {
        "problem_id": "MINE_1",
        "title": "My room",
    }
    open_tab(page, "Make a room")
    page.get("file_uploader")[0].set_value(("mine.json", json.dumps(data).encode(), "application/json")).run()
    assert "1 puzzle added" in texts(page)
    assert page.checkbox(key="set_yours").value
    choose(page, "control:reference", "control:blank")
    open_tab(press_run(page), "Results")
    assert "reference gets out of 1 of 1 room" in texts(page)


def test_a_faulty_puzzle_is_refused_with_field_and_remedy(page: AppTest) -> None:
    open_tab(page, "Make a room")
    page.get("file_uploader")[0].set_value(
        ("mine.json", b'{"problem_id": "X", "setup": {}}', "application/json")
    ).run()
    assert "mine.json: setup.scenario: is missing; add it" in texts(page)


def test_a_run_comes_back_by_its_code_and_a_lost_code_is_explained(page: AppTest) -> None:
    press_run(page)
    code = page.query_params["run"]
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    other.query_params["run"] = code
    assert "careful gets out of" in texts(other.run())
    lost = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    lost.query_params["run"] = "nothing"
    assert "no longer kept" in texts(lost.run())


def test_one_visitors_run_is_not_anothers(page: AppTest) -> None:
    press_run(page)
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert other.session_state["escape"].shows_example
    assert live(other).run().run_id != live(page).run().run_id


def test_answers_are_sifted_and_one_opened_from_elsewhere_is_always_shown(page: AppTest) -> None:
    press_run(page)
    open_tab(page, "Answers")
    page.segmented_control(key="answer_filter").set_value("went wrong").run()
    first = page.session_state["escape"].chosen
    assert first is not None
    assert "stuck" in texts(page)
    page.button(key="answer_next").click().run()
    assert page.session_state["escape"].chosen != first
    assert page.segmented_control(key="answer_filter").value == "went wrong"
    page.session_state["escape"].chosen = ("FLUID_001", "demo:careful", 1)
    page.run()
    assert page.segmented_control(key="answer_filter").value == "all"
    assert "careful on The tube" in texts(page)


def test_the_page_stays_where_it_is_and_the_end_of_a_run_is_read_out(page: AppTest) -> None:
    set_up(page).button(key="run").click().run()
    assert page.session_state["view"] == "Test models"
    finish(page)
    assert "Done: 15 of 15 answers" in texts(page)
    words = page.session_state["escape"].page.focus[3]
    assert words.startswith("Done: 15 of 15 answers")
    page.button(key="see_results").click().run()
    assert page.session_state["view"] == "Results"
