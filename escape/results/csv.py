"""The results of a run as CSV: the full table, and a plain one for most readers.

Verdicts are read through a metric, and none is changed.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from escape.judges import is_markable
from escape.metrics import METRICS, Metric, herrings_used, works
from escape.puzzles import band_of, set_hash
from escape.results.corrected import MarkedShares, exam_of, marked_shares
from escape.results.digest import digest
from escape.rooms import playable
from escape.types import (
    Checklist,
    ModelSpec,
    Note,
    Outcome,
    Puzzle,
    Result,
    Run,
    Scores,
    Trial,
    TrialKey,
    Works,
)

COLUMNS = (
    "run_id started_at player provider model model_reported problem_id title family repeat status pus sps "
    "rhh overall works attempted principles_met principles_total steps_met steps_total herrings_used "
    "invented_items judge judge_prompt feedback answer reference_solution input_tokens output_tokens "
    "judge_input_tokens judge_output_tokens cost_usd latency_s attempts error finish_reason "
    "effort "  # new columns go at the end: scripts rely on the positions of the others
    "out moves shortest progress lost_at without_effect not_understood herrings_touched protocol turns "
    "repairs twist_of temperature puzzle_sha256 program note note_category result judge_works judge_exam "
    "instructions out_every_time out_at_least_once "
    # of this player over the compared rooms, the same in all its rows: as the judge marked them, and
    # corrected for it
    "principles_share principles_corrected principles_low principles_high steps_share steps_corrected "
    "steps_low steps_high herrings_share herrings_corrected herrings_low herrings_high"
).split()

PLAIN = (
    "run player judge room set title repeat result out physical_understanding solution_path "
    "red_herring_handling total total_max cost_usd answer reference"
).split()

BEGINS = b"run_id,started_at,player"  # every table that any version has written

Value = str | int | float | bool | None
STANDARD = METRICS["standard"]


def marks_of(result: Result, puzzle: Puzzle, metric: Metric = STANDARD) -> Scores | None:
    """Compute the marks of one result under a metric.

    None without a verdict, and where the room alone judged and the moves could not be read.
    """
    return metric.scores(result.verdict, puzzle, result.outcome) if result.verdict else None


def complete(run: Run) -> Iterator[Result]:
    """Yield every result of a run, then an empty result for each trial that has not been asked yet."""
    seen: set[TrialKey] = set()
    for result in run.results:
        seen.add(result.trial.key)
        yield result
    for trial in run.config.trials():
        if trial.key not in seen:
            yield Result(trial=trial)


def plain_rows(run: Run) -> Iterator[dict[str, Value]]:
    """Yield one row per trial with exactly the columns PLAIN, under the published names."""
    puzzles = run.puzzle_by_id
    for result in complete(run):
        puzzle, scores = puzzles[result.trial.problem_id], marks_of(result, puzzles[result.trial.problem_id])
        row = _result_row(run, result, puzzle, None, STANDARD)
        names = {
            "run": "run_id",
            "room": "problem_id",
            "physical_understanding": "pus",
            "solution_path": "sps",
        }
        names |= {"red_herring_handling": "rhh", "total": "overall", "reference": "reference_solution"}
        more: dict[str, Value] = {"set": band_of(puzzle), "total_max": scores.top if scores else None}
        yield {name: row.get(names.get(name, name)) for name in PLAIN} | more


def rows(run: Run, metric: Metric = STANDARD) -> Iterator[dict[str, Value]]:
    """Yield one row per trial, failed and unasked ones included, with exactly COLUMNS."""
    puzzles, specs = run.puzzle_by_id, {s.name: s for s in run.config.players}
    notes: dict[TrialKey, list[Note]] = {}
    for note in run.notes:
        notes.setdefault(note.trial.key, []).append(note)
    of_player = {player: _corrected_columns(by_model) for player, by_model in marked_shares(run).items()}
    for result in complete(run):
        row = dict.fromkeys(COLUMNS, None) | _result_row(
            run, result, puzzles[result.trial.problem_id], specs.get(result.trial.player), metric
        )
        trial_notes = notes.get(result.trial.key, [])
        row |= of_player.get(result.trial.player, {})
        if verdict := result.verdict:
            row["judge_exam"] = exam_of(run, [(verdict.judge, verdict.prompt)]) or None
        if times := _times_out(run, result.trial):
            row |= {"out_every_time": int(all(times)), "out_at_least_once": int(any(times))}
        row["note"] = "; ".join(n.text for n in trial_notes if n.text) or None
        row["note_category"] = "; ".join(n.category for n in trial_notes if n.category) or None
        yield {name: row[name] for name in COLUMNS}


def _result_row(
    run: Run, result: Result, puzzle: Puzzle, spec: ModelSpec | None, metric: Metric
) -> dict[str, Value]:
    trial, answer, verdict, failure = result.trial, result.answer, result.verdict, result.failure
    outcome = result.led_to
    scores = marks_of(result, puzzle, metric)
    checklist = verdict.checklist if verdict else None
    provider, _, model = trial.player.partition(":")
    was_asked = answer or verdict or failure or result.turns
    unmarked = bool(result.turns) or run.config.in_turns

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
        "status": _mark_status(run, result, puzzle),
        "pus": rounded(scores.pus) if scores else None,
        "sps": rounded(scores.sps) if scores else None,
        "rhh": rounded(scores.rhh) if scores else None,
        "overall": rounded(scores.overall) if scores else None,
        "works": _works(checklist, outcome, unmarked=unmarked),
        "attempted": checklist.attempted if checklist else None,
        "principles_met": sum(t.met for t in checklist.principles) if checklist else None,
        "principles_total": len(puzzle.physical_principles),
        "steps_met": sum(t.met for t in checklist.steps) if checklist else None,
        "steps_total": len(puzzle.solution.steps),
        "herrings_used": "; ".join(herrings_used(verdict, outcome)) if verdict else None,
        "invented_items": "; ".join(checklist.invented_items) if checklist else None,
        "judge": verdict.judge if verdict else None if unmarked else run.config.judge.name,
        "judge_prompt": verdict.prompt if verdict else None,
        "feedback": verdict.feedback if verdict else None,
        "answer": answer.text if answer else None,
        "reference_solution": " / ".join(puzzle.solution.steps),
        "input_tokens": answer.input_tokens if answer else None,
        "output_tokens": answer.output_tokens if answer else None,
        "judge_input_tokens": verdict.input_tokens if verdict else None,
        "judge_output_tokens": verdict.output_tokens if verdict else None,
        "cost_usd": rounded(result.cost_usd, 8) if answer or verdict or result.turns else None,
        "latency_s": rounded(answer.latency_s, 3) if answer else None,
        "attempts": answer.attempts if answer else failure.attempts if failure else None,
        "error": f"{failure.stage}: {failure.kind}: {failure.message}" if failure else None,
        "finish_reason": answer.finish_reason if answer else None,
        "effort": spec.effort if spec else None,
        "out": int(outcome.out) if outcome else None,
        "moves": outcome.moves if outcome else None,
        "shortest": outcome.shortest if outcome else None,
        "progress": rounded(outcome.progress) if outcome else None,
        "lost_at": outcome.lost_at if outcome else None,
        "without_effect": outcome.without_effect if outcome else None,
        "not_understood": outcome.not_understood if outcome else None,
        "herrings_touched": "; ".join(outcome.herrings_touched) if outcome else None,
        "protocol": "move by move" if result.turns else run.config.protocol,
        "turns": len(result.turns) or None,
        "repairs": result.repair.lines if result.repair else 0 if was_asked and playable(puzzle) else None,
        "twist_of": puzzle.twist_of or None,
        "temperature": spec.temperature if spec else None,
        "puzzle_sha256": _hash_of(puzzle),
        "program": run.versions.get("escape"),
        "result": result.result,
        "judge_works": checklist.works if checklist else None,
        "instructions": (spec.instructions or None) if spec else None,
    }


def _works(checklist: Checklist | None, outcome: Outcome | None, *, unmarked: bool) -> Works | None:
    if checklist:
        return works(checklist, outcome)
    return outcome.works if outcome and not (unmarked or outcome.unread) else None


def _times_out(run: Run, trial: Trial) -> list[bool] | None:
    """List whether a player escaped a room in each repeat.

    None without repeats, or where one of them is missing.
    """
    plays = digest(run).rooms.get(trial.player, {}).get(trial.problem_id, ())
    return [p.out for p in plays] if 1 < run.config.repeats == len(plays) else None


def _corrected_columns(by_model: MarkedShares) -> dict[str, Value]:
    """Make the columns of a player's shares of each kind of item, as marked and corrected."""
    columns: dict[str, Value] = {}
    for kind, share in by_model.shares.items():
        span = share.corrected
        figures = (share.as_marked.mean, *((span.mean, span.low, span.high) if span else (None, None, None)))
        names = ("share", "corrected", "low", "high")
        columns |= {
            f"{kind}_{n}": None if x is None else round(x, 4) for n, x in zip(names, figures, strict=True)
        }
    return columns


def _mark_status(run: Run, result: Result, puzzle: Puzzle) -> str | None:
    """Say whether an answer is "marked" or "not marked".

    None without an answer, and where nobody is to mark it.
    """
    if result.answer is None and result.verdict is None:
        return None
    if result.verdict and result.verdict.judge != "room":
        return "marked"
    wanted = run.config.marks(result.trial) and is_markable(run.config.judge, puzzle, result.trial.player)
    return "not marked" if wanted and not result.turns else None


@lru_cache(maxsize=256)
def _hash_of(puzzle: Puzzle) -> str:
    return set_hash([puzzle.model_dump(mode="json", exclude_defaults=True)])[:16]


# A run of separators and blanks is matched in one piece, so that nothing is scanned twice; then the sign, if
# any.
_CELL_BEGINS = re.compile(r"(\A[\s\x00\ufeff;]*+|[;\t\r\n][\s\x00\ufeff;]*+)([=+\-@|%＝＋－＠])?")


def safe_cell(value: Value) -> Value:
    """Change a text so that no spreadsheet runs it as a formula. Other values stay as they are."""
    if not isinstance(value, str):
        return value
    # a carriage return alone is not quoted by Python 3.11, and breaks the row
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    # inside a cell too: a spreadsheet that splits at semicolons starts a new cell after each
    return _CELL_BEGINS.sub(_disarmed, text)


def _disarmed(match: re.Match[str]) -> str:
    before = match[1]
    if not match[2]:
        return before
    at = 1 + max(before.rfind(sign) for sign in ";\t\r\n")
    start = "'" if at and not match.start() else ""
    return f"{start}{before[:at]}'{before[at:]}{match[2]}"


def csv_lines(run: Run, metric: Metric = STANDARD) -> Iterator[str]:
    return _csv_lines(rows(run, metric), COLUMNS)


def to_csv(run: Run, metric: Metric = STANDARD) -> str:
    return "".join(csv_lines(run, metric))


def plain_csv(run: Run, *, excel: bool = False) -> str:
    """Write the plain table as CSV.

    `excel`: with CRLF line ends, and the byte order mark that tells Excel the text is UTF-8.
    """
    text = "".join(_csv_lines(plain_rows(run), PLAIN, end="\r\n" if excel else "\n"))
    return f"\ufeff{text}" if excel else text


def _csv_lines(
    table: Iterator[dict[str, Value]], columns: Sequence[str], *, end: str = "\n"
) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator=end)
    writer.writeheader()
    for row in table:
        yield out.getvalue()
        out.seek(0)
        out.truncate()
        writer.writerow({k: safe_cell(v) for k, v in row.items()})
    yield out.getvalue()
