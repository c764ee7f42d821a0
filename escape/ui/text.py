"""Untrusted text on the page: escaped HTML and nothing else, since Markdown would load images and follow links."""

from __future__ import annotations

import html
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from escape.types import without_surrogates

STYLE = """<style>
.stApp{font-variant-numeric:tabular-nums}
button[kind^="primary"],button[kind^="primary"] p{color:light-dark(#fff,#15171b)}
button[kind^="primary"]:disabled,button[kind^="primary"]:disabled p{color:inherit;opacity:.65}
[data-testid="stButtonGroup"] [role="radiogroup"]{flex-wrap:wrap;overflow:visible}
[data-tag]{background:transparent!important;border:1px solid rgba(128,128,128,.45);color:inherit!important}
[data-tag] *{color:inherit!important}
.st-key-runline p,.st-key-runline_first p{margin:0}
.block-container,[data-testid="stMainBlockContainer"]{max-width:1180px;padding-top:2.6rem;padding-bottom:4rem}
.esc-lead{font-family:"Source Serif","Source Serif 4",Georgia,serif;font-size:1.22rem;line-height:1.5;margin:.1rem 0 .5rem;
 overflow-wrap:anywhere;max-width:62rem}
h2.esc-lead{font-weight:400;padding:0}
.stMain h1.esc-title{font-family:"Source Serif","Source Serif 4",Georgia,serif;font-size:1.05rem;font-weight:600;opacity:.8;margin:0;padding:0}
.esc-faint{opacity:.78;font-style:italic}
.esc-quiet{opacity:.78;font-size:.92rem;line-height:1.45;overflow-wrap:anywhere;margin:0}
.stMain div[tabindex="-1"]:focus{outline:none}
.stMain h2{scroll-margin:5rem 0 1rem}
.esc-h{font-family:"Source Serif","Source Serif 4",Georgia,serif;font-weight:600;font-size:1.08rem;margin:.9rem 0 .35rem}
.esc-step{font-family:"Source Serif","Source Serif 4",Georgia,serif;font-weight:600;font-size:1.3rem;margin:1.6rem 0 .1rem;
 padding-top:.8rem;border-top:1px solid rgba(128,128,128,.3)}
.esc-text{white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.6}
.esc-map{display:block;white-space:pre;font:1rem/1.3 ui-monospace,"DejaVu Sans Mono",Consolas,monospace;letter-spacing:.3em;overflow-x:auto;margin:.3rem 0}
.esc-now{border-left:3px solid rgba(184,134,11,.7);padding:.1rem .7rem;margin:.2rem 0;overflow-wrap:anywhere}
.esc-bars{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr max-content;gap:.4rem .8rem;align-items:center;margin:.4rem 0 .8rem;max-width:52rem}
.esc-bars span{overflow-wrap:anywhere}
.esc-bars i{display:block;height:1.3em;border-radius:.2rem;background:light-dark(#b98a2b,#e0ab45)}
.esc-bars .mine{font-weight:600}
img.esc-curve{display:block;width:100%;max-width:52rem;margin:.2rem 0 .6rem}
img.esc-narrow{display:none}
.esc-text mark{background:rgba(224,165,40,.32);color:inherit;border-radius:.2em;padding:.05em .1em}
.esc-text mark:has(:target){outline:2px solid #b8860b;outline-offset:2px}
.esc-text mark span{scroll-margin-top:6rem}
a.esc-to{color:inherit;text-decoration:underline dotted;text-underline-offset:.2em}
.esc-text mark sup{font-size:.7em;opacity:.85;margin-left:.1em}
.esc-item{display:grid;grid-template-columns:8.2rem 1fr;gap:.2rem .8rem;padding:.45rem 0;
 border-top:1px solid rgba(128,128,128,.22)}
.esc-item .state{font-weight:600;font-size:.9rem}
.esc-item .yes::before{content:"✓ ";color:#2d7d46}
.esc-item .no::before{content:"– ";opacity:.7}
.esc-item .bad::before{content:"! ";color:#c23b22}
.esc-item .why{grid-column:2;font-size:.9rem;opacity:.82}
.esc-marks{display:flex;flex-wrap:wrap;gap:.4rem 2rem;margin:.2rem 0 .6rem}
.esc-marks b{font-size:1.15rem}
.esc-cause{border-left:4px solid #c23b22;padding:.35rem .9rem;margin:.4rem 0;background:rgba(194,59,34,.07);overflow-wrap:anywhere}
.esc-table{width:100%;border-collapse:collapse;font-size:.93rem}
.esc-table th,.esc-table td{text-align:left;padding:.35rem .5rem;border-top:1px solid rgba(128,128,128,.22);vertical-align:top;
 overflow-wrap:break-word}
.esc-table th{font-size:.85rem;line-height:1.3;vertical-align:bottom}
.esc-table tbody th{font:inherit;vertical-align:top}
.esc-table td.n{white-space:nowrap}
[data-testid="stTextInput"] button{display:none}
[role="tab"]:focus-visible{outline-offset:-3px}
@media (prefers-color-scheme:dark){[role="dialog"] button[kind^="primary"],[role="dialog"] button[kind^="primary"] p{color:#15171b}}
.stMain [class*="st-key-"]{scroll-margin-top:4.5rem}
@media (max-width:640px){.esc-table td.n{white-space:normal}[data-testid="stButtonGroup"] button{min-height:2.5rem}}
.esc-table caption{padding-bottom:.4rem}
@media (min-width:900px){.st-key-opening{min-height:min(calc(100vh - 12.5rem),46rem)}}
.stMain ul.esc-stops{list-style:none;margin:.3rem 0 .6rem;padding:0}.stMain .esc-stops li{margin-left:0;padding-left:0}
.esc-stops li{display:grid;grid-template-columns:minmax(9rem,1.6fr) repeat(auto-fit,minmax(6.5rem,1fr));gap:.1rem .8rem;margin:0;padding:.45rem 0;
 border-top:1px solid rgba(128,128,128,.22)}
.esc-stops i{display:block;font-style:normal;font-size:.8rem;opacity:.75}
.esc-stops b{font-weight:600}
@media (max-width:900px){.esc-stops li{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem}.esc-stops b{flex-basis:100%}.esc-stops i{display:inline}}
@media (max-width:640px){.st-key-answer_nav>div:has(.stSelectbox){flex:1 1 9rem!important;width:auto!important;min-width:9rem}}
.st-key-play_verbs{scroll-margin-bottom:13rem}
.esc-table td.n,.esc-table th.n{text-align:right}
.js-plotly-plot :is(.xtick,.ytick,.g-xtitle,.g-ytitle,.legend,.polarlayer) text{fill:light-dark(#3d382f,#d6d1c6)!important}
.js-plotly-plot .barlayer .errorbar path{stroke:light-dark(#1c1a16,#f4f0e6)!important;stroke-opacity:1!important}
[data-testid="stLayoutWrapper"]:has(>.st-key-movebar){position:sticky;bottom:0;z-index:5}
.st-key-movebar{position:sticky;bottom:0;z-index:5;background:light-dark(#fbf8f1,#15171b);padding:.5rem 0;
 border-top:1px solid rgba(128,128,128,.3)}
@media (max-width:640px){.st-key-movebar .esc-now{max-height:7rem;overflow-y:auto}}
.st-key-play_thing [data-testid="stButtonGroup"] button{padding:.45rem .75rem;border-radius:.45rem}
.esc-rules{max-height:22rem;overflow-y:auto;border:1px solid rgba(128,128,128,.3);border-radius:.4rem;padding:.2rem .6rem}
@media (min-width:900px){.st-key-verdict{position:sticky;top:3.5rem}}
.st-key-windows{max-height:15rem;overflow-y:auto}
.esc-steps{margin:.2rem 0 .8rem 1.2rem;line-height:1.5}
.esc-steps li{margin:.3rem 0}
.esc-steps .bad{color:light-dark(#b3321b,#ff8f7a)}
@media (min-width:641px){.st-key-change,.st-key-runline_first{display:none}}
@media (hover:none){button kbd{display:none}}
.esc-scroll{overflow-x:auto}
[data-testid="stMain"] button kbd{color:inherit;opacity:1}
@media (max-width:640px){.stMain h1.esc-title{margin-top:1.5rem}.stMain h1:not(.esc-title){font-size:1.55rem;padding-bottom:.2rem}.esc-item{grid-template-columns:1fr}.esc-item .why{grid-column:1}.esc-lead{font-size:1.1rem}
 img.esc-wide,.esc-wide{display:none}img.esc-narrow{display:block}}
</style>"""


def escape(text: str) -> str:
    """Text as HTML that shows exactly these characters."""
    return html.escape(without_surrogates(text), quote=True)


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:@&])")


_MAP = re.compile(r"(?m)^(?:[#.~A-Z]{3,}(?:\n|\Z)){2,}")


def with_maps(text: str) -> str:
    """A house's text as HTML: its maps in a fixed type, so that their columns stand under each other."""
    return (
        f'<div class="esc-text">{_MAP.sub(lambda m: f"<span class=esc-map>{m[0].strip()}</span>", escape(text))}</div>'
    )


def label(text: str) -> str:
    """Untrusted text as a widget's label, which Streamlit reads as Markdown: every sign of it disarmed."""
    return _MARKDOWN.sub(r"\\\1", text)


def lead(text: str) -> None:
    """The one sentence that leads a view; read out when it changes."""
    st.html(f'<div role="status"><h2 class="esc-lead">{escape(text)}</h2></div>')


def intro(text: str) -> None:
    """A sentence that leads a page and never changes."""
    st.html(f'<p class="esc-lead">{escape(text)}</p>')


def bars(rows: Sequence[tuple[str, int]], mine: str = "") -> None:
    """Counts as bars with their numbers, the longest as wide as there is room. `mine`: the row that was one's own."""
    most = max((n for _, n in rows), default=0) or 1
    parts = []
    for name, n in rows:
        own = ' class="mine"' if name == mine else ""
        you = " (you)" if name == mine else ""
        parts.append(f'<span{own}>{escape(name)}{you}</span><i style="width:{100 * n / most:.1f}%"></i><b>{n}</b>')
    st.html(f'<div class="esc-bars">{"".join(parts)}</div>')


def quiet(text: str) -> None:
    """A secondary line of text."""
    st.html(f'<p class="esc-quiet">{escape(text)}</p>')


def status(text: str) -> None:
    """A remark that is read out when it comes."""
    st.html(f'<p class="esc-quiet" role="status"><b>{escape(text)}</b></p>')


def heading(text: str) -> None:
    """A heading within a view."""
    st.html(f'<h2 class="esc-h">{escape(text)}</h2>')


def items(title: str, lines: Sequence[str], *, ordered: bool = False) -> None:
    """A list under its heading, if there is anything in it."""
    if lines:
        tag = "ol" if ordered else "ul"
        body = "".join(f"<li>{escape(x)}</li>" for x in lines)
        st.html((f'<h3 class="esc-h">{escape(title)}</h3>' if title else "") + f"<{tag}>{body}</{tag}>")


def step(number: int, title: str, about: str) -> None:
    """One of several steps of a view: its number, its name, and what it is good for."""
    st.html(f'<h2 class="esc-step">{number}. {escape(title)}</h2><p class="esc-quiet">{escape(about)}</p>')


def cause(text: str) -> None:
    """What went wrong and what to do."""
    st.html(f'<div class="esc-cause" role="alert">{escape(text)}</div>')


@dataclass(frozen=True)
class Said:
    """What came of something a visitor did, to stand beside it: `good`, or a cause."""

    good: bool = True
    words: str = ""


def said(what: Said | None) -> None:
    """Show the message, if there is one."""
    if what and what.words:
        (quiet if what.good else cause)(what.words)


def _for_finding(text: str) -> tuple[str, array[int]]:
    """Text with case, apostrophes and runs of blanks made one, and the place in `text` of each of its characters."""
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
    """Where quotes stand in a text: (start, end, number) of each that is there."""
    plain, places = _for_finding(text)
    spans_found: list[tuple[int, int, int]] = []
    for number, quote in quotes.items():
        pattern, _ = _for_finding(quote)
        at = plain.find(pattern) if pattern else -1
        if at >= 0:
            spans_found.append((places[at], places[at + len(pattern) - 1] + 1, number))
    return spans_found


def marked(text: str, quotes: Mapping[int, str], of: str = "") -> str:
    """An answer as HTML with numbered marks around the quotes; overlapping quotes share the first one's mark. `of`: what
    tells the marks of two answers on one page apart, for `pointer`.
    """
    spans_found = spans(text, quotes)
    out, position = [], 0
    for start, end in sorted({(a, b) for a, b, _ in spans_found}):
        if start < position:
            continue
        covering = [n for a, b, n in sorted(spans_found, key=lambda s: s[2]) if start <= a < end]
        numbers = ",".join(f'<span id="esc-q{of}{n}">{n}</span>' for n in covering)
        out += [escape(text[position:start]), "<mark>", escape(text[start:end]), f"<sup>{numbers}</sup></mark>"]
        position = end
    return '<div class="esc-text">' + _dressed("".join(out) + escape(text[position:])) + "</div>"


def pointer(number: int, words: str, of: str = "") -> str:
    """Words as a link to the mark with this number."""
    return f'<a class="esc-to" href="#esc-q{of}{number}">{escape(words)}</a>'


# Signs of Markdown and LaTeX in text that is escaped already, so that nothing in it is live; a pair that a highlight cuts
# through stays as it was written.
_DRESS = (
    (re.compile(r"(?m)^#{1,6} +([^<>\n]{1,200})$"), r"<b>\1</b>"),
    (re.compile(r"(?m)^([ \t]{0,8})[-*+] (?=\S)"), "\\1• "),
    (re.compile(r"\*\*(?=\S)([^*<>\n]{1,300})\*\*"), r"<b>\1</b>"),
    (re.compile(r"`([^`<>\n]{1,300})`"), r"<code>\1</code>"),
    (re.compile(r"\$(?=\S)([^$<>\n]{1,200})(?<=\S)\$(?!\d)"), r"<code>\1</code>"),
    (re.compile(r"\\\(([^<>\n]{1,200}?)\\\)"), r"<code>\1</code>"),
)


def _dressed(html: str) -> str:
    """Headings and bold as bold, list signs as dots, code and formulas in a fixed type."""
    for pattern, into in _DRESS:
        html = pattern.sub(into, html)
    return html


def table(head: Iterable[tuple[str, str]], rows: Iterable[Iterable[str]], caption: str = "") -> None:
    """A plain table that screen readers and phones read well. `head`: (title, "n" for numbers, "w" for wide screens)."""
    columns = list(head)
    kinds = {"n": "n", "w": "esc-wide", "": "", "nw": "n esc-wide", "nwf": "n esc-wide esc-faint"}
    top = "".join(f'<th scope="col" class="{kinds[k]}">{escape(t)}</th>' for t, k in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kinds[k]}">{escape(v)}</td>' if n else f'<th scope="row">{escape(v)}</th>'
            for n, ((_, k), v) in enumerate(zip(columns, row, strict=True))
        )
        + "</tr>"
        for row in rows
    )
    label = f"<caption class='esc-quiet' style='text-align:left'>{escape(caption)}</caption>" if caption else ""
    about = escape(caption or ", ".join(t for t, _ in columns if t) or "Table")
    st.html(
        f'<div class="esc-scroll" tabindex="0" role="region" aria-label="{about}"><table class="esc-table">{label}<thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
