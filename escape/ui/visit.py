"""The visitor behind a page: still there or gone, on this machine or not, what this server may do for them,
the secrets that their browser remembers, and fields that are read by their own form.
"""

import contextlib
import os
import re
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.elements.widgets.radio import RadioSerde
from streamlit.elements.widgets.selectbox import SelectboxSerde
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import Serialized, Value, WStates

from escape import models
from escape.hosting import Hosting, Visit, hosting, owner
from escape.runs import LOOP, memory
from escape.ui.server import PROMISES, PROXY_HEADERS, SCRIPT

ALONE = "ESCAPE_ALONE"  # in the environment of a page that was started for this machine alone


def no_other_device() -> bool:
    """Return whether the page was started for this machine alone, so that a link to it is good for nobody
    else.
    """
    return bool(os.environ.get(ALONE))


def visitor_is_here() -> Callable[[], bool]:
    """Return whether this visitor's page is still open, askable from any thread."""
    context = get_script_run_ctx()
    if not runtime.exists() or context is None:
        return lambda: True  # no server, as in tests
    server, session_id = runtime.get_instance(), context.session_id
    return lambda: server.is_active_session(session_id)


def host() -> Hosting:
    """Return what this server may do for this visitor. Raises SpecError if the server's settings are
    invalid.
    """
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
    """Load what is wanted next, and give back what making the first page has left over."""
    models.warm()
    memory.release_memory()


PENDING = "remembered"  # the key of what this session's browser is to remember: name -> value
_VALUE = re.compile(r"[A-Za-z0-9._-]{0,120}")
_MONTH_S = 30 * 86_400


# shown by the script where the page stands in another site's frame and its browser keeps no cookies there
_ALONE = (
    '<p hidden data-alone class="esc-cause">Inside this frame your browser keeps nothing for this page, so a '
    "reload "
    'starts anew. <a href="?">Open the page in a tab of its own</a>.</p>'
)


def recalled(name: str) -> str:
    """Return what the browser remembers under a name, or is just being told to. "" if nothing."""
    return recalled_under(name).get("", "")


def recalled_under(prefix: str) -> dict[str, str]:
    """Return all that the browser remembers under names that begin so, by the rest of the name."""
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


def draw(*, for_long: bool) -> None:
    """The script, once per page. The same values again do nothing."""
    marks = ""
    for name, value in sorted(st.session_state.get(PENDING, {}).items()):
        if PROMISES.kept:
            marks += f'<span hidden data-fetch="{_promised(name, value, for_long=for_long)}"></span>'
            continue
        age = "max-age=0;" if not value else f"max-age={_MONTH_S};" if for_long else ""
        marks += f'<span hidden data-keep="{name}" data-value="{value}" data-age="{age}"></span>'
    if marks:
        _run(marks + _ALONE)


GIVEN = (
    "given"  # the key of the words that this session's browser fetches its cookies with, by what they are for
)


def _promised(name: str, value: str, *, for_long: bool) -> str:
    """Return the word for a cookie, the same as long as it is the same cookie: its script is run once for
    each word.
    """
    given: dict[tuple[str, str], str] = st.session_state.setdefault(GIVEN, {})
    if (name, value) not in given:
        age = 0 if not value else _MONTH_S if for_long else None
        given[name, value] = PROMISES.give(name, value, age)
    return given[name, value]


def take_fragment(name: str, before: str) -> None:
    """Remember a secret from behind the # of the address, behind `before`, and load the page without it."""
    if not _VALUE.fullmatch(before):
        return
    given: dict[tuple[str, str], str] = st.session_state.setdefault(GIVEN, {})
    word = ""
    if PROMISES.kept:
        word = given.setdefault((name, before), PROMISES.give(name, before, 60, takes=True))
    _run(f'<span hidden data-take="{name}" data-before="{before}" data-word="{word}"></span>')


def _run(marks: str) -> None:
    st.html(f"{marks}<script>{SCRIPT}</script>", unsafe_allow_javascript=True)


_read = WStates.__getitem__


def bound() -> None:
    """Have fields read by their own form, once for a server.

    Streamlit reads a field's value by the form it came in, not by the form of its field, and does so before
    the script runs, so that neither the script nor a handler of its errors could refuse one.
    """
    WStates.__getitem__ = _checked  # type: ignore[method-assign]


def _checked(states: WStates, widget: str) -> Any:
    """Return a field's value. Its default where what came is of another form or cannot be read."""
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
    """Return False for the choice of an option that its field does not have, which Streamlit hands on as it
    came.
    """
    offers = getattr(field.deserializer, "__self__", None)
    if not text or not isinstance(offers, (RadioSerde, SelectboxSerde)):
        return True
    return text in offers.formatted_option_to_option_index


def _form(name: str | None) -> str | None:
    """Return a form of value. Browsers send whole numbers for fields of either kind of number."""
    return "double_value" if name == "int_value" else name
