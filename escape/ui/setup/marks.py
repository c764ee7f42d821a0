"""The choice of a judge for the explanations: a model from the lists, on as soon as there is a key. Off, the room alone
decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape import models
from escape.judges import JUDGE_TOKENS, JUDGES, doubts
from escape.models import PROVIDERS, Offer
from escape.results import display_name, join_and
from escape.types import JudgeSpec, ModelSpec
from escape.ui import text
from escape.ui.session import Session

ON, BY = "marks", "judge_model"
DESIGNS = [name for name, design in JUDGES.items() if design.asks_model]


def render(state: Session, players: Sequence[ModelSpec]) -> tuple[JudgeSpec, str]:
    """Return the judge, and what is known of it in a clause or two. The room's word alone where nobody marks."""
    offers = [o for listed in state.keys.lists.values() for o in listed]
    if not offers:
        text.quiet("The room decides who gets out. With a key, a model can mark the explanations too.")
        return JudgeSpec(), ""
    names, chosen = {o.spec.name: o for o in offers}, state.page.chosen_marks
    if ON not in chosen:
        st.session_state[ON] = any(not PROVIDERS[name].here for name, _ in state.keys.lists)
    if BY not in chosen or st.session_state.get(BY) not in names:
        best = _suggested(state, offers, players)
        st.session_state[BY] = best.spec.name if best else None
    with st.container(horizontal=True, vertical_alignment="center"):
        on = st.checkbox("Mark the explanations, by", key=ON, on_change=chosen.add, args=(ON,))
        by = st.selectbox("Judge", list(names), key=BY, on_change=chosen.add, args=(BY,), width=330, disabled=not on,
                          format_func=lambda n: names[n].label, label_visibility="collapsed")  # fmt: skip
    if not on or by is None:
        return JudgeSpec(), "Off: the room alone decides."
    spec = names[by].spec.model_copy(update={"temperature": 0.0, "max_tokens": JUDGE_TOKENS})
    judge = JudgeSpec(design=st.session_state.get("judge_design", DESIGNS[0]), model=spec)
    return judge, ", ".join(filter(None, [_examined(state, judge), _kin(spec, players)]))


def design_field() -> None:
    """Draw how the judge marks, among what few want to change."""
    st.selectbox("How the judge marks", DESIGNS, key="judge_design", format_func=lambda n: JUDGES[n].label,
                 persist_state="session")  # fmt: skip


def _suggested(state: Session, offers: Sequence[Offer], players: Sequence[ModelSpec]) -> Offer | None:
    passed = {card.judge.partition(":")[2] for card in state.cards.values() if not doubts(card)}
    names = {p.name for p in players}
    return models.suggested_judge(offers, [o for o in offers if o.spec.name in names], passed)


def _examined(state: Session, judge: JudgeSpec) -> str:
    card = state.cards.get(judge.name)
    return "not examined yet" if card is None else "failed its exam" if doubts(card) else "passed its exam"


def _kin(spec: ModelSpec, players: Sequence[ModelSpec]) -> str:
    kin = [display_name(p.name) for p in players if models.family(p) == models.family(spec)]
    return f"of the same family as {join_and(kin)}, which judges tend to favour" if kin else ""
