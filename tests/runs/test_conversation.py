"""Move by move: what is told and when, where a conversation ends, and that it goes on at its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from escape.calls import Limits
from escape.calls.guard import Calls
from escape.environments import attempt
from escape.environments.houses import houses
from escape.environments.rooms import looking
from escape.environments.rooms.reading import plan_lines
from escape.results import csv, digest
from escape.runs import backlog, bills, new_run, trials
from escape.runs.file import RunFile, charged_usd, load
from escape.types import Answer, FailureKind, JudgeSpec, ModelError, ModelSpec, Prompt, Puzzle, Result, RunConfig, Trial
from tests.runs.test_trials import FREE, FairJudge

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


def ask(puzzle: Puzzle, player: Talker, begun: Result | None = None) -> list[Result]:
    """What a run of one conversation hands out."""
    trial = Trial(problem_id=puzzle.problem_id, player="fake:t", budget=player.spec.max_tokens)
    out: list[Result] = []
    cast = trials.Participants({puzzle.problem_id: puzzle}, {"fake:t": player}, FairJudge(),
                               config=RunConfig(protocol="move by move"),
                               earlier=backlog.EarlierGoes({trial: begun.turns} if begun else {}))  # fmt: skip
    asyncio.run(
        trials.run([trial], cast, Calls(FREE, Limits(concurrency=1)), out.append, now=lambda: "2026-01-01T00:00:00")
    )
    return out


@pytest.fixture
def tube(bundled: list[Puzzle]) -> Puzzle:
    return next(p for p in bundled if p.problem_id == "FLUID_001")


def test_a_room_is_left_move_by_move_and_every_turn_is_handed_out_as_it_ends(tube: Puzzle) -> None:
    first, second, last = ask(tube, Talker([f"I think.\nMove: {w}" for w in WAY]))
    assert [len(r.turns) for r in (first, second, last)] == [1, 2, 2]
    assert (first.status, last.status) == ("begun", "played")
    assert last.outcome
    assert last.outcome.out
    assert last.outcome.moves == 2
    assert last.answer
    assert last.answer.text == "Moves:\n" + "\n".join(WAY)
    assert (last.answer.output_tokens, last.cost_usd, last.charged_usd) == (20, 0.5, 0.5)


def test_each_turn_holds_what_was_said_before_and_what_is_left_of_the_answer_budget(tube: Puzzle) -> None:
    player = Talker(["Move: look: tube", f"Move: {WAY[0]}", f"Move: {WAY[1]}"], tokens=100, budget=1000)
    done = ask(tube, player)[-1]
    assert [len(p.turns or ()) for p in player.prompts] == [0, 1, 2]
    assert [p.limit for p in player.prompts] == [1000, 900, 800]
    assert "(Move 1 of 30.)" in done.turns[0].reply


def test_figures_are_read_by_looking_and_not_told_before(tube: Puzzle) -> None:
    on = looking.on_things(tube)
    hidden = on["tube"][0]
    player = Talker(["Move: look: tube"])
    done = ask(tube, player)[-1]
    assert hidden not in player.prompts[0].user
    assert hidden.casefold() in done.turns[0].reply.casefold()
    assert set(looking.at_once(tube, on)) | {x for xs in on.values() for x in xs} == set(tube.setup.constraints)


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


@pytest.mark.parametrize("form", ["json", "memory"])
def test_a_turn_that_failed_suspends_it_and_it_goes_on_there(tube: Puzzle, tmp_path: Path, form: str) -> None:
    down = ModelError(FailureKind.OVERLOADED, "down", attempts=3, doubtful_usd=0.5)
    lines = [f"Move: {w}" for w in WAY]
    held = ask(tube, Talker(lines, fault=lambda n: down if n == 2 else None))
    config = RunConfig(players=(Talker([]).spec,), problem_ids=("FLUID_001",), protocol="move by move")
    if form == "json":
        with RunFile.begin(str(tmp_path / "run.json"), new_run(config, [tube]), force=False) as file:
            for result in held:
                file.add(result)
        run = load(tmp_path / "run.json")
    else:
        run = new_run(config, [tube]).model_copy(update={"results": (held[-1],)})
    (left,) = run.results
    assert (left.status, len(left.turns), charged_usd(run)) == ("failed", 1, pytest.approx(0.75))
    assert backlog.missing(config, run.results, failed_too=True)[0] == [left.trial]
    player = Talker(lines)
    done = ask(tube, player, left)[-1].after(left)
    assert [len(p.turns or ()) for p in player.prompts] == [1]  # what was paid is not asked again
    assert done.outcome
    assert done.outcome.out
    assert done.charged_usd == pytest.approx(1.0)


def test_a_file_holds_each_turn_once_and_reads_them_all(tube: Puzzle, tmp_path: Path) -> None:
    config = RunConfig(players=(Talker([]).spec,), problem_ids=("FLUID_001",), protocol="move by move")
    every = ask(tube, Talker([]))
    with RunFile.begin(str(tmp_path / "run.json"), new_run(config, [tube]), force=False) as file:
        for result in every:
            file.add(result)
    text = (tmp_path / "run.json").read_text("utf-8")
    assert text.count('"number":') == 30
    whole = load(tmp_path / "run.json")
    assert whole.results[0] == every[-1]
    (row,) = csv.rows(whole)
    assert (row["protocol"], row["turns"], row["cost_usd"]) == ("move by move", 30, 7.5)
    assert digest(whole).lacking == 0


def test_a_conversation_that_goes_on_is_told_from_a_player_that_was_not_asked(tube: Puzzle) -> None:
    config = RunConfig(players=(Talker([]).spec,), problem_ids=("FLUID_001",), protocol="move by move")
    begun = ask(tube, Talker([]))[0]
    (row,) = csv.rows(new_run(config, [tube]).model_copy(update={"results": (begun,)}))
    assert (row["status"], row["turns"], row["cost_usd"]) == ("begun", 1, 0.25)


def test_a_house_is_played_move_by_move() -> None:
    (house,) = houses("talk", 1, 2)
    assert house.house
    done = ask(house, Talker([f"Move: {line}" for line in house.house.way]))[-1]
    assert done.outcome
    assert done.outcome.doors
    assert done.outcome.doors.opened == 2


def test_an_estimate_covers_the_growing_context_and_the_most_is_more(tube: Puzzle) -> None:
    model = ModelSpec(provider="openai", model="gpt-4o-mini")
    config = RunConfig(players=(model,), problem_ids=("FLUID_001",), judge=JudgeSpec())
    once, _ = bills(config, [tube])
    players, judge = bills(config.model_copy(update={"protocol": "move by move"}), [tube])
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
    assert plan_lines.one(said) == move


def test_in_a_plan_looking_tells_only_what_the_room_says(tube: Puzzle) -> None:
    plain = attempt(tube).do("look: tube").said
    assert attempt(tube, "move by move").do("look: tube").said.startswith(plain + " ")
