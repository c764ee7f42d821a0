"""Call it: read a room and somebody's plan, bet on whether it leads out, then see it carried out. No key, no clock."""

from __future__ import annotations

import streamlit as st

from escape.puzzles import bets
from escape.results import outcome_sentence
from escape.types import Puzzle
from escape.ui import text
from escape.ui.play.steps import steps
from escape.ui.pressing import bring
from escape.ui.session import Session

CALL = "Call it: out or stuck?"
IN_A_ROW = 5
BET = "bet"  # the key of what one bets on


@st.cache_resource(show_spinner="Drawing five plans", max_entries=60)
def _drawn(source: tuple[str, ...], seed: str, _puzzles: list[Puzzle]) -> list[bets.Bet]:
    return bets.drawn(_puzzles, seed, IN_A_ROW)


def begin(state: Session, seed: str) -> None:
    """Five new bets."""
    rooms = [p for p in state.rooms if p.problem_id in state.bundled]
    state.calling = bets.Calling(list(_drawn(tuple(p.problem_id for p in rooms), seed, rooms)), seed)


def lead(state: Session) -> str:
    """The sentence over the bet at hand, or over how it went."""
    calling = state.calling
    if calling is None or not calling.bets:
        return "There is no plan to bet on here: the bundled rooms are not in use."
    if calling.at >= len(calling.bets):
        return f"You called {sum(calling.right)} of {len(calling.right)}."
    score = f" {sum(calling.right)} of {len(calling.right)} right so far." if calling.right else ""
    return f"Out or stuck? Plan {calling.at + 1} of {len(calling.bets)}.{score}"


def show(state: Session) -> None:
    """The bet at hand, or how it went."""
    calling = state.calling
    if calling is None or not calling.bets:
        return
    if calling.at >= len(calling.bets):
        _end(state, calling)
        return
    bet, number = calling.bets[calling.at], calling.at
    known = len(calling.called) > number
    left_half, right = st.columns([3, 2], gap="large")
    with left_half, st.container(key=BET):
        text.heading(bet.puzzle.name)
        st.html(f'<div class="esc-text">{text.escape(bet.puzzle.setup.scenario)}</div>')
        with st.expander("Limits"):
            text.items("", bet.puzzle.setup.constraints)
    with right:
        if known:
            _told(state, calling, bet)
        else:
            _asked(state, calling, bet)


def _plan(bet: bets.Bet) -> None:
    lines = "".join(f"<li>{text.escape(line)}</li>" for line in bet.lines)
    st.html(f'<ol class="esc-steps" aria-label="The plan">{lines}</ol>')


def _asked(state: Session, calling: bets.Calling, bet: bets.Bet) -> None:
    text.heading(f"The plan, by {text.label(bet.by)}")
    _plan(bet)

    def call(out: bool) -> None:  # noqa: FBT001 - the bet is a truth value
        calling.called.append(out)
        bring(state, BET)

    with st.container(horizontal=True):
        st.button("It gets out", key="call_out", type="primary", on_click=call, args=(True,))
        st.button("It gets stuck", key="call_stuck", on_click=call, args=(False,))


def _told(state: Session, calling: bets.Calling, bet: bets.Bet) -> None:
    """The plan carried out, why it ended so, and the same plan where one fact differs."""
    right = calling.right[calling.at]
    ended = "It gets out" if bet.out else "It gets stuck"
    text.heading(f"{'Right' if right else 'Not so'}: {ended.lower()}.")
    text.quiet(outcome_sentence(bet.outcome, bet.puzzle))
    if bet.why:
        text.quiet(f"Why: {bet.why}")
    steps(bet.steps, bet.outcome.lost_at)

    def on() -> None:
        calling.at += 1
        bring(state, BET)

    twist = next((p for p in state.puzzles if p.twist and p.twist.of == bet.puzzle.problem_id), None)
    st.button("Next plan" if calling.at + 1 < len(calling.bets) else "How did I do?", key="call_next", type="primary",
              on_click=on)  # fmt: skip
    if twist:
        _again(calling, bet.in_twist(twist))


def _again(calling: bets.Calling, bet: bets.Bet) -> None:
    """The same plan in the twist: a further bet, which does not count among the five."""
    with st.expander("One fact changed. Does the plan still work?"):
        st.html(f'<div class="esc-text">{text.escape(bet.puzzle.setup.scenario)}</div>')
        said = calling.twisted.get(calling.at)
        if said is None:
            _plan(bet)

            def call(out: bool) -> None:  # noqa: FBT001
                calling.twisted[calling.at] = out

            with st.container(horizontal=True):
                st.button("It gets out", key="twist_out", on_click=call, args=(True,))
                st.button("It gets stuck", key="twist_stuck", on_click=call, args=(False,))
        else:
            verdict = "Right" if said == bet.out else "Not so"
            text.quiet(f"{verdict}: it {'gets out' if bet.out else 'gets stuck'}. {bet.why}")
            steps(bet.steps, bet.outcome.lost_at)


def _end(state: Session, calling: bets.Calling) -> None:
    text.quiet("A line to share:")
    st.code(bets.said(calling.right), language=None, wrap_lines=True)
    for bet, said in zip(calling.bets, calling.called, strict=False):
        mark = "right" if said == bet.out else "not so"
        text.quiet(f"{bet.puzzle.name}: it {'gets out' if bet.out else 'gets stuck'} ({mark}).")

    def more() -> None:
        begin(state, f"{calling.seed}+")
        bring(state, BET)

    st.button("Five more", key="call_more", type="primary", on_click=more)
