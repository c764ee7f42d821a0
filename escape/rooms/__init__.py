"""The rooms that carry moves out, and the solver that proves a room before use.

In: a puzzle with a world, and moves as people and models write them. Out: an `Outcome`. `reading` turns lines
into moves, `room` says what they do, `play` and `plans` carry them out, `telling` writes what players read,
`solver` proves the room. Asks no model, reads no file.
"""

from escape.rooms.by_hand import ByHand, as_answer
from escape.rooms.plans import attempt, playable
from escape.rooms.play import RoomEpisode
from escape.rooms.reading import GIVE_UP, KINDS, MEANINGS, VERBS, exact_amount, one_move, without_mark
from escape.rooms.review import at_a_distance, leaves_both, unnamed, untried
from escape.rooms.room import MAX_WORK, Room, TooLargeError, move_text, room_of
from escape.rooms.solver import guesser_chance, is_short
from escape.rooms.telling import (
    EXAMPLE_TURN,
    PROMPT_VERSIONS,
    bullets,
    examples,
    first_turn,
    form,
    measured,
    plan_prompt,
    stands,
    text,
)
from escape.rooms.ways import Dice, at_random, everything, fitting, guessed, renamed_line, shortest

# the version of how lines are read and carried out: a new one may make something else of an old answer
READING = 8
