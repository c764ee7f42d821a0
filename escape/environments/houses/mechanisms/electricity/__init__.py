"""Mechanisms of one family: currents, coils and relays."""

from escape.environments.houses.mechanisms.electricity.branches import Branches
from escape.environments.houses.mechanisms.electricity.coils import Coils
from escape.environments.houses.mechanisms.electricity.relays import Relays
