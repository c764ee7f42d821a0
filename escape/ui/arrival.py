"""The start of a visitor's session: the available puzzles, and the run that the address names."""

import contextlib
import threading
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from escape import models
from escape.metrics import METRICS
from escape.puzzles import files
from escape.results import order
from escape.runs import BACKGROUND, archive
from escape.types import BusyError, ClassError, Puzzle, Run, StoreError
from escape.ui import visit
from escape.ui.run import example
from escape.ui.session import ANSWERS, Session, answer_code
from escape.ui.setup import panel, players
from escape.ui.visit import visitor_is_here

CLOSED = "A class works on this run; it can be read once its teacher has revealed the result."


def session() -> Session:
    """Open the visitor's session on the first visit; return its state.

    A run code in the address brings its run back. Without one, the newest run on the visitor's shelf is shown
    if it is still in progress or was interrupted. Raises PuzzleError if the server's puzzles cannot be read.
    """
    if "escape" not in st.session_state:
        with _FIRST:  # worked out by the first visitor, while the others of a class that arrives at once wait
            at_hand = _at_hand(files.standard())
        created = Session(puzzles=[*at_hand.puzzles], sets=at_hand.sets)
        created.metric = name if (name := st.query_params.get("metric", "")) in METRICS else ""
        created.shelf = archive.open_shelf(visit.recalled("mine"), visitor_is_here())
        created.puzzles += [p for p in created.shelf.puzzles if p.problem_id not in created.bundled]
        code = st.query_params.get("run")
        # opened again during a run, or after its server died, the page opens on it, whatever the address says
        if code:
            own_run = next((r for r in created.shelf.runs if r.code == code), None)
        else:
            own_run = next((r for r in created.shelf.runs[-1:] if r.is_open), None)
        if code and own_run is None and closed(created, code):
            created.page.problem = CLOSED
        live = own_run
        if code and live is None and not created.page.problem:
            try:
                live = archive.find(code, visitor_is_here())
            except BusyError as error:
                created.page.problem = f"{str(error)[0].upper()}{str(error)[1:]}."
        if live:
            created.live = live
            ids = {p.problem_id for p in created.puzzles}
            created.puzzles += [p for p in live.run().puzzles if p.problem_id not in ids]
            if created.may_write(live):
                live.watchers.append(visitor_is_here())
                run = live.run()  # choose again what it was set up with, so that Run repeats it
                specs = [p for p in run.config.players if p.provider in models.PROVIDERS and not p.base_url]
                here = {p.problem_id for p in created.puzzles}
                if specs and not run.published and not set(run.config.problem_ids) - here:
                    players.choose(created, *specs)
                    panel.choose_by_hand(run.config.problem_ids)
            _open_answer(created, live.run())
        elif code and not created.page.problem:
            created.page.problem = (
                "That run is no longer kept here: it was removed, or nobody looked at it for a month. If you "
                "saved it, load its file under Saved runs; otherwise run it again."
            )
        elif st.query_params.get("answer") and (rooms_run := example.of_rooms()):
            created.open_on(rooms_run)
            _open_answer(created, rooms_run)
        st.session_state["escape"] = created
    state: Session = st.session_state["escape"]
    # a class has begun to work on it since
    if state.live and state.read_only and closed(state, state.live.code):
        state.live = state.chosen = None
        state.page.problem = CLOSED
    BACKGROUND.put_shelf(state.shelf)
    return state


def closed(state: Session, code: str) -> bool:
    """Tell whether an unrevealed class on this run keeps the visitor out. True too if the store fails.

    False without a store, and for the class's teacher, whose seat is restored here from what the browser
    remembers.
    """
    from escape.ui.class_ import way_in  # brings the database, which other addresses do without

    try:
        doors = way_in.class_access()
    except StoreError:
        return False  # without a store there is no class either
    try:
        classes = doors.classes_about(code)
        for class_code in classes:
            with contextlib.suppress(ClassError):
                state.seat.teacher = doors.teach(class_code, visit.recalled(f"teach_{class_code}"))
                state.seat.runs.add(code)
    except StoreError:
        return True
    return not all(classes.values()) and code not in state.seat.runs


class _AtHand(NamedTuple):
    """A folder's puzzles except the told ones, and the name of each one's set by its id."""

    puzzles: tuple[Puzzle, ...]
    sets: dict[str, str]


_FIRST = threading.Lock()


@lru_cache(maxsize=4)
def _at_hand(folder: Path) -> _AtHand:
    sets = {name: files.shared(path) for name, path in files.sets_in(folder).items()}
    sets.pop(files.TOLD, None)
    puzzles = tuple(p for found in sets.values() for p in found)
    return _AtHand(puzzles, {p.problem_id: name for name, found in sets.items() for p in found})


def _open_answer(state: Session, run: Run) -> None:
    if address := st.query_params.get("answer"):
        state.chosen = state.page.linked = next(
            (key for key in order(run) if answer_code(key) == address), None
        )
        if state.chosen:
            st.session_state["view"] = ANSWERS
