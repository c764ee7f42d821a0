"""The card for marks: whether a model marks the explanations, which one, and in how many of the rooms."""

from collections.abc import Sequence

import streamlit as st

from escape import models
from escape.judges import JUDGE_TOKENS, JUDGES, doubts, is_markable
from escape.models import PROVIDERS, Bill
from escape.puzzles import spread
from escape.results import display_name, join_and, money, pluralize
from escape.rooms import playable
from escape.types import JudgeSpec, ModelSpec, Puzzle, RunConfig
from escape.ui import text
from escape.ui.session import Session, Swap
from escape.ui.setup.players import render_swap

ON, BY = "marks", "judge_model"
DESIGNS = [name for name, design in JUDGES.items() if design.asks_model]


def render(state: Session, players: Sequence[ModelSpec]) -> tuple[JudgeSpec, str]:
    """Draw the choice of the judge; return it, and remarks on it in a clause or two.

    The judge is the room alone if no model marks.
    """
    offers = [o for listed in state.keys.lists.values() for o in listed]
    if not offers:
        text.quiet("The room decides who gets out. With a key, a model can mark the explanations too.")
        return JudgeSpec(), ""
    names, chosen = {o.spec.name: o for o in offers}, state.page.judge_fields_set
    if ON not in chosen:
        st.session_state[ON] = any(not PROVIDERS[name].here for name, _ in state.keys.lists)
    if BY not in chosen or st.session_state.get(BY) not in names:
        design = st.session_state.get("judge_design", DESIGNS[0])
        state.seek_cards([JudgeSpec(design=design, model=o.spec) for o in offers])
        passed = {card.judge.partition(":")[2] for card in state.cards.values() if not doubts(card)}
        asked = {p.name for p in players}
        best = models.suggested_judge(offers, [o for o in offers if o.spec.name in asked], passed)
        before, now = st.session_state.get(BY), best.spec.name if best else None
        if before in names and now and before != now:
            words = f"{display_name(now)} marks instead of {display_name(before)}."
            state.page.swaps[BY] = Swap(words, before)
        st.session_state[BY] = now
    with st.container(horizontal=True, vertical_alignment="center"):
        on = st.checkbox("Mark the explanations, by", key=ON, on_change=chosen.add, args=(ON,))
        by = st.selectbox(
            "Judge",
            list(names),
            key=BY,
            on_change=chosen.add,
            args=(BY,),
            width=330,
            disabled=not on,
            format_func=lambda n: names[n].label,
            label_visibility="collapsed",
        )
    if not on or by is None:
        return JudgeSpec(), f"{'No judge is chosen' if on else 'Off'}: the room alone decides."
    if BY in chosen:
        state.page.swaps.pop(BY, None)
    render_swap(state, BY, lambda: chosen.add(BY))
    spec = names[by].spec.model_copy(update={"temperature": 0.0, "max_tokens": JUDGE_TOKENS})
    judge = JudgeSpec(design=st.session_state.get("judge_design", DESIGNS[0]), model=spec)
    card = state.card_of(judge)
    remarks = ["not examined yet"]
    if card is not None:
        remarks = ["failed its exam" if doubts(card) else "passed its exam"]
    if spec.model in {p.model for p in players}:
        remarks.append("a player itself, and judges tend to favour their own answers")
    elif kin := [display_name(p.name) for p in players if models.family(p) == models.family(spec)]:
        remarks.append(f"of the same family as {join_and(kin)}, which judges tend to favour")
    return judge, ", ".join(remarks)


def render_design_field() -> None:
    st.selectbox("How the judge marks", DESIGNS, key="judge_design", format_func=lambda n: JUDGES[n].label,
                 persist_state="session")  # fmt: skip


MARKS_USD = 0.25  # up to this estimated cost, all answers are marked by default
FEWEST = 6  # rooms to mark: fewer say nothing about a player
ALL = "mark_all"


def affordable_ids(config: RunConfig, chosen: Sequence[Puzzle], of_all: Bill) -> tuple[str, ...] | None:
    """Choose the rooms whose answers are marked, the same for every player. None: all of them.

    As many as MARKS_USD pays for. Puzzles without a room are always among them, since marks are their only
    figure. `of_all`: the bill for all marks.
    """
    markable = _markable(config, chosen)
    if st.session_state.get(ALL) or of_all.about is None or of_all.about <= MARKS_USD or not markable:
        return None
    fit = int(MARKS_USD / (of_all.about / len(markable)))
    roomless = [p for p in markable if not playable(p)]
    rooms = [p for p in markable if playable(p)]
    more = max(0, fit - len(roomless)) if fit >= FEWEST else 0
    some = spread(rooms, more) if more > 1 else rooms[:more]
    return tuple(p.problem_id for p in (*roomless, *some))


def _markable(config: RunConfig, chosen: Sequence[Puzzle]) -> list[Puzzle]:
    return [p for p in chosen if any(is_markable(config.judge, p, player.name) for player in config.players)]


def render_marked_rooms(config: RunConfig, chosen: Sequence[Puzzle], bill: Bill, of_all: Bill) -> None:
    """Draw in how many rooms explanations are marked and at what cost, and a button for all or fewer."""
    every, some = len(_markable(config, chosen)), len(config.marked_ids or ())
    if config.judge.model is None or not every or of_all.about is None or config.in_turns:
        return
    n, price = (every, of_all) if config.marked_ids is None else (some, bill)
    if n == every:
        where = f"all {pluralize(n, 'room')}"
    elif n:
        where = pluralize(n, "room")
    else:
        where = "no room"
    cost = "free" if price.free else f"+{money(price.about)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        text.quiet(f"AI marks the explanations in {where}{f' ({cost})' if n else ''}.")
        if n < every:
            st.button(f"Mark all {every} (+{money(of_all.about)})", key="mark_all_rooms", type="tertiary",
                      on_click=_set_all, args=(True,))  # fmt: skip
        elif st.session_state.get(ALL):
            st.button("Mark fewer", key="mark_fewer_rooms", type="tertiary", on_click=_set_all, args=(False,))


def _set_all(value: bool) -> None:  # noqa: FBT001 - a callback
    st.session_state[ALL] = value
