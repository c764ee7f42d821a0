"""`judge`: existing answers, one verdict per line, written in order as they arrive."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from escape.calls import Limits
from escape.cli.progress import DESIGN, JUDGE, PUZZLES, Finite, judge_spec, key_from_environment, loop, stderr
from escape.metrics import works
from escape.puzzles import files
from escape.results import marks_of, money, pluralize
from escape.runs import Assembly, assembly, new_run
from escape.runs.file import AnswerLine, HeldFile, Output, RunFile, answer_lines, check_apart, load
from escape.types import Answer, Failure, FailureKind, Puzzle, Result, RunConfig, SpecError, Trial


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
@click.option("--out", required=True, metavar="FILE.jsonl", help="One verdict per line, in the order of the answers.")
@click.option("--max-cost", type=Finite(0), metavar="USD", help="Stop before the verdicts would cost more.")
@click.option("--timeout", type=Finite(1, 3600), metavar="S", help="Longest wait for a verdict. Default: 120.")
@click.option("--force", is_flag=True, help="Overwrite a file that is not empty.")
@click.pass_context
def judge(context: click.Context, /, **options: object) -> None:
    """Judge existing answers. Until all are judged, FILE.jsonl.run keeps what is paid for; rerun to continue."""
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
    """Returns the exit code. Raises EscapeError before the first call if something is wrong."""
    sources = [o.path] if o.path else files.sets(files.standard()).values()
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
                f"{o.answers_file}: answer {number}: there is no puzzle {line.problem_id!r}; name the right file "
                "with --puzzles"
            )
    check_apart(answers=o.answers_file, out=o.out, puzzles=o.path)
    Output(o.out, force=True)  # whether it can be written at all
    config = RunConfig(
        judge=judge_spec(o.judge_name, o.design, o.timeout), concurrency=o.concurrency, max_cost_usd=o.max_cost
    )
    # the line number is the repeat: two answers by one player to one puzzle stay separate
    answers = {
        Trial(problem_id=x.problem_id, player=x.player, repeat=i): Answer(text=x.answer) for i, x in enumerate(lines, 1)
    }
    puzzles = {line.problem_id: by_id[line.problem_id] for line in lines}
    start = new_run(config, list(puzzles.values()))
    start = start.model_copy(update={"results": tuple(Result(trial=t, answer=a) for t, a in answers.items())})
    paid = Path(f"{o.out}.run")
    goes_on = paid.is_file() and paid.stat().st_size > 0
    if not goes_on:
        Assembly(config, list(by_id.values()), key_from_environment, Limits())  # who cannot be asked leaves no file
    else:
        old = load(str(paid))
        texts, new_texts = ({r.trial: r.answer and r.answer.text for r in run.results} for run in (old, start))
        if texts != new_texts or old.config.judge.name != config.judge.name:
            words = "is of other answers or another judge, and not done; delete it, or name another --out"
            raise SpecError(f"{paid}: {words}")
    file = HeldFile(Path(o.out))
    file.clear(force=o.force or goes_on)  # before anything stands beside it: a refused command leaves nothing behind
    with RunFile.resume(str(paid)) if goes_on else RunFile.begin(str(paid), start, force=False) as saved:
        work = Assembly(config, list(by_id.values()), key_from_environment, Limits(spent_usd=saved.run.charged_usd))
        code = _judge(work, saved, lines, by_id, file)
    if code == 0:
        paid.unlink()
    return code


def _judge(
    work: Assembly, saved: RunFile, lines: Sequence[AnswerLine], by_id: Mapping[str, Puzzle], file: HeldFile
) -> int:
    """Judge what is not judged yet, writing verdicts in order as they come. Returns the exit code."""
    todo, answers = assembly.find_remaining(saved.run.config, saved.run.results, failed_too=True)
    failed: list[Failure] = []
    ended: set[Trial] = set()
    rows = _Rows(lines, by_id, file)

    def keep(result: Result) -> None:
        if result.failure and result.failure.kind is not FailureKind.NOT_JUDGED:
            failed.append(result.failure)
        saved.write_result(result)
        if result.verdict or result.failure:
            rows.add(result)
            ended.add(result.trial)
            judged = len(lines) - len(todo) + len(ended)
            if judged % max(1, len(lines) // 20) == 0:
                stderr(f"{judged} of {len(lines)} judged, {money(work.calls.budget.meter)}")

    with file:
        unjudged = set(todo)
        for result in saved.run.results:  # judged before this program was broken off
            if result.trial not in unjudged:
                rows.add(result)
        work.calls.budget.ledger.write = saved.write_pending
        loop(work, todo, answers, keep, stderr)
        rows.end()
    if file.problem:
        click.echo(file.problem, err=True)
    if failed:
        click.echo(f"{pluralize(len(failed), 'answer')} could not be judged: {failed[0].message}", err=True)
    undone = bool(failed) or len(ended) < len(todo)
    if undone:
        click.echo("the same command goes on where this one ended", err=True)
    return 1 if undone or file.problem else 0


class _Rows:
    """Writes a row an answer, in the order of the answers, whatever order they are judged in."""

    def __init__(self, lines: Sequence[AnswerLine], by_id: Mapping[str, Puzzle], file: HeldFile) -> None:
        self._lines, self._known, self._file = lines, by_id, file
        self._waiting: dict[int, bytes] = {}
        self._written = 0

    def add(self, result: Result) -> None:
        self._waiting[result.trial.repeat] = self._row(result.trial.repeat, result)
        while self._written + 1 in self._waiting:
            self._written += 1
            self._file.write(self._waiting.pop(self._written))

    def end(self) -> None:
        for number in range(self._written + 1, len(self._lines) + 1):
            self._file.write(self._waiting[number] if number in self._waiting else self._row(number, None))

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
    return {
        "case_id": line.case_id,
        "problem_id": line.problem_id,
        "player": line.player or None,
        "pus": scores.pus if scores else None,
        "sps": scores.sps if scores else None,
        "rhh": scores.rhh if scores else None,
        "status": "judged" if verdict else "not_judged",
        "attempted": items.attempted if items else None,
        "works": works(items, outcome) if items else outcome.works if outcome else None,
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
        "feedback": verdict.feedback if verdict else failure.message if failure else "stopped before it was judged",
    }
