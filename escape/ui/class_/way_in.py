"""Access to a class: the server's classes, the teacher's sign-in, and the address, QR code and link."""

import contextlib
import math
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st
from streamlit import net_util

from escape.classes import ClassAccess, ClassData, Teacher
from escape.store import database_url, store
from escape.types import ClassError, EscapeError, WrongCodeError
from escape.ui import text, visit
from escape.ui.session import Seat, Session

T = TypeVar("T")
FREE_TRIES = 5  # wrong codes without a wait
LONGEST_WAIT_S = 60.0


@st.cache_resource(show_spinner=False)
def _class_access(where: str) -> ClassAccess:
    return ClassAccess(ClassData(store()))


def class_access() -> ClassAccess:
    """Get the access to this server's classes. Raises StoreError if their database cannot be used."""
    return _class_access(database_url())


def enter(seat: Seat, attempt: Callable[[], T]) -> T:
    """Run an attempt to enter a class; after five wrong codes or words, impose growing waits, to 60 s.

    Raises ClassError for a wrong code, and during a wait.
    """
    if (seconds := seat.again_at - time.monotonic()) > 0:
        raise ClassError(f"too many wrong codes; try again in {math.ceil(seconds)} seconds")
    try:
        came = attempt()
    except WrongCodeError:
        seat.wrong += 1
        if seat.wrong > FREE_TRIES:
            seat.again_at = time.monotonic() + min(LONGEST_WAIT_S, 2.0 ** (seat.wrong - FREE_TRIES))
        raise
    seat.wrong = 0
    return came


def visitor() -> str:
    """Identify the browser by a word that it keeps, to count the classes it opens.

    A whole school may share one network address.
    """
    word: str = st.session_state.setdefault("opener", visit.recalled("opener") or secrets.token_urlsafe(9))
    visit.remember("opener", word)
    return word


def act(state: Session, right: Callable[..., object], *about: object) -> None:
    try:
        right(*about)
    except EscapeError as error:
        state.say("board", str(error))


CONTAINER = Path("/.dockerenv")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _network_address() -> str:
    """Work out the page's address for other devices.

    A loopback address becomes this machine's own in its network, unless the server listens on loopback alone
    or runs in a container.
    """
    opened = (st.context.url or "").partition("?")[0]
    parts = urlsplit(opened)
    if not parts.path:
        opened += "/"
        parts = parts._replace(path="/")
    if parts.hostname not in LOOPBACK or st.get_option("server.address") in LOOPBACK:
        return opened
    own_address = net_util.get_internal_ip()
    # a container's own address is one that nobody reaches
    if not own_address or own_address in LOOPBACK or CONTAINER.exists():
        return opened
    return urlunsplit(parts._replace(netloc=f"{own_address}:{parts.port}" if parts.port else own_address))


def invitation(code: str, *, small: bool) -> str:
    """Compose the address, code and QR code for joining, as HTML."""
    here = _network_address()
    address = f"{here}?class={code}"
    picture = segno.make(address, error="m").svg_data_uri(scale=6, border=2)
    tag = "" if small else ' class="esc-code"'
    return (
        f'<div class="join"><p>Join at<br>{text.escaped(here)}?class={code}<br><b{tag}>{code}</b></p>'
        f'<img class="esc-qr" src="{picture}" alt="QR code of {text.escaped(address)}"></div>'
    )


def render_address_warning() -> None:
    """Warn if the board's address reaches no other device, or only those in this network."""
    here = _network_address()
    if urlsplit(here).hostname in LOOPBACK:
        text.cause(
            "This address works on this machine alone. Start the page with “make network” or “escape serve "
            "--network”, or use a server; then open it by the address that others use."
        )
    elif here != (st.context.url or "").partition("?")[0]:
        text.quiet("This is the machine's own address in its network; students must be on the same network.")


def in_a_corner(code: str) -> str:
    """Compose the address for latecomers, as HTML."""
    return f'<p class="late">Join at {text.escaped(_network_address())}?class={code}</p>'


def render_teacher_link(code: str, *, unfolded: bool) -> None:
    """Draw the teacher's private link, to copy and as a file, if this browser remembers the secret.

    `unfolded`: open at once, where the class continues another day and no projector shows the page.
    """
    secret = visit.recalled(f"teach_{code}")
    if not secret:
        return
    link = f"{_network_address()}?guide={code}#{secret}"
    with st.expander("Use another device, or go on another day: your teacher link", expanded=unfolded):
        text.quiet(
            "For you alone: whoever has it steers the class. Closing this browser may lose it, so keep the "
            "file."
        )
        st.code(link, language=None, wrap_lines=True)
        page = f'<!doctype html><meta charset="utf-8"><title>Class {code}</title>'
        page += (
            f'<h1>Class {code}, for its teacher</h1><p><a href="{text.escaped(link)}">Open the guide</a></p>'
        )
        page += "<p>For you alone: whoever has this file steers the class.</p>"
        st.download_button("Keep the link as a file", page, f"class-{code}-teacher.html", "text/html",
                           key="teacher_file", on_click="ignore")  # fmt: skip


def render_sign_in(state: Session, page: str) -> Teacher | None:
    """Sign in the teacher of the class that the address names under `page`.

    None while the form for the secret is on show. Tries the session, the link's secret and the browser's
    first. Raises ClassError for a wrong secret in the form.
    """
    code = st.query_params.get(page, "").upper()
    name = f"teach_{code}"
    if code.isalnum():
        visit.render_taking_fragment("try", f"{code}.")
    if state.seat.teacher and state.seat.teacher.code == code:
        return state.seat.teacher
    whose, _, typed_secret = visit.recalled("try").partition(".")
    # what followed the # of the link; it is kept for longer only once it has opened this class
    if typed_secret:
        visit.remember("try", "")
        with contextlib.suppress(ClassError):
            if whose == code:
                state.seat.teacher = class_access().teach(code, typed_secret)
                visit.remember(name, typed_secret)
                return state.seat.teacher
        text.cause(
            "That link is not this class's teacher link, so nothing was changed. Open the link you were "
            "given."
        )
    if secret := visit.recalled(name):
        with contextlib.suppress(ClassError):  # of a class that was deleted: ask
            state.seat.teacher = class_access().teach(code, secret)
            return state.seat.teacher
    st.title("The teacher's page of a class", anchor=False)
    with st.form("teach", border=False):
        typed = st.text_input(
            "Your teacher's word (what follows the # in your teacher link)",
            type="password",
            autocomplete="off",
            max_chars=60,
        )
        if st.form_submit_button("Come back", type="primary"):
            state.seat.teacher = me = enter(state.seat, lambda: class_access().teach(code, typed))
            visit.remember(f"teach_{me.code}", typed.strip())
            st.query_params[page] = me.code  # however it was written
            st.rerun()
    return None
