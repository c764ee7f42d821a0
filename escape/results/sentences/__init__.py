"""Results in sentences, each built from the figures that are shown with it."""

from escape.results.sentences.error import error_sentence
from escape.results.sentences.findings import (
    against_sentence,
    basis_sentence,
    beside,
    figure,
    help_sentence,
    metric_changes_leader,
    opening_sentence,
    places_sentence,
    power_sentence,
    reading_sentence,
    results_sentence,
)
from escape.results.sentences.lost import CATEGORIES, Lost, first_lost, lost_attempt
from escape.results.sentences.lost import counts as notes_table
from escape.results.sentences.other_sets import (
    chance_sentence,
    easy_sentence,
    run_sentence,
    told_sentence,
    twists_sentence,
)
from escape.results.sentences.wording import (
    answer_name,
    answer_sentence,
    bias_sentence,
    bill_sentence,
    bounds,
    card_sentence,
    gap_sentence,
    generosity_sentence,
    join_and,
    judge_sentence,
    money,
    outcome_sentence,
    pluralize,
    run_name,
    same_family,
    seconds,
    titles,
    unconfirmed_sentence,
)
