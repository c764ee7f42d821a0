"""A model's marks, corrected for the errors in its exam, and whether they allow a ranking.

Without an exam a share stays as marked, and nobody is called better by it.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import fmean
from typing import Literal, NamedTuple

from escape.judges import (
    ITEM_KINDS,
    JUDGES,
    Z_95,
    ItemKind,
    Rates,
    by_length,
    corrected_difference,
    corrected_share,
    doubts,
    rates,
)
from escape.judges.examined import exam, labelled
from escape.results.digest import Ticked, digest, names
from escape.results.sets import of_main
from escape.stats import Interval, bounded_interval
from escape.types import ReportCard, Run

Examined = Literal["passed", "failed", "none", ""]  # "": no model has marked
Marks = Mapping[str, Sequence[Ticked]]  # problem_id -> the marks of its repeats


class Share(NamedTuple):
    """The share of one kind of item over rooms: as marked, and corrected if the judge's exam allows it."""

    as_marked: Interval
    corrected: Interval | None


class MarkedShares(NamedTuple):
    """One player's shares by kind of item. `exam`: the result of the model that marked it.

    `too_weak`: that model hardly tells yes from no, so that shares cannot be corrected.
    """

    exam: Examined
    shares: Mapping[ItemKind, Share]
    too_weak: bool = False


def exam_of(run: Run, judges: Iterable[tuple[str, str]]) -> Examined:
    """Look up the worst exam result among the models of these judges. "" if none of them is a model.

    `judges`: pairs of a judge's name and its prompt.
    """
    cards = [_card(run, judge, prompt) for judge, prompt in {*judges} if is_model(judge)]
    if not cards:
        return ""
    if None in cards:
        return "none"
    return "failed" if any(doubts(card) for card in cards if card) else "passed"


def is_model(judge: str) -> bool:
    """Tell whether a judge's name is that of a model: not the room, people or the annotators."""
    design = JUDGES.get(judge.partition(":")[0])
    return design is not None and design.asks_model


def _card(run: Run, judge: str, prompt: str) -> ReportCard | None:
    """Find the report card of a judge's exam. None without one.

    It must be of a whole exam of today's edition, since `verify` can check no other.
    """
    wanted = (judge, prompt, labelled.edition())
    cards = (card for card in run.cards if (card.judge, card.prompt, card.exam) == wanted)
    return next(filter(exam.is_whole, cards), None)


def applies(run: Run, card: ReportCard) -> bool:
    """Tell whether a report card applies to a run's marks.

    A model's card must be of a whole exam of today's edition, and of a prompt that made marks in this run.
    """
    return not is_model(card.judge) or any(
        _card(run, card.judge, prompt) is card for prompt in digest(run).prompts
    )


def marked_shares(run: Run, ids: Collection[str] | None = None) -> dict[str, MarkedShares]:
    """Compute each player's shares as a model marked them, over the puzzles `ids` or the main set.

    Players that no model has marked are absent. If several models or prompts marked one, nothing is
    corrected.
    """
    chosen = {p.problem_id for p in of_main(run).puzzles} if ids is None else ids
    found = {}
    for player, rooms in digest(run).ticked.items():
        marks = {i: [t for t in ticks if is_model(t.judge)] for i, ticks in rooms.items() if i in chosen}
        judges = {(t.judge, t.prompt) for ticks in marks.values() for t in ticks}
        if judges:
            card = _card(run, *next(iter(judges))) if len(judges) == 1 else None
            by_kind = {kind: rates(card, kind) for kind in ITEM_KINDS} if card else {}
            shares = {
                kind: share
                for kind in ITEM_KINDS
                if (share := _share_of_kind(marks, kind, by_kind.get(kind)))
            }
            weak = any(judge is not None and not judge.tells for judge in by_kind.values())
            found[player] = MarkedShares(exam_of(run, judges), shares, weak)
    return found


def _share_of_kind(marks: Marks, kind: ItemKind, judge: Rates | None) -> Share | None:
    said = [*_by_room(marks, kind).values()]
    if not said:
        return None
    return Share(bounded_interval(said, 1.0), corrected_share(said, judge) if judge and judge.tells else None)


def _by_room(marks: Marks, kind: ItemKind) -> dict[str, float]:
    """Compute the share of yeses in each room: the mean over its repeats."""
    shares = {i: [s for t in ticks if (s := getattr(t, kind)) is not None] for i, ticks in marks.items()}
    return {i: fmean(found) for i, found in shares.items() if found}


CALLED: dict[ItemKind, str] = {
    "principles": "principles shown",
    "steps": "steps carried out",
    "herrings": "red herrings used",
}
NOT_COVERED = (
    "Shares of what the reference names, as a model marked them and allowing for the errors of its exam, "
    "with 95 % intervals. Not covered: errors that differ between players (kinship, length, style), or "
    "between rooms and the exam"
)


def corrected_rows(run: Run) -> tuple[list[str], list[list[str]]]:
    """Tabulate shares as marked and corrected: the head, and a row for each player and kind of item.

    There are no rows if no model has marked.
    """
    rows = []
    for player, by_model in marked_shares(run).items():
        for kind, share in by_model.shares.items():
            without = "too weak a marker" if by_model.too_weak else "-"
            corrected = _percent(share.corrected) if share.corrected else without
            rows.append(
                [names(run)[player], CALLED[kind], _percent(share.as_marked), corrected, by_model.exam]
            )
    return ["Player", "Share of", "As marked", "Corrected", "The marker's exam"], rows


def _judges(marks: Iterable[Marks]) -> set[tuple[str, str]]:
    """Collect the judges behind marks, each with its prompt."""
    return {(t.judge, t.prompt) for rooms in marks for ticks in rooms.values() for t in ticks}


def _percent(span: Interval) -> str:
    return f"{span.mean:.0%}{_ends(span)}"


def _ends(span: Interval) -> str:
    return (
        "" if span.low is None or span.high is None else f" ({100 * span.low:.0f} to {100 * span.high:.0f})"
    )


def gaps_sentence(run: Run) -> str:
    """State the corrected difference of the first two players that a model has marked, by kind of item.

    Such as `Corrected difference, gpt-5 minus gpt-4o: principles shown 12 points (2 to 22).` "" where they
    have no marks in common that can be corrected.
    """
    by_model = marked_shares(run)
    players = [p for p in digest(run).players if p in by_model][:2]
    if len(players) < 2:
        return ""
    ids = {p.problem_id for p in of_main(run).puzzles}
    first, second = ({i: ticks for i, ticks in digest(run).ticked[p].items() if i in ids} for p in players)
    judges = _judges((first, second))
    card = _card(run, *next(iter(judges))) if len(judges) == 1 else None
    parts = []
    for kind in ITEM_KINDS if card else ():
        judge, (a, b) = (
            rates(card, kind) if card else None,
            (_by_room(rooms, kind) for rooms in (first, second)),
        )
        gaps = [a[i] - b[i] for i in a if i in b]
        if gaps and judge and judge.tells:
            span = corrected_difference(gaps, judge)
            parts.append(f"{CALLED[kind]} {100 * span.mean + 0.0:.0f} points{_ends(span)}")
    one, other = (names(run)[p] for p in players)
    return f"Corrected difference, {one} minus {other}: {'; '.join(parts)}." if parts else ""


def objection(run: Run, first: str, second: str, lead: Interval, top: float, ids: Collection[str]) -> str:
    """Say why marks do not show that the first is better than the second. "" if they do.

    `lead`: the first's lead in marks, of `top`, over the puzzles `ids`. A model must have passed its exam,
    and the lead must exceed what its preference for long answers, measured in the exam, gives the first's
    longer ones.
    """
    ticked = digest(run).ticked
    both = [{i: ticks for i, ticks in ticked.get(p, {}).items() if i in ids} for p in (first, second)]
    judges = _judges(both)
    sat = exam_of(run, judges)
    if sat in ("none", "failed"):
        return "their marker has not been examined" if sat == "none" else "their marker failed its exam"
    slopes = [
        slope for j in judges if is_model(j[0]) and (card := _card(run, *j)) for slope in by_length(card)
    ]
    lengths = [
        [math.log2(max(1, fmean(t.length for t in ticks))) for ticks in rooms.values()] for rooms in both
    ]
    if not slopes or not all(lengths) or lead.low is None:
        return ""
    longer = fmean(lengths[0]) - fmean(lengths[1])
    most = max(slope.each * longer + Z_95 * slope.error * abs(longer) for slope in slopes)  # by length alone
    return "their marker may favour the longer answers" if top * most >= lead.low else ""
