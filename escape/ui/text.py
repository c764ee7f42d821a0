"""Untrusted text on the page: escaped HTML, never Markdown, which would load images and follow links."""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import streamlit as st

from escape.types import escaped
from escape.ui.assets import asset


def style(*sheets: str) -> None:
    st.html(f"<style>{''.join(map(asset, sheets))}</style>")


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:@&])")


_SHORTCODE = re.compile(r":(?=[\w+-])")  # of an icon, which Streamlit reads before it reads Markdown


def label(text: str) -> str:
    """Escape untrusted text for a widget's label, which Streamlit reads as Markdown with icon codes."""
    return _MARKDOWN.sub(r"\\\1", _SHORTCODE.sub(":\u2060", text))


def lead(text: str) -> None:
    st.html(f'<div role="status"><h2 class="esc-lead">{escaped(text)}</h2></div>')


def intro(text: str) -> None:
    st.html(f'<p class="esc-lead">{escaped(text)}</p>')


def bars(rows: Sequence[tuple[str, int]]) -> None:
    most = max((n for _, n in rows), default=0) or 1
    parts = []
    for name, n in rows:
        parts.append(f'<span>{escaped(name)}</span><i style="width:{100 * n / most:.1f}%"></i><b>{n}</b>')
    st.html(f'<div class="esc-bars">{"".join(parts)}</div>')


def quiet(text: str) -> None:
    st.html(f'<p class="esc-quiet">{escaped(text)}</p>')


def status(text: str) -> None:
    st.html(f'<p class="esc-quiet" role="status"><b>{escaped(text)}</b></p>')


def quiet_heading(text: str) -> None:
    """Draw a heading that looks like a sentence, so that the focus can go to it."""
    st.html(f'<h2 class="esc-quiet esc-said">{escaped(text)}</h2>')


def heading(text: str) -> None:
    st.html(f'<h2 class="esc-h">{escaped(text)}</h2>')


def items(title: str, lines: Sequence[str], *, ordered: bool = False) -> None:
    if lines:
        tag = "ol" if ordered else "ul"
        body = "".join(f"<li>{escaped(x)}</li>" for x in lines)
        st.html((f'<h3 class="esc-h">{escaped(title)}</h3>' if title else "") + f"<{tag}>{body}</{tag}>")


def step(number: int, title: str, about: str) -> None:
    st.html(f'<h2 class="esc-step">{number}. {escaped(title)}</h2><p class="esc-quiet">{escaped(about)}</p>')


def cause(text: str) -> None:
    st.html(f'<div class="esc-cause" role="alert">{escaped(text)}</div>')


@dataclass(frozen=True)
class Message:
    """A message about something the visitor did, shown beside it. `good`: False for a cause."""

    good: bool = True
    words: str = ""


def render_message(what: Message | None) -> None:
    if what and what.words:
        (quiet if what.good else cause)(what.words)


def _for_finding(text: str) -> tuple[str, "array[int]"]:
    """Unify case, apostrophes and blanks of a text; return it with its characters' original places."""
    pieces: list[str] = []
    places = array("l")
    for word in _WORD.finditer(text):
        if pieces:
            pieces.append(" ")
            places.append(word.start() - 1)
        small = word[0].lower().replace("’", "'")
        pieces.append(small if len(small) == len(word[0]) else word[0])
        places.extend(range(word.start(), word.end()))
    return "".join(pieces), places


_WORD = re.compile(r"\S+")


def spans(text: str, quotes: Mapping[int, str]) -> list[tuple[int, int, int]]:
    """Find quotes in a text, whatever their case and blanks; return (start, end, number) of each."""
    plain, places = _for_finding(text)
    spans_found: list[tuple[int, int, int]] = []
    for number, quote in quotes.items():
        pattern, _ = _for_finding(quote)
        at = plain.find(pattern) if pattern else -1
        if at >= 0:
            spans_found.append((places[at], places[at + len(pattern) - 1] + 1, number))
    return spans_found


def with_quotes_marked(text: str, quotes: Mapping[int, str], of: str = "") -> str:
    """Turn an answer into HTML with numbered marks around the quotes, and simple Markdown styled.

    Overlapping quotes share the first one's mark. `of`: tells the marks of two answers on one page apart, as
    in `pointer`.
    """
    spans_found = spans(text, quotes)
    out, position = [], 0
    for start, end in sorted({(a, b) for a, b, _ in spans_found}):
        if start < position:
            continue
        covering = [n for a, b, n in sorted(spans_found, key=itemgetter(2)) if start <= a < end]
        numbers = ",".join(f'<span id="esc-q{of}{n}">{n}</span>' for n in covering)
        out += [
            escaped(text[position:start]),
            "<mark>",
            escaped(text[start:end]),
            f"<sup>{numbers}</sup></mark>",
        ]
        position = end
    html = "".join(out) + escaped(text[position:])
    for pattern, into in _DRESS:
        html = pattern.sub(into, html)
    return f'<div class="esc-text">{html}</div>'


def pointer(number: int, words: str, of: str = "") -> str:
    return f'<a class="esc-to" href="#esc-q{of}{number}">{escaped(words)}</a>'


# Signs of Markdown and LaTeX in text that is escaped already, so that nothing in it is live; a pair that a
# highlight cuts through stays as it was written.
_DRESS = (
    (re.compile(r"(?m)^#{1,6} +([^<>\n]{1,200})$"), r"<b>\1</b>"),
    (re.compile(r"(?m)^([ \t]{0,8})[-*+] (?=\S)"), "\\1• "),
    (re.compile(r"\*\*(?=\S)([^*<>\n]{1,300})\*\*"), r"<b>\1</b>"),
    (re.compile(r"`([^`<>\n]{1,300})`"), r"<code>\1</code>"),
    (re.compile(r"\$(?=\S)([^$<>\n]{1,200})(?<=\S)\$(?!\d)"), r"<code>\1</code>"),
    (re.compile(r"\\\(([^<>\n]{1,200}?)\\\)"), r"<code>\1</code>"),
)


def table(head: Iterable[tuple[str, str]], rows: Iterable[Iterable[str]], caption: str = "") -> None:
    """Draw a plain table. `head`: (title, kind) of each column.

    The kinds: "n" for numbers, "w" for wide screens only, "nw" for both, "nwf" for both and faint.
    """
    columns = list(head)
    kinds = {"n": "n", "w": "esc-wide", "": "", "nw": "n esc-wide", "nwf": "n esc-wide esc-faint"}
    top = "".join(f'<th scope="col" class="{kinds[k]}">{escaped(t)}</th>' for t, k in columns)
    body = ""
    for row in rows:
        cells: list[str] = []
        for (_, kind), value in zip(columns, row, strict=True):
            if cells:
                cells.append(f'<td class="{kinds[kind]}">{escaped(value)}</td>')
            else:
                cells.append(f'<th scope="row">{escaped(value)}</th>')
        body += f"<tr>{''.join(cells)}</tr>"
    label = (
        f"<caption class='esc-quiet' style='text-align:left'>{escaped(caption)}</caption>" if caption else ""
    )
    about = escaped(caption or ", ".join(t for t, _ in columns if t) or "Table")
    st.html(
        f'<div class="esc-scroll" tabindex="0" role="region" aria-label="{about}"><table '
        f'class="esc-table">{label}'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )
