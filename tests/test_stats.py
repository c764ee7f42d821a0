"""Statistics against truths from outside.

The published run, tables of Student's t, and values worked out in comments.
"""

import itertools
import math

import pytest

from escape import stats

PUBLISHED = [-0.5, 2.0, 0.0, 1.0, 0.5]  # GPT-4 minus Claude, overall, per puzzle


def test_the_published_difference_is_what_its_critics_computed() -> None:
    pair = stats.paired(PUBLISHED, 5)
    assert pair.difference.mean == pytest.approx(0.6)
    assert pair.t == pytest.approx(1.39, abs=0.005)
    assert (round(pair.difference.low or 0, 2), round(pair.difference.high or 0, 2)) == (-0.59, 1.79)
    assert pair.p == pytest.approx(0.24, abs=0.005)
    assert pair.sign_flip_p == 0.375  # 12 of the 32 sign patterns
    assert not pair.decided


def test_the_published_spread_needs_these_many_puzzles() -> None:
    sd = stats.paired(PUBLISHED, 5).sd
    assert sd is not None
    # by statsmodels' power of the paired t test
    assert [stats.puzzles_needed(sd, gap) for gap in (1, 0.5, 0.25)] == [10, 32, 119]


@pytest.mark.parametrize(
    ("df", "t"), [(1, 12.7062), (2, 4.3027), (4, 2.7764), (9, 2.2622), (29, 2.0452), (120, 1.9799)]
)
def test_t_quantiles_equal_the_printed_table(df: int, t: float) -> None:
    assert stats.t_quantile(0.975, df) == pytest.approx(t, abs=5e-5)


def test_t_of_one_degree_is_cauchy() -> None:
    assert stats.t_cdf(1.0, 1) == pytest.approx(0.5 + math.atan(1) / math.pi)


def test_the_exact_interval_of_a_share_equals_published_values() -> None:
    # scipy.stats.binomtest(k, n).proportion_ci(method="exact"), and 0.025 ** (1 / 5) where all succeeded
    five, three, many = stats.share_interval(5, 5), stats.share_interval(3, 5), stats.share_interval(25, 30)
    assert (five.low, five.high) == (pytest.approx(0.025**0.2, abs=1e-6), 1.0)
    assert (three.low, three.high) == pytest.approx((0.1466, 0.9473), abs=1e-4)
    assert (many.low, many.high) == pytest.approx((0.6528, 0.9436), abs=1e-4)


def test_one_puzzle_has_no_interval_and_decides_nothing() -> None:
    pair = stats.paired([2.0], 5)
    assert pair.difference.low is None
    assert not pair.decided


def test_equal_players_differ_by_nothing() -> None:
    pair = stats.paired([0.0, 0.0, 0.0], 5)
    assert (pair.difference.mean, pair.p, pair.sign_flip_p) == (0, 1.0, 1.0)


def test_sampled_sign_flips_agree_with_the_exact_count() -> None:
    values = [0.3, -0.1, 0.5, 0.2, -0.4, 0.6, 0.1, 0.2, -0.2, 0.3, 0.4, -0.1, 0.2, 0.1, 0.3, -0.3]
    exact = stats.sign_flip_p(tuple(values))
    drawn = stats.sign_flip_p((*values, 0.0))  # a zero changes nothing but the way of counting
    assert drawn == pytest.approx(exact, abs=0.01)


def test_bootstrap_is_repeatable_and_holds_the_mean() -> None:
    rows = [float(i % 7) for i in range(40)]
    a, b = (stats.bootstrap(rows, lambda r: sum(r) / len(r)) for _ in range(2))
    assert a == b
    assert a.low is not None
    assert a.high is not None
    assert a.low < a.mean < a.high


def test_equal_differences_have_no_spread_and_are_no_certainty() -> None:
    assert not stats.paired([0.5] * 5, 5).decided  # 2 of 32 sign patterns are as far: p = 0.06
    assert stats.paired([0.5] * 6, 5).decided  # 2 of 64: 0.03
    assert not stats.paired([0.0] * 6, 5).decided


def test_a_difference_is_decided_on_either_side_of_nothing() -> None:
    assert stats.paired([1.0, 1.2, 0.9, 1.1, 1.0, 1.3], 5).decided
    assert stats.paired([-1.0, -1.2, -0.9, -1.1, -1.0, -1.3], 5).decided
    assert not stats.paired([1.0, -1.2, 0.9, -1.1, 1.0, -1.3], 5).decided


def test_the_bootstraps_ends_are_its_percentiles() -> None:
    # the mean of two rows drawn from 0 and 1 is 0, 1/2 or 1: a quarter, a half and a quarter of the time
    interval = stats.bootstrap([0.0, 1.0], lambda r: sum(r) / len(r))
    assert (interval.low, interval.high) == (0.0, 1.0)
    # of 100 rows with one 1 in each ten the mean lies between 0.04 and 0.17 in 95 of 100 draws (binomial)
    wide = stats.bootstrap([1.0 if i % 10 == 0 else 0.0 for i in range(100)], lambda r: sum(r) / len(r))
    assert (wide.low or 0, wide.high or 0) == pytest.approx((0.045, 0.165), abs=0.02)
    assert stats.bootstrap([1.0, 2.0], lambda r: None).low is None


def test_a_drawn_sign_flip_counts_what_was_seen_among_the_draws() -> None:
    # without the one pattern that was seen, twenty thousand draws of seventeen equal signs would give a p of
    # 0
    assert stats.sign_flip_p(tuple([1.0] * 40)) == pytest.approx(1 / 20_001)


def test_holm_corrects_from_the_smallest_up() -> None:
    # Holm 1979: 0.01 * 4, then 0.013 * 3 not below it, 0.04 * 2, 0.05 * 1 not below it
    assert stats.holm([0.04, 0.01, 0.05, 0.013]) == pytest.approx([0.08, 0.04, 0.08, 0.04])
    assert stats.holm([]) == []
    assert stats.holm([0.6, 0.9]) == [1.0, 1.0]


def test_a_bounded_interval_is_never_a_point_and_never_leaves_the_scale() -> None:
    full = stats.bounded_interval([5.0] * 5, 5)
    # one more at 2.5: mean 4.583, sd 1.0206, t(4) 2.776 over sqrt(6): 4.583 - 1.157
    assert (full.mean, full.low, full.high) == (5.0, pytest.approx(3.427, abs=0.001), 5.0)
    middle = stats.bounded_interval([1.0, 2.0, 3.0, 4.0], 5)
    assert middle.low is not None
    assert middle.high is not None
    assert 0 <= middle.low < 2.5 < middle.high <= 5
    assert stats.bounded_interval([3.0], 5).low is None


def test_the_spread_of_a_spread_is_that_of_chi_square() -> None:
    # chi-square(4): 10 % at 1.0636, 90 % at 7.7794, from a printed table
    low, high = stats.sd_range(1.0, 5)
    assert (low, high) == pytest.approx((math.sqrt(4 / 7.7794), math.sqrt(4 / 1.0636)), rel=0.02)


def test_sign_flips_of_very_many_puzzles_agree_with_the_drawn_ones() -> None:
    values = [0.3, -0.1, 0.5, -0.4, 0.1, -0.2, 0.25, -0.3] * 25
    assert stats.sign_flip_p((*values, 0.0)) == pytest.approx(stats.sign_flip_p(tuple(values)), abs=0.01)
    assert stats.sign_flip_p(tuple([0.0] * 300)) == 1.0


def test_the_interval_of_a_share_covers_every_true_share() -> None:
    def coverage(n: int, p: float) -> float:
        spans = [(k, stats.share_interval(k, n)) for k in range(n + 1)]
        return sum(
            math.comb(n, k) * p**k * (1 - p) ** (n - k)
            for k, s in spans
            if (s.low or 0) <= p <= (s.high or 0)
        )

    assert all(0.95 <= coverage(n, p / 50) <= 1 for n in (5, 6, 10, 30) for p in range(1, 50))


def test_the_interval_of_a_share_holds_for_thousands_of_puzzles() -> None:
    many = stats.share_interval(1000, 2000)
    # close to the normal one by now: 0.5 -+ 1.96 * sqrt(0.25 / 2000)
    assert (many.low, many.high) == pytest.approx((0.478, 0.522), abs=5e-4)
    assert stats.share_interval(0, 2000).high == pytest.approx(1 - 0.025 ** (1 / 2000), abs=1e-6)


def paired_coverage(p: float, q: float, n: int) -> float:
    """Work out exactly how often the interval of a paired difference holds the true p - q.

    The two players get out of each room with the probabilities p and q.
    """
    held = 0.0
    won, lost = p * (1 - q), q * (1 - p)
    for w in range(n + 1):
        for x in range(n + 1 - w):
            span = stats.paired([1.0] * w + [-1.0] * x + [0.0] * (n - w - x), 1).difference
            if (span.low or 0) <= p - q <= (span.high or 0):
                ways = math.comb(n, w) * math.comb(n - w, x)
                held += ways * won**w * lost**x * (1 - won - lost) ** (n - w - x)
    return held


@pytest.mark.parametrize("n", [6, 10])
def test_the_interval_of_a_paired_share_covers_at_floor_middle_and_ceiling(n: int) -> None:
    for p, q in ((1.0, 0.8), (0.95, 0.95), (0.95, 0.7), (0.5, 0.5), (0.05, 0.1), (0.0, 0.1), (1.0, 1.0)):
        assert paired_coverage(p, q, n) >= 0.935, (p, q)


def test_a_paired_interval_is_never_a_point_and_stays_within_the_scale() -> None:
    for differences, top in (([0.0] * 30, 1), ([1.0] * 30, 1), ([0.0] * 10, 5), ([-1.0] * 6, 1)):
        span = stats.paired(differences, top).difference
        assert -top <= (span.low or 0) < (span.high or 0) <= top
    # Agresti and Min 2005 add two pairs: with ten equal ones 0, sd of ten 0, 1 and -1 sqrt(2 / 11), over
    # sqrt(12)
    ten = stats.paired([0.0] * 10, 1).difference
    assert ten.high == pytest.approx(2.2622 * math.sqrt(2 / 11) / math.sqrt(12), abs=1e-4)


def test_student_with_few_degrees_equals_the_printed_table() -> None:
    for df, t, p in (
        (1, 6.3138, 0.95),
        (2, 2.9200, 0.95),
        (3, 2.3534, 0.95),
        (4, 2.1318, 0.95),
        (5, 1.4759, 0.9),
    ):
        assert stats.t_cdf(t, df) == pytest.approx(p, abs=1e-5)
        assert stats.t_cdf(-t, df) == pytest.approx(1 - p, abs=1e-5)
    assert stats.t_quantile(0.5, 7) == pytest.approx(0, abs=1e-9)


def test_two_values_have_an_interval_and_one_has_none() -> None:
    # t(1) is 12.706; the standard error of 1 and 3 is 1
    assert stats.mean_interval([1.0, 3.0]).low == pytest.approx(2 - 12.7062, abs=1e-4)
    assert stats.mean_interval([1.0]).high is None
    assert stats.bounded_interval([1.0, 3.0], 5).low is not None
    two = stats.paired([1.0, 1.0], 5)
    assert (two.p, two.t) == (0.0, None)
    assert (two.difference.low or 0) < 0 < (two.difference.high or 0)  # two puzzles are no certainty
    one = stats.paired([1.0], 5)
    assert (one.difference.low, one.p, one.sd) == (None, None, None)


def test_a_difference_is_decided_by_interval_and_by_flips_and_needs_both() -> None:
    def pair(low: float | None, high: float | None, p: float) -> bool:
        return stats.Paired(stats.Interval(0.0, low, high, 9), 1.0, 0.01, p, 1.0).decided

    assert pair(0.01, 1, 0.04)
    assert pair(-1, -0.01, 0.04)
    assert not any(
        (pair(-1, 1, 0.04), pair(0.01, 1, 0.05), pair(0, 1, 0.01), pair(-1, 0, 0.01), pair(None, None, 0.0))
    )


def test_of_the_sign_patterns_those_as_far_count_too() -> None:
    assert stats.sign_flip_p((1.0, 2.0)) == 0.5  # 3 and -3 of 3, 1, -1, -3
    assert stats.sign_flip_p((1.0, -1.0)) == 1.0
    assert stats.sign_flip_p(tuple([1.0] * 300)) < 1e-9
    assert stats.sign_flip_p(tuple([1.0, -1.0] * 150)) == 1.0


def test_puzzles_needed_is_the_smallest_sufficient_number_from_six_up() -> None:
    for sd, gap in ((1.0, 0.5), (0.4, 0.1), (1.0, 2.0)):
        n = stats.puzzles_needed(sd, gap)
        assert stats.detectable_gap(sd, n) <= gap
        assert n == 6 or stats.detectable_gap(sd, n - 1) > gap
    assert stats.puzzles_needed(0.1, 5.0) == 6
    # t(9): 2.2622 and 0.8834, over sqrt(10)
    assert stats.detectable_gap(1.0, 10) == pytest.approx((2.2622 + 0.8834) / math.sqrt(10), abs=1e-4)


def test_more_players_take_more_puzzles_since_their_pairs_are_corrected() -> None:
    # z of 0.025 / 3 is 2.394, of 0.025 / 15 is 2.935; plus 0.8416, squared, over 0.5 ** 2: 42 and 57, and t a
    # few more
    assert [stats.puzzles_needed(1.0, 0.5, m) for m in (1, 3, 15)] == [34, 45, 61]


def test_the_bootstrap_cuts_a_fortieth_at_either_end() -> None:
    draws = iter(range(1, 2000))
    found = stats.bootstrap([1, 2, 3], lambda rows: float(next(draws)), draws=1000)
    assert (found.low, found.high) == (27.0, 977.0)  # the first number goes to the rows themselves


@pytest.mark.parametrize(("every", "known"), [(2, True), (3, False)])
def test_what_is_undefined_for_most_resamples_has_no_interval(every: int, known: bool) -> None:
    draws = iter(range(2000))
    found = stats.bootstrap([1, 2, 3], lambda rows: None if next(draws) % every else 1.0, draws=1000)
    assert (found.mean, found.low is not None, found.high is not None) == (1.0, known, known)


def test_sign_patterns_that_differ_by_rounding_alone_are_equal() -> None:
    exact = [sum(signs) for signs in itertools.product(*((d, -d) for d in (-3, -4, 4, 7)))]
    assert stats.sign_flip_p((-0.3, -0.4, 0.4, 0.7)) == sum(abs(s) >= 4 for s in exact) / 16 == 0.875


def test_many_means_at_once_have_wider_intervals() -> None:
    # Bonferroni over 5: t(1) at 0.995 is 63.6567; the standard error of 1 and 3 is 1
    assert stats.mean_interval([1.0, 3.0], 5).low == pytest.approx(2 - 63.6567, abs=1e-4)
