"""Scripted players, whose answers are known in advance: demo players, controls and recorded models.

No network.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from escape.puzzles import controls, files
from escape.puzzles.recorded import RECORDED, recorded_answer, recorded_players, reply
from escape.puzzles.written import written_for
from escape.rooms import GIVE_UP, at_random, everything, guessed, plans, playable, renamed_line
from escape.rooms.reading import plan_lines
from escape.types import (
    MAX_TURNS,
    Answer,
    FailureKind,
    ModelError,
    ModelSpec,
    Outcome,
    Prompt,
    Puzzle,
    SpecError,
)

DEMO_NAMES = ("careful", "hasty", "hoarder")


def control_names() -> list[str]:
    return list(dict.fromkeys([*controls.CONTROLS, *_WAYS]))


def scripted_answer(name: str, problem_id: str) -> str | None:
    written = written_for(problem_id).get(name)
    return written.answer if written else None


def scripted_players(puzzles: Sequence[Puzzle]) -> list[ModelSpec]:
    """List recorded and demo players that can answer one of these puzzles, then all controls."""
    every = [ModelSpec(provider=RECORDED, model=name) for name in recorded_players()]
    every += [ModelSpec(provider="demo", model=name) for name in DEMO_NAMES]
    able = [spec for spec in every if len(unanswered_puzzles(spec, puzzles)) < len(puzzles)]
    return able + [ModelSpec(provider="control", model=name) for name in control_names()]


def unanswered_puzzles(spec: ModelSpec, puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    """List the puzzles that a scripted player has no answer to. Empty for a model."""
    return [
        p for p in puzzles if spec.provider in _ANSWER_TO and _ANSWER_TO[spec.provider](spec.model, p) is None
    ]


def answered_by(players: Iterable[ModelSpec], puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    missing = {p.problem_id for spec in players for p in unanswered_puzzles(spec, puzzles)}
    return [p for p in puzzles if p.problem_id not in missing]


def scripted_outcome(control: str, puzzle: Puzzle) -> Outcome | None:
    """Carry out a control's plan in a room. None if it has no plan there."""
    answered = _by_control(control, puzzle)
    text = answered([]) if answered else None
    return None if text is None else plans.known_outcome(puzzle, text)


# given all puzzles, since some answers are those to another
Answered = Callable[[Sequence[Puzzle]], str | None]


def _by_demo(name: str, puzzle: Puzzle) -> Answered | None:
    text = scripted_answer(name, puzzle.problem_id)
    return (lambda puzzles: text) if text is not None else None


def _by_heart(puzzle: Puzzle) -> list[str]:
    """List the author's moves or, in a twist, those of its original under this room's names."""
    if not puzzle.twist_of:
        return [*puzzle.world.moves] if puzzle.world else []
    original = next((p for p in files.with_ids([puzzle.twist_of]) if p.problem_id == puzzle.twist_of), None)
    moves = original.world.moves if original and original.world else ()
    return [renamed_line(line, puzzle.renamed) for line in moves]


_WAYS: dict[str, Callable[[Puzzle], list[str]]] = {
    "random": at_random,
    "everything": everything,
    "guesser": guessed,
    "by-heart": _by_heart,
    "give-up": lambda puzzle: [GIVE_UP[0]],
}


def _by_control(name: str, puzzle: Puzzle) -> Answered | None:
    if name in controls.CONTROLS:
        return lambda puzzles: controls.answer(name, puzzle, puzzles)
    way = _WAYS.get(name)
    return (lambda puzzles: "Moves:\n" + "\n".join(way(puzzle))) if way and playable(puzzle) else None


def _by_record(name: str, puzzle: Puzzle) -> Answered | None:
    result = recorded_answer(name, puzzle)
    if not result:
        return None
    text = result.answer.text if result.answer else ""
    return lambda puzzles: text


_ANSWER_TO: dict[str, Callable[[str, Puzzle], Answered | None]] = {
    "demo": _by_demo,
    "control": _by_control,
    RECORDED: _by_record,
}


TELLING = 80  # characters: a shorter text may be anybody's


def whose_script(puzzle: Puzzle, text: str, puzzles: Sequence[Puzzle]) -> str:
    """Find the scripted player that has exactly this text for a puzzle. "" if none, or if it is short.

    The author's own way and giving up are left out: anyone who finds the shortest way may write it so.
    """
    return _scripts(puzzle, tuple(puzzles)).get(text.strip(), "")


@lru_cache(maxsize=256)
def _scripts(puzzle: Puzzle, puzzles: tuple[Puzzle, ...]) -> dict[str, str]:
    texts = {w.answer: f"demo:{w.player}" for w in written_for(puzzle.problem_id).values()}
    for name in control_names():
        if name not in ("by-heart", "give-up") and (answered := _by_control(name, puzzle)):
            texts.setdefault(answered(puzzles) or "", f"control:{name}")
    return {text.strip(): player for text, player in texts.items() if len(text.strip()) >= TELLING}


class ScriptedModel:
    """A player whose answers are known in advance. Its answers use no tokens and cost nothing."""

    def __init__(
        self,
        spec: ModelSpec,
        lookup: Callable[[str], str | None],
        said: Callable[[Prompt], Answer | None] = lambda prompt: None,
    ) -> None:
        self.spec, self._said = spec, said
        self._lookup = lookup
        self._ways: dict[str, str | None] = {}

    async def complete(self, prompt: Prompt) -> Answer:
        if (before := await asyncio.to_thread(self._said, prompt)) is not None:
            return before.model_copy(update={"model": self.spec.name, "cost_usd": 0.0})
        if self.spec.provider == RECORDED:
            raise ModelError(
                FailureKind.NO_SCRIPT,
                f"{self.spec.name} was never asked this; it answers the bundled rooms as they stand",
                attempts=0,
            )
        text = await self._whole(prompt)
        if text is not None and prompt.turns is not None:  # its plan, line by line
            lines = plan_lines.move_lines(text, MAX_TURNS) or []
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
        # a conversation's way is worked out once, beside those of others
        if prompt.problem_id not in self._ways:
            self._ways[prompt.problem_id] = await asyncio.to_thread(self._lookup, prompt.problem_id)
        return self._ways[prompt.problem_id]

    async def close(self) -> None:
        """Do nothing: no connection is open."""


def scripted_model(spec: ModelSpec, puzzles: Sequence[Puzzle]) -> ScriptedModel:
    """Make the scripted player that a spec names, for these puzzles. Raises SpecError if unknown."""
    names = {"demo": DEMO_NAMES, RECORDED: [*recorded_players()]}.get(spec.provider) or control_names()
    if spec.model not in names:
        raise SpecError(f"{spec.name!r}: there is no such player; choose one of {', '.join(names)}")
    by_id = {p.problem_id: p for p in puzzles}

    def answer(problem_id: str) -> str | None:
        puzzle = by_id.get(problem_id)
        answered = _ANSWER_TO[spec.provider](spec.model, puzzle) if puzzle else None
        if answered:
            return answered(puzzles)
        return scripted_answer(spec.model, problem_id) if spec.provider == "demo" else None

    if spec.provider == RECORDED:
        return ScriptedModel(spec, answer, said=lambda prompt: reply(spec.model, by_id, prompt))
    return ScriptedModel(spec, answer)
