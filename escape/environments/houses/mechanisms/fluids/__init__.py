"""Mechanisms of one family: capsules, jugs and valves."""

from escape.environments.houses.mechanisms.fluids.jugs import Jugs
from escape.environments.houses.mechanisms.fluids.tubes import Tubes
from escape.environments.houses.mechanisms.fluids.valves import Valves
