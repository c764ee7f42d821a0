"""A beam that only shows which way it tips: weights are found by comparing, and it may stick."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from escape.environments.laboratories.apparatus.kind import Apparatus, Cause, Law, Number, Setting

_PLACES = (-3, -2, -1, 1, 2, 3)
_STONES = ("X", "Y", "Z")
_PAIR = re.compile(r"\b([XYZ])\s*(?:AT|ON|TO|:|=)?\s*([+-]?[1-3])\b")
_WORDS = {-1: "left", 0: "level", 1: "right"}


def respond(law: Law, start: Number, setting: Sequence[Number]) -> Number:
    """-1 if it tips to the left, 0 level, 1 to the right. `start`: what stone Z weighs, and 10 more for each side on
    which the beam lay: 0 level, 1 right, 2 left. A setting: the places of X, Y and Z, and which was laid last
    (1, 2, 3). Weights are in units, places in steps from the middle; right is positive.
    """
    *places, last = setting
    digit = start % 10
    lay = (start // 10 == 1) * 1 - (start // 10 == 2) * 1
    pull: Number = 0
    on_the_right: Number = 0
    for number, (place, weight) in enumerate(zip(places, (law["x"], law["y"], digit), strict=True), 1):
        right, end = (place > 0) * 1, (place * place == 9) * 1
        heavy = weight + law["order"] * (last == number) - law["memory"] * end
        heavy = heavy * (heavy > 0)
        pull = pull + heavy * (place + law["rate"] * right)
        on_the_right = on_the_right + right
    pull = pull + law["interaction"] * (2 * (on_the_right >= 2) - 1)
    need = law["threshold"] + law["direction"] * (lay * pull < 0)
    return (pull > need) * 1 - (pull < -need) * 1


def read(text: str) -> Setting | None:
    """`Y 2, X -1, Z 3` as places, in the order in which they are laid."""
    laid = _PAIR.findall(text.upper().replace("\N{MINUS SIGN}", "-"))
    places = {stone: int(place) for stone, place in laid}
    if len(laid) != 3 or len(places) != 3:
        return None
    return (*(places[s] for s in _STONES), _STONES.index(laid[-1][0]) + 1)


def written(setting: Setting) -> str:
    """A setting as it is written, the stone that is laid last at the end."""
    *places, last = setting
    order = sorted(range(3), key=lambda n: n + 1 == last)
    return ", ".join(f"{_STONES[n]} {places[n]}" for n in order)


BEAM = Apparatus(
    name="beam",
    told=(
        "A beam with places -3 to -1 on the left and 1 to 3 on the right, and three stones to lay on it: X and Y of "
        "1 to 6 units each, Z of a weight that the start names. A stone pulls by its weight times its place. The "
        "beam shows whether it tips left or right or stays level; without causes it stays level only for a pull of "
        "0, and no stone weighs less than 0."
    ),
    asked="all three stones are laid, each at a place other than 0 (two may share one), in the order written, such as: "
    "Y 2, X -1, Z 3",
    bases=[{"x": x, "y": y} for x in range(1, 7) for y in range(1, 7)],
    causes={
        "order": Cause("the stone laid last weighs {v} more", (1, 2, 3, 4)),
        "memory": Cause("a stone at an end, -3 or 3, weighs {v} less", (1, 2, 3, 4)),
        "rate": Cause("the right arm is longer: each place there counts {v} more", (1, 2, 3, 4)),
        "interaction": Cause("the side with more stones pulls {v} more", (2, 1, 3, 4)),
        "threshold": Cause(
            "it stays level for a pull of {v} or less to either side (without this: of 0)", (2, 1, 3, 4)
        ),
        "direction": Cause(
            "a beam that lay left or right at the start tips to the other side only for a pull greater by {v}",
            (3, 2, 4, 5),
        ),
    },
    starts={"level, Z 2": 2, "right, Z 3": 13, "left, Z 4": 24, "level, Z 5": 5, "right, Z 6": 16},
    settings=[(*p, last) for p in itertools.product(_PLACES, repeat=3) for last in (1, 2, 3)],
    first=len(_PLACES) ** 3 * 3,
    respond=respond,
    decide=respond,
    shown=lambda way: f"it {'stays level' if way == 0 else f'tips {_WORDS[way]}'}",
    wanted=lambda way: f"it must {'stay level' if way == 0 else f'tip {_WORDS[way]}'}",
    read=read,
    written=written,
    law_told=lambda law: f"X weighs {law['x']}, Y {law['y']}",
    most_guessed=0.08,
    dim=lambda way: way * way,
    dim_told="you see only whether the beam tips or stays level, not to which side",
    dim_shown=lambda moved: "it tips" if moved else "it stays level",
    principles=(
        "a comparison tells less than a figure, so what is compared must be chosen",
        "a lever weighs by distance",
    ),
)
