"""What a call costs, worked out by hand from a price per token."""

import pytest

from escape.models import prices
from escape.types import Answer, ModelSpec, Prompt

PAID = ModelSpec(provider="openai", model="paid", max_tokens=100)
UNKNOWN = ModelSpec(provider="openai", model="nobody-knows-this")
FREE = ModelSpec(provider="demo", model="careful")
LOCAL = ModelSpec(provider="ollama", model="llama")
ASK = Prompt(name="p", version=1, system="s" * 40, user="u" * 60)  # 100 bytes


@pytest.fixture
def two_and_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two USD a million tokens in, ten out."""
    known = prices.per_token

    def price(spec: ModelSpec, at: float | None = None) -> tuple[float, float] | None:
        return (2e-6, 10e-6) if spec.model == "paid" else known(spec, at)

    monkeypatch.setattr(prices, "per_token", price)


def test_prices_are_per_token_and_not_per_thousand() -> None:
    found = prices.per_token(ModelSpec(provider="openai", model="gpt-4o"))
    assert found == (pytest.approx(2.5e-6), pytest.approx(10e-6))
    assert prices.per_token(UNKNOWN) is None
    assert prices.per_token(FREE) == (0.0, 0.0)


def test_a_call_costs_its_tokens_and_half_a_report_leaves_it_unknown(two_and_ten: None) -> None:
    def cost(in_: int | None, out: int | None, spec: ModelSpec = PAID) -> float | None:
        return prices.call_cost(spec, Answer(text="x", input_tokens=in_, output_tokens=out))

    assert cost(1000, 100) == pytest.approx(0.002 + 0.001)
    assert cost(0, 0) is None  # a text took some
    assert cost(None, 100) is cost(100, None) is None
    assert cost(100, 100, UNKNOWN) is None
    assert cost(None, None, FREE) == 0.0


def test_tokens_are_four_bytes_and_at_most_two(two_and_ten: None) -> None:
    def sent(prompt: Prompt, more: int = 0) -> float:
        made = prices.ceiling(PAID, prompt, more)
        assert made
        return made.tokens_in

    assert sent(ASK) == 100 / 2 + 50
    assert sent(ASK, 30) == 130 / 2 + 50
    with_form = ASK.model_copy(update={"reply_schema": {"type": "object"}})
    assert sent(with_form) == 100 / 2 + len("{'type': 'object'}") / 2 + 50
    found = prices.ceiling(PAID, ASK)
    assert found == (100.0, 100, 2e-6, 10e-6)
    assert found is not None
    assert found.usd == pytest.approx(0.0002 + 0.001)
    assert prices.ceiling(UNKNOWN, ASK) is None


def test_a_bill_is_a_range_and_the_most_it_can_be(two_and_ten: None) -> None:
    bill = prices.bill(PAID, [(ASK, 2), (ASK, 4)], (50, 80))
    assert bill.calls == 6
    assert bill.low == pytest.approx(3 * (0.85 * 50 * 2e-6 + 100 * 10e-6))
    assert bill.high == pytest.approx(3 * (1.25 * 50 * 2e-6 + 160 * 10e-6))
    assert bill.most == pytest.approx(3 * 2 * (100 * 2e-6 + 100 * 10e-6))
    longer = prices.bill(PAID, [(ASK, 1)], (50, 80), longest_bytes=100)
    assert longer.most == pytest.approx(150 * 2e-6 + 100 * 10e-6)
    short = prices.bill(PAID, [(ASK, 1)], (500, 800))  # no answer is longer than its limit
    assert short.low == pytest.approx(0.85 * 25 * 2e-6 + 100 * 10e-6)
    unknown = prices.bill(UNKNOWN, [(ASK, 2)], (50, 80))
    assert (unknown.calls, unknown.low, unknown.most) == (2, None, None)
    free = prices.bill(FREE, [(ASK, 2)], (50, 80))
    assert (free.calls, free.most) == (0, 0.0)  # a scripted player makes no call
    assert prices.bill(LOCAL, [(ASK, 2)], (50, 80)).calls == 2


def test_a_provider_with_peak_hours_costs_what_it_costs_at_that_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """DeepSeek's list: 0.55 USD a million tokens in from 0:30 to 16:30 UTC, a quarter of that at night."""
    reasoner = ModelSpec(provider="deepseek", model="deepseek-reasoner", timeout_s=120)
    day, night = 12 * 3600.0, 20 * 3600.0
    dear, cheap = prices.per_token(reasoner, day), prices.per_token(reasoner, night)
    assert dear is not None
    assert cheap is not None
    assert dear[0] == pytest.approx(0.55e-6)
    assert cheap[0] == pytest.approx(0.135e-6)
    monkeypatch.setattr(prices.time, "time", lambda: 30 * 60 - 60.0)  # a minute before the dear hours begin
    most = prices.ceiling(reasoner, ASK)
    assert most is not None
    assert (most.usd_in, most.usd_out) == dear
    assert prices.call_cost(reasoner, Answer(text="x", input_tokens=10**6, output_tokens=0)) == pytest.approx(
        0.135
    )


def test_prompts_are_measured_in_bytes_for_scripts_with_longer_tokens(two_and_ten: None) -> None:
    latin, cyrillic = (ASK.model_copy(update={"user": letter * 1000}) for letter in ("a", "я"))
    low, high = prices.ceiling(PAID, latin), prices.ceiling(PAID, cyrillic)
    assert low is not None
    assert high is not None
    assert high.tokens_in - low.tokens_in == pytest.approx(500)  # a token for every two bytes


def test_conversations_cost_what_each_of_them_costs(two_and_ten: None) -> None:
    both = prices.conversations(PAID, [(ASK, 2, 5, 3), (ASK, 4, 9, 1)])
    each = [prices.conversations(PAID, [one]) for one in ((ASK, 2, 5, 3), (ASK, 4, 9, 1))]
    for name in ("low", "high", "most"):
        assert getattr(both, name) == pytest.approx(sum(getattr(one, name) for one in each))
