"""The same run on five other rooms, or with other weights: the headline that each would give."""

from __future__ import annotations

import streamlit as st

from escape.judges import SCORES
from escape.metrics import LABELS, METRICS, Metric
from escape.results import digest, pairs, ranking, results_sentence
from escape.types import Run
from escape.ui import text

ROOMS = 5


def render(run: Run, metric: Metric) -> None:
    """A draw and three weights. Nothing where there is too little to draw from or nobody to compare."""
    if len(digest(run).players) < 2:
        return
    if len(pairs.units(run)) > ROOMS:
        _draws(run, metric)
    if digest(run).judges:
        _weights(run)


def _draws(run: Run, metric: Metric) -> None:
    number = f"draws_{run.run_id}"

    def again() -> None:
        st.session_state[number] = st.session_state.get(number, 0) + 1

    st.button(f"Draw {ROOMS} other rooms", key="draw_others", on_click=again)
    if n_draws := st.session_state.get(number, 0):
        small = pairs.sample_rooms(run, ROOMS, n_draws)
        names = ", ".join(p.name for p in small.puzzles)
        text.lead(f"Draw {n_draws}: {results_sentence(ranking(small, metric))}")
        text.quiet(f"Drawn: {names}.")


def _weights(run: Run) -> None:
    text.heading("Other weights")
    columns = st.columns(len(SCORES), gap="large")
    weights = [
        column.slider(f"Weight of {LABELS[score]}", 0.0, 3.0, 1.0, 0.5, key=f"weight_{score}")
        for column, score in zip(columns, SCORES, strict=True)
    ]
    ranked = ranking(run, pairs.weighed(METRICS["standard"], *weights))
    if not any(weights) or not ranked.basis.top:
        text.cause("None of the scores with a weight can be worked out here; give another score a weight.")
        return
    text.lead(results_sentence(ranked))
