"""Secrets that a visitor's browser is asked to remember, as cookies, so that no address, log or Referer has them.

Streamlit reads the cookies that came with a page's connection but cannot set one, so a script does. On a page of one's
own they last a month. On a hosted one as long as the browser is open, since others may use the same machine.
"""

from __future__ import annotations

import re

import streamlit as st

from escape.ui.assets import asset

_PENDING = "remembered"  # the key of what this session's browser is to remember: name -> value
_VALUE = re.compile(r"[A-Za-z0-9._-]{0,120}")
_MONTH_S = 30 * 86_400
# always the same text, so that a server's policy can name its hash, as docs/nginx.conf does; what differs stands beside
SCRIPT = asset("remember.js")


# shown by the script where the page stands in another site's frame and its browser keeps no cookies there
_ALONE = (
    '<p hidden data-alone class="esc-cause">Inside this frame your browser keeps nothing for this page, so a reload '
    'starts anew. <a href="?">Open the page in a tab of its own</a>.</p>'
)


def recalled(name: str) -> str:
    """Return what the browser remembers under a name. "" if nothing."""
    value = str(st.context.cookies.get(f"escape_{name}") or "")
    return value if _VALUE.fullmatch(value) else ""


def recalled_under(prefix: str) -> dict[str, str]:
    """Return all that the browser remembers under names that begin so, by the rest of the name."""
    start = f"escape_{prefix}"
    values = {name.removeprefix(start): str(v) for name, v in st.context.cookies.items() if name.startswith(start)}
    return {name: value for name, value in values.items() if value and _VALUE.fullmatch(value)}


def remember(name: str, value: str) -> None:
    """Ask the browser to remember a value, or with "" to forget it, when the page is drawn."""
    if _VALUE.fullmatch(value):
        st.session_state.setdefault(_PENDING, {})[name] = value


def draw(*, for_long: bool) -> None:
    """The script, once per page. The same values again do nothing."""
    marks = ""
    for name, value in sorted(st.session_state.get(_PENDING, {}).items()):
        age = "max-age=0;" if not value else f"max-age={_MONTH_S};" if for_long else ""
        marks += f'<span hidden data-keep="{name}" data-value="{value}" data-age="{age}"></span>'
    if marks:
        _run(marks + _ALONE)


def take_fragment(name: str, before: str) -> None:
    """Remember a secret from behind the # of the address, behind `before`, and load the page without it."""
    if _VALUE.fullmatch(before):
        _run(f'<span hidden data-take="{name}" data-before="{before}"></span>')


def _run(marks: str) -> None:
    st.html(f"{marks}<script>{SCRIPT}</script>", unsafe_allow_javascript=True)
