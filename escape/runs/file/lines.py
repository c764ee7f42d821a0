"""A run as lines of JSON: a header, then one line for each answer, mark, opinion and report card. Text only, no files.

A later line about a trial stands for the earlier one, and settles what was pending. A later header replaces it.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

from escape.types import FORMAT, Header, Opinion, Pending, Result, Run

HEADER, RESULT, OPINION, CARD, PENDING = (
    f'{{"{name}":'.encode() for name in ("header", "result", "opinion", "card", "pending")
)


def _tagged(tag: bytes, json: str) -> bytes:
    return tag + json.encode("utf-8", "replace") + b"}\n"


def header_line(run: Header) -> bytes:
    """Return the line with everything about a run except its results, opinions and cards."""
    bare = Header.model_construct(
        **{n: getattr(run, n) for n in Header.model_fields} | {"opinions": (), "cards": (), "format": FORMAT}
    )
    return _tagged(HEADER, bare.model_dump_json())


def result_line(result: Result, *, with_answer: bool = True) -> bytes:
    """Return a result's line. An answer and its repair are written once; the line of its mark omits them."""
    if not with_answer:
        result = result.model_copy(update={"answer": None, "repair": None, "turns": ()})
    return _tagged(RESULT, result.model_dump_json(exclude_defaults=True))


def lines(run: Run) -> Iterator[bytes]:
    yield header_line(run)
    yield from map(opinion_line, run.opinions)
    yield from (_tagged(CARD, c.model_dump_json(exclude_defaults=True)) for c in run.cards)
    yield from map(result_line, run.results)
    yield from map(pending_line, run.lost)


def packed(run: Run) -> bytes:
    """Return the whole file, compressed: what the page exports and can load."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=5) as file:
        for line in lines(run):
            file.write(line)
    return buffer.getvalue()


def opinion_line(opinion: Opinion) -> bytes:
    """Return the line of another rater's verdict."""
    return _tagged(OPINION, opinion.model_dump_json(exclude_defaults=True))


def pending_line(pending: Pending) -> bytes:
    """Return the line of what calls about a trial may cost, before they leave."""
    return _tagged(PENDING, pending.model_dump_json(exclude_defaults=True))
