"""What one visitor has: puzzles, players, the run in progress or on show. Keys stay in their widgets until used."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import streamlit as st
from pydantic import SecretStr
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from escape import models, puzzles, runner
from escape.background import BACKGROUND, Live
from escape.desk import Desk
from escape.errors import SpecError
from escape.evaluate import Evaluation, new_run
from escape.hosting import Hosting, hosting
from escape.records import ReportCard, Result, Run, RunConfig, Trial
from escape.schema import Answer, JudgeSpec, ModelSpec, Puzzle

_PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-Ip", "Via")
VIEWS = ("Results", "Answers", "Judge", "Puzzles", "Export")


@dataclass
class Side:
    """Judging on the side: an exam, or other marks for the answers on show."""

    live: Live
    purpose: str


@dataclass
class Session:
    """One visitor's state. Everything in it may be shown; keys are not in it."""

    puzzles: list[Puzzle]
    players: list[ModelSpec] = field(default_factory=list)
    live: Live | None = None
    side: Side | None = None
    cards: dict[str, ReportCard] = field(default_factory=dict)
    lent: list[Desk] = field(default_factory=list)
    chosen: Trial | None = None
    problem: str = ""

    @property
    def run(self) -> Run | None:
        """The run on show."""
        return self.live.run() if self.live else None

    @property
    def running(self) -> bool:
        """True while calls are being made for this visitor."""
        return bool((self.live and self.live.running) or (self.side and self.side.live.running))

    def show(self, run: Run) -> None:
        """Put a loaded run on show; one that was only loaded before makes room for it."""
        if self.running:
            return
        if self.live and not self.live.made_here:
            BACKGROUND.forget(self.live)
        self.put(BACKGROUND.keep(run, visitor_is_here()))
        self.cards |= {c.judge: c for c in run.cards}

    def put(self, live: Live) -> None:
        """Make a run the one on show; its code in the address brings it back after a reload."""
        self.live, self.chosen, self.problem = live, None, ""
        st.query_params["run"] = live.code

    def settle(self) -> None:
        """Forget a side job that is over; what it found has been taken in as it came."""
        if self.side and not self.side.live.running:
            self.side = None


def session() -> Session:
    """The visitor's state, made on the first visit; a run code in the address brings its run back."""
    if "escape" not in st.session_state:
        made = Session(puzzles=puzzles.load(puzzles.BUNDLED), players=models.scripted_players())
        code = st.query_params.get("run")
        live = BACKGROUND.find(code) if code else None
        if live:
            live.watchers.append(visitor_is_here())
            made.live = live
            made.cards = {c.judge: c for c in live.cards}
            made.puzzles += [p for p in live.run().puzzles if p.problem_id not in {q.problem_id for q in made.puzzles}]
        elif code:
            made.problem = "That run is no longer kept here. Load it from its file under Export, or run again."
            del st.query_params["run"]
        st.session_state["escape"] = made
    state: Session = st.session_state["escape"]
    return state


def visitor_is_here() -> Callable[[], bool]:
    """Whether this visitor's page is still open, askable from any thread."""
    context = get_script_run_ctx()
    if not runtime.exists() or context is None:
        return lambda: True  # no server, as in tests
    server, session_id = runtime.get_instance(), context.session_id
    return lambda: server.is_active_session(session_id)


def host() -> Hosting:
    """What this server may do for this visitor."""
    if not runtime.exists():  # no server, as in tests: nobody can be far away
        return hosting("localhost", None, forwarded=False)
    headers = st.context.headers
    forwarded = any(h in headers for h in _PROXY_HEADERS)
    return hosting(headers.get("Host", "localhost"), st.context.ip_address, forwarded=forwarded)


def typed_keys() -> Mapping[str, SecretStr]:
    """The keys in this visitor's key fields, by provider."""
    fields = {name: st.session_state.get(f"key_{name}") for name in models.PROVIDERS}
    return {name: SecretStr(value.strip()) for name, value in fields.items() if value and value.strip()}


def key_of(spec: ModelSpec) -> models.Key:
    """The key for a model: typed, or the server's where this visitor may use it. Raises SpecError."""
    allowed = host()
    allowed.check_address(spec)
    if spec.base_url and (spec.provider, spec.base_url) not in _named_addresses():
        raise SpecError(
            f"{spec.name} is to be asked at {spec.base_url}, an address that a file brought along; add it yourself "
            "under Add a model if you trust it"
        )
    return models.key_for(spec, typed_keys(), allowed.env_for_visitor(os.environ))


def _named_addresses() -> set[tuple[str, str]]:
    """(provider, address) as this visitor has written them, here or for a player added before; never a file's."""
    state: Session | None = st.session_state.get("escape")
    added = {(p.provider, p.base_url) for p in (state.players if state else []) if p.base_url}
    written = {str(v).strip() for k, v in st.session_state.items() if str(k).endswith("_address") and v}
    return added | {("compatible", address) for address in written}


Work = tuple[list[Trial], dict[Trial, Answer]]


def start(
    state: Session, config: RunConfig, chosen: list[Puzzle], base: Run | None = None, *, only: Work | None = None
) -> None:
    """Begin a run, or go on with `base`: with all that is missing, or with `only` that. Raises SpecError."""
    if state.running:
        return
    run = new_run(config, chosen) if base is None else base.model_copy(update={"config": config})
    todo, answers = only or runner.missing(config, run.results, failed_too=False)
    live = Live(run, len(todo), visitor_is_here())
    live.cards += [c for c in state.cards.values() if c.judge == config.judge.name and c not in live.cards]
    _launch(state, live, config, chosen, todo, answers)
    state.put(live)


def judge_aside(
    state: Session,
    purpose: str,
    judge: JudgeSpec,
    known: list[Puzzle],
    answers: Mapping[Trial, Answer],
    cap_usd: float | None,
    *,
    each: Callable[[Result], None] = lambda result: None,
    done: Callable[[Run], None] = lambda run: None,
) -> None:
    """Let a judge mark answers that are there: `each` takes every mark as it comes, `done` all. Raises SpecError."""
    if state.running:
        return
    config = RunConfig(judge=judge, max_cost_usd=cap_usd)
    live = Live(new_run(config, known), len(answers), visitor_is_here())
    _launch(state, live, config, known, list(answers), answers, each)
    live.on_end = lambda: done(live.run())
    state.side = Side(live, purpose)


def _allowance(state: Session, config: RunConfig, asked: Collection[str]) -> tuple[float | None, bool]:
    """The cap of a run, and whether the owner's keys pay: then it is what is left of the visitor's share at most."""
    allowed = host()
    specs = [*(p for p in config.players if p.name in asked), *config.judge.models]
    own = typed_keys()
    lent = [s for s in specs if s.provider in models.PROVIDERS and models.PROVIDERS[s.provider].key_env]
    if allowed.local or allowed.session_cap_usd is None or all(s.provider in own for s in lent):
        return config.max_cost_usd, False
    left = allowed.session_cap_usd - sum(d.spent + d.doubtful for d in state.lent)
    if left <= 0:
        raise SpecError("your share of this page's credit is used up; paste a key of your own to go on")
    return (left if config.max_cost_usd is None else min(left, config.max_cost_usd)), True


def _launch(
    state: Session,
    live: Live,
    config: RunConfig,
    chosen: list[Puzzle],
    todo: list[Trial],
    answers: Mapping[Trial, Answer],
    each: Callable[[Result], None] = lambda result: None,
) -> None:
    asked = {t.player for t in todo if t not in answers}
    cap, lent = _allowance(state, config, asked)
    evaluation = Evaluation(
        config.model_copy(update={"max_cost_usd": cap}),
        chosen,
        key_of,
        asked=asked,
        spent_usd=0.0 if lent else live.spent_before,
        shared=BACKGROUND.share(),
        on_retry=live.retries.append,
        public_only=not host().local,
    )
    if lent:
        state.lent.append(evaluation.desk)
    live.stop_calls = evaluation.desk.stop
    live.meter = lambda: evaluation.desk.meter

    def take(result: Result) -> None:
        live.add(result)
        each(result)

    BACKGROUND.start(live, lambda running: evaluation.run(todo, answers, take))


def go_to(view: str) -> None:
    """Open a tab."""
    st.session_state["view"] = view


def warm_up() -> None:
    """After the first paint, load what the first run with a model will want."""
    if runtime.exists():
        BACKGROUND.warm(models.warm)
