"""Tables, CSV, leaderboard and the sentences: worked by hand on a small run."""

import csv
import io
import re
from pathlib import Path

import pytest

from escape.metrics import METRICS
from escape.results import charts, tables, wording
from escape.results import csv as report
from escape.results.charts import Chart
from escape.results.digest import digest
from escape.runs import new_run
from escape.types import (
    Answer,
    Checklist,
    Failure,
    FailureKind,
    ModelSpec,
    Note,
    Puzzle,
    Result,
    Run,
    RunConfig,
    Scores,
    Tick,
    Trial,
    Verdict,
)
from tests.small_runs import C, checklist, outcome, puzzles, run_of
from tests.small_runs import result as made
from tests.small_runs import run_of as small
from tests.small_runs import verdict as judged

ROOT = Path(__file__).parent.parent.parent
A, B = ModelSpec(provider="openai", model="a"), ModelSpec(provider="demo", model="b")


def pictures() -> list[Chart]:
    """The charts of a run; that of a class has a table of its own and is tested with the others."""
    return [c for c in charts.CHARTS.values() if c.source in tables.TABLES]


def verdict(pus: float, sps: float, rhh: float | None, **more: object) -> Verdict:
    return Verdict.model_validate({"judge": "checklist", "scores": Scores(pus=pus, sps=sps, rhh=rhh), **more})


def result(
    puzzle: str, player: ModelSpec, verdict_: Verdict | None, repeat: int = 1, text: str = "words"
) -> Result:
    trial = Trial(problem_id=puzzle, player=player.name, repeat=repeat)
    return Result(
        trial=trial,
        answer=Answer(text=text, cost_usd=0.01, input_tokens=5, output_tokens=7),
        verdict=verdict_,
    )


@pytest.fixture
def run(by_id: dict[str, Puzzle]) -> Run:
    puzzles = [by_id["FLUID_001"], by_id["CIPHER_001"]]
    config = RunConfig(players=(A, B), problem_ids=("FLUID_001", "CIPHER_001"), repeats=2)
    failed = Failure(stage="player", kind=FailureKind.TIMEOUT, message="no answer in time", attempts=3)
    return new_run(config, puzzles).model_copy(
        update={
            "results": (
                result("FLUID_001", A, verdict(2, 2, 1)),
                result("FLUID_001", A, verdict(1, 1, 0), 2),
                result("CIPHER_001", A, verdict(2, 1, None)),
                Result(trial=Trial(problem_id="CIPHER_001", player=A.name, repeat=2), failure=failed),
                result("FLUID_001", B, verdict(0, 0, 0)),
                result("CIPHER_001", B, None, 1, text="=HYPERLINK(1)"),
            )
        }
    )


def test_there_is_one_row_per_trial_with_every_column(run: Run) -> None:
    rows = list(report.rows(run))
    assert len(rows) == 8
    assert [list(r) for r in rows] == [report.COLUMNS] * 8
    assert [r["result"] for r in rows].count("not asked") == 2
    assert [r["status"] for r in rows].count("marked") == 4


def test_the_plain_table_has_seventeen_columns_that_need_no_manual(run: Run) -> None:
    back = list(csv.DictReader(io.StringIO(report.plain_csv(run))))
    assert (
        list(back[0])
        == (
            "run player judge room set title repeat result out physical_understanding solution_path "
            "red_herring_handling total total_max cost_usd answer reference"
        ).split()
    )
    assert len(back) == 8
    by_result = {row["result"]: row for row in back}
    assert (by_result["failed"]["out"], by_result["failed"]["total"]) == ("", "")
    assert (by_result["not asked"]["out"], by_result["not asked"]["answer"]) == ("", "")
    first = back[0]
    assert (first["physical_understanding"], first["total"], first["total_max"]) == ("2.0", "5.0", "5")
    without = next(row for row in back if row["room"] == "CIPHER_001" and row["total"])
    assert (without["red_herring_handling"], without["total_max"]) == ("", "4")


TRIAL = Trial(problem_id="P0", player="openai:m")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"out": True}, "out"),
        ({}, "stuck"),
        ({"gave_up": True}, "gave up"),
        ({"moves": 0, "steps": ()}, "unread"),
    ],
)
def test_what_became_of_an_answer_is_one_word(made: dict[str, object], said: str) -> None:
    played = outcome().model_copy(update=made)
    assert Result(trial=TRIAL, answer=Answer(text="x"), outcome=played).result == said
    cut = Answer(text="", finish_reason="length")
    silent = played.model_copy(update={"moves": 0, "steps": (), "out": False, "gave_up": False})
    assert Result(trial=TRIAL, answer=cut, outcome=silent).result == "cut off"
    refused = Answer(text="No.", finish_reason="refusal")
    assert Result(trial=TRIAL, answer=refused, outcome=silent).result == "refused"


def test_the_csv_reads_back_and_starts_no_formula(run: Run) -> None:
    back = list(csv.DictReader(io.StringIO(report.to_csv(run))))
    assert len(back) == 8
    assert (
        next(r for r in back if r["player"] == "demo:b" and r["problem_id"] == "CIPHER_001")["answer"]
        == "'=HYPERLINK(1)"
    )
    failed = next(r for r in back if r["result"] == "failed")
    assert failed["error"] == "player: timeout: no answer in time"
    assert (failed["pus"], failed["rhh"], failed["answer"]) == ("", "", "")
    assert report.plain_csv(run, excel=True).startswith("\ufeff")


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "|x", "%x", "\u00a0=1", "\x00=1", "＝1+1", "＋1", "－1", "＠x"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(cell: str) -> None:
    assert str(report.safe_cell(cell)).startswith("'")
    assert report.safe_cell(-1.5) == -1.5
    assert report.safe_cell(f"a;{cell}") != f"a;{cell}"
    assert report.safe_cell("a - b = c") == "a - b = c"


def test_what_failed_or_was_cut_off_is_counted_once(run: Run) -> None:
    short = result("CIPHER_001", B, verdict(1, 1, None), 2)
    cut = short.model_copy(update={"answer": Answer(text="a", finish_reason="length")})
    more = run.model_copy(update={"results": (*run.results, cut)})
    made = digest(more)
    assert (made.cut_off, made.failed) == (1, {(A.name, "CIPHER_001")})
    assert made.causes == {(False, "no answer in time"): 1}
    assert (made.waiting, made.lacking) == (1, 2)
    assert digest(more) is made
    cells = tables.cells(run, METRICS["standard"]).set_index(["problem_id", "name"])["label"]
    assert cells["CIPHER_001", "b"] == "-"


def test_an_answers_sentence_names_physics_plan_and_herrings(by_id: dict[str, Puzzle]) -> None:
    items = Checklist(principles=(), steps=(), herrings=(Tick(text="milk carton", met=True, quote="milk"),))
    judged = result("FLUID_001", A, verdict(2, 0.2, 0, checklist=items))
    said = wording.answer_sentence(judged, by_id["FLUID_001"], METRICS["standard"])
    assert said == "a on The tube: right physics, no working plan, used milk carton. 2.2 of 5."


def test_money_and_time_are_said_as_people_say_them() -> None:
    assert [wording.money(x) for x in (None, 0, 0.00001, 0.0123, 3.456)] == [
        "price unknown",
        "0 USD",
        "under 0.0001 USD",
        "0.012 USD",
        "3.46 USD",
    ]
    assert [wording.seconds(x) for x in (0.2, 40, 150, 9000)] == ["1 s", "40 s", "2 min", "2.5 h"]


def test_every_chart_draws_its_table(run: Run) -> None:
    for chart in pictures():
        table = tables.TABLES[chart.source](run, METRICS["standard"])
        if not table.empty:
            assert chart.draw(table).data, chart.title
        assert chart.alt


def test_charts_read_names_as_text_and_show_the_tables_numbers(run: Run) -> None:
    evil = run.model_copy(
        update={
            "results": tuple(
                r.model_copy(
                    update={
                        "trial": r.trial.model_copy(update={"player": "x:<a href='http://203.0.113.9'>y</a>"})
                    }
                )
                for r in run.results[:1]
            )
        }
    )
    for chart in pictures():
        assert "<a href" not in chart.draw(tables.TABLES[chart.source](evil, METRICS["standard"])).to_json()
    standings = tables.standings(run, METRICS["standard"])
    bars = charts.CHARTS["leaderboard"].draw(standings).data
    assert [b.x[0] for b in bars] == standings["value"].tolist()


def test_a_player_keeps_its_place_and_so_its_colour_in_every_picture(run: Run) -> None:
    order = ["a", "b"]
    made = {
        n: c.draw(tables.TABLES[c.source](run, METRICS["standard"]))
        for n, c in charts.CHARTS.items()
        if c.source in tables.TABLES
    }
    assert [t.name for t in made["leaderboard"].data] == order
    assert [t.name for t in made["radar"].data] == order
    assert list(made["mistakes"].data[0].y) == order


def test_mistakes_are_counted(run: Run) -> None:
    counts = tables.mistakes(run, METRICS["standard"]).set_index(["name", "mistake"])["count"]
    assert counts["a", "failed"] == 1


def test_the_docs_list_the_columns_and_metrics() -> None:
    readme = (ROOT / "docs/command-line.md").read_text("utf-8")
    columns = re.search(r"<!-- columns -->(.*?)<!-- /columns -->", readme, re.DOTALL)
    assert columns is not None
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", columns[1], re.MULTILINE))
    assert list(told) == report.COLUMNS
    assert all(len(words) > 8 for words in told.values())
    judging = (ROOT / "docs/judging.md").read_text("utf-8")
    assert all(f"`{name}`" in judging for name in METRICS)


def test_a_row_has_the_rooms_word_and_what_the_checklist_says() -> None:
    items = checklist(principles="10", steps="01", herrings="1", works="no")
    played = outcome(out=True, moves=5, shortest=2, touched=["brick"], unread=1, idle=2)
    run = run_of(puzzles(1), [outcome_result := made("P0", C, judged(1, 1, 0, items), played)], [C])
    (row,) = report.rows(run)
    assert outcome_result.verdict is not None
    wanted = {
        "works": "yes",
        "attempted": True,
        "principles_met": 1,
        "principles_total": 2,
        "steps_met": 1,
        "steps_total": 2,
        "herrings_used": "brick",
        "out": 1,
        "moves": 5,
        "shortest": 2,
        "progress": 1.0,
        "lost_at": None,
        "without_effect": 2,
        "not_understood": 1,
        "herrings_touched": "brick",
        "rhh": 0.0,
        "pus": 1.0,
    }
    assert {name: row[name] for name in wanted} == wanted


def test_a_plan_that_could_not_be_read_is_not_out_and_told_apart() -> None:
    run = run_of(puzzles(1), [made("P0", C, None, outcome(moves=0, unread=2))], [C])
    (row,) = report.rows(run)
    assert (row["out"], row["works"], row["not_understood"], row["result"]) == (0, None, 2, "unread")


def test_every_column_holds_its_own_figure() -> None:
    """Each figure is another number, so that no column can hold its neighbour's."""
    answer = Answer(
        text="words", model="m-1", input_tokens=11, output_tokens=12, latency_s=1.5, cost_usd=0.25, attempts=3
    )
    given = judged(1, 1.5, 0).model_copy(
        update={"input_tokens": 21, "output_tokens": 22, "cost_usd": 0.5, "prompt": "p/9", "feedback": "hm"}
    )
    spec = C.model_copy(update={"effort": "high"})
    run = run_of(puzzles(1), [made("P0", spec, given, answer=answer)], [spec])
    (row,) = report.rows(run)
    wanted = {
        "player": "demo:c[high]",
        "provider": "demo",
        "model": "c",
        "model_reported": "m-1",
        "title": "Room P0",
        "repeat": 1,
        "input_tokens": 11,
        "output_tokens": 12,
        "judge_input_tokens": 21,
        "judge_output_tokens": 22,
        "cost_usd": 0.75,
        "latency_s": 1.5,
        "attempts": 3,
        "judge": "j",
        "judge_prompt": "p/9",
        "feedback": "hm",
        "answer": "words",
        "finish_reason": "stop",
        "effort": "high",
        "overall": 2.5,
        "status": "marked",
        "error": None,
    }
    assert {name: row[name] for name in wanted} == wanted


def test_a_row_takes_its_time_from_its_trial_and_else_from_its_run() -> None:
    given = run_of(
        puzzles(1), [made("P0", C, judged(1, 1)), made("P0", C, judged(1, 1), repeat=2)], (C,), repeats=2
    )
    first = given.results[0].model_copy(update={"started_at": "then"})
    rows = list(report.rows(given.model_copy(update={"results": (first, given.results[1])})))
    assert [r["started_at"] for r in rows] == ["then", given.started_at]


def test_money_is_exact_to_a_hundred_millionth_and_marks_to_four_places() -> None:
    answer = Answer(text="x", cost_usd=0.123456789, latency_s=1.23456, input_tokens=1, output_tokens=2)
    thirds = judged(1 / 3, 2 / 3, 1)
    (row,) = report.rows(run_of(puzzles(1), [made("P0", C, thirds, answer=answer)], (C,)))
    assert (row["cost_usd"], row["latency_s"]) == (0.12345679, 1.235)
    assert (row["pus"], row["sps"], row["overall"]) == (0.3333, 0.6667, 2.0)


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("a;=b", "a;'=b"),
        ("; =b", "';' =b"),
        ("a\n+b", "a\n'+b"),
        ("plain - text", "plain - text"),
        ("a\rb", "a\nb"),  # Python 3.11 does not quote a carriage return alone
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_only_where_a_cell_may_begin_is_a_sign_disarmed(cell: str, safe: str) -> None:
    assert report.safe_cell(cell) == safe
    assert report.safe_cell(5) == 5
    assert report.safe_cell(None) is None


def test_no_two_columns_of_a_checklist_hold_each_others_figure() -> None:
    items = checklist(principles="100", steps="1100", herrings="1", works="partly")
    full = items.model_copy(update={"invented_items": ("a crane", "a saw")})
    (row,) = report.rows(run_of(puzzles(1), [made("P0", C, judged(1, 1, 0, full))], (C,)))
    assert (row["principles_met"], row["steps_met"]) == (1, 2)
    assert (row["principles_total"], row["steps_total"]) == (2, 2)  # the puzzle's, not the checklist's
    assert (row["herrings_used"], row["invented_items"]) == ("item 0", "a crane; a saw")
    assert (row["works"], row["attempted"]) == ("partly", True)


def test_no_two_columns_of_a_room_hold_each_others_figure() -> None:
    room = outcome(moves=7, shortest=3, progress=0.5, touched=("brick",), lost_at=5, idle=4)
    (row,) = report.rows(run_of(puzzles(1), [made("P0", C, None, room)], (C,)))
    told = {"out": 0, "moves": 7, "shortest": 3, "progress": 0.5, "lost_at": 5}
    told |= {"without_effect": 4, "not_understood": 0}
    assert {k: row[k] for k in told} == told
    assert row["herrings_touched"] == "brick"
    assert row["works"] == "partly"  # without a judge it is the room's word


def test_no_two_columns_of_calls_hold_each_others_figure() -> None:
    answer = Answer(
        text="x", model="m-1", input_tokens=1, output_tokens=2, latency_s=3.5, attempts=2, cost_usd=0.25
    )
    mark = judged(1, 1).model_copy(
        update={"input_tokens": 5, "output_tokens": 6, "prompt": "p/1", "feedback": "well"}
    )
    (row,) = report.rows(run_of(puzzles(1), [made("P0", C, mark, answer=answer)], (C,)))
    names = (
        "input_tokens output_tokens judge_input_tokens judge_output_tokens attempts latency_s cost_usd"
    ).split()
    assert [row[n] for n in names] == [1, 2, 5, 6, 2, 3.5, 0.25]
    assert (row["model_reported"], row["judge_prompt"], row["feedback"]) == ("m-1", "p/1", "well")
    assert (row["judge"], row["answer"], row["error"], row["finish_reason"]) == ("j", "x", None, "stop")


def test_all_that_was_noted_of_an_answer_stands_in_its_row() -> None:
    trial = made("P0", C, judged(1, 1)).trial
    notes = (Note(trial=trial, by="Ada", text="no water"),
             Note(trial=trial, by="Bo", category="wrong physics", text="no lever"))  # fmt: skip
    run = small(puzzles(1), [made("P0", C, judged(1, 1))], (C,)).model_copy(update={"notes": notes})
    (row,) = report.rows(run)
    assert (row["note"], row["note_category"]) == ("no water; no lever", "wrong physics")
