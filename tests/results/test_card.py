"""The page that says what exactly was run: complete, alone, and nothing in it live."""

import re
from pathlib import Path

import pandas as pd
import pytest

from escape.judges.annotators import WHO
from escape.metrics import METRICS
from escape.puzzles.files import set_hash
from escape.results import card
from escape.results.card import facts, page
from escape.results.charts import CHARTS, Chart, counts
from escape.results.ranking import ranking
from escape.results.tables import TABLES
from escape.runs import PACKAGES, new_run, program_hash
from escape.types import JudgeSpec, ModelSpec, Puzzle, ReportCard, Run, RunConfig
from tests.small_runs import A, B, carried_out, puzzles, result, run_of, verdict
from tools.bench.reading import cases


def played(puzzle: Puzzle) -> Run:
    config = RunConfig(
        players=(ModelSpec(provider="demo", model="careful"),),
        problem_ids=(puzzle.problem_id,),
        judge=JudgeSpec(design="readers"),
    )
    return carried_out(new_run(config, [puzzle]))


def test_the_facts_name_puzzles_judge_prompt_set_and_program(by_id: dict[str, Puzzle]) -> None:
    run = played(by_id["FLUID_001"])
    told = dict(facts(run, METRICS["standard"]))
    assert told["Puzzles"] == "1 puzzle: FLUID_001"
    assert (told["Judge"], told["Judge's prompt"]) == ("readers", WHO)
    listed = [by_id["FLUID_001"].model_dump(mode="json", exclude_defaults=True)]
    assert told["Puzzle set, SHA-256"] == set_hash(listed)[:16]
    assert program_hash()[:16] in told["Program"]
    assert "checklist/3" in told["Prompts"]
    assert {one.split()[0] for one in told["Libraries"].split(", ")} <= {*PACKAGES}


def test_the_page_stands_alone_and_text_from_outside_is_never_live(by_id: dict[str, Puzzle]) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    puzzle = by_id["FLUID_001"].model_copy(update={"title": hostile})
    made = page(played(puzzle).model_copy(update={"title": hostile}), METRICS["standard"])
    assert "<script>alert" not in made
    assert "<img" not in made
    assert "&lt;script&gt;" in made
    assert not re.search(r"""<[^>]*(?:src|href)=|url\(|https?://""", made)


def test_only_the_card_of_a_judge_whose_marks_are_there_is_shown() -> None:
    run = run_of(puzzles(2), [result(f"P{i}", A, verdict(1, 1)) for i in range(2)], [A]).model_copy(
        update={"cards": (ReportCard(judge="j", labelled=20), ReportCard(judge="elsewhere", labelled=20))}
    )
    made = page(run, METRICS["standard"])
    assert "j passed 0 of 0 controls" in made
    assert "elsewhere" not in made
    bare = page(run.model_copy(update={"cards": run.cards[1:]}), METRICS["standard"])
    assert "The judge that gave these marks has not been tested here." in bare


def test_facts_tell_answered_judged_and_without_a_mark() -> None:
    judge = JudgeSpec(design="j")
    run = run_of(puzzles(3), [result("P0", A, verdict(1, 1)), result("P1", A)], [A], judge=judge)
    told = dict(facts(run, METRICS["standard"]))
    assert told["Answers"] == "2 answered, 1 marked, 1 not marked, 1 without an answer"
    assert (told["Puzzles"], told["With red herrings"], told["Cost"]) == (
        "3 puzzles: P0, P1, P2",
        "3",
        "0 USD",
    )


def test_facts_are_about_the_puzzles_asked_and_nothing_empty_is_told() -> None:
    run = run_of(puzzles(3), [result("P0", A, verdict(1, 1))], [A])
    fewer = run.model_copy(update={"config": run.config.model_copy(update={"problem_ids": ("P0", "P1")})})
    told = dict(facts(fewer, METRICS["standard"]))
    assert (told["Puzzles"], told["Playable rooms"], told["Repeats"]) == ("2 puzzles: P0, P1", "0", "1")
    assert told["Players"] == "demo:a"
    nobody = dict(facts(run_of(puzzles(1), [], []), METRICS["standard"]))
    assert (nobody["Players"], nobody["Judge"], nobody["Judge's prompt"]) == ("none", "room", "none")
    bare = dict(facts(run.model_copy(update={"versions": {}}), METRICS["standard"]))
    assert not {"Program", "Prompts", "Libraries"} & set(bare)
    titled = dict(facts(run.model_copy(update={"title": "Monday"}), METRICS["standard"]))
    assert titled["Run"].endswith(", Monday")


def test_a_report_gives_each_figure_its_interval_and_no_empty_paragraph() -> None:
    rows = {A: [1.0, 2.0, 1.0, 2.0], B: [1.0, 1.0, 1.0, 2.0]}
    run = run_of(
        puzzles(4),
        [result(f"P{i}", w, verdict(m, 1, 1)) for w, row in rows.items() for i, m in enumerate(row)],
    )
    made = page(run, METRICS["standard"])
    assert "<p></p>" not in made
    (line,) = [s for s in ranking(run).standings if s.player == A.name]
    assert line.pus is not None
    assert line.headline is not None
    assert f"{line.headline.low:.2f} to {line.headline.high:.2f}" in made
    assert f"1.50 ({line.pus.low:.2f} to {line.pus.high:.2f})" in made
    assert "<td class=n>4</td><td class=n>0</td>" in made  # judged and failed are figures, set to the right
    alone = page(run_of(puzzles(1), [result("P0", A, verdict(1, 1, 1))], [A]), METRICS["standard"])
    assert "<td class=n>-</td>" in alone  # one puzzle has no interval
    assert "<td class=n>1.00</td>" in alone


def test_a_new_chart_reaches_the_report_by_its_two_entries(
    by_id: dict[str, Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = played(by_id["FLUID_001"])
    made = page(run, METRICS["standard"])
    assert "<h2>What went wrong</h2>" in made
    frame = pd.DataFrame(
        [{"name": "<a>", "count": 3, "shape": "round"}, {"name": "b", "count": 0, "shape": "round"}]
    )
    monkeypatch.setitem(TABLES, "shapes", lambda run, metric: frame)
    monkeypatch.setitem(CHARTS, "shapes", Chart("Shapes & sizes", "shapes", counts, "How round"))
    made = page(run, METRICS["standard"])
    assert "<h2>Shapes &amp; sizes</h2><p>How round.</p>" in made
    assert "<th class=n scope=col>&lt;a&gt;</th><th class=n scope=col>b</th>" in made
    assert "<tr><td>round</td><td class=n>3</td><td class=n>0</td></tr>" in made


ROOT = Path(__file__).parent.parent.parent


@pytest.mark.proof
def test_the_figures_beside_a_result_are_those_that_the_bench_counts() -> None:
    sealed = [c for c in cases() if c.half == "sealed"]
    for style, told in zip(("form", "loose", "prose"), card.WRITING_STYLES, strict=True):
        mine = [c for c in sealed if c.style == style]
        assert told[1:] == (
            sum(c.sound for c in mine),
            sum(c.sound and not c.out for c in mine),
            sum(c.sound and not c.mended_out for c in mine),
            sum(not c.sound for c in mine),
            sum(not c.sound and c.mended_out for c in mine),
        )


def test_readme_and_page_say_the_same() -> None:
    counts = {n: sum(getattr(s, n) for s in card.WRITING_STYLES) for n in card.Style._fields[1:]}
    as_written = counts["sound"] - counts["kept_in"]
    repaired = counts["sound"] - counts["kept_in_repaired"]
    for text in (card.error_sentence(), (ROOT / "README.md").read_text("utf-8")):
        words = " ".join(text.split())
        told = (
            f"Of {counts['sound']} valid plans by language models that saw only the prompt, {as_written} "
            "got out as"
        )
        assert told in words
        assert f"and {repaired} after the one repair" in words
        assert re.search(
            rf"of {counts['unsound']} invalid \w+,? {counts['let_out']} got out", words, re.IGNORECASE
        )


def test_the_docs_have_the_same_table() -> None:
    table = (ROOT / "docs/judging.md").read_text("utf-8")
    for style in card.WRITING_STYLES:
        row = next(line for line in table.splitlines() if line.startswith(f"| {style.name} |"))
        told = [tuple(map(int, pair)) for pair in re.findall(r"(\d+) of (\d+) \(", row)]
        assert told == [
            (style.sound - style.kept_in, style.sound),
            (style.sound - style.kept_in_repaired, style.sound),
            (style.let_out, style.unsound),
        ]


@pytest.mark.parametrize(("heat", "told"), [(0.0, "0"), (0.7, "0.7"), (None, "the provider's")])
def test_a_figures_caption_says_at_which_temperature_was_asked(heat: float | None, told: str) -> None:
    player = A.model_copy(update={"temperature": heat})
    caption = " ".join(card.figure_caption(run_of(puzzles(1), [result("P0", player)], [player])))
    assert f"Temperature: {told}." in caption
