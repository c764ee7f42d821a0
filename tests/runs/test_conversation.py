"""Move by move: what is told and when, what a turn holds, and where a conversation ends."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from escape.calls import Limits
from escape.calls.guard import Calls
from escape.results import csv
from escape.rooms import attempt, telling
from escape.rooms.reading import plan_lines
from escape.runs import estimate_bills, new_run, trials
from escape.types import Answer, JudgeSpec, ModelError, ModelSpec, Prompt, Puzzle, Result, RunConfig, Trial
from tests.runs.test_trials import FREE

WAY = ["pour: bottle of water -> tube", "take: ping pong ball"]


class Talker:
    """Says one line after the other; `fault` raises at a turn; each answer takes `tokens`."""

    def __init__(
        self,
        lines: Sequence[str],
        tokens: int = 10,
        fault: Callable[[int], ModelError | None] = lambda n: None,
        budget: int = 4096,
    ) -> None:
        self.spec = ModelSpec(provider="fake", model="t", max_tokens=budget)
        self.lines, self.tokens, self.prompts = list(lines), tokens, list[Prompt]()
        self._fault = fault

    async def complete(self, prompt: Prompt) -> Answer:
        self.prompts.append(prompt)
        assert prompt.turns is not None
        n = len(prompt.turns)
        if error := self._fault(len(self.prompts)):
            raise error
        text = self.lines[n] if n < len(self.lines) else "Move: look: tube"
        return Answer(text=text, input_tokens=5, output_tokens=self.tokens, cost_usd=0.25)

    async def close(self) -> None:
        pass


def ask(puzzle: Puzzle, player: Talker) -> list[Result]:
    """What a run of one conversation hands out."""
    trial = Trial(problem_id=puzzle.problem_id, player="fake:t")
    out: list[Result] = []
    cast = trials.TrialContext(
        {puzzle.problem_id: puzzle}, {"fake:t": player}, RunConfig(protocol="move by move")
    )
    asking = trials.Asking(
        cast, Calls(FREE, Limits(concurrency=1)), out.append, lambda: "2026-01-01T00:00:00"
    )
    asyncio.run(asking.ask([trial]))
    return out


@pytest.fixture
def tube(bundled: list[Puzzle]) -> Puzzle:
    return next(p for p in bundled if p.problem_id == "FLUID_001")


def test_a_conversation_hands_out_every_turn_as_it_ends(tube: Puzzle) -> None:
    first, second, last = ask(tube, Talker([f"I think.\nMove: {w}" for w in WAY]))
    assert [len(r.turns) for r in (first, second, last)] == [1, 2, 2]
    assert (first.status, last.status) == ("begun", "played")
    assert last.outcome
    assert last.outcome.out
    assert last.outcome.moves == 2
    assert last.answer
    assert last.answer.text == "Moves:\n" + "\n".join(WAY)
    assert (last.answer.output_tokens, last.cost_usd, last.charged_usd) == (20, 0.5, 0.5)


def test_each_turn_holds_what_came_before_and_the_remaining_budget(tube: Puzzle) -> None:
    player = Talker(["Move: look: tube", f"Move: {WAY[0]}", f"Move: {WAY[1]}"], tokens=100, budget=1000)
    done = ask(tube, player)[-1]
    assert [len(p.turns or ()) for p in player.prompts] == [0, 1, 2]
    assert [p.limit for p in player.prompts] == [1000, 900, 800]
    assert "(Move 1 of 30.)" in done.turns[0].reply


def test_figures_are_read_by_looking_and_not_told_before(tube: Puzzle) -> None:
    on = telling.on_things(tube)
    hidden = on["tube"][0]
    player = Talker(["Move: look: tube"])
    done = ask(tube, player)[-1]
    assert hidden not in player.prompts[0].user
    assert hidden.casefold() in done.turns[0].reply.casefold()
    assert set(telling.at_once(tube, on)) | {x for xs in on.values() for x in xs} == set(
        tube.setup.constraints
    )


def test_a_conversation_ends_where_its_answer_budget_ends(tube: Puzzle) -> None:
    done = ask(tube, Talker([], tokens=400, budget=1000))[-1]
    assert len(done.turns) == 3
    assert done.status == "played"
    assert done.outcome
    assert not done.outcome.out


def test_thinking_that_takes_all_that_is_left_ends_it_and_is_no_failure(tube: Puzzle) -> None:
    done = ask(tube, Talker([f"Move: {WAY[0]}", ""], tokens=2048))[-1]
    assert done.status == "played"
    assert len(done.turns) == 2
    assert done.outcome
    assert not done.outcome.out


def test_at_most_thirty_turns_and_an_answer_without_a_move_is_told_so(tube: Puzzle) -> None:
    done = ask(tube, Talker(["", "hm"] * 20))[-1]
    assert len(done.turns) == 30
    assert "no move" in done.turns[0].reply


def test_a_conversation_in_progress_differs_from_a_player_not_asked(tube: Puzzle) -> None:
    config = RunConfig(players=(Talker([]).spec,), problem_ids=("FLUID_001",), protocol="move by move")
    begun = ask(tube, Talker([]))[0]
    (row,) = csv.rows(new_run(config, [tube]).model_copy(update={"results": (begun,)}))
    assert (row["result"], row["turns"], row["cost_usd"]) == ("", 1, 0.25)


def test_an_estimate_covers_the_growing_context_and_the_most_is_more(tube: Puzzle) -> None:
    model = ModelSpec(provider="openai", model="gpt-4o-mini")
    config = RunConfig(players=(model,), problem_ids=("FLUID_001",), judge=JudgeSpec())
    once, _ = estimate_bills(config, [tube])
    players, judge = estimate_bills(config.model_copy(update={"protocol": "move by move"}), [tube])
    assert players.low
    assert players.high
    assert players.most
    assert once.low
    assert players.low < players.high < players.most
    assert players.most > once.low
    assert judge.calls == 0


@pytest.mark.parametrize(
    ("said", "move"),
    [
        ("I pour.\nMove: pour: water -> tube", "pour: water -> tube"),
        ("**Move:** pour: water -> tube", "pour: water -> tube"),
        ("Move 3: take: ball\n", "take: ball"),
        ("Move: look: a\nno, wait\nMove: look: b", "look: b"),
        ("thinking\n\ntake: ball", "take: ball"),
        ("```\npour(water, tube)\n```", "pour: water -> tube"),
        ("My move: take: ball; look: tube", "take: ball"),
        ("", ""),
        ("```\n---\n```", ""),
    ],
)
def test_one_line_is_read_forgivingly(said: str, move: str) -> None:
    assert plan_lines.one_move(said) == move


def test_in_a_plan_looking_tells_only_what_the_room_says(tube: Puzzle) -> None:
    plain = attempt(tube).do("look: tube").said
    assert attempt(tube, "move by move").do("look: tube").said.startswith(plain + " ")
