"""A small line drawing for each thing of a room, by its kind: a bottle, a rope, a tube. Only shapes and words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

import streamlit as st

from escape.types import MoveResult
from escape.ui import text
from escape.ui.assets import asset

# a kind's words, and its lines on a field of 24 by 24
_KINDS: dict[str, str] = json.loads(asset("drawings.json"))
_BOX = next(lines for words, lines in _KINDS.items() if words.startswith("box"))
_LINES = {word: lines for words, lines in _KINDS.items() for word in words.split()}
STYLE = """.st-key-play_thing button::before{content:"";flex:none;width:1.6rem;height:1.6rem;margin-right:.4rem;
 background:currentColor;opacity:.8;mask:var(--drawing) center/contain no-repeat}"""


def lines_of(thing: str) -> str:
    """Return the lines of a thing's drawing, "" if its kind is unknown. The noun decides: the last word before `of`."""
    for part in (thing.partition(" of ")[0], thing):
        for word in reversed(re.findall(r"[a-z]+", part.casefold())):
            if word in _LINES:
                return _LINES[word]
    return ""


def of_moves(moves: Iterable[str]) -> tuple[str, list[str]]:
    """Return the drawings of what moves name: a style sheet for all, and for each move its drawings as HTML."""
    shapes: dict[str, int] = {}
    each = []
    for move in moves:
        things = filter(None, (lines_of(part) for part in re.split(r":|->", move)[1:]))
        numbers = [shapes.setdefault(lines, len(shapes)) for lines in things]
        each.append("".join(f'<i class="esc-thing esc-t{n}"></i>' for n in numbers))
    rules = "".join(f".esc-t{n}{{--drawing:{_url(lines)}}}" for lines, n in shapes.items())
    return f"<style>{rules}</style>", each


def _url(lines: str) -> str:
    shape = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='black' stroke-width='1.7' "
        f"stroke-linecap='round' stroke-linejoin='round'><path d='{lines}'/></svg>"
    )
    return f'url("data:image/svg+xml,{quote(shape)}")'


def style(things: Iterable[str]) -> str:
    """Return the drawings beside the names of a row of buttons, in their order, as CSS. Nothing of a name is in it."""
    rules = []
    for number, thing in enumerate(things, 1):
        where = f".st-key-play_thing button:nth-child({number})"
        rules.append(f"{where}{{--drawing:{_url(lines_of(thing) or _BOX)}}}")
    return f"<style>{STYLE}{''.join(rules)}</style>"


def steps(moves: Sequence[MoveResult], lost_at: int | None, *, out: bool | None = None) -> None:
    """Moves and what the room said to each. The one after which there was no way out any more is marked. With `out`,
    they come one after the other, with drawings, and at the end the door opens or stays shut.

    What comes is read out elsewhere, from a place that stays.
    """
    sheet, drawings_html = of_moves(step.move for step in moves) if out is not None else ("", [""] * len(moves))
    rows = []
    for number, step in enumerate(moves, 1):
        lost = ' <b class="state bad">from here on there was no way out</b>' if number == lost_at else ""
        idle = step.free and step.understood and step.move != "give up"
        free = ' <span class="esc-quiet">(costs no move)</span>' if idle else ""
        read = "" if step.understood else ' class="esc-quiet"'
        things = drawings_html[number - 1]
        rows.append(f"<li{read}>{things}<b>{text.escaped(step.move)}</b>{free}<br>{text.escaped(step.said)}{lost}</li>")
    kind = "esc-steps"
    if out is not None:
        rows.append(f'<li class="esc-end"><span class="esc-door{" out" if out else ""}"></span></li>')
        kind = "esc-steps esc-drawn"
    st.html(f'{sheet}<div role="region" aria-label="Moves so far"><ol class="{kind}">{"".join(rows)}</ol></div>')
