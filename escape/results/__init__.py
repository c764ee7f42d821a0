"""Results of a run: ranking, certainty and cost.

In: a `Run` and a `Metric`. Out: rankings, tables, sentences, a CSV, a report. Everything is counted only once, in
`digest`. Every sentence is built from the figures shown with it.
"""

from escape.results.card import facts, figure_caption, trust_sentence
from escape.results.csv import marks_of, safe_cell
from escape.results.digest import (
    digest,
    display_name,
    names,
    order,
    own_players,
    per_puzzle,
    result_at,
    rooms,
    unscripted,
)
from escape.results.pairs import twisted
from escape.results.pictures import doors
from escape.results.ranking import Ranking, Standing, ranking, usual
from escape.results.sentences import (
    CATEGORIES,
    Lost,
    against_sentence,
    answer_name,
    answer_sentence,
    basis_sentence,
    bias_sentence,
    bill_sentence,
    card_sentence,
    chance_sentence,
    easy_sentence,
    error_sentence,
    figure,
    first_lost,
    gap_sentence,
    generosity_sentence,
    help_sentence,
    join_and,
    judge_sentence,
    lost_attempt,
    metric_changes_leader,
    money,
    notes_table,
    opening_sentence,
    outcome_sentence,
    places_sentence,
    pluralize,
    power_sentence,
    reading_sentence,
    results_sentence,
    run_name,
    run_sentence,
    same_family,
    seconds,
    titles,
    told_sentence,
    twists_sentence,
    unconfirmed_sentence,
)
from escape.results.sets import CHANCE, by_chance, main_set, of_set, sets, wants_told
from escape.results.tables import TABLES, by_player
