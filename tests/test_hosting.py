"""Whose keys, which addresses, how much money: the owner decides, and a proxy makes nobody local."""

import base64
import importlib.metadata
import re
import sqlite3
from pathlib import Path

import pytest

from escape.hosting import HOSTED_TRIALS, Hosting, Visit, hosting, owner
from escape.models.providers import PROVIDERS
from escape.puzzles import files, puzzle_of
from escape.runs.file import load, loads
from escape.store.database import Store
from escape.types import MAX_TRIALS, ModelSpec, SpecError
from escape.ui.workshop.form import _DRAFT

ENV = {"OPENAI_API_KEY": "k"}
MINE = ModelSpec(provider="compatible", model="m", base_url="http://localhost:8080/v1")
HERE = Visit("localhost:8501", "http://localhost:8501")
AWAY = Visit("x.org", "https://x.org", "9.9.9.9", forwarded=True)


def decide(visit: Visit, **env: str) -> Hosting:
    return hosting(visit, owner(env))


@pytest.mark.parametrize(
    ("visit", "env", "local"),
    [
        (Visit("localhost:8501"), {}, True),
        (HERE, {}, True),
        (Visit("127.0.0.1:8501", "http://127.0.0.1:8501", "127.0.0.1"), {}, True),
        (Visit("127.0.0.1:8501", "http://127.0.0.1:8501", "::ffff:127.0.0.1"), {}, True),
        (Visit("[::1]:8501", "http://[::1]:8501", "::1"), {}, True),
        (Visit("localhost:8501", forwarded=True), {}, False),
        (Visit("escape.example.org"), {}, False),
        (Visit("localhost:8501", remote_ip="10.0.0.7"), {}, False),
        (Visit("localhost:8501", remote_ip="::ffff:10.0.0.7"), {}, False),
        # another port's page on this machine is somebody else's
        (Visit("localhost:8501", "http://localhost:9000"), {}, False),
        (Visit("localhost:8501", "http://evil.example"), {}, False),
        (Visit("localhost:8501", "null"), {}, False),
        (Visit("http://[::1"), {}, False),
        (Visit(""), {}, False),
        (HERE, {"ESCAPE_HOSTED": "1"}, False),
        (HERE, {"ESCAPE_HOSTED": "true"}, False),
        (HERE, {"ESCAPE_HOSTED": "0"}, True),
    ],
)
def test_only_a_direct_visitor_of_this_machine_is_local(
    visit: Visit, env: dict[str, str], local: bool
) -> None:
    assert decide(visit, **env).local is local


def test_the_servers_keys_serve_visitors_only_with_a_cap() -> None:
    assert decide(AWAY).env_for_visitor(ENV) == {}
    with pytest.raises(SpecError, match="ESCAPE_SESSION_CAP_USD"):
        decide(AWAY, ESCAPE_SHARE_KEYS="1")
    shared = decide(AWAY, ESCAPE_SHARE_KEYS="1", ESCAPE_SESSION_CAP_USD="0.5")
    assert (shared.env_for_visitor(ENV), shared.session_cap_usd) == (ENV, 0.5)
    assert decide(HERE).env_for_visitor(ENV) == ENV
    assert decide(HERE, ESCAPE_SESSION_CAP_USD="0.5", ESCAPE_DAY_CAP_USD="3").session_cap_usd is None


@pytest.mark.parametrize("name", ["ESCAPE_SESSION_CAP_USD", "ESCAPE_DAY_CAP_USD"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "abc", "0,50", "-1", "1e999"])
def test_an_amount_that_cannot_be_meant_is_refused_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SpecError, match=f"{name}=.*not an amount") as caught:
        owner({name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["ESCAPE_HOSTED", "ESCAPE_SHARE_KEYS"])
def test_a_switch_is_on_or_off(name: str) -> None:
    with pytest.raises(SpecError, match="neither 1 nor 0"):
        owner({name: "perhaps"})


def test_a_visitors_address_is_called_only_where_the_owner_lists_it() -> None:
    decide(HERE).check_address(MINE)
    with pytest.raises(SpecError, match="your own machine"):
        decide(AWAY).check_address(MINE)
    listed = decide(AWAY, ESCAPE_ALLOWED_HOSTS="llm.example.org:443, LocalHost:8080")
    listed.check_address(MINE)
    with pytest.raises(SpecError):
        listed.check_address(MINE.model_copy(update={"base_url": "http://localhost:8080@evil.example/v1"}))


@pytest.mark.parametrize(
    "address", ["http://[::1", "ftp://x/v1", "http://", "//x", "http://u:p@x/v1", "http://x:99999"]
)
def test_what_is_no_address_is_refused_in_words(address: str) -> None:
    with pytest.raises(SpecError, match="write the address as"):
        decide(HERE).check_address(MINE.model_copy(update={"base_url": address}))


@pytest.mark.parametrize("name", [p.name for p in PROVIDERS.values() if p.here])
def test_servers_on_the_servers_own_machine_are_not_for_visitors(name: str) -> None:
    spec = ModelSpec(provider=name, model="m")
    decide(HERE).check_address(spec)
    with pytest.raises(SpecError, match="your own machine"):
        decide(AWAY).check_address(spec)


def test_a_hosted_page_lends_its_own_address_to_nobody() -> None:
    with pytest.raises(SpecError, match="may not use the address configured on this server"):
        decide(AWAY).check_address(ModelSpec(provider="compatible", model="m"))


def test_a_hosted_page_takes_so_many_trials_and_no_more() -> None:
    decide(AWAY).check_size(HOSTED_TRIALS)
    decide(HERE).check_size(100_000)
    assert (decide(AWAY).most_answers, decide(HERE).most_answers) == (HOSTED_TRIALS, MAX_TRIALS)
    with pytest.raises(SpecError, match="take fewer"):
        decide(AWAY).check_size(HOSTED_TRIALS + 1)


def test_a_visitor_may_name_an_address_that_the_owner_lists_or_locally() -> None:
    def may(*, local: bool, hosts: frozenset[str]) -> bool:
        return Hosting(local, False, None, None, hosts).custom_addresses

    assert [
        may(local=True, hosts=frozenset()),
        may(local=False, hosts=frozenset({"a:1"})),
        may(local=False, hosts=frozenset()),
    ] == [True, True, False]


def test_an_owners_address_is_for_its_own_machine_and_lent_with_the_keys() -> None:
    shared = decide(AWAY, ESCAPE_SHARE_KEYS="1", ESCAPE_SESSION_CAP_USD="1")
    shared.check_address(ModelSpec(provider="compatible", model="m"))
    with pytest.raises(SpecError, match="cannot call your own address"):
        shared.check_address(MINE)
    decide(AWAY).check_address(ModelSpec(provider="openai", model="m"))  # its address is the provider's
    decide(AWAY).check_address(ModelSpec(provider="demo", model="careful"))
    # a loaded run may name what we no longer know
    decide(AWAY).check_address(ModelSpec(provider="gone", model="m"))
    with pytest.raises(SpecError, match="cannot call your own address"):
        decide(AWAY).check_address(MINE.model_copy(update={"provider": "gone"}))


@pytest.mark.parametrize(
    ("env", "folder", "forgets"),
    [
        ({}, "/srv/escape", False),
        ({"SPACE_ID": "x"}, "/srv/escape", True),
        ({}, "/mount/src/escape", True),
        ({"SPACE_ID": "x", "ESCAPE_DB_URL": "postgres://u@h/n"}, "/srv/escape", False),
    ],
)
def test_a_host_that_forgets_what_was_stored_is_known(
    env: dict[str, str], folder: str, forgets: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getcwd", lambda: folder)
    assert owner(env).forgets is forgets


ROOT = Path(__file__).parent.parent
V1 = ROOT / "tests" / "data" / "v1"  # written by 1.0.0, and never again


def test_a_run_of_1_0_is_read() -> None:
    run = load(str(V1 / "run.jsonl"))
    assert [(r.trial.player, r.result) for r in run.results] == [
        ("control:reference", "out"),
        ("demo:hasty", "out"),
    ]
    assert loads(base64.b64decode((V1 / "run.json.gz.base64").read_bytes()), "run").results == run.results


def test_puzzles_and_drafts_of_1_0_are_read() -> None:
    (puzzle,) = files.load(V1 / "puzzles.json")
    assert puzzle == load(str(V1 / "run.jsonl")).puzzles[0]
    assert puzzle_of(_DRAFT.validate_json((V1 / "draft.json").read_bytes()), puzzle).world == puzzle.world


def test_a_database_of_1_0_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "escape.sqlite3"
    with sqlite3.connect(file) as database:
        database.executescript((V1 / "database.sql").read_text("utf-8"))
    store = Store(f"sqlite:///{file}")
    assert store.allow("somebody", 1)


REFUSED = re.compile(r"\b(A?GPL|LGPL|SSPL|BUSL|non-?commercial|proprietary)\b", re.IGNORECASE)


@pytest.mark.parametrize("line", (ROOT / "requirements.txt").read_text("utf-8").splitlines()[1:])
def test_a_dependency_may_be_shipped_with_mit_software(line: str) -> None:
    about = importlib.metadata.metadata(re.split(r"[<>=\[]", line)[0])
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License")]
    licence = " ".join(
        [about.get("License-Expression") or "", *classifiers, (about.get("License") or "")[:200]]
    )
    assert licence.strip()
    assert not REFUSED.search(licence), licence
