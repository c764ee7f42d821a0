"""Buttons that see the fields' current values, the focus, timed redrawing, buttons run in the browser."""

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from escape.ui import text
from escape.ui.assets import asset
from escape.ui.session import FocusRequest, Session
from escape.ui.visit import no_other_device


def pressed(
    state: Session, label: str, key: str, *, disabled: bool = False, opens: str = "", **how: Any
) -> bool:
    """Draw a button; return True once for each press, in the drawing of the page that follows it.

    `opens`: the tab that a press opens.

    For presses that use the values of fields. A callback sees them as they were when its button was last
    drawn: somebody who types and presses at once would run without the cap just written, or keep a text
    without its last word. A callback still notes the press, so that it is not lost if a drawing of the page
    is cut off. A press is dropped if its button is no longer drawn, or is disabled by then.
    """

    def note() -> None:
        state.page.presses.add(key)
        # at once: whoever opens another tab then, stays there
        if opens and st.session_state.get("view") != opens:
            st.session_state["view"] = opens

    st.button(label, key=key, disabled=disabled, on_click=note, **how)
    if disabled or key not in state.page.presses:
        return False
    state.page.presses.discard(key)
    return True


_CSS = "p{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);margin:0}"
_FOCUS = st.components.v2.component(
    "escape_focus", html='<p role="status"></p>', css=_CSS, js=asset("focus.js")
)


def bring(state: Session, key: str, *, look: bool = False, words: str = "") -> None:
    """Focus the heading of a part once it is drawn; with `look`, only scroll to the part.

    `key`: of the part's container. `words`: what a screen reader says.
    """
    state.page.focus = FocusRequest(state.page.focus.number + 1, key, look, words)


def announce(state: Session, words: str, *, lost: str = "") -> None:
    """Have a screen reader say `words`.

    The focus stays. If the element that had it is gone, it goes to the part `lost`.
    """
    state.page.focus = FocusRequest(state.page.focus.number + 1, f"?{lost}" if lost else "", words=words)


def render_focus(state: Session) -> None:
    """Draw the component that moves the focus, speaks and opens tabs.

    It is in every page, so that it knows what it has done already.
    """
    number, key, look, words = state.page.focus
    jump, tab = state.page.jump
    data = {"number": number, "key": key, "looked": look, "words": words, "jump": jump, "tab": tab}
    _FOCUS(key="focus", data=json.dumps(data))


_DRAWN = itertools.count()


def every(seconds: float, draw: Callable[..., None], *args: object, at_once: bool = True) -> None:
    """Draw a part of the page every `seconds` seconds without the rest, the first time now if `at_once`.

    The part gets a new name at each drawing of the page, so that a browser's request for the part of an
    earlier drawing is ignored. Under the same name it would be carried out; and if it came when a page had
    been drawn but not yet sent, Streamlit 1.67 would drop the rest of that page. With thirty students at
    once, a page was left half drawn in every second lesson.
    """
    skip = not at_once

    def part() -> None:
        nonlocal skip
        if skip:
            skip = False
        else:
            draw(*args)

    part.__qualname__ = f"{draw.__qualname__}-{next(_DRAWN)}"
    st.fragment(part, run_every=seconds)()


_BUTTONS = st.components.v2.component(
    "escape_buttons", html='<div class="place"></div>', css=asset("buttons.css"), js=asset("buttons.js")
)


def render_png_buttons(pictures: Mapping[str, tuple[str, str]]) -> None:
    """Draw a button for each picture, which saves it as PNG. `pictures`: file name -> label and SVG."""
    if pictures:
        _BUTTONS(
            key="png", data=[{"label": label, "svg": svg, "file": n} for n, (label, svg) in pictures.items()]
        )


def render_copy_link(key: str, query: Mapping[str, str]) -> None:
    """Draw a button that copies this page's address with a query.

    If only this machine can open the page, say so instead, and point to the report.
    """
    if no_other_device():
        text.quiet(
            "Only this machine opens links to this page. To share, send the report (Results, More formats)."
        )
        return
    address = (st.context.url or "").partition("?")[0]
    _BUTTONS(key=key, width="content", data=[{"label": "Copy link", "copy": f"{address}?{urlencode(query)}"}])


def render_copy_text(key: str, copied: str) -> None:
    _BUTTONS(key=key, width="content", data=[{"label": "Copy", "copy": copied}])
