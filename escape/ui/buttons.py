"""Buttons that the browser itself carries out: copying a link, and making a PNG of a drawing at twice its size."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from escape.ui import text
from escape.ui.assets import asset
from escape.ui.visit import no_other_device

_BUTTONS = st.components.v2.component(
    "escape_buttons", html='<div class="place"></div>', css=asset("buttons.css"), js=asset("buttons.js")
)


def png(pictures: Mapping[str, tuple[str, str]]) -> None:
    """A button for each picture. `pictures`: name of the file -> label and SVG."""
    if pictures:
        _BUTTONS(key="png", data=[{"label": label, "svg": svg, "file": n} for n, (label, svg) in pictures.items()])


def copy_link(key: str, query: Mapping[str, str]) -> None:
    """Draw a button that copies this page's address with a query; where nobody else reaches it, name the report."""
    if no_other_device():
        text.quiet("Only this machine opens links to this page. To share, send the report (Results, More formats).")
        return
    address = (st.context.url or "").partition("?")[0]
    _BUTTONS(key=key, width="content", data=[{"label": "Copy link", "copy": f"{address}?{urlencode(query)}"}])


def copy_text(key: str, text: str) -> None:
    _BUTTONS(key=key, width="content", data=[{"label": "Copy", "copy": text}])
