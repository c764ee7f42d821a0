"""Settings that few want to change: how they play, how often, at what price, how long. Widgets only."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from escape.models import with_budget
from escape.types import ANSWER_BUDGET, ModelSpec
from escape.ui.visit import host

WHOLE, BY_MOVES = "plan", "moves"
USUAL_CAP_USD = 1.0


@dataclass(frozen=True)
class Numbers:
    """The numbers of a run: how they play, how often, at what price, how long. `cap_usd`: None for no cap."""

    by_moves: bool
    repeats: int
    cap_usd: float | None
    cap_is_usual: bool
    longest_tokens: int
    longest_wait_s: float
    rpm: float | None

    def of(self, spec: ModelSpec) -> ModelSpec:
        return with_budget(spec.model_copy(update={"timeout_s": self.longest_wait_s}), self.longest_tokens)


def render() -> Numbers:
    protocol = st.segmented_control(
        "How they play",
        [WHOLE, BY_MOVES],
        key="protocol",
        default=WHOLE,
        required=True,
        format_func=lambda n: "One plan" if n == WHOLE else "Move by move",
        help="In one plan a player writes its whole way at once. Move by move it makes one move, is told what happens, "
        "and goes on: costs more, runs slower, and is ranked separately.",
    )
    left_half, right = st.columns(2)
    repeats = left_half.number_input("Repeats", 1, 20, 1, key="repeats", help="Repeats per puzzle.")
    most = host().session_cap_usd
    usual = USUAL_CAP_USD if most is None else min(USUAL_CAP_USD, most)
    cap = right.number_input("Cap (USD)", 0.0, most, usual, step=0.1, key="cap", placeholder="none",
                             help="The run stops before it would cost more.")  # fmt: skip
    limit = left_half.number_input("Longest answer, in tokens", 64, 200_000, ANSWER_BUDGET, step=512, key="limit",
                                   help="A token is about four letters. Reasoning takes many.")  # fmt: skip
    wait = right.number_input("Longest wait for an answer, in seconds", 5, 3600, 120, step=30, key="wait",
                              help="Raise it for slow models, such as those on your own machine.")  # fmt: skip
    rpm = left_half.number_input("Calls a minute to each model", 1, 100_000, None, key="rpm", placeholder="found out",
                                 help="If you know your limit. Otherwise learnt from refused calls.")  # fmt: skip
    cap_usd = None if cap is None else float(cap)
    return Numbers(
        protocol == BY_MOVES, int(repeats), cap_usd, most is None and cap_usd == usual, int(limit), float(wait),
        None if rpm is None else float(rpm),
    )  # fmt: skip
