"""Results of a run of houses: how far everybody gets, how sure that is, and where they end."""

from __future__ import annotations

import streamlit as st

from escape.houses import DEMO_HABITS
from escape.metrics import METRICS
from escape.records import Run
from escape.results import count, facts, houses
from escape.ui import text
from escape.ui.results import partial
from escape.ui.run import shelf, unfinished
from escape.ui.session import Session
from escape.ui.setup import Choice


def show(state: Session, choice: Choice, run: Run) -> None:
    """The whole view."""
    if state.live and state.live.running:
        partial.show(state.live, METRICS["verified"])
        return
    found = state.worked_out(run, "reach", lambda: houses.reach(run))
    text.lead(houses.reach_sentence(found))
    text.quiet(houses.budget_sentence(found))
    unfinished.show(state, choice, run)
    if not found.lines:
        return
    _pictures(found)
    shelf.beside(state, run, METRICS["verified"])
    with st.expander("How far to trust this"):
        text.quiet(
            f"Each house has doors of its own numbers, so houses are the units: the interval is that of a median over "
            f"{count(found.houses, 'house')}, and two players are compared on the houses that both played. Code makes "
            "the houses, proves that they can be left, and carries every move out: no judge and no opinion is "
            "involved. A house says how far one gets with formulas and search in one answer, not how clever one is."
        )
    with st.expander("What exactly was run"):
        text.table([("", ""), ("", "")], [list(fact) for fact in facts(run, METRICS["verified"])])


def shown(run: Run) -> None:
    """The figures alone, as on a board."""
    found = houses.reach(run)
    text.lead(houses.reach_sentence(found))
    _pictures(found)


def _pictures(found: houses.Reach) -> None:
    st.html(f'<div class="esc-picture">{houses.curve(found)}</div>')
    _table(houses.players_table(found))
    _habits(found)
    _ended(found)


def _table(made: houses.Table) -> None:
    head, rows = made
    text.table([(name, "nw" if n else "") for n, name in enumerate(head)], rows)


def _habits(found: houses.Reach) -> None:
    """What the scripted players do, since no model was asked."""
    told = [
        f"{line.name} {DEMO_HABITS[line.player.removeprefix('demo:')].habit}"
        for line in found.lines
        if line.player.startswith("demo:") and line.player.removeprefix("demo:") in DEMO_HABITS
    ]
    if told:
        text.quiet(f"Scripted, by code: {'; '.join(told)}.")


def _ended(found: houses.Reach) -> None:
    text.heading("Where they end")
    text.quiet("Attempts that ended at a mechanism, of those that came as far as one of its doors.")
    _table(houses.ended_table(found))
