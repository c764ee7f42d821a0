"""Agreement: figures worked out by hand in the comments, published examples, and those of the readers."""

import pytest

from escape.judges.examined import agreement, labelled
from escape.judges.examined.agreement import VerdictPair
from escape.results import wording
from escape.types import Checklist, Estimate, Mark, Scores, Tick, Trial, Verdict
from tests.small_runs import A, puzzles, result, run_of

# (0, 0), (1, 1), (2, 2), (2, 1): observed mean square 1/4. Means 5/4 and 1; mean squares 9/4 and 6/4:
# expected 9/4 + 6/4 - 2 * 5/4 * 1 = 5/4. Kappa = 1 - (1/4) / (5/4) = 0.8.
FOUR = [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (2.0, 1.0)]


def verdict(pus: float, sps: float, rhh: float | None, ticks: str = "") -> Verdict:
    made = tuple(Tick(text=str(i), met=t == "x") for i, t in enumerate(ticks))
    return Verdict(
        judge="j", scores=Scores(pus=pus, sps=sps, rhh=rhh), checklist=Checklist(principles=made, steps=())
    )


def pair(a: Verdict, b: Verdict, n: int = 1) -> VerdictPair:
    return VerdictPair(Trial(problem_id="P", player="p", repeat=n + 1), a, b)


def test_weighted_kappa_is_worked_out_by_hand() -> None:
    assert agreement.weighted_kappa(FOUR) == pytest.approx(0.8)
    # (0, 1), (1, 0): observed 1, expected 1/2: kappa -1, as far apart as can be
    assert agreement.weighted_kappa([(0, 1), (1, 0)]) == pytest.approx(-1.0)
    assert agreement.weighted_kappa([(1, 1), (1, 1)]) is None
    assert agreement.weighted_kappa([]) is None


def test_alpha_is_worked_out_by_hand() -> None:
    # interval alpha of FOUR: D_o = mean of squared differences within = 1/4.
    # pooled values 0 0 1 1 2 2 2 1: all 28 pairs: 2*3 pairs (0, 1) of 1, 2*3 pairs (0, 2) of 4, 3*3 pairs (1,
    # 2) of 1: 6 + 24 + 9 = 39; D_e = 39 / 28. Alpha = 1 - (1/4) / (39/28) = 1 - 7/39 = 0.8205.
    assert agreement.alpha(FOUR) == pytest.approx(1 - 7 / 39)
    assert agreement.alpha([(1, 1)]) is None


def test_exact_agreement_is_the_share_of_equal_marks() -> None:
    assert agreement.exact(FOUR) == 0.75


def test_each_figure_has_an_interval_that_holds_it() -> None:
    found = agreement.on_score("pus", FOUR * 5)
    for estimate in (found.kappa, found.exact, found.bias):
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.value is not None
        assert estimate.low <= estimate.value <= estimate.high
    assert found.n == 20


def test_herrings_are_compared_only_where_they_apply() -> None:
    both = [pair(verdict(1, 1, None), verdict(1, 1, 1)), pair(verdict(1, 1, 0), verdict(1, 1, 1), 2)]
    assert agreement.paired_marks(both, "rhh") == [(0, 1)]
    assert [a.n for a in agreement.agreement(both)] == [2, 2, 1]


def test_disagreements_are_listed_worst_first() -> None:
    both = [
        pair(verdict(2, 1.67, 1, "xx."), verdict(2, 1.5, 1, "x..")),
        pair(verdict(0, 0, 0), verdict(2, 1, 1), 2),
    ]
    worst = agreement.disagreements(both)
    assert [(p.trial.repeat, round(d, 2)) for p, d in worst] == [(3, 4.0), (2, 0.17)]


def test_the_two_readers_of_the_bundled_exam_agree_as_the_guide_says() -> None:
    for score, kappa, same in (("pus", 0.940, 0.856), ("sps", 0.993, 0.922), ("rhh", 1.0, 1.0)):
        labels = [c.labels for c in labelled.bundled()]
        values = [(getattr(a, score), getattr(b, score)) for a, b in labels if getattr(a, score) is not None]
        assert agreement.weighted_kappa(values) == pytest.approx(kappa, abs=0.0005)
        assert agreement.exact(values) == pytest.approx(same, abs=0.0005)


def test_agreement_is_said_in_words() -> None:
    generous = [pair(verdict(2, 1, None), verdict(1, 1, None), n) for n in range(12)]
    said = wording.bias_sentence("gpt", "human:Ada", agreement.agreement(generous))
    assert said.startswith(
        "Over 12 answers, gpt is 1.0 marks more generous on Physical Understanding than human:Ada."
    )
    assert "With 12 answers the intervals are wide" in said
    assert "have not marked any of the same answers" in wording.bias_sentence(
        "a", "b", agreement.agreement([])
    )


def trial(n: int, player: str = "p") -> Trial:
    return Trial(problem_id="P0", player=player, repeat=n)


def test_raters_are_those_who_gave_a_mark_the_runs_own_judge_first() -> None:
    own = [result("P0", A, verdict(1, 1, 1), repeat=1), result("P0", A, None, repeat=2, failed="judge")]
    run = run_of(puzzles(1), own, (A,), repeats=2).model_copy(
        update={
            "opinions": (
                Mark(trial=own[0].trial, rater="human:x", verdict=verdict(2, 2, 1)),
                Mark(trial=own[1].trial, rater="human:x"),
                Mark(trial=own[0].trial, rater="human:x", verdict=verdict(0, 0, 1)),
                Mark(trial=own[0].trial, rater="nobody"),
            )
        }
    )
    found = agreement.raters(run)
    assert list(found) == ["j", "human:x"]
    assert found["human:x"] == {own[0].trial: verdict(0, 0, 1)}  # the last word counts
    assert [p.trial for p in agreement.pairs(found["j"], found["human:x"])] == [own[0].trial]
    as_rated = agreement.as_rated_by(run, found["human:x"])
    assert [r.verdict for r in as_rated.results] == [verdict(0, 0, 1), None]


def test_three_raters_are_compared_where_two_have_marked() -> None:
    given = {
        "a": {trial(1): verdict(0, 1, 1), trial(2): verdict(1, 1, None), trial(3): verdict(2, 1, 1)},
        "b": {trial(1): verdict(1, 1, 1), trial(2): verdict(1, 1, 1)},
        "c": {trial(1): verdict(2, 1, 0), trial(4): verdict(0, 1, 1)},
    }
    estimate, apart, n = agreement.group(given, "pus")
    assert (apart, n) == (1.0, 2)  # highest minus lowest: 2 and 0
    # marks 0 1 2 and 1 1: D_o = (12 / 2 + 0) / 5 = 6/5; all ordered pairs 2 * (3 + 4 + 3) = 20, D_e = 20 / (5
    # * 4) = 1
    assert estimate.value == pytest.approx(1 - 6 / 5)
    assert agreement.group(given, "rhh")[1:] == (1.0, 1)
    assert agreement.group({"a": given["a"]}, "pus") == (Estimate(), None, 0)


def test_alpha_leaves_out_who_gave_no_mark() -> None:
    nan = float("nan")
    assert agreement.alpha([[1.0, 1.0], [1.0, nan]]) is None  # one value alone
    assert agreement.alpha([[nan, nan]]) is None
    ordered = agreement.alpha([[0.0, 0.0], [1.0, 2.0], [2.0, 2.0]])
    # D_o = 2 / 6; values 0 0 1 2 2 2: all ordered pairs 2 * (2 + 24 + 3) = 58, D_e = 58 / 30
    assert ordered == pytest.approx(1 - 5 / 29)


def test_disagreements_are_sorted_and_equal_marks_are_none() -> None:
    same = pair(verdict(1, 1, 1), verdict(1, 1, 1), 1)
    little, much = pair(verdict(1, 1, 1), verdict(1, 1.5, 1), 2), pair(verdict(2, 2, 1), verdict(0, 0, 0), 3)
    assert agreement.disagreements([same, little, much]) == [(much, 5.0), (little, 0.5)]
    assert agreement.distance(Scores(pus=2, sps=0, rhh=None), Scores(pus=0.5, sps=1, rhh=1)) == 2.5


@pytest.mark.parametrize(("value", "step"), [(0.24, 0.0), (0.25, 0.5), (0.74, 0.5), (0.75, 1.0), (2.0, 2.0)])
def test_a_computed_mark_is_rounded_to_the_scale(value: float, step: float) -> None:
    assert agreement.rounded(value, "pus") == step
    assert agreement.rounded(0.5, "rhh") == 1.0
    assert agreement.rounded(0.49, "rhh") == 0.0


def test_agreement_on_nothing_is_no_figure() -> None:
    none = agreement.on_score("pus", [])
    assert (none.n, none.kappa.value, none.bias.value) == (0, None, None)
    assert agreement.exact([]) is None
    some = agreement.on_score("pus", [(2.0, 1.0), (1.0, 1.0)])
    assert (some.bias.value, some.exact.value, some.n) == (0.5, 0.5, 2)


_ = float("nan")
# worked examples: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", C and D (interval) and A
# (two observers, binary data, where the interval and the nominal figure are the same); the three coders of
# Wikipedia's article
PUBLISHED = {
    0.849: (
        (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
        (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
        (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
        (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
    ),
    0.811: (
        (_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3),
        (1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _),
        (_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4),
    ),
    0.095: ((0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)),
}


@pytest.mark.parametrize("expected", PUBLISHED)
def test_alpha_is_that_of_the_published_worked_examples(expected: float) -> None:
    rows = [list(map(float, marks)) for marks in zip(*PUBLISHED[expected], strict=True)]
    assert agreement.alpha(rows) == pytest.approx(expected, abs=0.0005)
