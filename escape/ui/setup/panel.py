"""The set-up: three cards, what few want to change, and what comes of it: a RunConfig, or what is still lacking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from escape import models
from escape.models import Bill
from escape.puzzles import answered_by, files, unanswered_puzzles
from escape.results import money, pluralize
from escape.rooms import playable
from escape.runs import bills
from escape.types import JudgeSpec, ModelSpec, Puzzle, RunConfig
from escape.ui import text
from escape.ui.session import TEST, VIEWS, Session
from escape.ui.setup import keys, limits, marks, players, rooms

ALL_USD = 0.25  # for which all rooms are asked unless somebody chooses otherwise


@dataclass(frozen=True)
class Choice:
    """The visitor's choice, in words in `summary`. `config` is None while `lacking` says what is missing."""

    config: RunConfig | None
    judge: JudgeSpec
    cap_usd: float | None
    puzzles: list[Puzzle]
    lacking: str
    summary: str


def render(state: Session) -> Choice:
    """Three cards from top to bottom, each one decision."""
    if st.session_state.get("view", VIEWS[0]) == TEST:
        keys.look(state)
    with st.container(border=True, key="card_models"):
        st.html('<h2 class="esc-h">1 Models</h2>')
        picked = players.render(state)
    with st.container(border=True, key="card_rooms"):
        st.html('<h2 class="esc-h">2 Rooms</h2>')
        rooms_place = st.container()
    with st.container(border=True, key="card_marks"):
        st.html('<h2 class="esc-h">3 Marks</h2>')
        judge, judge_note = marks.render(state, picked)
        price_place = st.container()
    with st.expander("More: repeats, a cap on the cost, limits"):
        numbers = limits.render()
        marks.design_field()
    judge = JudgeSpec() if numbers.by_moves else judge
    asked = [numbers.of(p) for p in picked]

    def config_of(chosen: Sequence[Puzzle]) -> RunConfig:
        return RunConfig(
            players=tuple(asked),
            judge=judge,
            problem_ids=tuple(p.problem_id for p in chosen),
            puzzle_set=_whole_set(chosen),
            repeats=numbers.repeats,
            rpm=numbers.rpm,
            max_cost_usd=numbers.cap_usd,
            protocol="move by move" if numbers.by_moves else "plan",
        )

    def affordable(chosen: Sequence[Puzzle]) -> bool:
        bill = sum(_bills(state, config_of(chosen), chosen), start=models.NOTHING)
        return bill.about is None or bill.about <= ALL_USD

    with rooms_place:
        chosen = [p for p in rooms.render(state, affordable) if not numbers.by_moves or playable(p)]
        if asked and all(models.provider_of(player).scripted for player in asked) and not rooms.is_by_hand():
            able = answered_by(asked, chosen)
            if able and len(able) < len(chosen):
                text.quiet(
                    f"Without {pluralize(len(chosen) - len(able), 'room')} to which these players have no answer."
                )
                chosen = able
    lacking = _lacking(state, asked, chosen, judge)
    config = config_of(chosen) if chosen and asked else None
    cap, summary = numbers.cap_usd, ""
    if config:
        bill, of_judge = _bills(state, config, chosen)
        if numbers.cap_is_usual and (bill + of_judge).most is None:  # no cap can hold where no price is known
            cap = None
            config = config.model_copy(update={"max_cost_usd": None})
        summary = _summary(config, bill, of_judge)
        with price_place:
            share = f"about {money(of_judge.about)} of {money((bill + of_judge).about)}" if judge.model else ""
            if note := " · ".join(filter(None, [judge_note, share])):
                text.quiet(note)
    return Choice(None if lacking else config, judge, cap, chosen, lacking, summary)


def _lacking(state: Session, players: Sequence[ModelSpec], chosen: Sequence[Puzzle], judge: JudgeSpec) -> str:
    """Return what Run is waiting for. "" if nothing."""
    if not players:
        return (
            "Choose a model first." if state.keys.lists or state.players else "Paste a key first, or take another way."
        )
    if not chosen:
        return "Choose at least one room."
    for player in players:
        if unanswered := unanswered_puzzles(player, chosen):
            also = f" and {len(unanswered) - 1} more" if len(unanswered) > 1 else ""
            return f"{player.name} has no answer for {unanswered[0].name}{also}. Remove this player or these rooms."
    return next(filter(None, (keys.lacks_key(state, m) for m in (*players, *judge.models))), "")


def _summary(config: RunConfig, bill: Bill, of_judge: Bill) -> str:
    """`2 models, 30 rooms, 60 answers and 60 marks, about 0.12 USD, stops at 1`."""
    marked = " and " + pluralize(config.size, "mark") if config.judge.model else ""
    total = bill + of_judge
    if total.free:
        price = "free"
    else:
        price = "price unknown" if total.about is None else f"about {money(total.about)}"
        price += "" if config.max_cost_usd is None else f", stops at {config.max_cost_usd:g} USD"
    in_turns = ", move by move" if config.protocol == "move by move" else ""
    times = f", {config.repeats} times each" if config.repeats > 1 else ""
    all_paid = sum(not models.provider_of(p).scripted for p in config.players) == len(config.players)
    who = pluralize(len(config.players), "model" if all_paid else "player")
    what = f"{who}, {pluralize(len(config.problem_ids), 'room')}{times}{in_turns}"
    return f"{what}, {pluralize(config.size, 'answer')}{marked}, {price}."


def _bills(state: Session, config: RunConfig, chosen: Sequence[Puzzle]) -> tuple[Bill, Bill]:
    """Return what a run will probably cost, worked out again only when something was changed."""
    question = (config, tuple(chosen))
    if question not in state.page.bills:
        if len(state.page.bills) > 4:
            state.page.bills.clear()
        state.page.bills[question] = bills(config, chosen)
    return state.page.bills[question]


def _whole_set(chosen: Sequence[Puzzle]) -> str:
    """Return the name of the bundled set that was chosen as a whole. "" for any other choice."""
    ids = {p.problem_id for p in chosen}
    folders = files.sets(files.BUNDLED)
    twists = any(p.twist_of for p in chosen)  # with their originals, which are of another set
    base_ids = ids - {p.twist_of for p in chosen if p.twist_of} if twists else ids
    return next((name for name, path in folders.items() if {p.problem_id for p in files.shared(path)} == base_ids), "")
