"""Presses that go by the fields' current values, where the focus goes, and buttons that the browser carries
out.
"""

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from escape.ui import text
from escape.ui.assets import asset
from escape.ui.session import Session
from escape.ui.visit import no_other_device


def pressed(
    state: Session, label: str, key: str, *, disabled: bool = False, opens: str = "", **how: Any
) -> bool:
    """Return a button. True once for each press of it, in the drawing of the page that follows. `opens`: the
    tab it leads to.

    For a press that goes by what fields say. A callback knows them as they were when its button was last
    drawn: whoever types and presses at once is ahead of that, and would run without the cap just written, or
    keep a text without its last word. The press is noted by a callback all the same, so that it is not lost
    where a drawing of the page is broken off. One whose button is not drawn again, or no longer takes
    presses, is passed over.
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
    """Focus the heading of a part once it is drawn, or with `look` scroll to it. `words`: what is read
    out.
    """
    state.page.brought = (state.page.brought[0] + 1, key, look, words)


def announce(state: Session, words: str, *, lost: str = "") -> None:
    """Have words read out. The focus stays, unless what had it is gone: then it goes to the part `lost`."""
    state.page.brought = (state.page.brought[0] + 1, f"?{lost}" if lost else "", False, words)


def draw_focus(state: Session) -> None:
    """The script that does it. Always in the page, so that it knows what it has done."""
    number, key, look, words = state.page.brought
    jump, tab = state.page.jump
    data = {"number": number, "key": key, "looked": look, "words": words, "jump": jump, "tab": tab}
    _FOCUS(key="focus", data=json.dumps(data))


_DRAWN = itertools.count()


def every(seconds: float, draw: Callable[..., None], *args: object, at_once: bool = True) -> None:
    """Draw a part of the page every `seconds` seconds, without the rest of it, the first time now if
    `at_once`.

    Each time the page is drawn the part has another name, so that a browser's request for a part of the page
    before this one is passed over. Under its old name it would be taken up. And where it comes just when a
    page has been drawn and not yet been sent, Streamlit 1.67 drops the rest of that page. Thirty students at
    once left a page half drawn in every second lesson.
    """
    skipped = iter([not at_once])

    def part() -> None:
        if not next(skipped, False):
            draw(*args)

    part.__qualname__ = f"{draw.__qualname__}-{next(_DRAWN)}"
    st.fragment(part, run_every=seconds)()


_BUTTONS = st.components.v2.component(
    "escape_buttons", html='<div class="place"></div>', css=asset("buttons.css"), js=asset("buttons.js")
)


def png(pictures: Mapping[str, tuple[str, str]]) -> None:
    """A button for each picture. `pictures`: name of the file -> label and SVG."""
    if pictures:
        _BUTTONS(
            key="png", data=[{"label": label, "svg": svg, "file": n} for n, (label, svg) in pictures.items()]
        )


def copy_link(key: str, query: Mapping[str, str]) -> None:
    """Draw a button that copies this page's address with a query; where nobody else reaches it, name the
    report.
    """
    if no_other_device():
        text.quiet(
            "Only this machine opens links to this page. To share, send the report (Results, More formats)."
        )
        return
    address = (st.context.url or "").partition("?")[0]
    _BUTTONS(key=key, width="content", data=[{"label": "Copy link", "copy": f"{address}?{urlencode(query)}"}])


def copy_text(key: str, text: str) -> None:
    _BUTTONS(key=key, width="content", data=[{"label": "Copy", "copy": text}])
