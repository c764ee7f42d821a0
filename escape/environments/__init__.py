"""What is played: one small object a kind, in ENVIRONMENTS; everybody else asks it, and never which one it is.

In: puzzles, and moves as people and models write them. Out: prompts' texts, episodes, outcomes, questions, scripted
ways. `environment` says what is asked of one, `plans` carries an answer's lines out, `by_hand` lets a person play.
"""

from escape.environments.by_hand import ByHand, as_answer
from escape.environments.dice import Dice
from escape.environments.environment import Bounds, Environment, Episode, FirstTurn, PlanPrompt, Recipe, Seeds, bullets
from escape.environments.foresight import foreseen_by, marked, questions, score
from escape.environments.generated import SEALED
from escape.environments.registry import (
    ENVIRONMENTS,
    attempt,
    counts_doors,
    environment_in,
    environment_of,
    is_marked,
    playable,
    played_by_hand,
)
