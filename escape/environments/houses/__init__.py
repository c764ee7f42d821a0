"""Houses: rows of rooms made from a seed, each door harder than the one before, and how far one gets.

In: a seed, a number of doors, and moves as people and models write them. Out: puzzles, and what came of an attempt.
`generate` makes and proves a house, `scene` says what a move does, `mechanisms/` what keeps doors shut. No model, no
file.
"""

from escape.environments.houses.attempt import HouseAttempt
from escape.environments.houses.environment import Houses
from escape.environments.houses.generate import SEALED, VERSION, guessed, house, seed_fault
from escape.environments.houses.mechanisms import MECHANISMS
from escape.environments.houses.obstacles import Choice, Deed, Machine, at_door
from escape.environments.houses.players import CONTROL_WAYS, DEMO_HABITS, DEMO_WAYS
from escape.environments.houses.puzzle import as_puzzle, check, houses, scene_of, sealed, things_of
from escape.environments.houses.scene import HouseError
from escape.environments.houses.text import room_text
from escape.environments.houses.things import told
