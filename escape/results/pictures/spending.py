"""Doors against what they took: tokens, or money, an attempt; a dot for each player with the interval of its doors, and
a line through the budgets of one model. SVG as text, for page, report and board.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from escape.results.houses import DARK, LIGHT, Line, Reach
from escape.types import escaped

Unit = Literal["tokens", "dollars"]
WIDTH, HEIGHT, LEFT, TOP, PLOT_W, PLOT_H = 480, 350, 60, 26, 380, 254  # px
LETTER = 15
_BUDGET = re.compile(r"\[\d+\]$")


@dataclass(frozen=True)
class Dot:
    """One player. `model`: its name without its answer budget; `spent`: tokens or dollars an attempt."""

    name: str
    model: str
    spent: float
    line: Line


def dots(reach: Reach, unit: Unit) -> list[Dot]:
    """Players of whom it is known what they took, least first. Scripted ones take nothing."""
    found = []
    for line in reach.lines:
        whole = line.tokens if unit == "tokens" else line.usd
        if whole and line.answers:
            found.append(Dot(line.name, _BUDGET.sub("", line.name), whole / line.answers, line))
    return sorted(found, key=lambda dot: dot.spent)


def pictures(reach: Reach) -> list[tuple[str, str]]:
    """(picture, the same in words): over tokens, and over dollars where there are prices; not of a single dot."""
    units: tuple[Unit, ...] = ("tokens", "dollars")
    return [
        (_picture(seen, reach, unit), said(seen, reach, unit)) for unit in units if len(seen := dots(reach, unit)) > 1
    ]


def said(seen: Sequence[Dot], reach: Reach, unit: Unit) -> str:
    """The picture in words."""
    each = "; ".join(f"{d.name}: {d.line.median:.3g} doors for {_amount(d.spent, unit)}" for d in seen)
    return f"Doors opened of {reach.doors}, in the median, against {unit} an attempt. {each}"


def table(reach: Reach) -> tuple[list[str], list[list[str]]]:
    """The picture in numbers: head and rows."""
    usd = {dot.name: dot.spent for dot in dots(reach, "dollars")}
    rows = [
        [
            d.name,
            f"{d.line.median:.3g}",
            _amount(d.spent, "tokens"),
            _amount(usd[d.name], "dollars") if d.name in usd else "-",
        ]
        for d in dots(reach, "tokens")
    ]
    return ["Player", f"Doors of {reach.doors}, median", "Tokens an attempt", "Cost of an attempt"], rows


def _amount(value: float, unit: Unit) -> str:
    return f"{value:,.0f} tokens" if unit == "tokens" else f"${value:.2g}"


def _picture(seen: Sequence[Dot], reach: Reach, unit: Unit) -> str:
    low, high = math.floor(math.log10(seen[0].spent)), math.ceil(math.log10(seen[-1].spent) + 1e-9)
    high = max(high, low + 1)
    most = max(1, min(reach.doors, math.ceil(max(d.line.high or d.line.median for d in seen))))

    def x(spent: float) -> float:
        return LEFT + PLOT_W * (math.log10(spent) - low) / (high - low)

    def y(doors: float) -> float:
        return TOP + PLOT_H * (1 - min(doors, most) / most)

    parts = []
    for power in range(low, high + 1):
        parts += [
            _rule(x(10**power), TOP, x(10**power), TOP + PLOT_H),
            _label(x(10**power), TOP + PLOT_H + 20, _tick(power, unit)),
        ]
    for doors in range(0, most + 1, max(1, round(most / 5))):
        parts += [_rule(LEFT, y(doors), LEFT + PLOT_W, y(doors)), _label(LEFT - 10, y(doors) + 5, str(doors), "end")]
    for n, model in enumerate(dict.fromkeys(d.model for d in seen)):
        own = [d for d in seen if d.model == model]
        colour = f'class="c{n % len(LIGHT)}"'
        if len(own) > 1:
            points = " ".join(f"{x(d.spent):.1f},{y(d.line.median):.1f}" for d in own)
            parts.append(f'<polyline {colour} fill="none" stroke-width="2" points="{points}"/>')
        for d in own:
            at, up = x(d.spent), y(d.line.median)
            if d.line.low is not None and d.line.high is not None:
                ends = f'y1="{y(d.line.low):.1f}" y2="{y(d.line.high):.1f}"'
                parts.append(f'<line {colour} x1="{at:.1f}" x2="{at:.1f}" {ends} opacity=".6"/>')
            parts.append(f'<circle {colour} cx="{at:.1f}" cy="{up:.1f}" r="5" fill="currentColor"/>')
        last = own[-1]
        anchor, beside = ("end", -9) if x(last.spent) > LEFT + PLOT_W / 2 else ("start", 9)
        parts.append(_label(x(last.spent) + beside, y(last.line.median) - 9, model[:24], anchor, bold=True))
    parts.append(_label(LEFT + PLOT_W / 2, HEIGHT - 30, f"{unit} an attempt"))
    middle = TOP + PLOT_H / 2
    turned = f'transform="rotate(-90 16 {middle})"'
    parts.append(f'<text x="16" y="{middle}" text-anchor="middle" opacity=".8" {turned}>doors, median</text>')
    return (
        f'<svg class="esc-spent" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif" font-size="{LETTER}" fill="currentColor">{_STYLE}'
        f"<title>{escaped(said(seen, reach, unit))}</title>{''.join(parts)}</svg>"
    )


def _tick(power: int, unit: Unit) -> str:
    return f"{10**power:,.0f}" if unit == "tokens" else f"${10.0**power:g}"


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" stroke="currentColor" opacity=".2"/>'


def _label(x: float, y: float, text: str, anchor: str = "middle", *, bold: bool = False) -> str:
    look = 'font-weight="600"' if bold else 'opacity=".8"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {look}>{escaped(text)}</text>'


def _colours(values: Sequence[str]) -> str:
    return "".join(f".esc-spent .c{n}{{stroke:{v};color:{v}}}" for n, v in enumerate(values))


_STYLE = (
    f"<style>.esc-spent{{color:#2b2620;max-width:100%}}{_colours(LIGHT)}"
    f"@media(prefers-color-scheme:dark){{.esc-spent{{color:#e9e4d9}}{_colours(DARK)}}}</style>"
)
