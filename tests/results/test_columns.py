"""Every figure under its own name: in both CSVs, the leaderboard, the report, the tallies and the bounds."""

import csv
import io
import re
from collections import Counter

import pytest

from escape.cli.run import standings_lines
from escape.metrics import METRICS
from escape.results import card, digest, doors, ranking
from escape.results import csv as tables
from escape.types import Run
from tests.distinct import ENDS, MARKED, PUZZLE, distinct_run, run_of_ends

FULL = {
    "run_id": "therunsid",
    "started_at": "2026-01-02T03:04:05+00:00",
    "player": "openai:gpt-5[high]",
    "provider": "openai",
    "model": "gpt-5",
    "model_reported": "gpt-5-2026",
    "problem_id": "DISTINCT",
    "title": "The title of DISTINCT",
    "family": "family of rooms",
    "repeat": "2",
    "status": "marked",
    "pus": "1.5",
    "sps": "1.2",  # half by the word of the room, .7 by the steps
    "rhh": "0.0",
    "overall": "2.7",
    "works": "partly",  # the room's word
    "attempted": "True",
    "principles_met": "3",
    "principles_total": "4",
    "steps_met": "7",
    "steps_total": "10",
    "herrings_used": "item 2",
    "invented_items": "a crane",
    "judge": "checklist:anthropic:claude",
    "judge_prompt": "checklist/9",
    "feedback": "The feedback.",
    "answer": "The answer's text.",
    "reference_solution": " / ".join(PUZZLE.solution.steps),
    "input_tokens": "1401",
    "output_tokens": "1502",
    "judge_input_tokens": "1603",
    "judge_output_tokens": "1704",
    "cost_usd": "0.75",
    "latency_s": "3.25",
    "attempts": "16",
    "error": "",
    "finish_reason": "length",
    "effort": "high",
    "out": "0",
    "moves": "13",
    "shortest": "9",
    "progress": "0.37",
    "lost_at": "12",
    "without_effect": "5",
    "not_understood": "6",
    "herrings_touched": "item 2",
    "protocol": "plan",
    "turns": "",
    "repairs": "17",
    "twist_of": "ANOTHER",
    "temperature": "0.83",
    "program": "9.8.7",
    "note": "A note.",
    "note_category": "a category",
    "result": "stuck",
    "judge_works": "yes",
    "judge_exam": "none",
    "instructions": "",
    "out_every_time": "",
    "out_at_least_once": "",
    "principles_share": "0.75",
    "principles_corrected": "",
    "principles_low": "",
    "principles_high": "",
    "steps_share": "0.7",
    "steps_corrected": "",
    "steps_low": "",
    "steps_high": "",
    "herrings_share": "0.5",
    "herrings_corrected": "",
    "herrings_low": "",
    "herrings_high": "",
}


@pytest.fixture
def run() -> Run:
    return distinct_run()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_column_of_the_whole_table_has_its_own_value(run: Run) -> None:
    row = rows(tables.to_csv(run))[0]
    assert re.fullmatch("[0-9a-f]{16}", row.pop("puzzle_sha256"))
    assert row == FULL


def test_no_two_figures_of_the_fixture_are_the_same() -> None:
    """So that a column cannot show another's figure and pass."""
    # out and rhh; used and touched; a cost and a share
    same = {"0", "0.0", "", "item 2", "openai", "gpt-5", "0.75"}
    values = Counter(v for v in FULL.values() if v not in same)
    assert [v for v, n in values.items() if n > 1] == []


def test_every_column_of_the_plain_table_has_its_own_value(run: Run) -> None:
    row = rows(tables.plain_csv(run))[0]
    told = {
        "run": "therunsid",
        "player": "openai:gpt-5[high]",
        "judge": "checklist:anthropic:claude",
        "room": "DISTINCT",
        "set": "twists",
        "title": "The title of DISTINCT",
        "repeat": "2",
        "result": "stuck",
        "out": "0",
        "physical_understanding": "1.5",
        "solution_path": "1.2",
        "red_herring_handling": "0.0",
        "total": "2.7",
        "total_max": "5",
        "cost_usd": "0.75",
        "answer": "The answer's text.",
        "reference": FULL["reference_solution"],
    }
    assert {name: row[name] for name in told} == told


def test_whether_an_unread_plan_works_is_said_by_nobody(run: Run) -> None:
    ends = run_of_ends()
    works = {row["result"]: row["works"] for row in rows(tables.to_csv(ends)) if row["result"] != "failed"}
    assert works["unread"] == works["cut off"] == works["refused"] == works["empty"] == ""
    assert (works["out"], works["stuck"], works["gave up"]) == ("yes", "partly", "no")


def test_the_leaderboard_has_each_mean_under_its_heading(run: Run) -> None:
    heading, line = standings_lines(run, METRICS["standard"]).splitlines()[:2]
    cells = dict(zip(heading.split()[-7:], line.replace("0.75 USD", "0.75").split()[-7:], strict=True))
    assert cells == {
        "PUS": "1.50",
        "SPS": "1.20",
        "RHH": "0.00",
        "out": "0.00",
        "answers": "1",
        "failed": "0",
        "cost": "0.75",
    }


def test_the_report_has_each_mean_under_its_heading(run: Run) -> None:
    page = card.page(run, METRICS["standard"])
    heads, cells = (re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", page) for tag in ("th", "td"))
    assert heads
    for figure in ("1.50", "1.20", "0.75 USD"):
        assert any(figure in cell for cell in cells) or figure in page, figure
    assert "1 answered, 1 marked, 0 not marked, 1 without an answer" in page


def test_each_end_is_counted_as_itself() -> None:
    run = run_of_ends()
    tally = digest(run).tallies[MARKED.trial.player]
    ended = {word: n for word, n in ENDS.items() if word not in ("failed", "not asked")}
    assert {word: tally.ended[word] for word in ended} == ended
    assert (tally.failed, tally.answers) == (
        ENDS["failed"], sum(ended.values()),
    )  # fmt: skip
    assert tally.unknown() == ENDS["unread"] + ENDS["cut off"] + ENDS["refused"] + ENDS["empty"]


def test_the_bounds_of_a_share_hold_what_failed_and_what_was_not_asked() -> None:
    """2 of 30 are known to be out; of 45 that were to be asked, 15 are not there."""
    (band,) = doors.doors(run_of_ends(), METRICS["verified"], reference=False)
    (row,) = band.rows
    assert row.figure == "2 of 30"
    assert "7 failed and 8 not asked: .04 to .38" in row.beside
    (line,) = ranking(run_of_ends(), METRICS["verified"]).standings
    assert line.headline is not None
    assert (line.headline.n, line.rooms_out) == (30, 2)
