"""Pictures as PNG: the browser itself turns a drawing into one, at twice its size, so that no library is needed."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from escape.ui.assets import asset

_BUTTONS = st.components.v2.component(
    "escape_png", html='<div class="place"></div>', css=asset("png.css"), js=asset("png.js")
)


def buttons(pictures: Mapping[str, tuple[str, str]]) -> None:
    """A button for each picture. `pictures`: name of the file -> label and SVG."""
    if pictures:
        _BUTTONS(key="png", data={name: list(about) for name, about in pictures.items()})
