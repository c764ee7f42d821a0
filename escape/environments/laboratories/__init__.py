"""Laboratories: rows of apparatuses whose laws are hidden and must be found by trials.

In: a seed, a number of doors, and moves as people and models write them. Out: puzzles, and what came of an attempt.
`make` draws and proves one, `laws` reckons what trials have told apart, `apparatus/` says what each kind does. No
model, no file.
"""

from escape.environments.laboratories.apparatus import APPARATUSES
from escape.environments.laboratories.attempt import LabAttempt
from escape.environments.laboratories.environment import Laboratories
from escape.environments.laboratories.make import VERSION, LabError, laboratory
from escape.environments.laboratories.players import LAB_WAYS
from escape.environments.laboratories.puzzle import as_puzzle, check, laboratories
from escape.environments.laboratories.text import door_text, law_text
