"""Results -> table, leaderboard, CSV. Reads verdicts through a metric; changes none."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from escape.digest import Tally, digest
from escape.metrics import METRICS, Means, Metric, means
from escape.records import Key, Result, Run
from escape.schema import ModelSpec, Puzzle, Scores
from escape.stats import Interval, Paired, mean_interval, paired, wilson

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "run_id started_at player provider model model_reported problem_id title family repeat status pus sps rhh overall "
    "works attempted principles_met principles_total steps_met steps_total herrings_used invented_items judge "
    "judge_prompt feedback answer reference_solution input_tokens output_tokens judge_input_tokens "
    "judge_output_tokens cost_usd latency_s attempts error "
    "finish_reason effort"  # further columns come at the end: scripts count on the place of the others
).split()

Value = str | int | float | bool | None
STANDARD = METRICS["standard"]


def marks_of(result: Result, puzzle: Puzzle, metric: Metric = STANDARD) -> Scores | None:
    """The marks of one result under a metric, None without a verdict."""
    return metric.of(result.verdict, puzzle) if result.verdict else None


def complete(run: Run) -> Iterator[Result]:
    """Every result of a run, then its trials that were not asked yet as results without anything in them."""
    seen: set[Key] = set()
    for result in run.results:
        seen.add((result.trial.problem_id, result.trial.player, result.trial.repeat))
        yield result
    for trial in run.config.trials():
        if (trial.problem_id, trial.player, trial.repeat) not in seen:
            yield Result(trial=trial)


def rows(run: Run, metric: Metric = STANDARD) -> Iterator[dict[str, Value]]:
    """One row per trial, also for failed ones, with exactly COLUMNS."""
    puzzles, specs = run.puzzle_by_id, {s.name: s for s in run.config.players}
    for result in complete(run):
        yield _row(run, result, puzzles[result.trial.problem_id], specs.get(result.trial.player), metric)


def _row(run: Run, result: Result, puzzle: Puzzle, spec: ModelSpec | None, metric: Metric) -> dict[str, Value]:
    trial, answer, verdict, failure = result.trial, result.answer, result.verdict, result.failure
    scores = marks_of(result, puzzle, metric)
    checklist = verdict.checklist if verdict else None
    provider, _, model = trial.player.partition(":")
    asked = answer or verdict or failure

    def rounded(value: float | None, digits: int = 4) -> float | None:
        return None if value is None else round(value, digits)

    return {
        "run_id": run.run_id,
        "started_at": result.started_at or run.started_at,
        "player": trial.player,
        "provider": provider,
        "model": spec.model if spec else model,
        "model_reported": answer.model if answer else None,
        "problem_id": trial.problem_id,
        "title": puzzle.title,
        "family": puzzle.family,
        "repeat": trial.repeat,
        "status": result.status if asked else "not_asked",
        "pus": rounded(scores.pus) if scores else None,
        "sps": rounded(scores.sps) if scores else None,
        "rhh": rounded(scores.rhh) if scores else None,
        "overall": rounded(scores.overall) if scores else None,
        "works": checklist.works if checklist else None,
        "attempted": checklist.attempted if checklist else None,
        "principles_met": sum(t.met for t in checklist.principles) if checklist else None,
        "principles_total": len(puzzle.physical_principles),
        "steps_met": sum(t.met for t in checklist.steps) if checklist else None,
        "steps_total": len(puzzle.solution.steps),
        "herrings_used": "; ".join(t.text for t in checklist.herrings if t.met) if checklist else None,
        "invented_items": "; ".join(checklist.invented_items) if checklist else None,
        "judge": verdict.judge if verdict else run.config.judge.name,
        "judge_prompt": verdict.prompt if verdict else None,
        "feedback": verdict.feedback if verdict else None,
        "answer": answer.text if answer else None,
        "reference_solution": " / ".join(puzzle.solution.steps),
        "input_tokens": answer.input_tokens if answer else None,
        "output_tokens": answer.output_tokens if answer else None,
        "judge_input_tokens": verdict.input_tokens if verdict else None,
        "judge_output_tokens": verdict.output_tokens if verdict else None,
        "cost_usd": rounded(result.cost_usd, 8) if answer or verdict else None,
        "latency_s": rounded(answer.latency_s, 3) if answer else None,
        "attempts": answer.attempts if answer else failure.attempts if failure else None,
        "error": f"{failure.stage}: {failure.kind}: {failure.message}" if failure else None,
        "finish_reason": answer.finish_reason if answer else None,
        "effort": spec.effort if spec else None,
    }


def table(run: Run, metric: Metric = STANDARD) -> pd.DataFrame:
    """`rows` as a DataFrame."""
    import pandas as pd  # half a second and 45 MB that the command line does without

    return pd.DataFrame(list(rows(run, metric)), columns=list(COLUMNS))


# A run of separators and blanks is taken in one piece, so that nothing is looked at twice; then the sign, if any.
_CELL_BEGINS = re.compile(r"(\A[\s\x00\ufeff;]*+|[;\t\r\n][\s\x00\ufeff;]*+)([=+\-@|%＝＋－＠])?")


def safe_cell(value: Value) -> Value:
    """A CSV cell that no spreadsheet runs as a formula."""
    # within a cell too: where a spreadsheet splits at semicolons, what follows one begins a cell
    return _CELL_BEGINS.sub(_disarmed, value) if isinstance(value, str) else value


def _disarmed(found: re.Match[str]) -> str:
    before = found[1]
    if not found[2]:
        return before
    at = 1 + max(before.rfind(sign) for sign in ";\t\r\n")
    start = "'" if at and not found.start() else ""
    return f"{start}{before[:at]}'{before[at:]}{found[2]}"


def csv_lines(run: Run, metric: Metric = STANDARD, *, excel: bool = False) -> Iterator[str]:
    """The table as CSV, row by row. `excel`: with the mark that tells Excel the text is UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n" if excel else "\n")
    out.write("\ufeff" if excel else "")
    writer.writeheader()
    for row in rows(run, metric):
        yield out.getvalue()
        out.seek(0)
        out.truncate()
        writer.writerow({k: safe_cell(v) for k, v in row.items()})
    yield out.getvalue()


def to_csv(run: Run, metric: Metric = STANDARD, *, excel: bool = False) -> str:
    """The table as CSV."""
    return "".join(csv_lines(run, metric, excel=excel))


@dataclass(frozen=True)
class Standing:
    """One player's line on the leaderboard. Intervals are over puzzles; repeats are averaged first."""

    player: str
    means: Means
    overall: Interval | None
    pus: Interval | None
    sps: Interval | None
    rhh: Interval | None
    judged: int
    failed: int
    waiting: int
    cost_usd: float | None


def per_puzzle(run: Run, metric: Metric = STANDARD) -> dict[str, dict[str, Scores]]:
    """Player -> problem_id -> marks, averaged over repeats. A puzzle without a mark is absent."""
    return {
        player: {problem_id: _mean(marks) for problem_id, marks in by_puzzle.items()}
        for player, by_puzzle in digest(run).marks[metric.name].items()
    }


def _mean(marks: Sequence[Scores]) -> Scores:
    if len(marks) == 1:
        return marks[0]
    mean = means(marks)
    return Scores(pus=mean.pus or 0.0, sps=mean.sps or 0.0, rhh=mean.rhh)


def _clusters(values: Mapping[str, float], puzzles: Mapping[str, Puzzle]) -> list[float]:
    """Variants of one puzzle are one unit: their mean."""
    grouped: dict[str, list[float]] = defaultdict(list)
    for problem_id, value in values.items():
        grouped[puzzles[problem_id].parent or problem_id].append(value)
    return [fmean(g) for g in grouped.values()]


def _parts(scores: Mapping[str, Scores]) -> dict[str, float]:
    """Each puzzle's share in the overall mean, which is their plain mean.

    Red Herring Handling is a mean over fewer puzzles, so there each counts for more, and the others stand at its mean:
    a puzzle without herrings must not widen the interval (a linearised ratio estimate).
    """
    applicable = [s.rhh for s in scores.values() if s.rhh is not None]
    mean = fmean(applicable) if applicable else 0.0
    weight = len(scores) / len(applicable) if applicable else 0.0
    return {p: s.pus + s.sps + mean + (0.0 if s.rhh is None else weight * (s.rhh - mean)) for p, s in scores.items()}


def _within(interval: Interval, top: float) -> Interval:
    """An interval cut to the scale: no mark lies outside it."""
    if interval.low is None or interval.high is None:
        return interval
    return Interval(interval.mean, max(0.0, interval.low), min(top, interval.high), interval.n)


def _standing(run: Run, player: str, scores: Mapping[str, Scores], tally: Tally) -> Standing:
    """A player's line from its marks per puzzle."""
    puzzles = run.puzzle_by_id

    def interval(values: Mapping[str, float], top: float) -> Interval | None:
        return _within(mean_interval(_clusters(values, puzzles)), top) if values else None

    mean = means(scores.values())
    rhh = {p: s.rhh for p, s in scores.items() if s.rhh is not None}
    units = _clusters(rhh, puzzles)
    binary = all(v in (0, 1) for v in units)
    return Standing(
        player=player,
        means=mean,
        overall=interval(_parts(scores), mean.maximum),
        pus=interval({p: s.pus for p, s in scores.items()}, 2),
        sps=interval({p: s.sps for p, s in scores.items()}, 2),
        rhh=(wilson(sum(units), len(units)) if binary else interval(rhh, 1)) if rhh else None,
        judged=tally.judged,
        failed=tally.failed,
        waiting=tally.waiting,
        cost_usd=tally.cost_usd,
    )


def leaderboard(run: Run, metric: Metric = STANDARD) -> list[Standing]:
    """Players by overall mean, best first; those without a mark last."""
    tallies = digest(run).tallies
    lines = [_standing(run, p, scores, tallies[p]) for p, scores in per_puzzle(run, metric).items()]
    return sorted(lines, key=lambda s: -(s.means.overall if s.means.overall is not None else -1))


def compare(run: Run, first: str, second: str, metric: Metric = STANDARD) -> Paired | None:
    """First minus second over the puzzles that both have marks for; None without any."""
    marks = per_puzzle(run, metric)
    shared = [p for p in marks[first] if p in marks[second]]
    if not shared:
        return None
    a, b = (_parts({p: marks[player][p] for p in shared}) for player in (first, second))
    return paired(_clusters({p: a[p] - b[p] for p in shared}, run.puzzle_by_id))
