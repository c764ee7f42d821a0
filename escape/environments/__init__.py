"""What is played: rooms, houses, laboratories. One small object a kind, in ENVIRONMENTS; everybody else asks it."""

from escape.environments.by_hand import ByHand, as_answer, shortest
from escape.environments.episode import Attempt, attempt
