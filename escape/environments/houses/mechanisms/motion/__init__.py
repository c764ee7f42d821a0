"""Mechanisms of one family: ice and pendulums."""

from escape.environments.houses.mechanisms.motion.ice import Ice
from escape.environments.houses.mechanisms.motion.pendulums import Pendulums
