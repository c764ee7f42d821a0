"""Mechanisms of one family: capsules, jugs and valves."""

from escape.houses.mechanisms.fluids.jugs import Jugs
from escape.houses.mechanisms.fluids.tubes import Tubes
from escape.houses.mechanisms.fluids.valves import Valves
