"""What an apparatus is: its settings, its formula, what may disturb it, and how it is read."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

At = Mapping[str, float | str]  # a setting: a value for each knob
Strengths = Mapping[str, float]  # disturbance -> how strong it is, in its unit
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d+)?|[.,]\d+)")


def _said(text: str, words: Sequence[str]) -> list[str]:
    """The words that a text says without denying them; none if a denial of something else is left over."""
    for word in words:
        text = re.sub(
            rf"\b(?:no|not|without)[\s-]+(?:an? |the |any )?{word}\b|\b{word}[\s-]+(?:is |taken )?off\b", " ", text
        )
    if re.search(r"\b(?:no(?!\.|\s*\d)|not|off|without)\b", text):
        return []
    return [word for word in words if re.search(rf"\b{word}\b", text)]


@dataclass(frozen=True)
class Knob:
    """A number that is set, between `low` and `high`; a target's lies there or up to `beyond`."""

    unit: str
    low: float
    high: float
    beyond: float
    step: float


@dataclass(frozen=True)
class Choice:
    """A word that is chosen."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Disturbance:
    """What may be at work: in words, between which strengths (of either sign if `signed`), and in which unit."""

    told: str
    low: float
    high: float
    unit: str
    signed: bool = False


class Apparatus(ABC):
    """One kind. `told`: what everybody reads of it, its formula included; `alike`: disturbances of which one at most is
    listed, since no setting tells them apart; `spread`: the standard deviation of a reading; `tolerance`: how far a
    prediction may be off. Both are in the reading's unit, or a share of it if `relative`.
    """

    name: ClassVar[str]
    told: ClassVar[str]
    knobs: ClassVar[Mapping[str, Knob | Choice]]
    quantity: ClassVar[str]
    unit: ClassVar[str]
    digits: ClassVar[int]
    relative: ClassVar[bool] = True
    spread: ClassVar[float]
    tolerance: ClassVar[float]
    disturbances: ClassVar[Mapping[str, Disturbance]]
    alike: ClassVar[tuple[frozenset[str], ...]] = ()
    principles: ClassVar[tuple[str, ...]]

    @abstractmethod
    def reading(self, at: At, strengths: Strengths) -> float:
        """What is read without the random error, with these disturbances at work."""

    def scale(self, reading: float) -> float:
        """What spread and tolerance are multiplied by."""
        return abs(reading) if self.relative else 1.0

    def read(self, text: str) -> dict[str, float | str] | str:
        """A setting as it is written, its values in the order of the knobs; or why it cannot be read."""
        parts = [part.strip() for part in text.split(",")]
        if len(parts) != len(self.knobs):
            return f"write {len(self.knobs)} values with commas between them: {self.form}"
        at: dict[str, float | str] = {}
        for part, (name, knob) in zip(parts, self.knobs.items(), strict=True):
            if isinstance(knob, Choice):
                words = _said(part.casefold(), knob.words)
                words = [w for w in words if w != name] if len(words) > 1 else words  # `lid: open`
                if len(words) != 1:
                    return f"{name} is one of {', '.join(knob.words)}"
                at[name] = words[0]
            else:
                number = _NUMBER.search(part)
                value = float(number[0].replace(",", ".")) if number else math.nan
                if not knob.low <= value <= knob.high:
                    return f"{name} goes from {knob.low:g} to {knob.high:g} {knob.unit}".strip()
                at[name] = value
        return at

    def has(self, at_work: Strengths, listed: Sequence[str], target: At) -> bool:
        """Whether a door could be drawn here: its disturbances, their strengths, and its target."""
        kinds = self.disturbances
        if not {*at_work, *listed} <= set(kinds) or set(target) != set(self.knobs):
            return False
        return all(kinds[n].low <= abs(s) <= kinds[n].high for n, s in at_work.items()) and all(
            target[name] in knob.words
            if isinstance(knob, Choice)
            else not isinstance(value := target[name], str) and knob.low <= value <= knob.beyond
            for name, knob in self.knobs.items()
        )

    @property
    def form(self) -> str:
        """How a setting is written."""
        return ", ".join(name.upper() for name in self.knobs)

    def written(self, at: At) -> str:
        """A setting as it is written."""
        units = {name: knob.unit for name, knob in self.knobs.items() if isinstance(knob, Knob)}
        return ", ".join(f"{at[n]:g} {units[n]}".strip() if n in units else str(at[n]) for n in self.knobs)

    def shown(self, reading: float) -> str:
        """A reading as it is read."""
        return f"{reading:.{self.digits}{'g' if self.relative else 'f'}} {self.unit}"
