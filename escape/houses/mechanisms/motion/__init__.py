"""Mechanisms of one family: ice and pendulums."""

from escape.houses.mechanisms.motion.ice import Ice
from escape.houses.mechanisms.motion.pendulums import Pendulums
