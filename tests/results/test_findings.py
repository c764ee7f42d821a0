"""What is said of a ranking, and that it is what the figures say."""

from __future__ import annotations

import random
import re

import pytest

from escape.metrics import METRICS
from escape.results import findings
from escape.results.ranking import ranking
from escape.stats import gap_shown, puzzles_needed, sd_range
from escape.types import ModelSpec
from tests.small_runs import A, B, C, checklist, outcome, puzzle, puzzles, result, run_of, verdict

ROOMS = METRICS["verified"]


def marked(*rows: list[float], players: tuple = (A, B, C)) -> object:
    """A run whose players have these marks for physics, one a puzzle; everything else is equal."""
    found = [
        result(f"P{i}", who, verdict(m, 1, 1))
        for who, row in zip(players, rows, strict=False)
        for i, m in enumerate(row)
    ]
    return run_of(puzzles(len(rows[0])), found, players[: len(rows)])


def test_nothing_is_said_of_nobody_and_no_difference_of_one() -> None:
    empty = run_of(puzzles(1), [])
    assert findings.results_sentence(ranking(empty)) == "No answer has been judged yet."
    assert findings.results_sentence(ranking(empty, ROOMS)) == "No room has been tried yet."
    assert findings.results_sentence(ranking(marked([2, 1, 0]))) == "a scores 3.00 of 5 over 3 puzzles."


def test_the_difference_is_the_better_players_minus_the_others() -> None:
    found = ranking(marked([1, 0, 1, 0, 1, 0, 1], [2, 2, 2, 1, 2, 2, 2]))
    said = findings.results_sentence(found)
    assert said.startswith("b scores 3.86 of 5, a 2.57: b is clearly better than a (likely ")
    low, high = found.pairs[0].paired.difference.low, found.pairs[0].paired.difference.high
    assert f"(likely {low:.2f} to {high:.2f} marks)" in said


def test_one_puzzle_tells_nobody_apart() -> None:
    assert findings.results_sentence(ranking(marked([2], [1]))).endswith("one puzzle is too few to tell.")


def test_where_nobody_can_tell_it_is_said_what_would_help() -> None:
    found = ranking(marked([2, 0, 1, 2, 0, 1], [1, 1, 1, 1, 1, 0]))
    assert "too close to call" in findings.results_sentence(found)
    said = findings.help_sentence(found)
    assert said.startswith("To tell the first two apart would take about ")
    fewest, most = map(int, said.split("about ")[1].split(" puzzles")[0].split(" to "))
    assert 6 < fewest < most


def test_where_many_puzzles_show_nothing_the_largest_gap_left_is_named() -> None:
    row = [1.0, 1.1] * 30
    found = ranking(marked(row, [1.1, 1.0] * 30))
    span = found.pairs[0].paired.difference
    most = max(-span.low, span.high)
    assert findings.help_sentence(found).endswith(f"is probably below {most:.2f} marks.")


def test_rooms_are_counted_where_every_room_is_whole() -> None:
    rows = [result(f"P{i}", A, room=outcome(out=i < 2)) for i in range(3)]
    said = findings.results_sentence(ranking(run_of(puzzles(3), rows, [A]), ROOMS))
    assert said == "a gets out of 2 of 3 rooms."
    half = [*rows, result("P0", A, room=outcome(out=False), repeat=2)]
    said = findings.results_sentence(ranking(run_of(puzzles(3), half, [A], repeats=2), ROOMS))
    assert said == "a gets out of 50% of the rooms."


def test_what_players_are_compared_on_is_said_where_that_is_not_everything() -> None:
    apart = run_of(
        puzzles(6),
        [*(result(f"P{i}", w, verdict(1, 1)) for i in range(6) for w in (A, B)), result("P0", C, verdict(2, 2))],
        [A, B, C],
    )
    said = findings.basis_sentence(ranking(apart))
    assert said == "Too few marks to compare with the others: c."
    some = [puzzle("P0"), *(puzzle(f"P{i}", herrings=False) for i in range(1, 4))]
    few = run_of(some, [result(p.problem_id, A, verdict(1, 1, 1 if p.red_herrings else None)) for p in some], [A])
    assert "only 1 of 4 puzzles has red herrings" in findings.basis_sentence(ranking(few))
    none = run_of(some[1:], [result(p.problem_id, A, verdict(1, 1, None)) for p in some[1:]], [A])
    assert "none of 3 puzzles have red herrings" in findings.basis_sentence(ranking(none))


def test_places_are_ranges_and_told_from_three_players_on() -> None:
    two = ranking(marked([2, 2], [1, 1]))
    assert findings.places_sentence(two) == ""
    best, middle, worst = [2.0] * 12, [1.0] * 12, [0.0] * 12
    assert findings.places_sentence(ranking(marked(best, middle, worst))) == "Possible ranks: a 1, b 2, c 3."


def test_who_is_ranked_apart_leads_by_no_metric() -> None:
    rows = [
        *(result(f"P{i}", A, verdict(1, 2, 1, checklist(works="yes"))) for i in range(6)),
        *(result(f"P{i}", B, verdict(2, 1.5, 1, checklist(works="no"))) for i in range(6)),
        result("P0", C, verdict(2, 2, 1, checklist(works="yes"))),
    ]
    found = {m: ranking(run_of(puzzles(6), rows, [A, B, C]), m) for m in (METRICS["standard"], METRICS["sps_strict"])}
    said = findings.metric_changes_leader(found)
    assert said == "The choice of metric changes who leads. Standard: b; Strict path: a."


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, ""),
        (1, "One puzzle cannot tell players apart."),
        (5, "5 puzzles: too few to say who is better in general; it takes at least 6."),
    ],
)
def test_too_few_puzzles_are_called_too_few(n: int, said: str) -> None:
    assert findings.power_sentence(n) == said


def test_more_puzzles_show_smaller_gaps() -> None:
    shown = [int(findings.power_sentence(n).split("below ")[1].split(" points")[0]) for n in (6, 10, 30)]
    assert shown == [round(100 * gap_shown(0.4, n)) for n in (6, 10, 30)] == [57, 40, 21]


def test_marks_are_said_with_two_decimals_and_never_as_minus_nothing() -> None:
    found = ranking(marked([1.0] * 8, [1.0] * 7 + [1.004]))
    assert "-0.00" not in findings.results_sentence(found)
    same = ranking(marked([1.0] * 8, [1.0] * 8))
    assert "too close to call (likely -" in findings.results_sentence(same)
    pair = found.pairs[0]
    assert findings._size(0.123, found.basis) == "0.12"
    assert findings._size(-0.001, found.basis) == "0.00"
    rooms = ranking(run_of(puzzles(2), [result("P0", A, None, outcome(out=True))], (A,)), ROOMS)
    assert findings._size(0.434, rooms.basis) == "43"
    assert pair.comparison == "cannot tell"


def test_what_would_help_is_a_range_or_how_large_a_gap_can_be() -> None:
    wide = [0.0, 2.0, 0.5, 1.5, 0.0, 2.0, 1.0, 0.5]
    found = ranking(marked(wide, [*wide[:4], 0.0, 1.0, 0.0, 0.0]))
    said = findings.help_sentence(found)
    fewest, most = re.search(r"would take about (\d+) to (\d+) puzzles\.", said).groups()  # type: ignore[union-attr]
    assert 8 < int(fewest) < int(most)
    narrow = [1.0, 1.1, 1.0, 0.9] * 30
    close = ranking(marked(narrow, [*narrow[1:], narrow[0]]))
    span = close.pairs[0].paired.difference
    largest = max(-(span.low or 0), span.high or 0)
    assert f"is probably below {largest:.2f} marks." in findings.help_sentence(close)


def test_few_puzzles_are_told_that_it_takes_six() -> None:
    said = findings.results_sentence(ranking(marked([2.0, 1.5, 2.0, 1.8, 2.0], [0.0, 0.5, 0.0, 0.1, 0.2])))
    assert said.endswith("too few to say who is better; it takes at least 6.")
    said = findings.results_sentence(ranking(marked([2.0, 1.5, 2.0, 1.8, 2.0, 2.0], [0.0, 0.5, 0.0, 0.1, 0.2, 0.0])))
    assert "a is clearly better than b" in said


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, ""),
        (1, "One puzzle cannot tell players apart."),
        (2, "2 puzzles: too few to say who is better in general; it takes at least 6."),
        (
            6,
            "With 6 rooms, a gap below 57 points cannot be told from chance; Results says more once there are figures. "
            "More puzzles help more than more repeats.",
        ),
    ],
)
def test_what_a_number_of_puzzles_can_show(n: int, said: str) -> None:
    assert findings.power_sentence(n) == said


def test_places_are_said_of_those_who_are_ranked_from_three_on() -> None:
    three = ranking(marked([2.0] * 7, [1.0, 0.9, 1.1, 1.0, 1.0, 1.2, 1.0], [0.0] * 7))
    assert findings.places_sentence(three) == "Possible ranks: a 1, b 2, c 3."
    rows = [[2.0] * 7, [1.0] * 7]
    with_apart = run_of(
        puzzles(7),
        [*(result(f"P{i}", w, verdict(m, 1, 1)) for w, r in zip((A, B), rows, strict=True) for i, m in enumerate(r)),
         result("P0", C, verdict(1, 1, 1))],
        (A, B, C),
    )  # fmt: skip
    assert findings.places_sentence(ranking(with_apart)) == ""


def test_what_is_left_out_is_said_with_its_number() -> None:
    def said(herrings: int, n: int = 6) -> str:
        given = [puzzle(f"P{i}", herrings=i < herrings) for i in range(n)]
        found = [result(p.problem_id, A, verdict(1, 1, 1 if p.red_herrings else None)) for p in given]
        return findings.basis_sentence(ranking(run_of(given, found, (A,))))

    assert said(1) == "Compared without Red Herring Handling: only 1 of 6 puzzles has red herrings, too few to count."
    assert "only 2 of 6 puzzles have" in said(2)
    assert "none of 6 puzzles have" in said(0)
    assert said(3) == ""


def test_the_metric_that_agrees_is_not_named() -> None:
    def of(metric: str, *rows: list[float]) -> object:
        return ranking(marked(*rows), METRICS[metric])

    usual, other = METRICS["standard"], METRICS["sps_strict"]
    first, second = of("standard", [2.0] * 6, [1.0] * 6), of("sps_strict", [1.0] * 6, [2.0] * 6)
    said = findings.metric_changes_leader({usual: first, other: second})
    assert said == "The choice of metric changes who leads. Standard: a; Strict path: b."
    assert findings.metric_changes_leader({usual: first, other: first}) == ""
    assert findings.metric_changes_leader({other: second}) == ""
    nobody = ranking(run_of(puzzles(1), []), other)
    assert findings.metric_changes_leader({usual: first, other: nobody}) == ""


@pytest.mark.proof
def test_more_puzzles_are_recommended_between_the_ends_of_the_range() -> None:
    """Enough for the low end of the spread and not for the high one: nobody can say yet that the gap is small."""
    rng = random.Random(1)
    for n in range(20, 90, 5):
        rows = [[rng.choice([0.0, 1.0, 2.0]) for _ in range(n)] for _ in range(2)]
        found = ranking(marked(*rows))
        pair = found.pairs[0]
        gap = abs(pair.paired.difference.mean)
        if round(gap, 2) == 0:
            continue
        fewest, most = (puzzles_needed(s, gap) for s in sd_range(pair.paired.sd or 0.0, n))
        said = findings.help_sentence(found)
        if pair.comparison == "ahead":
            continue
        small = n >= most or fewest > findings.MANY
        assert ("is probably below" in said) == small, n
        assert (f"would take about {fewest} to {min(most, findings.MANY)} puzzles" in said) == (not small), n
    said = findings.help_sentence(ranking(marked([1.0, 1.4] * 5, [1.0] * 10)))
    assert said.endswith("would take about 8 to 21 puzzles.")


def test_two_players_with_one_name_are_called_by_their_full_names() -> None:
    one, two = ModelSpec(provider="openai", model="m"), ModelSpec(provider="groq", model="m")
    rows = [result(f"P{i}", p, None, outcome(out=i < n)) for p, n in ((one, 7), (two, 2)) for i in range(8)]
    said = findings.results_sentence(ranking(run_of(puzzles(8), rows, (one, two)), ROOMS))
    assert said == "openai:m gets out of 7 of 8 rooms, groq:m of 2: too close to call."


def test_figures_and_their_gap_have_one_form_and_go_together() -> None:
    """a gets out of 3 rooms always and of one every second time; b of 2: shares for both, and their difference."""
    rows = [result(f"P{i}", A, None, outcome(out=True), repeat=r) for i in range(3) for r in (1, 2)]
    rows += [result("P3", A, None, outcome(out=r == 1), repeat=r) for r in (1, 2)]
    rows += [result(f"P{i}", B, None, outcome(out=i < 2), repeat=r) for i in range(4) for r in (1, 2)]
    said = findings.results_sentence(ranking(run_of(puzzles(4), rows, (A, B), repeats=2), ROOMS))
    assert said.startswith("a gets out of 88% of the rooms, b of 50%: too few")
