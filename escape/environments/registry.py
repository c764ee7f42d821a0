"""ENVIRONMENTS: everything that can be played, by name. A further environment is a folder and a line here."""

from __future__ import annotations

from escape.environments.environment import Environment, Episode
from escape.environments.houses import Houses
from escape.environments.laboratories import Laboratories
from escape.environments.rooms import Rooms
from escape.types import Header, PlayedBy, Puzzle

ENVIRONMENTS: dict[str, Environment] = {e.name: e for e in (Rooms(), Houses(), Laboratories())}


def environment_of(puzzle: Puzzle) -> Environment:
    """What a puzzle is played in. Raises ValueError for an environment that is not here."""
    environment = ENVIRONMENTS.get(puzzle.kind)
    if environment is None:
        raise ValueError(f"{puzzle.problem_id}: there is no environment {puzzle.kind!r} here")
    return environment


def environment_in(run: Header) -> Environment:
    """What a run is played in. Where several are mixed, one whose figure is doors decides."""
    ids = set(run.config.problem_ids)
    kinds = [environment_of(p) for p in run.puzzles if p.problem_id in ids or not ids]
    return next((e for e in kinds if e.counts == "doors"), kinds[0] if kinds else ENVIRONMENTS["rooms"])


def playable(puzzle: Puzzle) -> bool:
    """Whether moves can be carried out in a puzzle."""
    return environment_of(puzzle).playable(puzzle)


def attempt(puzzle: Puzzle, protocol: PlayedBy = "plan") -> Episode:
    """A new episode of a puzzle. Raises ValueError for one in which nothing can be done."""
    return environment_of(puzzle).episode(puzzle, protocol)


def played_by_hand(puzzle: Puzzle) -> bool:
    """Whether people play a puzzle themselves."""
    environment = environment_of(puzzle)
    return environment.by_people and environment.playable(puzzle)


def counts_doors(run: Header) -> bool:
    """Whether a run's figure is the doors that players open; else it is the share of puzzles that they get out of."""
    return environment_in(run).counts == "doors"


def is_marked(puzzle: Puzzle) -> bool:
    """Whether explanations of a puzzle are marked by a judge."""
    return environment_of(puzzle).is_marked
