"""What an apparatus is: causes that may be at work, what it shows, and how settings are written.

`respond` is written in plain arithmetic, so that the same lines reckon one trial of one law with whole numbers, and all
laws and many trials at once with arrays of them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Number = Any  # a whole number, or an array of them
Law = Mapping[str, Number]  # every number of a law by its name; a cause that is not at work is 0
Setting = tuple[int, ...]


@dataclass(frozen=True)
class Cause:
    """Something that may be at work. `told`: what it does, with {v} for its number, one of `values`."""

    told: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Apparatus:
    """One kind of apparatus. `bases`: every law without causes; `starts`: how it may stand before, as it is written;
    `settings`: all there are, as rows of the same length; `first`: how many of them are open to trials;
    `respond(law, start, setting)`: what it shows then, which `shown` tells; `decide`: the same for the setting that
    decides; `read`: a setting from text, None if it is none; `told`: what everybody is told, with {names} of `bases`.
    """

    name: str
    told: str
    asked: str
    bases: Sequence[Mapping[str, int]]
    causes: Mapping[str, Cause]
    starts: Mapping[str, int]
    settings: Sequence[Setting]
    first: int
    respond: Callable[[Law, Number, Sequence[Number]], Number]
    decide: Callable[[Law, Number, Sequence[Number]], Number]
    shown: Callable[[int], str]
    wanted: Callable[[int], str]
    read: Callable[[str], Setting | None]
    written: Callable[[Setting], str]
    law_told: Callable[[Law], str]
    most_guessed: float  # the share of settings that may decide rightly by chance
    principles: tuple[str, ...]
    dim: Callable[[Number], Number] | None = None  # what is left of a reading where it can be read only roughly
    dim_told: str = ""
    dim_shown: Callable[[int], str] = str
    exact: bool = False  # the setting that decides has as many steps as there can be


def rows_of_steps(kinds: int, longest: int) -> list[Setting]:
    """Every row of up to so many steps, each from 1 to `kinds`, shorter ones first and filled up with 0."""
    rows = (row for n in range(1, longest + 1) for row in itertools.product(range(1, kinds + 1), repeat=n))
    return [row + (0,) * (longest - len(row)) for row in rows]


def read_steps(text: str, letters: str, longest: int) -> Setting | None:
    """`A B W` or `ABW` as a row of steps; None if a letter is no step, or there are too many."""
    letters_ = re.sub(r"[\s,.;>-]", "", text)
    if not letters_ or len(letters_) > longest or set(letters_) - set(letters):
        return None
    return tuple(letters.index(x) + 1 for x in letters_) + (0,) * (longest - len(letters_))


def write_steps(setting: Setting, letters: str) -> str:
    """A row of steps as it is written."""
    return " ".join(letters[step - 1] for step in setting if step)
