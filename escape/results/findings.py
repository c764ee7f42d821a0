"""Sentences about a run: who leads, how certain that is, and what qualifies it. Numbers in, text out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from escape.metrics import LABELS, METRICS, Metric
from escape.models import is_scripted
from escape.puzzles import EASY, banded, set_label
from escape.results.comparing import MIN_PUZZLES, Pair
from escape.results.digest import Tally, digest, judge_name, names, own_players, shares_by_room
from escape.results.ranking import LEADS, Basis, Ranking, Standing, references
from escape.results.sets import CHANCE, by_chance, follows, main_of, main_set, of_set, sets, twisted
from escape.results.took import took_clause
from escape.results.wording import bounds, counted, join_and, pluralize
from escape.stats import detectable_gap, puzzles_needed, sd_range, share_interval
from escape.types import NOT_READ, Ended, Puzzle, Run

MOST_NAMED = 4  # players in the sentence


def compared_lines(ranking: Ranking) -> list[Standing]:
    """Select the standings that a headline compares, best first.

    They are those of models and people, or of scripted players if there are no others.
    """
    lines = [s for s in ranking.standings if s.headline is not None and not s.unranked]
    return [s for s in lines if not is_scripted(s.player)] or lines


def results_sentence(ranking: Ranking, took: str = "") -> str:
    """Name the leader among the run's own players, and say whether the gap means anything.

    `took`: a clause on cost or time, for players that rooms cannot tell apart.
    """
    basis, lines = ranking.basis, compared_lines(ranking)
    if not lines:
        return "No answer has been marked yet." if basis.metric.needs_judge else "No room has been tried yet."
    first, *others = lines
    of_rooms = () if basis.metric.needs_judge else lines
    lacking = "".join(f" {s.name}: {words}." for s in of_rooms if (words := _beside(s.tally)))
    if not others:
        over = f" over {pluralize(basis.units, 'puzzle')}" if basis.metric.needs_judge else ""
        return f"{first.name} {_did(_known_share(first, basis), basis)}{over}.{lacking}"
    leaders, second = lines[:MOST_NAMED], others[0]
    in_rooms = all(_is_room_count(s, basis) for s in leaders)
    figures = [_known_share(s, basis) if in_rooms else _Share(_headline_share(s, basis)) for s in leaders]
    of = "" if basis.metric.needs_judge else "of "
    others_text = [f"{s.name} {of}{f.share}" for s, f in zip(leaders[1:], figures[1:], strict=True)]
    lead = f"{first.name} {_did(figures[0], basis)}, {', '.join(others_text)}"
    if not basis.metric.needs_judge and all(
        s.tally.plans and s.tally.unknown() == s.tally.plans for s in lines
    ):
        return f"{lead}: no answer could be read, so nothing is known of their physics."
    pair = ranking.pair(first.player, second.player)
    which = f"{first.name} and {second.name}" if len(lines) > 2 else ""
    if pair and pair.comparison == "more":
        # the difference says what could not be read
        return f"{lead}: {_difference(ranking, pair, first, second, which)}"
    if pair and pair.comparison == "cannot tell" and took:
        all_out = len(lines) == 2 and all(
            s.rooms_out == len(basis.puzzles) and _is_room_count(s, basis) for s in lines
        )
        if all_out:
            return f"Both get out of {figures[0]} rooms; {took}.{lacking}"
        lacking = f" Where both get out, {took}.{lacking}"
    return (f"{lead}: {_difference(ranking, pair, first, second, which)}" if pair else f"{lead}.") + lacking


def opening_sentence(ranking: Ranking) -> str:
    """State how many rooms each model escapes, for the example that the page opens on."""
    basis, rooms = ranking.basis, len(ranking.basis.puzzles)
    lines = [s for s in ranking.standings if s.headline is not None and not is_scripted(s.player)]
    if len(lines) < 2 or not all(_is_room_count(s, basis) for s in lines):
        return results_sentence(ranking)

    def far(line: Standing) -> str:
        out = line.rooms_out or 0
        if out == rooms:
            return f"all {rooms} rooms"
        return f"{out} of {rooms}" if out else "none"

    first, *others = lines
    lead = f"An {first.name} model" if first.name.startswith("unnamed") else first.name
    return f"{lead} gets out of {far(first)}, {join_and([f'{s.name} out of {far(s)}' for s in others])}."


class _Share(NamedTuple):
    """A figure as text: a number of rooms out of `of`, or a share or mean mark if `of` is None."""

    share: str
    of: int | None = None

    def __str__(self) -> str:
        return self.share if self.of is None else f"{self.share} of {self.of}"


def headline_figure(line: Standing, basis: Basis) -> str:
    """Format a headline figure: `3.40`, `26 of 30`, or `6 of 6 (24 failed: .20 to 1.00)`."""
    missing = "" if basis.metric.needs_judge else _missing(line.tally)
    return str(_known_share(line, basis)) + (f" ({missing})" if missing else "")


def _missing(tally: Tally) -> str:
    ended = tally.ended
    if not tally.plans:
        return ""
    return bounds(ended["out"], tally.plans, ended["failed"], ended["not asked"])


def counts_of(tally: Tally) -> list[str]:
    """Count the answers that were not read, by cause: `9 not understood`, `2 empty`."""
    return [counted(n, word) for word in NOT_READ if (n := tally.ended[word])]


def _beside(tally: Tally) -> str:
    """Say what to read with a headline: `9 not understood, 24 failed: .20 to 1.00`."""
    return ", ".join(filter(None, (*counts_of(tally), _missing(tally))))


def absent_sentence(run: Run, ranking: Ranking) -> str:
    """State the figure of each own player that the headline leaves out, or why it has none.

    "" if the headline names all of them.
    """
    basis, tallies = ranking.basis, digest(run).tallies
    own = set(own_players(run))
    shown = {s.player for s in compared_lines(ranking)[:MOST_NAMED]}
    by_player = {s.player: s for s in ranking.standings}
    parts = []
    for player, name in names(run).items():
        if player in shown or player not in own:
            continue
        line = by_player.get(player)
        tally = line.tally if line else tallies[player]
        counts = [*counts_of(tally), *(f"{n} {word}" for word in ABSENT if (n := tally.ended[word]))]
        why = f" ({cause})" if tally.ended["failed"] and (cause := digest(run).why.get(player)) else ""
        beside = f": {', '.join(counts)}{why}" if counts else ""
        if line is None or line.headline is None:
            parts.append(f"{name} has no figure{beside}." if beside else f"{name} was asked nothing.")
        elif line.unranked:
            parts.append(
                f"{name}, asked too little to compare, {_did(_known_share(line, basis), basis)}{beside}."
            )
        else:
            parts.append(f"{name} {_did(_known_share(line, basis), basis)}.")
    return " ".join(parts)


ABSENT: tuple[Ended, ...] = ("failed", "not asked")


def _known_share(line: Standing, basis: Basis) -> _Share:
    if line.headline is None:
        return _Share("-")
    if _is_room_count(line, basis):
        return _Share(str(line.rooms_out), len(basis.puzzles))
    return _Share(_headline_share(line, basis))


def _is_room_count(line: Standing, basis: Basis) -> bool:
    """Tell whether a headline is a number of rooms: the player escaped each every time or never."""
    return (
        not basis.metric.needs_judge
        and line.rooms_out is not None
        and not line.unranked
        and basis.units == len(basis.puzzles)
    )


def _headline_share(line: Standing, basis: Basis) -> str:
    return basis.metric.unit.figure(line.headline.mean if line.headline else 0.0)


def _did(figure: _Share, basis: Basis) -> str:
    if basis.metric.needs_judge:
        return f"scores {figure} of {basis.top:.3g}"
    how = ", move by move" if basis.protocol == "move by move" else ""
    if figure.of is None:
        return f"gets out of {figure} of the rooms{how}"
    return f"gets out of {figure} {'room' if figure.of == 1 else 'rooms'}{how}"


def _difference(ranking: Ranking, pair: Pair, first: Standing, second: Standing, which: str) -> str:
    """State the verdict on a pair. `which`: both names, if the sentence names others too."""
    basis, span, n = ranking.basis, pair.paired.difference, pair.paired.difference.n
    unit = basis.metric.unit
    between = f" between {which}" if which else ""
    if n < 2 or span.low is None or span.high is None:
        return f"one {unit.thing} is too few to tell."
    likely = f"{unit.size(span.low)} to {unit.gap(span.high)}"
    if pair.incomparable_reason:
        return f"{pair.incomparable_reason}, so nobody is called better."
    if pair.doubted:
        failed = [
            f"{pluralize(s.tally.failed, 'failed call')} of {s.name}"
            for s in (first, second)
            if s.tally.failed
        ]
        return f"too close to call{between}, since {join_and(failed)} could have changed it."
    if pair.comparison == "more":
        unknown = [
            f"{s.tally.unknown()} of {s.tally.plans} answers by {s.name}"
            for s in (first, second)
            if s.tally.unknown()
        ]
        return (
            f"{first.name} gets out of more rooms, but {join_and(unknown)} were not read, and on the rooms "
            "where both were read, it is too close to call."
        )
    if pair.comparison == "ahead":
        return f"{first.name} is clearly better than {second.name} (likely {likely})."
    if n < MIN_PUZZLES:
        asked = pluralize(n, unit.thing)
        return f"both were asked {asked}, too few to say who is better; it takes at least {MIN_PUZZLES}."
    if span.low > 0:  # the t test alone would call it; the exact test or the correction does not
        return f"too close to call{between}."
    return f"too close to call{between} (likely {likely})."


def help_sentence(ranking: Ranking) -> str:
    """Say how many puzzles would separate the first two, or how large their gap can be.

    "" if the pair is decided, cannot be compared, or has too few puzzles.
    """
    lines = compared_lines(ranking)[:2]
    pair = ranking.pair(lines[0].player, lines[1].player) if len(lines) == 2 else None
    if (
        pair is None
        or pair.comparison in LEADS
        or pair.incomparable_reason
        or pair.paired.difference.n < MIN_PUZZLES
    ):
        return ""
    span, sd, n = pair.paired.difference, pair.paired.sd, pair.paired.difference.n
    unit = ranking.basis.metric.unit
    largest = (
        f"Any gap between the first two is probably below {unit.gap(max(-(span.low or 0), span.high or 0))}."
    )
    if not sd or unit.size(span.mean) in {"0", "0.00"}:
        return largest
    fewest, most = (puzzles_needed(s, abs(span.mean), len(ranking.pairs)) for s in sd_range(sd, n))
    if n >= most or fewest > MANY:
        return largest
    return f"To tell the first two apart would take about {fewest} to {min(most, MANY)} {unit.thing}s."


MANY = 2000  # puzzles: nobody will ask for more


def against_sentence(run: Run) -> str:
    """Say how often each judge that is a model believed plans that failed and doubted plans that worked.

    "" if no judge decided about a plan.
    """
    sentences = []
    for judge, seen in digest(run).against.items():
        rates = [
            f"{what} {seen[word, out]} of {n} ({span.low:.0%} to {span.high:.0%}) {which}"
            for what, which, word, out in (
                ("believed", "plans that failed", True, False), ("doubted", "plans that worked", False, True)
            )
            if (n := seen[True, out] + seen[False, out]) and (span := share_interval(seen[word, out], n))
        ]  # fmt: skip
        sentences.append(f"{judge_name(judge)}, as judge, {' and '.join(rates)}.")
    return " ".join(sentences)


def basis_sentence(ranking: Ranking) -> str:
    """Say what the comparison leaves out, and whose stored marks it uses. "" if neither applies."""
    basis, sentences = ranking.basis, []
    name_by_player = {s.player: s.name for s in ranking.standings}
    if len(basis.puzzles) < basis.judged:
        sentences.append(
            f"Compared on {pluralize(len(basis.puzzles), 'puzzle')} of {basis.judged}: "
            "those on which every player has a result."
        )
    apart = [p for p in basis.unranked if p not in references(name_by_player)]
    if apart and basis.players:
        sentences.append(
            f"Too few {basis.metric.unit.tried} to compare with the others: "
            f"{join_and([name_by_player[p] for p in apart])}."
        )
    if basis.few_herrings is not None and basis.units:
        how_many = f"only {basis.few_herrings}" if basis.few_herrings else "none"
        sentences.append(
            f"Compared without {LABELS['rhh']}: {how_many} of {pluralize(basis.units, 'puzzle')} "
            f"{'has' if basis.few_herrings == 1 else 'have'} red herrings, too few to count."
        )
    if basis.path_unknown:
        sentences.append(f"Compared without {LABELS['sps']}: this judge cannot tell whether a plan works.")
    if basis.precomputed:
        sentences.append(basis.precomputed)
    return " ".join(sentences)


def reading_sentence(ranking: Ranking) -> str:
    """Say what, besides physics, affects each player's figure. "" if nothing does."""
    sentences = [f"{s.name}: {remark}" for s in ranking.standings if (remark := remarks(s.tally))]
    return f"To be read with the figures: {'; '.join(sentences)}." if sentences else ""


MUCH_CUT_OFF = 0.05  # of a player's answers: from there on the budget is part of what is measured


def remarks(tally: Tally) -> str:
    """Join the remarks on a share of rooms: unread answers, repairs, failed calls. "" if none."""
    parts = counts_of(tally)
    if tally.cut_off > tally.ended["cut off"] and tally.cut_off > MUCH_CUT_OFF * tally.plans:
        parts.append(f"{tally.cut_off} cut off at the answer budget; allow more tokens")
    if tally.repaired:
        parts.append(f"{tally.repaired} of those out after a repair")
    if missing := _missing(tally) or ", ".join(f"{n} {word}" for word in ABSENT if (n := tally.ended[word])):
        parts.append(missing)
    return ", ".join(parts)


# the standard deviation of the difference of two players, room by room, who each escape two rooms in three
USUAL_SPREAD = (2 * 2 / 3 * 1 / 3) ** 0.5
BIG = 0.2  # a run that cannot show smaller gaps than this shows "only big differences"


def power_sentence(players: int, chosen: Sequence[Puzzle]) -> str:
    """Say what a run can show, before it starts. "" for fewer than two players.

    Such as `30 rooms show only big differences (35 points or more).` It is about the set that players are
    compared on, and uses the function by which `help_sentence` says afterwards how many rooms would help.
    """
    n = len(banded(chosen).get(main_of(chosen), ()))
    if players < 2 or not n:
        return ""
    if n < MIN_PUZZLES:
        return f"{pluralize(n, 'room')}: too few to say who is better; it takes at least {MIN_PUZZLES}."
    gap = detectable_gap(USUAL_SPREAD, n, players * (players - 1) // 2)
    only = "only big differences" if gap > BIG else "differences"
    return f"{n} rooms show {only} ({round(100 * min(1.0, gap))} points or more)."


def places_sentence(ranking: Ranking) -> str:
    placed = [
        f"{s.name} {' to '.join(map(str, dict.fromkeys(s.ranks)))}" for s in ranking.standings if s.ranks
    ]
    return f"Possible ranks: {', '.join(placed)}." if len(placed) > 2 else ""


def metric_changes_leader(by_metric: Mapping[Metric, Ranking]) -> str:
    """Name the metrics under which another player is clearly first.

    "" if there are none, or if the standard metric has no clear leader.
    """
    leaders = {metric: who for metric, ranking in by_metric.items() if (who := _leader(ranking))}
    standard = METRICS["standard"]
    differ = {m: who for m, who in leaders.items() if who != leaders.get(standard)}
    if not differ or standard not in leaders:
        return ""
    leaders_text = [f"{m.label}: {who}" for m, who in [(standard, leaders[standard]), *differ.items()]]
    return f"The choice of metric changes who leads. {'; '.join(leaders_text)}."


def _leader(ranking: Ranking) -> str:
    """Find the name of a first player that is clearly better than the second. "" if there is none."""
    lines = compared_lines(ranking)
    if len(lines) < 2:
        return ""
    first, second = lines[:2]
    return first.name if ranking.comparison(first.player, second.player) == "ahead" else ""


def run_sentence(run: Run, ranked: Ranking, remark: str = "") -> str:
    """Write a run's headline: the comparison, absent players, `remark`, easy and told rooms."""
    leaders = [s.player for s in compared_lines(ranked)][:2]
    took = took_clause(run, *leaders) if len(leaders) == 2 and not ranked.basis.metric.needs_judge else ""
    lead = results_sentence(ranked, took) if sets(run) else ""
    return " ".join(
        filter(None, (lead, absent_sentence(run, ranked), remark, easy_sentence(run), told_sentence(run)))
    )


def unmarked_sentence(run: Run) -> str:
    """Say how many answers the run's judge has not marked, with a reason. "" if it failed at none."""
    whys = [message for (is_mark, message) in digest(run).causes if is_mark]
    return f"{pluralize(digest(run).unmarked, 'answer')} not marked: {whys[-1]}" if whys else ""


def easy_sentence(run: Run) -> str:
    """Say how many easy rooms each own player escaped.

    Such as `Of the easy rooms: claude-haiku 20 of 24, gpt-4o-mini 9 of 24.` "" if they are the main set, or
    not asked.
    """
    easy = of_set(run, EASY) if main_set(run) != EASY else None
    outs = shares_by_room(easy) if easy and easy.puzzles else {}
    each = [
        f"{names(run)[p]} {sum(outs[p].values()):.3g} of {len(outs[p])}"
        for p in own_players(run)
        if outs.get(p)
    ]
    return f"Of the easy rooms: {join_and(each)}." if each else ""


def told_sentence(run: Run) -> str:
    """Say how many told rooms each player follows, and what that casts doubt on. "" without any."""
    each = [
        f"{names(run)[player]} {follow.sentence}. {follow.doubt}".strip()
        for player, follow in follows(run).items()
    ]
    return " ".join(each)


def chance_sentence(run: Run) -> str:
    """Say how many rooms each control escapes by chance.

    Such as `By chance: random moves escape 1 of 24 easy, 0 of 30 standard; ...`. "" without playable
    rooms.
    """
    each = []
    for control, shares in by_chance(run).items():
        verb = "escapes" if control == "everything" else "escape"
        counts = ", ".join(f"{outs} of {of} {set_label(name)}" for name, (outs, of) in shares.items())
        each.append(f"{CHANCE[control]} {verb} {counts}")
    return f"By chance: {'; '.join(each)}." if each else ""


def twists_sentence(run: Run) -> str:
    """Say how many originals, twists and both each player got right.

    Such as `Originals, twists and both right: gpt-5 10, 4, 4 of 12.` "" if nobody played both forms of a
    room.
    """
    lines = twisted(run)
    if not lines:
        return ""
    each = [
        f"{x.name} {_short_number(x.originals)}, {_short_number(x.twists)}, {_short_number(x.both)} of {x.of}"
        for x in lines
    ]
    figures = f"Originals, twists and both right: {'; '.join(each)}."
    without = max(line.of_no_way for line in lines)
    given_up = "; ".join(f"{x.name} {_short_number(x.no_way)}" for x in lines)
    no_way = f" {without} of the twists have no way out: {given_up}." if without else ""
    remember = [line.name for line in lines if line.remembers]
    memory = f" {', '.join(remember)} may have memorised the originals." if remember else ""
    return figures + no_way + memory


def _short_number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
