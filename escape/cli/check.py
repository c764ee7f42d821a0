"""`check`: read puzzle files, prove their rooms, carry out the plans next to them; one line each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from escape.errors import PuzzleError
from escape.puzzles import files, plans
from escape.results import count
from escape.rooms import solver
from escape.schema import Puzzle


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH ...")
def check(paths: Sequence[str]) -> None:
    """Check puzzle files and prove their worlds. Each fault is reported with its file, field and remedy."""
    every = dict.fromkeys(inside for path in map(Path, paths) for inside in files.sets(path).values())
    origin = files.load_with_origin(*every)
    found = [puzzle for puzzle, _ in origin]
    faults: list[PuzzleError] = []
    for puzzle, file in origin:
        if puzzle.world is None:
            continue
        proved = solver.prove(puzzle)
        click.echo(_line(puzzle, proved))
        faults += [PuzzleError(puzzle.problem_id, f.where, f.remedy) for f in (*proved.faults, *proved.too_easy)]
        if not proved.faults:
            tried = plans.load_plans(file, puzzle)
            faults += [PuzzleError(puzzle.problem_id, "plans", said) for said in plans.faults(puzzle, tried)]
    for fault in faults[1:]:
        click.echo(str(fault), err=True)
    if faults:
        raise faults[0]
    worlds, families = sum(p.world is not None for p in found), len({p.family for p in found if p.family})
    click.echo(f"{count(len(found), 'puzzle')}, {count(families, 'family', 'families')}: all fine", nl=False)
    click.echo(f"; {count(worlds, 'world')} proved" if worlds else "")


def _line(puzzle: Puzzle, proved: solver.Proof) -> str:
    way = f"shortest way {proved.shortest}" if puzzle.solvable else "no way out"
    return (
        f"{puzzle.problem_id}: {way}, {count(proved.states, 'state')}, {proved.lost} of them lost, "
        f"escaped by chance {proved.random:.2%}, by guessing {proved.guesser:.1%}"
        + (f", {count(faults, 'fault')}" if (faults := len(proved.faults) + len(proved.too_easy)) else "")
    )
