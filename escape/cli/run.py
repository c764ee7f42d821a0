"""The command `run`: its options, and a run to its end, saved as it grows.

The leaderboard is printed whatever happens to the files.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from escape import models, results
from escape.cli.progress import (
    DESIGN,
    JUDGE,
    PUZZLES,
    Finite,
    Say,
    execute,
    judge_spec,
    prepare,
    silent,
    stderr,
)
from escape.metrics import METRICS, Metric
from escape.puzzles import answered_by, files
from escape.results import card, csv, digest, join_and, pluralize, usual, wants_told
from escape.rooms import playable
from escape.runs import new_run, stamp_versions
from escape.runs.file import GrowingRun, Output, RunFile, check_apart, load
from escape.types import MAX_TRIALS, FileError, ModelSpec, Puzzle, Run, RunConfig, SpecError


@dataclass(frozen=True)
class RunOptions:
    """The options of `run`. None: not given, so a continued run keeps its own value."""

    players: tuple[str, ...] = ()
    player_files: tuple[str, ...] = ()
    path: str | None = None
    puzzle_set: str | None = None
    only: tuple[str, ...] = ()
    judge_name: str | None = None
    design: str | None = None
    repeats: int | None = None
    concurrency: int | None = None
    rpm: float | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    effort: str | None = None
    temperature: float | None = None
    metric: str | None = None
    moves: bool = True
    move_by_move: bool = False
    resume: str | None = None
    csv_file: str | None = None
    report_file: str | None = None
    json_file: str | None = None
    force: bool = False
    quiet: bool = False


def _refuse_changed(named: Iterable[ModelSpec], saved: Iterable[ModelSpec]) -> None:
    """Raise SpecError for a player of the saved run that would go on under the same name as another one."""
    before = {player.name: player for player in saved}
    for spec in named:
        old = before.get(spec.name, spec)
        if spec.instructions != old.instructions:
            raise SpecError(
                f"{spec.name} has answers under other instructions; give it another name, or start a new file"
            )
        if (spec.base_url, spec.temperature) != (old.base_url, old.temperature):
            raise SpecError(
                f"{spec.name} has answers at another address or temperature; leave --model out to go on as "
                "saved, or start a new file"
            )


def compose_run(options: RunOptions, old: Run | None) -> Run:
    """Build the run that the options describe, as a continuation of `old` if given. Raises SpecError."""
    if not (options.players or options.player_files) and old is None:
        raise SpecError("no player given; name at least one with --model, for example --model demo:careful")
    _refuse_idle(options)
    chosen = _select_puzzles(options, old)
    in_turns = options.move_by_move
    specs = _players(options)
    if not old and not options.only and not options.path:
        chosen = _with_answers([*specs.values()], chosen, silent if options.quiet else stderr)
    own = old.config if old else RunConfig()
    _refuse_changed(specs.values(), own.players)
    if in_turns and old and own.protocol == "plan":
        raise SpecError("the saved run asked for whole plans; start a new file for a move-by-move run")
    source = options.path or options.puzzle_set
    new_set = options.only or source or not old
    judge = judge_spec(options.judge_name or "room", options.design if options.judge_name else None)
    unnamed = options.only or options.path or files.standard() != files.BUNDLED
    whole_set = "" if unnamed else options.puzzle_set or files.ROOMS
    config = own.model_copy(
        update={
            "players": tuple(specs.values()) or own.players,
            "judge": own.judge if old and options.judge_name is None else judge,
            "problem_ids": tuple(p.problem_id for p in chosen) if new_set else own.problem_ids,
            "puzzle_set": whole_set if new_set else own.puzzle_set,
            "repeats": options.repeats or own.repeats,
            "moves": options.moves and own.moves,
            "protocol": "move by move" if in_turns else own.protocol,
            "concurrency": options.concurrency or own.concurrency,
            "rpm": options.rpm or own.rpm,
            "max_cost_usd": own.max_cost_usd if options.max_cost is None else options.max_cost,
        }
    )
    if config.in_turns and (mute := next((p for p in chosen if not playable(p)), None)):
        raise SpecError(
            f"{mute.problem_id} has no room that answers moves; leave --move-by-move or that puzzle out"
        )
    if config.size > MAX_TRIALS:
        raise SpecError(
            f"{config.size} trials; a run has at most {MAX_TRIALS}, so take fewer puzzles or repeats"
        )
    if old is None:
        return new_run(config, chosen)
    ids = {p.problem_id for p in chosen}
    played = {r.trial.problem_id for r in old.results}
    # a puzzle that has answers keeps the text they were given for: two texts under one id would be compared
    # as one
    as_read = {i: p for i, p in old.puzzle_by_id.items() if i in played}
    fresh = new_run(config, [as_read.get(p.problem_id, p) for p in chosen])
    carried_over = {n: getattr(old, n) for n in ("run_id", "started_at", "title", "notes")}
    further = tuple(p for p in old.puzzles if p.problem_id not in ids)
    carried_over["versions"] = stamp_versions(old).versions
    start = fresh.model_copy(update=carried_over | {"puzzles": (*fresh.puzzles, *further)})
    growing = GrowingRun.of(old)
    growing.go_on_as(start)  # marks of another judge stand beside the run from now on
    return growing.run


def _with_answers(players: Sequence[ModelSpec], puzzles: list[Puzzle], say: Say) -> list[Puzzle]:
    """Leave out the puzzles that not every player has an answer to, and name them.

    Only if all players are scripted, and at least one puzzle remains.
    """
    answered = answered_by(players, puzzles)
    if (
        not answered
        or len(answered) == len(puzzles)
        or not all(models.provider_of(s).scripted for s in players)
    ):
        return puzzles
    ids = [p.problem_id for p in puzzles if p not in answered]
    more = f" and {len(ids) - 10} more" if len(ids) > 10 else ""
    say(f"left out, since not every player has an answer to it: {', '.join(ids[:10])}{more}")
    return answered


def _players(options: RunOptions) -> dict[str, ModelSpec]:
    """Parse the players, by name. Raises SpecError if one name stands for two different specs.

    No table could tell those apart, such as one model at two addresses.
    """

    def named(name: str) -> ModelSpec:
        return models.parse(
            name,
            max_tokens=options.max_tokens,
            timeout_s=options.timeout,
            effort=options.effort,
            temperature=options.temperature,
        )

    specs: dict[str, ModelSpec] = {}
    for spec in (*map(named, options.players), *(_instructed(file, named) for file in options.player_files)):
        if specs.setdefault(spec.name, spec) != spec:
            raise SpecError(
                f"{spec.name} is named twice with different settings; use two runs and compare them"
            )
    return specs


def _instructed(file: str, named: Callable[[str], ModelSpec]) -> ModelSpec:
    """Read a player file: `PROVIDER:MODEL + NAME` on line 1, then its text. Raises SpecError."""
    try:
        text = Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "not UTF-8")
        raise SpecError(f"{file}: cannot be read ({why}); check the file") from None
    first, _, instructions = text.lstrip().partition("\n")
    model, plus, name = first.partition(" + ")
    if not plus:
        raise SpecError(
            f"{file}: the first line must be PROVIDER:MODEL + NAME, such as openai:gpt-5-mini + careful"
        )
    try:
        return models.instructed(named(model), name, instructions)
    except SpecError as error:
        raise SpecError(f"{file}: {error}") from None


def _refuse_idle(options: RunOptions) -> None:
    of_players = {
        "--max-tokens": options.max_tokens,
        "--timeout": options.timeout,
        "--effort": options.effort,
        "--temperature": options.temperature,
    }
    idle = [name for name, value in of_players.items() if value is not None]
    if idle and not (options.players or options.player_files):
        raise SpecError(f"{idle[0]} applies to players; name them with --model")
    if (
        options.effort
        and not options.player_files
        and all(models.is_scripted(name) for name in options.players)
    ):
        raise SpecError("--effort is for models that think, and scripted players do not; leave it out")
    if options.design and not options.judge_name:
        raise SpecError("--judge-design is for a model as the judge; name it with --judge PROVIDER:MODEL")


def _select_puzzles(options: RunOptions, old: Run | None) -> list[Puzzle]:
    """Select the puzzles of the file, folder or set named, or of the saved run. Raises SpecError.

    `--puzzle` alone selects from all standard sets.
    """
    if not options.only:
        return _source(options, old)
    anywhere = not (old or options.path or options.puzzle_set)
    by_id = {p.problem_id: p for p in (files.with_ids(options.only) if anywhere else _source(options, old))}
    unknown = [i for i in options.only if i not in by_id]
    if unknown:
        raise SpecError(f"there is no puzzle {unknown[0]!r}; {files.did_you_mean(unknown[0], by_id)}")
    return [by_id[i] for i in dict.fromkeys(options.only)]


def _source(options: RunOptions, old: Run | None) -> list[Puzzle]:
    if options.path and options.puzzle_set:
        raise SpecError("--puzzles and --set exclude each other; leave one of them out")
    if old and not (options.path or options.puzzle_set):
        return list(old.puzzles)
    if options.path:
        return files.load(options.path)
    name = options.puzzle_set or files.ROOMS
    if name not in files.sets_in(files.standard()):
        raise SpecError(f"there is no set {name!r} in {files.standard()}; leave --set out")
    puzzles = files.in_set(files.standard(), name)
    if any(p.twist_of for p in puzzles):  # so that no original always comes before its twist
        random.shuffle(puzzles)
    return puzzles


@click.command()
@click.option(
    "--model", "players", multiple=True, metavar="PROVIDER:MODEL", help="A player. Repeat for each one."
)
@click.option(
    "--player-file",
    "player_files",
    multiple=True,
    metavar="FILE",
    help="A player with instructions of its own: PROVIDER:MODEL + NAME on the first line, then the text it "
    "is sent before the prompt.",
)
@PUZZLES
@click.option(
    "--set",
    "puzzle_set",
    type=click.Choice(files.SETS),
    help="Default: rooms. Twists come with their originals, in random order.",
)
@click.option("--puzzle", "only", multiple=True, metavar="ID", help="Only this puzzle. Repeat for each one.")
@click.option(
    "--judge",
    "judge_name",
    metavar=JUDGE,
    help="Default: room (code carries the moves out; the explanation is not marked).",
)
@DESIGN
@click.option(
    "--trials",
    "repeats",
    type=click.IntRange(1, 10_000),
    help="Times each player gets each puzzle. Default: 1.",
)
@click.option("--concurrency", type=click.IntRange(1, 500), help="Concurrent calls per provider. Default: 8.")
@click.option(
    "--rpm", type=Finite(1, 100_000), metavar="N", help="Calls a minute that each model allows, if known."
)
@click.option("--max-cost", type=Finite(0), metavar="USD", help="Stop before the run would cost more.")
@click.option(
    "--max-tokens", type=click.IntRange(1, 200_000), help="Longest answer from a player, in tokens."
)
@click.option(
    "--timeout", type=Finite(1, 3600), metavar="S", help="Longest wait for an answer. Default: 120."
)
@click.option(
    "--effort",
    type=click.Choice(models.EFFORTS),
    help="How long reasoning models among the players may think.",
)
@click.option(
    "--temperature", type=Finite(0, 2), metavar="T", help="Sent to every player. Default: none is sent."
)
@click.option(
    "--metric",
    type=click.Choice(list(METRICS)),
    help="Default: standard if a model judges; otherwise verified (rooms escaped).",
)
@click.option(
    "--moves/--no-moves", default=True, help="Ask for moves if the room can carry them out. Default: yes."
)
@click.option(
    "--move-by-move",
    is_flag=True,
    help="Ask for one move at a time and answer each. Not comparable with whole plans.",
)
@click.option("--resume", metavar="FILE", help="Continue a saved run; only missing answers are requested.")
@click.option("--csv", "csv_file", metavar="FILE", help="Write one row per answer.")
@click.option(
    "--report", "report_file", metavar="FILE", help="Write one HTML page: results and exactly what was run."
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the whole run, one line at a time, while the run is in progress.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are not empty.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@click.pass_context
def run(context: click.Context, /, **values: object) -> None:
    """Ask players, judge their answers, print a leaderboard."""
    raise SystemExit(_run(RunOptions(**context.params)))


def _run(options: RunOptions) -> int:
    """Carry out `run` and return its exit code. Raises EscapeError only before the first call."""
    say = silent if options.quiet else stderr
    in_place = options.resume if options.json_file in (None, options.resume) else None
    json_file = None if in_place else options.json_file
    check_apart(
        resume=options.resume,
        json=json_file,
        csv=options.csv_file,
        report=options.report_file,
        puzzles=options.path,
    )
    with ExitStack() as held:
        saved: RunFile | None = None
        old: Run | None = None
        if in_place:
            saved = held.enter_context(RunFile.resume(in_place))
            old = saved.run
        elif options.resume:
            old = load(options.resume)
        for line in old.damaged if old else ():
            stderr(f"{options.resume}: {line}; set aside")
        start = compose_run(options, old)
        ours = (csv.BEGINS, card.BEGINS) if old else (b"", b"")
        table = Output(options.csv_file, force=options.force, ours=ours[0]) if options.csv_file else None
        report = (
            Output(options.report_file, force=options.force, ours=ours[1]) if options.report_file else None
        )
        work = prepare(start, say)
        if saved is None and options.json_file:
            saved = held.enter_context(RunFile.begin(options.json_file, start, force=options.force))
        elif saved and old and any(getattr(start, x) != getattr(old, x) for x in HEADER):
            saved.write_header(start)
        finished = execute(work, saved, say)
        metric = METRICS[options.metric] if options.metric else usual(finished)
        to_stdout = bool(STDOUT & {options.csv_file, options.report_file, options.json_file})
        file = options.json_file or options.resume
        return _close(finished, saved, table, report, metric, file, to_stdout=to_stdout)


HEADER = ("config", "versions", "puzzles")  # of a run, which its file says in one line
STDOUT = frozenset({"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})


def _close(
    finished: Run,
    saved: RunFile | None,
    table: Output | None,
    report: Output | None,
    metric: Metric,
    file: str | None,
    *,
    to_stdout: bool,
) -> int:
    """Print the leaderboard, write the other files, report what is missing; return the exit code.

    The leaderboard comes first, so that it is printed even if no file can be written. `file`: named in the
    hint on how to continue. `to_stdout`: a file goes to standard output, so the leaderboard goes to standard
    error.
    """
    click.echo(standings_lines(finished, metric), err=to_stdout)
    is_written = _write_output(table, lambda: csv.csv_lines(finished, metric))
    is_written = _write_output(report, lambda: [card.page(finished, metric)]) and is_written
    counts = digest(finished)
    if counts.cut_off:
        stderr(
            f"{pluralize(counts.cut_off, 'answer')} cut off at the answer budget; allow more with "
            "--max-tokens"
        )
    if is_written and (unclear := wants_told(finished)):
        stderr(
            f"can {join_and(unclear)} follow the form? --set told asks six short rooms whose moves are given"
        )
    if saved and saved.problem:
        stderr(f"{saved.problem}; continue with --resume {saved.where}")
        return 1
    if counts.lacking:
        hint = f"continue with --resume {file}" if file else "use --json FILE to be able to continue a run"
        cause = "".join(f"; most often: {message}" for (_, message), _ in counts.causes.most_common(1))
        parts = {"missing": counts.lacking - counts.unmarked, "not marked": counts.unmarked}
        words = join_and([f"{pluralize(n, 'answer')} {what}" for what, n in parts.items() if n])
        stderr(f"{words}{cause}; {hint}")
    return 1 if counts.lacking or not is_written else 0


def _write_output(output: Output | None, pieces: Callable[[], Iterable[str]]) -> bool:
    """Write an output file, if one was requested, and report any problem. True if there was none."""
    try:
        problem = output.write(pieces) if output else ""
    except FileError as error:
        stderr(str(error))
        return False
    if problem:
        stderr(problem)
    return not problem


def standings_lines(run: Run, metric: Metric) -> str:
    """Format a run's standings, one line per player, and the sentences that they support."""
    standings = results.ranking(run, metric)
    lines = [f"{'player':32} compared   95 % interval    PUS   SPS   RHH   out   answers  failed  cost"]
    lines += [_line(s, standings.basis.top) for s in standings.standings]
    sentences = [
        results.run_sentence(run, standings),
        results.help_sentence(standings),
        results.basis_sentence(standings),
        results.reading_sentence(standings),
        results.places_sentence(standings),
    ]
    return "\n".join(
        [*lines, *filter(None, [*sentences, results.against_sentence(run), results.twists_sentence(run)])]
    )


def _line(line: results.Standing, top: float) -> str:
    span = line.headline
    between = f"{span.low:5.2f} to {span.high:4.2f}" if span and span.low is not None else " " * 13
    means = [s.mean if s else None for s in (span, line.pus, line.sps, line.rhh, line.out)]
    first, *scores = ("   -" if mean is None else f"{mean:4.2f}" for mean in means)
    return (
        f"{line.player:32} {first} of {top:.0f}  {between:15}  {'  '.join(scores)}  {line.tally.answers:7}  "
        f"{line.tally.failed:6}  {results.money(line.tally.cost_usd)}"
    )
