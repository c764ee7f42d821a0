"""The budget: a cap that holds whatever servers report, and trials that are finished before others begin."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from escape.calls.budget import Budget
from escape.judges import checklist
from escape.models import prices
from escape.models.prices import Prices
from escape.models.specs import parse
from escape.types import Answer, FailureKind, ModelError, ModelSpec, Prompt

T = TypeVar("T")
SPEC = ModelSpec(provider="fake", model="m", max_tokens=100)
PROMPT = Prompt(name="p", version=1, system="", user="x")
ANSWER = Answer(text="a", input_tokens=10, output_tokens=100)


@dataclass(frozen=True)
class Most:
    tokens_in: float = 10.0
    tokens_out: float = 100.0
    usd_in: float = 0.0
    usd_out: float = 0.001


def priced(*, known: bool = True) -> Prices:
    """A tenth of a cent for each token out; the ceiling of SPEC is 0.1 USD."""

    def cost(spec: ModelSpec, answer: Answer) -> float | None:
        return 0.001 * (answer.output_tokens or 0) if known and answer.output_tokens is not None else None

    return Prices(cost=cost, ceiling=lambda spec, prompt, more: Most() if known else None)


async def one(budget: Budget, answer: Answer = ANSWER) -> Answer:
    async with budget.for_call(SPEC, PROMPT) as money:
        return money.paid(answer)


def run(scene: Callable[[], Awaitable[T]]) -> T:
    async def go() -> T:
        return await scene()

    return asyncio.run(go())


def test_a_call_is_booked_at_its_cost_and_never_above_the_cap() -> None:
    async def scene() -> Budget:
        budget = Budget(priced(), 0.25)
        await one(budget)
        await one(budget)
        with pytest.raises(ModelError) as caught:
            await one(budget)
        assert caught.value.kind is FailureKind.BUDGET
        assert caught.value.attempts == 0
        return budget

    budget = run(scene)
    assert (budget.spent, budget.doubtful, budget.meter) == (pytest.approx(0.2), 0.0, pytest.approx(0.2))


def test_a_server_that_exceeds_its_limit_raises_the_ceiling_of_its_model() -> None:
    async def scene() -> float | None:
        budget = Budget(priced(), 10.0)
        assert budget.ceiling(SPEC, PROMPT) == pytest.approx(0.1)
        await one(budget, Answer(text="a", input_tokens=30, output_tokens=300))
        await one(budget)  # a modest reply afterwards proves nothing
        await one(budget, Answer(text="a", input_tokens=5, output_tokens=1))
        dear = Most(usd_in=0.01)
        larger = Budget(Prices(cost=lambda spec, answer: 1.0, ceiling=lambda spec, prompt, more: dear), 10.0)
        await one(larger, Answer(text="a", input_tokens=40, output_tokens=1))
        assert larger.ceiling(SPEC, PROMPT) == pytest.approx(0.1 + 4 * 0.1)
        return budget.ceiling(SPEC, PROMPT)

    assert run(scene) == pytest.approx(0.3)


def test_a_call_cut_short_counts_in_full() -> None:
    async def scene() -> Budget:
        budget = Budget(priced(), 1.0)
        with pytest.raises(asyncio.CancelledError):
            async with budget.for_call(SPEC, PROMPT):
                raise asyncio.CancelledError
        return budget

    budget = run(scene)
    assert (budget.spent, budget.doubtful, budget.meter) == (0.0, pytest.approx(0.1), pytest.approx(0.1))


@pytest.mark.parametrize("cap", [1.0, None])
@pytest.mark.parametrize(("may_cost", "doubtful"), [(True, 0.1), (False, 0.0)])
def test_a_failed_call_counts_where_the_provider_may_charge_it(
    cap: float | None, may_cost: bool, doubtful: float
) -> None:
    async def scene() -> Budget:
        budget = Budget(priced(), cap)
        async with budget.for_call(SPEC, PROMPT) as money:
            assert money.failed(may_cost=may_cost) == pytest.approx(doubtful)
        return budget

    budget = run(scene)
    assert (budget.doubtful, budget._reserved) == (pytest.approx(doubtful), 0.0)


def test_a_reply_without_usage_counts_in_full_under_a_cap() -> None:
    async def scene() -> tuple[Budget, Answer]:
        budget = Budget(priced(), 1.0)
        return budget, await one(budget, Answer(text="a"))

    budget, answer = run(scene)  # type: ignore[misc]
    assert (answer.cost_usd, answer.doubtful_usd) == (None, pytest.approx(0.1))
    assert budget.doubtful == pytest.approx(0.1)
    assert budget.meter is None


def test_an_unknown_price_is_refused_under_a_cap_and_let_pass_without() -> None:
    async def scene(cap: float | None) -> Answer:
        return await one(Budget(priced(known=False), cap))

    with pytest.raises(ModelError, match="price of fake:m is unknown"):
        run(lambda: scene(1.0))
    assert isinstance(run(lambda: scene(None)), Answer)


def test_a_trial_is_finished_before_the_next_begins_when_money_is_short() -> None:
    async def scene() -> tuple[int, int]:
        budget, whole, begun = Budget(priced(), 0.5), 0, 0

        async def trial() -> None:
            nonlocal whole, begun
            async with budget.spending(*await budget.book([0.2])):  # a player's call and a repair
                begun += 1
                await one(budget, Answer(text="a", input_tokens=1, output_tokens=50))
                await asyncio.sleep(0)
                await one(budget, Answer(text="a", input_tokens=1, output_tokens=50))
                whole += 1

        ends = await asyncio.gather(*(trial() for _ in range(20)), return_exceptions=True)
        assert all(isinstance(e, ModelError) and e.kind is FailureKind.BUDGET for e in ends if e is not None)
        assert budget.spent <= 0.5
        return begun, whole

    begun, whole = run(scene)  # type: ignore[misc]
    assert begun == whole == 4  # each costs 0.1; a fifth might cost 0.2 where 0.1 is left


def test_what_was_spent_before_counts_against_the_cap_and_not_in_the_meter() -> None:
    async def scene() -> Budget:
        budget = Budget(priced(), 0.35, spent_usd=0.2)
        await one(budget)
        with pytest.raises(ModelError):
            await one(budget)
        return budget

    budget = run(scene)
    assert budget.meter == pytest.approx(0.1)


def test_the_most_of_a_judges_bill_counts_its_second_and_third_asking() -> None:
    from escape.puzzles import files
    from escape.runs import costs
    from escape.types import JudgeSpec, RunConfig

    rooms = files.load(files.BUNDLED)[:1]
    spec = parse("openai:gpt-4o")
    config = RunConfig(
        players=(spec,), judge=JudgeSpec(design="checklist", model=spec), problem_ids=(rooms[0].problem_id,)
    )
    _, judge = costs.estimate_bills(config, rooms)
    marked = checklist.checklist(rooms[0], costs.controls.reference(rooms[0]), "=" * 20)
    once = prices.ceiling(spec, marked, costs.BYTES_A_TOKEN * spec.max_tokens)
    assert once is not None
    assert judge.most == pytest.approx(3 * once.usd)


def test_a_bill_counts_finished_answers_for_the_judge_only() -> None:
    from escape.puzzles import files
    from escape.runs import costs
    from escape.types import JudgeSpec, RunConfig

    rooms = files.load(files.BUNDLED)
    spec = parse("openai:gpt-4o")
    config = RunConfig(
        players=(spec,),
        judge=JudgeSpec(design="checklist", model=spec),
        problem_ids=tuple(p.problem_id for p in rooms),
        repeats=3,
    )
    every = list(config.trials())
    assert costs.estimate_bills(config, rooms, every) == costs.estimate_bills(config, rooms)
    players, judge = costs.estimate_bills(config, rooms, every[3:4], every[:4])
    assert (players.calls, judge.calls) == (1, 4)


def test_a_trial_that_asks_for_more_than_was_booked_leaves_nothing_aside() -> None:
    """Its judge is asked a second time.

    The first call uses what was set aside, the second draws on the rest.
    """

    async def scene() -> Budget:
        budget = Budget(priced(), 1.0)
        async with budget.spending(*await budget.book([0.1])):
            for _ in range(3):
                await one(budget)
        return budget

    budget = run(scene)
    assert budget.spent == pytest.approx(0.3)
    assert budget._reserved == pytest.approx(0.0)


def test_a_call_beyond_its_trials_reserve_draws_on_the_rest_of_the_cap() -> None:
    async def scene() -> Budget:
        budget = Budget(priced(), 0.25)
        async with budget.spending(*await budget.book([0.15])):
            await one(budget)  # 0.05 of the trial's money is left: half a ceiling
            await one(budget)
            with pytest.raises(ModelError):
                await one(budget)
        return budget

    budget = run(scene)
    assert budget.spent == pytest.approx(0.2)
    assert budget._reserved == pytest.approx(0.0)


def test_a_trial_without_a_price_or_a_cap_reserves_nothing() -> None:
    async def scene() -> None:
        for budget, usd in ((Budget(priced(), cap=None), 5.0), (Budget(priced(), cap=1.0), 0.0)):
            async with budget.spending(*await budget.book([usd])):
                assert budget._reserved == 0.0
        capped = Budget(priced(), cap=1.0)
        async with capped.spending(*await capped.book([1.0])):
            assert capped._reserved == 1.0
        assert capped._reserved == 0.0
        with pytest.raises(ModelError, match=r"up to 1\.0100 USD, which does not fit under the cap of 1 USD"):
            async with capped.spending(*await capped.book([1.01])):
                pass

    run(scene)


def test_what_a_call_does_not_use_stays_with_its_trial_and_then_goes_back() -> None:
    async def scene() -> None:
        budget = Budget(priced(), cap=1.0)
        async with budget.spending(*await budget.book([0.3])):
            await one(budget, Answer(text="a", input_tokens=10, output_tokens=40))
            assert (budget.spent, budget._reserved) == (pytest.approx(0.04), pytest.approx(0.26))
            await one(budget)
            assert (budget.spent, budget._reserved) == (pytest.approx(0.14), pytest.approx(0.16))
        assert budget._reserved == pytest.approx(0)
        await one(budget, Answer(text="a", input_tokens=10, output_tokens=40))  # without a trial
        assert (budget.spent, budget._reserved) == (pytest.approx(0.18), pytest.approx(0))

    run(scene)


def test_usage_beyond_a_limit_raises_the_next_ceiling_of_that_model_alone() -> None:
    async def scene() -> None:
        budget = Budget(priced(), cap=9.0)
        await one(budget, Answer(text="a", input_tokens=10, output_tokens=300))
        assert budget.ceiling(SPEC, PROMPT) == pytest.approx(0.3)
        await one(budget, Answer(text="a", input_tokens=10, output_tokens=50))  # less again: the factor stays
        await one(budget, Answer(text="a", input_tokens=None, output_tokens=500))  # half a report is none
        assert budget.ceiling(SPEC, PROMPT) == pytest.approx(0.3)
        assert budget.ceiling(SPEC.model_copy(update={"model": "other"}), PROMPT) == pytest.approx(0.1)
        free = Budget(priced(), cap=None)
        await one(free, Answer(text="a", input_tokens=10, output_tokens=300))
        assert free.ceiling(SPEC, PROMPT) == pytest.approx(0.1)  # without a cap nobody asks

    run(scene)


def test_an_answer_says_what_it_cost_or_that_nobody_knows() -> None:
    async def scene() -> None:
        budget = Budget(priced(), cap=None)
        assert (await one(budget)).cost_usd == pytest.approx(0.1)
        unknown = Budget(priced(known=False), cap=None)
        answer = await one(unknown)
        assert (answer.cost_usd, answer.doubtful_usd, unknown.meter) == (None, 0.0, None)
        unreported = Budget(priced(), cap=1.0)
        answer = await one(unreported, Answer(text="a"))
        assert (answer.cost_usd, answer.doubtful_usd) == (None, pytest.approx(0.1))
        assert (unreported.spent, unreported.doubtful, unreported._reserved) == (0.0, pytest.approx(0.1), 0.0)

    run(scene)


def test_free_calls_need_no_reserve() -> None:
    async def scene() -> None:
        free = Prices(cost=lambda s, a: 0.0, ceiling=lambda s, p, b: Most(usd_out=0.0))
        budget = Budget(free, cap=0.0)
        assert (await one(budget)).cost_usd == 0.0
        assert budget.meter == 0.0

    run(scene)


def test_money_is_booked_for_all_of_a_room_or_for_none() -> None:
    async def scene() -> None:
        budget = Budget(priced(), cap=1.0)
        first = await budget.book([0.4, 0.4])
        waiting = asyncio.create_task(budget.book([0.2, 0.2]))  # 0.2 would fit, and 0.4 does not
        await asyncio.sleep(0)
        assert not waiting.done()
        for booked in first:
            async with budget.spending(booked):
                pass
        assert [booked.left for booked in await waiting] == [0.2, 0.2]
        with pytest.raises(ModelError, match="for one room's 2 answers"):
            await Budget(priced(), cap=1.0).book([0.6, 0.6], " for one room's 2 answers")

    run(scene)
