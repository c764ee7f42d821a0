"""The laws of houses once more, in floats, as a reader with a calculator would use them: written from what the laws
say, not from the mechanisms.

Each function takes an obstacle's numbers, a thing's amounts and a way to round every number on the way. It gives the
values that the dials should show, and by how much what is asked for is passed (negative: it falls short), in its own
unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Numbers = Mapping[str, Any]  # as the file holds them
Round = Callable[[float], float]
Found = tuple[list[float], float]


def exactly(x: float) -> float:
    """No rounding."""
    return x


def to_digits(digits: int) -> Round:
    """Rounding to so many significant digits."""

    def rounded(x: float) -> float:
        return x if x == 0 else round(x, digits - 1 - math.floor(math.log10(abs(x))))

    return rounded


def tubes(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    left, tops, level = float(amounts["volume_ml"]), [], 0.0
    rows = zip(n["tube_cm2"], n["capsule_g"], n["capsule_cm2"], n["capsule_mm"], [*n["spout_mm"], None], strict=True)
    for tube, mass, section, height, spout in rows:
        displaced = mass / 1.0  # ml
        level = r(10 * r(left + displaced) / tube)
        kept = left
        if spout is not None and level > spout:
            level = spout
            kept = r(r(spout * tube / 10) - displaced)
        left = r(left - kept)
        tops.append(height + max(0.0, r(level - r(10 * mass / section))))
    return tops, level - n["needed_mm"]


def basins(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    poured, cold, found = float(amounts["volume_ml"]), 20.0, []
    for hot_g, hot_c, dipper in zip(n["hot_g"], n["hot_c"], [*n["dipper_ml"], 0], strict=True):
        cold = r(r(r(hot_g * hot_c) + r(poured * cold)) / (hot_g + poured))
        found.append(10 * cold)
        poured = dipper
    return found[1:], n["most_dc"] - found[0]


def branches(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    volt, inner = amounts["decivolts"] / 10, amounts["deciohms"] / 10
    if not n["lows"]:
        return [], r(1000 * volt / (inner + n["lamp_ohm"][0])) - n["lamp_ma"][0]
    clips = r(volt - r(inner * sum(n["lamp_ma"]) / 1000))
    marks = [r(1000 * clips / i) - ohm for i, ohm in zip(n["lamp_ma"], n["lamp_ohm"], strict=True)]
    return marks, clips - n["least_cv"] / 100


def coils(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    volt, fixed = amounts["decivolts"] / 10, amounts["deciohms"] / 10 + n["line_dohm"] / 10
    # a coil's wire takes its resistance a turn times turns times current, that is, times its ampere-turns
    in_wire = r(sum(r(ohm * q / 1000) for ohm, q in zip(n["turn_mohm"], n["wanted_at"], strict=True)))
    flows = r(r(volt - in_wire) / fixed)
    if flows <= 0:
        return [], -math.inf
    turns = [q / flows for q in n["wanted_at"]]
    if r is exactly:
        whole = fixed + sum(t * ohm / 1000 for t, ohm in zip(turns, n["turn_mohm"], strict=True))
        assert math.isclose(flows, volt / whole)
    return turns, 1000 * flows - n["least_ma"]


def mobile(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    hanging, marks = float(amounts["mass_g"]), []
    for length, own, weight in zip(n["bar_mm"], n["bar_g"], n["weight_g"], strict=True):
        right = r(r(hanging * length) + r(own * length / 2))  # moments about the left end
        hanging = hanging + own + weight
        marks.append(r(right / r(hanging)))
    return marks, hanging - n["least_g"]


def springs(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    depth, found = 0.0, []
    for i, slack in enumerate(n["slack_mm"]):
        load = amounts["mass_g"] + sum(n["plate_g"][i:])
        depth = r(depth + slack + r(load / n["stiff_g"][i]))
        found.append(depth)
    return found[:-1], found[-1] - n["needed_mm"]


def pendulums(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    left, found = float(amounts["length_cm"]), []
    for share in [*n["percent"], 100]:
        piece = r(left * share / 100)
        left = r(left - piece)
        found.append(100 * r(math.sqrt(max(0.0, piece - n["knots_cm"]) / 24.85)))
    return found[:-1], found[-1] - n["least_cs"]


def lamps(n: Numbers, amounts: Mapping[str, float], r: Round) -> Found:
    pieces = [r(amounts["length_cm"] * share / 100) for share in n["percent"]]
    if any(piece <= gap for piece, gap in zip(pieces, n["gap_cm"], strict=True)):
        return [0.0 for _ in pieces], -math.inf
    deep = [r(math.sqrt(r(r(p * p) - d * d)) / 2) for p, d in zip(pieces, n["gap_cm"], strict=True)]
    pull = r(n["lamp_n"] * pieces[-1] / (4 * deep[-1]))
    return [10 * s for s in deep], n["most_dn"] / 10 - pull


LAWS: dict[str, Callable[[Numbers, Mapping[str, float], Round], Found]] = {
    "tubes": tubes,
    "basins": basins,
    "branches": branches,
    "coils": coils,
    "mobile": mobile,
    "springs": springs,
    "pendulums": pendulums,
    "lamps": lamps,
}


def marks(n: Numbers, values: Sequence[float]) -> tuple[int, ...]:
    """The marks nearest to these values, of two as near the lower, from all that there are."""
    dials = zip(values, n["lows"], n["sizes"], n["steps"], strict=False)
    return tuple(
        min((low + step * k for k in range(size)), key=lambda m: (abs(m - x), m)) for x, low, size, step in dials
    )


def just_enough(law: Callable[[Numbers, Mapping[str, float], Round], Found], n: Numbers, a: Mapping[str, int]) -> float:
    """The size, in the unit of the first amount, from which a thing like this one passes (by halving)."""
    size = next(iter(a))
    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if law(n, {**a, size: middle}, exactly)[1] >= 0 else (middle, high)
    return high
