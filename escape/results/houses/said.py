"""What may be said of reach, in sentences and tables; every one is built from the figures that are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from escape.environments.houses import MECHANISMS
from escape.models import is_scripted
from escape.results.houses.reach import Line, Reach
from escape.results.sentences import beside, count, money
from escape.stats import puzzles_needed
from escape.types import PLAYED

Table = tuple[list[str], list[list[str]]]  # its head and its rows


def doors_text(line: Line) -> str:
    """A player's figure with its interval: `9 (7 to 12)`, `16 or more (14 to 16 or more)`."""
    more = " or more"
    figure = f"{line.median:.3g}{more if line.at_the_end else ''}"
    if line.low is None or line.high is None:
        return figure
    return f"{figure} ({line.low:.3g} to {line.high:.3g}{more if line.high >= line.total else ''})"


def reach_sentence(reach: Reach) -> str:
    """Who gets furthest, and whether that means anything."""
    lines = _spoken_of(reach.lines)
    if not lines:
        return f"No {reach.what[0]} has been tried yet."
    first = lines[0]
    one = doors_text(first) == "1"  # "1 or more doors", "1 (0 to 2) doors"
    opens = f"{first.name} opens {doors_text(first)} {'door' if one else 'doors'} in the median"
    if len(lines) == 1:
        return f"{opens}, in {count(reach.houses, *reach.what)} of {count(reach.doors, 'door')}."
    # one model at several budgets is not compared with itself
    second = next((x for x in lines[1:] if x.budget == first.budget), lines[1])
    lead = f"{opens}, {second.name} {doors_text(second)}"
    pair = next((p for p in reach.pairs if (p.first, p.second) == (first.player, second.player)), None)
    if pair is None and reach.houses == 1:
        return (
            f"{first.name} opens {first.median:.3g} of {count(reach.doors, 'door')}, {second.name} "
            f"{second.median:.3g}. One {reach.what[0]} cannot say who gets further."
        )
    if pair is None:
        return f"{lead}. They have fewer than two {reach.what[1]} in common, so they are not compared."
    shared = count(pair.paired.difference.n, *reach.what)
    if pair.unlike:
        return f"{lead}. They gave {pair.unlike}, so nobody is said to get further."
    if pair.doubted:
        failed = count(first.tally.unasked, "failed call")
        return f"{lead}: too close to call on {shared} if {failed} of {first.name} count as no door."
    if pair.decided:
        return f"{lead}: {first.name} gets further on these {shared}."
    return f"{lead}: too close to call on {shared}. {_needed(reach, first, second)}".strip()


def _spoken_of(lines: Sequence[Line]) -> Sequence[Line]:
    """Models; without any, people; without these, scripted players; controls only if they are alone."""
    models_and_people = [line for line in lines if not is_scripted(line.player)]
    people = [line for line in models_and_people if line.player.startswith(PLAYED)]
    models = [line for line in models_and_people if line not in people]
    return models or people or [x for x in lines if not x.player.startswith("control:")] or lines


def _needed(reach: Reach, first: Line, second: Line) -> str:
    shared = [i for i in first.by_house if i in second.by_house]
    apart = [first.by_house[i] - second.by_house[i] for i in shared]
    gap, spread = abs(fmean(apart)), stdev(apart) if len(apart) > 1 else 0.0
    if gap == 0 or spread == 0:
        return ""
    n = puzzles_needed(spread, gap, math.comb(len(reach.lines), 2))
    return f"If the gap is as it looks, some {n} {reach.what[1]} would settle it." if n > len(shared) else ""


def budget_sentence(reach: Reach) -> str:
    """What the answers were allowed, since thinking buys doors."""
    budgets = sorted({line.budget for line in reach.lines if line.budget is not None})
    if not budgets:
        return ""
    span = f"{budgets[0]:,}" if len(budgets) == 1 else f"{budgets[0]:,} to {budgets[-1]:,}"
    how = "Move by move, all answers in one together have" if reach.in_turns else "One answer for a whole house, of"
    return f"{how} {span} tokens at most: thinking buys doors, so this belongs to the figure."


def players_table(reach: Reach) -> Table:
    """A line a player: doors, the furthest attempt, what thinking and money bought."""
    besides = [beside(line.tally, "no door") for line in reach.lines]
    head = ["Player", f"Doors opened of {reach.doors}, median (interval)", "Furthest"]
    head += ["Beside it"] if any(besides) else []
    rates = [
        (name, values)
        for name, values in (
            ("Doors for 1,000 answer tokens", [line.doors_per_1000_tokens for line in reach.lines]),
            ("Doors for a dollar", [line.doors_per_usd for line in reach.lines]),
        )
        if any(value is not None for value in values)
    ]
    named = any(line.named is not None for line in reach.lines)
    head += [*(["Named rightly, beyond chance"] if named else []), *(name for name, _ in rates), "Cost"]
    rows = [
        [
            line.name,
            doors_text(line),
            str(max(line.attempts)),
            *([besides[n] or "-"] if any(besides) else []),
            *([_rate(line.named)] if named else []),
            *(_rate(values[n]) for _, values in rates),
            money(line.usd),
        ]
        for n, line in enumerate(reach.lines)
    ]
    return head, rows


def ended_table(reach: Reach) -> Table:
    """By mechanism, the attempts that ended there, of those that came as far as one of its doors."""
    together = len(reach.lines) > 1
    rows = []
    for m in reach.mechanisms:
        ended, met = (sum(counted) for counted in zip(*((x.ended[m], x.met[m]) for x in reach.lines), strict=True))
        each = [f"{line.ended[m]} of {line.met[m]}" if line.met[m] else "-" for line in reach.lines]
        rows.append([title(m), *([f"{ended} of {met}"] if together else []), *each])
    return ["Mechanism", *(["All"] if together else []), *(line.name for line in reach.lines)], rows


def curve_table(reach: Reach) -> Table:
    """The curve in numbers."""
    rows = [[f"{door} or more", *(f"{x.share_at(door):.0%}" for x in reach.lines)] for door in range(reach.doors + 1)]
    return ["Doors opened", *(line.name for line in reach.lines)], rows


def title(mechanism: str) -> str:
    """What people call a mechanism; its name in files if this version does not know it."""
    return MECHANISMS[mechanism].title if mechanism in MECHANISMS else mechanism.capitalize()


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
