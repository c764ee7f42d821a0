"""What the offline judge is worth by kind of answer, as measured once on answers it had not seen (measured.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

_DATA = tomllib.loads(Path(__file__).with_name("measured.toml").read_text("utf-8"))


class Measured(NamedTuple):
    """A kind of answer with mean marks, 0 to 2: people's and the judge's."""

    kind: str
    pus: float
    own_pus: float
    sps: float
    own_sps: float


MEASURED: tuple[Measured, ...] = tuple(Measured(*row) for row in _DATA["rows"])


def sentence() -> str:
    """The figures over all kinds, in words."""
    kappa, none = _DATA["kappa"], _DATA["no_attempts"]
    return (
        "On 160 answers that it had not seen, most of them written to be hard to tell by words, its kappa was "
        f"{kappa['pus']} on Physical Understanding and {kappa['sps']} on Solution Path, Red Herring Handling was right in "
        f"{_DATA['rhh_right']:.0%}, and {none['marked']} of {none['of']} answers that are none got a mark. It hears which "
        "ideas are spoken of; it cannot hear whether they are right."
    )
