"""`run`: a run to its end, saved as it grows; the leaderboard is printed even if files cannot be written."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass

import click

from escape import models
from escape.cli.house import ANSWER_BUDGET, DEFAULT_DOORS, DOORS, HOUSES, SEED, drawn
from escape.cli.leaderboard import leaderboard
from escape.cli.loop import (
    DESIGN,
    JUDGE,
    PUZZLES,
    Say,
    judge_spec,
    key_from_environment,
    loop,
    retry_line,
    silent,
    stderr,
)
from escape.errors import SpecError
from escape.metrics import METRICS, Metric
from escape.puzzles import files
from escape.records import MAX_TRIALS, Opinion, Result, Run, RunConfig, Trial
from escape.results import (
    bill_sentence,
    card,
    count,
    csv,
    digest,
    money,
    usual,
)
from escape.runs import Assembly, bills, new_run, trials
from escape.runs.file import Output, RunFile, charged_usd, load
from escape.schema import Puzzle


@dataclass(frozen=True)
class RunOptions:
    """The options of `run`. None: not given, so a continued run keeps its own value."""

    players: tuple[str, ...] = ()
    path: str | None = None
    puzzle_set: str | None = None
    only: tuple[str, ...] = ()
    houses: int | None = None
    doors: int | None = None
    seed: str | None = None
    sealed: bool = False
    judge_name: str | None = None
    design: str = "checklist"
    repeats: int | None = None
    concurrency: int | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    effort: str | None = None
    metric: str | None = None
    moves: bool = True
    resume: str | None = None
    csv_file: str | None = None
    report_file: str | None = None
    json_file: str | None = None
    force: bool = False
    quiet: bool = False


@click.command()
@click.option("--model", "players", multiple=True, metavar="PROVIDER:MODEL", help="A player. Repeat for each one.")
@PUZZLES
@click.option("--set", "puzzle_set", type=click.Choice([files.ROOMS, files.HARD]), help="Default: rooms, the thirty.")
@click.option("--puzzle", "only", multiple=True, metavar="ID", help="Only this puzzle. Repeat for each one.")
@HOUSES
@DOORS
@SEED
@click.option("--sealed", is_flag=True, help="Ids and files of houses show only the seed's hash until it is revealed.")
@click.option("--judge", "judge_name", metavar=JUDGE, help="Default: rubric, offline.")
@DESIGN
@click.option(
    "--trials", "repeats", type=click.IntRange(1, 10_000), help="Times each player gets each puzzle. Default: 1."
)
@click.option("--concurrency", type=click.IntRange(1, 500), help="Concurrent calls per provider. Default: 8.")
@click.option("--max-cost", type=click.FloatRange(0), metavar="USD", help="Stop before the run would cost more.")
@click.option("--max-tokens", type=click.IntRange(1, 200_000), help="Longest answer from a player, in tokens.")
@click.option(
    "--timeout", type=click.FloatRange(1, 3600), metavar="S", help="Longest wait for an answer. Default: 120."
)
@click.option(
    "--effort", type=click.Choice(models.EFFORTS), help="How long reasoning models among the players may think."
)
@click.option(
    "--metric",
    type=click.Choice(list(METRICS)),
    help="Default: verified (rooms escaped) if the judge cannot tell whether plans work; otherwise standard.",
)
@click.option("--moves/--no-moves", default=True, help="Ask for moves if the room can carry them out. Default: yes.")
@click.option("--resume", metavar="FILE", help="Continue a saved run; only missing answers are requested.")
@click.option("--csv", "csv_file", metavar="FILE", help="Write one row per answer.")
@click.option("--report", "report_file", metavar="FILE", help="Write one HTML page: results and exactly what was run.")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the whole run, one line at a time, while the run is in progress."
)
@click.option("--force", is_flag=True, help="Overwrite files that are not empty.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@click.pass_context
def run(context: click.Context, /, **given: object) -> None:
    """Ask players, judge their answers, print a leaderboard."""
    raise SystemExit(_run(RunOptions(**context.params)))


def _run(options: RunOptions) -> int:
    """Return the exit code. Raises EscapeError before the first call if something is wrong."""
    say = silent if options.quiet else stderr
    metric = METRICS[options.metric] if options.metric else None
    with ExitStack() as held:
        in_place = options.resume if options.json_file in (None, options.resume) else None
        saved = held.enter_context(RunFile.resume(in_place)) if in_place else None
        old = saved.run if saved else load(options.resume) if options.resume else None
        start = _asked_for(options, old)
        own = old is not None
        table = Output(options.csv_file, force=options.force, own=own) if options.csv_file else None
        told = Output(options.report_file, force=options.force, own=own) if options.report_file else None
        work = _Work(start, say)
        if saved is None and options.json_file:
            saved = held.enter_context(RunFile.begin(options.json_file, start, force=options.force))
        elif saved and old and start.config != old.config:
            saved.head(start)
        if saved and old:
            _carry(saved, start.config.judge.name)
            start = start.model_copy(update={"results": saved.run.results})
        done = work.go(start, saved)
        return _close(done, saved, table, told, metric or usual(done), options.json_file or options.resume)


def _asked_for(options: RunOptions, old: Run | None) -> Run:
    """The run that the options describe, with what a saved one contributes. Raises SpecError."""
    if not options.players and old is None:
        raise SpecError("no player given; name at least one with --model, for example --model demo:careful")
    chosen = _offered(options, old)
    specs = {
        s.name: s
        for s in (
            models.parse(
                name,
                max_tokens=options.max_tokens or (ANSWER_BUDGET if any(p.house for p in chosen) else None),
                timeout_s=options.timeout,
                effort=options.effort,
            )
            for name in options.players
        )
    }
    own = old.config if old else RunConfig()
    anew = options.only or options.path or options.puzzle_set or options.houses or not old
    judge = judge_spec(options.judge_name or "rubric", options.design)
    config = own.model_copy(
        update={
            "players": tuple(specs.values()) or own.players,
            "judge": own.judge if old and options.judge_name is None else judge,
            "problem_ids": tuple(p.problem_id for p in chosen) if anew else own.problem_ids,
            "repeats": options.repeats or own.repeats,
            "moves": options.moves and own.moves,
            "concurrency": options.concurrency or own.concurrency,
            "max_cost_usd": own.max_cost_usd if options.max_cost is None else options.max_cost,
        }
    )
    if config.size > MAX_TRIALS:
        raise SpecError(f"{config.size} trials; a run has at most {MAX_TRIALS}, so take fewer puzzles or repeats")
    if old is None:
        return new_run(config, chosen)
    there = {p.problem_id for p in chosen}
    played = {r.trial.problem_id for r in old.results}
    # a puzzle that has answers keeps the text they were given for: two texts under one id would be compared as one
    as_read = {i: p for i, p in old.puzzle_by_id.items() if i in played}
    fresh = new_run(config, [as_read.get(p.problem_id, p) for p in chosen])
    kept = {n: getattr(old, n) for n in ("run_id", "started_at", "title", "cards", "opinions", "results")}
    further = tuple(p for p in old.puzzles if p.problem_id not in there)
    return fresh.model_copy(update=kept | {"puzzles": (*fresh.puzzles, *further)})


def _offered(options: RunOptions, old: Run | None) -> list[Puzzle]:
    """The puzzles of the file, folder or set that is named, else of the saved run, else `rooms`; of these only those
    that
    are asked for by their ids, which alone name a puzzle of any set. Raises SpecError.
    """
    if not options.only:
        return _source(options, old)
    anywhere = not (old or options.path or options.puzzle_set or options.houses)
    known = {p.problem_id: p for p in (files.named(options.only) if anywhere else _source(options, old))}
    unknown = [i for i in options.only if i not in known]
    if unknown:
        raise SpecError(f"there is no puzzle {unknown[0]!r}; choose from {', '.join(list(known)[:20])}")
    return [known[i] for i in dict.fromkeys(options.only)]


def _source(options: RunOptions, old: Run | None) -> list[Puzzle]:
    """Every puzzle of what is named. Raises SpecError."""
    named = {"--puzzles": options.path, "--set": options.puzzle_set, "--houses": options.houses}
    if len(given := [name for name, value in named.items() if value]) > 1:
        raise SpecError(f"{given[0]} and {given[1]} exclude each other; leave one of them out")
    if options.houses:
        if old and options.seed is None:
            raise SpecError("--houses with --resume needs --seed, or it would draw other houses than the saved run has")
        return drawn(options.houses, options.doors or DEFAULT_DOORS, options.seed, sealed=options.sealed)
    if options.doors is not None or options.seed is not None or options.sealed:
        raise SpecError("--doors, --seed and --sealed belong to houses; say how many with --houses N")
    if old and not given:
        return list(old.puzzles)
    if options.path:
        return files.load(options.path)
    there = files.sets(files.standard())
    name = options.puzzle_set or files.ROOMS
    if name not in there:
        raise SpecError(f"there is no set {name!r} in {there[files.ROOMS]}; leave --set out")
    return files.load(there[name])


def _carry(saved: RunFile, judge_name: str) -> None:
    """A mark from a judge other than the requested one becomes an opinion, and its answer is marked again. Nothing that
    was paid for is dropped.
    """
    for result in saved.run.results:
        if result.verdict and (bare := _unmarked(result, judge_name)) is not result:
            saved.opinion(Opinion(trial=result.trial, rater=result.verdict.judge, verdict=result.verdict))
            saved.add(bare)


def _unmarked(result: Result, judge_name: str) -> Result:
    other = result.verdict is not None and result.answer is not None and result.verdict.judge != judge_name
    return result.model_copy(update={"verdict": None}) if other else result


class _Work:
    """One run's work, built before anything is opened or asked. Raises SpecError."""

    def __init__(self, start: Run, say: Say) -> None:
        config = start.config
        # a mark by another judge than the one asked for does not count
        as_marked = (_unmarked(r, config.judge.name) for r in start.results)
        every, self.answers = trials.missing(config, as_marked, failed_too=True)
        planned = set(config.trials())
        self.todo = [t for t in every if t in planned or (t in self.answers and t.is_imported)]
        self.say = say
        self.assembly = Assembly(
            config,
            start.puzzles,
            key_from_environment,
            asked={t.player for t in self.todo if t not in self.answers},
            spent_usd=charged_usd(start),
            on_retry=lambda r: say(retry_line(r)),
        )

    def go(self, start: Run, saved: RunFile | None) -> Run:
        """Do what is left, saving each result as it arrives."""
        if sys.stderr.isatty() and len(self.todo) > len(self.answers):  # a person can read it and stop
            players, judge = bills(start.config, start.puzzles)
            self.say("this is free" if (players + judge).free else f"this will cost {bill_sentence(players, judge)}")
        here: dict[Trial, Result] = {} if saved else {r.trial: r for r in start.results}
        ended = 0

        def keep(result: Result) -> None:
            nonlocal ended
            if saved:
                saved.add(result)
                if saved.problem and not self.assembly.calls.stopping:
                    self.assembly.calls.stop()
            else:
                here[result.trial] = result.after(here.get(result.trial))
            if result.status != "answered":
                ended += 1
                if ended % max(1, len(self.todo) // 20) == 0 or ended == len(self.todo):
                    self.say(f"{ended} of {len(self.todo)} done, {money(self.assembly.calls.budget.spent)}")

        loop(self.assembly, self.todo, self.answers, keep, self.say)
        return start.model_copy(update={"results": saved.run.results if saved else tuple(here.values())})


def _close(
    done: Run, saved: RunFile | None, table: Output | None, told: Output | None, metric: Metric, file: str | None
) -> int:
    """Print the leaderboard even if files cannot be written; say what is missing. Returns the exit code."""
    click.echo(leaderboard(done, metric))
    if table and (problem := table.write(lambda: csv.csv_lines(done, metric))):
        click.echo(problem, err=True)
    if told and (problem := told.write(lambda: [card.page(done, metric)])):
        click.echo(problem, err=True)
    made = digest(done)
    if made.cut_off:
        click.echo(
            f"{count(made.cut_off, 'answer')} cut off at the length limit; allow more with --max-tokens", err=True
        )
    if saved and saved.problem:
        click.echo(f"{saved.problem}; continue with --resume {saved.where}", err=True)
        return 1
    if made.lacking:
        hint = f"continue with --resume {file}" if file else "use --json FILE to be able to continue a run"
        cause = "".join(f"; most often: {message}" for (_, message), _ in made.causes.most_common(1))
        what = "not carried out" if done.of_houses else "without a mark"
        click.echo(f"{count(made.lacking, 'answer')} {what}{cause}; {hint}", err=True)
    return 1 if made.lacking else 0
