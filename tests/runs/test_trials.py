"""Trials and calls with fake models and fake time: nothing lost, nothing twice, nothing over the cap."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from escape.calls import Limits
from escape.calls.guard import Calls, Retry
from escape.calls.lane import FEW, PATIENCE_S
from escape.models.prices import Prices
from escape.puzzles import controls
from escape.runs import RunPlan, estimate_bills, make_plan, new_run
from escape.runs.execution import Passes
from escape.runs.file import GrowingRun
from escape.runs.trials import Clock
from escape.types import (
    Answer,
    Checklist,
    FailureKind,
    JudgeSpec,
    Mark,
    ModelError,
    ModelSpec,
    NotJudged,
    Prompt,
    Puzzle,
    Result,
    RunConfig,
    Scores,
    Trial,
    TrialKey,
    Verdict,
)
from tests.small_runs import A, puzzles, result, run_of, verdict


@dataclass(frozen=True)
class Most:
    """A ceiling of so many USD, as for one token."""

    usd_out: float
    tokens_in: float = 1.0
    tokens_out: float = 1.0
    usd_in: float = 0.0


def priced(cost: float, ceiling: float | None) -> Prices:
    most = None if ceiling is None else Most(ceiling)
    return Prices(cost=lambda spec, answer: cost, ceiling=lambda spec, prompt, more: most)


FREE = priced(0.0, 0.0)


class Player:
    """Answers, or raises what `fault` says for its n-th call."""

    def __init__(
        self, name: str = "fake:p", fault: Callable[[int], ModelError | None] = lambda n: None
    ) -> None:
        provider, _, model = name.partition(":")
        self.spec = ModelSpec(provider=provider, model=model)
        self.calls: list[str] = []
        self.in_flight = self.peak = 0
        self._fault = fault

    async def complete(self, prompt: Prompt) -> Answer:
        self.calls.append(prompt.problem_id)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        for _ in range(9):
            await asyncio.sleep(0)
        self.in_flight -= 1
        if error := self._fault(len(self.calls)):
            raise error
        return Answer(text=f"answer {len(self.calls)}\nMoves:\nlook", input_tokens=1, output_tokens=1)

    async def close(self) -> None:
        self.closed = True


class FairJudge:
    name = "fair"

    def __init__(self, fault: Callable[[int], Exception | None] = lambda n: None) -> None:
        self.seen: list[str] = []
        self._fault = fault

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        self.seen.append(answer_text)
        if error := self._fault(len(self.seen)):
            raise error
        return Verdict(
            judge="fair", scores=Scores(pus=1, sps=1, rhh=None), checklist=Checklist(principles=(), steps=())
        )


class Stage:
    """A run of fakes; sleeping takes no time and is written down."""

    def __init__(
        self,
        puzzles: Sequence[Puzzle],
        *players: Player,
        judge: FairJudge | None = None,
        repeats: int = 1,
        prices: Prices = FREE,
        concurrency: int = 4,
        max_cost: float | None = None,
        proven: bool = True,
    ) -> None:
        self.slept: list[float] = []
        self.retries: list[Retry] = []
        self.results: list[Result] = []
        self.judge = judge or FairJudge()
        self.puzzles = {p.problem_id: p for p in puzzles}
        self.time = 0.0
        self.prices = prices
        self.calls = Calls(
            prices,
            Limits(
                concurrency=concurrency,
                cap_usd=max_cost,
                proven={(p.spec.provider, None) for p in players} if proven else set(),
                on_retry=self.retries.append,
            ),
            sleep=self.sleep,
            clock=lambda: self.time,
        )
        self.players = {p.spec.name: self.calls.guard(p) for p in players}
        self.marks: list[Mark] = []
        self.max_cost = max_cost
        self.config = RunConfig(
            players=tuple(p.spec for p in players),
            problem_ids=tuple(self.puzzles),
            repeats=repeats,
            judge=JudgeSpec(design=self.judge.name),
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        for _ in range(30):  # what is under way comes back first
            await asyncio.sleep(0)
        self.time += seconds

    def go(
        self, todo: Sequence[Trial] | None = None, answers: dict[Trial, Answer] | None = None
    ) -> list[Result]:
        return asyncio.run(self.work(todo, answers))

    async def work(
        self,
        todo: Sequence[Trial] | None = None,
        answers: dict[Trial, Answer] | None = None,
        now: Clock = lambda: "now",
    ) -> list[Result]:
        """Ask and mark. Returns the results as they end up."""
        every = tuple(self.config.trials()) if todo is None else tuple(todo)
        run = new_run(self.config, list(self.puzzles.values()))
        run = run.model_copy(
            update={"results": tuple(Result(trial=t, answer=a) for t, a in (answers or {}).items())}
        )
        self.growing = GrowingRun.of(run)
        plan = RunPlan(run, every, every, self.config.judge, lambda spec: None, self.max_cost)
        await Passes(plan, self.players, self.judge, self.calls, self, now).both()
        return list(self.growing.run.results)

    def result(self, result: Result) -> bool:
        self.results.append(result)
        self.growing.result(result)
        return True

    def mark(self, mark: Mark) -> None:
        self.marks.append(mark)
        self.growing.mark(mark)

    def stake(self, trial: TrialKey, usd: float) -> None:
        self.growing.stake(trial, usd)

    async def committed(self) -> None:
        pass


def error(kind: FailureKind, wait: float | None = None) -> ModelError:
    return ModelError(kind, f"it was {kind}", wait)


def test_every_trial_is_asked_once_and_judged(bundled: list[Puzzle]) -> None:
    player = Player()
    stage = Stage(bundled, player, repeats=3)
    results = stage.go()
    assert Counter(player.calls) == {p.problem_id: 3 for p in bundled}
    assert len(results) == 3 * len(bundled)
    assert all(r.status == "judged" for r in results)


def test_an_answer_is_handed_out_before_its_judge_has_spoken(bundled: list[Puzzle]) -> None:
    stage = Stage(bundled[:1], Player())
    stage.judge = FairJudge(lambda n: seen.append(len(stage.results)))  # type: ignore[func-returns-value]
    seen: list[int] = []
    (result,) = stage.go()
    assert seen == [1]
    assert ([r.status for r in stage.results], result.status) == (["answered"], "judged")


def test_no_more_calls_are_in_flight_than_allowed(bundled: list[Puzzle]) -> None:
    player = Player()
    Stage(bundled, player, repeats=20, concurrency=3).go()
    assert player.peak == 3


@pytest.mark.parametrize("kind", [k for k in FailureKind if k.is_transient])
def test_a_passing_fault_is_tried_three_times_with_growing_waits(
    bundled: list[Puzzle], kind: FailureKind
) -> None:
    player = Player(fault=lambda n: error(kind))
    stage = Stage(bundled[:1], player)
    (result,) = stage.go()
    assert result.failure is not None
    assert (result.failure.kind, result.failure.attempts) == (kind, FEW)
    assert len(player.calls) == 2 * FEW  # once more at the end of the run
    assert stage.slept[:2] == [1, 2]  # tenacity's wait_exponential(min=1, max=10)
    assert [(r.provider, r.kind, r.attempt) for r in stage.retries[:2]] == [
        ("fake", kind, 1),
        ("fake", kind, 2),
    ]


def test_a_servers_wish_to_wait_is_obeyed_and_is_no_attempt(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.RATE_LIMIT, 7.5) if n < 6 else None)
    stage = Stage(bundled[:1], player)
    (result,) = stage.go()
    assert stage.slept == [7.5] * 5
    assert result.answer is not None
    assert result.answer.attempts == 1
    assert {r.wait_s for r in stage.retries} == {7.5}


def test_a_wish_to_wait_for_an_hour_is_told_and_not_waited_for(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.RATE_LIMIT, 3600))
    results = Stage(bundled, player).go()
    assert len(player.calls) <= 4
    assert {r.failure.kind for r in results if r.failure} == {FailureKind.RATE_LIMIT}
    assert all("used up until" in r.failure.message for r in results if r.failure)


def test_a_provider_that_refuses_everything_is_given_up_after_a_while(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.RATE_LIMIT))
    stage = Stage(bundled, player, repeats=4)
    results = stage.go()
    assert PATIENCE_S <= stage.time <= 2 * PATIENCE_S
    assert len(results) == 4 * len(bundled)
    assert all("continue the run later" in r.failure.message for r in results if r.failure)


@pytest.mark.parametrize("kind", [k for k in FailureKind if k.closes_provider or k.closes_model])
def test_a_wrong_key_costs_two_calls_and_every_trial_says_why(
    bundled: list[Puzzle], kind: FailureKind
) -> None:
    player = Player(fault=lambda n: error(kind))
    stage = Stage(bundled, player, repeats=4, proven=False)
    results = stage.go()
    assert len(player.calls) == 2  # the second, a second later, says the same
    assert len(results) == 4 * len(bundled)
    assert {r.failure.kind for r in results if r.failure} == {kind}
    assert sum(r.failure.attempts for r in results if r.failure) == 2


def test_one_refused_prompt_closes_no_model(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.BAD_REQUEST) if n in {1, 5, 9} else None)
    results = Stage(bundled, player, repeats=4, concurrency=1).go()
    assert Counter(r.status for r in results) == {"judged": 4 * len(bundled) - 3, "failed": 3}


def test_a_model_whose_first_calls_are_all_refused_is_closed(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.BAD_REQUEST))
    Stage(bundled, player, repeats=4, concurrency=1).go()
    assert len(player.calls) == FEW


def test_a_closed_provider_leaves_the_others_alone(bundled: list[Puzzle]) -> None:
    bad, good = Player("bad:p", lambda n: error(FailureKind.BAD_KEY)), Player("good:p")
    results = Stage(bundled, bad, good).go()
    assert {r.trial.player for r in results if r.status == "judged"} == {"good:p"}
    assert len(good.calls) == len(bundled)


def test_an_unknown_model_closes_itself_and_not_its_provider(bundled: list[Puzzle]) -> None:
    bad, good = Player("same:bad", lambda n: error(FailureKind.UNKNOWN_MODEL)), Player("same:good")
    results = Stage(bundled, bad, good).go()
    assert sum(r.status == "judged" for r in results) == len(bundled)


def test_a_judges_failure_keeps_the_answer(bundled: list[Puzzle]) -> None:
    stage = Stage(bundled[:1], Player(), judge=FairJudge(lambda n: NotJudged("out of form twice")))
    (result,) = stage.go()
    assert (result.status, result.answer is not None) == ("not_judged", True)
    assert result.failure is not None
    assert (result.failure.stage, result.failure.kind) == ("judge", FailureKind.NOT_JUDGED)


def test_a_fault_of_our_own_takes_no_other_trial_with_it_and_shows_no_text(bundled: list[Puzzle]) -> None:
    stage = Stage(bundled, Player(), judge=FairJudge(lambda n: RuntimeError("sk-secret") if n == 2 else None))
    results = stage.go()
    assert Counter(r.status for r in results) == {"judged": len(bundled) - 1, "not_judged": 1}
    assert not any("sk-secret" in r.model_dump_json() for r in results)


def test_where_results_cannot_be_kept_no_further_call_is_made(bundled: list[Puzzle]) -> None:
    player = Player()
    stage = Stage(bundled, player, repeats=10, concurrency=2)
    keep = stage.result

    def full(result: Result) -> None:
        if len(stage.results) == 4:
            raise OSError("no room")
        keep(result)

    stage.result = full  # type: ignore[method-assign]
    with pytest.raises(OSError, match="no room"):
        stage.go()
    assert len(player.calls) <= 6


def test_what_is_left_to_do_asks_no_player_twice(bundled: list[Puzzle]) -> None:
    first = Stage(bundled, Player(), judge=FairJudge(lambda n: NotJudged("no") if n == 1 else None))
    first.go()
    run = first.growing.run
    left = make_plan(run, lambda spec: None, again=True)
    assert (left.to_ask, len(left.to_mark)) == ((), 1)
    player, second = Player(), Stage(bundled, Player())
    second.growing = GrowingRun.of(run)
    asyncio.run(Passes(left, {"fake:p": player}, second.judge, second.calls, second, lambda: "").both())
    assert {r.status for r in second.growing.run.results} == {"judged"}
    assert player.calls == []
    assert make_plan(run, lambda spec: None).to_mark == ()
    fewer = run.model_copy(update={"results": run.results[2:]})
    assert len(make_plan(fewer, lambda spec: None).to_ask) == 2


def test_a_judges_paid_reply_is_counted_although_the_run_was_stopped(bundled: list[Puzzle]) -> None:
    stopped = ModelError(FailureKind.CANCELLED, "stopped", doubtful_usd=0.25)
    stage = Stage(bundled[:1], Player(), judge=FairJudge(lambda n: stopped))
    (result,) = stage.go()
    assert result.failure is None
    assert result.charged_usd == 0.25


def test_stopping_makes_no_new_calls_and_keeps_what_is_there(bundled: list[Puzzle]) -> None:
    stage = Stage(
        bundled, Player(fault=lambda n: stage.calls.stop() if n == 3 else None), repeats=5, concurrency=1
    )
    results = stage.go()
    assert sum(r.answer is not None for r in results) == 3
    assert all(r.failure is None for r in results)


def test_a_stop_ends_a_wait(bundled: list[Puzzle]) -> None:
    async def scene() -> list[Result]:
        player = Player(fault=lambda n: error(FailureKind.RATE_LIMIT, 100))
        stage = Stage(bundled[:1], player)
        stage.calls = Calls(FREE, Limits(concurrency=1))  # real time: the wait would be an hour
        stage.players = {"fake:p": stage.calls.guard(player)}
        work = asyncio.create_task(stage.work())
        while not player.calls:
            await asyncio.sleep(0)
        stage.calls.stop()
        return await asyncio.wait_for(work, 5)

    assert asyncio.run(scene()) == []


def test_the_cap_holds_with_many_calls_in_flight(bundled: list[Puzzle]) -> None:
    player = Player()
    stage = Stage(bundled, player, repeats=20, prices=priced(0.01, 0.02), concurrency=20, max_cost=0.10)
    results = stage.go()
    assert stage.calls.budget.spent <= 0.10
    assert stage.calls.budget.spent + 2 * 0.02 > 0.10 - 1e-9  # what the next answer and its repair may cost
    failed = [r for r in results if r.failure]
    assert len(results) == 20 * len(bundled)
    assert {r.failure.kind for r in failed if r.failure} == {FailureKind.BUDGET}


def test_a_cap_waits_for_money_in_flight_to_come_back_instead_of_failing(bundled: list[Puzzle]) -> None:
    player = Player()
    stage = Stage(bundled, player, prices=priced(0.001, 0.045), concurrency=5, max_cost=0.10)
    assert all(r.status == "judged" for r in stage.go())
    assert stage.calls.budget.spent == pytest.approx(0.001 * len(bundled))


def test_a_call_that_may_have_been_charged_counts_against_the_cap(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.TIMEOUT))
    stage = Stage(bundled, player, prices=priced(0.01, 0.04), concurrency=1, max_cost=0.10)
    stage.go()
    assert len(player.calls) == 2  # two calls of 0.04 that nobody can account for, a third would not fit


def test_a_cap_with_an_unknown_price_is_refused_before_any_call(bundled: list[Puzzle]) -> None:
    player = Player()
    results = Stage(bundled, player, prices=priced(0.01, None), max_cost=1.0).go()
    assert player.calls == []
    assert {r.failure.message for r in results if r.failure} != set()
    assert all("price" in r.failure.message for r in results if r.failure)


def test_the_cost_of_an_answer_is_written_on_it(bundled: list[Puzzle]) -> None:
    (result,) = Stage(bundled[:1], Player(), prices=priced(0.25, 0.5)).go()
    assert result.answer is not None
    assert result.answer.cost_usd == 0.25
    assert result.cost_usd == 0.25


def test_a_slow_provider_does_not_hold_up_another(bundled: list[Puzzle]) -> None:
    class Stuck(Player):
        async def complete(self, prompt: Prompt) -> Answer:
            self.calls.append(prompt.problem_id)
            await asyncio.Event().wait()
            raise AssertionError

    async def scene() -> int:
        stage = Stage(bundled, Stuck("slow:p"), Player("quick:p"), repeats=3, concurrency=2)
        work = asyncio.create_task(stage.work())
        for _ in range(2000):
            await asyncio.sleep(0)
        work.cancel()
        return sum(r.status == "judged" for r in stage.growing.run.results)

    assert asyncio.run(scene()) == 3 * len(bundled)


def test_what_the_room_said_stays_where_the_judge_fails(by_id: dict[str, Puzzle]) -> None:
    puzzle = by_id["FLUID_001"]

    class Leaves(Player):
        async def complete(self, prompt: Prompt) -> Answer:
            return Answer(text=controls.reference(puzzle))

    stage = Stage([puzzle], Leaves(), judge=FairJudge(fault=lambda n: NotJudged("no")))
    (result,) = stage.go()
    assert result.status == "not_judged"
    assert result.outcome is not None
    assert result.outcome.out


def test_a_call_that_waited_for_a_common_place_is_not_made_after_a_stop(bundled: list[Puzzle]) -> None:
    """One place for all visitors, held by somebody else until the run was stopped."""
    player = Player()

    async def scene() -> list[Result]:
        common = asyncio.Semaphore(1)
        await common.acquire()
        stage = Stage(bundled, player)
        stage.calls = Calls(FREE, Limits(concurrency=4, proven={("fake", None)}, shared=[common]))
        stage.players = {"fake:p": stage.calls.guard(player)}
        run = asyncio.create_task(stage.work())
        for _ in range(4):
            await asyncio.sleep(0)
        stage.calls.stop()
        common.release()
        return await run

    assert asyncio.run(scene()) == []
    assert player.calls == []


def test_servers_at_two_addresses_are_two_lanes(bundled: list[Puzzle]) -> None:
    broken, good = (
        Player("compatible:a", fault=lambda n: error(FailureKind.WRONG_ADDRESS)),
        Player("compatible:b"),
    )
    broken.spec = broken.spec.model_copy(update={"base_url": "http://one/v1"})
    good.spec = good.spec.model_copy(update={"base_url": "http://two/v1"})
    results = Stage(bundled, broken, good, proven=False).go()
    assert {r.trial.player for r in results if r.failure} == {"compatible:a"}
    assert len(good.calls) == len(bundled)
    assert len(broken.calls) == 2


def test_what_is_missing_is_what_has_neither_mark_nor_failure() -> None:
    given = [
        result("P0", A, verdict(1, 1)),
        result("P1", A, failed="player"),
        result("P2", A, failed="judge"),
        result("P3", A),
        result("P0", "brought:me"),
    ]
    run = run_of(puzzles(5), given, [A], judge=JudgeSpec(design="fair"))

    def left(*, again: bool) -> tuple[list[str], list[tuple[str, str]]]:
        plan = make_plan(run, lambda spec: None, again=again)
        return [t.problem_id for t in plan.to_ask], [(t.problem_id, t.player) for t in plan.to_mark]

    assert left(again=False) == (["P4"], [("P3", A.name), ("P4", A.name), ("P0", "brought:me")])
    asked, marked = left(again=True)
    assert asked == ["P1", "P4"]
    assert marked == [*((f"P{n}", A.name) for n in (1, 2, 3, 4)), ("P0", "brought:me")]


def test_a_key_that_was_not_refused_counts_as_proven_whatever_else_failed(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.TIMEOUT) if n <= 3 else None)
    Stage(bundled, player, repeats=6, concurrency=4, proven=False).go()
    assert player.peak > 1


def test_what_earlier_attempts_may_have_cost_is_written_on_the_answer(bundled: list[Puzzle]) -> None:
    player = Player(fault=lambda n: error(FailureKind.TIMEOUT) if n == 1 else None)
    stage = Stage(bundled[:1], player, prices=priced(0.01, 0.05), max_cost=1.0)
    (made,) = stage.go()
    assert made.answer is not None
    assert (made.answer.attempts, made.answer.doubtful_usd, made.answer.cost_usd) == (2, 0.05, 0.01)


def test_the_judges_bill_counts_every_player_and_repeat(bundled: list[Puzzle]) -> None:
    judge = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model="gpt-4o"))
    ids = tuple(p.problem_id for p in bundled)

    def judging(players: int, repeats: int) -> float:
        specs = tuple(ModelSpec(provider="openai", model=f"gpt-4o-{n}") for n in range(players))
        return (
            estimate_bills(RunConfig(players=specs, judge=judge, problem_ids=ids, repeats=repeats), bundled)[
                1
            ].high
            or 0
        )

    assert judging(3, 2) == pytest.approx(6 * judging(1, 1))


def test_a_result_says_when_it_was_begun_and_ended(bundled: list[Puzzle]) -> None:
    for player, judge, times in (
        (Player(), FairJudge(), ["2"]),
        (Player(fault=lambda n: error(FailureKind.CUT_OFF)), FairJudge(), []),
        (Player(), FairJudge(lambda n: NotJudged("no")), ["2"]),
    ):
        stage = Stage(bundled[:1], player, judge=judge)
        clock = iter(map(str, range(9)))
        asyncio.run(stage.work(now=lambda c=clock: next(c)))
        assert [(r.started_at, r.ended_at) for r in stage.results] == [("0", "1")]
        assert [mark.at for mark in stage.marks] == times


def test_a_failure_says_at_which_stage_what_it_took_and_what_it_may_cost(bundled: list[Puzzle]) -> None:
    (asked,) = Stage(
        bundled[:1], Player(fault=lambda n: error(FailureKind.TIMEOUT)), prices=priced(0.5, 0.25)
    ).go()
    assert asked.failure is not None
    assert (asked.failure.stage, asked.failure.kind, asked.failure.attempts) == (
        "player",
        FailureKind.TIMEOUT,
        FEW,
    )
    assert asked.failure.doubtful_usd == 0.75
    assert asked.answer is None
    said = NotJudged("no form", 0.125, malformed=True, doubtful_usd=0.5)
    (judged,) = Stage(bundled[:1], Player(), judge=FairJudge(lambda n: said)).go()
    assert judged.failure is not None
    assert (judged.failure.stage, judged.failure.kind) == ("judge", FailureKind.BAD_FORMAT)
    assert (judged.failure.cost_usd, judged.failure.doubtful_usd) == (0.125, 0.5)
    (unmarked,) = Stage(bundled[:1], Player(), judge=FairJudge(lambda n: NotJudged("cannot"))).go()
    assert unmarked.failure is not None
    assert unmarked.failure.kind is FailureKind.NOT_JUDGED


def test_players_are_asked_for_moves_unless_the_run_does_without(by_id: dict[str, Puzzle]) -> None:
    room, seen = by_id["FLUID_001"], []

    class Reader(Player):
        async def complete(self, prompt: Prompt) -> Answer:
            seen.append("Moves:" in prompt.user)
            return await super().complete(prompt)

    for moves in (True, False):
        stage = Stage([room], Reader())
        stage.config = stage.config.model_copy(update={"moves": moves})
        stage.go()
    assert seen == [True, False]


def test_a_missing_players_trial_fails_and_one_with_an_answer_is_judged(bundled: list[Puzzle]) -> None:
    stage = Stage(bundled[:1], Player())
    stranger = Trial(problem_id=bundled[0].problem_id, player="brought:me")
    (unasked,) = stage.go([stranger])
    assert unasked.failure is not None
    assert (unasked.failure.kind, unasked.failure.attempts) == (FailureKind.INTERNAL, 0)
    stage = Stage(bundled[:1], Player())
    (judged,) = stage.go([stranger], {stranger: Answer(text="mine")})
    assert judged.status == "judged"
    assert stage.judge.seen == ["mine"]


def test_a_cap_that_is_used_up_does_not_undo_what_a_room_said(by_id: dict[str, Puzzle]) -> None:
    puzzle = by_id["FLUID_001"]
    trial = Trial(problem_id="FLUID_001", player="demo:a")
    answer = Answer(text=controls.reference(puzzle))
    stage = Stage([puzzle], Player("demo:a"), prices=priced(1.0, 1.0), max_cost=0.1)
    unread = answer.model_copy(update={"text": f"{answer.text}\ncontemplate the water"})  # to be written anew
    (refused,) = stage.go([trial], {trial: unread})
    assert refused.failure is not None
    assert refused.failure.kind is FailureKind.BUDGET
    assert refused.outcome is not None
    assert refused.outcome.out
    older = refused.model_copy(update={"failure": None})
    assert refused.model_copy(update={"outcome": None}).merge(older).outcome == older.outcome
    other = refused.model_copy(update={"outcome": None, "answer": Answer(text="another")})
    assert other.merge(older).outcome is None  # which led somewhere else, if anywhere


@pytest.mark.parametrize("kind", [FailureKind.TIMEOUT, FailureKind.RATE_LIMIT])
def test_what_a_stopped_trial_may_have_cost_is_kept_and_no_more(
    bundled: list[Puzzle], kind: FailureKind
) -> None:
    """Stopped between a failure and its retry: a timeout may be charged in full, a refusal is not charged."""
    player = Player(fault=lambda n: error(kind, 0.5) if n >= 3 else None)
    stage = Stage(bundled, player, prices=priced(0.001, 0.25), concurrency=1)
    stage.calls.limits = replace(stage.calls.limits, on_retry=lambda retry: stage.calls.stop())
    stage.go()
    budget = stage.calls.budget
    assert stage.growing.run.charged_usd == pytest.approx(budget.spent + budget.doubtful)
    assert (budget.doubtful > 0) == (kind is FailureKind.TIMEOUT)
