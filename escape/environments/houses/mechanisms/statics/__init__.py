"""Mechanisms of one family: balance, strength and load."""

from escape.environments.houses.mechanisms.statics.lamps import Lamps
from escape.environments.houses.mechanisms.statics.mobile import Mobile
from escape.environments.houses.mechanisms.statics.slabs import Slabs
from escape.environments.houses.mechanisms.statics.springs import Springs
from escape.environments.houses.mechanisms.statics.stacks import Stacks
