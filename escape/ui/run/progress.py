"""The Run button, and how far a run is: polled while it runs, without re-running the page."""

from __future__ import annotations

import streamlit as st

from escape.calls import Retry
from escape.models import PROVIDERS
from escape.results import count, money, seconds
from escape.runs import LiveRun, Snapshot
from escape.types import SpecError
from escape.ui import text
from escape.ui.arrival import closed
from escape.ui.polling import every
from escape.ui.pressing import pressed
from escape.ui.run.start import start
from escape.ui.session import RESULTS, TEST, Session
from escape.ui.setup import Choice


def run_line(state: Session, choice: Choice) -> None:
    """The price in words beside the button."""
    with st.container(horizontal=True, vertical_alignment="center", key="runline"):
        busy = state.running or choice.config is None
        if pressed(state, "Run", "run", opens=RESULTS, type="primary", disabled=busy) and choice.config:
            try:
                start(state, choice.config, choice.puzzles)
            except SpecError as error:
                state.page.problem = str(error)
            st.rerun()
        text.quiet(choice.lacking or choice.summary)


def show(state: Session, choice: Choice) -> None:
    """Above every tab: what went wrong, what runs and how far it is, and what was run."""
    touched = state.is_touched(choice.config)
    if touched and not state.running and st.session_state.get("view", RESULTS) != TEST:
        with st.container(horizontal=True, vertical_alignment="center", key="setup_line"):
            text.quiet(choice.lacking or choice.summary)
            st.button("Change", type="tertiary", key="change", on_click=lambda: state.go_to(TEST))
    if state.page.problem:
        text.cause(state.page.problem)
    live = state.side or state.live
    if live is not None and live.running:
        if state.side:
            text.quiet(live.run().title)
        every(1.0, _poll, state, live)
        state.page.awaited = live.code
    elif state.page.awaited:  # it ended while somebody waited, on whatever view: said once
        snapshot = live.snapshot() if live is not None and live.code == state.page.awaited else None
        state.page.awaited = ""
        text.status(f"The run has ended: {sentence_at_end(snapshot)}" if snapshot else "The judging has ended.")


def sentence_at_end(now: Snapshot) -> str:
    """`88 of 90 answers done, 2 failed, 0.03 USD. See Results.`"""
    failed = f", {now.failed} failed" if now.failed else ""
    return f"{now.done - now.failed} of {count(now.total, 'answer')} done{failed}, {money(now.spent_usd)}. See Results."


def _poll(state: Session, live: LiveRun) -> None:
    now = live.snapshot()
    if not live.running or (not state.may_write(live) and closed(state, live.code)):
        st.rerun()
    with st.container(key="progress"):
        st.progress(min(1.0, now.done / max(1, now.total)), text=sentence(now))
        if state.may_write(live):
            st.button(
                "Stop" if now.state == "running" else "Stop now",
                key="stop",
                on_click=state.stop,
                args=(live,),
                help="No new calls are made; calls in progress are kept.",
            )
    for retry in now.retries[-2:]:
        text.quiet(waiting(retry))


def waiting(retry: Retry) -> str:
    """Why nothing comes for a while."""
    label = PROVIDERS[retry.provider].label if retry.provider in PROVIDERS else "a provider"
    if retry.spacing_s:
        pace = f"one call every {retry.spacing_s:.2g} s" if retry.spacing_s > 0.02 else "a little more slowly"
        return f"{label} asks us to slow down: the next call goes out in {seconds(retry.wait_s)}, then {pace}."
    return f"Asking {label} again in {seconds(retry.wait_s)}: {retry.kind.value.replace('_', ' ')}."


def sentence(now: Snapshot) -> str:
    """`18 of 60 answers done, about 40 s left, 0.012 USD of at most 0.10, 1 failed`."""
    parts = [f"{now.done - now.failed} of {count(now.total, 'answer')} done"]
    if now.state == "stopping":
        parts.append("stopping: answers on their way are kept")
    elif now.left_s is None:  # a sign of life while the first answer is on its way
        parts.append(f"{seconds(now.passed_s)} so far")
    else:
        parts.append(f"{seconds(now.passed_s)} so far, about {seconds(now.left_s)} left")
    spent = money(now.spent_usd)
    parts.append(f"{spent} of at most {now.cap_usd:g} USD" if now.cap_usd is not None else spent)
    if now.failed:
        parts.append(f"{now.failed} failed")
    if now.retries:
        parts.append(count(len(now.retries), "wait"))
    return ", ".join(parts)
