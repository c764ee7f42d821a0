"""Which rooms are asked: whole sets by ticks, or rooms chosen one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from escape.puzzles import banded, files, spread
from escape.results import power_sentence
from escape.types import Puzzle
from escape.ui import text
from escape.ui.session import Session

YOURS = "yours"
TEN = 10
BY_HAND, CHOSEN, EVERY = "rooms_by_hand", "puzzles", "all_rooms"


def _sets(state: Session) -> dict[str, list[Puzzle]]:
    """Bundled rooms by their bands, then the visitor's own. A twist comes with its original, to be compared with it."""
    by_id = {p.problem_id: p for p in state.puzzles}
    bands = banded(p for p in state.puzzles if p.problem_id in state.bundled)
    if twists := bands.get(files.TWISTS):
        bands[files.TWISTS] = [*(by_id[p.twist_of] for p in twists if p.twist_of in by_id), *twists]
    own_puzzles = [p for p in state.puzzles if p.problem_id not in state.bundled]
    return bands | ({YOURS: own_puzzles} if own_puzzles else {})


def is_by_hand() -> bool:
    """Return whether rooms are chosen one by one, none of which is left out in silence."""
    return bool(st.session_state.get(BY_HAND))


def render(state: Session, affordable: Callable[[Sequence[Puzzle]], bool]) -> list[Puzzle]:
    """`affordable`: whether rooms may be asked without being chosen, by what they would cost."""
    if is_by_hand():
        return _by_hand(state)
    sets = _sets(state)
    for name in {files.EASY, files.ROOMS} & {*sets} or [next(iter(sets))]:
        st.session_state.setdefault(f"set_{name}", True)
    usual = [p for name in (files.EASY, files.ROOMS) if st.session_state.get(f"set_{name}") for p in sets.get(name, ())]
    few = not st.session_state.get(EVERY) and not affordable(usual)
    chosen: dict[str, Puzzle] = {}
    note = ""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, puzzles in sets.items():
            own = puzzles
            if few and name in (files.EASY, files.ROOMS):
                own = spread(puzzles, TEN) if name == files.ROOMS else _two_of_each_length(puzzles)
                note = "A few of each, spread over difficulty, since all would cost over 0.25 USD."
            number = sum(not p.twist_of for p in own) if name != files.TWISTS else sum(bool(p.twist_of) for p in own)
            label = f"{name} ({number})" + (" with their originals" if name == files.TWISTS else "")
            if st.checkbox(label, key=f"set_{name}", persist_state="session"):
                chosen |= {p.problem_id: p for p in own}
        st.button("Choose rooms", key="choose_rooms", type="tertiary", on_click=_turn, args=(list(chosen),))
    if note and chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            text.quiet(note)
            st.button(
                "Ask all", key="ask_all", type="tertiary", on_click=lambda: st.session_state.update({EVERY: True})
            )
    return list(chosen.values())


def _two_of_each_length(puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    """Return two of the easy rooms of one move, of two and of three, the same for everybody."""
    lengths = sorted({len(p.world.moves) for p in puzzles if p.world})
    return [p for n in lengths for p in spread((p for p in puzzles if p.world and len(p.world.moves) == n), 2)]


def _turn(ids: list[str] | None) -> None:
    st.session_state[BY_HAND] = ids is not None
    if ids is not None:
        st.session_state[CHOSEN] = ids


def by_hand(ids: Sequence[str]) -> None:
    _turn(list(ids))


def _by_hand(state: Session) -> list[Puzzle]:
    by_id, titles = {p.problem_id: p for p in state.puzzles}, state.called(state.puzzles)
    st.session_state[CHOSEN] = [i for i in st.session_state.get(CHOSEN, []) if i in by_id]
    ids = st.multiselect("Rooms", list(by_id), key=CHOSEN, format_func=titles.__getitem__, placeholder="Choose rooms")
    text.quiet(power_sentence(len(ids)))
    read = st.selectbox("Read one before you choose", list(by_id), index=None, key="preview", placeholder="search",
                        format_func=titles.__getitem__)  # fmt: skip
    if read:
        st.html(f'<div class="esc-text">{text.escaped(by_id[read].setup.scenario)}</div>')
    st.button("Whole sets again", key="whole_sets", type="tertiary", on_click=_turn, args=(None,))
    return [by_id[i] for i in ids]
