"""Line drawings of things, chosen by the noun in their name, as SVG paths in a 24 by 24 viewBox."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import quote


@cache
def _kinds() -> dict[str, str]:
    """Load the drawings: the words for a kind of thing -> its SVG path."""
    kinds: dict[str, str] = json.loads(Path(__file__).with_name("drawings.json").read_text("utf-8"))
    return kinds


@cache
def _by_word() -> dict[str, str]:
    return {word: lines for words, lines in _kinds().items() for word in words.split()}


def box() -> str:
    """Look up the drawing of a box, for things that have none of their own."""
    return next(lines for words, lines in _kinds().items() if words.startswith("box"))


def drawing_of(thing: str) -> str:
    """Find a thing's drawing, an SVG path. "" if its kind is unknown.

    The noun decides: the last known word before `of`, else the last known word of all.
    """
    for part in (thing.partition(" of ")[0], thing):
        for word in reversed(re.findall(r"[a-z]+", part.casefold())):
            if word in _by_word():
                return _by_word()[word]
    return ""


def url(lines: str) -> str:
    """Encode a drawing as a CSS `url()` to use as a mask."""
    shape = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='black' "
        f"stroke-width='1.7' stroke-linecap='round' stroke-linejoin='round'><path d='{lines}'/></svg>"
    )
    return f'url("data:image/svg+xml,{quote(shape)}")'


def of_moves(moves: Iterable[str]) -> tuple[str, list[str]]:
    """Draw the things that moves name: one style sheet for all moves, and each move's drawings as HTML."""
    shapes: dict[str, int] = {}
    each = []
    for move in moves:
        things = filter(None, (drawing_of(part) for part in re.split(r":|->", move)[1:]))
        numbers = [shapes.setdefault(lines, len(shapes)) for lines in things]
        each.append("".join(f'<i class="esc-thing esc-t{n}"></i>' for n in numbers))
    rules = "".join(f".esc-t{n}{{--drawing:{url(lines)}}}" for lines, n in shapes.items())
    return f"<style>{rules}</style>", each
