"""Mechanisms of one family: mixing."""

from escape.houses.mechanisms.heat.basins import Basins
