"""Tasks for Inspect: `inspect eval escape/rooms`, `escape/houses`, `escape/laboratories`. Needs the extra `inspect`.

Inspect asks and keeps the log; the prompts, the conversation and the marks are the same as in a run of ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
    get_model,
)
from inspect_ai.scorer import (
    Metric,
    SampleScore,
    Score,
    Scorer,
    Target,
    accuracy,
    mean,
    metric,
    scorer,
    stderr,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver

from escape import prompts
from escape.environments import ENVIRONMENTS, attempt, environment_of, playable
from escape.environments import foresight as asking
from escape.environments import plans as attempts
from escape.judges import find_json
from escape.puzzles import files
from escape.runs import converse, repaired
from escape.types import ANSWER_BUDGET, Answer, Finish, ModelSpec, NotJudged, Outcome, Prompt, Puzzle, SpecError, Turn

FINISH: dict[str, Finish] = {  # Inspect's words for why a model stopped
    "max_tokens": "length", "model_length": "length", "content_filter": "filter", "tool_calls": "tool_call",
}  # fmt: skip
OUTCOME, FORESEEN = "escape:outcome", "escape:foresight"  # names in a sample's store


class InspectModel:
    """The model that Inspect asks, as a player of ours."""

    def __init__(self) -> None:
        self._model = get_model()
        provider, _, name = str(self._model).rpartition("/")
        self.spec = ModelSpec(provider=provider[:40] or "inspect", model=name[:200])

    async def complete(self, prompt: Prompt) -> Answer:
        """One answer, within its limit in tokens."""
        most = self.spec.max_tokens if prompt.limit is None else min(self.spec.max_tokens, prompt.limit)
        output = await self._model.generate(messages(prompt), config=GenerateConfig(max_tokens=most))
        return answered(output)

    async def close(self) -> None:
        """Inspect keeps the connection."""


def answered(output: ModelOutput) -> Answer:
    """What Inspect's model said, as an answer of ours."""
    return Answer(
        text=output.completion,
        input_tokens=output.usage.input_tokens if output.usage else None,
        output_tokens=output.usage.output_tokens if output.usage else None,
        finish_reason=FINISH.get(output.stop_reason, "stop"),
    )


def messages(prompt: Prompt) -> list[ChatMessage]:
    """What has been said so far, first to last."""
    chat: list[ChatMessage] = [ChatMessageSystem(content=prompt.system)] if prompt.system else []
    chat.append(ChatMessageUser(content=prompt.user))
    for turn in prompt.turns or ():
        chat += [ChatMessageAssistant(content=turn.answer.text), ChatMessageUser(content=turn.reply)]
    return chat


@solver
def plan(puzzles: dict[str, Puzzle]) -> Solver:
    """One answer with the whole plan, carried out by code; in a second turn its unread lines may be written anew."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state = await generate(state)
        puzzle, player = puzzles[str(state.sample_id)], InspectModel()
        answer = answered(state.output)
        text = environment_of(puzzle).plan_text(answer)
        again = await repaired(puzzle, player, answer, text)
        if again:
            state.messages += [
                ChatMessageUser(content=again.prompt.user),
                ChatMessageAssistant(content=again.answer.text),
            ]
        _keep(state, attempts.outcome(puzzle, text, requested=True, repair=again.answer.text if again else ""))
        return state

    return solve


@solver
def move_by_move(puzzles: dict[str, Puzzle]) -> Solver:
    """One move at a time, each answered by the room."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        puzzle = puzzles[str(state.sample_id)]
        player = InspectModel()

        def keep(turns: tuple[Turn, ...]) -> None:
            first = prompts.move_by_move(puzzle, attempt(puzzle, "move by move").max_lines, player.spec)
            state.messages = messages(first.model_copy(update={"turns": turns}))

        turns, outcome = await converse(puzzle, player, (), keep)
        if turns:
            state.output.completion = turns[-1].answer.text
        _keep(state, outcome)
        return state

    return solve


@solver
def foresee(puzzles: dict[str, Puzzle]) -> Solver:
    """Afterwards, what would happen: questions that code answers."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        puzzle = puzzles[str(state.sample_id)]
        if asked_questions := asking.questions(puzzle):
            reply = await InspectModel().complete(prompts.foresight(puzzle, asked_questions))
            state.store.set(FORESEEN, reply.text)
        return state

    return solve


def _keep(state: TaskState, outcome: Outcome | None) -> None:
    state.store.set(OUTCOME, outcome.model_dump(mode="json") if outcome else None)


def _outcome(state: TaskState) -> Outcome | None:
    data = state.store.get(OUTCOME)
    return Outcome.model_validate(data) if data else None


@metric
def pairs() -> Metric:
    """Of the rooms that were played with their twist: the share for which both are right."""

    def figure(scores: list[SampleScore]) -> float:
        both: dict[str, list[float]] = {}
        for one in scores:
            about = one.sample_metadata or {}
            if original := about.get("pair"):
                both.setdefault(str(original), []).append(one.score.as_float())
        whole = [min(values) for values in both.values() if len(values) > 1]
        return sum(whole) / len(whole) if whole else math.nan

    return figure


@scorer(metrics=[accuracy(), stderr(), pairs()])
def out() -> Scorer:
    """Whether the moves lead out: 1 or 0. Code decides."""

    async def score(state: TaskState, target: Target) -> Score:
        outcome = _outcome(state)
        explanation = f"{'out' if outcome.out else 'not out'} in {outcome.moves} moves" if outcome else "no moves"
        by_heart = bool(outcome and outcome.by_heart)
        explanation += ", by doing what opens the original" * by_heart
        value = 1.0 if outcome and outcome.out else 0.0
        return Score(value=value, explanation=explanation, metadata={"by_heart": by_heart})

    return score


@scorer(metrics=[mean(), stderr()])
def doors() -> Scorer:
    """How many doors were opened."""

    async def score(state: TaskState, target: Target) -> Score:
        outcome = _outcome(state)
        opened = outcome.doors if outcome else None
        explanation = f"{opened.opened} of {opened.total} doors" if opened else "no doors"
        return Score(value=float(opened.opened) if opened else 0.0, explanation=explanation)

    return score


@scorer(metrics=[mean(), stderr()])
def foresight(puzzles: dict[str, Puzzle]) -> Scorer:
    """What was foreseen rightly beyond chance: 0 for a guess, 1 for all right."""

    async def score(state: TaskState, target: Target) -> Score | None:
        question_list = asking.questions(puzzles[str(state.sample_id)])
        if not question_list:
            return None
        try:
            reply = find_json(str(state.store.get(FORESEEN, "")))
        except NotJudged:
            reply = {}
        items = asking.marked(question_list, reply)
        right = sum(x.right for x in items)
        return Score(value=asking.score(items) or 0.0, explanation=f"{right} of {len(items)} right")

    return score


_doors = doors  # which is a number in the tasks below


@task
def rooms(puzzle_set: str = files.ROOMS, *, moves: bool = False, foresee: bool = False) -> Task:
    """Rooms written by hand. `puzzle_set`: `rooms`, `hard` or `twists` (with their originals); `moves`: one move at a
    time; `foresee`: also ask what will happen.
    """
    if puzzle_set not in files.sets(files.standard()):
        raise SpecError(f"there is no set {puzzle_set!r}; choose one of {', '.join(files.sets(files.standard()))}")
    playable_rooms = [p for p in files.in_set(files.standard(), puzzle_set) if playable(p)]
    return _task(playable_rooms, out(), in_turns=moves, foreseen=foresee)


@task
def houses(n: int = 10, doors: int = 16, seed: str = "inspect", *, moves: bool = False, foresee: bool = False) -> Task:
    """Houses made from a seed; the score is how many doors are opened."""
    return generated("houses", n, doors, seed, moves=moves, foresee=foresee)


@task
def laboratories(n: int = 3, doors: int = 6, seed: str = "inspect") -> Task:
    """Laboratories made from a seed, always one move at a time."""
    return generated("laboratories", n, doors, seed)


@task
def generated(
    environment: str, n: int, doors: int, seed: str = "inspect", *, moves: bool = False, foresee: bool = False
) -> Task:
    """Puzzles of any environment that makes them from a seed. Raises SpecError for another."""
    seeded = {name: e for name, e in ENVIRONMENTS.items() if e.seeds}
    if environment not in seeded:
        raise SpecError(f"{environment!r} makes no puzzles from a seed; choose one of {', '.join(seeded)}")
    played = seeded[environment]
    most = played.seeds.doors_listed.most if played.seeds else 0
    if n < 1 or not 1 <= doors <= most:
        raise SpecError(f"n is 1 or more, and doors are 1 to {most} for {played.nouns[1]}")
    puzzles = played.seeds.generate(str(seed), n, doors) if played.seeds else []
    in_turns = moves or "plan" not in played.protocols
    return _task(puzzles, _doors() if played.counts == "doors" else out(), in_turns=in_turns, foreseen=foresee)


def _task(puzzles: Sequence[Puzzle], marks: Scorer, *, in_turns: bool = False, foreseen: bool = False) -> Task:
    by_id = {p.problem_id: p for p in puzzles}
    steps, scorers = [move_by_move(by_id) if in_turns else plan(by_id)], [marks]
    if foreseen:
        steps.append(foresee(by_id))
        scorers.append(foresight(by_id))
    return Task(
        dataset=MemoryDataset([_sample(p, in_turns=in_turns) for p in puzzles], name="escape"),
        solver=steps,
        scorer=scorers,
        config=GenerateConfig(max_tokens=ANSWER_BUDGET),
    )


def target_of(puzzle: Puzzle) -> str:
    """What counts as all of it: so many doors, or out."""
    environment = environment_of(puzzle)
    return f"{environment.doors(puzzle)} doors" if environment.counts == "doors" else "out"


def _sample(puzzle: Puzzle, *, in_turns: bool) -> Sample:
    recipe = environment_of(puzzle).recipe(puzzle)
    about = {"seed": recipe.seed, "number": recipe.number, "version": recipe.version} if recipe else {}
    about |= {"twist_of": puzzle.twist.of} if puzzle.twist else {}
    if in_turns:
        spec = ModelSpec(provider="inspect", model="any")
        first = prompts.move_by_move(puzzle, attempt(puzzle, "move by move").max_lines, spec)
    else:
        first = prompts.player(puzzle, moves=True)
    return Sample(
        id=puzzle.problem_id,
        input=messages(first),
        target=target_of(puzzle),
        metadata={"title": puzzle.name, "pair": puzzle.twist.of if puzzle.twist else puzzle.problem_id, **about},
    )
