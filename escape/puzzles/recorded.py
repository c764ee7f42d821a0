"""Recorded players: answers that real models gave to this program's own prompts, from the run files in `recorded`.

They answer a prompt as they did then, and only where it is the same prompt: the same room, limits and all, asked for in
the same way. Where each comes from, and what is not known of it, stands in its record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from escape.types import Answer, Line, MediumText, Name, Prompt, Puzzle, Record, Result

FOLDER = Path(__file__).parent.parent / "recorded"
PROVIDER = "recorded"


class About(Record):
    """The source of a recorded player: how it was asked, what is unknown, and how to make its runs `again`."""

    name: Name
    label: Line
    model: MediumText
    asked: MediumText
    asked_on: Name
    unknown: tuple[Line, ...] = ()
    again: MediumText = ""
    files: tuple[Name, ...]

    @property
    def short(self) -> str:
        """Its label in a table: `unnamed frontier`."""
        return self.label.removeprefix("an ").removesuffix(" model")


@dataclass(frozen=True)
class Kept:
    """An answer of a recorded run: the setup of its puzzle as text, the version of its prompt, and the result."""

    setup: str
    version: str
    result: Result


@lru_cache(maxsize=1)
def recorded() -> dict[str, About]:
    """Return every recorded player by its name, the most able first."""
    lines = (FOLDER / "players.json").read_text("utf-8") if (FOLDER / "players.json").is_file() else "[]"
    return {about.name: about for about in map(About.model_validate, json.loads(lines))}


@lru_cache(maxsize=8)
def _answers(name: str) -> dict[str, Kept]:
    answers: dict[str, Kept] = {}
    for file in recorded()[name].files:
        with (FOLDER / file).open(encoding="utf-8") as lines:
            head = json.loads(next(lines))["header"]
            setups = {p["problem_id"]: p["setup"] for p in head["puzzles"]}
            of_moves = head["config"]["protocol"] == "move by move"
            version = head["versions"].get(f"prompt {'move by move' if of_moves else 'player with moves'}", "")
            for result in _results(lines):
                problem_id = result.trial.problem_id
                if result.trial.repeat > 1:  # it plays its first answer; all of them stand in the file
                    continue
                setup, before = _canonical(setups[problem_id]), answers.get(problem_id)
                answers[problem_id] = Kept(setup, version, result.after(before.result if before else None))
    return answers


def _results(lines: Iterator[str]) -> Iterator[Result]:
    for line in lines:
        document = json.loads(line)
        if "result" in document:
            yield Result.model_validate(document["result"], extra="ignore")


def _canonical(setup: object) -> str:
    return json.dumps(setup, sort_keys=True, ensure_ascii=False)


def recorded_answer(name: str, puzzle: Puzzle) -> Result | None:
    """Return what a recorded player answered to a puzzle. None if it was never asked it, or in other words."""
    stored = _answers(name).get(puzzle.problem_id) if name in recorded() else None
    if stored is None or stored.setup != _canonical(puzzle.setup.model_dump(mode="json")):
        return None
    return stored.result if stored.result.answer or stored.result.turns else None


def marks_of_recorded() -> list[str]:
    """Return what two readers said of recorded answers, a line an answer, as `judges.readers` takes it."""
    path = FOLDER / "readers.jsonl"
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def reply(name: str, puzzles: Mapping[str, Puzzle], prompt: Prompt) -> Answer | None:
    """Return the recorded reply to a prompt: a plan, rewritten lines, a turn. None if it was never asked that."""
    puzzle = puzzles.get(prompt.problem_id)
    result = recorded_answer(name, puzzle) if puzzle else None
    if result is None:
        return None
    if prompt.name == "repair":
        return result.repair.answer if result.repair else None
    if str(prompt.version) != _answers(name)[prompt.problem_id].version:
        return None
    if prompt.turns is not None:
        return result.turns[len(prompt.turns)].answer if len(prompt.turns) < len(result.turns) else None
    return None if result.turns else result.answer
