"""How far two raters agree: figures with intervals, and the worst disagreements."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from escape.judges import agreement
from escape.metrics import LABELS
from escape.records import Run, Trial, by_person
from escape.results import answer_name, bias_sentence
from escape.schema import Verdict
from escape.ui import text
from escape.ui.session import Session
from escape.ui.tables import agreement_table, figure

MIN_ANSWERS = 5  # with fewer answers, agreement figures are mostly noise


def show(state: Session, run: Run) -> None:
    """Choose two raters; see everything about them."""
    found = agreement.raters(run)
    if len(found) < 2:
        return
    text.heading("How far they agree")
    if len(found) >= 3:
        _all_together(found)
    names = list(found)
    people = [n for n in names if by_person(n)]
    left, right = st.columns(2)
    first = left.selectbox("Compare", names, key="rater_first")
    rest = [n for n in names if n != first]
    usual = next((n for n in people if n != first), rest[0])
    second = right.selectbox("with", rest, index=rest.index(usual), key=f"rater_second_{len(names)}_{first}")
    both = agreement.pairs(found[first], found[second])
    scores = agreement.agreement(both)
    text.lead(bias_sentence(first, second, scores))
    if not both:
        return
    if len(both) < MIN_ANSWERS:
        text.quiet(f"Kappa and the like mean little with fewer than {MIN_ANSWERS} answers.")
        _differences(state, run, both, first, second)
        return
    agreement_table(
        scores,
        "In brackets: the 95 % interval (bootstrap over answers; for the bias, t). Bias above 0: the first rater is "
        "more generous. Kappa has quadratic weights, on marks rounded to their steps.",
    )
    _differences(state, run, both, first, second)


def _all_together(found: dict[str, dict[Trial, Verdict]]) -> None:
    """Three raters or more as one group."""
    rows = []
    for score in agreement.SCORES:
        alpha, apart, n = agreement.group(found, score)
        if apart is not None:
            rows.append([LABELS[score], str(n), figure(alpha), f"{apart:.2f}"])
    text.table(
        [("Score", ""), ("n", "n"), ("Krippendorff's alpha", "n"), ("Mean gap per answer, in marks", "n")],
        rows,
        f"All {len(found)} raters together, over answers that two or more marked",
    )


def _differences(state: Session, run: Run, both: list[agreement.Pair], first: str, second: str) -> None:
    apart = agreement.disagreements(both)
    if not apart:
        text.quiet("They give the same marks throughout.")
        return
    text.heading("Where they differ, worst first")
    text.quiet("Choose a row to read the answer.")
    rows = [
        {"answer": answer_name(run, p.trial), "apart, in marks": round(d, 2),
         **{f"{LABELS[s]}": f"{_mark(getattr(p.first.scores, s))} / {_mark(getattr(p.second.scores, s))}"
            for s in agreement.SCORES}}
        for p, d in apart[:50]
    ]  # fmt: skip
    trials: list[Trial] = [p.trial for p, _ in apart[:50]]

    def open_answer() -> None:
        chosen = st.session_state["differences"].get("selection", {}).get("rows", [])
        if chosen:
            trial = trials[chosen[0]]
            state.chosen = trial.key
            state.go_to("Answers")

    st.dataframe(
        pd.DataFrame(rows),
        key="differences",
        on_select=open_answer,
        selection_mode="single-row",
        hide_index=True,
        alt=f"Answers on which {first} and {second} differ, with both marks",
    )


def _mark(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
