"""Tables that more than one view shows."""

from __future__ import annotations

from collections.abc import Sequence

from escape import findings
from escape.frames import names
from escape.metrics import LABELS, Metric
from escape.ranking import Ranking
from escape.records import Estimate, Run, ScoreAgreement
from escape.sentences import count, money
from escape.stats import Interval, Paired
from escape.twins import twin_gaps
from escape.ui import text
from escape.variants import KINDS


def figure(estimate: Estimate, digits: int = 2) -> str:
    """`0.84 (0.72 to 0.93)`; "-" where undefined."""
    if estimate.value is None:
        return "-"
    span = "" if estimate.low is None else f" ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
    return f"{estimate.value:.{digits}f}{span}"


def agreement_table(scores: Sequence[ScoreAgreement], caption: str) -> None:
    """All figures on how two raters agree, each with its interval and n."""
    text.table(
        [
            ("Score", ""),
            ("n", "n"),
            ("Weighted kappa", "n"),
            ("Krippendorff's alpha", "nw"),
            ("Same mark", "nw"),
            ("Bias, in marks", "n"),
        ],
        [
            [LABELS[s.score], str(s.n), figure(s.kappa), figure(s.alpha), figure(s.exact), figure(s.bias)]
            for s in scores
        ],
        caption,
    )


def standings(run: Run, found: Ranking) -> None:
    """Everybody with a figure, best first, each score with its interval."""

    def number(span: Interval | None) -> str:
        if span is None:
            return "not applicable"
        return f"{span.mean:.2f}" + ("" if span.low is None else f" ({span.low:.2f} to {span.high:.2f})")

    called, basis = names(run), found.basis
    tried = any(s.out for s in found.standings)
    rows = [
        [
            called[s.player] + (f" ({s.puzzles} of {basis.judged} puzzles only)" if s.apart else ""),
            findings.figure(s, basis) if basis.metric.by_room else f"{s.headline.mean:.2f} of {s.top:.0f}",
            "-" if s.headline.low is None else f"{s.headline.low:.2f} to {s.headline.high:.2f}",
            number(s.pus),
            number(s.sps),
            number(s.rhh),
            *([number(s.out), "-" if s.over is None else f"{s.over:.2f}"] if tried else []),
            str(s.judged),
            str(s.failed),
            money(s.cost_usd),
        ]
        for s in found.standings
        if s.headline is not None
    ]
    text.table(
        [
            ("Player", ""),
            ("Rooms left" if basis.metric.by_room else "Compared by", "n"),
            ("95 % interval", "n"),
            (f"{LABELS['pus']} (PUS), of 2", "nw"),
            (f"{LABELS['sps']} (SPS), of 2", "nw"),
            (f"{LABELS['rhh']} (RHH), of 1", "nw"),
            *([("Share of rooms left", "nw"), ("Moves over the shortest way", "nw")] if tried else []),
            ("Judged", "nw"),
            ("Failed", "nw"),
            ("Cost", "nw"),
        ],
        rows,
    )


def twin_table(run: Run, metric: Metric) -> None:
    """What a change to the puzzles did, where the run has twins beside their originals."""
    found = [g for g in twin_gaps(run, metric) if g.marks or g.rooms]
    if not found:
        return

    def cell(pair: Paired | None) -> str:
        if pair is None:
            return "-"
        span = pair.difference
        between = "" if span.low is None or span.high is None else f" ({span.low:+.2f} to {span.high:+.2f})"
        return f"{span.mean:+.2f}{between}, {count(span.n, 'pair')}"

    called = names(run)
    kinds = {k.ending: k.name for k in KINDS.values()}
    text.heading("What the change does: twin minus original")
    text.table(
        [("Player", ""), ("Twins", ""), ("Marks (PUS and SPS, of 4)", "n"), ("Rooms left (share)", "n")],
        [[called[g.player], kinds.get(g.ending, g.ending), cell(g.marks), cell(g.rooms)] for g in found],
    )
