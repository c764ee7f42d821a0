"""The leaderboard as text: who did how well in rooms, or how far everybody gets in houses."""

from __future__ import annotations

from collections.abc import Callable

from escape.metrics import Metric
from escape.records import Run
from escape.results import (
    Reach,
    Standing,
    basis_sentence,
    budget_sentence,
    doors_text,
    money,
    places_sentence,
    ranking,
    reach,
    reach_sentence,
    reading_sentence,
    results_sentence,
)


def leaderboard(done: Run, metric: Metric) -> str:
    """What came of a run, a line a player, and what may be said of it."""
    if done.of_houses:
        return _reach(reach(done))

    def cell(value: float | None) -> str:
        return "   -" if value is None else f"{value:4.2f}"

    found = ranking(done, metric)
    lines = [f"{'player':32} compared   95 % interval    PUS   SPS   RHH   out   judged  failed  cost"]
    lines += [_line(s, found.basis.top, cell) for s in found.standings]
    said = [results_sentence(found), basis_sentence(found), reading_sentence(found), places_sentence(found)]
    return "\n".join([*lines, *filter(None, said)])


def _line(line: Standing, top: float, cell: Callable[[float | None], str]) -> str:
    span = line.headline
    between = f"{span.low:5.2f} to {span.high:4.2f}" if span and span.low is not None else " " * 13
    scores = [s.mean if s else None for s in (line.pus, line.sps, line.rhh, line.out)]
    return (
        f"{line.player:32} {cell(span.mean if span else None)} of {top:.0f}  {between:15}  "
        f"{'  '.join(map(cell, scores))}  {line.tally.judged:6}  {line.tally.failed:6}  {money(line.tally.cost_usd)}"
    )


def _reach(found: Reach) -> str:
    head = f"{'player':32} doors opened of {found.doors:<3} (95 % interval)  per 1,000 tokens  per dollar  cost"
    lines = [
        f"{line.player:32} {doors_text(line):36} {_rate(line.doors_per_1000_tokens):>16}  "
        f"{_rate(line.doors_per_usd):>10}  {money(line.usd)}"
        for line in found.lines
    ]
    ended = [
        f"{mechanism:32} {'  '.join(f'{line.ended[mechanism]} of {line.met[mechanism]}' for line in found.lines)}"
        for mechanism in found.mechanisms
    ]
    said = [reach_sentence(found), budget_sentence(found)]
    return "\n".join([head, *lines, "where they ended, of the attempts that came so far:", *ended, *filter(None, said)])


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
