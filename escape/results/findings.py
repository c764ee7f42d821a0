"""What may be said of a ranking, in sentences: who leads, how sure that is, what it rests on. Numbers in, text out."""

from __future__ import annotations

from collections.abc import Mapping

from escape.metrics import LABELS, METRICS, Metric
from escape.results.ranking import MIN_PUZZLES, Basis, Pair, Ranking, Standing
from escape.results.wording import count, listed, short
from escape.stats import gap_shown, puzzles_needed, sd_range


def results_sentence(found: Ranking) -> str:
    """Who leads and whether that means anything."""
    basis = found.basis
    lines = [s for s in found.standings if s.headline is not None and not s.apart]
    if not lines:
        return "No room has been tried yet." if basis.metric.by_room else "No answer has been judged yet."
    first = lines[0]
    if len(lines) == 1:
        return f"{short(first.player)} {_did(first, basis)}{_over(basis)}."
    second = lines[1]
    pair = found.pair(first.player, second.player)
    lead = f"{short(first.player)} {_did(first, basis)}, {short(second.player)} {figure(second, basis)}"
    if basis.ranks_nobody:
        return f"{lead}. These are marks by words: they show which ideas an answer mentions, and rank nobody."
    return f"{lead}: {difference(pair, basis)}" if pair else f"{lead}."


def figure(line: Standing, basis: Basis) -> str:
    """A headline as people say it: `3.40`, or `26 of 30`."""
    at = line.headline
    if at is None:
        return "-"
    if basis.metric.by_room and basis.units == len(basis.puzzles) and not round(at.mean * at.n, 6) % 1:
        return f"{round(at.mean * at.n)} of {at.n}"
    return f"{at.mean:.0%}" if basis.metric.by_room else f"{at.mean:.2f}"


def _did(line: Standing, basis: Basis) -> str:
    said = figure(line, basis)
    if basis.metric.by_room:
        return f"gets out of {said} rooms" if " of " in said else f"gets out of {said} of the rooms"
    return f"scores {said} of {basis.top:.3g}"


def _over(basis: Basis) -> str:
    return "" if basis.metric.by_room else f" over {count(basis.units, 'puzzle')}"


def _size(value: float, basis: Basis) -> str:
    """A gap as a number: of points in a hundred where rooms are counted, else of marks. Never `-0`."""
    return f"{round(100 * value)}" if basis.metric.by_room else f"{round(value, 2) + 0.0:.2f}"


def _gap(value: float, basis: Basis) -> str:
    """A gap with its unit: `43 points`, `1.29 marks`."""
    return f"{_size(value, basis)} {'points' if basis.metric.by_room else 'marks'}"


def difference(pair: Pair, basis: Basis) -> str:
    """A paired difference with its interval, and what to make of it."""
    span, n = pair.paired.difference, pair.paired.difference.n
    over = f"over {count(n, 'room' if basis.metric.by_room else 'puzzle')}"
    if n < 2 or span.low is None or span.high is None:
        return f"a gap of {_gap(span.mean, basis)} on one puzzle: too few to tell."
    if not pair.paired.sd and not span.mean:
        return f"no difference at all {over}."
    likely = f"likely {_size(span.low, basis)} to {_size(span.high, basis)}"
    text = f"a gap of {_gap(span.mean, basis)} ({likely}) {over}. "
    if pair.comparison == "ahead":
        return f"{text}On puzzles like these, {short(pair.first)} is clearly better."
    if n < MIN_PUZZLES:
        return f"{text}It takes at least {MIN_PUZZLES} puzzles to say who is better."
    return text + _help(pair, basis)


def _help(pair: Pair, basis: Basis) -> str:
    """What would help to tell two players apart, as a range; or how large a gap can still be."""
    span, sd, n = pair.paired.difference, pair.paired.sd, pair.paired.difference.n
    cannot = "Too close to call"
    if not sd or span.low is None or span.high is None:
        return f"{cannot}."
    small = basis.top / 10
    fewest, most = (puzzles_needed(s, small) for s in sd_range(sd, n))
    if n >= most:
        return f"{cannot}; any gap is probably below {_gap(max(-span.low, span.high), basis)}."
    return f"{cannot}; a gap of {_gap(small, basis)} would be detectable with about {fewest} to {most} puzzles."


def basis_sentence(basis: Basis) -> str:
    """What the figures that are compared are made of, where that is not everything."""
    said = []
    if len(basis.puzzles) < basis.judged:
        said.append(
            f"Compared on {count(len(basis.puzzles), 'puzzle')} of {basis.judged}: "
            "those on which every player has a result."
        )
    if basis.apart and basis.players:
        what = "rooms tried" if basis.metric.by_room else "marks"
        said.append(f"Too few {what} to compare with the others: {listed([short(p) for p in basis.apart])}.")
    if basis.few_herrings is not None and basis.units:
        how_many = f"only {basis.few_herrings}" if basis.few_herrings else "none"
        said.append(
            f"Compared without {LABELS['rhh']}: {how_many} of {count(basis.units, 'puzzle')} "
            f"{'has' if basis.few_herrings == 1 else 'have'} red herrings, too few to count."
        )
    if basis.path_unknown:
        said.append(f"Compared without {LABELS['sps']}: this judge cannot tell whether a plan works.")
    return " ".join(said)


def reading_sentence(found: Ranking) -> str:
    """Whose plans could not be read in full: an error of form, told apart from physics; "" if all could."""
    said = []
    for s in found.standings:
        if s.unread:
            none = f", {s.silent} of them not at all, which counts as not out" if s.silent else ""
            said.append(f"{s.unread} of {count(s.plans, 'plan')} by {short(s.player)}{none}")
    return f"Not read in full: {'; '.join(said)}." if said else ""


PUBLISHED_SD = 0.96  # of the differences per puzzle, overall of 5, in the published run of 2025


def power_sentence(n: int) -> str:
    """The gap that this many puzzles can detect, estimated from the spread in the published run."""
    if n < 2:
        return "One puzzle cannot tell players apart." if n else ""
    gap = f"gaps of about {gap_shown(PUBLISHED_SD, n):.1f} of 5"
    if n < MIN_PUZZLES:
        return f"{n} puzzles: too few to say who is better in general; it takes at least {MIN_PUZZLES}."
    return f"{n} puzzles show {gap}. More puzzles help more than repeats."


def places_sentence(found: Ranking) -> str:
    """Who cannot be told apart, where there are more than two."""
    placed = [(short(s.player), s.ranks) for s in found.standings if s.ranks]
    if len(placed) < 3:
        return ""
    return "Possible ranks: " + ", ".join(f"{who} {_place(*ranks)}" for who, ranks in placed) + "."


def _place(best: int, worst: int) -> str:
    return str(best) if best == worst else f"{best} to {worst}"


def metric_changes_leader(found: Mapping[Metric, Ranking]) -> str:
    """Which metrics put another player first; "" where all agree."""
    leaders = {metric: _leaders(ranking) for metric, ranking in found.items() if not ranking.basis.ranks_nobody}
    usual = METRICS["standard"]
    differ = {m: who for m, who in leaders.items() if who and who != leaders.get(usual)}
    if not differ or not leaders.get(usual):
        return ""
    said = [f"{m.label}: {listed([short(p) for p in who])}" for m, who in [(usual, leaders[usual]), *differ.items()]]
    return f"The choice of metric changes who leads. {'; '.join(said)}."


def _leaders(found: Ranking) -> list[str]:
    lines = [(s.player, s.headline.mean) for s in found.standings if s.headline and not s.apart]
    best = max((mean for _, mean in lines), default=0.0)
    return sorted(p for p, mean in lines if abs(mean - best) < 1e-9)
