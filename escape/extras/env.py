"""Anything that is played as `reset`, `step` and `state`. Imports nothing but pydantic and Python itself."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from escape import prompts
from escape.environments import ENVIRONMENTS, Episode, attempt, playable
from escape.environments.rooms import one_move
from escape.puzzles import files
from escape.types import Puzzle


@dataclass(frozen=True)
class State:
    """How far an attempt is. `doors`: of a room 1; `opened`: of a room 1 once the player is out; `moves`: those that
    count; `steps`: lines carried out so far; `most`: after so many it is over.
    """

    problem_id: str
    opened: int
    doors: int
    moves: int
    steps: int
    most: int
    out: bool
    over: bool


@dataclass(frozen=True)
class Step:
    """What came of a step: what the room says, the share of doors that it opened (0 to 1), whether it is over."""

    observation: str
    reward: float
    done: bool
    state: State


class Env:
    """One attempt after another, each at the puzzle that its seed names; played move by move, as `run --move-by-move`
    has it, so that figures in written rooms are read by looking. The rewards of an attempt add up to the share of doors
    opened. Laboratories are made with numpy; nothing else here needs more than pydantic.
    """

    def __init__(self, kind: str = "houses", *, doors: int = 8, puzzles: Sequence[Puzzle] | None = None) -> None:
        """`kind`: the name of an environment. Raises ValueError for one that is not there."""
        if kind not in ENVIRONMENTS:
            raise ValueError(f"there is no environment {kind!r}; choose from {', '.join(ENVIRONMENTS)}")
        self.kind, self.doors = kind, doors
        self._seeds = ENVIRONMENTS[kind].seeds
        self._written = [] if self._seeds else [p for p in puzzles or files.load(files.BUNDLED) if playable(p)]
        self._twists = [] if self._seeds or puzzles else files.load(files.sets(files.BUNDLED)[files.TWISTS])
        if not self._seeds and not self._written:
            raise ValueError("nothing can be done in any of these puzzles; give puzzles with a world")
        self._tried: Episode | None = None
        self._moves: list[str] = []

    def reset(self, seed: str | int = 0) -> str:
        """Begin anew. Returns what the player is told. The same seed is the same puzzle everywhere; for rooms it may be
        a puzzle's id, a twist's too (`VAC_001.twist`). Raises HouseError or LabError for a seed that cannot be one.
        """
        self._tried, self._moves = attempt(self._puzzle(str(seed)), "move by move"), []
        return prompts.told_move_by_move(self._tried.puzzle, self._tried.max_lines)

    def _puzzle(self, seed: str) -> Puzzle:
        if self._seeds:
            return self._seeds.one(seed, 1, self.doors)
        by_name = next((p for p in (*self._written, *self._twists) if p.problem_id == seed), None)
        return (
            by_name
            or self._written[(int(seed) if seed.isdecimal() else zlib.crc32(seed.encode())) % len(self._written)]
        )

    def step(self, text: str) -> Step:
        """Carry out the one move in a text: what stands behind its last "Move:", else its last line with words. A text
        without one costs a step. Raises RuntimeError before `reset`.
        """
        episode, before = self._attempt, self.state
        if before.over:
            return Step("This attempt is already over.", 0.0, done=True, state=before)
        move, at = one_move(text), len(episode.steps)
        self._moves.append(move)
        if move:
            episode.do(move)
        observation = " ".join(s.said for s in episode.steps[at:]) or 'Not understood: write one move, such as "look".'
        now = self.state
        return Step(observation, (now.opened - before.opened) / now.doors, done=now.over, state=now)

    @property
    def state(self) -> State:
        """Where the attempt stands. Raises RuntimeError before `reset`."""
        episode = self._attempt
        outcome = episode.outcome
        opened, doors = (outcome.doors.opened, outcome.doors.total) if outcome.doors else (int(outcome.out), 1)
        steps, most = len(self._moves), episode.max_lines
        over = episode.over or steps >= most
        return State(episode.puzzle.problem_id, opened, doors, outcome.moves, steps, most, out=outcome.out, over=over)

    @property
    def puzzle(self) -> Puzzle:
        """The puzzle that is being played, with its solution. Raises RuntimeError before `reset`."""
        return self._attempt.puzzle

    @property
    def moves(self) -> tuple[str, ...]:
        """The move of each step so far, "" for a text without one."""
        return tuple(self._moves)

    @property
    def _attempt(self) -> Episode:
        if self._tried is None:
            raise RuntimeError("call reset(seed) first")
        return self._tried
