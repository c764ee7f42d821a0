"""Marks corrected for what the marker's exam showed, and who is better by a model's marks.

Without an exam, nobody is.
"""

import random
import re
from collections.abc import Callable

import pytest

from escape.judges import PROMPTS, Rate, Rates, by_length, corrected_difference, corrected_share, rate, rates
from escape.judges.examined import exam, labelled
from escape.judges.examined.doubts import doubts
from escape.metrics import METRICS, marks
from escape.results import card as report
from escape.results import (
    corrected_rows,
    csv,
    doors,
    exam_of,
    gaps_sentence,
    marked_shares,
    ranking,
    results_sentence,
    usual,
)
from escape.types import (
    Answer,
    Checklist,
    JudgeSpec,
    ModelSpec,
    Puzzle,
    ReportCard,
    Result,
    Run,
    Tick,
    Verdict,
)
from tests import small_runs

JUDGE = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model="gpt-5-nano"))
PROMPT = next(p for p in PROMPTS if p.startswith("checklist/"))
ONE, OTHER = (ModelSpec(provider="openai", model=m) for m in ("gpt-5", "gpt-4o"))
STANDARD = METRICS["standard"]
Says = Callable[[bool, str], bool]  # whether an item is met, and the answer's text: what the judge says


def ticked(truth: dict[str, bool], says: Says, text: str) -> tuple[Tick, ...]:
    return tuple(Tick(text=line, met=says(met, text)) for line, met in truth.items())


def card_of(every: list[Puzzle], says: Says, *, short: bool = False) -> ReportCard:
    """Build the card of a judge that ticks the exam's items as `says` has it.

    It is right about controls and attempts.
    """
    paper = exam.Exam.short(every) if short else exam.Exam.long([], labelled.bundled(), every)
    results = []
    for trial, case in paper.labelled.items():
        label = case.labels[0]
        whole = sum(label.steps.values()) / len(label.steps)
        items = Checklist(
            principles=ticked(dict(label.principles), says, case.answer),
            steps=ticked(dict(label.steps), says, case.answer),
            herrings=tuple(Tick(text=line, met=used) for line, used in label.herrings.items()),
            works="yes" if label.sps - whole > 0.7 else "partly" if label.sps - whole > 0.2 else "no",
            attempted=case.attempt,
        )
        scores = marks(items, paper.puzzles[case.problem_id])
        verdict = Verdict(judge=JUDGE.name, prompt=PROMPT, scores=scores, checklist=items)
        results.append(Result(trial=trial, answer=Answer(text=case.answer), verdict=verdict))
    return paper.card(JUDGE.name, results, "2026-12-02").model_copy(
        update={"controls": (), "asked": len(results)}
    )


def run_of(*players: list[str], says: Says = lambda met, text: met, card: ReportCard | None = None) -> Run:
    """Build a run marked by JUDGE.

    Of each player: the principles and steps it met in each room, one sign an item.
    """
    rooms, results = small_runs.puzzles(len(players[0])), []
    for spec, signs in zip((ONE, OTHER), players, strict=False):
        for room, met in zip(rooms, signs, strict=True):
            text = f"what {spec.model} writes about {room.problem_id}"
            items = Checklist(
                principles=tuple(Tick(text=f"p{i}", met=says(s == "1", text)) for i, s in enumerate(met)),
                steps=tuple(Tick(text=f"s{i}", met=says(s == "1", text)) for i, s in enumerate(met)),
                herrings=(Tick(text="brick", met=False),),
                works="yes" if "0" not in met else "partly",
            )
            verdict = Verdict(judge=JUDGE.name, prompt=PROMPT, scores=marks(items, room), checklist=items)
            outcome = small_runs.outcome(out=True)
            results.append(
                small_runs.result(room.problem_id, spec, verdict, outcome, answer=Answer(text=text))
            )
    run = small_runs.run_of(rooms, results, (ONE, OTHER)[: len(players)], judge=JUDGE)
    return run.model_copy(update={"cards": (card,) if card else ()})


HALF = ["1100", "1000", "1110", "0000", "1111", "1100"] * 5
STRONG, WEAK = ["1111"] * 12, ["1000"] * 12


def generous(seed: int, by: float) -> Says:
    rng = random.Random(seed)
    return lambda met, text: met or rng.random() < by


@pytest.mark.proof
def test_a_generous_markers_yeses_are_corrected_and_stand_beside_those_as_marked(every: list[Puzzle]) -> None:
    run = run_of(HALF, says=generous(8, 0.4), card=card_of(every, generous(2, 0.4)))
    share = marked_shares(run)[ONE.name].shares["principles"]
    true = sum(s.count("1") for s in HALF) / 4 / len(HALF)
    assert share.as_marked.mean > true + 0.1
    assert share.as_marked.low is not None
    assert share.as_marked.low > true  # as marked, the truth lies outside its interval
    assert share.corrected is not None
    assert share.corrected.low is not None
    assert share.corrected.high is not None
    assert share.corrected.low <= true <= share.corrected.high
    assert share.corrected.mean == pytest.approx(true, abs=0.12)


def test_without_an_exam_a_share_is_as_marked_and_says_so_everywhere() -> None:
    run = run_of(HALF, HALF)
    bands = doors.doors(run, usual(run), reference=False)
    assert bands[0].rows[0].below == "explanation 50% as marked"
    assert "marker not examined" in doors.explanation_notes(bands)
    head, rows = corrected_rows(run)
    assert [dict(zip(head, row, strict=True))["The marker's exam"] for row in rows] == ["none"] * 6
    assert {row["judge_exam"] for row in csv.rows(run)} == {"none"}
    assert "The judge that gave these marks has not been tested here." in report.page(run, STANDARD)


def test_with_an_exam_it_says_about_and_that_it_allows_for_errors(every: list[Puzzle]) -> None:
    run = run_of(HALF, card=card_of(every, lambda met, text: met))
    bands = doors.doors(run, usual(run), reference=False)
    assert bands[0].rows[0].below.startswith("explanation about 5")
    assert "allowing for the marker's errors" in doors.explanation_notes(bands)
    row = next(csv.rows(run))
    assert row["judge_exam"] == "passed"
    assert isinstance(row["principles_low"], float)
    assert row["principles_share"] == 0.5
    assert "Explanations" in report.page(run, STANDARD)


def test_the_difference_of_two_players_is_corrected_too(every: list[Puzzle]) -> None:
    card = card_of(every, generous(2, 0.4))
    said = gaps_sentence(run_of(["1110"] * 30, ["1000"] * 30, says=generous(8, 0.4), card=card))
    match = re.search(r"gpt-5 minus gpt-4o: principles shown (\d+) points \((\d+) to (\d+)\)", said)
    assert match is not None
    assert int(match[2]) <= 50 <= int(match[3])
    assert gaps_sentence(run_of(HALF, HALF)) == ""
    assert said in report.page(
        run_of(["1110"] * 30, ["1000"] * 30, says=generous(8, 0.4), card=card), STANDARD
    )


@pytest.mark.proof
def test_a_marker_that_ticks_at_random_has_no_figure(every: list[Puzzle]) -> None:
    rng = random.Random(3)
    run = run_of(HALF, card=card_of(every, lambda met, text: rng.random() < 0.5))
    share = marked_shares(run)[ONE.name]
    assert share.too_weak
    assert share.shares["principles"].corrected is None
    bands = doors.doors(run, usual(run), reference=False)
    assert bands[0].rows[0].below == ""
    assert "no figure" in doors.explanation_notes(bands)


@pytest.mark.proof
def test_by_a_models_marks_nobody_is_better_without_an_exam_or_with_one_that_it_failed(
    every: list[Puzzle],
) -> None:
    good = card_of(every, lambda met, text: met)
    assert "clearly better" in results_sentence(ranking(run_of(STRONG, WEAK, card=good), STANDARD))
    assert "not been examined, so nobody is called better" in results_sentence(
        ranking(run_of(STRONG, WEAK), STANDARD)
    )
    failed = good.model_copy(update={"declined": 100})
    assert "failed its exam" in results_sentence(ranking(run_of(STRONG, WEAK, card=failed), STANDARD))


@pytest.mark.proof
def test_an_exam_that_was_broken_off_is_none(every: list[Puzzle]) -> None:
    card = card_of(every, lambda met, text: met)
    for broken in ({"answered": 2}, {"other_failures": 1}):
        run = run_of(STRONG, WEAK, card=card.model_copy(update=broken))
        assert exam_of(run, [(JUDGE.name, PROMPT)]) == "none"
        assert "has not been tested here" in report.page(run, STANDARD)


@pytest.mark.proof
def test_an_exam_by_another_prompt_says_nothing_of_these_marks(every: list[Puzzle]) -> None:
    old = card_of(every, lambda met, text: met).model_copy(update={"prompt": "checklist/1"})
    run = run_of(STRONG, WEAK, card=old)
    assert exam_of(run, [(JUDGE.name, PROMPT)]) == "none"
    assert "clearly better" not in results_sentence(ranking(run, STANDARD))


def test_marks_of_annotators_and_people_need_no_exam() -> None:
    assert exam_of(run_of(HALF), [("readers", ""), ("human:A", ""), ("room", "")]) == ""


def flatterer(seed: int) -> Says:
    """Grants the more of what is missing, the longer an answer is."""
    rng = random.Random(seed)
    return lambda met, text: met or rng.random() < min(0.9, max(0.0, (len(text) - 400) / 2500))


def test_a_marker_that_flatters_length_makes_nobody_better_who_writes_more(every: list[Puzzle]) -> None:
    card = card_of(every, flatterer(4))
    assert max(slope.each for slope in by_length(card)) > 0.05
    card = card.model_copy(update={"by_kind": (), "agreement": (), "within": ()})  # as if it had passed
    run = run_of(STRONG, WEAK, card=card)
    results = [
        r.model_copy(update={"answer": Answer(text="word " * (600 if r.trial.player == ONE.name else 20))})
        for r in run.results
    ]
    longer = run.model_copy(update={"results": tuple(results)})
    assert "clearly better" in results_sentence(ranking(run, STANDARD))
    few = run_of(["1110"] * 12, ["1100"] * 12, card=card)
    few = few.model_copy(
        update={
            "results": tuple(
                a.model_copy(update={"answer": b.answer})
                for a, b in zip(few.results, longer.results, strict=True)
            )
        }
    )
    assert "may favour the longer answers" in results_sentence(ranking(few, STANDARD))


def test_items_of_one_answer_count_as_fewer_where_they_hang_together() -> None:
    together = rate([(4, 4), (0, 4)] * 10)
    apart = rate([(2, 4)] * 20)
    assert together is not None
    assert apart is not None
    assert together.answers == pytest.approx(20, abs=2)
    assert apart.answers == 80


def test_a_corrected_share_stays_between_nought_and_one_and_is_never_a_point() -> None:
    judge = Rates(Rate(0.95, 50), Rate(0.95, 50))
    for shares in ([1.0] * 12, [0.0] * 12, [0.5] * 12):
        span = corrected_share(shares, judge)
        assert span.low is not None
        assert span.high is not None
        assert 0 <= span.low < span.high <= 1
    gap = corrected_difference([0.0] * 12, judge)
    assert gap.low is not None
    assert gap.high is not None
    assert gap.low < 0 < gap.high


def test_a_perfect_marker_changes_little() -> None:
    judge = Rates(Rate(1.0, 200), Rate(1.0, 200))
    span = corrected_share([0.5, 0.75, 0.25, 0.5, 1.0, 0.5], judge)
    assert span.mean == pytest.approx(0.583, abs=0.001)


def test_the_short_exam_has_sixty_answers_even_over_kinds_with_controls(every: list[Puzzle]) -> None:
    paper = exam.Exam.short(every)
    assert len(paper.answers) == exam.SHORT == 60
    kinds = [case.kind for case in paper.labelled.values()]
    assert {kinds.count(kind) for kind in kinds} == {3}
    assert {c.name for c in paper.controls.values()} >= {"reference", "kitchen_sink", "injection", "within"}
    card = card_of(every, lambda met, text: met, short=True)
    assert len(card.cases) == 45
    assert not doubts(card)
    for kind in ("principles", "steps", "herrings"):
        found = rates(card, kind)  # type: ignore[arg-type]
        assert found is not None
        assert found.tells


def test_what_an_exam_found_is_in_the_card_and_survives_a_file(every: list[Puzzle]) -> None:
    card = card_of(every, generous(5, 0.3))
    assert card.exam == labelled.edition()
    again = ReportCard.model_validate_json(card.model_dump_json(exclude_defaults=True))
    assert rates(again, "principles") == rates(card, "principles")
    assert exam.fuller(card_of(every, generous(6, 0.3), short=True), card) is card
