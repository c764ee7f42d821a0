"""Lines of a plan read as moves, or why they cannot be. Knows a room's names, not its physics."""

from escape.rooms.reading.amounts import exact_amount
from escape.rooms.reading.moves import NO_VERB, Move, gives_up, without_mark
from escape.rooms.reading.names import GIVE_UP, KINDS, MEANINGS, PORTIONS, VERBS, Names, letters_and_digits
from escape.rooms.reading.plan_lines import one_move
