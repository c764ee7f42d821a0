"""The visitor behind a page: still there or gone, on this machine or not, and what this server may do for them."""

from __future__ import annotations

import os
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from escape import models
from escape.hosting import Hosting, Visit, hosting, owner
from escape.runs import LOOP, background

_PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-Ip", "Via")


ALONE = "ESCAPE_ALONE"  # in the environment of a page that was started for this machine alone


def no_other_device() -> bool:
    """Return whether the page was started for this machine alone, so that a link to it is good for nobody else."""
    return bool(os.environ.get(ALONE))


def visitor_is_here() -> Callable[[], bool]:
    """Return whether this visitor's page is still open, askable from any thread."""
    context = get_script_run_ctx()
    if not runtime.exists() or context is None:
        return lambda: True  # no server, as in tests
    server, session_id = runtime.get_instance(), context.session_id
    return lambda: server.is_active_session(session_id)


def host() -> Hosting:
    """Return what this server may do for this visitor. Raises SpecError if the server's settings are invalid."""
    chosen: Hosting = owner()
    if not runtime.exists():  # no server, as in tests: nobody can be far away
        return hosting(Visit("localhost"), chosen)
    headers = st.context.headers
    visit = Visit(
        host=headers.get("Host", ""),
        origin=headers.get("Origin", ""),
        remote_ip=st.context.ip_address,
        forwarded=any(h in headers for h in _PROXY_HEADERS),
    )
    return hosting(visit, chosen)


def warm_up() -> None:
    """After the first paint, load what the first run with a model will want."""
    if runtime.exists():
        LOOP.warm(_ready)


def _ready() -> None:
    """Load what is wanted next, and give back what making the first page has left over."""
    models.warm()
    background.give_back()
