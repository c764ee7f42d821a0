"""Demo players with hand-written answers, and control answers made by code. No network, no model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from escape.errors import FailureKind, ModelError, SpecError
from escape.puzzles import controls
from escape.schema import Answer, ModelSpec, Prompt, Puzzle

_ANSWERS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("demo.json").read_text("utf-8"))
DEMO_NAMES = tuple(_ANSWERS)


def known_puzzles(name: str) -> frozenset[str]:
    """The ids of the puzzles that a demo player can answer."""
    return frozenset(_ANSWERS.get(name, ()))


def answer_of(name: str, problem_id: str) -> str | None:
    """A demo player's text for a puzzle; None if it has none."""
    return _ANSWERS.get(name, {}).get(problem_id)


class Scripted:
    """A player whose answers are known in advance. Its answers use no tokens and cost nothing."""

    def __init__(self, spec: ModelSpec, lookup: Callable[[str], str | None]) -> None:
        self.spec = spec
        self._lookup = lookup

    async def complete(self, prompt: Prompt) -> Answer:
        """The answer written for this puzzle."""
        text = self._lookup(prompt.problem_id)
        if text is None:
            raise ModelError(
                FailureKind.NO_SCRIPT,
                f"{self.spec.name} has no answer written for this puzzle; choose a control or a model for it",
                attempts=0,
            )
        return Answer(text=text, model=self.spec.name, input_tokens=0, output_tokens=0, cost_usd=0.0)

    async def close(self) -> None:
        """Nothing to release."""


def _known(spec: ModelSpec, names: Sequence[str]) -> None:
    if spec.model not in names:
        raise SpecError(f"{spec.name!r}: there is no such player; choose one of {', '.join(names)}")


def demo(spec: ModelSpec) -> Scripted:
    """The demo player `spec.model`. Raises SpecError for another name."""
    _known(spec, DEMO_NAMES)
    return Scripted(spec, _ANSWERS[spec.model].get)


def control(spec: ModelSpec, puzzles: Sequence[Puzzle]) -> Scripted:
    """The control `spec.model` for any of `puzzles`. Raises SpecError for another name."""
    _known(spec, tuple(controls.CONTROLS))
    by_id = {p.problem_id: p for p in puzzles}
    return Scripted(spec, lambda pid: controls.answer(spec.model, by_id[pid], puzzles) if pid in by_id else None)
