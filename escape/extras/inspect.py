"""A task for Inspect: `inspect eval escape/rooms`, by plan or move by move.

Inspect asks the models and keeps the log. Prompts, conversation, repair and the test for being out are those
of an Escape run. Needs the extra `inspect`.
"""

import math
from collections.abc import Sequence

from inspect_ai import Task, model, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, accuracy, metric, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from escape import prompts
from escape.puzzles import files
from escape.rooms import attempt, plans, playable
from escape.runs import ask_repair, converse
from escape.types import (
    ANSWER_BUDGET,
    Answer,
    Finish,
    ModelSpec,
    Outcome,
    Prompt,
    Puzzle,
    Result,
    SpecError,
    Trial,
    Turn,
)

FINISH: dict[str, Finish] = {  # Inspect's words for why a model stopped
    "max_tokens": "length", "model_length": "length", "content_filter": "filter", "tool_calls": "tool_call",
}  # fmt: skip
OUTCOME, IN_TURNS = "escape:outcome", "escape:in turns"  # their names in a sample's store


class InspectModel:
    """The model that Inspect asks, with the interface of an Escape model."""

    def __init__(self) -> None:
        self._model = model.get_model()
        provider, _, name = str(self._model).rpartition("/")
        self.spec = ModelSpec(provider=provider[:40] or "inspect", model=name[:200])

    async def complete(self, prompt: Prompt) -> Answer:
        most = self.spec.max_tokens if prompt.limit is None else min(self.spec.max_tokens, prompt.limit)
        output = await self._model.generate(messages(prompt), config=model.GenerateConfig(max_tokens=most))
        return answered(output)

    async def close(self) -> None:
        """Do nothing: Inspect keeps the connection."""


def answered(output: model.ModelOutput) -> Answer:
    return Answer(
        text=output.completion,
        input_tokens=output.usage.input_tokens if output.usage else None,
        output_tokens=output.usage.output_tokens if output.usage else None,
        finish_reason=FINISH.get(output.stop_reason, "stop"),
    )


def messages(prompt: Prompt) -> list[model.ChatMessage]:
    chat: list[model.ChatMessage] = [model.ChatMessageSystem(content=prompt.system)] if prompt.system else []
    chat.append(model.ChatMessageUser(content=prompt.user))
    for turn in prompt.turns or ():
        chat += [
            model.ChatMessageAssistant(content=turn.answer.text),
            model.ChatMessageUser(content=turn.reply),
        ]
    return chat


@solver
def plan(puzzles: dict[str, Puzzle]) -> Solver:
    """Build a solver that asks for the whole plan at once; code carries it out.

    In a second turn the model may rewrite the lines that could not be read.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state = await generate(state)
        puzzle, answer = puzzles[str(state.sample_id)], answered(state.output)
        rewritten = ""
        if again := await ask_repair(puzzle, InspectModel(), answer):
            prompt, rewritten = again[0], again[1].answer.text
            asked = model.ChatMessageUser(content=prompt.user)
            state.messages += (asked, model.ChatMessageAssistant(content=rewritten))
        _keep(state, plans.outcome(puzzle, answer.text, requested=True, repair=rewritten))
        return state

    return solve


@solver
def move_by_move(puzzles: dict[str, Puzzle]) -> Solver:
    """Build a solver that asks for one move at a time; the room replies to each."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        puzzle, player = puzzles[str(state.sample_id)], InspectModel()

        def keep(turns: tuple[Turn, ...]) -> None:
            state.messages = messages(
                _first_of_turns(puzzle, player.spec).model_copy(update={"turns": turns})
            )

        turns, outcome = await converse(puzzle, player, keep)
        if turns:
            state.output.completion = turns[-1].answer.text
        state.store.set(IN_TURNS, True)
        _keep(state, outcome)
        return state

    return solve


def _keep(state: TaskState, outcome: Outcome | None) -> None:
    state.store.set(OUTCOME, outcome.model_dump(mode="json") if outcome else None)


@metric
def pairs() -> Metric:
    """Build a metric: the share of rooms played with their twist for which both are right.

    NaN if no room was played with its twist.
    """

    def figure(scores: list[SampleScore]) -> float:
        by_pair: dict[str, list[float]] = {}
        for one in scores:
            by_pair.setdefault(str((one.sample_metadata or {}).get("pair")), []).append(one.score.as_float())
        both_right = [min(values) for values in by_pair.values() if len(values) > 1]
        return sum(both_right) / len(both_right) if both_right else math.nan

    return figure


@scorer(metrics=[accuracy(), stderr(), pairs()])
def out() -> Scorer:
    """Build a scorer that gives 1 if the moves lead out, else 0. Code decides."""

    async def score(state: TaskState, target: Target) -> Score:
        if (data := state.store.get(OUTCOME)) is None:
            return Score(value=0.0, explanation="no moves")
        outcome, in_turns = Outcome.model_validate(data), state.store.get(IN_TURNS, default=False)
        about = Trial(problem_id=str(state.sample_id), player="inspect")
        answer = Answer(text=state.output.completion) if in_turns else answered(state.output)
        turns = (Turn(number=1, answer=answer),) if in_turns else ()
        result = Result(trial=about, answer=answer, outcome=outcome, turns=turns)
        return Score(value=float(outcome.out), explanation=f"{result.result} after {outcome.moves} moves")

    return score


@task
def rooms(puzzle_set: str = files.ROOMS, *, moves: bool = False) -> Task:
    """Build an Inspect task of a puzzle set's rooms. `moves`: one move at a time.

    Raises SpecError for an unknown set.
    """
    if puzzle_set not in files.sets_in(files.standard()):
        raise SpecError(
            f"there is no set {puzzle_set!r}; choose one of {', '.join(files.sets_in(files.standard()))}"
        )
    return task_of([p for p in files.in_set(files.standard(), puzzle_set) if playable(p)], moves=moves)


def task_of(puzzles: Sequence[Puzzle], *, moves: bool = False) -> Task:
    by_id = {p.problem_id: p for p in puzzles}
    return Task(
        dataset=MemoryDataset([_inspect_sample(p, moves=moves) for p in puzzles], name="escape"),
        solver=move_by_move(by_id) if moves else plan(by_id),
        scorer=out(),
        config=model.GenerateConfig(max_tokens=ANSWER_BUDGET),
    )


def _first_of_turns(puzzle: Puzzle, spec: ModelSpec) -> Prompt:
    return prompts.move_by_move(puzzle, attempt(puzzle, "move by move").max_lines, spec)


def _inspect_sample(puzzle: Puzzle, *, moves: bool) -> Sample:
    first_prompt = (
        _first_of_turns(puzzle, ModelSpec(provider="inspect", model="any"))
        if moves
        else prompts.player(puzzle)
    )
    about = {"title": puzzle.name, "pair": puzzle.twist_of or puzzle.problem_id, "twist_of": puzzle.twist_of}
    return Sample(id=puzzle.problem_id, input=messages(first_prompt), target="out", metadata=about)
