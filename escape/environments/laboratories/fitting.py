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
    apparatus: Apparatus, strengths: Strengths, pool: Sequence[At], n: int, target: At | None = None
) -> tuple[list[At], float]:
    """N settings chosen one after the other so that the target's prediction follows as surely as it can, and the
    standard deviation that the readings' errors leave in it, as a share of the tolerance. Without a target they tell
    most of all strengths together (a D-optimal design).
    """
    import numpy as np  # late: what only reads a laboratory does without

    rows = np.array([slopes(apparatus, at, strengths) for at in pool])
    aim = slopes(apparatus, target, strengths) * apparatus.spread / apparatus.tolerance if target else None
    known = np.eye(len(strengths)) * (1.0 if aim is None else 1e-3)  # of the strengths, before anything is measured
    chosen = []
    for _ in range(n):
        along = rows @ np.linalg.inv(known)
        told = np.einsum("ij,ij->i", along, rows)
        best = int(np.argmax(told if aim is None else (along @ aim) ** 2 / (1 + told)))
        chosen.append(pool[best])
        known = known + np.outer(rows[best], rows[best])
    return chosen, 0.0 if aim is None else float(math.sqrt(aim @ np.linalg.inv(known) @ aim))


def fitted(apparatus: Apparatus, names: Sequence[str], readings: Readings) -> tuple[dict[str, float], float]:
    """The strengths of these disturbances by least squares (Gauss and Newton, each step halved until it helps), and the
    sum of squares in standard deviations. Where the middle of their ranges leads nowhere, two other starts are tried.
    """
    import numpy as np  # late: what only reads a laboratory does without

    kinds = [apparatus.disturbances[n] for n in names]
    lows = np.array([-k.high if k.signed else k.low for k in kinds])
    widths = np.array([k.high for k in kinds]) - lows
    scale = np.array([k.high - k.low for k in kinds])
    spreads = np.array([apparatus.spread * apparatus.scale(y) for _, y in readings])

    def misses(now: np.ndarray) -> np.ndarray:
        strengths = dict(zip(names, now, strict=True))
        apart: np.ndarray = np.array([y - apparatus.reading(at, strengths) for at, y in readings])
        return np.asarray(apart / spreads)

    def descended(now: np.ndarray) -> tuple[np.ndarray, float]:
        miss = misses(now)
        for _ in range(8 if names else 0):
            slope = np.array([slopes(apparatus, at, dict(zip(names, now, strict=True))) for at, _ in readings])
            step = np.linalg.lstsq(slope.T @ slope + 1e-6 * np.eye(len(names)), slope.T @ miss, rcond=None)[0] * scale
            before = float(miss @ miss)
            for halved in range(5):
                there = np.clip(now + step / 2**halved, lows - 0.1 * widths, lows + 1.1 * widths)
                missed = misses(there)
                if missed @ missed < before:
                    now, miss = there, missed
                    break
            if before - float(miss @ miss) < 1e-3:
                break
        return now, float(miss @ miss)

    best, misfit = lows, math.inf
    for share in STARTS:
        best, misfit = min((best, misfit), descended(lows + share * widths), key=lambda one: one[1])
        if misfit < GOOD * len(readings):
            break
    return dict(zip(names, map(float, best), strict=True)), misfit


def explained(
    apparatus: Apparatus, listed: Sequence[str], how_many: Sequence[int], readings: Readings
) -> dict[str, float]:
    """The disturbances that explain the readings best, with their strengths: each further one must be worth its
    freedom (Schwarz's criterion).
    """
    best: tuple[float, dict[str, float]] = (math.inf, {})
    for names in itertools.chain.from_iterable(itertools.combinations(listed, size) for size in how_many):
        if not any(len(group & set(names)) > 1 for group in apparatus.alike):
            strengths, misfit = fitted(apparatus, names, readings)
            best = min(best, (misfit + len(names) * math.log(len(readings)), strengths), key=lambda one: one[0])
    return best[1]
