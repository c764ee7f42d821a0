"""What students hand in in each kind of round, and its evaluation. Pure."""

from escape.classes.classwork.export import COLUMNS, row_of, to_csv
from escape.classes.classwork.marking import (
    Answered,
    answers,
    entered_marks,
    gap,
    gaps,
    generosity,
    judged,
    with_marks,
)
from escape.classes.classwork.noting import group_key, notes
from escape.classes.classwork.playing import ENOUGH, Takers, models_of, played_by_room, with_plays
from escape.classes.classwork.reviewing import ROOMS_EACH, Reviewed, assigned, gets_out, reviewed
from escape.classes.classwork.voting import Bets, bets_by_plan, guesses, votes
from escape.classes.classwork.writing import Handed, puzzles, rooms_handed_in, tried_with_controls
