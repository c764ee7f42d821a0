"""Every law that a door may have, and what trials have told apart: reckoned for all laws at once. Only counting.

Arrays: laws are columns, trials rows. numpy is imported when it is needed: a person at a door needs none of it.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from escape.environments.laboratories.apparatus import APPARATUSES, Apparatus, Setting
from escape.types import LabDoor

MOST_LAWS = 100_000
Trial = tuple[str, Setting]  # where it starts, what is set


def size(apparatus: Apparatus, causes: int, values: int) -> int:
    """How many laws there are with so many causes at work, each with one of so many numbers."""
    counts = [min(values, len(c.values)) for c in apparatus.causes.values()]
    return len(apparatus.bases) * sum(math.prod(some) for some in itertools.combinations(counts, causes))


def complete(apparatus: Apparatus, law: Mapping[str, int]) -> dict[str, int]:
    """A law with 0 for every cause that is not at work."""
    return dict.fromkeys(apparatus.causes, 0) | dict(law)


def reading(door: LabDoor, start: str, setting: Setting) -> int:
    """What a trial shows under the door's own law."""
    apparatus = APPARATUSES[door.apparatus]
    value = int(apparatus.respond(complete(apparatus, door.law), apparatus.starts[start], setting))
    return int(apparatus.dim(value)) if door.dim and apparatus.dim else value


class Laws:
    """The laws that are still possible at a door, as arrays."""

    def __init__(self, door: LabDoor) -> None:
        import numpy as np

        self.door, self.apparatus = door, APPARATUSES[door.apparatus]
        names = list(self.apparatus.causes)
        rows: list[list[int]] = []
        for some in itertools.combinations(names, door.causes):
            numbers = [self.apparatus.causes[n].values[: door.values] for n in some]
            for chosen in itertools.product(*numbers):
                at_work = dict(zip(some, chosen, strict=True))
                rows.append([at_work.get(n, 0) for n in names])
        rows_of = np.array(rows, dtype=np.int16)
        bases = {n: np.array([b[n] for b in self.apparatus.bases], dtype=np.int16) for n in self.apparatus.bases[0]}
        self.columns: dict[str, Any] = {
            n: np.repeat(rows_of[:, i], len(self.apparatus.bases)) for i, n in enumerate(names)
        }
        self.columns |= {n: np.tile(column, len(rows_of)) for n, column in bases.items()}

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def some(self, places: Any) -> dict[str, Any]:
        """These laws as columns that can be set against rows of trials."""
        return {n: column[places][None, :] for n, column in self.columns.items()}

    def sample(self, places: Sequence[int]) -> Laws:
        """These laws alone, with repeats, beside all of them."""
        part = copy.copy(self)
        part.keep(places)
        return part

    def keep(self, places: Any) -> None:
        """Rule out all laws but these."""
        self.columns = {n: column[places] for n, column in self.columns.items()}

    def saw(self, trial: Trial, reading: int) -> None:
        """Rule out every law that would have shown something else."""
        self.keep(self.readings([trial])[0] == reading)

    def readings(self, trials: Sequence[Trial], places: Any = slice(None)) -> Any:
        """What each trial (row) would show under each law (column)."""
        starts = [self.apparatus.starts[start] for start, _ in trials]
        values = self._reckoned(self.apparatus.respond, starts, [setting for _, setting in trials], places)
        return self.apparatus.dim(values) if self.door.dim and self.apparatus.dim else values

    def outcomes(self, settings: Sequence[Setting]) -> Any:
        """What each setting (row) would lead to under each law (column), from the start that decides."""
        start = self.apparatus.starts[self.door.start]
        return self._reckoned(self.apparatus.decide, [start] * len(settings), settings, slice(None))

    def _reckoned(self, how: Any, starts: Sequence[int], settings: Sequence[Setting], places: Any) -> Any:
        import numpy as np

        rows = np.array(settings, dtype=np.int16)
        steps = [rows[:, n][:, None] for n in range(rows.shape[1])]
        results = how(self.some(places), np.array(starts, dtype=np.int16)[:, None], steps)
        return np.broadcast_to(results, (len(settings), len(next(iter(self.columns.values()))[places])))


def deciding(apparatus: Apparatus) -> list[Setting]:
    """Every setting that may decide."""
    return [s for s in apparatus.settings if all(s) or not apparatus.exact]


def trials_of(door: LabDoor) -> list[Trial]:
    """Every trial that may be made at a door."""
    apparatus = APPARATUSES[door.apparatus]
    return [(start, setting) for start in door.starts for setting in apparatus.settings[: apparatus.first]]


def best(laws: Laws, among: Sequence[Trial]) -> tuple[Trial, float]:
    """The trial that splits the laws best, and how many laws it leaves on average."""
    import numpy as np

    values = laws.readings(among)
    trial_, least = among[0], math.inf
    for trial, row in zip(among, values, strict=True):
        counts = np.unique(row, return_counts=True)[1].astype(float)
        expected = float((counts**2).sum() / counts.sum())
        if expected < least - 1e-9:
            trial_, least = trial, expected
    return trial_, least


def right_for_all(laws: Laws) -> Setting | None:
    """A setting that is right under every law that is left; None if there is none."""
    settings = deciding(laws.apparatus)
    hits = (laws.outcomes(settings) == laws.door.wanted).all(axis=1)
    return settings[int(hits.argmax())] if hits.any() else None


def likeliest(laws: Laws) -> Setting:
    """The setting that is right under most of the laws that are left."""
    settings = deciding(laws.apparatus)
    return settings[int((laws.outcomes(settings) == laws.door.wanted).sum(axis=1).argmax())]
