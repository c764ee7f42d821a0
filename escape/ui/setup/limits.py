"""The numbers of a run: how often, at what price, how long. Widgets only."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from escape.models import with_budget
from escape.types import ANSWER_BUDGET, ModelSpec
from escape.ui.visit import host


@dataclass(frozen=True)
class Numbers:
    """How often, at what price, how long. None: no cap."""

    repeats: int
    cap_usd: float | None
    longest_tokens: int
    longest_wait_s: float

    def of(self, spec: ModelSpec) -> ModelSpec:
        """A player with these limits."""
        return with_budget(spec.model_copy(update={"timeout_s": self.longest_wait_s}), self.longest_tokens)


def show() -> Numbers:
    left_half, right = st.columns(2)
    repeats = left_half.number_input("Repeats", 1, 20, 1, key="repeats", help="How often each player gets each puzzle.")
    allowed = host()
    cap = right.number_input(
        "Cap (USD)",
        0.0,
        allowed.session_cap_usd,
        allowed.session_cap_usd,
        step=0.1,
        key="cap",
        placeholder="none",
        help="The run stops before it would cost more.",
    )
    limit = st.number_input(
        "Longest answer, in tokens",
        64,
        200_000,
        ANSWER_BUDGET,
        step=512,
        key="limit",
        help="A token is about four letters. Reasoning models need many for their thinking.",
    )
    wait = st.number_input(
        "Longest wait for an answer, in seconds",
        5,
        3600,
        120,
        step=30,
        key="wait",
        help="Raise it for slow models, such as those on your own machine.",
    )
    cap_usd = None if cap is None else float(cap)
    return Numbers(int(repeats), cap_usd, int(limit), float(wait))
