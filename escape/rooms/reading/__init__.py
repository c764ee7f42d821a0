"""A line of a plan as moves. In: text, and the names of a room's things. Out: moves, or why not. No physics."""

from escape.rooms.reading.forms import NO_VERB, Move
from escape.rooms.reading.names import Names, spoken
from escape.rooms.reading.phrases import cleaned, gives_up, without_mark
from escape.rooms.reading.plan_lines import MAX_MOVE_LENGTH, one
from escape.rooms.reading.quantities import times
from escape.rooms.reading.verbs import GIVE_UP, MEANINGS, VERBS
