"""APPARATUSES: every kind of apparatus by its name. A new one is one file and one entry here."""

from escape.environments.laboratories.apparatus.beam import BEAM
from escape.environments.laboratories.apparatus.circuit import CIRCUIT
from escape.environments.laboratories.apparatus.kind import Apparatus, Cause, Law, Setting
from escape.environments.laboratories.apparatus.tank import TANK

APPARATUSES: dict[str, Apparatus] = {a.name: a for a in (TANK, BEAM, CIRCUIT)}
