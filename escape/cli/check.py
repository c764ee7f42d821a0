"""The commands `check`, which proves puzzle files, and `verify`, which recomputes saved runs."""

from collections.abc import Iterator, Mapping, Sequence

import click

from escape.puzzles import files, recorded_run, sample_plans
from escape.results import corrected_rows, pluralize
from escape.rooms import KINDS, at_a_distance, leaves_both, room_of, solver, unnamed
from escape.runs import differences, read_otherwise
from escape.runs.file import load
from escape.types import Puzzle, PuzzleError, SpecError


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH ...]")
@click.option("--hints", is_flag=True, help="Also list what may be right and is worth a look, room by room.")
def check(paths: Sequence[str], *, hints: bool = False) -> None:
    """Check puzzle files, or bundled sets and rooms by name. Without PATH, all bundled ones.

    Each room is proved to have a way out, or none, as its file says, and the plans next to it are carried
    out. Each fault is reported with its file or puzzle, the field and a remedy.
    """
    named = [files.find(path) for path in paths] or [files.BUNDLED]
    every = dict.fromkeys(inside for path in named for inside in files.sets_in(path).values())
    origin = files.load_with_origin(*every)
    puzzles = [puzzle for puzzle, _ in origin]
    faults: list[PuzzleError] = []
    for puzzle, file in origin:
        if puzzle.world is None:
            continue
        room, proved = room_of(puzzle), solver.prove(puzzle)
        plans = sample_plans.load_plans(file, puzzle) if not proved.faults else []
        plan_results = sample_plans.try_plans(puzzle, plans)
        idle = f", {plan_results.idle} of which prove nothing" if plan_results.idle else ""
        n_faults = len(proved.faults) + len(proved.too_easy)
        click.echo(
            f"{puzzle.problem_id}: {f'shortest way {proved.shortest}' if puzzle.solvable else 'no way out'}, "
            f"{pluralize(proved.states, 'state')}, {proved.lost} of them lost, escaped by chance "
            f"{proved.random:.2%}, by guessing {proved.guesser:.1%}, by trying every pair of things: "
            f"{', '.join(proved.everything) or 'no'}"
            + (f", {pluralize(n_faults, 'fault')}" if n_faults else "")
            + (f", {pluralize(len(plans), 'plan')}{idle}" if plans else "")
        )
        if hints:
            if words := unnamed(room):
                click.echo(
                    f"  no thing is called: {', '.join(words)}; add those that can be acted on to world.names"
                )
            for sentence in at_a_distance(room):
                click.echo(f"  {sentence}; a rule never does the player's missing step")
        if things := [thing for thing in room.things if thing not in room.kinds]:
            remedy = f"has no kind for {things[0]!r}; write one of {', '.join(sorted(KINDS))}"
            faults.append(PuzzleError(puzzle.problem_id, "world.kinds", remedy))
        # a room that says what to do is easy to leave
        easy = () if file.parent.name == files.TOLD else proved.too_easy
        faults += [PuzzleError(puzzle.problem_id, f.where, f.remedy) for f in (*proved.faults, *easy)]
        if not proved.faults and puzzle.twist_of:
            faults += _twisted(puzzle, {p.problem_id: p for p in puzzles})
        faults += [PuzzleError(puzzle.problem_id, "plans", fault_text) for fault_text in plan_results.faults]
    for fault in faults[1:]:
        click.echo(str(fault), err=True)
    if faults:
        raise faults[0]
    worlds, families = sum(p.world is not None for p in puzzles), len({p.family for p in puzzles if p.family})
    click.echo(
        f"{pluralize(len(puzzles), 'puzzle')}, {pluralize(families, 'family', 'families')}: all fine",
        nl=False,
    )
    click.echo(f"; {pluralize(worlds, 'world')} proved" if worlds else "")


def _twisted(puzzle: Puzzle, others: Mapping[str, Puzzle]) -> Iterator[PuzzleError]:
    """Yield a fault for a way out of a twist's original that leads out of the twist too.

    Ways with a move that could be dropped do not count.
    """
    of = puzzle.twist_of
    original = others.get(of) or next((p for p in files.with_ids([of]) if p.problem_id == of), None)
    if original is None:
        remedy = f"there is no room {of!r} to compare it with; {files.did_you_mean(of, others)}"
        yield PuzzleError(puzzle.problem_id, "twist_of", remedy)
    elif way := leaves_both(room_of(original), room_of(puzzle), puzzle.renamed):
        yield PuzzleError(
            puzzle.problem_id,
            "world",
            f"can also be left by a way out of {of}: {way}; add rules that make it fail here",
        )


SHOWN = 20  # differences of one file


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN ...")
def verify(runs: Sequence[str]) -> None:
    """Recompute what code decides in saved runs; report what differs or is missing.

    That is outcomes, turns, marks from checklists, report cards, and which trials there are. RUN is a file,
    or a recorded run by name (`escape list`). For an older run, the moves that are read differently today are
    listed as well. The exit code is 1 if something differs or is missing.
    """
    if not runs:
        raise SpecError("name a run to verify, as run --json saves it")
    bundled = {p.problem_id: p for p in files.load(*files.sets_in(files.BUNDLED).values())}
    wrong = 0
    for name in runs:
        run = load(recorded_run(name))
        findings = [*(f"{line}; set aside" for line in run.damaged), *differences(run, bundled)]
        wrong += len(findings)
        for line in findings[:SHOWN]:
            click.echo(f"{name}: {line}")
        if len(findings) > SHOWN:
            click.echo(f"{name}: and {len(findings) - SHOWN} more")
        otherwise = [line for line, _ in read_otherwise(run, bundled)]
        for line in otherwise[:SHOWN]:
            click.echo(f"{name}: read differently today: {line}")
        if len(otherwise) > SHOWN:
            click.echo(f"{name}: and {len(otherwise) - SHOWN} more are read differently today")
        for player, what, as_marked, corrected, _ in corrected_rows(run)[1]:
            click.echo(
                f"{name}: {player}, {what}: {as_marked} as marked, {corrected} corrected by the exam in "
                "the run"
            )
        if not findings:
            click.echo(f"{name}: {pluralize(len(run.results), 'answer')}, nothing differs")
    raise SystemExit(1 if wrong else 0)
