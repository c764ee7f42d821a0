"""Every call of a run, with fake models and fake time: gates, retries, closing, stopping, money."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from escape.calls import Limits
from escape.calls.breaker import FEW
from escape.calls.guard import Calls, Retry, _minutes
from escape.calls.lane import PATIENCE_S, Lane, lane_key
from escape.models.prices import Prices
from escape.types import Answer, FailureKind, ModelError, ModelSpec, Prompt
from tests.calls.server import Server
from tests.calls.test_budget import Most, priced

ASK = Prompt(name="p", version=1, problem_id="P", system="", user="u")
Reply = Exception | Answer
ANSWER = Answer(text="x", input_tokens=1, output_tokens=1)


def spec(model: str = "m", provider: str = "fake", address: str | None = None) -> ModelSpec:
    return ModelSpec(provider=provider, model=model, base_url=address)


def error(kind: FailureKind, wait: float | None = None, attempts: int = 1) -> ModelError:
    return ModelError(kind, f"it was {kind}", wait, attempts)


class Model:
    """Replies by number; each call is held for `holds_s` of fake time."""

    def __init__(self, stage: Stage, reply: Callable[[int], Reply], of: ModelSpec, holds_s: float) -> None:
        self.spec, self.starts, self.now, self.peak, self.closed = of, [], 0, 0, False
        self._stage, self._reply, self._holds_s = stage, reply, holds_s

    async def complete(self, prompt: Prompt) -> Answer:
        self.starts.append(self._stage.time)
        number = len(self.starts)
        self.now += 1
        self.peak = max(self.peak, self.now)
        await self._stage.rest(self._holds_s)
        self.now -= 1
        said = self._reply(number)
        if isinstance(said, Exception):
            raise said
        return said

    async def close(self) -> None:
        self.closed = True


class Stage:
    """Fake time: it moves to the next sleeper when nobody else can go on."""

    def __init__(self, *, concurrency: int = 8, proven: bool = True, **more: object) -> None:
        self.time = 0.0
        self.retries: list[Retry] = []
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, asyncio.Event]] = []
        if proven:
            more.setdefault("proven", {("fake", None)})
        prices = more.pop("prices", Prices(cost=lambda s, a: 0.0, ceiling=lambda s, p, b: Most()))
        self.calls = Calls(
            prices,
            Limits(concurrency=concurrency, on_retry=self.retries.append, **more),  # type: ignore[arg-type]
            sleep=self.sleep,
            clock=lambda: self.time,
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.rest(seconds)

    async def rest(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.time + seconds, woken))
        await woken.wait()

    def model(
        self,
        reply: Callable[[int], Reply] = lambda n: ANSWER,
        of: ModelSpec | None = None,
        holds_s: float = 1.0,
    ) -> Model:
        return Model(self, reply, of or spec(), holds_s)

    def go(self, *work: Awaitable[Answer], longest_s: float = 20) -> list[Answer | BaseException]:
        async def scene() -> list[Answer | BaseException]:
            everything = asyncio.gather(*work, return_exceptions=True)
            while not everything.done():
                for _ in range(60):
                    await asyncio.sleep(0)
                if self._sleepers and not everything.done():
                    self._sleepers.sort(key=lambda s: s[0])
                    self.time, woken = self._sleepers.pop(0)
                    woken.set()
            return list(await everything)

        return asyncio.run(asyncio.wait_for(scene(), longest_s))


def hold_each(model: Model, seconds: list[float]) -> None:
    """Hold a model's calls for so many seconds, each for its own."""
    holds, complete = iter(seconds), model.complete

    async def held(prompt: Prompt) -> Answer:
        model._holds_s = next(holds)
        return await complete(prompt)

    model.complete = held  # type: ignore[method-assign]


def asked(stage: Stage, model: Model, times: int = 1) -> list[Answer | BaseException]:
    guarded = stage.calls.guard(model)
    return stage.go(*(guarded.complete(ASK) for _ in range(times)))


def test_calls_come_faster_while_none_is_refused_up_to_the_lanes_width() -> None:
    stage = Stage(concurrency=8)
    model = stage.model()
    assert all(isinstance(a, Answer) for a in asked(stage, model, 40))
    assert model.peak == 8
    assert model.starts[0] == 0.0
    assert model.starts[1] == 1.0  # the first reply shows what the server counts
    assert model.starts[39] < 8


def test_the_first_call_to_a_new_provider_goes_alone_and_then_it_is_proven() -> None:
    stage = Stage(proven=False)
    model = stage.model()
    asked(stage, model, 6)
    assert model.starts[:2] == [0.0, 1.0]
    assert model.starts[2] < 1.5
    assert stage.calls.limits.proven == {("fake", None)}


def test_until_its_first_reply_a_models_calls_go_one_at_a_time() -> None:
    stage = Stage(concurrency=8)
    slow, quick = stage.model(holds_s=40.0), stage.model(of=spec("q"), holds_s=1.0)
    guarded = [stage.calls.guard(slow), stage.calls.guard(quick)]
    stage.go(*(model.complete(ASK) for model in guarded for _ in range(4)))
    assert slow.starts[:2] == [0.0, 40.0]
    assert quick.starts[1] == 1.0


@pytest.mark.parametrize("kind", [FailureKind.BAD_KEY, FailureKind.WRONG_ADDRESS, FailureKind.NO_CREDIT])
def test_a_wrong_key_or_address_costs_two_calls_a_second_apart_over_all_models(kind: FailureKind) -> None:
    stage = Stage(proven=False)
    bad = [stage.model(lambda n: error(kind), of=spec(m), holds_s=0.1) for m in "abc"]
    guarded = [stage.calls.guard(model) for model in bad]
    failures = stage.go(*(model.complete(ASK) for model in guarded for _ in range(5)))
    starts = sorted(start for model in bad for start in model.starts)
    assert len(starts) == 2
    assert starts[1] >= starts[0] + 1.0
    assert {f.kind for f in failures if isinstance(f, ModelError)} == {kind}
    good = stage.model(of=spec(provider="other"))
    assert isinstance(asked(stage, good)[0], Answer)
    assert stage.calls.limits.proven == {("other", None)}


@pytest.mark.parametrize("kind", [FailureKind.BAD_KEY, FailureKind.WRONG_ADDRESS, FailureKind.UNKNOWN_MODEL])
@pytest.mark.parametrize("place", [1, 2, 20])
def test_one_stray_refusal_closes_nothing(kind: FailureKind, place: int) -> None:
    stage = Stage(proven=False)
    model = stage.model(lambda n: error(kind) if n == place else ANSWER)
    assert all(isinstance(a, Answer) for a in asked(stage, model, 60))


def test_a_key_that_stops_working_closes_after_three_in_a_row_and_a_second() -> None:
    stage = Stage(concurrency=2)
    model = stage.model(lambda n: error(FailureKind.BAD_KEY) if n > 10 else ANSWER, holds_s=0.1)
    found = asked(stage, model, 40)
    assert sum(isinstance(a, Answer) for a in found) == 10
    assert len(model.starts) <= 10 + 6
    stage.calls.ask_again(["P"])  # what was lost is asked once more, and needs the same proof again
    stage.calls.lane(model.spec).raise_if_closed("m")


@pytest.mark.parametrize("kind", [FailureKind.BAD_REQUEST, FailureKind.UNKNOWN_MODEL, FailureKind.RATE_LIMIT])
def test_what_does_not_blame_the_key_proves_it(kind: FailureKind) -> None:
    stage = Stage(proven=False)
    model = stage.model(lambda n: error(kind, 5.0) if n == 1 else ANSWER)
    asked(stage, model, 4)
    assert stage.calls.lane(model.spec).proven
    assert stage.calls.lane(spec(provider="other")).proven is False


def test_an_unknown_model_closes_itself_alone_and_bad_requests_after_three() -> None:
    stage = Stage()
    gone = stage.model(lambda n: error(FailureKind.UNKNOWN_MODEL), of=spec("gone"))
    picky = stage.model(lambda n: error(FailureKind.BAD_REQUEST), of=spec("picky"))
    fine = stage.model(lambda n: error(FailureKind.BAD_REQUEST) if n > 1 else ANSWER, of=spec("fine"))
    guarded = [stage.calls.guard(model) for model in (gone, picky, fine)]
    stage.go(*(model.complete(ASK) for model in guarded for _ in range(9)))
    assert [len(model.starts) for model in (gone, picky, fine)] == [2, FEW, 9]
    for model, kind in (("gone", FailureKind.UNKNOWN_MODEL), ("picky", FailureKind.BAD_REQUEST)):
        with pytest.raises(ModelError) as caught:
            stage.calls.lane(fine.spec).raise_if_closed(model)
        assert (caught.value.kind, caught.value.attempts) == (kind, 0)
    stage.calls.lane(fine.spec).raise_if_closed("fine")


def test_a_call_with_an_untried_key_goes_alone_for_a_second_and_no_longer() -> None:
    lane = Lane(8, proven=False)
    assert lane.wait("m", 0.0) == 0.0
    lane.start("m", 0.0)
    assert lane.wait("other", 0.4) == pytest.approx(0.6)
    assert lane.wait("other", 1.0) == 0.0  # a slow model's first answer holds nobody else
    assert lane.wait("m", 1.0) is None  # but its own model, whose reply shows what its server counts
    assert lane.first_answers(12.0) == {"m": 12.0}
    assert lane_key(spec(address="http://x/v1")) == ("fake", "http://x/v1")


def test_a_slow_models_first_answer_does_not_hold_a_quick_one() -> None:
    stage = Stage(proven=False)
    slow, quick = stage.model(of=spec("slow"), holds_s=30.0), stage.model(of=spec("quick"))
    guarded = [stage.calls.guard(slow)] * 4 + [stage.calls.guard(quick)] * 30
    stage.go(*(model.complete(ASK) for model in guarded))
    assert quick.starts[-1] < 10
    assert slow.starts[:2] == [0.0, 30.0]


def test_two_models_that_are_refused_together_share_one_pace_in_turns() -> None:
    stage = Stage(concurrency=16)
    server = Server(4.0)

    def limited(n: int) -> Reply:
        wait = server.refusal(stage.time)
        return ANSWER if wait is None else error(FailureKind.RATE_LIMIT)

    models = [stage.model(limited, of=spec(m), holds_s=0.2) for m in "ab"]
    guarded = [stage.calls.guard(model) for model in models]
    stage.go(*(model.complete(ASK) for _ in range(60) for model in guarded))
    lane = stage.calls.lane(spec("a"))
    assert lane.pace_of("a") is lane.pace_of("b")
    half = [sum(start < stage.time / 2 for start in model.starts) for model in models]
    assert min(half) > 0.6 * max(half)


def test_models_whose_headers_tell_their_own_limits_keep_their_own_pace() -> None:
    lane = Lane(8, proven=True)
    for model in ("a", "b"):
        lane.answered(lane.start(model, 0.0), 1.0, 0.5 if model == "a" else None)
    for model in ("a", "b"):
        lane.refused(lane.start(model, 2.0), 2.1, None)
    assert lane.pace_of("a") is not lane.pace_of("b")


def test_a_call_that_hangs_gives_its_slot_back_and_is_asked_again() -> None:
    stage = Stage(concurrency=2)
    model = stage.model()
    hold_each(model, [1.0] * 4 + [120.0, 120.0] + [1.0] * 100)
    found = asked(stage, model, 20)
    assert all(isinstance(a, Answer) for a in found)
    assert stage.time < 40  # and not after two minutes


def test_what_a_hung_call_may_have_cost_stays_booked() -> None:
    prices = Prices(cost=lambda s, a: 0.25, ceiling=lambda s, p, b: Most(1.0, 1.0, 0.0, 0.5))
    stage = Stage(concurrency=2, prices=prices, cap_usd=99.0)
    model = stage.model()
    hold_each(model, [1.0] * 4 + [120.0] + [1.0] * 100)
    found = asked(stage, model, 20)
    assert sum(a.doubtful_usd for a in found if isinstance(a, Answer)) == stage.calls.budget.doubtful == 0.5


@pytest.mark.parametrize(("wish", "until"), [(3600.0, "used up until"), (86_400.0, "used up until")])
def test_a_spent_allowance_closes_the_model_at_once_and_says_until_when(wish: float, until: str) -> None:
    stage = Stage(concurrency=1)
    model = stage.model(lambda n: error(FailureKind.RATE_LIMIT, wish) if n > 20 else ANSWER)
    found = asked(stage, model, 30)
    assert sum(isinstance(a, Answer) for a in found) == 20
    assert len(model.starts) <= 23
    assert all(until in str(f) and "UTC" in str(f) for f in found if isinstance(f, ModelError))


def test_a_server_that_is_away_for_hours_closes_the_model_once_that_is_sure() -> None:
    stage = Stage(concurrency=2)
    wish = {21: 3600.0}  # one node says so, and the others answer
    model = stage.model(lambda n: error(FailureKind.OVERLOADED, wish[n]) if n in wish else ANSWER)
    assert all(isinstance(a, Answer) for a in asked(stage, model, 60))

    stage = Stage(concurrency=2)
    model = stage.model(lambda n: error(FailureKind.OVERLOADED, 3600.0) if n > 20 else ANSWER)
    found = asked(stage, model, 30)
    assert sum(isinstance(a, Answer) for a in found) == 20
    assert stage.time < 60
    assert any("until" in str(f) and "UTC" in str(f) for f in found)


def test_a_passing_fault_is_asked_three_times_in_all_with_growing_waits() -> None:
    stage = Stage()
    model = stage.model(lambda n: error(FailureKind.OVERLOADED), holds_s=0.0)
    (failure,) = asked(stage, model)
    assert isinstance(failure, ModelError)
    assert (failure.kind, failure.attempts, len(model.starts)) == (FailureKind.OVERLOADED, FEW, 3)
    assert stage.slept == [1.0, 2.0]
    assert [(r.provider, r.kind, r.wait_s, r.attempt) for r in stage.retries] == [
        ("fake", FailureKind.OVERLOADED, 1.0, 1),
        ("fake", FailureKind.OVERLOADED, 2.0, 2),
    ]


def test_the_third_try_may_succeed_and_says_what_it_took() -> None:
    stage = Stage()
    answer = asked(stage, stage.model(lambda n: error(FailureKind.TIMEOUT) if n < 3 else ANSWER))[0]
    assert isinstance(answer, Answer)
    assert answer.attempts == 3
    first = asked(stage, stage.model())[0]
    assert isinstance(first, Answer)
    assert first.attempts == ANSWER.attempts


def test_a_lasting_fault_is_asked_once_and_a_passing_one_may_turn_into_it() -> None:
    stage = Stage()
    model = stage.model(lambda n: error(FailureKind.BAD_REQUEST))
    (failure,) = asked(stage, model)
    assert isinstance(failure, ModelError)
    assert (failure.attempts, len(model.starts), stage.slept) == (1, 1, [])
    turning = stage.model(lambda n: error(FailureKind.TIMEOUT if n == 1 else FailureKind.BAD_REQUEST))
    (failure,) = asked(stage, turning)
    assert isinstance(failure, ModelError)
    assert (failure.kind, failure.attempts, len(turning.starts)) == (FailureKind.BAD_REQUEST, 2, 2)


def test_a_fault_before_anything_was_sent_is_no_call() -> None:
    (failure,) = asked(stage := Stage(), stage.model(lambda n: error(FailureKind.NO_SCRIPT, attempts=0)))
    assert isinstance(failure, ModelError)
    assert failure.attempts == 0


def test_a_refusal_for_asking_too_often_is_waited_out_and_no_attempt() -> None:
    stage = Stage()
    model = stage.model(lambda n: error(FailureKind.RATE_LIMIT, 7.0) if n == 1 else ANSWER, holds_s=0.0)
    (answer,) = asked(stage, model)
    assert isinstance(answer, Answer)
    assert (answer.attempts, model.starts) == (ANSWER.attempts, [0.0, 7.0])
    (retry,) = stage.retries
    assert (retry.kind, retry.wait_s, retry.attempt) == (FailureKind.RATE_LIMIT, 7.0, 0)
    assert 0 < retry.spacing_s < 1.0


@pytest.mark.parametrize(("wish", "ends"), [(PATIENCE_S, False), (PATIENCE_S + 1, True)])
def test_a_wait_that_is_too_long_ends_the_run_for_that_provider(wish: float, ends: bool) -> None:
    stage = Stage()
    model = stage.model(lambda n: error(FailureKind.RATE_LIMIT, wish) if n == 1 else ANSWER, holds_s=0.0)
    found = asked(stage, model, 2)
    if ends:
        assert isinstance(found[0], ModelError)
        assert "its allowance is used up until" in str(found[0])
        assert found[0].retry_after_s == wish
        with pytest.raises(ModelError, match="allowance"):
            stage.calls.lane(model.spec).raise_if_closed("m")
    else:
        assert all(isinstance(f, Answer) for f in found)


def test_a_limit_is_waited_out_without_an_attempt_for_five_minutes() -> None:
    def limited() -> ModelError:
        return ModelError(FailureKind.RATE_LIMIT, "slower")

    stage = Stage()
    (answer,) = asked(stage, stage.model(lambda n: limited() if stage.time < 60 else ANSWER, holds_s=0.0))
    assert isinstance(answer, Answer)
    assert answer.attempts == ANSWER.attempts
    assert 60 <= stage.time <= 85
    for_good = Stage()
    (failure,) = asked(for_good, for_good.model(lambda n: limited(), holds_s=0.0))
    assert "has refused every call for 5 minutes; continue the run later" in str(failure)
    assert PATIENCE_S < for_good.time < PATIENCE_S + 60


@pytest.mark.parametrize("kind", [FailureKind.OVERLOADED, FailureKind.MALFORMED, FailureKind.CONNECTION])
def test_an_outage_of_any_form_is_waited_out_for_five_minutes(kind: FailureKind) -> None:
    stage = Stage()
    model = stage.model(lambda n: error(kind) if 5 < stage.time < 65 else ANSWER, holds_s=0.5)
    assert all(isinstance(a, Answer) for a in asked(stage, model, 80))
    assert stage.time < 85
    assert any(r.away_s > 50 for r in stage.retries)
    for_good = Stage()
    failures = asked(for_good, for_good.model(lambda n: error(kind) if n > 1 else ANSWER, holds_s=0.1), 20)
    assert sum(isinstance(f, Answer) for f in failures) == 1
    assert "has been away for 5 minutes; ask these again later" in str(failures[-1])
    assert for_good.time < PATIENCE_S + 30


def test_one_bad_prompt_opens_nothing_and_fails_alone() -> None:
    stage = Stage(concurrency=1)
    model = stage.model(lambda n: error(FailureKind.OVERLOADED) if n in (3, 4, 5) else ANSWER)
    failures = [a for a in asked(stage, model, 1) + asked(stage, model, 1) if isinstance(a, ModelError)]
    assert failures == []
    (failure,) = asked(stage, model, 1)
    assert isinstance(failure, ModelError)
    assert failure.attempts == FEW
    assert not any(r.away_s for r in stage.retries)


def test_timeouts_among_others_use_no_attempt() -> None:
    stage = Stage(concurrency=8)
    model = stage.model(lambda n: error(FailureKind.TIMEOUT) if 8 <= n < 12 else ANSWER)
    assert all(isinstance(a, Answer) for a in asked(stage, model, 60))


def test_an_unknown_server_is_asked_half_as_much_at_once_after_a_timeout_once_for_all_that_were_out() -> None:
    stage = Stage(concurrency=50)
    unknown = stage.calls.lane(spec(provider="compatible", address="http://x/v1"))
    assert (unknown.width, stage.calls.lane(spec(provider="ollama")).most) == (8, 2)
    assert stage.calls.lane(spec(provider="openai")).width is None
    flights = [unknown.start("m", 0.0) for _ in range(4)]
    for flight in flights:
        unknown.narrow(flight, 5.0)
    assert unknown.width == 4.0
    unknown.answered(flights[0], 6.0, None)
    assert unknown.width == 4.25


@pytest.mark.parametrize(
    "end", [error(FailureKind.RATE_LIMIT), error(FailureKind.BAD_REQUEST), RuntimeError("a bug")]
)
def test_a_probe_that_is_refused_or_lost_holds_nobody(end: Exception) -> None:
    stage = Stage(concurrency=2)

    refused: list[float] = []

    def reply(number: int) -> Reply:
        if 5 < stage.time < 25:
            return error(FailureKind.OVERLOADED)
        if stage.time >= 25 and not refused:  # the first probe that reaches it
            refused.append(stage.time)
            return end
        return ANSWER

    answers = asked(stage, stage.model(reply, holds_s=0.5), 80)
    assert refused
    assert sum(isinstance(a, Answer) for a in answers) >= 79
    assert stage.time < 60


def test_a_refused_connection_is_an_outage_only_after_an_answer() -> None:
    def refused() -> ModelError:
        return ModelError(FailureKind.CONNECTION, "refused", attempts=0)

    wrong = Stage()
    (failure,) = asked(wrong, wrong.model(lambda n: refused(), holds_s=0.0))
    assert isinstance(failure, ModelError)
    assert wrong.time < 30  # an address that never answered is soon given up
    stage = Stage()
    model = stage.model(lambda n: refused() if 5 < stage.time < 65 else ANSWER, holds_s=0.5)
    assert all(isinstance(a, Answer) for a in asked(stage, model, 80))
    assert stage.time < 100


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 seconds"), (89, "89 seconds"), (90, "2 minutes"), (5399, "90 minutes"), (5400, "1.5 hours")],
)
def test_a_wait_is_told_in_its_unit(seconds: float, said: str) -> None:
    assert _minutes(seconds) == said


def test_after_a_stop_nothing_new_is_asked_and_calls_in_flight_return() -> None:
    stage = Stage(concurrency=2)
    model = stage.model()

    def reply(n: int) -> Reply:
        if n == 2:
            stage.calls.stop()
        return ANSWER

    model._reply = reply
    found = asked(stage, model, 6)
    answers = [a for a in found if isinstance(a, Answer)]
    assert len(answers) == len(model.starts) == 3
    assert stage.calls.stopping
    assert {f.kind for f in found if isinstance(f, ModelError)} == {FailureKind.CANCELLED}
    assert {f.attempts for f in found if isinstance(f, ModelError)} == {0}


def test_a_stop_ends_a_wait_between_attempts() -> None:
    stage = Stage()

    def reply(n: int) -> Reply:
        stage.calls.stop()
        return error(FailureKind.TIMEOUT)

    (failure,) = asked(stage, stage.model(reply))
    assert isinstance(failure, ModelError)
    assert stage.time == 1.0  # the second that the call took; none of the wait after it


def test_one_more_place_is_shared_with_other_runs() -> None:
    stage = Stage(shared=[asyncio.Semaphore(1)])
    model = stage.model()
    asked(stage, model, 4)
    assert model.peak == 1
    assert model.starts == [0.0, 1.0, 2.0, 3.0]


def test_a_closed_model_is_closed_behind_its_guard_too() -> None:
    stage = Stage()
    model = stage.model()
    guarded = stage.calls.guard(model)
    assert guarded.spec == model.spec

    async def close() -> Answer:
        await guarded.close()
        return ANSWER

    stage.go(close())
    assert model.closed


def test_an_answer_carries_its_cost_and_what_failed_calls_may_cost() -> None:
    prices = Prices(cost=lambda s, a: 0.25, ceiling=lambda s, p, b: Most(1.0, 1.0, 0.0, 0.5))
    stage = Stage(prices=prices, cap_usd=2.0)
    answer = asked(stage, stage.model(lambda n: error(FailureKind.TIMEOUT) if n == 1 else ANSWER))[0]
    assert isinstance(answer, Answer)
    assert (answer.cost_usd, answer.doubtful_usd, answer.attempts) == (0.25, 0.5, 2)
    assert (stage.calls.budget.spent, stage.calls.budget.doubtful) == (0.25, 0.5)
    (refused,) = asked(stage, stage.model(lambda n: error(FailureKind.RATE_LIMIT, 1.0) if n == 1 else ANSWER))
    assert isinstance(refused, Answer)
    assert refused.doubtful_usd == 0.0
    (failure,) = asked(stage, stage.model(lambda n: error(FailureKind.TIMEOUT)))
    assert isinstance(failure, ModelError)
    # a third try would not fit under the cap
    assert (failure.kind, failure.doubtful_usd) == (FailureKind.BUDGET, 1.0)
    none = asked(Stage(prices=prices, cap_usd=0.4), stage.model())[0]
    assert isinstance(none, ModelError)
    assert none.kind is FailureKind.BUDGET


@pytest.mark.parametrize(
    ("kind", "doubtful"),
    [
        (FailureKind.TIMEOUT, 1.5),
        (FailureKind.CONNECTION, 1.5),
        (FailureKind.MALFORMED, 1.5),
        (FailureKind.OVERLOADED, 0.0),
        (FailureKind.BAD_REQUEST, 0.0),
    ],
)
def test_only_calls_whose_reply_may_have_left_are_possibly_charged(
    kind: FailureKind, doubtful: float
) -> None:
    prices = Prices(cost=lambda s, a: 0.25, ceiling=lambda s, p, b: Most(1.0, 1.0, 0.0, 0.5))
    stage = Stage(prices=prices, cap_usd=9.0)
    (failure,) = asked(stage, stage.model(lambda n: error(kind)))
    assert isinstance(failure, ModelError)
    assert failure.doubtful_usd == stage.calls.budget.doubtful == doubtful
    assert stage.calls.budget.spent == 0


def test_a_call_that_never_left_cannot_have_been_charged() -> None:
    prices = Prices(cost=lambda s, a: 0.25, ceiling=lambda s, p, b: Most(1.0, 1.0, 0.0, 0.5))
    stage = Stage(prices=prices, cap_usd=9.0)
    (failure,) = asked(stage, stage.model(lambda n: error(FailureKind.TIMEOUT, attempts=0)))
    assert isinstance(failure, ModelError)
    assert failure.doubtful_usd == stage.calls.budget.doubtful == 0.0


@pytest.mark.parametrize("proven", [True, False])
def test_a_wait_that_is_too_long_is_told_at_once_to_all_who_wait(proven: bool) -> None:
    stage = Stage(concurrency=4, proven=proven)
    model = stage.model(lambda n: error(FailureKind.RATE_LIMIT, 3600.0))
    found = asked(stage, model, 12)
    assert stage.time <= 2.0
    assert all("its allowance is used up until" in str(f) for f in found)
    assert len(model.starts) <= 4


def test_a_key_refused_during_a_pause_is_told_at_once_to_all_waiting() -> None:
    stage = Stage(concurrency=4)
    others = error(FailureKind.NO_CREDIT)
    model = stage.model(
        lambda n: ANSWER if n == 1 else error(FailureKind.RATE_LIMIT, 20.0) if n == 2 else others
    )
    found = asked(stage, model, 12)
    assert stage.time <= 30.0  # three in a row say so, the last after the pause
    assert {f.kind for f in found if isinstance(f, ModelError)} == {FailureKind.NO_CREDIT}


@pytest.mark.parametrize("wish", [None, 0.0, 0.05])
def test_a_server_that_refuses_everything_is_not_asked_hundreds_of_times(wish: float | None) -> None:
    stage = Stage(concurrency=8)

    def reply(n: int) -> Reply:
        if stage.time >= 60:
            stage.calls.stop()
        return error(FailureKind.RATE_LIMIT, wish)

    model = stage.model(reply, holds_s=0.05)
    asked(stage, model, 40)
    assert len(model.starts) <= 30


def test_calls_that_were_out_together_are_refused_as_one() -> None:
    stage = Stage(concurrency=8)
    model = stage.model(lambda n: error(FailureKind.RATE_LIMIT) if 1 < n <= 5 else ANSWER)
    asked(stage, model, 5)
    assert max(r.wait_s for r in stage.retries) < 4.0  # not four times as long for each of them


def test_a_refusal_for_asking_too_often_costs_nothing() -> None:
    prices = Prices(cost=lambda s, a: 0.25, ceiling=lambda s, p, b: Most(1.0, 1.0, 0.0, 0.5))
    stage = Stage(prices=prices, cap_usd=2.0)
    asked(stage, stage.model(lambda n: error(FailureKind.RATE_LIMIT, 1.0) if n < 9 else ANSWER))
    assert (stage.calls.budget.spent, stage.calls.budget.doubtful) == (0.25, 0.0)


def test_calls_that_are_stopped_while_they_wait_may_have_cost_nothing() -> None:
    prices = Prices(cost=lambda s, a: 0.25, ceiling=lambda s, p, b: Most(1.0, 1.0, 0.0, 0.5))
    stage = Stage(concurrency=1, prices=prices, cap_usd=9.0)

    def reply(n: int) -> Reply:
        stage.calls.stop()
        return ANSWER

    asked(stage, stage.model(reply), 5)
    assert (stage.calls.budget.spent, stage.calls.budget.doubtful) == (0.25, 0.0)


def test_a_model_that_is_refused_now_and_then_is_not_given_up() -> None:
    stage = Stage(concurrency=1)
    model = stage.model(
        lambda n: error(FailureKind.RATE_LIMIT, 1.0) if n in (2, 50) else ANSWER, holds_s=10.0
    )
    assert all(isinstance(a, Answer) for a in asked(stage, model, 60))


def test_the_pace_that_a_provider_announces_is_kept() -> None:
    stage = Stage()
    model = stage.model(lambda n: ANSWER.model_copy(update={"spacing_s": 5.0}), holds_s=0.0)
    asked(stage, model, 4)
    assert model.starts[3] - model.starts[2] >= 5.0


@pytest.mark.parametrize(
    ("kind", "slower"), [(FailureKind.RATE_LIMIT, True), (FailureKind.OVERLOADED, False)]
)
def test_only_who_is_asked_to_slow_down_is_told_so(kind: FailureKind, slower: bool) -> None:
    stage = Stage()
    failure = error(kind, 1.0)
    failure.status = 429 if slower else 503
    asked(stage, stage.model(lambda n: failure if n < 4 else ANSWER), 6)
    assert stage.retries
    assert any(r.spacing_s > 0 for r in stage.retries) is slower


def test_a_ceiling_that_rises_while_calls_wait_is_reserved_before_they_go() -> None:
    stage = Stage(prices=priced(), cap_usd=0.35, concurrency=1)
    model = stage.model(
        lambda n: ANSWER.model_copy(update={"output_tokens": 300}),
        of=spec().model_copy(update={"max_tokens": 100}),
    )
    got = asked(stage, model, 3)
    assert len(model.starts) == 1
    assert sorted(type(g).__name__ for g in got) == ["Answer", "ModelError", "ModelError"]
    refused = [(g.kind, g.attempts) for g in got if isinstance(g, ModelError)]
    assert refused == [(FailureKind.BUDGET, 0)] * 2


def test_the_bench_of_outages_runs_this_engine_and_a_wrong_key_costs_few_calls() -> None:
    from tools.bench.outages import misses, neighbours, played, wrong

    for scene in (*wrong(), *neighbours()):
        assert misses(scene, played(scene)) == []
