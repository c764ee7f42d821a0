"""Puzzles from their files, and what code makes from them.

In: JSON, or the fields of the workshop's form. Out: `Puzzle` records, checked. Control answers whose mark is known.
"""

from escape.puzzles.controls import CONTROLS, ELSEWHERE, Control, answer, every_control
from escape.puzzles.files import EASY, ROOMS, TOLD, band_of, banded, by_difficulty, is_told, set_hash, spread
from escape.puzzles.form import EMPTY, Draft, Row, draft_of, facts_of, misnamed, puzzle_of, renamed, rule_sentence
from escape.puzzles.form import lacking as rules_lacking
from escape.puzzles.players import PROVIDER as RECORDED
from escape.puzzles.players import (
    answered_by,
    earlier_prompts,
    every_written,
    marks_of_recorded,
    recorded,
    recorded_answer,
    recorded_run,
    scripted,
    scripted_answer,
    scripted_outcome,
    scripted_players,
    unanswered_puzzles,
    whose_script,
)
