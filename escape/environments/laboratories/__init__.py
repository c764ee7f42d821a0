"""Laboratories: rows of apparatuses that obey the textbook, except for something hidden that measurements must find.

In: a seed, a number of doors, and moves as people and models write them. Out: puzzles, and what came of an attempt.
`make` draws doors that can be decided, `apparatus/` has the physics, `fitting` reckons what measurements tell. No
model, no file.
"""

from escape.environments.laboratories.apparatus import APPARATUSES, Choice
from escape.environments.laboratories.attempt import LabAttempt, doors_of
from escape.environments.laboratories.environment import Laboratories, as_puzzle, check, laboratories, prediction
from escape.environments.laboratories.make import VERSION, LabError, laboratory
from escape.environments.laboratories.players import LAB_WAYS
from escape.environments.laboratories.text import at_work_text, door_text
