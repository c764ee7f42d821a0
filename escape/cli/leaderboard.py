"""The leaderboard as text: who did how well."""

from __future__ import annotations

from collections.abc import Callable

from escape.metrics import Metric
from escape.results import (
    Standing,
    against_sentence,
    basis_sentence,
    help_sentence,
    money,
    places_sentence,
    ranking,
    reading_sentence,
    run_sentence,
    twists_sentence,
)
from escape.types import Run


def leaderboard(run: Run, metric: Metric) -> str:
    """Return what came of a run, a line a player, and what may be said of it."""

    def cell(value: float | None) -> str:
        return "   -" if value is None else f"{value:4.2f}"

    standings = ranking(run, metric)
    lines = [f"{'player':32} compared   95 % interval    PUS   SPS   RHH   out   judged  failed  cost"]
    lines += [_line(s, standings.basis.top, cell) for s in standings.standings]
    sentences = [
        run_sentence(run, standings),
        *(say(standings) for say in (help_sentence, basis_sentence, reading_sentence, places_sentence)),
    ]
    return "\n".join([*lines, *filter(None, [*sentences, against_sentence(run), twists_sentence(run)])])


def _line(line: Standing, top: float, cell: Callable[[float | None], str]) -> str:
    span = line.headline
    between = f"{span.low:5.2f} to {span.high:4.2f}" if span and span.low is not None else " " * 13
    scores = [s.mean if s else None for s in (line.pus, line.sps, line.rhh, line.out)]
    return (
        f"{line.player:32} {cell(span.mean if span else None)} of {top:.0f}  {between:15}  "
        f"{'  '.join(map(cell, scores))}  {line.tally.judged:6}  {line.tally.failed:6}  {money(line.tally.cost_usd)}"
    )
