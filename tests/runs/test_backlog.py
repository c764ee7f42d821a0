"""What a run still lacks when it goes on."""

from __future__ import annotations

import asyncio

from escape.calls import Limits
from escape.calls.guard import Calls
from escape.environments import questions
from escape.judges.by_room import RoomJudge
from escape.runs import backlog, trials
from escape.types import Answer, Failure, FailureKind, Foresight, Prompt, Puzzle, Result, RunConfig
from tests.runs.test_trials import FREE, Player
from tests.small_runs import A, result, run_with, verdict


def test_a_question_of_what_will_happen_that_failed_is_asked_again(by_id: dict[str, Puzzle]) -> None:
    run = run_with([by_id["FLUID_001"], by_id["VAC_001"]], ["control:reference"], foresight=True)
    assert not list(backlog.unforeseen(run.config, run.results, run.puzzle_by_id, []))
    first, second = run.results
    failed = first.model_copy(update={"foresight": Foresight(problem="not today")})
    never = second.model_copy(update={"foresight": None})
    assert list(backlog.unforeseen(run.config, (failed, never), run.puzzle_by_id, [])) == [first.trial, second.trial]


def test_a_mark_that_failed_out_of_form_is_asked_for_anew_and_one_that_may_pass_is_waited_for() -> None:
    def failed(kind: FailureKind, ended: str = "2026-01-01T00:00:00+00:00") -> Result:
        failure = Failure(stage="judge", kind=kind, message="x")
        return result("P0", A).model_copy(update={"failure": failure, "ended_at": ended})

    it = failed(FailureKind.BAD_FORMAT)
    assert backlog.failed_at([it]) == {it.trial: 1767225600.0}
    assert backlog.failed_at([failed(FailureKind.BAD_FORMAT, "then")]) == {it.trial: 0.0}
    assert backlog.failed_at([failed(FailureKind.TIMEOUT)]) == {}
    assert backlog.failed_at([it.model_copy(update={"verdict": verdict(1, 1)})]) == {}


class Silent(Player):
    """Knows a way out, and nothing of what will happen."""

    async def complete(self, prompt: Prompt) -> Answer:
        said = "I do not know" if prompt.name == "foresight" else "Moves:\nlook"
        return Answer(text=said, input_tokens=1, output_tokens=1, cost_usd=0.25)


def test_a_reply_about_what_will_happen_that_cannot_be_read_is_wrong_in_all_and_paid_once(
    by_id: dict[str, Puzzle],
) -> None:
    player, tube = Silent(), by_id["FLUID_001"]
    config = RunConfig(players=(player.spec,), problem_ids=("FLUID_001",), foresight=True)
    cast = trials.Participants({"FLUID_001": tube}, {player.spec.name: player}, RoomJudge(), config=config)
    got: list[Result] = []
    work = trials.run(list(config.trials()), cast, Calls(FREE, Limits(concurrency=1)), got.append, now=lambda: "")
    asyncio.run(work)
    foreseen = got[-1].foresight
    assert foreseen is not None
    assert len(foreseen.items) == len(questions(tube))
    assert not any(item.right for item in foreseen.items)
    assert foreseen.answer is not None
    assert foreseen.answer.text == "I do not know"
