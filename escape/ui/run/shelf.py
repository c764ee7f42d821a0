"""The visitor's runs: which one is on show, its name and link, taking it away, and another laid beside it."""

from __future__ import annotations

import streamlit as st

from escape.metrics import Metric
from escape.results import ranking, run_name, short
from escape.types import Run
from escape.ui import text
from escape.ui.session import RESULTS, Session
from escape.ui.tables import headline


def show(state: Session) -> None:
    """One line: the run on show, chosen from all, and what can be done with it."""
    if state.reading:
        text.quiet("You are reading somebody else's run: only whoever made it can change it. What you run is your own.")
    runs = {live.code: live for live in state.shelf.runs}
    if state.live is None or state.live.code not in runs:
        return
    numbered = _numbered(state)

    def choose() -> None:
        state.put(runs[st.session_state["shelf"]])

    with st.container(horizontal=True, vertical_alignment="bottom", key="shelf_line"):
        if len(runs) > 1:
            st.session_state["shelf"] = state.live.code
            st.selectbox(
                f"Run on show ({len(runs)} in all)",
                list(runs),
                format_func=numbered.__getitem__,
                key="shelf",
                on_change=choose,
                disabled=state.running,
                width=420,
            )
        with st.popover("This run", key="this_run"):
            _this(state)


def _numbered(state: Session) -> dict[str, str]:
    return {
        live.code: f"{n}. {run_name(live.run())}{'' if live.made_here else ' (from a file)'}"
        for n, live in enumerate(state.shelf.runs, 1)
    }


def menu(state: Session) -> None:
    """The visitor's own runs, which the browser remembers: one that is not on show is found here again."""
    runs = {live.code: live for live in state.shelf.runs if live is not state.live}
    if not runs:
        return
    numbered = _numbered(state)

    def choose() -> None:
        if (code := st.session_state["own_runs"]) in runs:
            state.put(runs[code])
            state.go_to(RESULTS)

    st.selectbox(f"Your runs ({len(state.shelf.runs)})", list(runs), index=None, format_func=numbered.__getitem__,
                 key="own_runs", on_change=choose, disabled=state.running, placeholder="show one of them")  # fmt: skip


def _this(state: Session) -> None:
    live = state.live
    if live is None:
        return

    def rename() -> None:
        state.rename(live, st.session_state[f"run_name_{live.code}"])

    def remove() -> None:
        state.take_away(live)

    st.text_input(
        "Name", live.run().title, key=f"run_name_{live.code}", max_chars=120, on_change=rename, autocomplete="off"
    )
    text.quiet(
        "Link: anyone who opens it can read this run and cannot change it. It works until nobody has looked "
        "at the run for a month. To keep a run for good, save it under More formats. The link contains no key."
    )
    st.code(f"{(st.context.url or '').partition('?')[0]}?run={live.code}", language=None, wrap_lines=True)
    if st.checkbox("Remove this run", key=f"remove_{live.code}", disabled=state.running):
        text.quiet("Its answers and marks will be gone too, unless you saved it.")
        st.button("Yes, remove it", on_click=remove, key="remove_run")


def beside(state: Session, run: Run, metric: Metric) -> None:
    """Another run of this visitor beside the one on show, player by player."""
    others = {live.code: live for live in state.shelf.runs if live is not state.live and not live.running}
    if not others:
        return
    chosen = st.selectbox(
        "Compare with another run", ["", *others], key="beside",
        format_func=lambda code: run_name(others[code].run()) if code else "none",
    )  # fmt: skip
    if not chosen:
        return
    other = others[chosen].run()
    by_side = {which: ranking(r, metric) for which, r in (("here", run), ("there", other))}
    lines = {w: {s.player: s for s in f.standings if s.headline} for w, f in by_side.items()}
    players = dict.fromkeys([*lines["here"], *lines["there"]])
    text.table(
        [("Player", ""), ("This run", "n"), (run_name(other), "n")],
        [[short(p), *(headline(lines[w].get(p), f) for w, f in by_side.items())] for p in players],
        "Both by the same metric, each over its own puzzles"
        + ("" if by_side["here"].basis.parts == by_side["there"].basis.parts else " and from different scores")
        + ". Compare the figures only if these are the same",
    )
