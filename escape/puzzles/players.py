"""Players that no model is asked for: answers written by hand beside a puzzle, controls made by code, recorded answers.

A demo player's answers stand in files next to the puzzle, with what two readers said of them if anybody did, and so do
plans by writers who did not see the room: a sound one must get out and an unsound one must not (`escape check` carries
out all of them). A recorded player gave its answers to this program's own prompts, and answers only where the room and
its things are the same. No network.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pydantic import Field, JsonValue

from escape.intake import decode_utf8, parse_jsonl
from escape.puzzles import controls, files
from escape.rooms import (
    GIVE_UP,
    PROMPT_VERSIONS,
    RoomEpisode,
    at_random,
    everything,
    guessed,
    playable,
    renamed_line,
    room_of,
    untried,
)
from escape.rooms import plans as attempts
from escape.rooms.reading import plan_lines
from escape.types import (
    MAX_TURNS,
    Answer,
    FailureKind,
    FileError,
    Line,
    LongText,
    MediumText,
    ModelError,
    ModelSpec,
    Name,
    Outcome,
    Prompt,
    Puzzle,
    PuzzleError,
    Record,
    Result,
    SpecError,
)

ENDING = ".answers.jsonl"  # after a puzzle's id


class WrittenAnswer(Record):
    """One demo player's answer. `readers`: as `judges.readers` takes it."""

    player: Name
    answer: LongText
    readers: Mapping[str, JsonValue] = Field(default_factory=dict)


def _everywhere() -> Mapping[str, Mapping[str, WrittenAnswer]]:
    return _in_sets_of(files.BUNDLED, files.standard())


@lru_cache(maxsize=8)
def _in_sets_of(*bases: Path) -> Mapping[str, Mapping[str, WrittenAnswer]]:
    """Return every answer beside the puzzles of these folders' sets, by puzzle and player."""
    by_puzzle = {}
    for folder in dict.fromkeys(p for base in bases for p in files.sets(base).values() if p.is_dir()):
        for file in sorted(folder.glob(f"*{ENDING}")):
            lines = parse_jsonl(file.read_text("utf-8"), WrittenAnswer, str(file), "each line needs player and answer")
            by_puzzle[file.name.removesuffix(ENDING)] = {line.player: line for line in lines}
    return MappingProxyType(by_puzzle)


def written_for(problem_id: str) -> Mapping[str, WrittenAnswer]:
    return _everywhere().get(problem_id, {})


def every_written() -> Iterator[tuple[str, WrittenAnswer]]:
    return ((problem_id, answer) for problem_id, answers in _everywhere().items() for answer in answers.values())


class SamplePlan(Record):
    """One plan, with a reader's verdict on whether it is sound, and why. `complete`: the room's plans try everything
    that changes anything. `move_by_move`: carried out line by line, as in a conversation. `repair`: of a loose plan,
    its unread lines by number, as somebody says them who is asked once more.
    """

    writer: str
    plan: str = ""
    sound: bool
    moves: MediumText
    why: MediumText = ""
    complete: bool = False
    move_by_move: bool = False
    repair: MediumText = ""

    def lines(self, puzzle: Puzzle) -> list[str]:
        """Return its moves, those of a loose plan as they are after its repair."""
        lines = plan_lines.lines(f"Moves:\n{self.moves}") or []
        return (
            attempts.mended(lines, attempts.unread(attempts.attempt(puzzle), lines), self.repair)
            if self.repair
            else lines
        )


def load_plans(file: Path, puzzle: Puzzle) -> list[SamplePlan]:
    """Return the plans in the file next to a puzzle's own. None if there is no such file. Raises PuzzleError."""
    path = file.with_name(f"{puzzle.problem_id}.plans.jsonl")
    if not path.is_file():
        return []
    try:
        needs = "each line needs writer, sound and moves"
        return list(parse_jsonl(decode_utf8(path.read_bytes(), str(path)), SamplePlan, str(path), needs))
    except FileError as error:
        raise PuzzleError(puzzle.problem_id, "plans", str(error)) from None


class Tried(NamedTuple):
    """The results of a room's plans: its faults by them, and how many plans prove nothing, being unread."""

    faults: list[str]
    idle: int


def carry_out(puzzle: Puzzle, plans: Sequence[SamplePlan]) -> Tried:
    """Carry the plans out, and name those that the room gets wrong and what complete plans leave untried."""
    if puzzle.world is None or not plans:
        return Tried([], 0)
    plays = []
    for plan in plans:
        play, lines = RoomEpisode(room_of(puzzle)), plan.lines(puzzle)
        if plan.move_by_move:
            for line in lines:
                play.do(line)
        else:
            attempts.carried_out(play, lines)
        plays.append(play)
    verdicts = [*map(_wrong, plans, plays)]
    untried_rules = untried(room_of(puzzle), plays) if any(plan.complete for plan in plans) else ()
    return Tried([*filter(None, verdicts), *untried_rules], verdicts.count(None))


def _wrong(plan: SamplePlan, play: RoomEpisode) -> str | None:
    """Return what the room gets wrong in a plan, "" if nothing. None for one that proves nothing."""
    outcome = play.outcome
    if not play.steps or (outcome.not_understood and not outcome.out):
        return None
    name = f"{plan.writer}'s plan {plan.plan}".strip()
    if outcome.out and not plan.sound:
        return f"{name} is unsound ({plan.why}) but gets out; a rule requires too little"
    if plan.sound and not outcome.out:
        where = f"lost at move {outcome.lost_at}" if outcome.lost_at else f"{outcome.progress:.0%} of the way done"
        return f"{name} is sound but does not get out ({where}); a rule is missing"
    return ""


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
        return self.label.removeprefix("an ").removesuffix(" model")


@dataclass(frozen=True)
class Kept:
    """An answer of a recorded run: what was told of its puzzle, as text, the version of its prompt, and the result."""

    told: str
    version: str
    result: Result


@lru_cache(maxsize=1)
def recorded() -> dict[str, About]:
    """Return every recorded player by its name, the most able first."""
    lines = (FOLDER / "players.json").read_text("utf-8") if (FOLDER / "players.json").is_file() else "[]"
    return {about.name: about for about in map(About.model_validate, json.loads(lines))}


def recorded_run(name: str) -> Path:
    """Return the path of a run: as it stands, or of a recorded one by its name (`frontier-rooms`), where it is none."""
    file = FOLDER / f"{name.removesuffix('.jsonl')}.jsonl"
    known = {f for about in recorded().values() for f in about.files}
    return file if not Path(name).exists() and file.name in known else Path(name)


@lru_cache(maxsize=8)
def _answers(name: str) -> dict[str, Kept]:
    answers: dict[str, Kept] = {}
    for file in recorded()[name].files:
        with (FOLDER / file).open(encoding="utf-8") as lines:
            head = json.loads(next(lines))["header"]
            worlds = ((p, p.get("world") or {}) for p in head["puzzles"])
            told = {p["problem_id"]: _told(p["setup"], world.get("things", ())) for p, world in worlds}
            of_moves = head["config"]["protocol"] == "move by move"
            version = head["versions"].get(f"prompt {'move by move' if of_moves else 'player with moves'}", "")
            for line in lines:
                if "result" not in (document := json.loads(line)):
                    continue
                result = Result.model_validate(document["result"], extra="ignore")
                problem_id = result.trial.problem_id
                if result.trial.repeat > 1:  # it plays its first answer; all of them stand in the file
                    continue
                before = answers.get(problem_id)
                same = before.result if before and before.told == told[problem_id] else None
                answers[problem_id] = Kept(told[problem_id], version, result.merge(same))
    return answers


def _told(setup: object, things: Sequence[str]) -> str:
    """Return what a player is told of a room, apart from how a move is written: its text, and its things."""
    return json.dumps([setup, list(things)], sort_keys=True, ensure_ascii=False)


def recorded_answer(name: str, puzzle: Puzzle) -> Result | None:
    """Return what a recorded player answered to a puzzle. None if it was never asked it, or was told other things."""
    stored = _answers(name).get(puzzle.problem_id) if name in recorded() else None
    things = puzzle.world.things if puzzle.world else ()
    if stored is None or stored.told != _told(puzzle.setup.model_dump(mode="json"), things):
        return None
    return stored.result if stored.result.answer or stored.result.turns else None


def earlier_prompts(name: str) -> str:
    """Return which answers of a recorded player were asked for with an earlier prompt. "" if none was."""
    versions = Counter(kept.version for kept in _answers(name).values())
    earlier = {v: n for v, n in sorted(versions.items()) if v != str(PROMPT_VERSIONS["player with moves"])}
    if not earlier:
        return ""
    asked = ", ".join(f"{n} answers asked with prompt {version}" for version, n in earlier.items())
    return f"Of these, {asked}; today's is prompt {PROMPT_VERSIONS['player with moves']}. The rooms are the same."


def marks_of_recorded() -> list[str]:
    """Return what two readers said of recorded answers, a line an answer, as `judges.readers` takes it."""
    path = FOLDER / "readers.jsonl"
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def reply(name: str, puzzles: Mapping[str, Puzzle], prompt: Prompt) -> Answer | None:
    """Return the recorded reply to a prompt: a plan, rewritten lines, a turn. None if it was never asked that.

    One that was asked for with an earlier prompt counts where room and things are the same.
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


DEMO_NAMES = ("careful", "hasty", "hoarder")


def control_names() -> list[str]:
    return list(dict.fromkeys([*controls.CONTROLS, *_WAYS]))


def scripted_answer(name: str, problem_id: str) -> str | None:
    """Return a demo player's text for a written room. None if it has none."""
    written = written_for(problem_id).get(name)
    return written.answer if written else None


def scripted_players(puzzles: Sequence[Puzzle]) -> list[ModelSpec]:
    """Return recorded and demo players with an answer to one of these puzzles, then the controls."""
    every = [ModelSpec(provider=PROVIDER, model=name) for name in recorded()]
    every += [ModelSpec(provider="demo", model=name) for name in DEMO_NAMES]
    able = [spec for spec in every if len(unanswered_puzzles(spec, puzzles)) < len(puzzles)]
    return able + [ModelSpec(provider="control", model=name) for name in control_names()]


def unanswered_puzzles(spec: ModelSpec, puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    """Return the puzzles that a scripted player has no answer to. None for a model."""
    return [p for p in puzzles if spec.provider in _ANSWER_TO and _ANSWER_TO[spec.provider](spec.model, p) is None]


def answered_by(players: Iterable[ModelSpec], puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    missing = {p.problem_id for spec in players for p in unanswered_puzzles(spec, puzzles)}
    return [p for p in puzzles if p.problem_id not in missing]


def scripted_outcome(control: str, puzzle: Puzzle) -> Outcome | None:
    """Return where a control's way leads in a room. None where there is none."""
    answered = _by_control(control, puzzle)
    text = answered([]) if answered else None
    return None if text is None else attempts.known_outcome(puzzle, text)


Answered = Callable[[Sequence[Puzzle]], str | None]  # given all puzzles, since some answers are those to another


def _by_demo(name: str, puzzle: Puzzle) -> Answered | None:
    text = scripted_answer(name, puzzle.problem_id)
    return (lambda puzzles: text) if text is not None else None


def _by_heart(puzzle: Puzzle) -> list[str]:
    """In a twist its original's way under the names of this room, in any other room the author's way."""
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
    text = result.answer.text if result and result.answer else "" if result else None
    return (lambda puzzles: text) if text is not None else None


_ANSWER_TO: dict[str, Callable[[str, Puzzle], Answered | None]] = {
    "demo": _by_demo,
    "control": _by_control,
    PROVIDER: _by_record,
}


TELLING = 80  # characters: a shorter text may be anybody's


def whose_script(puzzle: Puzzle, text: str, puzzles: Sequence[Puzzle]) -> str:
    """Return the scripted player whose text to a puzzle this is, letter by letter. "" where it is nobody's.

    The author's own way and giving up are left out: whoever finds the shortest way may write it so.
    """
    return _scripts(puzzle, tuple(puzzles)).get(text.strip(), "")


@lru_cache(maxsize=256)
def _scripts(puzzle: Puzzle, puzzles: tuple[Puzzle, ...]) -> dict[str, str]:
    texts = {w.answer: f"demo:{w.player}" for w in written_for(puzzle.problem_id).values()}
    for name in control_names():
        if name not in ("by-heart", "give-up") and (answered := _by_control(name, puzzle)):
            texts.setdefault(answered(puzzles) or "", f"control:{name}")
    return {text.strip(): player for text, player in texts.items() if len(text.strip()) >= TELLING}


class Scripted:
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
        if self.spec.provider == PROVIDER:
            raise ModelError(
                FailureKind.NO_SCRIPT,
                f"{self.spec.name} was never asked this; it answers the bundled rooms as they stand",
                attempts=0,
            )
        text = await self._whole(prompt)
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


def scripted(spec: ModelSpec, puzzles: Sequence[Puzzle]) -> Scripted:
    """Return the scripted player that a spec names, for any of the puzzles. Raises SpecError for another name."""
    names = {"demo": DEMO_NAMES, PROVIDER: [*recorded()]}.get(spec.provider) or control_names()
    if spec.model not in names:
        raise SpecError(f"{spec.name!r}: there is no such player; choose one of {', '.join(names)}")
    by_id = {p.problem_id: p for p in puzzles}

    def answer(problem_id: str) -> str | None:
        puzzle = by_id.get(problem_id)
        answered = _ANSWER_TO[spec.provider](spec.model, puzzle) if puzzle else None
        if answered:
            return answered(puzzles)
        return scripted_answer(spec.model, problem_id) if spec.provider == "demo" else None

    if spec.provider == PROVIDER:
        return Scripted(spec, answer, said=lambda prompt: reply(spec.model, by_id, prompt))
    return Scripted(spec, answer)
