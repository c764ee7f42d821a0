"""Betting on whether somebody's plan for a room works, then watching it. Needs no key."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from escape.puzzles import bets
from escape.results import outcome_sentence, pluralize, watching
from escape.rooms import measured
from escape.runs import archive
from escape.types import Puzzle
from escape.ui import text, watch
from escape.ui.play.acting import render_steps
from escape.ui.pressing import bring, render_copy_text
from escape.ui.session import Session

CALL = "Would this plan work?"
IN_A_ROW = 5
BET, SAID = "bet", "bet_said"  # keys of the containers of the plan, and of the verdict on the bet


@st.cache_resource(show_spinner="Drawing five plans", max_entries=60)
def _sampled_bets(source: tuple[str, ...], seed: str, _puzzles: list[Puzzle]) -> list[bets.Bet]:
    return bets.sample_bets(_puzzles, seed, IN_A_ROW)


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def begin_bets(state: Session, seed: str = "") -> None:
    """Start five bets, on easy rooms if there are enough; without a seed, those of the day (UTC)."""
    seed = seed or today()
    rooms = bets.pool([p for p in state.rooms if p.problem_id in state.bundled])
    state.others_bets = archive.bets()
    state.calling = bets.Calling(list(_sampled_bets(tuple(p.problem_id for p in rooms), seed, rooms)), seed)


def lead_sentence(state: Session) -> str:
    calling = state.calling
    if calling is None or not calling.bets:
        return "There is no plan to bet on here: the bundled rooms are not in use."
    if calling.at >= len(calling.bets):
        return f"You called {sum(calling.right)} of {len(calling.right)}."
    streak = f" Streak: {state.streak}." if state.streak > 1 else ""
    return f"Would this plan work? {calling.at + 1} of {len(calling.bets)}.{streak}"


def render(state: Session) -> None:
    calling = state.calling
    if calling is None or not calling.bets:
        return
    if calling.at >= len(calling.bets):
        _render_end(state, calling)
        return
    bet, number = calling.bets[calling.at], calling.at
    is_called = len(calling.called) > number
    left_half, right = st.columns([3, 2], gap="large")
    with left_half, st.container(key=BET):
        text.heading(bet.puzzle.name)
        story = bets.beginning(bet.puzzle.setup.scenario)
        st.html(f'<div class="esc-text">{text.escaped(story)}</div>')
        if not is_called:
            with st.expander("The whole room and its limits"):
                st.html(f'<div class="esc-text">{text.escaped(bet.puzzle.setup.scenario)}</div>')
                text.items("", [*bet.puzzle.setup.constraints, *measured(bet.puzzle)])
    with right, st.container(key=SAID):
        if is_called:
            _render_verdict(state, calling, bet)
        else:
            _render_question(state, calling, bet)


def render_plan(moves: Sequence[str]) -> None:
    lines = "".join(f"<li>{text.escaped(line)}</li>" for line in moves)
    st.html(f'<ol class="esc-steps" aria-label="The plan">{lines}</ol>')


def _render_question(state: Session, calling: bets.Calling, bet: bets.Bet) -> None:
    render_plan(bet.lines)  # without its author, who would give much away

    def call(out: bool) -> None:  # noqa: FBT001 - the bet is a truth value
        if calling.call(out=out):
            state.streak = state.streak + 1 if out == bet.out else 0
            archive.count_bet(bet.text, right=out == bet.out)
            bring(state, SAID)  # to the verdict, not to the room once more

    with st.container(horizontal=True):
        st.button("It gets out", key="call_out", on_click=call, args=(True,))
        st.button("It gets stuck", key="call_stuck", on_click=call, args=(False,))


def _render_verdict(state: Session, calling: bets.Calling, bet: bets.Bet) -> None:
    """Draw the result of the bet: right or wrong, why the plan ended so, who wrote it, and its moves."""
    right = calling.right[calling.at]
    times, hits = state.others_bets.get(bet.hash, (0, 0))
    ended = "It gets out" if bet.out else "It gets stuck"
    streak = f" Streak: {state.streak}." if state.streak > 1 else ""
    remark = "" if right else f"You said {'out' if calling.called[calling.at] else 'stuck'}: "
    text.heading(f"{'Right: ' if right else remark}{ended.lower()}.{streak}")
    at = calling.at

    def on() -> None:
        calling.at = at + 1  # however often it is pressed
        bring(state, BET)

    st.button(
        "Next plan" if calling.at + 1 < len(calling.bets) else "How did I do?",
        key="call_next",
        type="primary",
        on_click=on,
    )
    text.quiet(outcome_sentence(bet.outcome, bet.puzzle))
    text.quiet(f"The plan was by {bet.by}.")
    if bet.why:
        text.quiet(f"Why: {bet.why}")
    if times:
        text.quiet(f"Of {pluralize(times, 'earlier visitor')}, {hits} called it right.")
    watch.render(f"bet_{at}", watching.frames(bet.puzzle, bet.outcome), bet.puzzle.name)
    render_steps(bet.steps, bet.outcome.lost_at, out=bet.out)


def _render_end(state: Session, calling: bets.Calling) -> None:
    line = bets.line_to_share(calling.right, today())
    with st.container(horizontal=True, vertical_alignment="center"):
        text.quiet(line)
        render_copy_text("share_calls", f"{line} {(st.context.url or '').partition('?')[0]}".strip())
    for bet, bet_out in zip(calling.bets, calling.called, strict=False):
        mark = "you were right" if bet_out == bet.out else f"you said {'out' if bet_out else 'stuck'}"
        text.quiet(f"{bet.puzzle.name}: it {'gets out' if bet.out else 'gets stuck'}; {mark}.")

    def more() -> None:
        begin_bets(state, f"{calling.seed}+")
        bring(state, BET)

    st.button("Five more", key="call_more", type="primary", on_click=more)
