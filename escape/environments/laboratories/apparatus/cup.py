"""A cup of water that cools, and what a thermometer shows after some time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from escape.environments.laboratories.apparatus.kind import Apparatus, At, Choice, Disturbance, Knob, Strengths

ROOM, LOSS, WATER = 20.0, 0.60, 4.186  # degrees C; W/K of the cup; J/gK
AREA_M2, SIGMA, DAMP_KPA = 0.03, 5.67e-8, 1.2  # of the cup's surface; Stefan and Boltzmann; vapour in the room
STEPS = 8  # of Runge and Kutta


def vapour_kpa(celsius: float) -> float:
    """The pressure of saturated vapour over water (Magnus's formula, WMO guide to instruments, annex 4.B)."""
    return 0.6112 * math.exp(17.62 * celsius / (243.12 + celsius))


class Cup(Apparatus):
    """Newton's law of cooling with a constant loss; each disturbance adds its own flow of heat, or changes what is read
    (radiation: Stefan and Boltzmann; evaporation: Dalton, in proportion to the difference of vapour pressures).
    """

    name = "cup that cools"
    told = (
        "A cup of water cools in a room at 20 C. You choose the volume of water, its temperature when it is poured in, "
        "the minutes until it is read, and whether a lid is on, and read the thermometer. The cup loses 0.60 W for "
        "each degree above the room, with and without a lid; a gram of water holds 4.186 J a degree, and a millilitre "
        "weighs a gram."
    )
    knobs: ClassVar[Mapping[str, Knob | Choice]] = {
        "lid": Choice(("lid", "open")),
        "volume": Knob("ml", 100, 400, 400, 10),
        "start": Knob("C", 30, 90, 90, 1),
        "minutes": Knob("min", 3, 30, 75, 1),
    }
    quantity, unit, digits, relative, spread, tolerance = "temperature", "C", 2, False, 0.05, 0.6
    principles = ("a body cools in proportion to its excess over the room", "a control experiment changes one thing")
    disturbances: ClassVar[Mapping[str, Disturbance]] = {
        "draught": Disturbance("a draught adds to the loss for each degree, with and without a lid", 20.0, 80.0, "%"),
        "table": Disturbance("the table takes heat, in proportion to the degrees above the room", 0.12, 0.48,
                             "W a degree"),
        "radiation": Disturbance("the surface of 300 cm2 radiates, and takes in what the room radiates, by the law of "
                                 "Stefan and Boltzmann with an emissivity", 0.4, 0.95, ""),
        "evaporation": Disturbance("without a lid water evaporates: the loss is in proportion to the pressure of its "
                                   "vapour (Magnus's formula) less 1.2 kPa", 0.4, 1.6, "W a kPa"),
        "cup": Disturbance("the cup itself holds heat, and is at 20 C when the water is poured in", 40.0, 160.0,
                           "J a degree"),
        "thermometer": Disturbance("the thermometer shows too much or too little", 1.0, 3.0, "degrees", signed=True),
        "lag": Disturbance("the thermometer shows what was some time ago", 0.8, 2.5, "minutes"),
    }  # fmt: skip
    alike = (frozenset({"draught", "table", "radiation"}),)

    def reading(self, at: At, strengths: Strengths) -> float:
        """Degrees C."""
        holds = float(at["volume"]) * WATER
        heat = strengths.get("cup", 0.0)
        warm = ROOM + (float(at["start"]) - ROOM) * holds / (holds + heat)
        loss = LOSS * (1 + strengths.get("draught", 0.0) / 100) + strengths.get("table", 0.0)
        shines = SIGMA * AREA_M2 * strengths.get("radiation", 0.0)
        vapour = strengths.get("evaporation", 0.0) if at["lid"] == "open" else 0.0
        seconds = 60 * max(0.0, float(at["minutes"]) - strengths.get("lag", 0.0))

        def slope(now: float) -> float:
            flow = loss * (now - ROOM)
            if shines:
                flow += shines * ((now + 273.15) ** 4 - (ROOM + 273.15) ** 4)
            if vapour:
                flow += vapour * max(0.0, vapour_kpa(now) - DAMP_KPA)
            return -flow / (holds + heat)

        if not shines and not vapour:
            warm = ROOM + (warm - ROOM) * math.exp(-loss * seconds / (holds + heat))
        else:
            step = seconds / STEPS
            for _ in range(STEPS):
                a = slope(warm)
                b = slope(warm + step / 2 * a)
                c = slope(warm + step / 2 * b)
                warm += step / 6 * (a + 2 * b + 2 * c + slope(warm + step * c))
        return warm + strengths.get("thermometer", 0.0)
