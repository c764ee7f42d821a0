"""Parts of the page that draw themselves again every so often."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")
_DRAWN = itertools.count()


def every(seconds: float, draw: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Draw a part now, and again every `seconds` seconds, without the rest of the page."""
    _fragment(seconds, draw, lambda: draw(*args, **kwargs))


def after(seconds: float, look: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call `look` every `seconds` seconds, starting after the first interval; the page being drawn already shows the
    current state.
    """
    drawn = iter([True])

    def again() -> None:
        if not next(drawn, False):
            look(*args, **kwargs)

    _fragment(seconds, look, again)


def _fragment(seconds: float, draw: Callable[..., None], part: Callable[[], None]) -> None:
    """A part of the page under a name of its own.

    Each time the page is drawn the part has another name, so that a browser's request for a part of the page before
    this one is passed over. Under its old name it would be taken up; and where it comes just when a page has been drawn
    and not yet been sent, Streamlit 1.67 drops the rest of that page. Thirty students at once left a page half drawn in
    every second lesson.
    """
    part.__qualname__ = f"{getattr(draw, '__qualname__', 'part')}-{next(_DRAWN)}"
    st.fragment(part, run_every=seconds)()
