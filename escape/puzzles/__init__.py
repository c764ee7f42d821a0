"""Puzzles from files or the workshop's form, control answers, and scripted and recorded players."""

from escape.puzzles.bands import band_of, banded, by_difficulty, is_told, spread
from escape.puzzles.controls import CONTROLS, ELSEWHERE, Control, answer, every_control
from escape.puzzles.earlier import is_earlier, of_today
from escape.puzzles.faults import faults_of
from escape.puzzles.files import EASY, ROOMS, TOLD, set_hash, set_label
from escape.puzzles.form import (
    EMPTY,
    Draft,
    Row,
    draft_of,
    facts_of,
    misnamed,
    puzzle_of,
    renamed,
    rule_sentence,
    rules_lacking,
)
from escape.puzzles.recorded import (
    RECORDED,
    earlier_prompts,
    marks_of_recorded,
    recorded_answer,
    recorded_players,
    recorded_run,
)
from escape.puzzles.scripted import (
    answered_by,
    scripted_answer,
    scripted_model,
    scripted_outcome,
    scripted_players,
    unanswered_puzzles,
    whose_script,
)
from escape.puzzles.written import every_written
