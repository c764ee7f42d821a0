"""How players play, and what they foresee, chosen on the page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from escape.environments.foresight import questions
from tests.ui.test_page import live, open_tab, opened, press_run, texts


def chosen(*, by_moves: bool = False, foresight: bool = False) -> AppTest:
    at = opened()
    at.multiselect(key="players").set_value(["control:reference", "demo:hasty"]).run()
    if by_moves:
        next(g for g in at.button_group if g.key == "protocol").set_value("moves").run()
    if foresight:
        at.checkbox(key="foresight").check().run()
    press_run(at)
    return at


def test_a_run_move_by_move_says_so_and_every_turn_can_be_read() -> None:
    at = chosen(by_moves=True)
    assert "reference gets out of" in texts(at)
    assert "rooms, move by move" in texts(at)
    assert all(r.turns for r in live(at).run().results)
    open_tab(at, "Answers")
    assert any("What was said in" in e.label for e in at.expander)
    assert not at.exception


def test_what_players_foresee_stands_in_the_table_and_against_getting_out() -> None:
    at = chosen(foresight=True)
    assert "Foresight, of 1" in texts(at)
    at.session_state["pictures"] = True
    at.run()
    assert "Understanding against getting out" in texts(at)
    assert "reference 1.00" in texts(at)
    assert all(r.foresight for r in live(at).run().results)


def test_the_cost_is_told_for_the_way_they_play() -> None:
    at = opened()
    assert "The room (facts, no model): free" in texts(at)
    next(g for g in at.button_group if g.key == "protocol").set_value("moves").run()
    assert "move by move: free" in texts(at)
    assert "3 Judge" not in [s.label for s in at.selectbox]


def test_a_person_answers_what_would_happen_and_sees_what_is_so() -> None:
    at = open_tab(opened(), "Play")
    room = at.selectbox(key="play_room")
    room.set_value("FLUID_001").run()
    at.session_state["foresee"] = True
    assert not [r for r in at.run().radio if str(r.key).startswith("foresee_")]  # before, they would tell too much
    at.button(key="play_give_up").click().run()
    at.session_state["foresee"] = True
    at.run()
    asked = [r for r in at.radio if str(r.key).startswith("foresee_FLUID_001")]
    assert len(asked) >= 8
    tube = next(p for p in at.session_state["escape"].puzzles if p.problem_id == "FLUID_001")
    asked[0].set_value(questions(tube)[0].options[0])
    next(b for b in at.button if b.label == "See how you did").click().run()
    assert "where a guess is 0 and all right 1" in texts(at)
    assert "no, it is:" in texts(at)
