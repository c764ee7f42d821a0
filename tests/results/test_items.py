"""Puzzles as questions of a test, and where the noise comes from: against figures worked out by hand or by numpy."""

from __future__ import annotations

import numpy as np
import pytest

from escape.judges.examined.agreement import group
from escape.metrics import METRICS
from escape.results import items
from escape.types import Answer, ModelSpec, Opinion, Puzzle, Result, Run, RunConfig, Scores, Trial, Verdict
from tests.small_runs import A, B, outcome
from tests.small_runs import puzzles as small_puzzles
from tests.small_runs import result as made
from tests.small_runs import run_of as small
from tests.small_runs import verdict as judged

TAKEN = np.random.default_rng(7).integers(0, 5, (12, 5)) / 2  # twelve takers, five puzzles, marks 0 to 2 for the path


def verdict(pus: float, sps: float, judge: str = "j") -> Verdict:
    return Verdict(judge=judge, scores=Scores(pus=pus, sps=sps, rhh=None))


def taken(bundled: list[Puzzle]) -> Run:
    puzzles = [p.model_copy(update={"red_herrings": ()}) for p in bundled]
    specs = tuple(ModelSpec(provider="openai", model=f"m{n}") for n in range(len(TAKEN)))
    results = tuple(
        Result(
            trial=Trial(problem_id=p.problem_id, player=s.name, budget=s.budget),
            answer=Answer(text="a"),
            verdict=verdict(1, float(TAKEN[n][k])),
        )
        for n, s in enumerate(specs)
        for k, p in enumerate(puzzles)
    )
    config = RunConfig(players=specs, problem_ids=tuple(p.problem_id for p in puzzles))
    return Run(run_id="r", started_at="t", config=config, puzzles=tuple(puzzles), results=results)


def test_discrimination_and_alpha_are_those_of_numpy(bundled: list[Puzzle]) -> None:
    run = taken(bundled)
    made, alpha = items.analysis(run, METRICS["standard"])
    share = (1 + TAKEN) / 4
    places = {p.problem_id: k for k, p in enumerate(run.puzzles)}
    for item in made:
        k = places[item.problem_id]
        rest = np.delete(share, k, axis=1).mean(axis=1)
        assert item.easy == pytest.approx(share[:, k].mean())
        assert item.discrimination == pytest.approx(np.corrcoef(share[:, k], rest)[0, 1])
    n = share.shape[1]
    expected = n / (n - 1) * (1 - share.var(axis=0, ddof=1).sum() / share.sum(axis=1).var(ddof=1))
    assert alpha == pytest.approx(expected)


def test_with_few_takers_no_correlation_is_told(bundled: list[Puzzle]) -> None:
    run = taken(bundled)
    two = {"openai:m0", "openai:m1"}
    few = run.model_copy(update={"results": tuple(r for r in run.results if r.trial.player in two)})
    few = few.model_copy(update={"config": few.config.model_copy(update={"players": few.config.players[:2]})})
    made, alpha = items.analysis(few, METRICS["standard"])
    assert alpha is None
    assert all(i.discrimination is None for i in made)


def test_a_players_spread_is_told_from_that_of_judges(bundled: list[Puzzle]) -> None:
    spec = ModelSpec(provider="openai", model="m")
    problem = bundled[0].problem_id
    trials = [Trial(problem_id=problem, player=spec.name, repeat=n, budget=spec.budget) for n in (1, 2)]
    results = tuple(
        Result(trial=t, answer=Answer(text="a"), verdict=verdict(x, 1)) for t, x in zip(trials, (0, 2), strict=True)
    )
    opinions = (Opinion(trial=trials[0], rater="k", verdict=verdict(0, 2, "k")),)
    run = Run(
        run_id="r",
        started_at="t",
        config=RunConfig(players=(spec,), problem_ids=(problem,), repeats=2),
        puzzles=(bundled[0],),
        results=results,
        opinions=opinions,
    )
    repeats, judges = items.spread_sentences(run)
    assert "vary by 1.4 of 4" in repeats  # 1 and 3 of 4 marks
    assert "vary by 0.7 of 4" in judges  # 1 and 2


def test_three_raters_have_one_alpha() -> None:
    trials = [Trial(problem_id="p", player="x", repeat=n) for n in range(1, 5)]
    given = {"a": (0, 1, 2, 2), "b": (0, 1, 2, 1), "c": (0, 2, 2, 2)}
    found = {name: {t: verdict(x, 0) for t, x in zip(trials, marks, strict=True)} for name, marks in given.items()}
    alpha, apart, n = group(found, "pus")
    values = np.array(list(given.values()), float)
    within = np.mean([apart_squared(column) for column in values.T])
    between = apart_squared(values.flatten())
    assert alpha.value == pytest.approx(1 - within / between)
    assert (apart, n) == (0.5, 4)


def apart_squared(marks: np.ndarray) -> float:
    """The mean squared difference over all ordered pairs."""
    return float(np.mean([(a - b) ** 2 for i, a in enumerate(marks) for j, b in enumerate(marks) if i != j]))


def small_run(rows: dict[str, list[float | None]]) -> Run:
    """Marks for the path, 0 to 2; physics is always 1: a share is (1 + mark) / 4."""
    specs = tuple(ModelSpec(provider="openai", model=name) for name in rows)
    given = small_puzzles(len(next(iter(rows.values()))), herrings=False)
    results = tuple(
        Result(
            trial=Trial(problem_id=f"P{i}", player=s.name, budget=s.budget),
            answer=Answer(text="a"),
            verdict=verdict(1, m),
        )
        for s, row in zip(specs, rows.values(), strict=True)
        for i, m in enumerate(row)
        if m is not None
    )
    config = RunConfig(players=specs, problem_ids=tuple(p.problem_id for p in given))
    return Run(run_id="r", started_at="t", config=config, puzzles=tuple(given), results=results)


def test_a_question_says_how_easy_it_was_and_how_far_it_put_players_apart() -> None:
    run = small_run({"a": [2.0, 0.0, None], "b": [1.0, 0.5, None], "c": [2.0, 0.0, None]})
    found, alpha = items.analysis(run, METRICS["standard"])
    assert [x.problem_id for x in found] == ["P1", "P0"]  # the hardest first
    assert [x.easy for x in found] == pytest.approx([(0.25 + 0.375 + 0.25) / 3, (0.75 + 0.5 + 0.75) / 3])
    assert [x.apart for x in found] == pytest.approx([0.125, 0.25])
    assert alpha is None


def test_discrimination_leaves_the_question_itself_out_and_takes_the_mean_of_the_rest() -> None:
    rng = np.random.default_rng(3)
    rows: dict[str, list[float | None]] = {f"m{n}": [float(x) for x in rng.integers(0, 5, 3) / 2] for n in range(11)}
    rows["m0"][2] = None
    found, _ = items.analysis(small_run(rows), METRICS["standard"])
    mine = {x.problem_id: x for x in found}["P0"]
    shares = [[None if m is None else (1 + m) / 4 for m in row] for row in rows.values()]
    own = [r[0] for r in shares]
    rest = [np.mean([m for m in r[1:] if m is not None]) for r in shares]
    assert mine.discrimination == pytest.approx(np.corrcoef(own, rest)[0, 1])


def test_without_spread_or_with_one_common_puzzle_there_is_no_alpha() -> None:
    same = small_run({f"m{n}": [1.0, 2.0] for n in range(12)})
    assert items.analysis(same, METRICS["standard"])[1] is None
    two = {f"m{n}": [float(n % 3), float(n % 2), 1.0] for n in range(12)}
    shares = np.array([[(1 + m) / 4 for m in row[:2]] for row in two.values()])
    alpha = 2 * (1 - shares.var(axis=0, ddof=1).sum() / shares.sum(axis=1).var(ddof=1))
    lacking: dict[str, list[float | None]] = {k: [*v[:2], None] for k, v in two.items()}
    assert items.analysis(small_run(lacking), METRICS["standard"])[1] == pytest.approx(alpha)
    one: dict[str, list[float | None]] = {k: [v[0], None] for k, v in two.items()}
    assert items.analysis(small_run(one), METRICS["standard"])[1] is None


def test_pooled_spread_weighs_groups_by_their_size() -> None:
    # variances 2 (of two) and 0 (of five): 2 * 1 / 5 is 0.4, its root 0.6; unweighted it would be 1
    several = [[verdict(0, s) for s in group] for group in ((0, 2), (1,) * 5, (2,))]
    assert items._spread(several) == "0.6 of 4"
    assert items._spread([[verdict(1, 1)]]) == ""


def test_by_the_rooms_a_share_is_who_got_out() -> None:
    rows = [made("P0", A, judged(2, 2), outcome(out=True)), made("P1", A, judged(2, 2), outcome(out=True)),
            made("P0", B, judged(2, 2), outcome(out=True)), made("P1", B, judged(2, 2), outcome())]  # fmt: skip
    run = small(small_puzzles(2), rows)
    assert items.shares(run, METRICS["verified"]) == {A.name: {"P0": 1.0, "P1": 1.0}, B.name: {"P0": 1.0, "P1": 0.0}}


def test_where_nobody_marked_the_physics_marks_vary_within_those_of_the_path() -> None:
    results = [made("P0", A, judged(0, s).model_copy(update={"scores": Scores(pus=None, sps=s, rhh=None)}), repeat=n)
               for n, s in ((1, 0), (2, 2))]  # fmt: skip
    run = small(small_puzzles(1), results, [A], repeats=2)
    assert items.spread_sentences(run) == [
        "From repeat to repeat, a player's marks on one puzzle vary by 1.4 of 2 (standard deviation)."
    ]
