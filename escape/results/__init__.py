"""Results of a run: ranking, certainty and cost.

In: a `Run` and a `Metric`. Out: rankings, tables, sentences, a CSV, a report. Everything is counted only once, in
`digest`; every sentence is built from the figures shown with it.
"""

from escape.results.card import facts
from escape.results.csv import marks_of, safe_cell
from escape.results.digest import digest, names, order, per_puzzle, result_at, short
from escape.results.findings import (
    basis_sentence,
    figure,
    metric_changes_leader,
    places_sentence,
    power_sentence,
    reading_sentence,
    results_sentence,
)
from escape.results.items import spread, spread_sentences
from escape.results.ranking import Ranking, Standing, ranking, usual
from escape.results.tables import TABLES, by_player, cells
from escape.results.twins import twin_gaps
from escape.results.wording import (
    answer_name,
    answer_sentence,
    bias_sentence,
    bill_sentence,
    card_sentence,
    count,
    generosity_sentence,
    listed,
    money,
    outcome_sentence,
    run_name,
    same_family,
    seconds,
    titles,
)

__all__ = [
    "TABLES",
    "Ranking",
    "Standing",
    "answer_name",
    "answer_sentence",
    "basis_sentence",
    "bias_sentence",
    "bill_sentence",
    "by_player",
    "card_sentence",
    "cells",
    "count",
    "digest",
    "facts",
    "figure",
    "generosity_sentence",
    "listed",
    "marks_of",
    "metric_changes_leader",
    "money",
    "names",
    "order",
    "outcome_sentence",
    "per_puzzle",
    "places_sentence",
    "power_sentence",
    "ranking",
    "reading_sentence",
    "result_at",
    "results_sentence",
    "run_name",
    "safe_cell",
    "same_family",
    "seconds",
    "short",
    "spread",
    "spread_sentences",
    "titles",
    "twin_gaps",
    "usual",
]
