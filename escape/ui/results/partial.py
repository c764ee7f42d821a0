"""Results while a run goes on: its doors open, without a verdict, which could be another a minute later."""

from __future__ import annotations

from escape.metrics import Metric
from escape.results import count, digest
from escape.runs import LiveRun
from escape.ui import text
from escape.ui.polling import every
from escape.ui.results import doors

EVERY_S = 4.0


def show(live: LiveRun, metric: Metric) -> None:
    """Drawn anew by itself until the run has ended; then `progress` draws the page."""
    every(EVERY_S, _filling, live, metric)


def _filling(live: LiveRun, metric: Metric) -> None:
    run = live.run()
    counts = digest(run)
    unmarked = run.config.protocol == "move by move"
    judged = counts.answers if unmarked else sum(counts.judges.values())
    suffix = "" if unmarked else " judged"
    text.lead(f"{count(judged, 'answer')}{suffix} so far. You will see who did better when the run has ended.")
    if judged:
        doors.plain(run, metric)
