"""The agreement of two raters: figures with intervals, and the worst disagreements."""

from __future__ import annotations

import streamlit as st

from escape.judges.examined import agreement
from escape.metrics import LABELS
from escape.results import answer_name, bias_sentence
from escape.types import Run, Trial, Verdict, by_person
from escape.ui import text
from escape.ui.session import Session
from escape.ui.tables import agreement_table, group_table

MAX_LISTED = 20  # answers on which two raters differ
MIN_ANSWERS = 5  # with fewer answers, agreement figures are mostly noise


def render(state: Session, run: Run, unseen: set[Trial]) -> None:
    """Choose two raters. All about them, but no single answer while some are `unseen`: still to be marked."""
    by_rater = agreement.raters(run)
    if len(by_rater) < 2:
        return
    text.heading("How far they agree")
    if len(by_rater) >= 3:
        group_table(by_rater, f"All {len(by_rater)} raters together, over answers that two or more marked")
    names = list(by_rater)
    people = [n for n in names if by_person(n)]
    left_half, right = st.columns(2)
    first = left_half.selectbox("Compare", names, key="rater_first")
    others = [n for n in names if n != first]
    usual = next((n for n in people if n != first), others[0])
    second = right.selectbox("with", others, index=others.index(usual), key=f"rater_second_{len(names)}_{first}")
    both = agreement.pairs(by_rater[first], by_rater[second])
    scores = agreement.agreement(both)
    text.lead(bias_sentence(first, second, scores))
    if not both:
        return
    if len(both) < MIN_ANSWERS:
        text.quiet(f"Kappa and the like mean little with fewer than {MIN_ANSWERS} answers.")
    else:
        agreement_table(scores)
    if unseen:
        text.quiet("Where they differ is shown once you have marked your answers.")
    else:
        _differences(state, run, both)


def _differences(state: Session, run: Run, both: list[agreement.Pair]) -> None:
    apart = agreement.disagreements(both)
    if not apart:
        text.quiet("They give the same marks throughout.")
        return
    text.heading("Where they differ, worst first")
    pairs = [(answer_name(run, pair.trial), pair, marks) for pair, marks in apart[:MAX_LISTED]]
    text.table(
        [("Answer", ""), *((LABELS[s], "nw") for s in agreement.SCORES), ("Apart", "n")],
        [[name, *(f"{_mark(p.first, s)} and {_mark(p.second, s)}" for s in agreement.SCORES), f"{marks:.1f}"]
         for name, p, marks in pairs],
        "The first rater's mark and the second's, and how many marks they are apart in all",
    )  # fmt: skip

    def read() -> None:
        if (at := st.session_state["differ"]) is not None:
            state.read(pairs[at][1].trial.key)

    st.selectbox("Read one of these answers", range(len(pairs)), index=None, key="differ", on_change=read,
                 format_func=lambda n: pairs[n][0], placeholder="choose an answer", width=420)  # fmt: skip


def _mark(verdict: Verdict, score: agreement.Score) -> str:
    value = getattr(verdict.scores, score)
    return "-" if value is None else f"{value:.1f}"
