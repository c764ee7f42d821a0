"""A visitor's runs: none is written over, all come back after a reload, and a link lets others read one."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from escape.classes.access import ClassAccess
from escape.classes.rounds import RoundSettings
from escape.puzzles import files, recorded_players
from escape.rooms import as_answer
from escape.runs import archive
from escape.runs.background import BACKGROUND
from escape.runs.live import LiveRun, Shelf
from escape.types import JudgeSpec, Mark, MoveResult, Puzzle, SpecError, StoreError, normalized_name
from escape.ui.answers.answers import groups
from escape.ui.results.results import chosen_metric
from escape.ui.run import example
from escape.ui.run.progress import _with_new_limits
from escape.ui.run.start import begin
from escape.ui.session import Session
from escape.ui.setup.chat_window import _doubt
from escape.ui.setup.panel import Choice
from tests.small_runs import A, B, checklist, dumps, outcome, puzzle, puzzles, result, run_of, verdict
from tests.ui.test_class import state
from tests.ui.test_page import choose, finish, open_part, open_saved, opened, press_run, texts


def live(at: AppTest) -> LiveRun:
    found = state(at).live
    assert found is not None
    return found


def only(at: AppTest, player: str) -> AppTest:
    return press_run(choose(at, player))


@pytest.fixture
def three() -> AppTest:
    at = opened()
    for player in ("demo:careful", "demo:hasty", "demo:hoarder"):
        only(at, player)
    return at


def test_three_runs_and_a_mark_by_hand_survive_a_run_a_load_and_a_reload(
    three: AppTest, tmp_path: Path
) -> None:
    first = state(three).shelf.runs[0]
    result = first.run().results[0]
    first.mark(Mark(trial=result.trial, verdict=result.verdict, rater="human:Ada"))
    saved = dumps(first.run())
    press_run(three)  # a fourth
    from escape.runs.file import jsonl

    state(three).show(jsonl.loads(saved.encode()))  # a fifth, from a file
    three.run()
    assert len(state(three).shelf.runs) == 5
    again = opened(run=live(three).code, mine=state(three).shelf.code)
    assert [r.run().players for r in state(again).shelf.runs[:3]] == [
        ["demo:careful"],
        ["demo:hasty"],
        ["demo:hoarder"],
    ]
    assert [o.rater for o in state(again).shelf.runs[0].run().opinions] == ["human:Ada"]
    open_saved(again).button(key=f"show_{state(again).shelf.runs[1].code}").click().run()
    assert "hasty" in texts(again)
    assert live(again).run().players == ["demo:hasty"]


@pytest.mark.proof
def test_a_run_is_renamed_and_taken_away_after_a_question(three: AppTest) -> None:
    code = live(open_saved(three)).code
    three.text_input(key=f"run_name_{code}").set_value("Lesson 3").run()
    assert live(three).run().title == "Lesson 3"
    assert "<b>Lesson 3</b>" in texts(three)
    three.checkbox(key=f"remove_{code}").check().run()
    assert len(state(three).shelf.runs) == 3
    three.button(key="remove_run").click().run()
    assert len(state(three).shelf.runs) == 2
    assert live(three).run().players == ["demo:hasty"]
    assert BACKGROUND.find(code) is None


def test_two_runs_lie_beside_each_other(three: AppTest) -> None:
    open_saved(three)
    three.selectbox(key="beside").set_value(state(three).shelf.runs[0].code).run()
    table = next(
        t
        for t in texts(three).split("<table")[1:]
        if "caption" in t and "by the same metric" in t.split("</caption>")[0]
    )
    assert "careful" in table
    assert "hoarder" in table


def test_a_link_lets_others_read_a_run_and_change_nothing(three: AppTest) -> None:
    mine = live(three)
    other = opened(run=mine.code)
    assert live(other).run().run_id == mine.run().run_id
    state(other).rename(live(other), "not yours")
    state(other).remove(live(other))
    assert mine.run().title == ""
    assert state(opened(run=mine.code)).read_only
    assert state(other).shelf.code != state(three).shelf.code
    assert state(other).own_live is None
    with pytest.raises(SpecError, match="somebody else's run"):
        begin(state(other), mine.run())
    stranger = opened(run=mine.code, mine="guessed")
    assert state(stranger).shelf.runs == []


def test_the_last_run_taken_away_leaves_the_example() -> None:
    at = only(opened(), "demo:careful")
    code = live(open_saved(at)).code
    at.checkbox(key=f"remove_{code}").check().run()
    at.button(key="remove_run").click().run()
    at = finish(at) if live(at).running else at
    assert state(at).shows_example


def test_a_new_or_changed_room_takes_no_recorded_model_off_the_opening(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ESCAPE_PUZZLES", str(files.BUNDLED))
    shared = files.shared
    first, second, *_ = shared(files.BUNDLED)
    new = first.model_copy(update={"problem_id": "NEW_001"})
    changed = second.model_copy(
        update={"setup": second.setup.model_copy(update={"scenario": "Another story."})}
    )
    given = {files.BUNDLED: [first, changed, new, *shared(files.BUNDLED)[2:]]}
    monkeypatch.setattr(files, "shared", lambda folder: given.get(folder) or shared(folder))
    run = example._of_recorded.__wrapped__(str(files.BUNDLED))
    assert run.players == [f"recorded:{name}" for name in list(recorded_players())[:2]]
    assert not {"NEW_001", second.problem_id} & set(run.config.problem_ids)
    assert first.problem_id in run.config.problem_ids
    assert all(r.verdict for r in run.results)


def restarted(at: AppTest) -> None:
    """What a new process of the server knows: what is in the store, and nothing else."""
    archive.save_changes(state(at).shelf, now=True)
    BACKGROUND.__init__()  # type: ignore[misc]


def test_runs_marks_and_pasted_answers_outlive_the_server(three: AppTest) -> None:
    live(three).mark(
        Mark(
            trial=live(three).run().results[0].trial,
            rater="human:Ada",
            verdict=live(three).run().results[0].verdict,
        )
    )
    live(three).rename("Lesson 3")
    state(three).shelf.pasted["chat", "VAC_001"] = "Press the cup on."
    secret, code = state(three).shelf.code, live(three).code
    restarted(three)
    again = opened(mine=secret, run=code)
    assert [r.run().players for r in state(again).shelf.runs] == [
        ["demo:careful"],
        ["demo:hasty"],
        ["demo:hoarder"],
    ]
    assert live(again).run().title == "Lesson 3"
    assert [o.rater for o in live(again).run().opinions] == ["human:Ada"]
    assert state(again).shelf.pasted == {("chat", "VAC_001"): "Press the cup on."}
    restarted(again)
    other = opened(run=code)  # somebody else's
    assert live(other).run().title == "Lesson 3"
    assert state(other).shelf.runs == []


def test_a_run_taken_away_is_gone_from_the_store_too(three: AppTest) -> None:
    secret, code = state(three).shelf.code, live(three).code
    restarted(three)
    again = opened(mine=secret, run=code)
    archive.drop(live(again))
    state(again).remove(live(again))
    restarted(again)
    later = opened(mine=secret, run=code)
    assert [r.run().players for r in state(later).shelf.runs] == [["demo:careful"], ["demo:hasty"]]
    assert "no longer kept here" in texts(later)


def test_without_a_store_that_can_be_used_the_page_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_DB_URL", "sqlite:////nowhere/at/all.sqlite3")
    at = only(opened(), "demo:careful")
    archive.save_changes(state(at).shelf, now=True)
    assert "careful" in texts(at)
    assert state(opened(mine="unknown", run="unknown")).shelf.runs == []


def test_two_servers_of_one_visitor_lose_none_of_his_runs(three: AppTest) -> None:
    secret, code = state(three).shelf.code, live(three).code
    restarted(three)
    first = opened(mine=secret, run=code)
    on_first = state(first).shelf
    BACKGROUND.__init__()  # type: ignore[misc]
    other = opened(mine=secret, run=code)  # another server's memory
    only(other, "demo:hasty")
    archive.save_changes(state(other).shelf, now=True)
    archive.save_run(live(other))
    on_first.pasted["chat", "VAC_001"] = "written by the first server later"
    archive.save_changes(on_first, now=True)
    BACKGROUND.__init__()  # type: ignore[misc]
    assert len(state(opened(mine=secret, run=code)).shelf.runs) == 4


def test_a_chosen_metric_survives_a_reload_and_a_strange_one_is_ignored() -> None:
    at = open_part(press_run(opened()), "Figures")
    at.segmented_control(key="metric").set_value("sps_strict").run()
    assert at.query_params["metric"] in ("sps_strict", ["sps_strict"])
    again = opened(run=live(at).code, mine=at.session_state["escape"].shelf.code, metric="sps_strict")
    open_part(again, "Figures")
    assert again.session_state["metric"] == "sps_strict"
    strange = opened(metric="<b>best</b>")
    assert strange.session_state["escape"].metric == ""
    assert "metric" not in strange.query_params


def test_a_metric_that_the_run_on_show_has_not_is_nowhere_used() -> None:
    at = open_saved(opened(metric="verified"))
    at.button(key="published").click().run()
    open_part(at, "Figures")
    assert at.session_state["metric"] == "standard"
    run = at.session_state["escape"].run
    assert chosen_metric(at.session_state["escape"], run).name == "standard"


def test_pasted_answers_that_were_thrown_away_do_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    shelf.pasted["a chat", "FLUID_001"] = "words"
    archive.save_changes(shelf, now=True)
    assert restored(shelf).pasted == {("a chat", "FLUID_001"): "words"}
    shelf.pasted.clear()
    archive.save_changes(shelf, now=True)
    assert restored(shelf).pasted == {}


def restored(shelf: Shelf) -> Shelf:
    """As a server that was started again finds it."""
    BACKGROUND._shelves.pop(shelf.code, None)
    return archive.open_shelf(shelf.code, lambda: True)


def test_a_run_that_was_kept_comes_back_as_one_made_here(three: AppTest) -> None:
    run = live(three)
    archive.save_run(run)
    BACKGROUND.forget(run)
    found = archive.find(run.code, lambda: True)
    assert found is not None
    assert (found.made_here, found.code, found.state) == (True, run.code, "finished")
    assert found.run().results[0] == run.run().results[0]


def test_an_example_of_which_one_room_was_changed_is_marked_throughout(
    the_five: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in the_five.glob("*.json"):
        text = file.read_text("utf-8")
        changed = text.replace("15 cm", "16 cm") if file.stem == "FLUID_001" else text
        (tmp_path / file.name).write_text(changed, "utf-8")
    monkeypatch.setenv("ESCAPE_PUZZLES", str(tmp_path))
    run = example.of_script()
    assert run
    assert all(r.verdict for r in run.results)


def test_an_open_page_stops_reading_a_run_that_a_class_takes_up() -> None:
    mine = press_run(opened())
    reader = opened(run=live(mine).code)
    assert state(reader).read_only
    mine.button(key="open_class").click().run()
    teacher = state(mine).seat.teacher
    assert teacher
    reader.run()
    assert "once its teacher has revealed" in texts(reader)
    assert state(reader).live is not live(mine)
    round_ = teacher.start(RoundSettings(kind="predict", players=tuple(live(mine).run().players)))
    assert state(opened(run=live(mine).code)).live is not live(mine)
    teacher.reveal(round_)
    assert state(opened(run=live(mine).code)).live is live(mine)


def test_a_run_that_a_class_takes_up_is_shut_despite_earlier_reveals() -> None:
    mine = press_run(opened())
    mine.button(key="open_class").click().run()
    teacher = state(mine).seat.teacher
    assert teacher
    round_ = teacher.start(RoundSettings(kind="predict", players=("demo:careful", "demo:hasty")))
    teacher.reveal(round_)
    other = live(press_run(opened()))
    teacher.set_run(other.run(), other.code)
    assert state(opened(run=other.code)).live is not other


def test_where_nobody_can_tell_a_class_about_a_run_it_is_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = live(press_run(opened()))

    def out_of_reach(doors: ClassAccess, code: str) -> dict[str, bool]:
        raise StoreError("the database is out of reach")

    monkeypatch.setattr(ClassAccess, "classes_about", out_of_reach)
    assert state(opened(run=mine.code)).live is not mine


def test_what_went_wrong_is_what_failed_or_was_stuck_even_once() -> None:
    rows = [
        result("P0", A, verdict(1, 1), outcome(out=True)),
        result("P0", A, verdict(1, 1), outcome(out=False), repeat=2),
        result("P1", A, verdict(1, 1), outcome(out=True)),
        result("P1", A, verdict(1, 1), outcome(out=True), repeat=2),
        result("P2", A, failed="player"),
    ]
    run = run_of(puzzles(3), rows, [A], repeats=2)
    keys = [r.trial.key for r in rows]
    found = groups(run, keys)
    assert found["went wrong"] == [keys[0], keys[1], keys[4]]
    assert found["all"] == keys
    assert "judge and room disagree" not in found


def test_disagreements_with_the_room_are_a_group_of_their_own() -> None:
    rows = [
        result("P0", A, verdict(1, 1, items=checklist(works="yes")), outcome(out=False)),
        result("P1", A, verdict(1, 1, items=checklist(works="yes")), outcome(out=True)),
    ]
    found = groups(run_of(puzzles(2), rows, [A]), [r.trial.key for r in rows])
    assert found["judge and room disagree"] == [rows[0].trial.key]


def test_going_on_takes_the_limits_of_the_set_up_and_keeps_everything_else() -> None:
    old = run_of(puzzles(1), [], [A, B], repeats=3, max_cost_usd=0.1).config
    longer = A.model_copy(update={"max_tokens": 9, "timeout_s": 7.0, "temperature": 1.0})
    now = old.model_copy(update={"players": (longer,), "repeats": 1})
    choice = Choice(now, JudgeSpec(), 0.5, [], "", "", may_cost=False)
    made = _with_new_limits(old, choice)
    assert (made.max_cost_usd, made.repeats) == (0.5, 3)
    assert [(p.max_tokens, p.timeout_s, p.temperature) for p in made.players] == [
        (9, 7.0, None),
        (8192, 120.0, None),
    ]
    nothing_chosen = Choice(None, None, None, [], "choose", "", may_cost=False)
    assert _with_new_limits(old, nothing_chosen).max_cost_usd is None


def test_a_finished_play_names_the_things_it_used_as_the_puzzle_names_them(by_id: dict[str, Puzzle]) -> None:
    heavy = by_id["BAL_001"]
    item = next(i for i in heavy.setup.available_items if "(" in i)
    room = outcome(out=True).model_copy(
        update={"steps": (MoveResult(move=f"put: {normalized_name(item)} -> tray", said=""),)}
    )
    text = as_answer(heavy, room, "because")
    assert f"Required Items:\n- {item}\n" in text
    assert f"1. Put the {normalized_name(item)} to the tray." in text
    assert text.endswith(f"Moves:\n1. put: {normalized_name(item)} -> tray")


def test_an_answer_kept_twice_under_its_own_puzzle_is_no_doubt(by_id: dict[str, Puzzle]) -> None:
    state, here = Session(puzzles=list(by_id.values())), by_id["FLUID_001"]
    state.shelf.pasted["chat", here.problem_id] = "Fill it."
    assert _doubt(state, "chat", here, state.puzzles, "Fill it.") == ""
    assert "You already saved the same text for" in _doubt(
        state, "chat", by_id["UV_001"], state.puzzles, "Fill it."
    )
    assert _doubt(state, "chat", here, state.puzzles, "") == "Paste the answer first."


def test_puzzles_of_another_tab_stay_beside_those_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = (puzzle(f"MINE_{n}") for n in (1, 2))
    state = Session(puzzles=[mine])
    state.shelf.puzzles = (theirs,)
    monkeypatch.setattr(Session, "_keep_address", lambda self: None)  # without a page there is none
    state.save()
    assert set(state.shelf.puzzles) == {mine, theirs}
