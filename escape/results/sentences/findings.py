"""What may be said of a ranking, in sentences: who leads, how sure that is, what it rests on. Numbers in, text out."""

from __future__ import annotations

from collections.abc import Mapping

from escape.metrics import LABELS, METRICS, Metric
from escape.models import is_scripted
from escape.results.comparing import MIN_PUZZLES, Pair
from escape.results.digest import Tally
from escape.results.ranking import Basis, Ranking, Standing
from escape.results.sentences.wording import count, listed
from escape.stats import gap_shown, puzzles_needed, sd_range


def results_sentence(ranking: Ranking) -> str:
    """Who leads and whether that means anything. The gap is the one that the shown figures give."""
    basis = ranking.basis
    lines = [s for s in ranking.standings if s.headline is not None and not s.apart]
    lines = [s for s in lines if not is_scripted(s.player)] or lines  # of the visitor's players, if there are any
    if not lines:
        return "No room has been tried yet." if basis.metric.by_room else "No answer has been judged yet."
    first = lines[0]
    if len(lines) == 1:
        over = "" if basis.metric.by_room else f" over {count(basis.units, 'puzzle')}"
        return f"{first.name} {_did(figure(first, basis), basis)}{over}."
    second = lines[1]
    counted = _counted(first, basis) and _counted(second, basis)
    figures = [figure(s, basis) if counted else _share(s, basis) for s in (first, second)]
    lead = f"{first.name} {_did(figures[0], basis)}, {second.name} {figures[1]}"
    if basis.metric.by_room and all(s.tally.plans and s.tally.silent == s.tally.plans for s in lines):
        return f"{lead}: no answer holds a move that can be read, so nothing is known of their physics."
    pair = ranking.pair(first.player, second.player)
    return f"{lead}: {_difference(ranking, pair, first, second)}" if pair else f"{lead}."


def opening_sentence(ranking: Ranking) -> str:
    """What a page opens on, in few words: how far the first model comes, and the best of the others. How sure that is
    stands beside their figures. Where there are fewer than three models, or more is to be said, the results' sentence.
    """
    basis, rooms = ranking.basis, len(ranking.basis.puzzles)
    lines = [s for s in ranking.standings if s.headline is not None and not is_scripted(s.player)]
    counted = all(_counted(s, basis) for s in lines) and basis.protocol == "plan"
    if len(lines) < 3 or not counted or all(s.tally.silent == s.tally.plans for s in lines):
        return results_sentence(ranking)
    first, *others = lines
    how_many = f"all {rooms} rooms" if first.rooms_out == rooms else f"{figure(first, basis)} rooms"
    best = max(s.rooms_out or 0 for s in others)
    far = f"at most {best}" if best else "none"
    return f"{first.name} gets out of {how_many}; the other {len(others)} models get out of {far}."


def figure(line: Standing, basis: Basis) -> str:
    """A headline as people say it: `3.40`, or `26 of 30`."""
    if line.headline is None:
        return "-"
    return f"{line.rooms_out} of {len(basis.puzzles)}" if _counted(line, basis) else _share(line, basis)


def _counted(line: Standing, basis: Basis) -> bool:
    """Whether a headline is a number of rooms: in each the player got out every time or never."""
    return basis.metric.by_room and line.rooms_out is not None and not line.apart and basis.units == len(basis.puzzles)


def _share(line: Standing, basis: Basis) -> str:
    at = line.headline.mean if line.headline else 0.0
    return f"{at:.0%}" if basis.metric.by_room else f"{at:.2f}"


def _did(text: str, basis: Basis) -> str:
    if basis.metric.by_room:
        how = ", move by move" if basis.protocol == "move by move" else ""
        if " of " not in text:
            return f"gets out of {text} of the rooms{how}"
        return f"gets out of {text} {'room' if text.endswith(' 1') else 'rooms'}{how}"
    return f"scores {text} of {basis.top:.3g}"


def _size(value: float, basis: Basis) -> str:
    """A gap as a number: of points in a hundred where rooms are counted, else of marks. Never `-0`."""
    return f"{round(100 * value)}" if basis.metric.by_room else f"{round(value, 2) + 0.0:.2f}"


def _gap(value: float, basis: Basis) -> str:
    """A gap with its unit: `43 points`, `1.29 marks`."""
    return f"{_size(value, basis)} {'points' if basis.metric.by_room else 'marks'}"


def _shown_gap(first: Standing, second: Standing, basis: Basis) -> float:
    """The difference of two figures as they are shown, so that a reader who subtracts finds the same."""
    a, b = (s.headline.mean if s.headline else 0.0 for s in (first, second))
    if _counted(first, basis) and _counted(second, basis):
        return a - b
    return round(a, 2) - round(b, 2)


def _difference(ranking: Ranking, pair: Pair, first: Standing, second: Standing) -> str:
    basis, span, n = ranking.basis, pair.paired.difference, pair.paired.difference.n
    over, gap = f"over {count(n, 'room' if basis.metric.by_room else 'puzzle')}", _shown_gap(first, second, basis)
    if n < 2 or span.low is None or span.high is None:
        return f"a gap of {_gap(gap, basis)} on one puzzle: too few to tell."
    likely = f"likely {_size(span.low, basis)} to {_size(span.high, basis)}"
    same = not pair.paired.sd and not span.mean
    text = f"no difference at all {over} ({likely}). " if same else f"a gap of {_gap(gap, basis)} ({likely}) {over}. "
    if pair.unlike:
        return f"{text}They gave {pair.unlike}, so nobody is called better."
    if pair.doubted:
        failed = count(first.tally.unasked, "failed call")
        return f"{text}It counts {failed} of {first.name} for nothing; as not out they would make it too close to call."
    if pair.comparison == "ahead":
        return f"{text}On puzzles like these, {first.name} is clearly better."
    if n < MIN_PUZZLES:
        return f"{text}It takes at least {MIN_PUZZLES} puzzles to say who is better."
    return text + _help(ranking, pair)


def _help(ranking: Ranking, pair: Pair) -> str:
    """How many puzzles would tell the gap at hand from chance, as a range; or how large a gap can still be."""
    span, sd, n = pair.paired.difference, pair.paired.sd, pair.paired.difference.n
    cannot, basis = "Too close to call", ranking.basis
    largest = _gap(max(-(span.low or 0), span.high or 0), basis)
    if not sd or _size(span.mean, basis) in {"0", "0.00"}:
        return f"{cannot}; any gap is probably below {largest}."
    fewest, most = (puzzles_needed(s, abs(span.mean), len(ranking.pairs)) for s in sd_range(sd, n))
    if n >= most or fewest > MANY:
        return f"{cannot}; any gap is probably below {largest}."
    what = "rooms" if basis.metric.by_room else "puzzles"
    return f"{cannot}; to tell such a gap from chance would take about {fewest} to {min(most, MANY)} {what}."


MANY = 2000  # puzzles: nobody will ask for more


def basis_sentence(ranking: Ranking) -> str:
    """What the figures that are compared are made of, if that is not everything, and whose marks they are if kept."""
    basis, sentences = ranking.basis, []
    name_by_player = {s.player: s.name for s in ranking.standings}
    if len(basis.puzzles) < basis.judged:
        sentences.append(
            f"Compared on {count(len(basis.puzzles), 'puzzle')} of {basis.judged}: "
            "those on which every player has a result."
        )
    if basis.apart and basis.players:
        what = "rooms tried" if basis.metric.by_room else "marks"
        sentences.append(
            f"Too few {what} to compare with the others: {listed([name_by_player[p] for p in basis.apart])}."
        )
    if basis.few_herrings is not None and basis.units:
        how_many = f"only {basis.few_herrings}" if basis.few_herrings else "none"
        sentences.append(
            f"Compared without {LABELS['rhh']}: {how_many} of {count(basis.units, 'puzzle')} "
            f"{'has' if basis.few_herrings == 1 else 'have'} red herrings, too few to count."
        )
    if basis.path_unknown:
        sentences.append(f"Compared without {LABELS['sps']}: this judge cannot tell whether a plan works.")
    if basis.kept:
        sentences.append(basis.kept)
    return " ".join(sentences)


def reading_sentence(ranking: Ranking) -> str:
    """What beside physics has a part in each player's figure; "" if nothing has."""
    sentences = [f"{s.name}: {remark}" for s in ranking.standings if (remark := beside(s.tally))]
    return f"Beside the figures: {'; '.join(sentences)}." if sentences else ""


MUCH_CUT_OFF = 0.05  # of a player's answers: from there on the budget is part of what is measured


def beside(tally: Tally) -> str:
    """What stands beside a share of rooms: answers without a move, by reason, lines that could not
    be read, repairs, failed calls. "" where all are 0.
    """
    of = f"of {tally.plans} answers"
    remarks = []
    if tally.silent:
        reasons = ", ".join(f"{n} {why}" for why, n in tally.no_move.most_common())
        remarks.append(f"{tally.silent} {of} without a move that can be read ({reasons}), which counts as not out")
    said = tally.no_move["cut off"]  # those stand among the answers without a move already
    if tally.cut_off > said and tally.cut_off > MUCH_CUT_OFF * tally.plans:
        remarks.append(f"{tally.cut_off} {of} cut off at the answer budget; allow more tokens")
    if tally.unread:
        remarks.append(f"{tally.unread} {of} not read in full")
    if tally.repaired:
        remarks.append(f"{tally.repaired} {of} with lines written anew")
    if tally.unasked:
        remarks.append(f"{count(tally.unasked, 'failed call')} left out")
    return ", ".join(remarks)


SMALL_SPREAD = 0.4  # of one player's rooms minus another's: two who mostly do the same


def power_sentence(n: int) -> str:
    """What this many puzzles can show at best, before anything is known of the players."""
    if n < 2:
        return "One puzzle cannot tell players apart." if n else ""
    if n < MIN_PUZZLES:
        return f"{n} puzzles: too few to say who is better in general; it takes at least {MIN_PUZZLES}."
    points = round(100 * gap_shown(SMALL_SPREAD, n))
    return (
        f"With {n} rooms, a gap below {points} points cannot be told from chance; Results says more once there are "
        "figures. More puzzles help more than more repeats."
    )


def places_sentence(ranking: Ranking) -> str:
    """Who cannot be told apart, where there are more than two."""
    placed = [f"{s.name} {' to '.join(map(str, dict.fromkeys(s.ranks)))}" for s in ranking.standings if s.ranks]
    return f"Possible ranks: {', '.join(placed)}." if len(placed) > 2 else ""


def metric_changes_leader(by_metric: Mapping[Metric, Ranking]) -> str:
    """Which metrics put another player clearly first; "" if all agree, or if they cannot tell who is."""
    leaders = {metric: who for metric, ranking in by_metric.items() if (who := _leader(ranking))}
    standard = METRICS["standard"]
    differ = {m: who for m, who in leaders.items() if who != leaders.get(standard)}
    if not differ or standard not in leaders:
        return ""
    leaders_text = [f"{m.label}: {who}" for m, who in [(standard, leaders[standard]), *differ.items()]]
    return f"The choice of metric changes who leads. {'; '.join(leaders_text)}."


def _leader(ranking: Ranking) -> str:
    """The player that is clearly better than the next; "" if nobody is."""
    first, second = ([s for s in ranking.standings if s.headline and not s.apart] + [None, None])[:2]
    if first is None or second is None:
        return ""
    return first.name if ranking.comparison(first.player, second.player) == "ahead" else ""
