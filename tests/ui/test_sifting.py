"""Which answers are gone through, and with which limits a run is continued."""

from __future__ import annotations

import pytest

from escape.rooms import as_answer
from escape.types import JudgeSpec, MoveResult, Puzzle, normalized_name
from escape.ui.answers.answers import groups
from escape.ui.run.progress import _with_new_limits
from escape.ui.session import Session
from escape.ui.setup.chat_window import _doubt
from escape.ui.setup.panel import Choice
from tests.small_runs import A, B, checklist, outcome, puzzle, puzzles, result, run_of, verdict


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
    choice = Choice(now, JudgeSpec(), 0.5, [], "", "")
    made = _with_new_limits(old, choice)
    assert (made.max_cost_usd, made.repeats) == (0.5, 3)
    assert [(p.max_tokens, p.timeout_s, p.temperature) for p in made.players] == [(9, 7.0, None), (8192, 120.0, None)]
    nothing_chosen = Choice(None, None, None, [], "choose", "")
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
    assert "You already saved the same text for" in _doubt(state, "chat", by_id["UV_001"], state.puzzles, "Fill it.")
    assert _doubt(state, "chat", here, state.puzzles, "") == "Paste the answer first."


def test_puzzles_of_another_tab_stay_beside_those_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = (puzzle(f"MINE_{n}") for n in (1, 2))
    state = Session(puzzles=[mine])
    state.shelf.puzzles = (theirs,)
    monkeypatch.setattr(Session, "_keep_address", lambda self: None)  # without a page there is none
    state.save()
    assert set(state.shelf.puzzles) == {mine, theirs}
