"""From a name to a model: what a name may hold, whose key goes where, and which names are offered."""

import pytest
from pydantic import SecretStr

from escape import models
from escape.models import specs
from escape.models.protocols.listing import Page, near
from escape.models.providers import PROVIDERS
from escape.types import ModelSpec, SpecError

KEY = SecretStr("sk-typed-0000000000")


@pytest.mark.parametrize(
    "name", ["openai:gpt-4o", "demo:careful", "compatible:a/b:c", "openai:o3[high]", "openai:o3[high][500]"]
)
def test_a_name_comes_back_as_it_was_written(name: str) -> None:
    assert specs.parse(name).name == name


def test_an_address_in_a_name_is_no_part_of_the_model() -> None:
    found = specs.parse("compatible:a/b:c@http://h:1/v1")
    assert (found.model, found.base_url) == ("a/b:c", "http://h:1/v1")
    with pytest.raises(
        SpecError, match="has a fixed address; to use another one write compatible:MODEL@http://h/v1"
    ):
        specs.parse("openai:m@http://h/v1")


def test_limits_given_beside_a_name_are_kept_and_else_usual() -> None:
    usual = ModelSpec(provider="openai", model="m")
    found = specs.parse("openai:m", max_tokens=50, timeout_s=9.0)
    assert (found.max_tokens, found.timeout_s) == (50, 9.0)
    assert specs.parse("openai:m") == usual


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("opnai:m", "is not a provider"),
        ("openai", "name a model as PROVIDER:MODEL, for example openai:MODEL"),
        ("openai:", "name a model as PROVIDER:MODEL"),
        ("demo:careful[high]", "remove the brackets"),
        ("openai:" + "m" * 600, "model: "),
    ],
)
def test_a_name_that_cannot_be_used_says_what_to_write(name: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        specs.parse(name)
    assert words in str(caught.value)


def test_a_key_is_the_one_typed_for_that_address_or_the_environments() -> None:
    env = {"OPENAI_API_KEY": "sk-env-0000000000"}  # pragma: allowlist secret
    spec = ModelSpec(provider="openai", model="m")
    typed = {specs.key_scope(spec, {}): KEY}

    def key(of: ModelSpec, typed_: dict[tuple[str, str], SecretStr], env_: dict[str, str]) -> str | None:
        found = specs.key_for(of, typed_, env_, addresses=env_)
        return found.get_secret_value() if found else None

    assert key(spec, typed, env) == KEY.get_secret_value()
    assert key(spec, {}, env) == env["OPENAI_API_KEY"]
    with pytest.raises(SpecError, match="needs a key; type it in its field, or set OPENAI_API_KEY"):
        key(spec, {}, {})
    mine = ModelSpec(provider="compatible", model="m", base_url="http://h/v1")
    owned = {
        "COMPATIBLE_API_KEY": "sk-mine-0000000000",  # pragma: allowlist secret
        "COMPATIBLE_BASE_URL": "http://h/v1",
    }  # pragma: allowlist secret
    assert key(mine, {}, owned) == owned["COMPATIBLE_API_KEY"]
    # it belongs to that address
    assert key(mine, {}, owned | {"COMPATIBLE_BASE_URL": "http://other/v1"}) is None
    assert key(mine, {specs.key_scope(mine, {}): KEY}, owned) == KEY.get_secret_value()
    assert key(spec, {}, {"OPENAI_BASE_URL": "http://h/v1"}) is None  # one's own server may need none
    assert key(ModelSpec(provider="demo", model="careful"), typed, env) is None
    assert key(ModelSpec(provider="compatible", model="m", base_url="http://h/v1"), {}, {}) is None
    with pytest.raises(SpecError, match="has invalid characters; paste it again"):
        key(spec, {specs.key_scope(spec, {}): SecretStr("sk-“quoted”")}, {})


def test_a_provider_that_is_not_in_the_table_is_named() -> None:
    gone = ModelSpec(provider="gone", model="m")
    for use in (specs.provider_of, lambda s: specs.key_scope(s, {}), lambda s: specs.build(s, None)):
        with pytest.raises(SpecError, match="gone:m: 'gone' cannot be asked from here"):
            use(gone)
    assert not models.is_scripted("gone:m")
    assert not models.is_scripted("nobody")
    assert models.is_scripted("demo:careful")
    assert not models.is_scripted("openai:m")


def test_an_address_is_needed_where_none_is_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = ModelSpec(provider="compatible", model="m")
    with pytest.raises(SpecError, match="no address; write compatible:MODEL@http://HOST/v1"):
        specs.build(nowhere, None)
    monkeypatch.setenv("COMPATIBLE_BASE_URL", "http://h/v1")
    assert specs.build(nowhere, None).spec == nowhere


def test_similar_names_are_offered_with_longer_ones_of_a_prefix_first() -> None:
    names = ["gpt-4o", "gpt-4o-mini", "gpt-5", "claude", "gpt-4o-audio", "gpt-4"]
    assert near(names, "gpt-4o-") == ["gpt-4o", "gpt-4o-mini", "gpt-4o-audio"]
    assert near(names, "cluade") == ["claude"]
    assert near(names, "zzz") == []
    assert len(near(names, "gpt")) == 3


def test_an_effort_before_an_address_is_read() -> None:
    spec = specs.parse("compatible:m[high]@http://h/v1")
    assert (spec.model, spec.effort, spec.base_url) == ("m", "high", "http://h/v1")


def test_each_provider_takes_the_efforts_that_it_has() -> None:
    for name, provider in PROVIDERS.items():
        assert all(specs.parse(f"{name}:m[{effort}]").effort == effort for effort in provider.efforts)
    assert {name: PROVIDERS[name].efforts for name in ("anthropic", "xai", "gemini")} == {
        "anthropic": ("low", "medium", "high"), "xai": ("low", "high"), "gemini": ("low", "medium", "high"),
    }  # fmt: skip


def test_every_preset_but_gemini_is_asked_below_v1() -> None:
    homes = {name: p.base_url or "" for name, p in PROVIDERS.items() if p.base_url}
    assert {name for name, url in homes.items() if not url.endswith("/v1")} == {"gemini"}


@pytest.mark.parametrize(
    "field", ["shutdown_date", "deprecation_date", "deprecation", "retirement_date", "expires_at"]
)
def test_a_models_end_is_known_by_any_of_its_names_and_null_is_none(field: str) -> None:
    dated = {"shutdown_date": None, "expires_at": None, field: "2027-01-14T00:00:00Z"}
    told = [
        {"id": "m", **dated},
        *({"id": "n", field: odd} for odd in (None, 1893456000, False, {})),
        {"id": "o"},
    ]
    page = Page.model_validate({"data": told})
    assert [one.label for one in page.data] == ["m (shuts down on 2027-01-14)", *"nnnn", "o"]


def test_brackets_behind_a_name_stand_in_either_order() -> None:
    one, other = models.parse("openai:gpt-5[high][4000]"), models.parse("openai:gpt-5[4000][high]")
    assert one == other
    assert (one.model, one.effort, one.max_tokens) == ("gpt-5", "high", 4000)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("openai:gpt-5[hgih]", r"\[high\]"),
        ("openai:gpt-5[4000][500]", "budget"),
        ("groq:llama[zzz]", "budget"),
    ],
)
def test_brackets_that_say_nothing_known_are_refused_with_the_remedy(name: str, remedy: str) -> None:
    with pytest.raises(SpecError, match=remedy):
        models.parse(name)
    # names of one's own server
    assert models.parse(f"compatible:{name.partition(':')[2]}@http://localhost:1/v1")
