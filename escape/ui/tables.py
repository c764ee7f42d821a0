"""Tables of a run's figures: marks, agreement, standings, pairs."""

from collections.abc import Mapping, Sequence

from escape.judges import SCORES
from escape.judges.examined import agreement
from escape.metrics import LABELS, TOP
from escape.results import (
    NOT_COVERED,
    Ranking,
    Standing,
    corrected_rows,
    count_of,
    every_time,
    findings,
    gaps_sentence,
    money,
    names,
    or_dash,
    pluralize,
    ratios_sentence,
    twists_sentence,
    two_digits,
    typical,
)
from escape.stats import Interval
from escape.types import Estimate, Result, Run, ScoreAgreement, Trial, Verdict
from escape.ui import text


def estimated(estimate: Estimate) -> str:
    """Format an estimate as `0.84 (0.72 to 0.93)`. "-" where it is undefined."""
    if estimate.value is None:
        return "-"
    span = "" if estimate.low is None else f" ({estimate.low:.2f} to {estimate.high:.2f})"
    return f"{estimate.value:.2f}{span}"


def render_score_agreement(scores: Sequence[ScoreAgreement]) -> None:
    text.quiet(
        "Weighted kappa: how far two raters agree beyond chance (1: always, 0: no more than chance); marks "
        "further apart cost more. Same mark: how often both give exactly the same. Bias: how many marks the "
        "first is more generous than the second. n: number of answers. In brackets: the 95 % interval."
    )
    text.table(
        [("Score", ""), ("n", "n"), ("Weighted kappa", "n"), ("Same mark", "nw"), ("Bias, in marks", "n")],
        [
            [LABELS[s.score], str(s.n), estimated(s.kappa), estimated(s.exact), estimated(s.bias)]
            for s in scores
        ],
    )


def render_raters_marks(run: Run, result: Result, caption: str = "") -> None:
    own = [(result.verdict.judge, result.verdict, None)] if result.verdict else []
    rows = []
    for rater, verdict, failure in [
        *own,
        *((o.rater, o.verdict, o.failure) for o in run.opinions if o.trial == result.trial),
    ]:
        cells = ["not marked", "", ""]
        if verdict:
            cells = [or_dash(getattr(verdict.scores, score)) for score in SCORES]
        comment = failure.message if failure else ""
        rows.append([rater, *cells, verdict.feedback if verdict else comment])
    scores = [(f"{LABELS[s]}, of {TOP[s]:.0f}", "n") for s in SCORES]
    text.table([("Who", ""), *scores, ("Comment", "w")], rows, caption)


def render_group_agreement(raters: Mapping[str, Mapping[Trial, Verdict]], caption: str) -> None:
    """Draw how far raters agree as a group. Nothing unless two marked the same answer."""
    rows = []
    for score in SCORES:
        alpha, apart, n = agreement.group(raters, score)
        if apart is not None:
            rows.append([f"{LABELS[score]}, of {TOP[score]:.0f}", str(n), estimated(alpha), f"{apart:.1f}"])
    if rows:
        head = ("Krippendorff's alpha (95 % interval)", "Highest minus lowest mark, on average")
        text.table([("Score", ""), ("Answers", "n"), *((title, "n") for title in head)], rows, caption)


def headline(line: Standing | None, ranking: Ranking) -> str:
    if line is None or line.headline is None:
        return "-"
    of = "" if not ranking.basis.metric.needs_judge else f" of {ranking.basis.top:.0f}"
    low, high, places = line.headline.low, line.headline.high, ".2f" if of else ".0%"
    between = "" if low is None or high is None else f" ({low:{places}} to {high:{places}})"
    return f"{findings.headline_figure(line, ranking.basis)}{of}{between}"


def render_standings(run: Run, ranking: Ranking) -> None:
    if all(s.headline is None for s in ranking.standings):
        return
    name_by_player, basis = names(run), ranking.basis
    of_rooms = not basis.metric.needs_judge
    any_out, unread = any(s.out for s in ranking.standings), any(s.tally.unknown() for s in ranking.standings)

    def cells(s: Standing) -> list[str]:
        partly = (
            f" (compared on {len(s.values)} of {pluralize(basis.judged, 'puzzle')})"
            if s.unranked and s.headline
            else ""
        )
        main = "no room" if of_rooms else "not marked"
        if s.headline:
            main = headline(s, ranking)
        return [
            name_by_player[s.player] + partly, main, str(s.pus or "-"), str(s.sps or "-"), str(s.rhh or "-"),
            *([str(s.out or "-")] if any_out and not of_rooms else []),
            *([str(s.tally.unknown())] if unread else []),
            *(["-" if s.path_ratio is None else f"{s.path_ratio:.2f} ({s.n_escapes})"] if any_out else []),
            f"{s.tally.answers}, {s.tally.failed} failed" if s.tally.failed else str(s.tally.answers),
            money(s.tally.cost_usd),
        ]  # fmt: skip

    head = [
        ("Player", ""),
        ("Rooms escaped (95 % interval)" if of_rooms else "Main figure (95 % interval)", "n"),
        (f"{LABELS['pus']} (PUS), of 2", "nw"),
        (f"{LABELS['sps']} (SPS), of 2", "nw"),
        (f"{LABELS['rhh']} (RHH), of 1", "nw"),
        *([("Share of rooms escaped", "nw")] if any_out and not of_rooms else []),
        *([("Not understood, cut off, empty, refused", "nw")] if unread else []),
        *([("Moves relative to the shortest way (rooms counted)", "nw")] if any_out else []),
        ("Answers", "nw"),
        ("Cost", "nw"),
    ]
    rows = [
        cells(s) for s in ranking.standings if s.headline is not None or s.tally.answers or s.tally.failed
    ]
    # what nobody has is left out, such as marks of moves one by one, which nobody marks
    kept = [n for n in range(len(head)) if n < 2 or any(row[n] not in ("-", "0") for row in rows)]
    text.table([head[n] for n in kept], [[row[n] for n in kept] for row in rows], "All players, best first")


def render_took(run: Run) -> None:
    """Draw the median cost, time and tokens of an escape, by player. Nothing if no model was asked."""
    by_player, name_by_player = typical(run), names(run)
    measured = {p: line for p, line in by_player.items() if line.seconds}
    if not measured:
        return

    def cell(span: Interval | None) -> str:
        if span is None:
            return "-"
        if span.low is None or span.high is None:
            return two_digits(span.mean)
        return f"{two_digits(span.mean)} ({two_digits(span.low)} to {two_digits(span.high)})"

    rows = [
        [name_by_player[p], str(line.rooms), cell(line.usd), cell(line.seconds), cell(line.tokens)]
        for p, line in measured.items()
    ]
    head = ("Rooms escaped", "USD a room", "Seconds a room", "Tokens a room")
    text.table(
        [("Player", ""), *((title, "n") for title in head)],
        rows,
        "What getting out took: the median over rooms escaped, with its 95 % interval; thinking and repair "
        "are in it. Tokens are counted by each maker's own tokenizer",
    )
    if sentence := ratios_sentence(run):
        text.quiet(sentence)


def render_corrected(run: Run) -> None:
    """Draw a model's marks, as given and corrected for its errors in the exam. Nothing without them."""
    head, rows = corrected_rows(run)
    if rows:
        text.table([*((t, "") for t in head[:2]), *((t, "n") for t in head[2:])], rows, NOT_COVERED)
        if sentence := gaps_sentence(run):
            text.quiet(sentence)


def render_every_time(run: Run) -> None:
    """Draw the shares of rooms escaped every time and at least once. Nothing without repeats."""
    if lines := every_time(run):
        text.table(
            [("Player", ""), ("Out every time", "n"), ("Out at least once", "n")],
            [[names(run)[p], *map(count_of, line)] for p, line in lines.items()],
            f"Of rooms asked {run.config.repeats} times, with the 95 % interval over rooms",
        )


def render_twists(run: Run) -> None:
    if sentence := twists_sentence(run):
        text.quiet(sentence)


def render_pairs(run: Run, ranking: Ranking) -> None:
    """Draw each pair's difference, and whether it shows who is ahead. Nothing below three players."""
    players = ranking.basis.players
    if len(players) < 3:
        return
    name_by_player = names(run)

    def cell(player: str, other: str) -> str:
        pair = ranking.pair(player, other)
        if player == other or pair is None:
            return ""
        gap = pair.paired.difference.mean * (1 if pair.first == player else -1)
        return f"{ranking.comparison(player, other)} ({round(gap, 2) + 0.0:+.2f})"

    text.table(
        [("", ""), *((name_by_player[p], "") for p in players)],
        [[name_by_player[p], *(cell(p, other) for other in players)] for p in players],
        "Each row's player against each column's, corrected for the number of pairs (Holm). In brackets: the "
        "mean difference, in marks or, by Rooms escaped, as a share of rooms",
    )
