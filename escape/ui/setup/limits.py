"""The numbers of a run: how often, at what price, how long; and how players are asked. Widgets only."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from escape.models import EFFORTS, PROVIDERS
from escape.schema import Effort, ModelSpec
from escape.ui.visit import host


@dataclass(frozen=True)
class Numbers:
    """How often, at what price, how long, and whether moves are asked for. None: no cap; each provider's own effort."""

    repeats: int
    cap_usd: float | None
    at_once: int
    longest_tokens: int
    longest_wait_s: float
    effort: Effort | None
    moves: bool

    def of(self, spec: ModelSpec) -> ModelSpec:
        """A player with these limits, and the effort where its provider has it."""
        effort = self.effort if self.effort in PROVIDERS[spec.provider].efforts else None
        return spec.model_copy(
            update={"max_tokens": self.longest_tokens, "timeout_s": self.longest_wait_s, "effort": effort}
        )


def show() -> Numbers:
    """The fields, those that few people want under More."""
    left, right = st.columns(2)
    repeats = left.number_input("4 Repeats", 1, 20, 1, key="repeats", help="How often each player gets each puzzle.")
    allowed = host()
    cap = right.number_input(
        "Spending cap (USD)",
        0.0,
        allowed.session_cap_usd,
        allowed.session_cap_usd,
        step=0.1,
        key="cap",
        placeholder="none",
        help="The run stops before it would cost more.",
    )
    with st.expander("More"):
        limit = st.number_input(
            "Longest answer, in tokens",
            64,
            200_000,
            4096,
            step=512,
            key="limit",
            help="A token is about four letters. Reasoning models need many for their thinking.",
        )
        effort = st.selectbox(
            "Thinking effort",
            EFFORTS,
            index=None,
            key="effort",
            placeholder="each provider's default",
            help="How long reasoning models may think; for players whose provider lets you choose.",
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
        at_once = st.number_input(
            "Concurrent calls per provider",
            1,
            32,
            8,
            key="at_once",
            help="Lower it if a provider says that you ask too often.",
        )
        moves = st.checkbox(
            "Ask for moves",
            value=True,
            key="moves",
            help="Players also write their way out as moves, which the room carries out. Without them only words are "
            "marked.",
        )
    cap_usd = None if cap is None else float(cap)
    return Numbers(int(repeats), cap_usd, int(at_once), int(limit), float(wait), effort, moves)
