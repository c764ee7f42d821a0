"""Mechanisms of one family: currents, coils and relays."""

from escape.houses.mechanisms.electricity.branches import Branches
from escape.houses.mechanisms.electricity.coils import Coils
from escape.houses.mechanisms.electricity.relays import Relays
