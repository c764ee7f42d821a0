"""The Run button, how far a run is while it goes on, and how it ended: polled, without drawing the page anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from escape.calls import Retry
from escape.metrics import METRICS
from escape.models import PROVIDERS
from escape.results import digest, money, pluralize, seconds, titles
from escape.runs import LiveRun, Snapshot
from escape.types import SpecError, total
from escape.ui import text
from escape.ui.arrival import closed
from escape.ui.pressing import bring, every, pressed
from escape.ui.results import doors
from escape.ui.run import unfinished
from escape.ui.run.start import start
from escape.ui.session import RESULTS, Session
from escape.ui.setup import Choice

AWAY = "Close the page, and no new call starts after five minutes."


def run_line(state: Session, choice: Choice) -> None:
    """Draw what Run will do beside the button, or in its place how far the run is, then how it ended."""
    live = state.own_live
    if live is not None and live.running:
        watch(state, live)
        return
    over = live is not None and live.made_here and not state.opened_on
    same = over and live is not None and choice.config is not None and _asks_the_same(live, choice)
    with st.container(horizontal=True, vertical_alignment="center", key="runline"):
        ready, kind = choice.config is not None and not state.running, "secondary" if same else "primary"
        if pressed(state, "Run again" if same else "Run", "run", type=kind, disabled=not ready) and choice.config:
            try:
                start(state, choice.config, choice.puzzles)
                bring(state, "progress")
            except SpecError as error:
                state.page.problem = str(error)
            st.rerun()
        text.quiet(choice.lacking or f"{choice.summary} {AWAY if 'USD' in choice.summary else ''}")
    if over and live is not None:
        _ended(state, choice, live)


def above(state: Session) -> None:
    """Above every tab: what went wrong, whose run it is, and judging beside the run."""
    if state.page.problem:
        text.cause(state.page.problem)
    if state.reading:
        text.quiet("You are reading someone else's run: only its owner can change it. Runs you start are your own.")
    if state.side is not None and state.side.running:
        text.quiet(state.side.run().title)
        every(1.0, _side, state, state.side)
        state.page.awaited = state.side.code
    elif state.page.awaited and (state.live is None or state.live.code != state.page.awaited):
        state.page.awaited = ""
        text.status("The judging has ended.")


def _side(state: Session, live: LiveRun) -> None:
    now = live.snapshot()
    if not live.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="side"):
        text.quiet(sentence(now, marks=False))
        st.button("Stop judging", key="stop_side", on_click=state.stop, args=(live,))


def _asks_the_same(live: LiveRun, choice: Choice) -> bool:
    ran, now = live.run().config, choice.config
    return now is not None and (ran.players, ran.judge, ran.problem_ids) == (now.players, now.judge, now.problem_ids)


def _ended(state: Session, choice: Choice, live: LiveRun) -> None:
    """Draw how the run on show ended, and the way to its results, or on with it."""
    with st.container(key="ended"):
        text.status(sentence_at_end(live))
        if state.page.awaited == live.code:
            state.page.awaited = ""
            bring(state, "", words=sentence_at_end(live))
        is_unfinished = unfinished.render(state, choice, live.run())
        st.button("See results", key="see_results", type="secondary" if is_unfinished else "primary",
                  on_click=state.go_to, args=(RESULTS,))  # fmt: skip


def sentence_at_end(live: LiveRun) -> str:
    """`58 of 60 answers, 2 failed, 0.03 USD.`"""
    now, counts = live.snapshot(), digest(live.run())
    failed = sum(t.failed for t in counts.tallies.values())
    lead = {"stopped": "Stopped", "failed": f"The run failed: {now.why}"}.get(now.state, "Done")
    parts = [f"{counts.answers} of {pluralize(max(counts.answers, live.run().config.size), 'answer')}"]
    parts += [f"{failed} failed"] if failed else []
    spent = total([t.cost_usd for t in counts.tallies.values()])
    parts += [money(spent)] if spent != 0 else []
    return f"{lead}: {', '.join(parts)}." if now.state != "failed" else f"{lead}."


def watch(state: Session, live: LiveRun) -> None:
    """Draw how far a run is, and its doors as they open."""
    every(1.0, _poll, state, live)


def _poll(state: Session, live: LiveRun) -> None:
    now, run = live.snapshot(), live.run()
    if not live.running or (not state.may_write(live) and closed(state, live.code)):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="progress"):
        text.quiet(sentence(now, marks=run.config.judge.model is not None))
        if state.may_write(live):
            st.button(
                "Stop" if now.state == "running" else "Stop now",
                key="stop",
                on_click=state.stop,
                args=(live,),
                help="No new calls are made; calls in progress are kept.",
            )
    parts = 2 * now.total if run.config.judge.model else now.total
    n_done = now.answers + now.done if run.config.judge.model else now.answers
    st.progress(min(1.0, n_done / max(1, parts)))
    for retry in now.retries[-2:]:
        text.quiet(waiting(retry))
    if titles(run.puzzles):
        doors.live(run, METRICS["verified"], reference=state.page.reference)


def waiting(retry: Retry) -> str:
    """Return why nothing comes for a while."""
    label = PROVIDERS[retry.provider].label if retry.provider in PROVIDERS else "a provider"
    if retry.away_s:
        since = datetime.now().astimezone() - timedelta(seconds=retry.away_s)
        return f"Waiting for {label}, unavailable since {since:%H:%M}. Nothing is lost."
    if retry.spacing_s:
        pace = f"one call every {retry.spacing_s:.2g} s" if retry.spacing_s > 0.02 else "a little more slowly"
        return f"{label} asks us to slow down: the next call goes out in {seconds(retry.wait_s)}, then {pace}."
    return f"Asking {label} again in {seconds(retry.wait_s)}: {retry.kind.value.replace('_', ' ')}."


def sentence(now: Snapshot, *, marks: bool) -> str:
    """`answers 34 of 40, marks 20 of 40 · about 40 s left · 0.012 USD of at most 0.10 · 1 failed`."""
    parts = [f"answers {now.answers} of {now.total}" + (f", marks {now.done} of {now.total}" if marks else "")]
    if now.state == "stopping":
        parts.append("stopping: calls on their way are kept")
    elif now.left_s is None:  # a sign of life while the first answer is on its way
        parts.append(f"{seconds(now.passed_s)} so far")
    else:
        parts.append(f"about {seconds(now.left_s)} left")
    spent = money(now.spent_usd)
    parts.append(f"{spent} of at most {now.cap_usd:g}" if now.cap_usd is not None and now.spent_usd else spent)
    if now.failed:
        parts.append(f"{now.failed} failed")
    return " · ".join(parts)
