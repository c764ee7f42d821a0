"""What readers of failed answers said went wrong: counted by player, and what one clause of the rubric would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from escape.metrics import METRICS
from escape.results.digest import names
from escape.results.sentences.wording import answer_name
from escape.types import Checklist, Note, Outcome, Puzzle, Run, Scores, Verdict

CATEGORIES = (
    "did not read the room",
    "wrong physics",
    "knew the physics, forgot a step",
    "fell for a temptation",
    "went by what it knew by heart",
    "no plan at all",
    "something else",
)
Of = Callable[[Verdict, Puzzle, Outcome | None], Scores]


def counts(run: Run, notes: Sequence[Note]) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a category a row, a player a column."""
    called = names(run)
    players = [p for p in called if any(n.trial.player == p for n in notes)]
    found = Counter((n.category or CATEGORIES[-1], n.trial.player) for n in notes)
    kinds = dict.fromkeys([*CATEGORIES, *(category for category, _ in found)])
    rows = [[kind, *(str(found[kind, p]) for p in players)] for kind in kinds if any(found[kind, p] for p in players)]
    return ["What went wrong", *(called[p] for p in players)], rows


@dataclass(frozen=True)
class Clause:
    """One sentence of the rubric, as it might be instead. `of`: the marks under it."""

    name: str
    says: str
    of: Of


def _metric(name: str) -> Of:
    return METRICS[name].of


def _demanding(verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores:
    """Understanding only where every principle is shown."""
    scores, items = METRICS["standard"].scores(verdict, puzzle, outcome), verdict.checklist
    whole = items is not None and all(t.met for t in items.principles)
    return scores if scores.pus is None or whole or items is None else scores.model_copy(update={"pus": 0.0})


def _by_deed(verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores:
    """Solution Path by the room alone."""
    scores = METRICS["standard"].scores(verdict, puzzle, outcome)
    return scores if outcome is None else scores.model_copy(update={"sps": 2.0 if outcome.out else 0.0})


def _by_words(verdict: Verdict, puzzle: Puzzle, outcome: Outcome | None) -> Scores:
    """Solution Path by the reference's steps alone, whatever the room says."""
    scores, items = METRICS["standard"].scores(verdict, puzzle, outcome), verdict.checklist
    return scores if items is None else scores.model_copy(update={"sps": _steps(items)})


def _steps(items: Checklist) -> float:
    return 2 * sum(t.met for t in items.steps) / len(items.steps) if items.steps and items.attempted else 0.0


CLAUSES = {
    clause.name: clause
    for clause in (
        Clause("strict", "A plan that would not work gets 0 for Solution Path.", _metric("sps_strict")),
        Clause("graded", "Each red herring used costs its share, not the whole mark.", _metric("rhh_graded")),
        Clause("demanding", "Physical Understanding counts only if every principle is shown.", _demanding),
        Clause("deed", "Solution Path is 2 for whoever gets out and 0 for all others.", _by_deed),
        Clause("words", "Solution Path goes by the reference's steps alone, whatever the room says.", _by_words),
    )
}


def moved(run: Run, clause: Clause) -> tuple[list[str], list[list[str]]]:
    """Head and rows: each answer whose marks move under a clause, from what to what, the largest step first."""
    found: list[tuple[float, list[str]]] = []
    for result in run.results:
        if result.verdict is None:
            continue
        puzzle = run.puzzle_by_id[result.trial.problem_id]
        now = METRICS["standard"].scores(result.verdict, puzzle, result.outcome)
        then = clause.of(result.verdict, puzzle, result.outcome)
        step = then.overall - now.overall
        if abs(step) > 0.005:
            row = [answer_name(run, result.trial), f"{now.overall:.1f}", f"{then.overall:.1f}", f"{step:+.1f}"]
            found.append((abs(step), row))
    found.sort(key=lambda x: -x[0])
    return ["Answer", "Marks now", "Under this clause", "Change"], [row for _, row in found]
