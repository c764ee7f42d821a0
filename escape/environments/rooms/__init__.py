"""The room simulation, and the solver that verifies a room before use.

In: a puzzle with a world, and moves as people and models write them. Out: an `Outcome`: whether the plan gets out, in
how many moves, and where it was lost. `reading` makes moves of a line, `room` says what they do, `play` carries a plan
out, `solver` proves the room. No model, no file, no opinion.
"""

from escape.environments.rooms.environment import Rooms
from escape.environments.rooms.fitting import fitting
from escape.environments.rooms.guessing import guessed
from escape.environments.rooms.looking import stands
from escape.environments.rooms.play import NOTHING, Play
from escape.environments.rooms.reading import (
    GIVE_UP,
    MAX_MOVE_LENGTH,
    MEANINGS,
    VERBS,
    cleaned,
    gives_up,
    times,
    without_mark,
)
from escape.environments.rooms.reading import one as one_move
from escape.environments.rooms.review import at_a_distance, leaves_both, unnamed, untried
from escape.environments.rooms.room import MAX_WORK, Act, Edge, Room, State, TooLargeError, move_text, room_of
from escape.environments.rooms.ways import shortest

READING = 5  # the version of how lines are read and carried out: a new one may make something else of an old answer
