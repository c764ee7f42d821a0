"""`judge`: existing answers, one verdict per line, written in order as they arrive."""

from __future__ import annotations

import json
from pathlib import Path

import click

from escape.cli.loop import DESIGN, JUDGE, PUZZLES, judge_spec, key_from_environment, loop, stderr
from escape.errors import FailureKind, SpecError
from escape.metrics import works
from escape.puzzles import files
from escape.records import Failure, Result, RunConfig, Trial
from escape.results import count, marks_of
from escape.runs import Assembly
from escape.runs.file import AnswerLine, HeldFile, answer_lines, check_apart
from escape.schema import Answer, Puzzle


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
@click.option("--force", is_flag=True, help="Overwrite a file that is not empty.")
def judge(
    *, answers_file: str, path: str | None, judge_name: str, design: str, concurrency: int, out: str, force: bool
) -> None:
    """Judge existing answers."""
    # each verdict is written once it and all before it exist
    there = [path] if path else files.sets(files.standard()).values()
    known = {p.problem_id: p for p in files.load(*there)}
    lines = answer_lines(_read(answers_file), answers_file)
    for number, line in enumerate(lines, 1):
        if line.problem_id not in known:
            raise SpecError(
                f"{answers_file}: answer {number}: there is no puzzle {line.problem_id!r}; name the right file "
                "with --puzzles"
            )
    config = RunConfig(judge=judge_spec(judge_name, design), concurrency=concurrency)
    work = Assembly(config, list(known.values()), key_from_environment)
    # the line number is the repeat: two answers by one player to one puzzle stay separate
    keys = [Trial(problem_id=x.problem_id, player=x.player, repeat=i) for i, x in enumerate(lines, 1)]
    given = {t: Answer(text=x.answer) for t, x in zip(keys, lines, strict=True)}
    failed: list[Failure] = []
    waiting: dict[int, bytes] = {}
    written = 0
    check_apart(answers=answers_file, out=out)
    file = HeldFile(Path(out))
    file.clear(force=force)

    def row(line: AnswerLine, result: Result | None) -> bytes:
        made = json.dumps(_judged(line, known[line.problem_id], result), ensure_ascii=False)
        return made.encode("utf-8", "replace") + b"\n"

    def keep(result: Result) -> None:
        nonlocal written
        if result.failure and result.failure.kind is not FailureKind.NOT_JUDGED:
            failed.append(result.failure)
        number = result.trial.repeat
        waiting[number] = row(lines[number - 1], result)
        while written + 1 in waiting:
            written += 1
            file.write(waiting.pop(written))

    with file:
        loop(work, keys, given, keep, stderr)
        for number, line in enumerate(lines, 1):  # what a stop left out
            if number > written:
                file.write(waiting.pop(number, row(line, None)))
    if file.problem:
        click.echo(file.problem, err=True)
    if failed:
        click.echo(f"{count(len(failed), 'answer')} could not be judged: {failed[0].message}", err=True)
    raise SystemExit(1 if failed or written < len(lines) or file.problem else 0)


def _read(file: str) -> str:
    try:
        if not Path(file).is_file():
            raise SpecError(f"{file}: is not a file; check the path")
        return Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{file}: cannot be read ({getattr(error, 'strerror', 'not UTF-8')}); check the file") from None


def _judged(line: AnswerLine, puzzle: Puzzle, result: Result | None) -> dict[str, object]:
    verdict = result.verdict if result else None
    items = verdict.checklist if verdict else None
    scores = marks_of(result, puzzle) if result else None
    failure = result.failure if result else None
    outcome = result.outcome if result else None
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
