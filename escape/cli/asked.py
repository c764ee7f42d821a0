"""The options of `run`, and the run that they describe, with what a saved one contributes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from escape import models
from escape.cli.progress import Say, judge_spec, silent, stderr
from escape.puzzles import answered_by, files
from escape.rooms import playable
from escape.runs import new_run, resumed
from escape.types import MAX_TRIALS, ModelSpec, Puzzle, Run, RunConfig, SpecError


@dataclass(frozen=True)
class RunOptions:
    """The options of `run`. None: not given, so a continued run keeps its own value."""

    players: tuple[str, ...] = ()
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


def asked_for(options: RunOptions, old: Run | None) -> Run:
    """Return the run that the options describe, with what a saved one contributes. Raises SpecError."""
    if not options.players and old is None:
        raise SpecError("no player given; name at least one with --model, for example --model demo:careful")
    _refuse_idle(options)
    chosen = _offered(options, old)
    in_turns = options.move_by_move
    specs = _players(options)
    if not old and not options.only and not options.path:
        chosen = _with_answers([*specs.values()], chosen, silent if options.quiet else stderr)
    own = old.config if old else RunConfig()
    if in_turns and old and own.protocol == "plan":
        raise SpecError("the saved run asked for whole plans; begin another file for a run move by move")
    source = options.path or options.puzzle_set
    new_set = options.only or source or not old
    judge = judge_spec(options.judge_name or "room", options.design if options.judge_name else None)
    config = own.model_copy(
        update={
            "players": tuple(specs.values()) or own.players,
            "judge": own.judge if old and options.judge_name is None else judge,
            "problem_ids": tuple(p.problem_id for p in chosen) if new_set else own.problem_ids,
            "puzzle_set": _set_name(options) if new_set else own.puzzle_set,
            "repeats": options.repeats or own.repeats,
            "moves": options.moves and own.moves,
            "protocol": "move by move" if in_turns else own.protocol,
            "concurrency": options.concurrency or own.concurrency,
            "rpm": options.rpm or own.rpm,
            "max_cost_usd": own.max_cost_usd if options.max_cost is None else options.max_cost,
        }
    )
    if config.protocol == "move by move" and (mute := next((p for p in chosen if not playable(p)), None)):
        raise SpecError(f"{mute.problem_id} has no room that answers moves; leave --move-by-move or that puzzle out")
    if config.size > MAX_TRIALS:
        raise SpecError(f"{config.size} trials; a run has at most {MAX_TRIALS}, so take fewer puzzles or repeats")
    if old is None:
        return new_run(config, chosen)
    ids = {p.problem_id for p in chosen}
    played = {r.trial.problem_id for r in old.results}
    # a puzzle that has answers keeps the text they were given for: two texts under one id would be compared as one
    as_read = {i: p for i, p in old.puzzle_by_id.items() if i in played}
    fresh = new_run(config, [as_read.get(p.problem_id, p) for p in chosen])
    carried_over = {
        n: getattr(old, n) for n in ("run_id", "started_at", "title", "cards", "opinions", "notes", "results")
    }
    further = tuple(p for p in old.puzzles if p.problem_id not in ids)
    carried_over["versions"] = resumed(old).versions
    return fresh.model_copy(update=carried_over | {"puzzles": (*fresh.puzzles, *further)})


def _with_answers(players: Sequence[ModelSpec], puzzles: list[Puzzle], say: Say) -> list[Puzzle]:
    """Leave out bundled rooms that the players, all scripted, have no answer to, and name them."""
    answered = answered_by(players, puzzles)
    if not answered or len(answered) == len(puzzles) or not all(models.provider_of(s).scripted for s in players):
        return puzzles
    ids = [p.problem_id for p in puzzles if p not in answered]
    more = f" and {len(ids) - 10} more" if len(ids) > 10 else ""
    say(f"left out, since not every player has an answer to it: {', '.join(ids[:10])}{more}")
    return answered


def _players(options: RunOptions) -> dict[str, ModelSpec]:
    """Return the players by name. Raises SpecError for one name at two addresses, which no table could tell apart."""
    specs: dict[str, ModelSpec] = {}
    for name in options.players:
        spec = models.parse(
            name,
            max_tokens=options.max_tokens,
            timeout_s=options.timeout,
            effort=options.effort,
            temperature=options.temperature,
        )
        if specs.setdefault(spec.name, spec) != spec:
            raise SpecError(f"{spec.name} is named at two addresses; ask them in two runs and compare those")
    return specs


def _refuse_idle(options: RunOptions) -> None:
    of_players = {
        "--max-tokens": options.max_tokens,
        "--timeout": options.timeout,
        "--effort": options.effort,
        "--temperature": options.temperature,
    }
    idle = [name for name, value in of_players.items() if value is not None]
    if idle and not options.players:
        raise SpecError(f"{idle[0]} is for players; name those that it is for with --model")
    if options.effort and all(models.is_scripted(name) for name in options.players):
        raise SpecError("--effort is for models that think, and scripted players do not; leave it out")
    if options.design and not options.judge_name:
        raise SpecError("--judge-design is for a model as the judge; name it with --judge PROVIDER:MODEL")


def _set_name(options: RunOptions) -> str:
    """Return the bundled set that is asked for as a whole. "" for anything else."""
    other = options.only or options.path
    return "" if other or files.standard() != files.BUNDLED else options.puzzle_set or files.ROOMS


def _offered(options: RunOptions, old: Run | None) -> list[Puzzle]:
    """Return the puzzles of the named file, folder or set, or of the saved run. Raises SpecError."""
    if not options.only:
        return _source(options, old)
    anywhere = not (old or options.path or options.puzzle_set)
    by_id = {p.problem_id: p for p in (files.with_ids(options.only) if anywhere else _source(options, old))}
    unknown = [i for i in options.only if i not in by_id]
    if unknown:
        raise SpecError(f"there is no puzzle {unknown[0]!r}; choose from {', '.join(list(by_id)[:20])}")
    return [by_id[i] for i in dict.fromkeys(options.only)]


def _source(options: RunOptions, old: Run | None) -> list[Puzzle]:
    if options.path and options.puzzle_set:
        raise SpecError("--puzzles and --set exclude each other; leave one of them out")
    if old and not (options.path or options.puzzle_set):
        return list(old.puzzles)
    if options.path:
        return files.load(options.path)
    name = options.puzzle_set or files.ROOMS
    if name not in files.sets(files.standard()):
        raise SpecError(f"there is no set {name!r} in {files.standard()}; leave --set out")
    puzzles = files.in_set(files.standard(), name)
    if any(p.twist_of for p in puzzles):  # so that no original always comes before its twist
        random.shuffle(puzzles)
    return puzzles
