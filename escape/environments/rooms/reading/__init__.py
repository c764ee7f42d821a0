"""A line of a plan as moves. In: text, and the names of a room's things. Out: moves, or why not. No physics."""

from escape.environments.rooms.reading.forms import NO_VERB, Move
from escape.environments.rooms.reading.names import Names, spoken
from escape.environments.rooms.reading.phrases import cleaned, gives_up, without_mark
from escape.environments.rooms.reading.plan_lines import MAX_MOVE_LENGTH, one
from escape.environments.rooms.reading.quantities import times
from escape.environments.rooms.reading.verbs import GIVE_UP, MEANINGS, VERBS
