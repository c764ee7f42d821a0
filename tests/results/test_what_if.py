"""What a finished run would have said otherwise, and the two runs made for lessons."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from escape.metrics import METRICS
from escape.results import what_if
from escape.results.ranking import ranking
from escape.runs import examples
from escape.types import Puzzle, Run
from tests.small_runs import A, B, puzzle, puzzles, result, run_of, verdict
from tests.ui.test_page import open_saved, open_tab, opened, texts

STANDARD, ROOMS = METRICS["standard"], METRICS["verified"]


@pytest.fixture(scope="module")
def decided(every: list[Puzzle]) -> Run:
    return examples.metric_decides(every)


def first(run: Run, metric: str) -> str:
    return ranking(run, METRICS[metric]).standings[0].player


def test_in_one_run_the_metric_decides_who_leads(decided: Run) -> None:
    assert first(decided, "standard") == "brought:scholar"
    assert first(decided, "verified") == "brought:tinkerer"
    assert ranking(decided, ROOMS).pairs[0].comparison == "ahead"  # and there is no doubt about it


def test_weights_turn_the_leader_too(decided: Run) -> None:
    by_plan = ranking(decided, what_if.weighed(STANDARD, 0.5, 3, 1))
    assert by_plan.standings[0].player == "brought:tinkerer"
    assert by_plan.basis.top == 0.5 * 2 + 3 * 2 + 1
    by_reasons = ranking(decided, what_if.weighed(STANDARD, 3, 0.5, 1))
    assert by_reasons.standings[0].player == "brought:scholar"
    plain = ranking(decided, what_if.weighed(STANDARD, 1, 1, 1))
    assert [s.headline for s in plain.standings] == [s.headline for s in ranking(decided).standings]


def test_a_weighted_figure_is_the_sum_of_its_parts(decided: Run) -> None:
    """3 x PUS + 1 x SPS + 2 x RHH of the same means, worked out by hand from the plain ones."""
    plain = {s.player: s for s in ranking(decided).standings}
    for line in ranking(decided, what_if.weighed(STANDARD, 3, 1, 2)).standings:
        own = plain[line.player]
        assert None not in (line.headline, own.pus, own.sps, own.rhh)
        expected = 3 * own.pus.mean + own.sps.mean + 2 * own.rhh.mean
        assert line.headline.mean == pytest.approx(expected)


def test_fewer_puzzles_are_drawn_by_a_seed(every: list[Puzzle]) -> None:
    run = examples.day_to_day(every)
    part = what_if.smaller(run, 8, 2, 7)
    assert len(part.puzzles) == 8
    assert {r.trial.repeat for r in part.results} == {1, 2}
    assert what_if.smaller(run, 8, 2, 7).puzzles == part.puzzles
    assert what_if.smaller(run, 8, 2, 8).puzzles != part.puzzles
    with_all = what_if.smaller(run, len(what_if.units(run)), 5, 1)
    assert ranking(with_all).standings == ranking(run).standings


def test_with_few_puzzles_the_wrong_one_often_leads(every: list[Puzzle]) -> None:
    run = examples.day_to_day(every)
    few, all_ = what_if.leaders(run, STANDARD, 5), what_if.leaders(run, STANDARD, 30)
    assert few.total() == what_if.DRAWS
    assert few["brought:owl"] > 20
    assert all_ == {"brought:lark": what_if.DRAWS}


def test_the_page_shows_a_run_for_a_lesson_and_what_if_follows_its_sliders() -> None:
    at = opened()
    open_saved(at)
    at.button(key="made_metric").click().run()
    assert "tinkerer gets out of" in texts(at)
    at.session_state["what_if"] = True
    at.run()
    at.toggle(key="what_if_marks").set_value(True).run()
    at.slider(key="what_if_n").set_value(30).run()
    assert "With 30 of the 30 puzzles, the result would have been: scholar" in texts(at)
    at.slider(key="what_if_sps").set_value(3.0).run()
    assert "the result would have been: tinkerer" in texts(at)


def test_the_page_opens_without_trouble_on_the_second_run_for_a_lesson() -> None:
    at: AppTest = opened()
    open_saved(at)
    at.button(key="made_days").click().run()
    open_tab(at, "Results")
    assert "lark" in texts(at)
    assert not at.exception


def test_a_tie_is_nobodys() -> None:
    same = [result(f"P{i}", who, verdict(1, 1)) for i in range(4) for who in (A, B)]
    assert what_if.leaders(run_of(puzzles(4), same), STANDARD, 2) == {"": what_if.DRAWS}
    better = [*same[2:], result("P0", A, verdict(1, 1)), result("P0", B, verdict(2, 1))]
    found = what_if.leaders(run_of(puzzles(4), better), STANDARD, 4)
    assert found == {B.name: what_if.DRAWS}
    assert what_if.leaders(run_of(puzzles(4), same), STANDARD, 5).total() == 0


def test_twins_are_drawn_with_their_puzzle_and_only_what_was_answered() -> None:
    given = [*puzzles(3), puzzle("P0-plain", parent="P0")]
    run = run_of(given, [result(p.problem_id, A, verdict(1, 1)) for p in given if p.problem_id != "P2"], [A])
    assert what_if.units(run) == [["P0", "P0-plain"], ["P1"]]


def test_scores_that_are_left_out_of_the_table_lead_nobody_here_either() -> None:
    given = [*puzzles(2), *(puzzle(f"Q{i}", herrings=False) for i in range(5))]
    rows = [
        result(
            p.problem_id, who, verdict(2 if who is A else 1.9, 1, (0 if who is A else 1) if p.red_herrings else None)
        )
        for p in given
        for who in (A, B)
    ]
    run = run_of(given, rows)
    assert ranking(run).basis.parts == ("pus", "sps")
    assert what_if.leaders(run, STANDARD, 7) == {A.name: what_if.DRAWS}


def test_the_leader_is_who_has_the_largest_weighted_sum() -> None:
    rows = {A: (2.0, 0.0, 1), B: (0.0, 2.0, 0)}
    run = run_of(puzzles(4), [result(f"P{i}", who, verdict(*m)) for who, m in rows.items() for i in range(4)])

    def leads(*weights: float) -> str:
        (who, times), *rest = what_if.leaders(run, what_if.weighed(STANDARD, *weights), 2).items()
        assert (rest, times) == ([], what_if.DRAWS)
        return who

    assert leads(1, 1, 1) == A.name
    assert leads(0, 1, 0) == B.name
    assert leads(1, 1, 0) == ""
    assert leads(0, 0, 1) == A.name
    assert leads(0.5, 1, 0.5) == B.name


def test_none_and_too_many_puzzles_draw_nothing() -> None:
    run = run_of(puzzles(3), [result(f"P{i}", A, verdict(1, 1, 1)) for i in range(3)], (A,))
    assert [sum(what_if.leaders(run, STANDARD, n).values()) for n in (0, 1, 3, 4)] == [
        0,
        what_if.DRAWS,
        what_if.DRAWS,
        0,
    ]


def test_a_smaller_run_names_only_what_it_kept() -> None:
    run = run_of(
        puzzles(4), [result(f"P{i}", A, verdict(1, 1, 1), repeat=r) for i in range(4) for r in (1, 2)], (A,), repeats=2
    )
    less = what_if.smaller(run, 2, 1, seed=3)
    kept = {p.problem_id for p in less.puzzles}
    assert len(kept) == 2
    assert set(less.config.problem_ids) == kept == {r.trial.problem_id for r in less.results}
    assert (less.config.repeats, len(less.results)) == (1, 2)
