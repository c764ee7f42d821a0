"""The command `judge`: existing answers in, one verdict per line out, in the order of the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from escape.cli.progress import (
    DESIGN,
    JUDGE,
    PUZZLES,
    Finite,
    judge_spec,
    prepare,
    run_to_end,
    silent,
    stderr,
)
from escape.metrics import works
from escape.puzzles import files
from escape.results import marks_of, money, pluralize
from escape.runs import Execution, new_run
from escape.runs.file import AnswerLine, HeldFile, Output, RunFile, answer_lines, check_apart, load
from escape.types import Answer, Mark, Puzzle, Result, Run, RunConfig, SpecError, Trial, TrialKey


@click.command()
@click.option(
    "--answers",
    "answers_file",
    required=True,
    metavar="FILE.jsonl",
    help="One {problem_id, answer, player?, case_id?} per line.",
)
@PUZZLES
@click.option("--judge", "judge_name", default="room", show_default=True, metavar=JUDGE)
@DESIGN
@click.option("--concurrency", type=click.IntRange(1, 500), default=8, show_default=True)
@click.option(
    "--out", required=True, metavar="FILE.jsonl", help="One verdict per line, in the order of the answers."
)
@click.option("--max-cost", type=Finite(0), metavar="USD", help="Stop before the verdicts would cost more.")
@click.option(
    "--timeout", type=Finite(1, 3600), metavar="S", help="Longest wait for a verdict. Default: 120."
)
@click.option("--force", is_flag=True, help="Overwrite a file that is not empty.")
@click.pass_context
def judge(context: click.Context, /, **options: object) -> None:
    """Judge existing answers.

    Until all are judged, FILE.jsonl.run keeps what is paid for; rerun to continue.
    """
    raise SystemExit(_run(JudgeOptions(**context.params)))


@dataclass(frozen=True)
class JudgeOptions:
    answers_file: str
    path: str | None
    judge_name: str
    design: str | None
    concurrency: int
    out: str
    max_cost: float | None
    timeout: float | None
    force: bool


def _run(o: JudgeOptions) -> int:
    """Carry out `judge` and return its exit code. Raises EscapeError only before the first call."""
    sources = [o.path] if o.path else files.sets_in(files.standard()).values()
    by_id = {p.problem_id: p for p in files.load(*sources)}
    try:
        if not Path(o.answers_file).is_file():
            raise SpecError(f"{o.answers_file}: is not a file; check the path")
        text = Path(o.answers_file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "not UTF-8")
        raise SpecError(f"{o.answers_file}: cannot be read ({why}); check the file") from None
    lines = answer_lines(text, o.answers_file)
    for number, line in enumerate(lines, 1):
        if line.problem_id not in by_id:
            raise SpecError(
                f"{o.answers_file}: answer {number}: there is no puzzle {line.problem_id!r}; name the right "
                "file with --puzzles"
            )
    check_apart(answers=o.answers_file, out=o.out, puzzles=o.path)
    Output(o.out, force=True)  # whether it can be written at all
    config = RunConfig(
        judge=judge_spec(o.judge_name, o.design, o.timeout),
        concurrency=o.concurrency,
        max_cost_usd=o.max_cost,
    )
    # the line number is the repeat: two answers by one player to one puzzle stay separate
    answers = {
        Trial(problem_id=x.problem_id, player=x.player, repeat=i): Answer(text=x.answer)
        for i, x in enumerate(lines, 1)
    }
    puzzles = {line.problem_id: by_id[line.problem_id] for line in lines}
    start = new_run(config, list(puzzles.values()))
    start = start.model_copy(update={"results": tuple(Result(trial=t, answer=a) for t, a in answers.items())})
    paid = Path(f"{o.out}.run")
    goes_on = paid.is_file() and paid.stat().st_size > 0
    if not goes_on:
        prepare(start, stderr, every=True)  # who cannot be asked leaves no file
    else:
        old = load(str(paid))
        texts, new_texts = (
            {r.trial: r.answer and r.answer.text for r in run.results} for run in (old, start)
        )
        if texts != new_texts or old.config.judge.name != config.judge.name:
            words = "is unfinished and belongs to other answers or another judge"
            raise SpecError(f"{paid}: {words}; delete it, or name another --out")
        prepare(old.model_copy(update={"config": config}), silent, every=True)
    file = HeldFile(Path(o.out))
    # before anything stands beside it: a refused command leaves nothing behind
    file.clear(force=o.force or goes_on)
    with RunFile.resume(str(paid)) if goes_on else RunFile.begin(str(paid), start, force=False) as saved:
        now = saved.run.model_copy(update={"config": config})
        code = _judge(prepare(now, stderr, every=True), saved, _Rows(lines, by_id, file))
    if code == 0:
        paid.unlink()
    return code


def _judge(work: Execution, saved: RunFile, rows: _Rows) -> int:
    """Judge the remaining answers, write all rows in order, and return the exit code."""
    with rows.file:
        todo = {*work.plan.to_ask, *work.plan.to_mark}
        for result in saved.run.results:  # judged before this program was broken off
            if result.trial not in todo:
                rows.add(result)
        run_to_end(work, _Verdicts(saved, rows, work), stderr)
        rows.end(saved.run)
    if rows.file.problem:
        click.echo(rows.file.problem, err=True)
    unmarked, to_mark = [r for r in saved.run.results if r.verdict is None], frozenset(work.plan.to_mark)
    # others have no room to say anything
    undone = [r for r in unmarked if r.failure is None or r.trial in to_mark]
    if whys := [r.failure.message for r in undone if r.failure]:
        click.echo(f"{pluralize(len(undone), 'answer')} not marked: {whys[-1]}", err=True)
    if undone:
        click.echo("run the same command again to continue where this one ended", err=True)
    return 1 if undone or rows.file.problem else 0


class _Verdicts:
    """A sink that saves each record, and writes an answer's row once nothing is left to do for it."""

    def __init__(self, saved: RunFile, rows: _Rows, work: Execution) -> None:
        self._saved, self._rows, self._work = saved, rows, work
        self._to_mark = frozenset(work.plan.to_mark)
        self._left = len({*work.plan.to_ask, *self._to_mark})

    def result(self, result: Result) -> bool:
        is_kept = self._saved.result(result)
        if result.trial not in self._to_mark:
            self._end(result.trial)
        return is_kept

    def mark(self, mark: Mark) -> None:
        self._saved.mark(mark)
        if mark.verdict:  # what has failed may be marked once more
            self._end(mark.trial)

    def stake(self, trial: TrialKey, usd: float) -> None:
        self._saved.stake(trial, usd)

    async def committed(self) -> None:
        """Do nothing: a line is in the file as soon as it is written."""

    def _end(self, trial: Trial) -> None:
        self._rows.add(self._saved.result_of(trial))
        self._left -= 1
        judged = self._rows.number - self._left
        if judged % max(1, self._rows.number // 20) == 0:
            stderr(f"{judged} of {self._rows.number} done, {money(self._work.spent_usd)}")


class _Rows:
    """The output file: one row per answer, in their order, whatever order they are judged in."""

    def __init__(self, lines: Sequence[AnswerLine], by_id: Mapping[str, Puzzle], file: HeldFile) -> None:
        self._lines, self._known, self.file = lines, by_id, file
        self._waiting: dict[int, bytes] = {}
        self._written = 0
        self.number = len(lines)

    def add(self, result: Result) -> None:
        self._waiting[result.trial.repeat] = self._row(result.trial.repeat, result)
        while self._written + 1 in self._waiting:
            self._written += 1
            self.file.write(self._waiting.pop(self._written))

    def end(self, run: Run) -> None:
        """Write the remaining rows, including those of answers without a mark."""
        by_number = {result.trial.repeat: result for result in run.results}
        for number in range(self._written + 1, len(self._lines) + 1):
            row = self._waiting.get(number)
            self.file.write(row or self._row(number, by_number.get(number)))

    def _row(self, number: int, result: Result | None) -> bytes:
        line = self._lines[number - 1]
        text = json.dumps(_judged(line, self._known[line.problem_id], result), ensure_ascii=False)
        return text.encode("utf-8", "replace") + b"\n"


def _judged(line: AnswerLine, puzzle: Puzzle, result: Result | None) -> dict[str, object]:
    verdict = result.verdict if result else None
    items = verdict.checklist if verdict else None
    scores = marks_of(result, puzzle) if result else None
    failure = result.failure if result else None
    outcome = result.led_to if result else None
    status = "not marked"
    if verdict is not None:
        status = "" if verdict.judge == "room" else "marked"  # the room's verdict is not a mark
    it_works: object = None
    if items:
        it_works = works(items, outcome)
    elif outcome:
        it_works = outcome.works
    return {
        "case_id": line.case_id,
        "problem_id": line.problem_id,
        "player": line.player or None,
        "pus": scores.pus if scores else None,
        "sps": scores.sps if scores else None,
        "rhh": scores.rhh if scores else None,
        "status": status,
        "result": result.result if result else "not asked",
        "attempted": items.attempted if items else None,
        "works": it_works,
        "out": int(outcome.out) if outcome else None,
        "moves": outcome.moves if outcome else None,
        "shortest": outcome.shortest if outcome else None,
        "progress": round(outcome.progress, 4) if outcome else None,
        "lost_at": outcome.lost_at if outcome else None,
        "not_understood": outcome.not_understood if outcome else None,
        "herrings_touched": list(outcome.herrings_touched) if outcome else [],
        "principles": {t.text: t.met for t in items.principles} if items else {},
        "steps": {t.text: t.met for t in items.steps} if items else {},
        "herrings_used": {t.text: t.met for t in items.herrings} if items else {},
        "invented_items": list(items.invented_items) if items else [],
        "quotes": {t.text: t.quote for t in items.ticks if t.quote} if items else {},
        "feedback": verdict.feedback
        if verdict
        else failure.message
        if failure
        else "stopped before it was marked",
    }
