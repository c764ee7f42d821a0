"""A link to a set-up: what it fills in, and what it may not."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from tests.ui.test_page import KEY, add_model, opened


def test_a_set_up_comes_back_from_its_link_without_the_key() -> None:
    at = add_model(opened(), "openai", "gpt-4o")
    at.selectbox(key="puzzle_set").set_value("own").run()
    at.multiselect(key="puzzles").set_value(["FLUID_001", "UV_001"]).run()
    at.number_input(key="repeats").set_value(3).run()
    link = next(c.value for c in at.code if "players=" in c.value)
    assert KEY not in link
    again = opened(**dict(parse_qsl(urlsplit(link).query)))
    assert "openai:gpt-4o" in again.multiselect(key="players").value
    assert again.multiselect(key="puzzles").value == ["FLUID_001", "UV_001"]
    assert again.number_input(key="repeats").value == 3
    assert "players" not in again.query_params


def test_a_link_names_no_address_and_nonsense_in_it_is_passed_over() -> None:
    hostile = opened(
        players="compatible:x@http://203.0.113.9/v1,nobody:gpt,demo:careful",
        puzzles="../../etc/passwd",
        judge="checklist",
        judge_model="compatible:m@http://203.0.113.9/v1",
        repeats="999999999",
    )
    assert hostile.multiselect(key="players").value == ["demo:careful"]
    assert hostile.selectbox(key="puzzle_set").value == "all"
    assert hostile.selectbox(key="judge").value == "rubric"
    assert hostile.number_input(key="repeats").value == 20
    assert not any("203.0.113.9" in p.name for p in hostile.session_state["escape"].players)
