"""A page of HTML that stands alone: it asks no address, runs no script but one that its policy names by hash, and
everything that came from outside is text.
"""

from __future__ import annotations

from collections.abc import Sequence

from escape.results.pictures import doors
from escape.types import escaped

BEGINS = b'<!doctype html><html lang="en"><head><meta charset="utf-8">'  # every such page
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 Georgia,serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0;font:14px/1.4 system-ui,sans-serif;font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;padding:.3rem .7rem;border-bottom:1px solid #8886;vertical-align:top}"
    "td.n,th.n{text-align:right}td.n{white-space:nowrap}.narrow{display:none}"
    "@media(max-width:640px){.narrow{display:block}.broad{display:none}}.lead{font-size:1.25rem}.wide{overflow-x:auto}code{overflow-wrap:anywhere}"
)


def whole_page(title: str, heading: str, parts: Sequence[str]) -> str:
    """Return the page. `parts`: HTML, whose text from outside is escaped already."""
    return (
        f'{BEGINS.decode()}<meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escaped(title)}</title><style>{_STYLE}{doors.STYLE}</style></head><body><main>"
        f"<h1>{escaped(heading)}</h1>{''.join(parts)}</main></body></html>"
    )


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int) -> str:
    """Return a table, figures to the right after so many columns of text."""
    kinds = ["" if i < text_columns else " class=n" for i in range(len(head))]
    top = "".join(f"<th{k} scope=col>{escaped(h)}</th>" for h, k in zip(head, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{k}>{escaped(v)}</td>" for v, k in zip(row, kinds, strict=True)) + "</tr>" for row in rows
    )
    name = escaped(", ".join(h for h in head if h) or "Table")
    return (
        f'<div class=wide tabindex=0 role=region aria-label="{name}"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
