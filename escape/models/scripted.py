"""Demo players with hand-written answers, and control answers made by code. No network, no model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from escape.environments.foresight import foreseen_by
from escape.environments.houses import CONTROL_WAYS, DEMO_WAYS
from escape.environments.laboratories import LAB_WAYS
from escape.environments.rooms import GIVE_UP, guessed
from escape.environments.rooms.reading import plan_lines
from escape.models.parts import Parts
from escape.puzzles import controls
from escape.types import MAX_TURNS, Answer, FailureKind, ModelError, ModelSpec, Prompt, Puzzle, SpecError

_ANSWERS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("demo.json").read_text("utf-8"))
DEMO_NAMES = tuple(_ANSWERS)
_CONTROL_NAMES = tuple(dict.fromkeys([*controls.CONTROLS, *CONTROL_WAYS, *LAB_WAYS]))  # some for rooms, some for houses


def scripted_answer(name: str, problem_id: str) -> str | None:
    """A demo player's text for a written room; None if it has none."""
    return _ANSWERS.get(name, {}).get(problem_id)


Ways = Mapping[str, Callable[[Puzzle], list[str]]]


def _by_code(ways: Ways, name: str, puzzle: Puzzle | None) -> str | None:
    """What a scripted player does in a house, as an answer; None for a puzzle that is none, or another player."""
    mine = _ways(puzzle, ways) if puzzle else {}
    return "Moves:\n" + "\n".join(mine[name](puzzle)) if puzzle and name in mine else None


def _ways(puzzle: Puzzle, of_houses: Ways) -> Ways:
    """Who plays such a puzzle by code."""
    if puzzle.lab:
        return LAB_WAYS
    return of_houses if puzzle.house else {"guesser": guessed} if puzzle.world else {}


def scripted_players(puzzles: Sequence[Puzzle]) -> list[ModelSpec]:
    """The demo players that have an answer to at least one of these puzzles, then the control answers, for menus."""
    every = [ModelSpec(provider="demo", model=name) for name in DEMO_NAMES]
    known = [spec for spec in every if len(unanswered_puzzles(spec, puzzles)) < len(puzzles)]
    return known + [ModelSpec(provider="control", model=name) for name in _CONTROL_NAMES]


def unanswered_puzzles(spec: ModelSpec, puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    """The puzzles that a scripted player has no answer to; none for a model."""
    if spec.provider == "control":
        return [
            p for p in puzzles if spec.model not in {**_ways(p, CONTROL_WAYS), **({} if p.drawn else controls.CONTROLS)}
        ]
    return [
        p for p in puzzles if spec.provider == "demo" and not (p.house or scripted_answer(spec.model, p.problem_id))
    ]


class Scripted:
    """A player whose answers are known in advance. Its answers use no tokens and cost nothing."""

    def __init__(
        self,
        spec: ModelSpec,
        lookup: Callable[[str], str | None],
        foresees: Callable[[Prompt], str | None] = lambda prompt: None,
    ) -> None:
        self.spec, self._foresees = spec, foresees
        self._lookup = lookup
        self._ways: dict[str, str | None] = {}

    async def complete(self, prompt: Prompt) -> Answer:
        """The answer written for this puzzle."""
        text = self._foresees(prompt) if prompt.name == "foresight" else await self._whole(prompt)
        if text is not None and prompt.turns is not None:  # its plan, line by line
            lines = plan_lines.lines(text, MAX_TURNS) or []
            n = len(prompt.turns)
            text = f"Move: {lines[n] if n < len(lines) else GIVE_UP[0]}"
        if text is None:
            raise ModelError(
                FailureKind.NO_SCRIPT,
                f"{self.spec.name} has no answer written for this puzzle; choose a control or a model for it",
                attempts=0,
            )
        return Answer(text=text, model=self.spec.name, input_tokens=0, output_tokens=0, cost_usd=0.0)

    async def _whole(self, prompt: Prompt) -> str | None:
        if prompt.turns is None:
            return self._lookup(prompt.problem_id)
        if prompt.problem_id not in self._ways:  # a conversation's way is worked out once, beside those of others
            self._ways[prompt.problem_id] = await asyncio.to_thread(self._lookup, prompt.problem_id)
        return self._ways[prompt.problem_id]

    async def close(self) -> None:
        """Nothing to release."""


def _known(spec: ModelSpec, names: Sequence[str]) -> None:
    if spec.model not in names:
        raise SpecError(f"{spec.name!r}: there is no such player; choose one of {', '.join(names)}")


def demo(parts: Parts) -> Scripted:
    """The demo player that a spec names. Raises SpecError for another name."""
    _known(parts.spec, DEMO_NAMES)
    name, by_id = parts.spec.model, {p.problem_id: p for p in parts.puzzles}
    return Scripted(
        parts.spec,
        lambda pid: _by_code(DEMO_WAYS, name, by_id.get(pid)) or scripted_answer(name, pid),
        lambda prompt: foreseen_by(name, by_id.get(prompt.problem_id)),
    )


def control(parts: Parts) -> Scripted:
    """The control that a spec names, for any of the puzzles. Raises SpecError for another name."""
    spec, puzzles = parts.spec, parts.puzzles
    _known(spec, _CONTROL_NAMES)
    by_id = {p.problem_id: p for p in puzzles}

    def lookup(problem_id: str) -> str | None:
        puzzle = by_id.get(problem_id)
        if puzzle is None or puzzle.drawn or spec.model not in controls.CONTROLS:
            return _by_code(CONTROL_WAYS, spec.model, puzzle)
        return controls.answer(spec.model, puzzle, puzzles)

    return Scripted(spec, lookup, lambda prompt: foreseen_by(spec.model, by_id.get(prompt.problem_id)))
