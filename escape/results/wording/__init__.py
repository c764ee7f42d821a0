"""Numbers come in, plain words go out: the sentences that several views share."""

from escape.results.wording.answers import answer_sentence, outcome_sentence
from escape.results.wording.judges import (
    bias_sentence,
    card_sentence,
    gap_sentence,
    generosity_sentence,
    judge_sentence,
    same_family_warning,
)
from escape.results.wording.lost import Lost, first_to_read, lost_attempt
from escape.results.wording.money import bill_sentence, cents, money, unconfirmed_sentence
from escape.results.wording.notes import CATEGORIES, notes_table
from escape.results.wording.words import (
    answer_name,
    bounds,
    count_of,
    counted,
    ended_as,
    join_and,
    or_dash,
    pluralize,
    run_name,
    seconds,
    titles,
    two_digits,
)
