"""A class at one board: its rounds, what teacher and students may do in them, and their results.

In: a store and a request of a teacher or a student. Out: rounds, entries, and the class's figures. No page,
no model.
"""

from escape.classes.access import MAX_MEMBERS, ClassAccess
from escape.classes.board import shown, steps
from escape.classes.classwork import ROOMS_EACH, Answered, Handed, Reviewed, Takers, models_of, reviewed
from escape.classes.data import ClassData
from escape.classes.rounds import (
    BetEntry,
    Played,
    Prediction,
    Remark,
    Review,
    Round,
    RoundKind,
    RoundSettings,
    StoredBet,
    member_label,
)
from escape.classes.scenes import Act, Place, SceneName, Script, Step, script
from escape.classes.shown import SceneContent, SceneData
from escape.classes.student import MAX_PUZZLES, Student
from escape.classes.teacher import Teacher
