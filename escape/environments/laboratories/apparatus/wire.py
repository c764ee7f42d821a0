"""A battery and a wire, and the current that an ammeter shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from escape.environments.laboratories.apparatus.kind import Apparatus, At, Choice, Disturbance, Knob, Strengths

RESISTIVITY = {"copper": 1.68e-8, "constantan": 4.9e-7, "nichrome": 1.10e-6}  # ohm metres at 20 C (CRC Handbook)
CELL_V, FIXED_OHM = 1.50, 2.0


class Wire(Apparatus):
    """Ohm's and Kirchhoff's laws: cells in series, a resistor that is known, and a wire of resistivity times length by
    cross-section.
    """

    name = "battery and wire"
    told = (
        "Cells of 1.50 V in series feed a resistor of 2.00 ohm and a wire behind it. You choose the wire's material, "
        "its length and its diameter, and how many cells there are, and read the current. Resistivities in ohm metres: "
        "copper 1.68e-8, constantan 4.90e-7, nichrome 1.10e-6."
    )
    knobs: ClassVar[Mapping[str, Knob | Choice]] = {
        "material": Choice(tuple(RESISTIVITY)),
        "length": Knob("m", 0.5, 8, 16, 0.1),
        "diameter": Knob("mm", 0.2, 0.8, 0.8, 0.01),
        "cells": Knob("", 1, 3, 3, 1),
    }
    quantity, unit, digits, spread, tolerance = "current", "A", 5, 0.001, 0.01
    principles = ("current is voltage by resistance", "a control experiment changes one thing")
    disturbances: ClassVar[Mapping[str, Disturbance]] = {
        "inner": Disturbance("each cell has a resistance of its own", 0.10, 0.60, "ohm"),
        "contact": Disturbance("a contact has a resistance", 0.10, 0.80, "ohm"),
        "meter": Disturbance("the ammeter has a resistance", 0.10, 0.80, "ohm"),
        "leak": Disturbance("a damp board leads current past the wire, beside it", 0.006, 0.030, "siemens"),
        "warming": Disturbance(
            "the wire warms: its resistance grows in proportion to the power in it", 4.0, 15.0, "% a watt"
        ),
        "tired": Disturbance("the third cell is tired: it gives less voltage", 12.0, 40.0, "%"),
    }
    alike = (frozenset({"contact", "meter"}), frozenset({"leak", "meter"}))

    def reading(self, at: At, strengths: Strengths) -> float:
        """Amperes."""
        cells = round(float(at["cells"]))
        volts = CELL_V * (cells - (strengths.get("tired", 0.0) / 100 if cells == 3 else 0.0))
        cold = RESISTIVITY[str(at["material"])] * float(at["length"]) / (math.pi * (float(at["diameter"]) / 2000) ** 2)
        series = FIXED_OHM + cells * strengths.get("inner", 0.0) + strengths.get("contact", 0.0)
        series += strengths.get("meter", 0.0)
        leak, grows, wire = strengths.get("leak", 0.0), strengths.get("warming", 0.0) / 100, cold
        current = 0.0
        for _ in range(12 if grows else 1):
            beside = wire / (1 + wire * leak)
            current = volts / (series + beside)
            through = current * beside / wire
            wire = (wire + cold * (1 + grows * through**2 * wire)) / 2 if grows else wire
        return current
