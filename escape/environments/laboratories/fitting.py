"""What measurements tell: how surely a prediction follows from them, and the disturbances that explain them best."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from escape.environments.dice import Dice
from escape.environments.laboratories.apparatus import Apparatus, At, Choice, Strengths

if TYPE_CHECKING:
    import numpy as np

Readings = Sequence[tuple[At, float]]
POOL = 36  # settings that a design is chosen from
STARTS, GOOD = (0.5, 0.2, 0.8), 4.0  # shares of the ranges; a sum of squares a reading that ends the search


def settings(apparatus: Apparatus, dice: Dice, n: int) -> list[At]:
    """Settings within their ranges, half of them at the ends, where most is told."""
    pool: list[At] = []
    for k in range(n):
        at: dict[str, float | str] = {}
        for name, knob in apparatus.knobs.items():
            if isinstance(knob, Choice):
                at[name] = dice.pick(knob.words)
            elif k % 2:
                at[name] = dice.pick((knob.low, knob.high))
            else:
                steps = round((knob.high - knob.low) / knob.step)
                at[name] = round(knob.low + knob.step * dice.below(steps + 1), 6)
        pool.append(at)
    return pool


def slopes(apparatus: Apparatus, at: At, strengths: Strengths) -> np.ndarray:
    """How a reading changes with each strength, in standard deviations for each range of the strength."""
    import numpy as np  # late: what only reads a laboratory does without

    base = apparatus.reading(at, strengths)
    spread = apparatus.spread * apparatus.scale(base)
    changes = []
    for name, value in strengths.items():
        kind = apparatus.disturbances[name]
        step = 0.01 * (kind.high - kind.low)
        changes.append((apparatus.reading(at, {**strengths, name: value + step}) - base) / spread * 100)
    return np.array(changes)


def design(
    apparatus: Apparatus, strengths: Strengths, target: At, pool: Sequence[At], n: int
) -> tuple[list[At], float]:
    """N settings chosen one after the other so that the prediction follows as surely as it can, and the standard
    deviation that the readings' errors leave in it, as a share of the tolerance.
    """
    import numpy as np  # late: what only reads a laboratory does without

    rows = np.array([slopes(apparatus, at, strengths) for at in pool])
    aim = slopes(apparatus, target, strengths) * apparatus.spread / apparatus.tolerance
    information = np.eye(len(aim)) * 1e-3  # nothing is known of the strengths but their range
    chosen = []
    for _ in range(n):
        inverse = np.linalg.inv(information)
        along = rows @ inverse
        gain = (along @ aim) ** 2 / (1 + np.einsum("ij,ij->i", along, rows))
        best = int(np.argmax(gain))
        chosen.append(pool[best])
        information = information + np.outer(rows[best], rows[best])
    return chosen, float(math.sqrt(aim @ np.linalg.inv(information) @ aim))


def fitted(apparatus: Apparatus, names: Sequence[str], readings: Readings) -> tuple[dict[str, float], float]:
    """The strengths of these disturbances by least squares, and the sum of squares in standard deviations. Where the
    middle of their ranges leads nowhere, one third and the other are tried.
    """
    best: tuple[dict[str, float], float] = ({}, math.inf)
    for share in STARTS:
        one_fit = _descended(apparatus, names, readings, share)
        best = min(best, one_fit, key=lambda one: one[1])
        if best[1] < GOOD * len(readings):
            break
    return best


def _descended(
    apparatus: Apparatus, names: Sequence[str], readings: Readings, share: float
) -> tuple[dict[str, float], float]:
    """Gauss and Newton from that share of the ranges, each step halved until it helps."""
    import numpy as np  # late: what only reads a laboratory does without

    kinds = [apparatus.disturbances[n] for n in names]
    lows = np.array([-k.high if k.signed else k.low for k in kinds])
    widths = np.array([k.high for k in kinds]) - lows
    spreads = np.array([apparatus.spread * apparatus.scale(y) for _, y in readings])

    def misses(now: np.ndarray) -> np.ndarray:
        strengths = dict(zip(names, now, strict=True))
        apart: np.ndarray = np.array([y - apparatus.reading(at, strengths) for at, y in readings])
        return np.asarray(apart / spreads)

    now = lows + share * widths
    miss = misses(now)
    for _ in range(8 if names else 0):
        strengths = dict(zip(names, now, strict=True))
        slope = np.array([slopes(apparatus, at, strengths) for at, _ in readings])
        scale = np.array([k.high - k.low for k in kinds])
        step = np.linalg.lstsq(slope.T @ slope + 1e-6 * np.eye(len(names)), slope.T @ miss, rcond=None)[0] * scale
        before = float(miss @ miss)
        for _ in range(5):
            there = np.clip(now + step, lows - 0.1 * widths, lows + 1.1 * widths)
            missed = misses(there)
            if missed @ missed < before:
                now, miss = there, missed
                break
            step = step / 2
        else:
            break
        if before - float(miss @ miss) < 1e-3:
            break
    return {n: float(v) for n, v in zip(names, now, strict=True)}, float(miss @ miss)


def explained(
    apparatus: Apparatus, listed: Sequence[str], how_many: Sequence[int], readings: Readings
) -> dict[str, float]:
    """The disturbances that explain the readings best, with their strengths: each further one must be worth its
    freedom (Schwarz's criterion).
    """
    best: tuple[float, dict[str, float]] = (math.inf, {})
    for size in how_many:
        for names in itertools.combinations(listed, size):
            if any(len(group & set(names)) > 1 for group in apparatus.alike):
                continue
            strengths, misfit = fitted(apparatus, names, readings)
            cost = misfit + size * math.log(len(readings))
            if cost < best[0]:
                best = cost, strengths
    return best[1]
