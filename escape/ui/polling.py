"""Parts of the page that draw themselves again every so often."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import streamlit as st

_DRAWN = itertools.count()


def every(seconds: float, draw: Callable[..., None], *args: object, at_once: bool = True) -> None:
    """Draw a part of the page every `seconds` seconds, without the rest of it. And now, if `at_once`.

    Each time the page is drawn the part has another name, so that a browser's request for a part of the page before
    this one is passed over. Under its old name it would be taken up. And where it comes just when a page has been drawn
    and not yet been sent, Streamlit 1.67 drops the rest of that page. Thirty students at once left a page half drawn in
    every second lesson.
    """
    skipped = iter([not at_once])

    def part() -> None:
        if not next(skipped, False):
            draw(*args)

    part.__qualname__ = f"{draw.__qualname__}-{next(_DRAWN)}"
    st.fragment(part, run_every=seconds)()
