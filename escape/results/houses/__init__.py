"""How far one gets in houses: reach, its curve, and what may be said of both.

In: a `Run` of houses. Out: medians with intervals, who gets further, sentences, tables, and a picture as SVG.
"""

from escape.results.houses.curve import DARK, LIGHT, NARROW, WIDE, curve
from escape.results.houses.curve import said as curve_said
from escape.results.houses.reach import Line, Reach, interval, reach
from escape.results.houses.said import (
    Table,
    budget_sentence,
    curve_table,
    doors_text,
    ended_table,
    players_table,
    reach_sentence,
    title,
)
from escape.results.houses.together import CLASS, as_one, class_sentence
