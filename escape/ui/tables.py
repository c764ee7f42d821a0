"""Tables that more than one view shows."""

from __future__ import annotations

from collections.abc import Sequence

from escape.metrics import LABELS, Metric
from escape.puzzles import TWIN_KINDS
from escape.records import Estimate, Run, ScoreAgreement
from escape.results import Ranking, Standing, count, digest, findings, items, money, names, titles, twin_gaps
from escape.stats import Interval, Paired
from escape.ui import text


def figure(estimate: Estimate, digits: int = 2) -> str:
    """`0.84 (0.72 to 0.93)`; "-" where undefined."""
    if estimate.value is None:
        return "-"
    span = "" if estimate.low is None else f" ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
    return f"{estimate.value:.{digits}f}{span}"


def agreement_table(scores: Sequence[ScoreAgreement], caption: str) -> None:
    """All figures on how two raters agree, each with its interval and n."""
    text.quiet(
        "Weighted kappa: how far two raters agree beyond chance (1: always, 0: no more than chance); marks further "
        "apart cost more. Krippendorff's alpha: the same idea for any number of raters. Same mark: how often both give "
        "exactly the same. Bias: how many marks the first is more generous than the second. n: number of answers."
    )
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
            return "-"
        return f"{span.mean:.2f}" + ("" if span.low is None else f" ({span.low:.2f} to {span.high:.2f})")

    if all(s.headline is None for s in found.standings):
        return
    called, basis = names(run), found.basis
    by_room = basis.metric.by_room
    tried = any(s.out for s in found.standings)

    unread = any(s.tally.unread for s in found.standings)
    faint = "by words, " if basis.by_words else ""

    def headline(s: Standing) -> str:
        if s.headline is None:
            return "no moves tried" if by_room and s.tally.judged else "no mark"
        between = "" if s.headline.low is None else f" ({s.headline.low:.2f} to {s.headline.high:.2f})"
        return (findings.figure(s, basis) if by_room else f"{s.headline.mean:.2f} of {basis.top:.0f}") + between

    rows = [
        [
            called[s.player]
            + (f" (compared on {len(s.values)} of {count(basis.judged, 'puzzle')})" if s.apart and s.headline else ""),
            headline(s),
            number(s.pus),
            number(s.sps),
            number(s.rhh),
            *([number(s.out)] if tried and not by_room else []),
            *([str(s.tally.unread)] if unread else []),
            *(["-" if s.over is None else f"{s.over:.2f} ({s.ways})"] if tried else []),
            f"{s.tally.judged}, {s.tally.failed} failed" if s.tally.failed else str(s.tally.judged),
            money(s.tally.cost_usd),
        ]
        for s in found.standings
        if s.headline is not None or s.tally.judged or s.tally.failed
    ]
    text.table(
        [
            ("Player", ""),
            ("Rooms escaped (95 % interval)" if by_room else "Main figure (95 % interval)", "n"),
            (f"{LABELS['pus']} (PUS), {faint}of 2", "nwf" if faint else "nw"),
            (f"{LABELS['sps']} (SPS), {faint}of 2", "nwf" if faint else "nw"),
            (f"{LABELS['rhh']} (RHH), of 1", "nw"),
            *([("Share of rooms escaped", "nw")] if tried and not by_room else []),
            *([("Plans not read in full", "nw")] if unread else []),
            *([("Moves made, as a multiple of the shortest way (in brackets: rooms counted)", "nw")] if tried else []),
            ("Judged", "nw"),
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
        return f"{round(span.mean, 2) + 0.0:+.2f}{between}, {count(span.n, 'pair')}"

    called = names(run)
    kinds = {k.ending: k.name for k in TWIN_KINDS.values()}
    text.heading("What the change does: twin minus original")
    text.table(
        [("Player", ""), ("Twins", ""), ("Marks (PUS and SPS, of 4)", "n"), ("Rooms escaped (share)", "n")],
        [[called[g.player], kinds.get(g.ending, g.ending), cell(g.marks), cell(g.rooms)] for g in found],
    )


def pairs_grid(run: Run, found: Ranking) -> None:
    """Everybody against everybody: the difference in marks, and whether it is enough to say who is ahead."""
    players = found.basis.players
    if len(players) < 3:
        return
    called = names(run)

    def cell(player: str, other: str) -> str:
        pair = found.pair(player, other)
        if player == other or pair is None:
            return ""
        gap = pair.paired.difference.mean * (1 if pair.first == player else -1)
        return f"{found.comparison(player, other)} ({round(gap, 2) + 0.0:+.2f})"

    text.table(
        [("", ""), *((called[p], "") for p in players)],
        [[called[p], *(cell(p, other) for other in players)] for p in players],
        "Each row's player against each column's, corrected for the number of pairs (Holm). In brackets: the mean "
        "difference, in marks or, by Rooms escaped, as a share of rooms",
    )


def item_table(run: Run, metric: Metric) -> None:
    """The puzzles as questions of a test, hardest first."""
    made, alpha = items.analysis(run, metric)  # a sum over all marks: as quick as reading them
    if len(digest(run).players) < 2 or not made:
        return
    called, players, got = titles(run.puzzles), names(run), items.shares(run, metric)
    same = sum(i.apart < 1e-9 for i in made)
    many = any(i.discrimination is not None for i in made)
    text.quiet(
        f"Everybody did the same on {same} of {count(len(made), 'puzzle')}: those cannot tell players apart. "
        + (f"Cronbach's alpha of the set is {alpha:.2f}. " if alpha is not None else "")
        + (
            ""
            if many
            else f"With {items.TAKERS} players or more, models or people, this table also shows how well each puzzle "
            "tells them apart."
        )
    )
    own = [] if many else list(got)
    text.table(
        [("Puzzle", ""), ("Mean share", "n"), ("Best minus worst", "n"), *([("Discrimination", "n")] if many else []),
         *((players[p], "nw") for p in own)],
        [
            [
                called[i.problem_id],
                f"{i.easy:.0%}",
                f"{i.apart:.0%}",
                *(["-" if i.discrimination is None else f"{i.discrimination:+.2f}"] if many else []),
                *("-" if (x := got[p].get(i.problem_id)) is None else f"{x:.0%}" for p in own),
            ]
            for i in made[:MAX_ITEMS]
        ],
        "Share of the full mark that each player got, hardest first"
        + (f", {MAX_ITEMS} of them" if len(made) > MAX_ITEMS else ""),
    )  # fmt: skip


MAX_ITEMS = 60
