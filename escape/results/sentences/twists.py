"""What players do with twists, in one line."""

from __future__ import annotations

from escape.results.pairs import TwistLine, twisted
from escape.types import Run


def twists_sentence(run: Run) -> str:
    """`Originals, twists, both out: gpt-5 10, 4, 4 of 12.`; "" where nobody played both forms of a room."""
    lines = twisted(run)
    if not lines:
        return ""
    told = f"Originals, twists and both right: {'; '.join(map(_told, lines))}."
    without = max(line.of_no_way for line in lines)
    counted = f" {without} of the twists have no way out: {'; '.join(map(_no_way, lines))}." if without else ""
    remember = [line.name for line in lines if line.remembers]
    memory = f" {', '.join(remember)} may know the originals by heart." if remember else ""
    return told + counted + memory


def _told(line: TwistLine) -> str:
    return f"{line.name} {_number(line.originals)}, {_number(line.twists)}, {_number(line.both)} of {line.of}"


def _no_way(line: TwistLine) -> str:
    return f"{line.name} {_number(line.no_way)}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
