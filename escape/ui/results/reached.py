"""Results of a run of houses: how far everybody gets, how sure that is, and where they end."""

from __future__ import annotations

import streamlit as st

from escape.houses import DEMO_HABITS, MECHANISMS
from escape.metrics import METRICS
from escape.records import Run
from escape.results import Reach, budget_sentence, count, doors_text, facts, money, reach, reach_sentence
from escape.results.charts.curve import curve
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
    found = state.worked_out(run, "reach", lambda: reach(run))
    text.lead(reach_sentence(found))
    text.quiet(budget_sentence(found))
    unfinished.show(state, choice, run)
    if not found.lines:
        return
    st.html(f'<div class="esc-picture">{curve(found)}</div>')
    _table(found)
    _habits(found)
    _ended(found)
    shelf.beside(state, run, METRICS["verified"])
    with st.expander("How far to trust this"):
        text.quiet(
            f"Each house has doors of its own numbers, so houses are the units: the interval is that of a median over "
            f"{count(found.houses, 'house')}, and two players are compared on the same houses. Code makes the "
            "houses, proves "
            "that they can be left, and carries every move out: no judge and no opinion is involved. A house says "
            "how far "
            "one gets with formulas and search in one answer, not how clever one is."
        )
    with st.expander("What exactly was run"):
        text.table([("", ""), ("", "")], [list(fact) for fact in facts(run, METRICS["verified"])])


def _table(found: Reach) -> None:
    silent = any(line.silent for line in found.lines)
    rows = [
        [
            line.name,
            doors_text(line),
            str(max(line.attempts)),
            *([str(line.silent)] if silent else []),
            _rate(line.doors_per_1000_tokens),
            _rate(line.doors_per_usd),
            money(line.usd),
        ]
        for line in found.lines
    ]
    text.table(
        [
            ("Player", ""),
            (f"Doors opened of {found.doors}, median (95 % interval)", "n"),
            ("Furthest", "n"),
            *([("Plans without a readable move", "nw")] if silent else []),
            ("Doors for 1,000 answer tokens", "nw"),
            ("Doors for a dollar", "nw"),
            ("Cost", "n"),
        ],
        rows,
    )


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _habits(found: Reach) -> None:
    """What the scripted players do, since no model was asked."""
    told = [
        f"{line.name} {DEMO_HABITS[line.player.removeprefix('demo:')].habit}"
        for line in found.lines
        if line.player.startswith("demo:") and line.player.removeprefix("demo:") in DEMO_HABITS
    ]
    if told:
        text.quiet(f"Scripted, by code: {'; '.join(told)}.")


def _ended(found: Reach) -> None:
    text.heading("Where they end")
    text.quiet("Attempts that ended at a mechanism, of those that came as far as one of its doors.")
    text.table(
        [("Mechanism", ""), *((line.name, "n") for line in found.lines)],
        [
            [
                MECHANISMS[m].title if m in MECHANISMS else m,
                *(f"{line.ended[m]} of {line.met[m]}" if line.met[m] else "-" for line in found.lines),
            ]
            for m in found.mechanisms
        ],
    )
