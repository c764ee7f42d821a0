"""What players do with twists, in a sentence and as a table."""

from __future__ import annotations

from escape.results.pairs import Twisted, TwistLine, twisted
from escape.results.sentences.wording import count
from escape.types import Run


def twists_sentence(run: Run) -> str:
    """What the first players did, in a sentence or two; "" where nobody played a twist."""
    found = twisted(run)
    told = "; ".join(_told(line) for line in found.lines[:2])
    first = next(iter(found.pairs), None)
    better = f"{_name(found, first.first)} is clearly better than {_name(found, first.second)}" if first else ""
    clear = f" In pairs {better}." if first and first.decided else ""
    return f"Twists, where one fact differs: {told}.{clear}" if told else ""


def _name(found: Twisted, player: str) -> str:
    return next(line.name for line in found.lines if line.player == player)


def _told(line: TwistLine) -> str:
    lost = f" ({_heart(line)})" if line.by_heart else ""
    return f"{line.name} gets out of {_number(line.out)} of {line.twists}{lost}"


def _heart(line: TwistLine) -> str:
    if line.by_heart < line.lost:
        of = f"{line.by_heart} of the {line.lost} it lost,"
    else:
        of = f"all {line.lost} that it lost" if line.lost > 1 else "the one it lost"
    return f"{of} by doing what opens the original"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


HEAD = ("Player", "Pairs, both right", "Twists", "Without a way out", "Lost by heart")


def twists_table(run: Run) -> tuple[list[str], list[list[str]]]:
    """Head and rows."""
    rows = []
    for line in twisted(run).lines:
        span = line.pairs
        shown = "-"
        if span and span.low is not None and span.high is not None:
            shown = f"{span.mean:.0%} of {count(span.n, 'room')} ({span.low:.0%} to {span.high:.0%})"
        elif span:
            shown = f"{span.mean:.0%} of {count(span.n, 'room')}"
        no_way = f"{_number(line.no_way)} of {line.of_no_way}" if line.of_no_way else "-"
        heart = f"{line.by_heart} of {line.lost}" if line.lost else "-"
        rows.append([line.name, shown, f"{_number(line.out)} of {line.twists}", no_way, heart])
    return list(HEAD), rows
