"""The whole page, drawn from its parts in reading order.

A visitor's page is drawn once at a time. Presses, fields and the opened tab are carried over to the next
drawing.
"""

import contextlib
import logging
import time
from functools import cache

import streamlit as st

from escape.types import PuzzleError, SpecError
from escape.ui import text, visit
from escape.ui.answers import answers
from escape.ui.arrival import session
from escape.ui.class_ import lessons
from escape.ui.play import play
from escape.ui.pressing import render_focus
from escape.ui.results import export, results
from escape.ui.run import example, progress, shelf
from escape.ui.session import ANSWERS, CLASS, MAKE, PLAY, RESULTS, TEST, VIEWS, Session
from escape.ui.setup import Choice, another_way, panel
from escape.ui.visit import check_field_types, host, warm_up
from escape.ui.workshop import puzzles, verdict

FIRST_S = 0.5  # seconds in which a first visit shows only the headline and the doors
TITLE = "Can a language model get out of the room?"
INTRO = "Each model reads a puzzle and writes a plan. Code tests the plan in the room."


def page() -> None:
    check_field_types()
    try:
        state = session()
    except PuzzleError as error:
        _render_not_set_up(error)
        return
    with state.page.drawing:
        waiting = set(state.page.presses)  # a press that comes while this is drawn is for the next drawing
        if any(name in st.query_params for name in CLASS):
            from escape.ui.class_ import pages  # brings the database, which other pages do without

            pages.render_entry(state)
        else:
            _render_tabs(state)
        render_focus(state)
        with contextlib.suppress(SpecError):  # invalid server settings, which the page says
            visit.render_memory(for_long=host().local)
        state.page.presses -= waiting  # of buttons that are no longer there
    warm_up()


def _render_not_set_up(error: PuzzleError) -> None:
    """Tell a visitor that this server's puzzles cannot be read, and its owner why."""
    st.set_page_config(TITLE, page_icon="🔑")
    text.style("page.css")
    text.cause(
        "This page is not set up: its puzzles cannot be read. Its owner finds the reason in the server's log."
    )
    with contextlib.suppress(SpecError):
        if host().local:
            text.quiet(f"ESCAPE_PUZZLES: {error}")
    _log_once(str(error))


@cache
def _log_once(why: str) -> None:
    logging.getLogger(__name__).error("ESCAPE_PUZZLES: %s", why)


def _render_tabs(state: Session) -> None:
    st.set_page_config("Escape: can a language model get out of the room?", page_icon="🔑", layout="wide")
    text.style("page.css")
    try:
        host()
    except SpecError as error:  # invalid server settings: stop before making any call
        text.cause(str(error))
        st.stop()
    state.drop_finished_side()
    if state.live is None and (rooms := example.of_rooms()):
        state.open_on(rooms)
    verdict.choose_added(state)
    coming = dict(state.page.next_fields)
    st.session_state.update(coming)

    view = st.session_state.get("view", VIEWS[0])
    at_first = (state.run is None or state.shows_example) and view == VIEWS[0]
    head = st.container(
        horizontal=True, vertical_alignment="top", horizontal_alignment="distribute", key="head"
    )
    if at_first:  # the large title and what this is stand there once
        head.title(TITLE, anchor=False)
        text.intro(INTRO)
    else:
        head.html(f'<h1 class="esc-title">{TITLE}</h1>')
    # the style sheet shows this on phones alone; on wide screens the menus themselves are in sight
    head.checkbox("Menu", key="phone_menu")
    menus = head.container(horizontal=True, width="content", key="menus")
    line = st.container()
    tabs = dict(zip(VIEWS, st.tabs(VIEWS, key="view", on_change=state.stay), strict=True))
    place, run_at_first = None, state.run
    if tabs[RESULTS].open and run_at_first:
        with tabs[RESULTS]:  # can be read while the set-up is still on its way
            place = results.render_headline(state, run_at_first)
        _let_it_be_read(state)
    with tabs[TEST]:  # also while another tab is open: what was chosen there survives
        choice = panel.render(state)
        if tabs[TEST].open:
            progress.render_run_line(state, choice)
    with menus:
        with st.popover("Class", key="class_menu"):
            lessons.render_way_in(state, choice)
            lessons.render(state, choice)
        with st.popover("Saved runs", key="runs_menu", on_change="rerun") as runs:
            if runs.open:
                shelf.render_menu(state)
                results.render_example_button(state)
                export.render_load(state)
        st.button("Make a room", key="to_make", on_click=state.go_to, args=(MAKE,))
    with line:
        another_way.render(state, choice)
        progress.render_above(state)
        lessons.render_way_back(state)
        lessons.render_asked(state, choice)

    for name in (RESULTS, ANSWERS, PLAY, MAKE):  # Test models is drawn above
        if tabs[name].open:
            with tabs[name]:
                _render_view(state, choice, name, place)
    state.forget_set_fields(coming)
    state.save()


def _render_view(state: Session, choice: Choice, name: str, place: results.Place | None) -> None:
    run = state.run
    if name == PLAY:
        play.render(state, choice)
    elif name == MAKE:
        puzzles.render(state)
    elif run is None:
        text.lead("Nothing has run yet. Choose who plays under Test models.")
    elif name == RESULTS:
        results.render(state, choice, run, place)
    else:
        answers.render(state, run, results.chosen_metric(state, run))


def _let_it_be_read(state: Session) -> None:
    """Pause at a browser's first visit, so that the headline and the doors become visible first.

    Streamlit 1.67 lays the whole page out again when the set-up arrives, and shows what is on its way only
    after all of it: after 1.9 s instead of 1.4.
    """
    is_browser = "Mozilla" in st.context.headers.get("User-Agent", "")
    if is_browser and state.shows_example and not state.page.painted:
        time.sleep(FIRST_S)
    state.page.painted = True
