"""Houses: rows of rooms made from a seed, each door harder than the one before, and how far one gets.

In: a seed, a number of doors, and moves as people and models write them. Out: puzzles, and what came of an attempt.
`generate` makes and proves a house, `scene` says what a move does, `mechanisms/` what keeps doors shut. No model, no
file.
"""

from escape.houses.attempt import HouseAttempt, outcome_of
from escape.houses.dice import Dice
from escape.houses.generate import SEALED, VERSION, guessed, house, seed_fault
from escape.houses.mechanisms import MECHANISMS
from escape.houses.obstacles import Choice, Deed, Machine, at_door
from escape.houses.players import CONTROL_WAYS, DEMO_HABITS, DEMO_WAYS
from escape.houses.puzzle import as_puzzle, check, houses, scene_of, sealed
from escape.houses.scene import HouseError
from escape.houses.text import room_text
from escape.houses.things import told
