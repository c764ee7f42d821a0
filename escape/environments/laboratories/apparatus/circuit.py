"""Switches and lamps whose wiring is hidden: which switch feeds which lamp, and what else decides."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from escape.environments.laboratories.apparatus.kind import (
    Apparatus,
    Cause,
    Law,
    Number,
    read_steps,
    rows_of_steps,
    write_steps,
)

SWITCHES, LAMPS = "abcd", (1, 2, 3)
LONGEST_TRIAL, LONGEST = 4, 5
# (lamp, switch) for each number of the cause "interaction"
CROSSED = ((1, 4), (2, 1), (3, 2), (1, 3))


def _patterns(law: Law, start: Number, setting: Sequence[Number]) -> list[Number]:
    """After each step, which lamps are lit: lamp 1 counts 1, lamp 2 counts 2, lamp 3 counts 4. `start`: the switches
    that are closed, a 1, b 2, c 4, d 8. Steps: which switch is moved, 0 none.
    """
    closed = [(start // 2**n) % 2 for n in range(4)]
    moved: Number = 0
    before: list[Number] = [0, 0, 0]  # whether a lamp was lit at any time since the start
    patterns: list[Number] = []
    for step in setting:
        for n in range(4):
            sticks = (law["direction"] == n + 1) * closed[n]
            closed[n] = closed[n] + (step == n + 1) * (1 - sticks) * (1 - 2 * closed[n])
        moved = moved + (step > 0)
        too_many = (law["threshold"] > 0) * (sum(closed) > law["threshold"])
        pattern: Number = 0
        for lamp in LAMPS:
            own = law[f"s{lamp}"]
            lit: Number = sum((own == n + 1) * closed[n] for n in range(4))
            for number, (crossed, switch) in enumerate(CROSSED, 1):
                if crossed == lamp:
                    other = closed[switch - 1] * (law["interaction"] == number)
                    lit = lit + other - 2 * lit * other
            lit = lit * (1 - (law["order"] == lamp) * (own == step))
            turned = (law["rate"] == lamp) * (moved % 2)
            lit = (lit + turned - 2 * lit * turned) * (1 - too_many)
            memory = (law["memory"] == lamp) * before[lamp - 1]
            lit = lit + memory - lit * memory
            before[lamp - 1] = before[lamp - 1] + lit - before[lamp - 1] * lit
            pattern = pattern + lit * 2 ** (lamp - 1)
        # a step of 0 is none: what was shown before stays
        patterns.append(pattern if not patterns else pattern * (step > 0) + patterns[-1] * (step == 0))
    return patterns


def respond(law: Law, start: Number, setting: Sequence[Number]) -> Number:
    """What is lit after the last step."""
    return _patterns(law, start, setting)[-1]


def decide(law: Law, start: Number, setting: Sequence[Number]) -> Number:
    """What is lit after the second step, times 8, and after the fifth."""
    patterns = _patterns(law, start, setting)
    return 8 * patterns[1] + patterns[4]


def _lit(pattern: int) -> str:
    lit = [str(n) for n in LAMPS if pattern // 2 ** (n - 1) % 2]
    return f"lamp{'s' * (len(lit) > 1)} {' and '.join(lit)} lit" if lit else "no lamp lit"


CIRCUIT = Apparatus(
    name="circuit",
    told=(
        "Four switches a, b, c, d and three lamps 1, 2, 3. A step moves one switch: closes it if it is open, opens "
        "it if it is closed. Each lamp has one switch of its own and is lit while that one is closed; no two lamps "
        "have the same. The lamps are read once, after the last step of a trial."
    ),
    asked=f"a trial has 1 to {LONGEST_TRIAL} steps, the setting exactly {LONGEST}, such as: a c c d b",
    bases=[{"s1": x, "s2": y, "s3": z} for x, y, z in itertools.permutations(range(1, 5), 3)],
    causes={
        "direction": Cause("switch {v} (1 a, 2 b, 3 c, 4 d) cannot be opened again once it is closed", (1, 2, 3, 4)),
        "interaction": Cause(
            "one switch also turns a lamp over while closed (1: switch d, lamp 1; 2: a, lamp 2; 3: b, lamp 3; 4: c, "
            "lamp 1); at work is number {v}",
            (1, 2, 3, 4),
        ),
        "order": Cause(
            "lamp {v} is dark in what is read right after a step on its own switch, even one that could not move it",
            (2, 3, 1),
        ),
        "rate": Cause(
            "lamp {v} is turned over in what is read after an odd step (the first, third, fifth), and only then",
            (3, 1, 2),
        ),
        "threshold": Cause("while more than {v} switches are closed, no lamp is lit", (3, 2)),
        "memory": Cause(
            "lamp {v}, once it was lit after a step, stays lit to the end, whatever else is at work", (1, 2, 3)
        ),
    },
    starts={"none": 0, "a c": 5, "d": 8, "b d": 10},
    settings=rows_of_steps(len(SWITCHES), LONGEST),
    first=sum(4**n for n in range(1, LONGEST_TRIAL + 1)),
    respond=respond,
    decide=decide,
    shown=_lit,
    wanted=lambda both: f"exactly this: after the second step {_lit(both // 8)}, after the fifth {_lit(both % 8)}",
    read=lambda text: read_steps(text.lower(), SWITCHES, LONGEST),
    written=lambda setting: write_steps(setting, SWITCHES),
    law_told=lambda law: ", ".join(f"lamp {n} has switch {SWITCHES[law[f's{n}'] - 1]}" for n in LAMPS),
    most_guessed=0.04,
    exact=True,
    principles=("a state is more than what can be seen of it", "an effect may hang on what came before"),
)
