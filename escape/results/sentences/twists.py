"""The sentence on twists."""

from __future__ import annotations

from escape.results.pairs import twisted
from escape.types import Run


def twists_sentence(run: Run) -> str:
    """`Originals, twists, both out: gpt-5 10, 4, 4 of 12.`. "" where nobody played both forms of a room."""
    lines = twisted(run)
    if not lines:
        return ""
    each = [f"{x.name} {_number(x.originals)}, {_number(x.twists)}, {_number(x.both)} of {x.of}" for x in lines]
    figures = f"Originals, twists and both right: {'; '.join(each)}."
    without = max(line.of_no_way for line in lines)
    given_up = "; ".join(f"{x.name} {_number(x.no_way)}" for x in lines)
    counted = f" {without} of the twists have no way out: {given_up}." if without else ""
    remember = [line.name for line in lines if line.remembers]
    memory = f" {', '.join(remember)} may know the originals by heart." if remember else ""
    return figures + counted + memory


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
