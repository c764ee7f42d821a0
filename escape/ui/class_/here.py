"""The classes of this server, and who is asking for them."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from escape.classes import ClassAccess, ClassData
from escape.store import address, store
from escape.types import ClassError, EscapeError
from escape.ui import visit
from escape.ui.session import Seat, Session

T = TypeVar("T")
FREE_TRIES = 5  # wrong codes without a wait
LONGEST_WAIT_S = 60.0


@st.cache_resource(show_spinner=False)
def _doors(where: str) -> ClassAccess:
    return ClassAccess(ClassData(store()))


def doors() -> ClassAccess:
    """Return all classes of this server. Raises StoreError where their database cannot be used."""
    return _doors(address())


def enter(seat: Seat, attempt: Callable[[], T]) -> T:
    """Enter a class by a code or a word, with growing waits after wrong ones. Raises ClassError."""
    if (seconds := seat.again_at - time.monotonic()) > 0:
        raise ClassError(f"too many wrong codes; try again in {math.ceil(seconds)} seconds")
    try:
        return attempt()
    except ClassError:
        seat.wrong += 1
        if seat.wrong > FREE_TRIES:
            seat.again_at = time.monotonic() + min(LONGEST_WAIT_S, 2.0 ** (seat.wrong - FREE_TRIES))
        raise


def visitor() -> str:
    """Return who asks, for counting opened classes: the browser, by a word that it keeps. A school has one address."""
    word: str = st.session_state.setdefault("opener", visit.recalled("opener") or secrets.token_urlsafe(9))
    visit.remember("opener", word)
    return word


def act(state: Session, right: Callable[..., object], *about: object) -> None:
    try:
        right(*about)
    except EscapeError as error:
        state.say("board", str(error))
