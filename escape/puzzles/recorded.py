"""Recorded players: answers of real models to this program's prompts, from `escape/recorded`.

One answers only where a puzzle and its things are the same as when it was asked.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from escape.rooms import PROMPT_VERSIONS
from escape.types import Answer, Line, MediumText, Name, Prompt, Puzzle, Record, Result

FOLDER = Path(__file__).parent.parent / "recorded"
RECORDED = "recorded"


class About(Record):
    """The source of a recorded player. `unknown`: what is not known. `again`: how to repeat its runs."""

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
        return self.label.removeprefix("an ").removesuffix(" model")


@dataclass(frozen=True)
class RecordedAnswer:
    """A recorded answer. `told`: what its player was told of the puzzle. `version`: of the prompt."""

    told: str
    version: str
    result: Result


@lru_cache(maxsize=1)
def recorded_players() -> dict[str, About]:
    """Load the recorded players by name, in the order of their file: the most able first."""
    lines = (FOLDER / "players.json").read_text("utf-8") if (FOLDER / "players.json").is_file() else "[]"
    return {about.name: about for about in map(About.model_validate, json.loads(lines))}


def recorded_run(name: str) -> Path:
    """Resolve a path to a run, or the name of a recorded run (`frontier-rooms`) if nothing is there."""
    file = FOLDER / f"{name.removesuffix('.jsonl')}.jsonl"
    known = {f for about in recorded_players().values() for f in about.files}
    return file if not Path(name).exists() and file.name in known else Path(name)


@lru_cache(maxsize=8)
def _answers(name: str) -> dict[str, RecordedAnswer]:
    answers: dict[str, RecordedAnswer] = {}
    for file in recorded_players()[name].files:
        with (FOLDER / file).open(encoding="utf-8") as lines:
            head = json.loads(next(lines))["header"]
            worlds = ((p, p.get("world") or {}) for p in head["puzzles"])
            told = {
                p["problem_id"]: _encoded_room(p["setup"], world.get("things", ())) for p, world in worlds
            }
            of_moves = head["config"]["protocol"] == "move by move"
            version = head["versions"].get(
                f"prompt {'move by move' if of_moves else 'player with moves'}", ""
            )
            for line in lines:
                if "result" not in (document := json.loads(line)):
                    continue
                result = Result.model_validate(document["result"], extra="ignore")
                problem_id = result.trial.problem_id
                if result.trial.repeat > 1:  # it plays its first answer; all of them stand in the file
                    continue
                before = answers.get(problem_id)
                same = before.result if before and before.told == told[problem_id] else None
                answers[problem_id] = RecordedAnswer(told[problem_id], version, result.merge(same))
    return answers


def _encoded_room(setup: object, things: Sequence[str]) -> str:
    """Encode what a player is told of a room besides the form of moves: its text and its things."""
    return json.dumps([setup, list(things)], sort_keys=True, ensure_ascii=False)


def recorded_answer(name: str, puzzle: Puzzle) -> Result | None:
    """Look up a recorded player's answer. None without one, or if text or things were others then."""
    stored = _answers(name).get(puzzle.problem_id) if name in recorded_players() else None
    things = puzzle.world.things if puzzle.world else ()
    if stored is None or stored.told != _encoded_room(puzzle.setup.model_dump(mode="json"), things):
        return None
    return stored.result if stored.result.answer or stored.result.turns else None


def earlier_prompts(name: str) -> str:
    """Say how many of a recorded player's answers were given to an earlier prompt. "" if none."""
    versions = Counter(kept.version for kept in _answers(name).values())
    earlier = {v: n for v, n in sorted(versions.items()) if v != str(PROMPT_VERSIONS["player with moves"])}
    if not earlier:
        return ""
    asked = ", ".join(f"{n} answers asked with prompt {version}" for version, n in earlier.items())
    return (
        f"Of these, {asked}; today's is prompt {PROMPT_VERSIONS['player with moves']}. The rooms are the "
        "same."
    )


def marks_of_recorded() -> list[str]:
    """Read two readers' marks of recorded answers, one answer a line, for `judges.annotators`."""
    path = FOLDER / "readers.jsonl"
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def reply(name: str, puzzles: Mapping[str, Puzzle], prompt: Prompt) -> Answer | None:
    """Look up the recorded reply to a prompt: a plan, rewritten lines or a turn. None if there is none.

    A reply to an earlier version of the prompt counts if the room's text and things are the same.
    """
    puzzle = puzzles.get(prompt.problem_id)
    result = recorded_answer(name, puzzle) if puzzle else None
    if result is None:
        return None
    if prompt.name == "repair":
        return result.repair.answer if result.repair else None
    if prompt.name == "player" and prompt.version == PROMPT_VERSIONS["player"]:
        return None  # without moves
    if prompt.turns is not None:
        return result.turns[len(prompt.turns)].answer if len(prompt.turns) < len(result.turns) else None
    return None if result.turns else result.answer
