"""A tank with two taps: what one pour gives may hang on the level, on what was poured before, and on waiting."""

from __future__ import annotations

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

_STEPS = "ABW"
LONGEST_TRIAL, LONGEST = 4, 6


def respond(law: Law, start: Number, setting: Sequence[Number]) -> Number:
    """The level in litres after all steps, from `start` litres. Steps: 1 tap A, 2 tap B, 3 wait, 0 none."""
    level, second_a, second_b, after_a, after_wait, had_b = start, 0, 0, 0, 0, 0
    for step in setting:
        a, b, wait = (step == 1) * 1, (step == 2) * 1, (step == 3) * 1
        gives = a * law["a"] + b * law["b"]
        gives = gives - law["memory"] * (a * second_a + b * second_b)
        gives = gives + law["order"] * b * after_a + law["interaction"] * a * had_b
        gives = gives - law["direction"] * (a + b) * after_wait
        gives = gives * (gives > 0)
        half = (law["threshold"] > 0) * (level >= law["threshold"])
        level = level + gives - half * (gives - gives // 2) - wait * law["rate"]
        level = level * (level > 0)
        second_a, second_b = (second_a + a) % 2, (second_b + b) % 2
        after_a, after_wait, had_b = a, wait, had_b + b - had_b * b
    return level


TANK = Apparatus(
    name="tank and taps",
    told=(
        "A tank with two taps. Steps: A or B pours from that tap once, W waits a minute. Each tap gives an amount of "
        "its own, 2 to 6 litres a pour, and never less than 0 once all that changes it is added up. The gauge is "
        "read once, after all steps of a trial; the tank never holds less than 0."
    ),
    asked=f"a trial has 1 to {LONGEST_TRIAL} steps, the setting 1 to {LONGEST}, such as: A B W A",
    bases=[{"a": a, "b": b} for a in range(2, 7) for b in range(2, 7)],
    causes={
        "memory": Cause(
            "every second pour from the same tap (its second, its fourth ...) gives {v} less",
            (1, 2, 3, 4),
        ),
        "order": Cause("B straight after A gives {v} more", (2, 1, 3, 4)),
        "interaction": Cause("once B has been poured, each pour from A gives {v} more", (1, 2, 3, 4)),
        "direction": Cause("a pour straight after a wait gives {v} less", (2, 1, 3, 4)),
        "threshold": Cause(
            "a pour into a tank that holds {v} litres or more gives only half, rounded down", (9, 6, 12, 15)
        ),
        "rate": Cause("each wait loses {v}", (1, 2, 3, 4)),
    },
    starts={"0": 0, "4": 4, "7": 7, "10": 10},
    settings=rows_of_steps(len(_STEPS), LONGEST),
    first=sum(3**n for n in range(1, LONGEST_TRIAL + 1)),
    respond=respond,
    decide=respond,
    shown=lambda level: f"the gauge shows {level}",
    wanted=lambda level: f"the gauge must show {level}",
    read=lambda text: read_steps(text.upper().replace("WAIT", "W"), _STEPS, LONGEST),
    written=lambda setting: write_steps(setting, _STEPS),
    law_told=lambda law: f"A gives {law['a']}, B gives {law['b']}",
    most_guessed=0.04,
    dim=lambda level: level // 3,
    dim_told="the gauge has a mark only at every third litre, and shows which mark the water has reached",
    dim_shown=lambda mark: f"the water has reached the mark {3 * mark} and not {3 * mark + 3}",
    principles=("hidden causes are found by trials that differ in one respect", "a law is more than its last value"),
)
