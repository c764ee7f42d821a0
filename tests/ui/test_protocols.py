"""How players play, and what they foresee, chosen on the page."""

from streamlit.testing.v1 import AppTest

from tests.ui.test_page import choose, live, open_tab, opened, press_run, texts


def chosen(*, by_moves: bool = False) -> AppTest:
    at = choose(opened(), "control:reference", "demo:hasty")
    if by_moves:
        next(g for g in at.button_group if g.key == "protocol").set_value("moves").run()
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


def test_the_cost_is_told_for_the_way_they_play() -> None:
    at = opened()
    choose(at, "control:reference")
    assert "5 answers, free" in texts(at)
    next(g for g in at.button_group if g.key == "protocol").set_value("moves").run()
    assert "5 rooms, move by move, 5 answers, free" in texts(at)
