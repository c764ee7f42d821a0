"""A pendulum: a ball on a thread, and the time of one swing there and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from escape.environments.laboratories.apparatus.kind import Apparatus, At, Choice, Disturbance, Knob, Strengths

G = 9.81  # m/s2
DENSITY = {"lead": 11_340.0, "brass": 8_500.0, "iron": 7_870.0, "oak": 700.0, "cork": 240.0}  # kg/m3
AIR = 1.2  # kg/m3
MAGNET_M, POWER = 1.60, 3  # how far below the pivot the magnet lies; its pull falls with this power of the distance


class Pendulum(Apparatus):
    """The period of a ball of finite size at a finite angle is 2 pi sqrt(L'/g') / agm(1, cos(angle/2)), with
    L' = L + 2 r^2 / 5 L (Landau and Lifshitz, Mechanics, sections 11 and 32; agm: Gauss). In a fluid buoyancy takes
    from the weight, and half of the mass of the fluid displaced is moved along (Lamb, Hydrodynamics, section 92).
    """

    name = "pendulum"
    told = (
        "A ball hangs on a thread. You choose its material, its diameter, the length from the pivot to its centre as "
        "marked on the thread, and the angle at which it is released, and read the time of one swing, there and back. "
        "Densities in kg/m3: lead 11340, brass 8500, iron 7870, oak 700, cork 240; air 1.2; g = 9.81 m/s2. The ball's "
        "size, the angle, the air's buoyancy and the air that moves along (half of what the ball displaces) count as "
        "in a textbook."
    )
    knobs: ClassVar[Mapping[str, Knob | Choice]] = {
        "material": Choice(tuple(DENSITY)),
        "diameter": Knob("cm", 2, 6, 9, 0.5),
        "length": Knob("cm", 10, 80, 115, 1),
        "angle": Knob("deg", 3, 40, 60, 1),
    }
    quantity, unit, digits, spread, tolerance = "time of a swing", "s", 5, 0.001, 0.01
    principles = (
        "a pendulum's period follows from its length and from gravity",
        "a control experiment changes one thing",
    )
    disturbances: ClassVar[Mapping[str, Disturbance]] = {
        "magnet": Disturbance(
            "a magnet lies 160 cm below the pivot and pulls iron alone, towards itself, with a force a kilogram of q "
            "divided by the third power of the distance between it and the ball's centre (in metres)",
            0.05, 0.20, "N m3/kg",
        ),
        "thread": Disturbance("the thread stretches in proportion to its length and to the weight", 0.3, 1.2,
                              "% a newton"),
        "support": Disturbance("the support yields sideways: it adds to the length in proportion to the weight",
                               3.0, 9.0, "mm a newton"),
        "peg": Disturbance("a peg stands straight below the pivot; a longer thread swings about it on one side, and "
                           "energy is kept", 14.0, 30.0, "cm below the pivot"),
        "clock": Disturbance("the stopwatch runs fast or slow", 0.8, 2.5, "%", signed=True),
        "gas": Disturbance("a heavy gas fills the room instead of air", 3.0, 9.0, "kg/m3"),
    }  # fmt: skip

    def reading(self, at: At, strengths: Strengths) -> float:
        """Seconds."""
        density, radius = DENSITY[str(at["material"])], float(at["diameter"]) / 200
        mass, length = density * 4 / 3 * math.pi * radius**3, float(at["length"]) / 100
        fluid = strengths.get("gas", AIR) or AIR
        weight = mass * G
        length *= 1 + weight * strengths.get("thread", 0.0) / 100
        length += weight * strengths.get("support", 0.0) / 1000
        gravity, inertia = G * (1 - fluid / density), 1 + fluid / density / 2
        if at["material"] == "iron" and "magnet" in strengths:
            away = max(0.05, MAGNET_M - length)
            gravity += strengths["magnet"] / away**POWER * MAGNET_M / away
        angle = math.radians(float(at["angle"]))

        def period(arm: float, swing: float) -> float:
            arm = arm + 0.4 * radius**2 / arm
            return 2 * math.pi * math.sqrt(arm * inertia / gravity) / _agm(1.0, math.cos(swing / 2))

        time = period(length, angle)
        below = length - strengths.get("peg", math.inf) / 100
        if below > 0.01:
            other = math.acos(max(-0.9, 1 - length * (1 - math.cos(angle)) / below))
            time = time / 2 + period(below, other) / 2
        return time * (1 + strengths.get("clock", 0.0) / 100)


def _agm(a: float, b: float) -> float:
    """The arithmetic-geometric mean."""
    for _ in range(5):
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a
