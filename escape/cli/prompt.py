"""`prompt`: exactly what a player is sent for a puzzle, for papers and for other harnesses."""

from __future__ import annotations

import click

from escape import prompts
from escape.environments import attempt, playable
from escape.environments.foresight import questions
from escape.puzzles import files
from escape.types import ModelSpec, Prompt, Puzzle, SpecError


@click.command()
@click.argument("puzzle_id", metavar="PUZZLE")
@click.option("--move-by-move", is_flag=True, help="The first turn of a conversation.")
@click.option("--foresight", is_flag=True, help="The questions of what will happen.")
@click.option("--no-moves", is_flag=True, help="The published form, which asks for no moves.")
def prompt(puzzle_id: str, *, move_by_move: bool = False, foresight: bool = False, no_moves: bool = False) -> None:
    """Print the prompt that a player reads for a puzzle, any bundled room or twist, with its name and version."""
    found = next((p for p in files.named([puzzle_id]) if p.problem_id == puzzle_id), None)
    if found is None:
        raise SpecError(f"there is no puzzle {puzzle_id[:80]!r}; `escape check problems` lists the bundled ones")
    if move_by_move + foresight + no_moves > 1:
        raise SpecError("--move-by-move, --foresight and --no-moves exclude each other; choose one")
    made = _made(found, move_by_move=move_by_move, foresight=foresight, moves=not no_moves)
    click.echo(f"[{made.label}]\n\n{made.system}\n\n{made.user}")


def _made(puzzle: Puzzle, *, move_by_move: bool, foresight: bool, moves: bool) -> Prompt:
    if (move_by_move or foresight) and not playable(puzzle):
        raise SpecError(f"{puzzle.problem_id} has no rules, so there is only the whole plan to ask for")
    if move_by_move:
        most = attempt(puzzle, "move by move").max_lines
        return prompts.move_by_move(puzzle, most, ModelSpec(provider="any", model="any"))
    return prompts.foresight(puzzle, questions(puzzle)) if foresight else prompts.player(puzzle, moves=moves)
