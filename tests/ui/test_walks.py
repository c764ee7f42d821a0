"""Ways over the page that few take: rules in the workshop, keys, what the owner pays, notes, a play's end."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from escape.hosting import Visit
from escape.models import parse
from escape.puzzles import files
from escape.results import CATEGORIES, drawings
from escape.rooms.room import room_of
from escape.runs import make_plan
from escape.types import ModelSpec, Puzzle, SpecError
from escape.ui.play import acting, call_it
from escape.ui.run import start
from escape.ui.session import Session
from escape.ui.setup import panel, players
from escape.ui.text import with_quotes_marked
from tests.every_kind import every_kind
from tests.fake_server import FakeServer
from tests.small_runs import puzzles, run_of
from tests.ui.test_class import press, state
from tests.ui.test_page import (
    KEY,
    add_model,
    choose,
    finish,
    live,
    open_judge,
    open_tab,
    opened,
    press_run,
    texts,
)


@pytest.fixture
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Visit, "from_this_machine", True)


def workshop(source: str) -> AppTest:
    at = open_tab(opened(), "Make a room")
    at.toggle(key="work_open").set_value(True).run()
    at.selectbox(key="work_from").set_value(source).run()
    return press(at, "Start with a copy")


def step(at: AppTest, name: str) -> AppTest:
    return at.segmented_control(key="work_step").set_value(name).run()


def field(at: AppTest, name: str, value: str) -> AppTest:
    found = [w for w in (*at.text_area, *at.text_input) if (w.key or "").startswith(f"work_{name}_")]
    found[0].set_value(value).run()
    return at


@pytest.mark.proof
def test_rules_are_moved_taken_out_changed_and_added() -> None:
    at = step(workshop("FLUID_001"), "Rules")
    before = [r["say"] for r in state(at).workshop.draft.rules]
    press(at, "Later")
    assert [r["say"] for r in state(at).workshop.draft.rules][:2] == before[1::-1]
    press(at, "Earlier")
    press(at, "Later")
    press(press(at, "Later"), "Move to the top")
    assert [r["say"] for r in state(at).workshop.draft.rules] == before
    press(at, "Remove this rule")
    assert [r["say"] for r in state(at).workshop.draft.rules] == before[1:]
    press(at, "Add a rule")
    new = len(before) - 1
    at.multiselect(key=re.sub(r"\d+$", str(new), rule_key(at)) + "_verbs").set_value(["push", "wait"]).run()
    said = next(a for a in at.text_area if a.label == "What the room says")
    said.set_value("Nothing moves.").run()
    next(c for c in at.checkbox if "no way out" in c.label).check().run()
    assert state(at).workshop.draft.rules[new] | {"thing": ""} == {
        "verbs": "push, wait",
        "thing": "",
        "at": "",
        "when": "",
        "then": "",
        "say": "Nothing moves.",
        "enforces": "",
        "final": "yes",
    }
    while offered := [b for b in at.button if (b.key or "").startswith("rule_lacking")]:
        count = len(state(at).workshop.draft.rules)
        offered[0].click().run()
        assert len(state(at).workshop.draft.rules) == count + 1
        if count > len(before) + 3:
            break
    press(at, "Keep this puzzle")
    assert not at.exception


def rule_key(at: AppTest) -> str:
    work = state(at).workshop
    return f"rule_{work.edition}_{work.moved}_{work.rule}"


@pytest.mark.proof
def test_moves_are_tried_and_a_draft_says_what_is_missing_or_wrong() -> None:
    at = workshop("VAC_001")
    for line in ("look", "take: nothing at all", "wait"):
        at.text_input(key="work_line").set_value(line)
        press(at, "Do this move")
    press(at, "Try from the beginning")
    assert not state(at).workshop.tried
    step(at, "Way out")
    field(at, "moves", "wait\nwait")
    field(at, "goal", "nothing = known")
    field(at, "steps", "")
    field(at, "principles", "")
    assert "Still missing: Principles; Steps of the solution." in texts(at)
    step(at, "Story")
    field(at, "items", "a rope\na rope")
    step(at, "Temptations")
    at.multiselect(key=f"work_tempting_{state(at).workshop.edition}").set_value(["a rope"]).run()
    next(t for t in at.text_input if t.label.startswith("Why the a rope")).set_value("It is short.").run()
    step(at, "Way out")
    field(at, "steps", "Do it.")
    field(at, "principles", "Air presses.")
    assert "Items: " in texts(at)  # one stands there twice
    assert "work_keep" not in {b.key for b in at.button}
    assert state(at).workshop.draft.herrings == ({"item": "a rope", "note": "It is short."},)


def test_a_thing_with_a_new_name_gets_it_everywhere_at_one_press() -> None:
    at = workshop("FLUID_001")
    items = state(at).workshop.draft.items
    field(at, "items", items.replace("bottle of water", "flask of water"))
    press(at, "Rename")
    draft = state(at).workshop.draft
    assert "bottle of water" not in str(replace(draft, names="", scenario="", steps=""))
    assert "flask of water" in draft.moves


def test_a_twist_is_made_of_a_room_and_says_what_it_still_lacks() -> None:
    at = open_tab(opened(), "Make a room")
    at.toggle(key="work_open").set_value(True).run()
    at.selectbox(key="work_from").set_value("VAC_001").run()
    press(at, "Make a twist")
    assert "Not a twist yet" in texts(at)
    at.text_area(key=f"work_differs_{state(at).workshop.edition}").set_value("The hose is torn.").run()
    assert "still works here" in texts(at)
    press(at, "Keep this puzzle")
    kept = next(p for p in state(at).puzzles if p.problem_id.startswith("VAC_001.twist"))
    assert kept.differs == "The hose is torn."


def test_leaving_a_key_field_brings_its_chat_models_and_a_suggestion(both_apis: FakeServer) -> None:
    both_apis.listed += [
        {"id": "gpt-4.1-nano"},
        {"id": "gpt-5-nano"},
        {"id": "dall-e-3"},
        {"id": "claude-haiku-4-5"},
        {"id": "gpt-5-nano-2026-01-01"},
    ]
    at = open_tab(opened(), "Test models")
    at.text_input(key="key_openai").set_value(KEY).run()
    field = at.multiselect(key="players")
    assert field.value == ["openai:gpt-5-nano", "openai:gpt-4.1-nano"]  # the two cheapest
    assert not [o for o in field.options if "dall-e" in o]
    assert [o for o in field.options if o == "gpt-5-nano · 0.05/0.4 USD"]
    assert at.selectbox(key="judge_model").value == "openai:gpt-4o-mini"  # the next dearer, and no player
    assert "not examined" in texts(at)
    assert re.search(r"2 models, 5 rooms, 10 answers and 10 marks, about [\d.]+ USD, stops at 1", texts(at))
    at.text_input(key="key_anthropic").set_value(KEY).run()
    assert len(at.multiselect(key="players").value) == 2  # of two keys one each
    assert {n.partition(":")[0] for n in at.multiselect(key="players").value} == {"openai", "anthropic"}
    assert "instead of gpt-4.1-nano" in texts(at)  # what the page has changed, it says, and takes back
    at.button(key="undo_players").click().run()
    assert at.multiselect(key="players").value == ["openai:gpt-5-nano", "openai:gpt-4.1-nano"]
    assert "instead of gpt-4.1-nano" not in texts(at)
    at.multiselect(key="players").set_value(["openai:gpt-4o"]).run()
    both_apis.list_status = 401
    at.text_input(key="key_anthropic").set_value(f"{KEY}-wrong").run()
    assert "Incorrect API key" in texts(at)
    assert at.multiselect(key="players").value == ["openai:gpt-4o"]  # what was chosen by hand stays


def test_an_unlisted_name_is_refused_with_the_nearest_and_effort_is_taken(both_apis: FakeServer) -> None:
    both_apis.listed = [{"id": "gpt-5"}, {"id": "gpt-4o-mini"}]
    at = add_model(opened(), "openai", "gpt-4o-mini")
    at.session_state["players"] = ["openai:gpt-4o-mini"]
    at.run()
    resolved = state(at)
    assert players._add_typed(resolved, players._all_offers(resolved), "4o-mini") == ""
    assert "The closest are gpt-4o-mini" in resolved.page.said["players"].words
    assert players._add_typed(resolved, players._all_offers(resolved), "gpt-5[high]") == "openai:gpt-5[high]"


def test_servers_of_this_machine_are_found_and_no_judge_is_chosen_for_them(
    on_this_machine: None, both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_BASE_URL", f"{both_apis.url}/v1")
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    at = open_tab(opened(), "Test models")
    assert "gpt-4o · free" in at.multiselect(key="players").options
    assert not at.multiselect(key="players").value
    assert not at.checkbox(key="marks").value
    at.multiselect(key="players").set_value(["ollama:gpt-4o"]).run()
    assert "1 model, 5 rooms, 5 answers, free" in texts(at)


def test_a_model_at_an_address_of_ones_own_and_one_in_this_program(
    on_this_machine: None, both_apis: FakeServer
) -> None:
    at = open_tab(opened(), "Test models")
    at.button(key="add").click().run()
    at.selectbox(key="new_provider").set_value("compatible").run()
    for address in ("ftp://nowhere", "127.0.0.1:1", f"{both_apis.url}/v1"):
        at.text_input(key="new_address_of_compatible").set_value(address).run()
    press(at, "List its models")
    at.multiselect(key="new_models_of_compatible").set_value(["gpt-4o", "gpt-4o-mini"]).run()
    press(at, "Add 2 players")
    added = [(p.model, p.base_url) for p in state(at).players if p.provider == "compatible"]
    assert added == [(m, f"{both_apis.url}/v1") for m in ("gpt-4o", "gpt-4o-mini")]
    assert "price unknown" in texts(at)
    assert "stops at" not in texts(at)  # no cap can hold where no price is known
    at.button(key="add").click().run()
    at.segmented_control(key="door").set_value("this machine").run()
    at.text_input(key="new_local").set_value("/no/such.gguf").run()
    press(at, "Add player")


@pytest.mark.parametrize("door", ["a server", "a chat window", "this machine", "a script", "yourself"])
def test_each_way_to_add_a_player(door: str) -> None:
    at = opened()
    state(at).open_way(door)
    at.run()
    assert at.segmented_control(key="door").value == door
    if door == "yourself":
        at.button(key="go_play").click().run()
        assert at.session_state["view"] == "Play"
        assert not state(at).page.way


def test_an_address_from_a_file_is_asked_nothing_though_others_were_typed() -> None:
    typed = Session(puzzles=[], players=[])
    typed.keys.own_addresses.add(("compatible", "http://127.0.0.1:1/v1"))
    foreign = ModelSpec(provider="compatible", model="m", base_url="http://127.0.0.1:2/v1")
    with pytest.raises(SpecError, match="came with a file"):
        players.key_of(typed, foreign)
    players.key_of(typed, foreign.model_copy(update={"base_url": "http://127.0.0.1:1/v1"}))


@pytest.fixture
def lending(monkeypatch: pytest.MonkeyPatch, both_apis: FakeServer) -> None:
    """A page whose owner pays up to a dollar a visitor."""
    for name, value in (("SHARE_KEYS", "1"), ("SESSION_CAP_USD", "1.0"), ("DAY_CAP_USD", "5")):
        monkeypatch.setenv(f"ESCAPE_{name}", value)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


@pytest.mark.parametrize(
    ("own", "cap", "lent"),
    [("", 0.25, 0.25), pytest.param("anthropic", 1.0, 1.0, marks=pytest.mark.proof), ("both", 0.5, None)],
)
def test_the_owner_lends_the_lesser_of_share_and_cap_for_unkeyed_models(
    lending: None, own: str, cap: float, lent: float | None
) -> None:
    at = choose(opened(), "demo:careful")
    for name in ("openai", "anthropic") if own == "both" else (own,) * bool(own):
        at.text_input(key=f"key_{name}").set_value(
            "sk-of-the-visitor-0123456789"
        ).run()  # pragma: allowlist secret
    models = [
        ModelSpec(provider="openai", model="gpt-4o"),
        ModelSpec(provider="anthropic", model="claude-sonnet-4-5"),
    ]
    choose(at, "demo:careful", *(m.name for m in models))
    at.number_input(key="cap").set_value(cap).run()
    press_run(at)
    loan = live(at).loan
    assert (loan and loan.usd) == lent


def test_a_run_that_goes_on_is_lent_what_is_left_under_its_cap(
    lending: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened()
    monkeypatch.setattr(
        start, "host", lambda: SimpleNamespace(local=False, session_cap_usd=1.0, day_cap_usd=5.0)
    )
    monkeypatch.setattr(start, "typed_keys", lambda state: {})
    run = run_of(puzzles(2), [], [ModelSpec(provider="openai", model="gpt-4o")])
    plan = replace(make_plan(run, lambda spec: None), cap_usd=0.3, spent_usd=0.25)
    loan = start._loan_for(state(at), plan)
    assert loan
    assert loan.usd == pytest.approx(0.05)
    with pytest.raises(SpecError, match="raise it and go on"):
        start._loan_for(state(at), replace(plan, spent_usd=0.3))


def test_a_cap_of_nothing_is_a_cap(both_apis: FakeServer) -> None:
    at = add_model(opened(), "openai", "gpt-4o")
    at.number_input(key="cap").set_value(0.0).run()
    press_run(at)
    assert live(at).run().config.max_cost_usd == 0.0
    assert not [r for r in both_apis.requests if "messages" in r or "input" in r]


def test_a_visitors_secret_lasts_a_month_only_on_their_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def ages(at: AppTest) -> set[str]:
        at.button(key="open_class").click().run()
        return {
            age for name, age in re.findall(r'data-keep="(\w+)"[^>]*data-age="([^"]*)"', texts(at)) if name
        }

    assert ages(opened()) == {""}
    monkeypatch.setattr(Visit, "from_this_machine", True)
    assert ages(opened()) == {"max-age=2592000;"}


@pytest.mark.proof
def test_what_went_wrong_is_written_beside_answer_after_answer() -> None:
    at = opened()
    state(at).show(every_kind()["rooms"])
    at.session_state["noting"] = True
    stuck = [r for r in every_kind()["rooms"].results if r.answer and r.outcome and not r.outcome.out]
    state(at).read(stuck[0].trial.key)
    open_tab(at, "Answers")
    next(t for t in at.text_input if t.label.startswith("What went wrong")).set_value("It floats.").run()
    next(p for p in at.pills if p.label == "What kind?").set_value(CATEGORIES[1]).run()
    at.button(key="note_save").click().run()
    at.session_state["noting"] = True
    state(at).read(stuck[1].trial.key)
    at.run()
    at.button(key="note_same").click().run()
    notes = live(at).run().notes
    assert [(n.trial, n.text) for n in notes] == [(stuck[0].trial, "It floats."), (stuck[1].trial, "")]
    assert notes[0].category == notes[1].category != ""
    at.session_state["noting"] = True
    state(at).read(stuck[2].trial.key)
    at.run()
    at.button(key="note_undo").click().run()
    assert [n.trial for n in live(at).run().notes] == [stuck[0].trial]
    assert state(at).chosen == stuck[1].trial.key


def test_who_marks_second_does_not_see_what_the_first_one_saw() -> None:
    at = open_judge(press_run(opened()))
    at.text_input(key="spot_name").set_value("Ada").run()
    next(r for r in at.radio if "Would it work" in r.label).set_value("yes")
    press(at, "Save and show")
    assert "Saved. That was" in texts(at)
    at.text_input(key="spot_name").set_value("Bo").run()
    assert "Saved. That was" not in texts(at)


@pytest.mark.proof
def test_a_play_with_practice_hints_and_a_line_that_is_no_move() -> None:
    at = open_tab(opened(), "Play")
    at.selectbox(key="play_room").set_value("FLUID_001").run()
    at.toggle(key="play_practice").set_value(True).run()
    press(at, "Look around")
    for _ in range(6):
        at.button(key="play_hint").click().run()
    at.text_input(key="play_line").set_value("fly: to the moon")
    press(at, "Do this")
    press(at, "Undo the last move")
    at.pills(key="play_thing").set_value("tube").run()
    at.button(key="play_more_verbs").click().run()
    at.button(key="play_more_verbs").click().run()
    at.button(key="play_do").click().run()
    assert "Choose a thing and what" in texts(at)
    press(at, "Give up")
    at.toggle(key="play_practice").set_value(False).run()
    press(at, "Give up")
    assert "Escape: " in texts(at)
    at.text_input(key="play_name").set_value("Zoe")
    press(at, "Add my play of")
    finish(at)
    assert live(at).run().players[-1] == "person:Zoe"


def test_five_bets_to_their_end_and_one_more_where_a_fact_has_changed() -> None:
    at = open_tab(opened(), "Play")
    at.segmented_control(key="play_what").set_value(call_it.CALL).run()
    for n in range(5):
        at.button(key="call_out" if n % 2 else "call_stuck").click().run()
        at.button(key="call_next").click().run()
        assert not at.exception
    assert "You called" in texts(at)


ROOMS, HARD = ("FLUID_001", "UV_001"), ("HARD_HEAT_001", "HARD_MAG_001")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    (tmp_path / "hard").mkdir()
    for name in ROOMS:
        shutil.copy(files.BUNDLED / f"{name}.json", tmp_path)
    for name in HARD:
        shutil.copy(files.BUNDLED / "hard" / f"{name}.json", tmp_path / "hard")
    monkeypatch.setenv("ESCAPE_PUZZLES", str(tmp_path))
    return opened()


def test_the_page_opens_on_other_rooms_and_takes_hard_ones_if_chosen(page: AppTest) -> None:
    assert live(page).run().config.problem_ids == ROOMS
    choose(page, "demo:careful")
    assert [c.label for c in page.checkbox if (c.key or "").startswith("set_")] == [
        "standard (2)",
        "hard (2)",
    ]
    page.checkbox(key="set_hard").check().run()
    page.checkbox(key="set_rooms").uncheck().run()
    assert "demo:careful has no answer for The third of a second and 1 more" in texts(page)
    assert page.button(key="run").disabled
    choose(page, "control:reference").button(key="run").click().run()
    run = live(finish(page)).run()
    assert set(run.config.problem_ids) == set(HARD)
    assert [r.outcome.out for r in run.results if r.outcome] == [True, True]


def test_a_hard_room_is_played_and_read_under_a_name_that_says_so(page: AppTest) -> None:
    open_tab(page, "Play")
    assert page.selectbox(key="play_room").options[-2:] == [
        "Hard: The tight pin",
        "Hard: The third of a second",
    ]
    page.selectbox(key="play_room").set_value("HARD_HEAT_001").run()
    page.text_input(key="play_line").set_value("pour: green flask -> basin")
    next(b for b in page.button if b.label == "Do this move").click().run()
    assert "37.5 °C" in texts(page)
    open_tab(page, "Make a room")
    assert "Hard: The tight pin" in page.selectbox(key="read_puzzle").options


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("## Solution Steps", "<b>Solution Steps</b>"),
        ("take **the cup** now", "take <b>the cup</b> now"),
        ("- one\n* two", "• one\n• two"),
        ("so `F = p A` holds", "so <code>F = p A</code> holds"),
        ("so $p = \\rho g h$ holds", "so <code>p = \\rho g h</code> holds"),
        ("costs $5 or $6", "costs $5 or $6"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_signs_of_markdown_and_formulas_are_set(written: str, shown: str) -> None:
    assert shown in with_quotes_marked(written, {})


def test_nothing_is_live_however_it_is_dressed() -> None:
    hostile = (
        "**<img src=x onerror=alert(1)>** `<script>` ![x](http://203.0.113.9/a.png) [a](javascript:a) $<b>$"
    )
    made = with_quotes_marked(hostile, {})
    assert set(re.findall(r"<(\w+)", made)) <= {"div", "b", "code"}
    assert "href" not in made
    assert "&lt;img" in made
    # in a highlight too
    quoted = with_quotes_marked(
        "so <img src=x> it is, <b>really</b>", {1: "<img src=x> it is, <b>really</b>"}
    )
    assert set(re.findall(r"<(\w+)", quoted)) == {"div", "mark", "sup", "span"}
    assert "<mark>&lt;img" in quoted


def test_highlights_stay_whole_where_they_cut_through_signs() -> None:
    made = with_quotes_marked("1. Take **the cup and** go", {3: "the cup"})
    assert '<mark>the cup<sup><span id="esc-q3">3</span></sup></mark>' in made
    assert made.count("<mark>") == made.count("</mark>") == 1
    assert "<b>" not in made  # a pair that a highlight cuts through stays as written


@pytest.mark.proof
def test_nearly_every_thing_of_the_rooms_has_a_drawing_of_its_kind() -> None:
    rooms = files.load(*files.sets_in(files.BUNDLED).values())
    things = {thing for room in rooms for thing in room_of(room).things}
    assert sum(not drawings.drawing_of(thing) for thing in things) <= 0.02 * len(things)


def test_the_noun_decides_which_drawing_it_is() -> None:
    bottle, water = drawings.drawing_of("bottle"), drawings.drawing_of("water")
    assert drawings.drawing_of("bottle of water") == bottle != water
    assert drawings.drawing_of("Water Jug") == drawings.drawing_of("jug")
    assert drawings.drawing_of("cabinet door") == drawings.drawing_of("door")
    assert drawings.drawing_of("gizmo") == ""


def test_a_name_is_never_part_of_the_style() -> None:
    style = acting.drawings_style(['</style><script>alert("x")</script>', "rope;} body{display:none"])
    assert re.findall(r"script|alert|display:none", style) == []
    assert style.count("nth-child") == 2


def test_rooms_fit_into_what_a_provider_allows_its_free_models_in_a_day(every: list[Puzzle]) -> None:
    free, other, priced = (parse(f"openrouter:x/{m}") for m in ("y:free", "z:free", "y"))
    rooms = [*every, *files.load(*list(files.sets_in(files.BUNDLED).values())[:1])][:60]
    many = list({p.problem_id: p for p in (*rooms, *files.shared_set(files.EASY))}.values())
    assert len(many) >= 30
    assert panel._render_fitting([priced], many, 1) == many
    # of 50 calls a day ten are for lines written anew
    assert len(panel._render_fitting([free, other], many, 1)) == 20
    assert len(panel._render_fitting([free], many, 4)) == 10
