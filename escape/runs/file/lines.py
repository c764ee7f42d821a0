"""A run as lines of JSON: a header, then one line for each answer, mark, opinion and report card. Text only, no files.

A later line about a trial adds to the earlier one, and settles what was pending; a later header replaces it.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Sequence

from escape.types import FORMAT, Header, Opinion, Pending, Result, Run, Trial

HEADER, RESULT, OPINION, CARD, PENDING = (
    f'{{"{name}":'.encode() for name in ("header", "result", "opinion", "card", "pending")
)

LEAST_USD = 1e-9  # what sums of the same figures in another order differ by is less


def _tagged(tag: bytes, json: str) -> bytes:
    return tag + json.encode("utf-8", "replace") + b"}\n"


def header_line(run: Header) -> bytes:
    """The line with everything about a run except its results, opinions and cards."""
    bare = Header.model_construct(
        **{n: getattr(run, n) for n in Header.model_fields} | {"opinions": (), "cards": (), "format": FORMAT}
    )
    return _tagged(HEADER, bare.model_dump_json())


def result_line(result: Result, *, with_answer: bool = True) -> bytes:
    """The line of one result. The answer is written only once, so the line with its mark omits it."""
    if not with_answer:
        result = result.model_copy(update={"answer": None})
    return _tagged(RESULT, result.model_dump_json(exclude_defaults=True))


def lines(run: Run) -> Iterator[bytes]:
    """The whole file, line by line."""
    yield header_line(run)
    yield from map(opinion_line, run.opinions)
    yield from (_tagged(CARD, c.model_dump_json(exclude_defaults=True)) for c in run.cards)
    yield from map(result_line, with_costs(run.results))
    for (problem_id, player, repeat, budget), usd in getattr(run.results, "pending", {}).items():
        trial = Trial(problem_id=problem_id, player=player, repeat=repeat, budget=budget)
        yield pending_line(Pending(trial=trial, usd=usd))


def with_costs(results: Sequence[Result], more_usd: float = 0.0) -> Iterator[Result]:
    """Results of which the last carries what superseded lines have cost, which is known of a file as a whole, and
    `more_usd`: money stays spent.
    """
    spent, newest = 0.0, None
    for result in results:
        if newest is not None:
            yield newest
        spent, newest = spent + result.charged_usd, result
    if newest is not None:
        surplus = getattr(results, "charged_usd", spent) - spent
        surplus = more_usd + (surplus if surplus > LEAST_USD else 0.0)
        yield newest.model_copy(update={"earlier_usd": newest.earlier_usd + surplus}) if surplus else newest


def packed(run: Run) -> bytes:
    """The whole file, compressed: what the page exports and can load."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=5) as file:
        for line in lines(run):
            file.write(line)
    return buffer.getvalue()


def opinion_line(opinion: Opinion) -> bytes:
    """The line of another rater's verdict."""
    return _tagged(OPINION, opinion.model_dump_json(exclude_defaults=True))


def pending_line(pending: Pending) -> bytes:
    """The line of what calls about a trial may cost, before they leave."""
    return _tagged(PENDING, pending.model_dump_json(exclude_defaults=True))
