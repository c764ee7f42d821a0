"""Mechanisms of one family: balance, strength and load."""

from escape.houses.mechanisms.statics.lamps import Lamps
from escape.houses.mechanisms.statics.mobile import Mobile
from escape.houses.mechanisms.statics.slabs import Slabs
from escape.houses.mechanisms.statics.springs import Springs
from escape.houses.mechanisms.statics.stacks import Stacks
