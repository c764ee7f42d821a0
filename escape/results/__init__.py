"""Results of a run: ranking, certainty and cost.

In: a `Run` and a `Metric`. Out: rankings, tables, sentences, a CSV, a report. Everything is counted only
once, in `digest`. Every sentence is built from the figures shown with it.
"""

from escape.results import doors, drawings, watching
from escape.results.card import error_sentence, error_shares, facts, figure_caption, trust_sentence
from escape.results.charts import CHARTS, MAX_ROWS
from escape.results.comparing import MIN_PUZZLES
from escape.results.corrected import (
    NOT_COVERED,
    MarkedShares,
    corrected_rows,
    exam_of,
    gaps_sentence,
    marked_shares,
)
from escape.results.csv import marks_of, safe_cell
from escape.results.digest import (
    RunSummary,
    digest,
    display_name,
    names,
    order,
    own_players,
    per_puzzle,
    result_at,
    shares_by_room,
    unscripted,
)
from escape.results.findings import (
    against_sentence,
    basis_sentence,
    chance_sentence,
    compared_lines,
    easy_sentence,
    headline_figure,
    help_sentence,
    metric_changes_leader,
    opening_sentence,
    places_sentence,
    power_sentence,
    reading_sentence,
    results_sentence,
    run_sentence,
    told_sentence,
    twists_sentence,
    unmarked_sentence,
)
from escape.results.ranking import Ranking, Standing, ranking, usual
from escape.results.sets import (
    CHANCE,
    by_chance,
    every_time,
    follows,
    main_set,
    of_set,
    sample_rooms,
    sets,
    twisted,
    units,
    wants_told,
    weighed,
)
from escape.results.tables import TABLES, by_player
from escape.results.took import ratios_sentence, typical
from escape.results.wording import (
    CATEGORIES,
    Lost,
    answer_name,
    answer_sentence,
    bias_sentence,
    bill_sentence,
    card_sentence,
    count_of,
    first_to_read,
    gap_sentence,
    generosity_sentence,
    join_and,
    judge_sentence,
    lost_attempt,
    money,
    notes_table,
    or_dash,
    outcome_sentence,
    pluralize,
    run_name,
    same_family_warning,
    seconds,
    titles,
    two_digits,
    unconfirmed_sentence,
)
