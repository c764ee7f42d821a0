"""What getting out took: medians, ratios between players, and rooms too few to tell two apart."""

import math
import random
import re
from collections.abc import Mapping

import pytest

from escape.results import (
    csv,
    display_name,
    doors,
    every_time,
    ranking,
    results_sentence,
    run_sentence,
    usual,
)
from escape.results.took import means_by_room, ratio, ratios_sentence, took_clause, typical
from escape.stats import median_interval, sign_test_p
from escape.types import Answer, ModelSpec, Repair, Run, Turn
from tests import small_runs

DEAR, CHEAP = (ModelSpec(provider="openai", model=m) for m in ("gpt-5", "gpt-5-nano"))


def asked(
    n: int,
    usd: Mapping[str, float | None],
    *,
    seconds: Mapping[str, float] | None = None,
    lost: Mapping[str, int] | None = None,
    repeats: int = 1,
) -> Run:
    """Build a run of both players on n rooms: what each costs and takes, give or take some.

    Also how many of its rooms each did not leave.
    """
    rng, rooms, results = random.Random(3), small_runs.puzzles(n), []
    for number, room in enumerate(rooms):
        for spec in (DEAR, CHEAP):
            for repeat in range(1, repeats + 1):
                price = usd[spec.model]
                answer = Answer(
                    text="x",
                    output_tokens=100,
                    cost_usd=None if price is None else price * rng.lognormvariate(0, 0.3),
                    latency_s=(seconds or {}).get(spec.model, 3.0) * rng.lognormvariate(0, 0.3),
                )
                outcome = small_runs.outcome(out=number >= (lost or {}).get(spec.model, 0) or repeat > 1)
                results.append(small_runs.result(room.problem_id, spec, None, outcome, repeat, answer=answer))
    return small_runs.run_of(rooms, results, (DEAR, CHEAP), repeats=repeats)


def sentence(run: Run) -> str:
    return run_sentence(run, ranking(run, usual(run)))


def test_where_both_are_always_out_the_headline_says_what_it_took() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001}, seconds={"gpt-5": 6.0, "gpt-5-nano": 3.0})
    said = sentence(run)
    assert said.startswith("Both get out of 30 of 30 rooms; gpt-5-nano costs about 9 times less (")
    assert said.endswith("and is about twice as fast.")
    assert "better" not in said


def test_the_ratio_is_said_whether_it_is_clear_or_not() -> None:
    said = ratios_sentence(asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001}))
    assert re.fullmatch(
        r"Over rooms that both escaped, gpt-5 took [\d.]+ times the USD \([\d.]+ to [\d.]+, 30 rooms\) and "
        r"[\d.]+ times the seconds \([\d.]+ to [\d.]+, 30 rooms\) of gpt-5-nano\.",
        said,
    )
    assert ratios_sentence(asked(1, {"gpt-5": 0.009, "gpt-5-nano": 0.001})) == ""


def test_where_rooms_tell_two_apart_nothing_is_said_of_money() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001}, lost={"gpt-5-nano": 20})
    assert "clearly better" in sentence(run)
    assert "costs" not in sentence(run)


def test_a_close_call_goes_on_with_the_rooms_that_both_left() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001}, lost={"gpt-5-nano": 2})
    assert "too close to call" in sentence(run)
    assert "Where both get out, gpt-5-nano costs about" in sentence(run)


def test_a_cheaper_one_that_is_slower_is_said_to_be_slower() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001}, seconds={"gpt-5": 3.0, "gpt-5-nano": 12.0})
    assert re.search(r"but takes about (4|3\.\d) times as long", sentence(run))


def test_without_prices_time_is_compared_and_a_free_one_is_called_free() -> None:
    unpriced = asked(30, {"gpt-5": None, "gpt-5-nano": 0.001}, seconds={"gpt-5": 9.0, "gpt-5-nano": 3.0})
    assert "gpt-5-nano is about 3 times as fast (" in sentence(unpriced)
    free = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.0})
    assert "gpt-5-nano is free" in sentence(free)


def test_a_small_difference_is_said_in_per_cent_and_a_smaller_one_of_time_not_at_all() -> None:
    logs = [0.2 + 0.01 * (n % 3) for n in range(30)]
    run, usd = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001}), iter(logs * 2)
    results = []
    for result in run.results:
        dear = result.trial.player == DEAR.name
        answer = Answer(
            text="x", cost_usd=math.exp(next(usd)) if dear else 1.0, latency_s=1.05 if dear else 1.0
        )
        results.append(result.model_copy(update={"answer": answer}))
    said = sentence(run.model_copy(update={"results": tuple(results)}))
    assert "gpt-5-nano costs about 19% less (19% to 19%)" in said
    assert "fast" not in said


def test_five_rooms_tell_nothing_and_six_may() -> None:
    prices = {"gpt-5": 0.009, "gpt-5-nano": 0.001}
    assert took_clause(asked(5, prices), DEAR.name, CHEAP.name) == ""
    assert "costs about" in took_clause(asked(6, prices), DEAR.name, CHEAP.name)


def test_equal_players_differ_clearly_in_a_twentieth_of_runs_at_most() -> None:
    rng, clear, runs = random.Random(5), 0, 1500
    for _ in range(runs):
        hard = [rng.gauss(0, 1) for _ in range(12)]
        one, other = ({str(i): math.exp(h + rng.gauss(0, 0.5)) for i, h in enumerate(hard)} for _ in range(2))
        found = ratio(one, other)
        clear += found is not None and found.clear
    assert clear / runs <= 0.055


def test_a_room_that_only_one_left_counts_in_no_ratio() -> None:
    found = ratio({"a": 4.0, "b": 4.0, "c": 400.0}, {"a": 2.0, "b": 2.0, "d": 1.0})
    assert found is not None
    assert found.times.n == 2
    assert found.times.mean == pytest.approx(2)


def test_repair_and_every_turn_are_in_what_a_room_took() -> None:
    room = small_runs.puzzle("P0")
    repair = Repair(lines=1, answer=Answer(text="y", cost_usd=0.002, latency_s=5.0, output_tokens=30))
    plan = Answer(text="x", cost_usd=0.001, latency_s=2.0, output_tokens=20)
    result = small_runs.result("P0", DEAR, None, small_runs.outcome(out=True), answer=plan)
    run = small_runs.run_of([room], [result.model_copy(update={"repair": repair})], (DEAR,))
    took = typical(run)[DEAR.name]
    figures = [span.mean for span in (took.usd, took.seconds, took.tokens) if span]
    assert figures == pytest.approx([0.003, 7.0, 50])
    assert took.short == "0.3 ct · 7 s"


def test_a_row_says_what_a_room_took_and_a_script_took_nothing() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001})
    (band,) = doors.doors(run, usual(run), reference=False)
    assert all(" ct · " in row.took for row in band.rows)
    assert all(row.took in doors.html_of([band]) for row in band.rows)
    scripted = small_runs.result("P0", small_runs.A, None, small_runs.outcome(out=True))
    run = small_runs.run_of([small_runs.puzzle("P0")], [scripted])
    assert [row.took for row in doors.doors(run, usual(run), reference=False)[0].rows] == ["", ""]


def test_with_repeats_out_every_time_is_told_from_out_once() -> None:
    run = asked(10, {"gpt-5": 0.009, "gpt-5-nano": 0.001}, lost={"gpt-5-nano": 4}, repeats=3)
    lines = {
        display_name(p): (round(10 * x.every.mean), round(10 * x.once.mean))
        for p, x in every_time(run).items()
    }
    assert lines == {"gpt-5": (10, 10), "gpt-5-nano": (6, 10)}
    assert every_time(asked(3, {"gpt-5": 0.009, "gpt-5-nano": 0.001})) == {}


def test_a_row_says_whether_its_player_was_out_every_time_or_once() -> None:
    run = asked(2, {"gpt-5": 0.009, "gpt-5-nano": 0.001}, lost={"gpt-5-nano": 1}, repeats=2)
    rows = {
        (r["model"], r["problem_id"]): (r["out_every_time"], r["out_at_least_once"]) for r in csv.rows(run)
    }
    first, second = (room.problem_id for room in run.puzzles)
    assert rows["gpt-5-nano", first] == (0, 1)
    assert rows["gpt-5-nano", second] == rows["gpt-5", first] == (1, 1)


def test_what_a_room_took_is_counted_of_the_attempts_that_escaped() -> None:
    rooms = small_runs.puzzles(1)
    costs = {1: (5.0, False), 2: (1.0, True)}
    results = [
        small_runs.result(
            "P0", DEAR, None, small_runs.outcome(out=out), n, answer=Answer(text="x", cost_usd=usd)
        )
        for n, (usd, out) in costs.items()
    ]
    run = small_runs.run_of(rooms, results, (DEAR,), repeats=2)
    assert means_by_room(run, "usd") == {DEAR.name: {"P0": 1.0}}


@pytest.mark.parametrize("n", [6, 9, 30])
def test_the_interval_of_a_median_covers_it(n: int) -> None:
    rng, hits = random.Random(n), 0
    for _ in range(1000):
        span = median_interval([rng.expovariate(1) for _ in range(n)])
        assert span.low is not None
        assert span.high is not None
        hits += span.low <= math.log(2) <= span.high
    assert hits / 1000 >= 0.94


def test_five_values_have_a_median_without_an_interval() -> None:
    assert median_interval([1.0, 5.0, 2.0, 4.0, 3.0]).mean == 3.0
    assert median_interval([1.0, 5.0, 2.0, 4.0, 3.0]).low is None
    assert median_interval([float(x) for x in range(1200)]).low is not None


def test_the_sign_test_is_exact() -> None:
    assert sign_test_p([1.0] * 6) == pytest.approx(2 / 64)
    assert sign_test_p([1.0] * 5 + [0.0]) == pytest.approx(2 / 32)
    assert sign_test_p([]) == 1.0
    assert sign_test_p([1.0, -1.0]) == 1.0


def test_without_what_it_took_the_sentence_is_as_before() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.001})
    assert "too close to call" in results_sentence(ranking(run, usual(run)))


def test_pasted_answers_are_not_called_free() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.0})
    pasted = [
        r.model_copy(update={"trial": r.trial.model_copy(update={"player": "brought:ChatGPT"})})
        if r.trial.player == CHEAP.name
        else r
        for r in run.results
    ]
    config = run.config.model_copy(update={"players": (DEAR,)})
    assert "free" not in sentence(run.model_copy(update={"results": tuple(pasted), "config": config}))


def test_figures_that_cannot_be_are_no_crash() -> None:
    assert ratio({"a": 1e-320, "b": 1.0}, {"a": 1e10, "b": 1.0}) is None
    found = ratio({"a": 1e-11, "b": 1e10}, {"a": 1e10, "b": 1e-11})
    assert found is not None
    assert not found.clear


def test_recorded_and_scripted_players_are_not_called_free() -> None:
    run = asked(30, {"gpt-5": 0.009, "gpt-5-nano": 0.0})
    recorded = ModelSpec(provider="recorded", model="frontier")
    results = [
        r.model_copy(update={"trial": r.trial.model_copy(update={"player": recorded.name})})
        if r.trial.player == CHEAP.name
        else r
        for r in run.results
    ]
    run = run.model_copy(
        update={
            "results": tuple(results),
            "config": run.config.model_copy(update={"players": (DEAR, recorded)}),
        }
    )
    assert took_clause(run, DEAR.name, recorded.name) == ""
    assert typical(run)[recorded.name].usd is None


def test_the_plan_that_a_conversation_adds_up_to_is_no_call_of_its_own() -> None:
    room = small_runs.puzzle("P0")
    plan = Answer(text="x", cost_usd=0.001, latency_s=2.0, output_tokens=20)
    turns = tuple(Turn(number=n, answer=plan) for n in (1, 2))
    whole = Answer(text="x", cost_usd=0.002, latency_s=4.0, output_tokens=40)
    result = small_runs.result("P0", DEAR, None, small_runs.outcome(out=True), answer=whole)
    run = small_runs.run_of([room], [result.model_copy(update={"turns": turns})], (DEAR,))
    took = typical(run)[DEAR.name]
    assert [span.mean for span in (took.seconds, took.tokens) if span] == [4.0, 40]
