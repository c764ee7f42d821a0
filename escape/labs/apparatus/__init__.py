"""APPARATUSES: every kind of apparatus by its name. A new one is one file and one entry here."""

from escape.labs.apparatus.beam import BEAM
from escape.labs.apparatus.circuit import CIRCUIT
from escape.labs.apparatus.kind import Apparatus, Cause, Law, Setting
from escape.labs.apparatus.tank import TANK

APPARATUSES: dict[str, Apparatus] = {a.name: a for a in (TANK, BEAM, CIRCUIT)}
