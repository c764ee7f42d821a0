"""Mechanisms of one family: mixing."""

from escape.environments.houses.mechanisms.heat.basins import Basins
