"""The Run button, and how far a run is: polled while it runs, without re-running the page."""

from __future__ import annotations

import streamlit as st

from escape.background import BACKGROUND, Live, Snapshot
from escape.errors import SpecError
from escape.models import PROVIDERS
from escape.ui import text
from escape.ui.session import Session, start
from escape.ui.setup import Choice
from escape.words import count, money, seconds


def show(state: Session, choice: Choice) -> None:
    """One line of what would run, the button, and the progress of what does."""

    def begin() -> None:
        if choice.config is None:
            return
        try:
            start(state, choice.config, choice.puzzles)
        except SpecError as error:
            state.problem = str(error)

    with st.container(horizontal=True, vertical_alignment="center", key="runline"):
        st.button("Run", type="primary", on_click=begin, disabled=state.running or choice.config is None, key="run")
        text.quiet(choice.lacking or f"{choice.summary}: {choice.bill}.")
        st.button("Change", type="tertiary", key="change", on_click=_open_setup)
    if state.problem:
        text.cause(state.problem)
    busy = state.side.live if state.side else state.live
    if busy is not None and busy.running:
        if state.side:
            text.quiet(state.side.purpose)
        st.fragment(_poll, run_every=1.0)(busy)


def _open_setup() -> None:
    st.session_state["sidebar"] = "expanded"


def _poll(live: Live) -> None:
    now = live.snapshot()
    if not live.running:
        st.rerun()
    with st.container(key="progress"):
        st.progress(min(1.0, now.done / max(1, now.total)), text=sentence(now, live.run().config.max_cost_usd))
        st.button(
            "Stop" if now.state == "running" else "Stop at once",
            key="stop",
            on_click=BACKGROUND.stop,
            args=(live,),
            help="No new calls; answers that are on their way are kept.",
        )
    for retry in now.retries[-2:]:
        label = PROVIDERS[retry.provider].label if retry.provider in PROVIDERS else "a provider"
        text.quiet(f"Asking {label} again in {seconds(retry.wait_s)}: {retry.kind.value.replace('_', ' ')}.")


def sentence(now: Snapshot, cap: float | None) -> str:
    """`18 of 60 answers judged, about 40 s left, 0.012 USD of at most 0.10, 1 failed`."""
    parts = [f"{now.done} of {count(now.total, 'answer')} judged"]
    if now.state == "stopping":
        parts.append("stopping: answers on their way are kept")
    elif now.left_s is None:  # a sign of life while the first answer is on its way
        parts.append(f"{seconds(now.passed_s)} so far")
    else:
        parts.append(f"{seconds(now.passed_s)} so far, about {seconds(now.left_s)} left")
    spent = money(now.spent_usd)
    parts.append(f"{spent} of at most {cap:g} USD" if cap is not None else spent)
    if now.failed:
        parts.append(f"{now.failed} failed")
    if now.retries:
        parts.append(count(len(now.retries), "retry", "retries"))
    return ", ".join(parts)
