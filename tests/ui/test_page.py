"""The page without a browser: from click to table, with good, failing and hostile players."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from streamlit.testing.v1 import AppTest

from escape.metrics import METRICS
from escape.results import doors, ranking
from escape.runs.live import LiveRun, Snapshot
from escape.ui.results import pictures
from escape.ui.results.doors import pressed
from escape.ui.run.progress import sentence_at_end
from tests.fake_server import FakeServer
from tests.small_runs import dumps

ROOT = Path(__file__).parent.parent.parent
KEY = "sk-typed-by-hand-0123456789"

SMALL = [f"recorded:{name}" for name in ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m")]


@pytest.fixture
def page() -> Iterator[AppTest]:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not at.exception
    yield at
    assert not at.exception


def opened(**query: str) -> AppTest:
    """A new visitor's page, by an address with these parameters; `mine`, `try`, `me_CODE`, `teach_CODE` are cookies."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    kept = [name for name in query if name in ("mine", "try") or name.startswith(("me_", "teach_"))]
    cookies = {name: query.pop(name) for name in kept}
    for key, value in query.items():
        at.query_params[key] = value
    with mock.patch("escape.ui.remembered.recalled", lambda name: cookies.get(name, "")):
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


def touch(at: AppTest) -> AppTest:
    """Set something up, and undo that: from then on Run stands there."""
    at.number_input(key="limit").set_value(9000).run()
    return at.number_input(key="limit").set_value(8192).run()


def press_run(at: AppTest) -> AppTest:
    at.button(key="run").click().run()
    return finish(at)


def by_readers(at: AppTest) -> AppTest:
    """Choose the kept marks of two readers, whose verdicts quote an answer."""
    return at.selectbox(key="judge").set_value("readers").run()


def open_tab(at: AppTest, name: str) -> AppTest:
    at.session_state["view"] = name
    return at.run()


def open_judge(at: AppTest) -> AppTest:
    """The section of the results' details that tests a judge."""
    at.session_state["judging"] = True
    return open_tab(at, "Results")


def open_saved(at: AppTest) -> AppTest:
    """The menu of saved runs."""
    at.session_state["runs_menu"] = True
    return at.run()


def add_model(at: AppTest, provider: str, model: str, key: str = KEY) -> AppTest:
    at.button(key="add").click().run()
    at.selectbox(key="new_provider").set_value(provider).run()
    for field in [f for f in at.text_input if f.key == f"key_{provider}"]:
        field.set_value(key).run()
    at.text_input(key="new_model").set_value(model).run()
    return at.button(key="add_player").click().run()


def test_the_first_visit_says_what_it_is_and_offers_a_game_and_a_test_but_no_run(page: AppTest) -> None:
    assert "Code carries out its plan" in texts(page)
    assert {"try_play", "try_call", "try_own"} <= {b.key for b in page.button}
    assert "change" not in {b.key for b in page.button}  # what is set up stands on other tabs once it was touched
    page.number_input(key="repeats").set_value(2).run()
    assert "change" in {b.key for b in page.button}
    page.button(key="change").click().run()
    assert page.session_state["view"] == "Test models"
    assert not page.button(key="run").disabled


def test_the_page_opens_on_a_result_that_can_be_read_before_any_picture(page: AppTest) -> None:
    told = texts(page)
    assert "careful gets out of 5 of 5 rooms" in told
    assert told.index("careful gets out of") < told.index("(95 % interval)</th>")
    assert "Marks: two language models, blind." in told
    assert "their answers come from no model" in told
    page.segmented_control(key="metric").set_value("standard").run()
    assert "careful scores" in texts(page)  # real marks rank
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert live(other).run().run_id == live(page).run().run_id  # made once for all visitors
    open_tab(page, "Answers")
    assert "careful on" in texts(page)


def test_one_click_gives_results_without_a_key(page: AppTest) -> None:
    press_run(by_readers(page))
    assert "careful gets out of" in texts(page)
    assert "answers come from no model" in texts(page)
    shown = pictures.figures_of(live(page).run(), METRICS["verified"]).figures
    assert not page.get("plotly_chart")  # made when they are asked for
    page.session_state["pictures"] = True
    page.run()
    assert len(page.get("plotly_chart")) == len(shown) > 2


def open_answer(page: AppTest, player: str, puzzle: str = "The tube") -> None:
    """Press a player's door: what the browser sends, as far as AppTest has no browser."""
    run, state = live(page).run(), page.session_state["escape"]
    rows = doors.doors(run, METRICS["verified"])
    name = f"{puzzle}, {player}: "
    found = next((r, d) for r, row in enumerate(rows) for d, x in enumerate(row.doors) if x.name.startswith(name))
    answer = pressed(rows, f"{found[0]}.{found[1]}")
    assert answer
    state.read(answer)
    page.run()


def test_of_two_players_the_one_that_is_behind_has_the_negative_difference(page: AppTest) -> None:
    press_run(page)
    page.session_state["what_if"] = True
    page.run()
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
    press_run(by_readers(page))
    open_answer(page, "careful")
    told = texts(page)
    pointed = set(re.findall(r'href="#esc-q(\d+)"', told))
    assert pointed
    assert pointed <= set(re.findall(r'<span id="esc-q(\d+)">', told))


def test_two_answers_to_a_puzzle_stand_beside_each_other(page: AppTest) -> None:
    press_run(by_readers(page))
    open_answer(page, "careful")
    page.selectbox(key="answer_other").select_index(1).run()
    told = texts(page)
    assert told.count("The reference</h2>") == 2
    assert "hoarder" in told
    assert 'id="esc-qa1"' in told
    page.selectbox(key="answer_puzzle").set_value("VAC_001").run()  # the choice ends with its puzzle
    assert texts(page).count("The reference</h2>") == 1


def test_an_answer_stands_beside_the_reference(page: AppTest) -> None:
    open_tab(press_run(by_readers(page)), "Answers")
    page.selectbox(key="answer_puzzle").set_value("FLUID_001").run()
    page.selectbox(key="answer_player").set_value("demo:hoarder").run()
    body = texts(page)
    assert "hoarder on The tube" in body
    assert "<mark>" in body
    assert "used 8" in body
    page.button(key="answer_next").click().run()
    assert "on The tube" not in texts(page).split("esc-lead")[1][:200]


def test_choosing_another_metric_changes_the_marks(page: AppTest) -> None:
    press_run(by_readers(page))
    assert "careful gets out of 5 of 5 rooms" in texts(page)
    page.segmented_control(key="metric").set_value("standard").run()
    assert "careful scores" in texts(page)
    page.segmented_control(key="metric").set_value("as_published").run()
    assert "gives everybody a free point" in texts(page)


def test_nothing_chosen_says_what_to_choose(page: AppTest) -> None:
    page.multiselect(key="players").set_value([]).run()
    assert page.button(key="run").disabled
    assert "Choose at least one player" in texts(page)
    page.selectbox(key="puzzle_set").set_value("own").run()
    page.multiselect(key="puzzles").set_value([]).run()
    page.multiselect(key="players").set_value(["demo:careful"]).run()
    assert "Choose at least one puzzle" in texts(page)


def test_a_model_plays_with_a_typed_key_that_is_shown_and_saved_nowhere(page: AppTest, both_apis: FakeServer) -> None:
    page.multiselect(key="players").set_value([]).run()
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


def test_a_model_judges_with_checklists(page: AppTest, both_apis: FakeServer) -> None:
    page.selectbox(key="judge").set_value("checklist").run()
    assert page.button(key="run").disabled
    page.text_input(key="judge_model").set_value("gpt-4o").run()
    typed = page.text_input(key="key_openai").proto
    assert typed.type == typed.PASSWORD  # no key on a shared screen
    page.text_input(key="key_openai").set_value(KEY).run()
    press_run(page)
    verdicts = [r.verdict for r in live(page).run().results]
    assert {v.judge for v in verdicts if v} == {"checklist:openai:gpt-4o"}
    assert len(both_apis.requests) == 15


def own_players(at: AppTest) -> list[str]:
    return [n for n in at.session_state["players"] if not n.startswith("recorded:")]


def test_a_model_of_ones_own_is_compared_with_the_recorded_ones_free(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "gpt-4o")
    press_run(page)
    run = live(page).run()
    assert run.players == ["recorded:frontier", *SMALL, "openai:gpt-4o"]
    assert len(both_apis.requests) == 5  # rooms, asked of the one model; what is recorded is not asked again
    ranking_ = ranking(run, METRICS["verified"])
    pair = ranking_.pair("recorded:frontier", "openai:gpt-4o")
    assert pair is not None
    assert pair.paired.difference.n == 5
    assert not pair.unlike


def test_a_player_without_a_key_is_refused_where_it_is_added(page: AppTest) -> None:
    at = add_model(page, "openai", "gpt-4o", "")
    assert "OpenAI needs a key; type it in its field" in texts(at)
    assert "openai:gpt-4o" not in at.session_state["players"]
    assert at.session_state["escape"].page.door  # the dialog stays open for it
    at.text_input(key="key_openai").set_value(KEY).run()
    at.button(key="add_player").click().run()
    assert own_players(at) == ["openai:gpt-4o"]


def test_several_models_are_added_at_once_and_provider_and_key_are_kept_for_the_next(page: AppTest) -> None:
    at = add_model(page, "anthropic", "claude-x, claude-y ,claude-x,")
    assert own_players(at) == ["anthropic:claude-x", "anthropic:claude-y"]
    at.button(key="add").click().run()
    assert at.selectbox(key="new_provider").value == "anthropic"
    at.text_input(key="new_model").set_value("claude-z").run()
    at.button(key="add_player").click().run()
    assert at.session_state["players"][-1] == "anthropic:claude-z"
    assert [f.value for f in at.text_input if f.key == "key_anthropic"] == [KEY]


def test_a_missing_key_is_asked_for_before_anything_runs(page: AppTest) -> None:
    at = add_model(page, "openai", "gpt-4o")
    at.text_input(key="key_openai").set_value("").run()
    at.button(key="run").click().run()
    assert "OpenAI needs a key" in texts(at)
    assert at.session_state["escape"].opened_on


def test_all_failed_shows_one_cause_and_the_button_asks_again(page: AppTest, both_apis: FakeServer) -> None:
    page.multiselect(key="players").set_value([]).run()
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
    assert len(both_apis.requests) == seen + 1


def test_some_failed_keeps_the_rest(page: AppTest, both_apis: FakeServer) -> None:
    add_model(page, "openai", "unknown-m")
    # the first real player replaces the scripted ones, and the recorded models stand beside it
    assert page.session_state["players"] == ["recorded:frontier", *SMALL, "openai:unknown-m"]
    page.multiselect(key="players").set_value(["openai:unknown-m", "demo:careful"]).run()
    press_run(page)
    assert "no such model" in texts(page)
    assert "careful gets out of" in texts(page)
    open_tab(page, "Answers")
    page.selectbox(key="answer_player").set_value("openai:unknown-m").run()
    assert "no answer" in texts(page)


def test_model_text_is_shown_as_text(page: AppTest, both_apis: FakeServer) -> None:
    page.multiselect(key="players").set_value([]).run()
    add_model(page, "openai", "image-m")
    open_tab(press_run(page), "Answers")
    assert "&lt;img src=" in texts(page)
    assert "<img" not in texts(page)


def test_the_published_run_is_shown_with_its_own_figures(page: AppTest) -> None:
    open_saved(page)
    page.button(key="published").click().run()
    assert "gpt-4 scores 3.77 of 5" in texts(page)
    page.segmented_control(key="metric").set_value("as_published").run()
    assert "gpt-4 scores 4.10 of 5, claude-3-haiku-20240307 3.50: a gap of 0.60 marks (likely -0.59 to 1.79)" in texts(
        page
    )
    assert "It takes at least 6 puzzles to say who is better." in texts(page)
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
    assert page.selectbox(key="puzzle_set").value == "brought"
    page.multiselect(key="players").set_value(["control:reference", "control:blank"]).run()
    open_tab(press_run(page), "Results")
    assert "reference gets out of 1 of 1 room" in texts(page)


def test_a_faulty_puzzle_is_refused_with_field_and_remedy(page: AppTest) -> None:
    open_tab(page, "Make a room")
    page.get("file_uploader")[0].set_value(("mine.json", b'{"problem_id": "X", "setup": {}}', "application/json")).run()
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
    assert other.session_state["escape"].opened_on
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


def test_the_end_of_a_run_says_how_many_are_done_and_how_many_failed() -> None:
    ended = Snapshot("finished", "", 3, 3, 3, 0.0, None, 1.0, None, ())
    assert sentence_at_end(ended) == "0 of 3 answers done, 3 failed, free. See Results."


def test_the_end_of_a_run_is_told_to_whoever_does_not_see_it(page: AppTest) -> None:
    touch(page).button(key="run").click().run()
    said = texts(page)  # by this page if the run was over soon enough, else by the next
    said += texts(finish(page))
    assert re.search(r'role="status"><b>The run has ended', said)
