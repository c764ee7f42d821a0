"""The visitor's saved runs, newest first, with figures and links: to show, rename, compare or remove."""

import streamlit as st

from escape.metrics import Metric
from escape.results import display_name, headline_figure, ranking, run_name, usual
from escape.runs import LiveRun
from escape.types import Run
from escape.ui import text
from escape.ui.pressing import render_copy_link
from escape.ui.run.progress import sentence_at_end
from escape.ui.session import RESULTS, Session
from escape.ui.tables import headline
from escape.ui.visit import no_other_device

MOST_SHOWN = 8


def render_menu(state: Session) -> None:
    """Draw the visitor's own runs. The one on show can be renamed, compared and removed."""
    runs = [*reversed(state.shelf.runs)]
    text.heading("Your runs")
    if not runs:
        text.quiet(
            "None yet. A run is kept here from its first answer on, for a month after somebody looked at it."
        )
    for live in runs[:MOST_SHOWN]:
        _render_run(state, live)
    if older := {live.code: live for live in runs[MOST_SHOWN:]}:

        def choose() -> None:
            if (code := st.session_state["own_runs"]) in older:
                _show(state, older[code])

        st.selectbox(
            "Older runs",
            list(older),
            index=None,
            format_func=lambda code: run_name(older[code].run()),
            key="own_runs",
            on_change=choose,
            disabled=state.running,
            placeholder="show one",
        )
    if state.live in runs and state.live is not None:
        _render_shown_run(state, state.live)


def _show(state: Session, live: LiveRun) -> None:
    state.put(live)
    state.go_to(RESULTS)


def _render_run(state: Session, live: LiveRun) -> None:
    run = live.run()
    ranked = ranking(run, usual(run))
    figures = [
        f"{display_name(s.player)} {headline_figure(s, ranked.basis)}"
        for s in ranked.standings[:4]
        if s.headline and not s.unranked
    ]
    state_words = "goes on" if live.running or live.elsewhere else ""
    if live.interrupted:
        state_words = sentence_at_end(live)
    about = [
        run.started_at[:16].replace("T", " "),
        ", ".join(figures) or f"{len(run.results)} answers",
        state_words,
        "" if live.made_here else "from a file",
    ]
    here = " (open)" if live is state.live else ""
    st.html(
        f'<p class="esc-run"><b>{text.escaped(run_name(run))}</b>{here}<br><span '
        f'class="esc-quiet">{text.escaped(" · ".join(filter(None, about)))}</span></p>'
    )
    with st.container(horizontal=True, key=f"saved_{live.code}"):
        if live is not state.live:
            st.button(
                "Show", key=f"show_{live.code}", on_click=_show, args=(state, live), disabled=state.running
            )
        if not no_other_device():
            render_copy_link(f"link_{live.code}", {"run": live.code})


def _render_shown_run(state: Session, live: LiveRun) -> None:
    def rename() -> None:
        state.rename(live, st.session_state[f"run_name_{live.code}"])

    def remove() -> None:
        state.remove(live)

    st.text_input("Name of this run", live.run().title, key=f"run_name_{live.code}", max_chars=120,
                  on_change=rename, autocomplete="off")  # fmt: skip
    render_comparison(state, live.run(), usual(live.run()))
    if st.checkbox("Remove this run", key=f"remove_{live.code}", disabled=state.running):
        text.quiet("Its answers and marks will be gone too, unless you saved it.")
        st.button("Yes, remove it", on_click=remove, key="remove_run")
    text.quiet("Anyone with a run's link can read it and cannot change it. The link contains no key.")


def render_comparison(state: Session, run: Run, metric: Metric) -> None:
    """Draw the choice of another run of this visitor's, and both runs side by side, player by player."""
    others = {live.code: live for live in state.shelf.runs if live is not state.live and not live.running}
    if not others:
        return
    chosen = st.selectbox(
        "Compare it with", ["", *others], key="beside",
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
        [[display_name(p), *(headline(lines[w].get(p), f) for w, f in by_side.items())] for p in players],
        "Both by the same metric, each over its own puzzles"
        + (
            ""
            if by_side["here"].basis.parts == by_side["there"].basis.parts
            else " and from different scores"
        )
        + ". Compare the figures only if these are the same",
    )
