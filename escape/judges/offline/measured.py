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
KAPPA: dict[str, float] = _DATA["kappa"]
RHH_RIGHT: float = _DATA["rhh_right"]
NO_ATTEMPTS: dict[str, int] = _DATA["no_attempts"]
