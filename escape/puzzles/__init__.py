"""Puzzles from their files, and what code makes from them.

In: JSON, or the fields of the workshop's form. Out: `Puzzle` records, checked. Control answers whose mark is known.
"""

from escape.puzzles.bands import banded, by_difficulty, is_told, spread
from escape.puzzles.controls import CONTROLS, ELSEWHERE, Control, answer, every_control
from escape.puzzles.files import EASY, ROOMS, TOLD, set_hash
from escape.puzzles.form import EMPTY, Draft, Row, draft_of, facts_of, puzzle_of
from escape.puzzles.players import (
    answered_by,
    scripted,
    scripted_answer,
    scripted_outcome,
    scripted_players,
    unanswered_puzzles,
)
from escape.puzzles.recorded import PROVIDER as RECORDED
from escape.puzzles.recorded import marks_of_recorded, recorded, recorded_answer
from escape.puzzles.sentences import lacking as rules_lacking
from escape.puzzles.sentences import misnamed, renamed, rule_sentence
from escape.puzzles.written import every_written
