"""The SDK adapters against a real HTTP server that speaks both protocols, with every fault it can have."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from escape import models, prompts
from escape.errors import Kind, ModelError, SpecError, scrub
from escape.models import PROVIDERS, prices
from escape.models.failures import kind_of, retry_after
from escape.models.openai_chat import split_thinking
from escape.schema import Answer, ModelSpec, Prompt, Puzzle
from tests.fake_server import ANSWER, FakeServer

KEY = SecretStr("sk-test-openai-000000000000")
BOTH = pytest.mark.parametrize("provider", ["openai", "anthropic"])


def ask(spec: ModelSpec, prompt: Prompt | None = None) -> Answer:
    async def once() -> Answer:
        model = models.build(spec, KEY, [])
        try:
            return await model.complete(prompt or prompts.PROBE)
        finally:
            await model.close()  # type: ignore[attr-defined]

    return asyncio.run(once())


def failure(spec: ModelSpec) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(spec)
    return caught.value


def spec(provider: str, model: str, **more: object) -> ModelSpec:
    return ModelSpec.model_validate({"provider": provider, "model": model, "timeout_s": 1.0, **more})


@BOTH
def test_an_answer_comes_with_model_tokens_and_time(both_apis: FakeServer, provider: str) -> None:
    answer = ask(spec(provider, "good"))
    assert (answer.text, answer.model, answer.finish_reason) == (ANSWER, "good-2026-01-01", "stop")
    assert (answer.input_tokens, answer.output_tokens) == (200, 100)
    assert answer.latency_s > 0
    assert both_apis.keys == [KEY.get_secret_value()]


@BOTH
@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("always-429-m", Kind.RATE_LIMIT),
        ("always-500-m", Kind.OVERLOADED),
        ("always-529-m", Kind.OVERLOADED),
        ("always-drop-m", Kind.CONNECTION),
        ("always-malformed-m", Kind.MALFORMED),
        ("always-html-m", Kind.WRONG_ADDRESS),
        ("always-slow-m", Kind.TIMEOUT),
        ("badkey-m", Kind.BAD_KEY),
        ("nocredit-m", Kind.NO_CREDIT),
        ("poor-m", Kind.NO_CREDIT),
        ("unknown-m", Kind.UNKNOWN_MODEL),
        ("badrequest-m", Kind.BAD_REQUEST),
        ("allthinking-m", Kind.CUT_OFF),
    ],
)
def test_every_fault_has_its_kind_and_one_call(both_apis: FakeServer, provider: str, model: str, kind: Kind) -> None:
    error = failure(spec(provider, model))
    assert error.kind is kind
    assert len(both_apis.requests) == 1  # the SDK's own retries are off
    assert KEY.get_secret_value() not in str(error)
    if kind is Kind.RATE_LIMIT:
        assert error.retry_after_s == 0.05


@BOTH
def test_an_empty_answer_and_a_refusal_are_answers(both_apis: FakeServer, provider: str) -> None:
    assert ask(spec(provider, "empty-m")).text == ""
    refused = ask(spec(provider, "refusal-m"))
    assert (refused.text, refused.finish_reason) == ("I can't help with that.", "refusal")
    cut = ask(spec(provider, "cutoff-m"))
    assert (cut.text, cut.finish_reason) == (ANSWER[:60], "length")


def test_thinking_is_kept_apart_from_the_answer(both_apis: FakeServer) -> None:
    answer = ask(spec("openai", "thinks-m"))
    assert (answer.text, answer.reasoning) == (ANSWER, "so many thoughts")
    assert split_thinking("half a thought</think>\nyes") == ("half a thought", "yes")
    assert split_thinking("<think>never ends") == ("never ends", "")
    assert split_thinking("no thinking") == ("", "no thinking")


@BOTH
def test_a_newer_model_that_refuses_temperature_is_asked_without_it(both_apis: FakeServer, provider: str) -> None:
    assert ask(spec(provider, "newer-m", temperature=0)).text == ANSWER
    assert "temperature" in both_apis.requests[0]
    assert "temperature" not in both_apis.requests[1]


def test_servers_get_the_limit_under_the_name_they_know(both_apis: FakeServer) -> None:
    assert ask(spec("openai", "newer-m", max_tokens=99)).text == ANSWER
    assert both_apis.requests[-1]["max_completion_tokens"] == 99
    assert ask(spec("openai", "older-m", max_tokens=99)).text == ANSWER
    assert both_apis.requests[-1]["max_tokens"] == 99
    address = f"{both_apis.url}/v1"
    assert ask(spec("compatible", "newer-m", max_tokens=99, base_url=address)).text == ANSWER
    assert both_apis.requests[-1]["max_completion_tokens"] == 99


@BOTH
def test_a_server_without_json_schema_is_asked_in_plain_words(
    both_apis: FakeServer, provider: str, bundled: list[Puzzle]
) -> None:
    prompt = prompts.checklist(bundled[0], "text", "==m==")
    assert ask(spec(provider, "good"), prompt).text.startswith("{")
    ask(spec(provider, "older-m"), prompt)
    last = both_apis.requests[-1]
    assert "response_format" not in last
    assert "output_config" not in last


def test_prompts_reach_the_server_as_system_and_user(both_apis: FakeServer, bundled: list[Puzzle]) -> None:
    prompt = prompts.player(bundled[0])
    ask(spec("openai", "good"), prompt)
    ask(spec("anthropic", "good"), prompt)
    chat, messages = both_apis.requests
    assert [m["role"] for m in chat["messages"]] == ["system", "user"]
    assert messages["system"] == prompt.system
    for heading in prompts.SECTIONS:
        assert heading in messages["messages"][0]["content"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gpt-4o", "is no provider"),
        ("opena:gpt", "did you mean 'openai'"),
        ("openai:", "PROVIDER:MODEL"),
        ("openai", "PROVIDER:MODEL"),
    ],
)
def test_a_wrong_name_is_refused_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        models.parse(text)


def test_names_may_hold_colons_slashes_and_an_address() -> None:
    assert models.parse("openai:ft:gpt-4o:me").model == "ft:gpt-4o:me"
    local = models.parse("compatible:org/model@http://localhost:8080/v1")
    assert (local.model, local.base_url) == ("org/model", "http://localhost:8080/v1")


def test_a_missing_key_is_named_with_its_variable() -> None:
    with pytest.raises(SpecError, match="OPENAI_API_KEY"):
        models.key_for(models.parse("openai:gpt-4o"), {}, {})
    assert models.key_for(models.parse("openai:gpt-4o"), {}, {"OPENAI_API_KEY": "k"}) == SecretStr("k")
    typed = {models.place(models.parse("openai:gpt-4o"), {}): SecretStr("typed")}
    assert models.key_for(models.parse("openai:gpt-4o"), typed, {"OPENAI_API_KEY": "k"}) == SecretStr("typed")
    assert models.key_for(models.parse("demo:careful"), {}, {}) is None


@pytest.mark.parametrize("name", ["demo:nobody", "control:nobody", "compatible:x"])
def test_a_player_that_cannot_be_built_says_why(name: str) -> None:
    with pytest.raises(SpecError):
        models.build(models.parse(name), None, [])


def test_demo_players_have_an_answer_to_every_bundled_puzzle(bundled: list[Puzzle]) -> None:
    for spec_ in models.scripted_players(bundled):
        if spec_.provider == "demo":
            for puzzle in bundled[:5]:
                model = models.build(spec_, None, bundled)
                assert asyncio.run(model.complete(prompts.player(puzzle))).text
    stranger = bundled[0].model_copy(update={"problem_id": "NEW_1"})
    with pytest.raises(ModelError, match="no answer written for this puzzle"):
        asyncio.run(models.build(models.parse("demo:careful"), None, bundled).complete(prompts.player(stranger)))


def test_prices_come_from_the_list_and_an_unknown_one_is_none() -> None:
    answer = Answer(text="", input_tokens=1_000_000, output_tokens=100_000)
    # OpenAI's list price of gpt-4o: 2.50 USD in and 10 USD out a million tokens
    assert prices.cost(models.parse("openai:gpt-4o"), answer) == pytest.approx(2.5 + 1.0)
    assert prices.cost(models.parse("openai:no-such-model"), answer) is None
    assert prices.cost(models.parse("openai:gpt-4o"), Answer(text="")) is None
    assert prices.cost(models.parse("demo:careful"), answer) == 0


def test_the_ceiling_of_a_call_lies_above_its_cost(bundled: list[Puzzle]) -> None:
    spec_ = models.parse("openai:gpt-4o", max_tokens=500)
    prompt = prompts.player(bundled[0])
    words = len(prompt.user.split()) + len(prompt.system.split())
    real = Answer(text="", input_tokens=int(words * 1.6), output_tokens=500)
    ceiling, cost = prices.ceiling(spec_, prompt), prices.cost(spec_, real)
    assert ceiling is not None
    assert cost is not None
    assert cost < ceiling.usd


def test_a_wish_to_wait_is_read_in_all_its_forms() -> None:
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after-ms": "250"}) == 0.25
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


def test_statuses_have_kinds() -> None:
    assert kind_of(403, "") is Kind.BAD_KEY
    assert kind_of(402, "Insufficient Balance") is Kind.NO_CREDIT
    assert kind_of(429, "You exceeded your current quota insufficient_quota") is Kind.NO_CREDIT
    assert kind_of(429, "You exceeded your current quota, retry in 34 s") is Kind.RATE_LIMIT
    assert kind_of(403, "the project has no access to model x: model_not_found") is Kind.UNKNOWN_MODEL
    assert kind_of(400, "API key not valid") is Kind.BAD_KEY
    assert kind_of(400, "the model `x` does not exist") is Kind.UNKNOWN_MODEL


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnop",
        "sk-ant-api03-abcdefgh",
        "Bearer abc.def.ghi",
        "AIzaSyA1234567890abcdef",
        "gsk_abcdefghijk",
    ],
)
def test_whatever_looks_like_a_key_is_scrubbed(secret: str) -> None:
    assert secret not in scrub(f"the key {secret} was refused")
    assert "plainkey" not in scrub("the key plainkey was refused", "plainkey")


def test_every_provider_names_where_its_key_comes_from() -> None:
    for provider in PROVIDERS.values():
        assert provider.scripted or provider.here or provider.key_env


def test_a_key_that_a_server_sends_back_is_taken_out_of_the_answer(both_apis: FakeServer) -> None:
    answer = ask(spec("openai", f"echo-{KEY.get_secret_value()}"))
    assert KEY.get_secret_value() not in answer.model_dump_json()
    assert "[key]" in answer.model


def test_the_owners_headers_go_to_no_visitors_address(both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-owner")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: secret-of-the-owner")
    ask(spec("openai", "good"))
    assert both_apis.headers[-1].get("openai-organization") == "org-of-the-owner"
    ask(spec("compatible", "good", base_url=f"{both_apis.url}/v1"))
    sent = " ".join(both_apis.headers[-1].values())
    assert "owner" not in sent
