"""What one visitor has: puzzles, players, the run in progress or on show. Keys stay in their widgets until used."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st
from pydantic import SecretStr
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from escape import models, puzzles, runner
from escape.background import BACKGROUND, Live
from escape.evaluate import Evaluation, new_run
from escape.hosting import Hosting, hosting
from escape.records import Run, RunConfig, Trial
from escape.schema import ModelSpec, Puzzle

VIEWS = ("Results", "Answers", "Puzzles", "Export")


@dataclass
class Session:
    """One visitor's state. Everything in it may be shown; keys are not in it."""

    puzzles: list[Puzzle]
    players: list[ModelSpec] = field(default_factory=list)
    live: Live | None = None
    loaded: Run | None = None
    chosen: Trial | None = None
    problem: str = ""

    @property
    def run(self) -> Run | None:
        """The run on show."""
        return self.live.run() if self.live else self.loaded

    @property
    def running(self) -> bool:
        """True while calls are being made for this visitor."""
        return bool(self.live and self.live.running)

    def show(self, run: Run) -> None:
        """Put a loaded run on show."""
        self.live, self.loaded, self.chosen, self.problem = None, run, None, ""
        st.query_params.pop("run", None)


def session() -> Session:
    """The visitor's state, made on the first visit; a run code in the address brings its run back."""
    if "escape" not in st.session_state:
        made = Session(puzzles=puzzles.load(puzzles.BUNDLED), players=models.scripted_players())
        code = st.query_params.get("run")
        live = BACKGROUND.find(code) if code else None
        if live:
            live.alive = visitor_is_here()
            made.live = live
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
    headers = st.context.headers
    forwarded = any(h in headers for h in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return hosting(headers.get("Host", "localhost"), st.context.ip_address, forwarded=forwarded)


def typed_keys() -> Mapping[str, SecretStr]:
    """The keys in this visitor's key fields, by provider."""
    fields = {name: st.session_state.get(f"key_{name}") for name in models.PROVIDERS}
    return {name: SecretStr(value.strip()) for name, value in fields.items() if value and value.strip()}


def key_of(spec: ModelSpec) -> models.Key:
    """The key for a model: typed, or the server's where this visitor may use it. Raises SpecError."""
    allowed = host()
    allowed.check_address(spec)
    return models.key_for(spec, typed_keys(), allowed.env_for_visitor(os.environ))


def start(
    state: Session, config: RunConfig, chosen: list[Puzzle], base: Run | None = None, *, failed_too: bool = False
) -> None:
    """Begin a run, or go on with `base`. Raises SpecError before anything is asked."""
    if state.running:
        return
    run = new_run(config, chosen) if base is None else base.model_copy(update={"config": config})
    todo, answers = runner.missing(config, run.results, failed_too=failed_too)
    live = Live(run, len(todo), visitor_is_here())
    evaluation = Evaluation(config, chosen, key_of, shared=BACKGROUND.calls, on_retry=live.retries.append)
    live.stop_calls = evaluation.desk.stop
    BACKGROUND.start(live, lambda running: evaluation.run(todo, answers, running.add))
    state.live, state.loaded, state.chosen, state.problem = live, None, None, ""
    st.query_params["run"] = live.code


def go_to(view: str) -> None:
    """Open a tab."""
    st.session_state["view"] = view
