"""The leaderboard as text: who did how well in rooms, or how far everybody gets in houses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from escape.environments import counts_doors
from escape.metrics import Metric
from escape.results import (
    Standing,
    basis_sentence,
    foresight,
    houses,
    money,
    names,
    places_sentence,
    ranking,
    reading_sentence,
    results_sentence,
    twists_sentence,
    twists_table,
    understanding,
)
from escape.types import Run


def leaderboard(run: Run, metric: Metric) -> str:
    """What came of a run, a line a player, and what may be said of it."""
    if counts_doors(run):
        return "\n".join([_reach(houses.reach(run)), *_foreseen(run)])

    def cell(value: float | None) -> str:
        return "   -" if value is None else f"{value:4.2f}"

    standings = ranking(run, metric)
    lines = [f"{'player':32} compared   95 % interval    PUS   SPS   RHH   out   judged  failed  cost"]
    lines += [_line(s, standings.basis.top, cell) for s in standings.standings]
    sentences = [
        results_sentence(standings),
        basis_sentence(standings),
        reading_sentence(standings),
        places_sentence(standings),
    ]
    return "\n".join([*lines, *filter(None, sentences), *_twisted(run), *_foreseen(run)])


def _twisted(run: Run) -> list[str]:
    """What became of rooms with one fact changed, if there are any."""
    sentence = twists_sentence(run)
    return [_columns(*twists_table(run)), sentence] if sentence else []


def _foreseen(run: Run) -> list[str]:
    """What players foresee, if they were asked."""
    by_player = foresight(run)
    figures = ", ".join(
        f"{name} {understanding.summary(by_player, p)}" for p, name in names(run).items() if p in by_player
    )
    return [f"Foresight, 0 for a guess and 1 for all right: {figures}."] if figures else []


def _line(line: Standing, top: float, cell: Callable[[float | None], str]) -> str:
    span = line.headline
    between = f"{span.low:5.2f} to {span.high:4.2f}" if span and span.low is not None else " " * 13
    scores = [s.mean if s else None for s in (line.pus, line.sps, line.rhh, line.out)]
    return (
        f"{line.player:32} {cell(span.mean if span else None)} of {top:.0f}  {between:15}  "
        f"{'  '.join(map(cell, scores))}  {line.tally.judged:6}  {line.tally.failed:6}  {money(line.tally.cost_usd)}"
    )


def _reach(reach: houses.Reach) -> str:
    if not reach.lines:
        return houses.reach_sentence(reach)
    head, rows = houses.players_table(reach)
    ended = houses.ended_table(reach)
    sentences = [houses.reach_sentence(reach), houses.budget_sentence(reach)]
    parts = [_columns(head, rows), "Ended there, of the attempts that came so far:", _columns(*ended), *sentences]
    return "\n".join(filter(None, parts))


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with columns as wide as what stands in them."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in (head, *rows))
