"""Judges, which mark answers, and the exam that judges sit.

In: a puzzle and an answer's text. Out: a `Verdict`, mostly with a checklist from which `metrics` computes the
marks. A judge is one file here and one entry in `JUDGES`. `exam` and `agreement` measure how good a judge is.
"""

from escape.judges.annotators import Annotators
from escape.judges.designs import DESIGNS, JUDGE_TOKENS, JUDGES, RoomJudge, build, is_markable, precomputed
from escape.judges.examined import (
    ITEM_KINDS,
    SCORES,
    Z_95,
    ItemKind,
    Rate,
    Rates,
    as_rated_by,
    by_length,
    corrected_difference,
    corrected_share,
    doubts,
    rate,
    raters,
    rates,
)
from escape.judges.llm import PROMPTS, LLMJudge
from escape.judges.replies import read_checklist
