"""What could not be read, what failed, and what neither may do to a comparison or a figure."""

from pathlib import Path

import pytest

from escape.metrics import METRICS
from escape.results import card, doors, findings
from escape.results.ranking import Ranking, ranking
from escape.runs.file import jsonl
from escape.types import Puzzle, Run
from tests.cli.command import escape
from tests.small_runs import A, B, outcome, puzzles, result, run_of

ROOMS = METRICS["verified"]
UNREAD = outcome(moves=0, unread=1)
OUT, STUCK = outcome(out=True), outcome()


def ranked(first: list[object], second: list[object]) -> Ranking:
    """Two players in as many rooms as there are results; "failed" is a call without a reply."""
    rows = [
        result(f"P{n}", who, failed="player") if end == "failed" else result(f"P{n}", who, room=end)  # type: ignore[arg-type]
        for who, ends in ((A, first), (B, second))
        for n, end in enumerate(ends)
    ]
    return ranking(run_of(puzzles(len(first)), rows, [A, B]), ROOMS)


def test_thirty_of_thirty_is_not_better_than_one_with_29_unread() -> None:
    found = ranked([OUT] * 30, [OUT, *[UNREAD] * 29])
    (pair,) = found.pairs
    assert (pair.first, pair.comparison, pair.decided) == (A.name, "more", False)
    assert [s.ranks for s in found.standings] == [(1, 1), (2, 2)]
    said = findings.results_sentence(found)
    assert "29 of 30 answers by b were not read" in said
    assert "better than" not in said
    clear = ranked([OUT] * 30, [OUT, *[STUCK] * 29]).pairs[0]
    assert clear.decided  # what is read and lost is lost


def test_on_enough_rooms_that_both_could_be_read_in_a_clear_lead_is_one() -> None:
    (pair,) = ranked([OUT] * 20, [*[STUCK] * 12, *[UNREAD] * 8]).pairs
    assert pair.decided
    (pair,) = ranked([OUT] * 20, [*[STUCK] * 5, *[UNREAD] * 15]).pairs
    assert pair.comparison == "more"  # five rooms are too few


def test_a_lead_survives_its_failures_as_lost_and_the_others_as_out() -> None:
    won, lost, failed = [OUT] * 7, [STUCK] * 7, ["failed"] * 7
    assert ranked([*won, *won], [*lost, *lost]).pairs[0].decided
    for first, second in (([*won, *failed], [*lost, *won]), ([*won, *lost], [*lost, *failed])):
        (pair,) = ranked(first, second).pairs
        assert (pair.comparison, pair.doubted) == ("cannot tell", True)


@pytest.fixture
def losses_as_failures(every: list[Puzzle]) -> Run:
    """Six rooms out, and 24 losses that somebody has made failures of."""
    rows = [result(p.problem_id, A, room=OUT) for p in every[:6]]
    rows += [result(p.problem_id, A, failed="player") for p in every[6:30]]
    return run_of(every[:30], rows, [A])


def test_a_figure_with_failed_trials_shows_its_bounds_wherever_it_stands(
    losses_as_failures: Run, tmp_path: Path
) -> None:
    told = "24 failed: .20 to 1.00"
    found = ranking(losses_as_failures, ROOMS)
    assert told in findings.results_sentence(found)
    assert told in findings.headline_figure(found.standings[0], found.basis)
    assert told in card.page(losses_as_failures, ROOMS)
    assert told in doors.doors(losses_as_failures, ROOMS, reference=False)[0].rows[0].beside
    file = tmp_path / "run.json"
    file.write_bytes(b"".join(jsonl.run_lines(losses_as_failures)))
    printed = escape("table", str(file)).stdout
    head, row, *_ = (line.split(",") for line in printed.splitlines())
    figures = dict(zip(head, row, strict=True))
    assert (figures["rooms"], figures["failed"], figures["least"], figures["most"]) == (
        "",
        "24",
        "0.200",
        "1.000",
    )


def test_every_figure_of_rooms_says_how_many_answers_could_not_be_read(every: list[Puzzle]) -> None:
    ends = [OUT] * 12 + [STUCK] * 9 + [UNREAD] * 9
    run = run_of(
        every[:30], [result(p.problem_id, A, room=e) for p, e in zip(every, ends, strict=False)], [A]
    )
    assert findings.results_sentence(ranking(run, ROOMS)) == (
        "a gets out of 12 of 30 rooms. a: 9 not understood."
    )
    assert "9 not understood" in doors.doors(run, ROOMS, reference=False)[0].rows[0].beside
    assert "9 not understood" in card.page(run, ROOMS)
