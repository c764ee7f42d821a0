"""How far two raters agree: figures with intervals, and the worst disagreements."""

from __future__ import annotations

import streamlit as st

from escape.judges import agreement
from escape.metrics import LABELS
from escape.records import Run, Trial, by_person
from escape.results import answer_name, bias_sentence
from escape.schema import Verdict
from escape.ui import text
from escape.ui.session import Session
from escape.ui.tables import agreement_table, group_table

MAX_LISTED = 20  # answers on which two raters differ
MIN_ANSWERS = 5  # with fewer answers, agreement figures are mostly noise


def show(state: Session, run: Run, unseen: set[Trial]) -> None:
    """Choose two raters; all about them, but no single answer while some are `unseen`: still to be marked."""
    found = agreement.raters(run)
    if len(found) < 2:
        return
    text.heading("How far they agree")
    if len(found) >= 3:
        group_table(found, f"All {len(found)} raters together, over answers that two or more marked")
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
    text.quiet("Each button opens its answer.")
    for n, (pair, marks) in enumerate(apart[:MAX_LISTED]):
        told = (f"{LABELS[s]} {_mark(pair.first, s)} and {_mark(pair.second, s)}" for s in agreement.SCORES)
        label = f"{text.label(answer_name(run, pair.trial))}: {marks:.1f} apart ({', '.join(told)})"
        st.button(label, key=f"differ_{n}", type="tertiary", on_click=state.read, args=(pair.trial.key,))


def _mark(verdict: Verdict, score: agreement.Score) -> str:
    value = getattr(verdict.scores, score)
    return "-" if value is None else f"{value:.1f}"
