"""The SDK adapters against a real HTTP server that speaks both protocols, with every fault it can have."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from pydantic import SecretStr

from escape import models, prompts
from escape.judges import checklist
from escape.models import Offer, prices
from escape.models.parts import Parts
from escape.models.protocols import ChatModel, SdkModel
from escape.models.protocols.failures import kind_of
from escape.models.protocols.openai import split_thinking
from escape.models.providers import PROVIDERS
from escape.models.specs import family
from escape.puzzles import scripted_model, scripted_players, unanswered_puzzles
from escape.types import Answer, FailureKind, ModelError, ModelSpec, Prompt, Puzzle, SpecError
from tests.fake_server import ANSWER, PROBE, FakeServer

KEY = SecretStr("sk-test-openai-000000000000")
BOTH = pytest.mark.parametrize("provider", ["openai", "anthropic"])


def ask(spec: ModelSpec, prompt: Prompt | None = None) -> Answer:
    async def once() -> Answer:
        model = models.build(spec, KEY)
        try:
            return await model.complete(prompt or PROBE)
        finally:
            await model.close()

    return asyncio.run(once())


def failure(spec: ModelSpec) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(spec)
    return caught.value


def spec(provider: str, model: str, **more: object) -> ModelSpec:
    # a busy machine may need a second for a call that is not slow
    patience = 1.0 if "slow" in model else 20.0
    return ModelSpec.model_validate({"provider": provider, "model": model, "timeout_s": patience, **more})


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
        ("always-429-m", FailureKind.RATE_LIMIT),
        ("always-500-m", FailureKind.OVERLOADED),
        ("always-529-m", FailureKind.OVERLOADED),
        ("always-drop-m", FailureKind.CONNECTION),
        ("always-malformed-m", FailureKind.MALFORMED),
        ("always-html-m", FailureKind.WRONG_ADDRESS),
        ("always-slow-m", FailureKind.TIMEOUT),
        ("badkey-m", FailureKind.BAD_KEY),
        ("nocredit-m", FailureKind.NO_CREDIT),
        ("poor-m", FailureKind.NO_CREDIT),
        ("unknown-m", FailureKind.UNKNOWN_MODEL),
        ("badrequest-m", FailureKind.BAD_REQUEST),
    ],
)
def test_every_fault_has_its_kind_and_one_call(
    both_apis: FakeServer, provider: str, model: str, kind: FailureKind
) -> None:
    error = failure(spec(provider, model))
    assert error.kind is kind
    assert len(both_apis.requests) == 1  # the SDK's own retries are off
    assert KEY.get_secret_value() not in str(error)
    if kind is FailureKind.RATE_LIMIT:
        assert error.retry_after_s == 0.05


@BOTH
def test_an_empty_answer_and_a_refusal_are_answers(both_apis: FakeServer, provider: str) -> None:
    assert ask(spec(provider, "empty-m")).text == ""
    thought = ask(spec(provider, "allthinking-m"))
    assert (thought.text, thought.cut_off) == ("", True)
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
def test_a_newer_model_that_refuses_temperature_is_asked_without_it(
    both_apis: FakeServer, provider: str
) -> None:
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
    prompt = checklist.checklist(bundled[0], "text", "==m==")
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
    for heading in ("Physical Principles", "Solution Steps", "Required Items"):
        assert heading in messages["messages"][0]["content"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gpt-4o", "is not a provider"),
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
    typed = {models.key_scope(models.parse("openai:gpt-4o"), {}): SecretStr("typed")}
    assert models.key_for(models.parse("openai:gpt-4o"), typed, {"OPENAI_API_KEY": "k"}) == SecretStr("typed")
    assert models.key_for(models.parse("demo:careful"), {}, {}) is None


@pytest.mark.parametrize("name", ["demo:nobody", "control:nobody", "compatible:x"])
def test_a_player_that_cannot_be_built_says_why(name: str) -> None:
    with pytest.raises(SpecError):
        models.build(models.parse(name), None)


def test_demo_players_have_an_answer_to_every_bundled_puzzle(bundled: list[Puzzle]) -> None:
    for spec_ in scripted_players(bundled):
        if spec_.provider == "demo":
            for puzzle in bundled[:5]:
                model = scripted_model(spec_, bundled)
                assert asyncio.run(model.complete(prompts.player(puzzle))).text
    stranger = bundled[0].model_copy(update={"problem_id": "NEW_1"})
    with pytest.raises(ModelError, match="no answer written for this puzzle"):
        asyncio.run(scripted_model(models.parse("demo:careful"), bundled).complete(prompts.player(stranger)))


def test_prices_come_from_the_list_and_an_unknown_one_is_none() -> None:
    answer = Answer(text="", input_tokens=1_000_000, output_tokens=100_000)
    # OpenAI's list price of gpt-4o: 2.50 USD in and 10 USD out a million tokens
    assert prices.call_cost(models.parse("openai:gpt-4o"), answer) == pytest.approx(2.5 + 1.0)
    assert prices.call_cost(models.parse("openai:no-such-model"), answer) is None
    assert prices.call_cost(models.parse("openai:gpt-4o"), Answer(text="")) is None
    assert prices.call_cost(models.parse("demo:careful"), answer) == 0


def test_the_ceiling_of_a_call_lies_above_its_cost(bundled: list[Puzzle]) -> None:
    spec_ = models.parse("openai:gpt-4o", max_tokens=500)
    prompt = prompts.player(bundled[0])
    words = len(prompt.user.split()) + len(prompt.system.split())
    real = Answer(text="", input_tokens=int(words * 1.6), output_tokens=500)
    ceiling, cost = prices.ceiling(spec_, prompt), prices.call_cost(spec_, real)
    assert ceiling is not None
    assert cost is not None
    assert cost < ceiling.usd


@pytest.mark.parametrize(
    ("model", "out"),
    [("good", 100), ("apart-m", 900), ("details-m", 900), ("within-m", 900), ("oddusage-m", None)],
)
def test_thinking_is_counted_however_it_is_reported(
    both_apis: FakeServer, model: str, out: int | None
) -> None:
    answer = ask(spec("openai", model))
    assert answer.output_tokens == out
    # a figure that makes no sense is no reason to lose, or to ask for, an answer
    assert answer.text == ANSWER
    assert len(both_apis.requests) == 1


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        (
            "proxy403-m",
            FailureKind.WRONG_ADDRESS,
            "the call was blocked by a proxy or firewall, not by the provider",
        ),
        (
            "nginx404-m",
            FailureKind.WRONG_ADDRESS,
            "nothing at this address answers as a model does; check the address",
        ),
        ("nginx502-m", FailureKind.OVERLOADED, "overloaded or failed"),
        ("inside-m", FailureKind.OVERLOADED, "upstream has no capacity"),
        ("insidelimit-m", FailureKind.RATE_LIMIT, "slow down"),
    ],
)
def test_what_is_not_the_models_fault_is_told_in_its_own_words(
    both_apis: FakeServer, model: str, kind: FailureKind, words: str
) -> None:
    error = failure(spec("openai", model))
    assert (error.kind, words in error.message) == (kind, True), error.message


def test_a_timeout_names_an_option_that_there_is(both_apis: FakeServer) -> None:
    from escape.__main__ import main

    error = failure(spec("openai", "always-slow-m"))
    assert "--timeout" in error.message
    assert any("--timeout" in p.opts for p in main.commands["run"].params)


def test_a_model_served_only_by_the_responses_api_is_asked_there(both_apis: FakeServer) -> None:
    wanted = spec("openai", "elsewhere-m", effort="high", temperature=0.0)
    model = models.build(wanted, KEY)

    async def twice() -> list[Answer]:
        try:
            return [await model.complete(PROBE) for _ in range(2)]
        finally:
            await model.close()

    first, second = asyncio.run(twice())
    assert (first.text, first.reasoning, first.output_tokens) == (ANSWER, "thought about it", 100)
    assert [p.rpartition("/v1")[2] for p in both_apis.paths] == [
        "/chat/completions",
        "/responses",
        "/responses",
    ]
    assert both_apis.requests[-1]["reasoning"] == {"effort": "high"}
    assert both_apis.requests[-1]["store"] is False
    assert second.text == ANSWER


@pytest.mark.parametrize(
    ("provider", "sent"),
    [("openai", {"reasoning_effort": "high"}), ("anthropic", {"output_config": {"effort": "high"}})],
)
def test_effort_is_passed_on_and_left_out_where_a_server_knows_none(
    both_apis: FakeServer, provider: str, sent: dict[str, object]
) -> None:
    assert ask(spec(provider, "good", effort="high")).text == ANSWER
    assert both_apis.requests[-1].items() >= sent.items()
    assert ask(spec(provider, "noeffort-m", effort="high")).text == ANSWER
    assert not set(sent) & set(both_apis.requests[-1])


def test_an_effort_is_part_of_a_players_name() -> None:
    wanted = models.parse("openai:gpt-5[high]")
    assert (wanted.model, wanted.effort, wanted.name) == ("gpt-5", "high", "openai:gpt-5[high]")
    with pytest.raises(SpecError, match="has no effort"):
        models.parse("groq:llama[high]")


@pytest.mark.parametrize("provider", ["openai", "anthropic", "groq", "deepseek"])
def test_a_model_name_sends_no_key_elsewhere(provider: str) -> None:
    with pytest.raises(SpecError, match="has a fixed address"):
        models.parse(f"{provider}:gpt-4o@http://elsewhere.example/v1")
    file = ModelSpec(provider=provider, model="m", base_url="http://elsewhere.example/v1")
    with pytest.raises(SpecError, match="has a fixed address"):
        models.build(file, KEY)
    with pytest.raises(SpecError):
        models.key_for(file, {(provider, "https://api.openai.com/v1"): KEY}, {})


def test_a_typed_key_belongs_to_one_address() -> None:
    mine, other = (models.parse(f"compatible:m@http://{h}/v1") for h in ("mine.example", "other.example"))
    typed = {models.key_scope(mine, {}): KEY}
    assert models.key_for(mine, typed, {}) == KEY
    assert models.key_for(other, typed, {}) is None


def test_a_list_of_models_is_scrubbed_and_bounded(both_apis: FakeServer) -> None:
    key = KEY.get_secret_value()
    both_apis.listed = (
        [{"id": f"{key}-{i}"} for i in range(3)]
        + [{"id": "x" * 5000}]
        + [{"id": f"model-{i}"} for i in range(20_000)]
    )
    found = asyncio.run(models.list_models(ModelSpec(provider="openai", model="list"), KEY))
    assert len(found) <= 5000
    assert all(key not in m.id + m.label and len(m.id) <= 200 for m in found)


def test_a_list_holds_chat_models_alone_with_the_newest_first(both_apis: FakeServer) -> None:
    both_apis.listed = [
        {"id": "gpt-4o", "created": 1_700_000_000},
        {"id": "gpt-9", "created": 1_800_000_000},
        {"id": "claude-x", "created_at": "2026-01-02T00:00:00Z"},
        *(
            {"id": name}
            for name in (
                "dall-e-3",
                "whisper-1",
                "text-embedding-3-small",
                "omni-moderation",
                "tts-1",
                "o1-pro",
            )
        ),
        {"id": "gemini-2.5-pro"},
        {"id": "mistral-ocr", "capabilities": {"completion_chat": True}},
        {"id": "codestral-embed", "capabilities": {"completion_chat": False}},
        {"id": "flux", "type": "image"},
        {"id": "org/llama", "type": "chat"},
        {"id": "x/pictures", "architecture": {"output_modalities": ["image"]}},
    ]
    found = asyncio.run(models.list_models(ModelSpec(provider="openai", model="list"), KEY))
    assert [m.id for m in found] == [
        "gpt-9",
        "claude-x",
        "gpt-4o",
        "gemini-2.5-pro",
        "mistral-ocr",
        "org/llama",
    ]


DAY = 86_400.0


def offer(name: str, days: float = 0.0, provider: str = "openai") -> models.Offer:
    return models.Offer(ModelSpec(provider=provider, model=name), time.time() - days * DAY if days else 0.0)


def named(offers: Sequence[models.Offer]) -> list[str]:
    return [o.spec.model for o in offers]


def test_what_is_suggested_is_cheap_recent_and_no_dated_copy() -> None:
    listed = [offer("gpt-4o-mini", 900), offer("gpt-4.1-nano", 300), offer("gpt-4.1-nano-2025-04-14", 300),
              offer("gpt-4.1-mini", 300), offer("gpt-4.1", 300), offer("unknown", 10)]  # fmt: skip
    assert named(models.suggested([listed])) == ["gpt-4.1-nano", "gpt-4.1-mini"]
    other = [
        offer("claude-haiku-4-5-20251001", 60, "anthropic"),
        offer("claude-opus-4-1-20250805", 60, "anthropic"),
    ]
    assert named(models.suggested([listed, other])) == ["gpt-4.1-nano", "claude-haiku-4-5-20251001"]
    assert named(models.suggested([[offer("gpt-4o", 900), offer("gpt-4-turbo", 900)]])) == [
        "gpt-4o",
        "gpt-4-turbo",
    ]
    assert models.suggested([]) == []


def test_free_models_are_suggested_only_where_nothing_else_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    free, priced = (Offer(ModelSpec(provider="openrouter", model=m)) for m in ("x/y:free", "x/z"))
    usd = {free.spec.model: (0.0, 0.0), priced.spec.model: (1e-7, 4e-7)}
    monkeypatch.setattr("escape.models.offers.per_token", lambda spec: usd[spec.model])
    assert models.suggested([[free, priced]]) == [priced]
    assert models.suggested([[free]]) == [free]


def test_a_free_models_pace_is_what_its_provider_allows() -> None:
    assert PROVIDERS["openrouter"].calls_a_minute("x/y:free") == 20
    assert PROVIDERS["openrouter"].calls_a_minute("x/y") is None
    assert PROVIDERS["openai"].calls_a_minute("gpt-5") is None


def test_the_suggested_judge_passed_the_exam_or_costs_more_than_players() -> None:
    listed = [offer(name) for name in ("gpt-4.1-nano", "gpt-4.1-mini", "gpt-4.1", "gpt-4o")]
    players = listed[:1]
    assert models.suggested_judge(listed, players, ()) is listed[1]
    assert models.suggested_judge(listed, players, ("openai:gpt-4o", "openai:gpt-4.1")) is listed[2]
    assert models.suggested_judge(listed, listed[3:], ()) is listed[2]  # nobody is dearer
    assert models.suggested_judge(players, players, ()) is None


def test_every_provider_names_where_its_key_comes_from() -> None:
    for provider in PROVIDERS.values():
        assert provider.scripted or provider.here or provider.key_env


def test_a_key_that_a_server_sends_back_is_taken_out_of_the_answer(both_apis: FakeServer) -> None:
    answer = ask(spec("openai", f"echo-{KEY.get_secret_value()}"))
    assert KEY.get_secret_value() not in answer.model_dump_json()
    assert "[key]" in answer.model


def test_the_owners_headers_go_to_no_visitors_address(
    both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-owner")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: secret-of-the-owner")
    monkeypatch.setenv("OPENAI_API_KEY", KEY.get_secret_value())
    ask(spec("openai", "good"))
    assert both_apis.headers[-1].get("openai-organization") == "org-of-the-owner"
    ask(spec("compatible", "good", base_url=f"{both_apis.url}/v1"))
    assert "owner" not in " ".join(both_apis.headers[-1].values())
    asyncio.run(ChatModel(Parts(spec("deepseek", "good"), KEY, f"{both_apis.url}/v1")).complete(PROBE))
    assert "owner" not in " ".join(both_apis.headers[-1].values())
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-owner-and-not-the-visitors")  # pragma: allowlist secret
    ask(spec("openai", "good"))
    assert "owner" not in " ".join(both_apis.headers[-1].values())


def test_tokens_written_to_and_read_from_a_cache_were_sent() -> None:
    from escape.models.protocols.anthropic_messages import _Usage

    assert (
        _Usage(
            input_tokens=1, output_tokens=5, cache_read_input_tokens=10, cache_creation_input_tokens=100
        ).sent
        == 111
    )
    assert _Usage(input_tokens=1, output_tokens=5).sent == 1
    assert _Usage(output_tokens=5).sent is None


def test_a_players_own_address_beats_the_environments_and_the_built_in() -> None:
    ollama, env = PROVIDERS["ollama"], {"OLLAMA_BASE_URL": "http://env/v1"}
    own = ModelSpec(provider="ollama", model="m", base_url="http://own/v1")
    bare = ModelSpec(provider="ollama", model="m")
    assert [ollama.address(s, e) for s, e in ((own, env), (bare, env), (bare, {}))] == [
        "http://own/v1",
        "http://env/v1",
        "http://localhost:11434/v1",
    ]
    assert models.key_scope(ModelSpec(provider="openai", model="m"), {})[1] == "https://api.openai.com/v1"
    with pytest.raises(SpecError, match="compatible:MODEL@"):
        PROVIDERS["deepseek"].address(own, {})


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("together:Qwen/Qwen2.5-72B", "alibaba"),
        ("openrouter:anthropic/claude-sonnet-4.5", "anthropic"),
        ("groq:meta-llama/Llama-4", "meta"),
        ("openai:gpt-5", "openai"),
        ("xai:something-new", "xai"),
        ("openrouter:deepseek/deepseek-r1", "deepseek"),
        ("together:google/gemma-3", "google"),
        ("openrouter:mistralai/mistral-large", "mistral"),
        ("local:smollm2-135m", "huggingface"),
    ],
)
def test_whose_model_it_is_shows_in_its_name_or_else_its_provider(name: str, whose: str) -> None:
    provider, _, model = name.partition(":")
    assert family(ModelSpec(provider=provider, model=model)) == whose


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (408, "", FailureKind.TIMEOUT),
        (504, "", FailureKind.TIMEOUT),
        (409, "", FailureKind.OVERLOADED),
        (529, "", FailureKind.OVERLOADED),
        (503, "", FailureKind.OVERLOADED),
        (429, "rate limit", FailureKind.RATE_LIMIT),
        (429, "quota and billing", FailureKind.RATE_LIMIT),
        (429, "insufficient_quota", FailureKind.NO_CREDIT),
        (402, "", FailureKind.NO_CREDIT),
        (403, "credit balance too low", FailureKind.NO_CREDIT),
        (401, "", FailureKind.BAD_KEY),
        (403, "", FailureKind.BAD_KEY),
        (400, "invalid API key", FailureKind.BAD_KEY),
        (404, "", FailureKind.UNKNOWN_MODEL),
        (400, "the model `x` does not exist", FailureKind.UNKNOWN_MODEL),
        (403, "the project has no access to model x: model_not_found", FailureKind.UNKNOWN_MODEL),
        (400, "does not exist", FailureKind.BAD_REQUEST),
        (422, "too long", FailureKind.BAD_REQUEST),
    ],
)
def test_a_status_and_the_servers_words_have_one_kind(status: int, text: str, kind: FailureKind) -> None:
    assert kind_of(status, text) is kind


def test_a_refused_limit_field_is_changed_once_for_all_calls_under_way() -> None:
    model = models.build(ModelSpec(provider="openai", model="m"), SecretStr("sk-x"))
    prompt = Prompt(name="p", version=1, system="s", user="u")
    first, second = model.request(prompt), model.request(prompt)
    assert "max_completion_tokens" in first
    words = "unsupported parameter: max_completion_tokens"
    assert model.adapt(words, first)
    assert "max_tokens" in model.request(prompt)
    assert model.adapt(words, second)  # it was sent before the first refusal came back
    assert "max_tokens" in model.request(prompt)
    assert not model.adapt(words, model.request(prompt))


def test_thinking_of_the_responses_api_is_no_part_of_the_answer() -> None:
    from escape.models.protocols.openai import ResponsesReply, responses_answer

    output = [
        {
            "type": "reasoning",
            "summary": [{"text": "hm"}],
            "content": [{"type": "reasoning_text", "text": "secret"}],
        },
        {"type": "message", "content": [{"type": "output_text", "text": "Pour."}]},
    ]

    answer = responses_answer(
        ResponsesReply.model_validate({"output": output, "model": "m", "status": "completed"})
    )
    assert (answer.text, answer.reasoning) == ("Pour.", "hm")


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("<think>hm</think> Pour.", "hm", "Pour."),
        ("<thinking>hm</thinking>\nPour.", "hm", "Pour."),
        ("hm</think>Pour.", "hm", "Pour."),
        ("<think>hm", "hm", ""),
        ("Solution Steps: a </think> b", "", "Solution Steps: a </think> b"),
        ("Pour.", "", "Pour."),
    ],
)
def test_thinking_is_split_off_in_all_its_forms(text: str, thinking: str, answer: str) -> None:
    assert split_thinking(text) == (thinking, answer)


def test_only_scripted_players_that_know_some_puzzle_are_offered(bundled: list[Puzzle]) -> None:
    mine = bundled[0].model_copy(update={"problem_id": "MINE_1"})
    assert {s.provider for s in scripted_players([mine])} == {"control"}
    assert {s.provider for s in scripted_players([*bundled, mine])} == {"recorded", "demo", "control"}
    careful = ModelSpec(provider="demo", model="careful")
    assert unanswered_puzzles(careful, [*bundled, mine]) == [mine]
    assert unanswered_puzzles(ModelSpec(provider="openai", model="m"), [mine]) == []


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (404, "Not Found", FailureKind.WRONG_ADDRESS),
        (404, "404 page not found", FailureKind.WRONG_ADDRESS),
        (404, "Invalid URL (POST /v2/chat/completions)", FailureKind.WRONG_ADDRESS),
        (404, "The model `m` does not exist or you do not have access to it.", FailureKind.UNKNOWN_MODEL),
        (404, "No endpoints found for openai/gpt-9.", FailureKind.UNKNOWN_MODEL),
        (403, "Your chosen model requires moderation and your input was flagged", FailureKind.BAD_REQUEST),
        (403, "The prompt about a monkey was flagged by our policy", FailureKind.BAD_REQUEST),
        (403, "Country, region, or territory not supported", FailureKind.BAD_REQUEST),
        (403, "You have insufficient permissions for this operation", FailureKind.BAD_KEY),
        (403, "The organization's policy does not allow this API key", FailureKind.BAD_KEY),
        (401, "Invalid key; see our usage policies", FailureKind.BAD_KEY),
    ],
)
def test_a_status_is_understood_by_its_words(status: int, words: str, kind: FailureKind) -> None:
    assert kind_of(status, words) is kind


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_an_effort_that_a_model_does_not_have_is_refused_with_those_it_has(provider: str) -> None:
    said = (
        "'effort' does not support 'minimal' with this reasoning model. Supported values are: 'low' and "
        "'high'."
    )
    model = models.build(spec(provider, "m", effort="minimal"), KEY)
    assert isinstance(model, SdkModel)
    request = model.request(PROBE)
    assert not model.adapt(said.casefold(), request)
    assert model.request(PROBE) == request
    assert model.adapt("unrecognized argument: reasoning_effort, effort", request)
    assert "minimal" not in str(model.request(PROBE))


def test_who_made_a_model_is_not_who_serves_it() -> None:
    def of(name: str) -> str:
        return family(models.parse(name))

    assert of("openrouter:moonshotai/kimi-k2") != of("openrouter:z-ai/glm-4.6")
    assert of("openrouter:somebody/new") != of("openrouter:other/new") == "other"
    assert of("groq:new-one") != of("groq:new-two")
    assert of("mistral:magistral-medium") == of("openrouter:mistralai/saba") == of("mistral:new")
    assert of("local:/models/a.gguf") != of("local:/models/b.gguf")
    assert of("groq:qwq-32b") == of("groq:qwen3-32b")
