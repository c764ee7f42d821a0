"""The visitor behind a page: whether they are there, what they may do, what their browser remembers.

Also a check of the field values that a browser sends.
"""

import contextlib
import os
import re
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import Serialized, Value, WStates

from escape import models
from escape.hosting import Hosting, Visit, hosting, owner
from escape.runs import LOOP, memory
from escape.ui.server import PROMISES, PROXY_HEADERS, SCRIPT

ALONE = "ESCAPE_ALONE"  # in the environment of a page that was started for this machine alone


def no_other_device() -> bool:
    """Tell whether the page serves this machine only, so that a link to it is of no use elsewhere."""
    return bool(os.environ.get(ALONE))


def visitor_is_here() -> Callable[[], bool]:
    """Make a check of whether this visitor's page is still open, to be called from any thread.

    Without a server, as in tests, it is always open.
    """
    context = get_script_run_ctx()
    if not runtime.exists() or context is None:
        return lambda: True  # no server, as in tests
    server, session_id = runtime.get_instance(), context.session_id
    return lambda: server.is_active_session(session_id)


def host() -> Hosting:
    """Work out what this server may do for this visitor. Raises SpecError for invalid settings."""
    chosen: Hosting = owner()
    if not runtime.exists():  # no server, as in tests: nobody can be far away
        return hosting(Visit("localhost"), chosen)
    headers = st.context.headers
    visit = Visit(
        host=headers.get("Host", ""),
        origin=headers.get("Origin", ""),
        remote_ip=st.context.ip_address,
        forwarded=any(h in headers for h in PROXY_HEADERS),
    )
    return hosting(visit, chosen)


def warm_up() -> None:
    if runtime.exists():
        LOOP.warm(_ready)


def _ready() -> None:
    """Import what a run will need next, and release the memory that drawing the first page left over."""
    models.warm()
    memory.release_memory()


PENDING = "remembered"  # the key of what this session's browser is to remember: name -> value
_VALUE = re.compile(r"[A-Za-z0-9._-]{0,120}")
_MONTH_S = 30 * 86_400


# shown by the script where the page stands in another site's frame and its browser keeps no cookies there
_ALONE = (
    '<p hidden data-alone class="esc-cause">Inside this frame your browser keeps nothing for this page, so a '
    'reload starts anew. <a href="?">Open the page in a tab of its own</a>.</p>'
)


def recalled(name: str) -> str:
    """Look up what the browser remembers under a name, or will once the page is drawn. "" if nothing."""
    return recalled_under(name).get("", "")


def recalled_under(prefix: str) -> dict[str, str]:
    """Look up all values under names with this prefix, by the rest of the name."""
    start, pending = f"escape_{prefix}", st.session_state.get(PENDING, {})
    every = {
        **dict(st.context.cookies.items()),
        **{f"escape_{name}": value for name, value in pending.items()},
    }
    kept = {name.removeprefix(start): str(value) for name, value in every.items() if name.startswith(start)}
    return {name: value for name, value in kept.items() if value and _VALUE.fullmatch(value)}


def remember(name: str, value: str) -> None:
    """Ask the browser to remember a value, or with "" to forget it, when the page is drawn."""
    if _VALUE.fullmatch(value):
        st.session_state.setdefault(PENDING, {})[name] = value


def render_memory(*, for_long: bool) -> None:
    """Draw the script that makes the browser remember, once per page. The same values again do nothing.

    `for_long`: for a month, else until the browser is closed.
    """
    marks = ""
    for name, value in sorted(st.session_state.get(PENDING, {}).items()):
        if PROMISES.has_routes:
            marks += f'<span hidden data-fetch="{_promised(name, value, for_long=for_long)}"></span>'
            continue
        age = ""
        if not value:
            age = "max-age=0;"
        elif for_long:
            age = f"max-age={_MONTH_S};"
        marks += f'<span hidden data-keep="{name}" data-value="{value}" data-age="{age}"></span>'
    if marks:
        _render_script(marks + _ALONE)


# the key of the words that this session's browser fetches its cookies with, by what they are for
GIVEN = "given"


def _promised(name: str, value: str, *, for_long: bool) -> str:
    """Promise a cookie and return its word, the same word for the same cookie.

    The script is run once for each word.
    """
    given: dict[tuple[str, str], str] = st.session_state.setdefault(GIVEN, {})
    if (name, value) not in given:
        age = _MONTH_S if for_long else None
        if not value:
            age = 0
        given[name, value] = PROMISES.give(name, value, age)
    return given[name, value]


def render_taking_fragment(name: str, before: str) -> None:
    """Have the browser remember the secret after the # of the address, and reload without it.

    The cookie holds `before` and the secret, for a minute.
    """
    if not _VALUE.fullmatch(before):
        return
    given: dict[tuple[str, str], str] = st.session_state.setdefault(GIVEN, {})
    word = ""
    if PROMISES.has_routes:
        if (name, before) not in given:
            given[name, before] = PROMISES.give(name, before, 60, takes=True)
        word = given[name, before]
    _render_script(f'<span hidden data-take="{name}" data-before="{before}" data-word="{word}"></span>')


def _render_script(marks: str) -> None:
    st.html(f"{marks}<script>{SCRIPT}</script>", unsafe_allow_javascript=True)


_read = WStates.__getitem__


def check_field_types() -> None:
    """Have Streamlit check the type of each value that a browser sends. Once for a server.

    Streamlit reads a value by the type it was sent as, not by the type of its field, and does so before the
    script runs, so that neither the script nor an error handler could refuse one.
    """
    WStates.__getitem__ = _field_value  # type: ignore[method-assign]


def _field_value(states: WStates, widget: str) -> Any:
    """Read a field's value; its default if what was sent has another type or cannot be read."""
    came, field = states.states.get(widget), states.widget_metadata.get(widget)
    if not isinstance(came, Serialized) or field is None:
        return _read(states, widget)
    if _form(came.value.WhichOneof("value")) == _form(field.value_type) and _is_offered(
        came.value.string_value, field
    ):
        # whatever Streamlit's readers make of what they were not written for
        with contextlib.suppress(Exception):
            return _read(states, widget)
    states.states[widget] = Value(field.deserializer(None))
    return states.states[widget].value


def _is_offered(text: str, field: WidgetMetadata[Any]) -> bool:
    """Tell whether a field offers the option that was sent. Streamlit passes on any other unchanged.

    True for a field without options, and for one that takes new ones.
    """
    return not text or field.formatted_options is None or text in field.formatted_options


def _form(name: str | None) -> str | None:
    """Map both types of number to one, since browsers send whole numbers for either kind of field."""
    return "double_value" if name == "int_value" else name
