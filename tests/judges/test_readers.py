"""The example's readers: they mark the demo players' own answers and nothing else, and the docs have their figures."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from escape.environments import plans as attempts
from escape.judges import SCORES, kept, offline
from escape.judges.designs import READERS_WORTH
from escape.judges.examined.agreement import Pair, marks, on_score
from escape.judges.ideas import Rubric
from escape.judges.quotes import is_quoted_from
from escape.judges.readers import WHO, readers
from escape.puzzles import every_written, files, kept_results, recorded, scripted_answer
from escape.puzzles.players import DEMO_NAMES
from escape.types import NotJudged, Puzzle, Solution, Trial, Verdict

JUDGING = (Path(__file__).parents[2] / "docs/judging.md").read_text("utf-8")
PUZZLES = {p.problem_id: p for p in files.load(files.BUNDLED)}


def said(puzzle: Puzzle, text: str) -> Verdict:
    return asyncio.run(readers("readers").judge(puzzle, text))


@pytest.fixture(scope="module")
def marked() -> dict[Trial, tuple[str, Verdict]]:
    """Every demo answer with the readers' verdict."""
    given = {
        Trial(problem_id=i, player=name): text
        for name in DEMO_NAMES
        for i in PUZZLES
        if (text := scripted_answer(name, i))
    }
    return {t: (text, said(PUZZLES[t.problem_id], text)) for t, text in given.items()}


def test_every_demo_answer_is_marked_by_two_and_its_words_stand_in_it(
    marked: dict[Trial, tuple[str, Verdict]],
) -> None:
    assert len(marked) == 90
    for text, verdict in marked.values():
        assert [m.judge for m in verdict.members] == ["reader 1", "reader 2"]
        assert (verdict.judge, verdict.prompt, verdict.calls) == ("readers", WHO, 0)
        assert "reader 1: " in verdict.feedback
        assert verdict.checklist is not None
        assert all(is_quoted_from(t.quote, text) for t in verdict.checklist.ticks if t.quote)


def test_their_votes_count_by_their_share(marked: dict[Trial, tuple[str, Verdict]]) -> None:
    split = [v for _, v in marked.values() if v.members[0].scores.pus != v.members[1].scores.pus]
    assert split
    for verdict in split:
        assert verdict.scores.pus == pytest.approx(sum(m.scores.pus for m in verdict.members) / 2)
        assert any("judges differ on Physical Understanding" in flag for flag in verdict.flags)


def test_any_other_text_or_reference_is_not_judged_and_the_reason_names_the_remedy() -> None:
    puzzle, text = PUZZLES["FLUID_001"], scripted_answer("careful", "FLUID_001") or ""
    reworded = puzzle.model_copy(update={"solution": Solution(steps=("wait",), key_insights=())})
    for of, given in ((puzzle, text + " "), (puzzle, ""), (PUZZLES["BAL_001"], text), (reworded, text)):
        with pytest.raises(
            NotJudged, match=r"only the demo and the recorded players' own answers .*; choose another judge$"
        ):
            said(of, given)


def figures(rows: list[Pair]) -> list[tuple[str, str]]:
    """Kappa and bias on Physical Understanding and Solution Path, as the docs have them."""
    found = [on_score(score, marks(rows, score)) for score in SCORES[:2]]
    return [(f"{a.kappa.value:.2f}", f"{a.bias.value:.2f}") for a in found]


def test_the_docs_have_the_figures(marked: dict[Trial, tuple[str, Verdict]]) -> None:
    def line(name: str) -> list[str]:
        found = re.search(rf"^\| {re.escape(name)} \| ([\d.]+) \| ([\d.]+) \|$", JUDGING, re.MULTILINE)
        assert found is not None, name
        return list(found.groups())

    rubric = Rubric(list(PUZZLES.values()))
    each_other = figures([Pair(t, *v.members) for t, (_, v) in marked.items()])
    words = figures([Pair(t, rubric.verdict(PUZZLES[t.problem_id], text), v) for t, (text, v) in marked.items()])
    assert line("the two readers with each other") == [kappa for kappa, _ in each_other]
    assert all(kappa in READERS_WORTH for kappa, _ in each_other)
    assert line("`rubric` with the readers") == [kappa for kappa, _ in words]
    assert line("how much more generous `rubric` is, in marks") == [bias for _, bias in words]
    against = sum(
        (v.checklist.works == "yes") != outcome.out
        for t, (text, v) in marked.items()
        if v.checklist and (outcome := attempts.outcome(PUZZLES[t.problem_id], text))
    )
    assert f"for {against} of the {len(marked)} answers" in JUDGING


def test_kept_marks_are_named_only_where_all_are_kept() -> None:
    whose = kept(["readers"])
    assert whose is not None
    assert whose.kept.endswith("two language models, blind.")
    assert (kept([]), kept(["rubric"]), kept(["readers", "rubric"])) == (None, None, None)
    assert offline(["readers", "rubric"])
    assert not offline(["readers", "checklist:openai:gpt-4o"])


def test_what_readers_said_stands_beside_each_puzzle() -> None:
    marked = [answer for _, answer in every_written() if answer.readers]
    assert marked
    assert {tuple(answer.readers["attempted"]) for answer in marked} == {(True, True)}  # type: ignore[arg-type]


def test_their_marks_are_of_a_room_as_it_was_and_of_recorded_answers_too() -> None:
    tube = PUZZLES["FLUID_001"]
    text = scripted_answer("careful", "FLUID_001")
    assert text
    changed = tube.model_copy(update={"setup": tube.setup.model_copy(update={"constraints": ()})})
    with pytest.raises(NotJudged):
        said(changed, text)
    for name in recorded():
        answers = [(p, r.answer.text) for p, r in kept_results(name) if p.problem_id in PUZZLES and r.answer]
        assert sum(said(PUZZLES[p.problem_id], answer).judge == "readers" for p, answer in answers) > 20
