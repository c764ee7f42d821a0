"""Laboratories: rows of apparatuses whose laws are hidden and must be found by trials.

In: a seed, a number of doors, and moves as people and models write them. Out: puzzles, and what came of an attempt.
`make` draws and proves one, `laws` reckons what trials have told apart, `apparatus/` says what each kind does. No
model, no file.
"""

from escape.labs.apparatus import APPARATUSES
from escape.labs.attempt import LabAttempt
from escape.labs.make import VERSION, LabError, laboratory
from escape.labs.players import LAB_WAYS
from escape.labs.puzzle import as_puzzle, check, laboratories
from escape.labs.text import door_text, law_text
