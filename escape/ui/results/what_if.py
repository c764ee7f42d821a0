"""What if: over one finished run, fewer puzzles, fewer repeats, other weights; the sentence follows at once."""

from __future__ import annotations

import streamlit as st

from escape.judges import SCORES
from escape.metrics import LABELS, METRICS, Metric
from escape.results import digest, ranking, results_sentence, short, what_if
from escape.types import Run
from escape.ui import text
from escape.ui.session import Session


def show(state: Session, run: Run, metric: Metric) -> None:
    """Sliders and the sentence that follows from them; nothing where there is too little to draw from."""
    units = state.worked_out(run, "units", lambda: what_if.units(run))
    if len(units) < 3 or len(digest(run).players) < 2:
        return
    text.heading("What if there were fewer puzzles, fewer repeats, or other weights?")
    _sliders(run, metric, len(units))


def _sliders(run: Run, metric: Metric, most: int) -> None:
    most_repeats = max((r.trial.repeat for r in run.results), default=1)
    left_half, right = st.columns(2, gap="large")
    with left_half:
        puzzles = st.slider("Puzzles", 2, most, min(8, most), key="what_if_n")
        draw = st.slider("Which random draw of them", 1, 50, 1, key="what_if_seed")
        repeats = st.slider("Repeats", 1, most_repeats, most_repeats, key="what_if_repeats") if most_repeats > 1 else 1
    with right:
        by_room = metric.by_room and not st.toggle("By marks instead of rooms", key="what_if_marks")
        if not by_room:
            weights = [st.slider(f"Weight of {LABELS[s]}", 0.0, 3.0, 1.0, 0.5, key=f"what_if_{s}") for s in SCORES]
            if not any(weights):
                text.cause("Give at least one score a weight.")
                return
            metric = what_if.weighed(METRICS["standard"] if metric.by_room else metric, *weights)
    smaller_run = what_if.smaller(run, most, repeats, 1)  # all puzzles, with so many repeats
    ranked = ranking(what_if.smaller(run, puzzles, repeats, draw), metric)
    if not ranked.basis.top:
        text.cause("None of the scores with a weight can be worked out here; give another score a weight.")
        return
    text.lead(f"With {puzzles} of the {most} puzzles, the result would have been: {results_sentence(ranked)}")
    firsts = what_if.leaders(smaller_run, metric, puzzles)
    figures = ", ".join(f"{short(p)} in {n}" for p, n in firsts.most_common() if p)
    if figures:
        text.quiet(
            f"In {what_if.DRAWS} random samples of {puzzles} puzzles, first place goes to {figures}; the rest are ties."
        )
