"""Choose players, puzzles, judge, repeats and keys; the choice comes out as a RunConfig or as what is still lacking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from escape import models
from escape.judges import JUDGE_TOKENS, JUDGES
from escape.puzzles import files, unanswered_puzzles
from escape.results import bill_sentence, count, listed, power_sentence, short
from escape.rooms import playable
from escape.runs import bills
from escape.types import JudgeSpec, ModelSpec, Puzzle, RunConfig
from escape.ui import text
from escape.ui.session import Session
from escape.ui.setup import keys, limits, who

WHOLE, BY_MOVES = "plan", "moves"
_KEPT = {"recorded": "recorded models", "demo": "demo players"}  # who has answers to some puzzles only


@dataclass(frozen=True)
class Choice:
    """What the visitor has chosen, in words in `summary`. `config` is None while `lacking` says what is missing."""

    config: RunConfig | None
    judge: JudgeSpec | None
    cap_usd: float | None
    puzzles: list[Puzzle]
    lacking: str
    summary: str


def show(state: Session) -> Choice:
    """Three cards from top to bottom, each one decision, and what few want to change."""
    with st.container(key="set_up"):
        text.lead("Three choices, each already made for you; then the price, and Run.")
    with st.container(border=True, key="card_who"):
        st.html('<h2 class="esc-h">1 Who plays?</h2>')
        who.show(state)
        picked, note = _players(state)
    judge, judge_lacks = JudgeSpec(), ""
    with st.container(border=True, key="card_what"):
        st.html('<h2 class="esc-h">2 What do they play?</h2>')
        in_turns = _protocol() == BY_MOVES
        chosen = [p for p in _puzzles(state) if not in_turns or playable(p)]
    if not in_turns:
        with st.container(border=True, key="card_judge"):
            st.html('<h2 class="esc-h">3 Who marks the explanation?</h2>')
            judge, judge_lacks = _judge(state)
    with st.expander("More: repeats, a cap on the cost, limits"):
        numbers = limits.show()
    players = [numbers.of(p) for p in picked]
    specs = [*players, *judge.models]
    keys.show(state, specs)
    no_key = next(filter(None, (keys.lacks_key(state, m) for m in specs)), "")  # Run says it too; typing comes first
    lacking = judge_lacks
    if not chosen and not lacking:
        lacking = "Choose at least one puzzle."
    if not players:
        lacking = f"Choose at least one player. {note}".strip()
    config = None
    if not lacking:
        config = RunConfig(
            players=tuple(players),
            judge=judge,
            problem_ids=tuple(p.problem_id for p in chosen),
            puzzle_set=_whole_set(chosen),
            repeats=numbers.repeats,
            max_cost_usd=numbers.cap_usd,
            protocol="move by move" if in_turns else "plan",
        )
    judge_text = JUDGES[judge.design].label if judge.model is None else f"{short(judge.model.name)} as judge"
    if in_turns:
        judge_text = "move by move"
    times = f", {numbers.repeats} times each" if numbers.repeats > 1 else ""
    cost = _cost(state, config, chosen) if config else ""
    return Choice(
        config=config,
        judge=None if judge_lacks else judge,
        cap_usd=numbers.cap_usd,
        puzzles=chosen,
        lacking=lacking,
        summary=f"Not ready yet: {no_key}."
        if no_key
        else f"{count(len(players), 'player')}, {count(len(chosen), 'puzzle')}{times}, {judge_text}: {cost}.",
    )


def _protocol() -> str:
    return st.segmented_control(
        "How they play",
        [WHOLE, BY_MOVES],
        key="protocol",
        default=WHOLE,
        required=True,
        format_func=lambda n: "One plan" if n == WHOLE else "Move by move",
        help="In one plan a player writes its whole way at once. Move by move it makes one move, is told what happens, "
        "and goes on: dearer and slower, and never in one ranking with plans.",
    )


def _cost(state: Session, config: RunConfig, chosen: Sequence[Puzzle]) -> str:
    """What a run will probably cost, in words, worked out again only when something was changed."""
    question = (config, tuple(chosen))
    if state.page.cost is None or state.page.cost[0] != question:
        state.page.cost = question, bill_sentence(*bills(config, chosen))
    return state.page.cost[1]


def _players(state: Session) -> tuple[list[ModelSpec], str]:
    by_id = {p.problem_id: p for p in state.puzzles}
    offered = sets(state)
    of_set = offered.get(st.session_state.get("puzzle_set", next(iter(offered))), [*by_id])
    puzzles = [by_id[i] for i in of_set]
    silent = {p.name: missed for p in state.players if (missed := unanswered_puzzles(p, puzzles))}
    by_name = {p.name: p for p in state.players if p.name not in silent}
    mute = [p for p in state.players if p.provider in _KEPT and p.name in silent]
    st.session_state["players"] = who.chosen(state, list(by_name))
    names = st.multiselect(
        "Players",
        list(by_name),
        key="players",
        format_func=lambda n: f"{by_name[n].model} ({(of := models.provider_of(by_name[n])).scripted or of.label})",
        placeholder="Choose players",
        select_all=False,
        help="Who gets the puzzles. Scripted players are texts written by hand: no model is asked. "
        "Controls are answers whose right mark is known.",
    )
    note = ""
    if mute:
        missed = silent[mute[0].name]
        also = f" and {len(missed) - 1} more" if len(missed) > 1 else ""
        groups = listed(list(dict.fromkeys(_KEPT[p.provider] for p in mute)))
        note = (
            f"The {groups} have no answer for {missed[0].name}{also}. Choose a control or a model, or remove those "
            "rooms below."
        )
        text.quiet(note)
    st.button("Another way: a chat window, your own server, this machine, or yourself", key="add",
              on_click=state.open_door, args=("a model",), type="tertiary")  # fmt: skip
    return [by_name[n] for n in names if n in by_name], note


ALL, OWN, TEN, FIVE = "all", "own", "ten", "five"
# one of each family: enough to call somebody better, and cheap
OF_TEN = "BAL_001 CIPHER_001 COLLAB_001 FLUID_001 FORCE_001 HEAT_001 LIGHT_001 MAG_001 MAT_001 SOUND_001".split()
OF_FIVE = "CIPHER_001 COLLAB_001 FLUID_001 UV_001 VAC_001".split()  # as published in 2025


def sets(state: Session) -> dict[str, list[str]]:
    """Puzzles by what one may want of them: all but the hard, the hard, one's own, a family; under OWN what was picked
    one by one.
    """
    every = [p.problem_id for p in state.puzzles]
    rooms = [p.problem_id for p in state.rooms]
    by_set = {ALL: rooms}
    if set(OF_TEN) < set(rooms):
        by_set = {TEN: OF_TEN, ALL: rooms, FIVE: OF_FIVE}
    if state.hard:
        by_set[files.HARD] = [i for i in every if i in state.hard]
    if twisted := {p.problem_id: p.twist_of for p in state.puzzles if p.twist_of}:
        by_set[files.TWISTS] = [i for i in every if i in twisted or i in twisted.values()]
    if own_ids := [p.problem_id for p in state.puzzles if p.problem_id not in state.bundled]:
        by_set["brought"] = own_ids
    for puzzle in state.rooms:
        if puzzle.problem_id in state.bundled and puzzle.family:
            by_set.setdefault(f"family {puzzle.family}", []).append(puzzle.problem_id)
    picked = st.session_state.get("puzzles", every[:5])
    by_set[OWN] = [i for i in picked if i in every]
    return by_set


def _whole_set(chosen: Sequence[Puzzle]) -> str:
    """The name of the bundled set that was chosen as a whole; "" for any other choice."""
    ids = {p.problem_id for p in chosen}
    folders = files.sets(files.BUNDLED)
    twists = any(p.twist_of for p in chosen)  # with their originals, which are of another set
    own = ids - {p.twist_of for p in chosen if p.twist_of} if twists else ids
    return next((name for name, path in folders.items() if {p.problem_id for p in files.shared(path)} == own), "")


def _set_label(name: str, ids: Sequence[str]) -> str:
    labels = {
        TEN: "Ten rooms, one of each kind",
        FIVE: "The original five",
        ALL: "All",
        files.HARD: "Hard, a set of their own",
        files.TWISTS: "Twists and their originals",
        "brought": "Your own",
        OWN: "Pick them one by one",
    }
    label = labels.get(name) or name.removeprefix("family ").capitalize()
    return label if name == OWN else f"{label} ({len(ids)})"


def _puzzles(state: Session) -> list[Puzzle]:
    by_id, offered = {p.problem_id: p for p in state.puzzles}, sets(state)
    if st.session_state.get("puzzle_set") not in offered:
        st.session_state["puzzle_set"] = next(iter(offered))
    name = st.selectbox(
        "Rooms",
        list(offered),
        key="puzzle_set",
        format_func=lambda n: _set_label(n, offered[n]),
        help="Read them and write your own under Make a room; try them under Play.",
    )
    ids = offered[name]
    if name == OWN:
        titles_by_id = state.called(state.puzzles)
        st.session_state["puzzles"] = ids
        ids = st.multiselect(
            f"Puzzles ({len(ids)} of {len(by_id)})",
            list(by_id),
            key="puzzles",
            format_func=titles_by_id.__getitem__,
            placeholder="Choose puzzles",
        )
        read = st.selectbox("Read one before you choose", list(by_id), index=None, key="preview", placeholder="search",
                            format_func=titles_by_id.__getitem__)  # fmt: skip
        if read:
            st.html(f'<div class="esc-text">{text.escaped(by_id[read].setup.scenario)}</div>')
    text.quiet(power_sentence(len(ids)))
    return [by_id[i] for i in ids]


def _judge(state: Session) -> tuple[JudgeSpec, str]:
    design = st.selectbox(
        "Judge", list(JUDGES), format_func=lambda n: JUDGES[n].label, key="judge", help="Who marks the answers."
    )
    text.quiet(JUDGES[design].explanation)
    if not JUDGES[design].asks_model:
        return JudgeSpec(design=design), ""
    spec = keys.model_field(state, "judge")
    if isinstance(spec, str):
        return JudgeSpec(design=design), f"For the judge: {spec}"
    return JudgeSpec(design=design, model=spec.model_copy(update={"temperature": 0.0, "max_tokens": JUDGE_TOKENS})), ""
