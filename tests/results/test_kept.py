"""All that a run's results show, number by number, for runs of every kind and one in which everything goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from escape.metrics import METRICS
from escape.results import (
    TABLES,
    card,
    csv,
    doors,
    houses,
    notes_table,
    opening_sentence,
    pair_values,
    places_sentence,
    ranking,
    reading_sentence,
    results_sentence,
    silence_sentence,
    spread_sentences,
    twin_gaps,
    twists_table,
    understanding,
    usual,
)
from escape.results.charts import CHARTS
from escape.results.sentences import CATEGORIES, CLAUSES
from escape.results.sentences.notes import moved
from escape.results.sentences.wording import answer_sentence
from escape.results.what_if import leaders
from escape.types import Note, Run
from tests.approved import Approved
from tests.every_kind import KINDS, every_kind


def shown(run: Run) -> Iterator[str]:
    """Everything that Results makes of it."""
    yield card.page(run, usual(run)).replace(">", ">\n")
    for metric in METRICS.values():
        found = ranking(run, metric)
        yield from map(repr, found.standings)
        yield from map(repr, found.pairs)
        for sentence in (opening_sentence, results_sentence, reading_sentence, silence_sentence, places_sentence):
            yield f"{metric.name}, {sentence.__name__}: {sentence(found)}"
        yield f"{metric.name}, leaders {sorted(leaders(run, metric, 4).items())}"
        yield from map(repr, twin_gaps(run, metric))
        yield doors.svg(doors.doors(run, metric), "doors").replace(">", ">\n")
        for name, table in TABLES.items():
            yield f"{metric.name}, {name}\n" + table(run, metric).to_csv(index=False)
        yield "".join(csv.csv_lines(run, metric))
    yield from spread_sentences(run)
    yield repr(pair_values(run))
    yield repr(twists_table(run))
    yield understanding.picture(run).replace(">", ">\n")
    for result in run.results[:40]:
        yield answer_sentence(result, run.puzzle_by_id[result.trial.problem_id], usual(run))
    written = [Note(trial=r.trial, category=CATEGORIES[i % 7], text="x") for i, r in enumerate(run.results) if i % 3]
    yield repr(notes_table(run, written))
    yield from (f"{clause.name}: {moved(run, clause)}" for clause in CLAUSES.values())
    for chart in CHARTS.values():
        if chart.source in TABLES and not (table := TABLES[chart.source](run, usual(run))).empty:
            drawn = chart.draw(table).to_plotly_json()
            yield from (f"{chart.title}: {trace}" for trace in drawn["data"])
    reach = houses.reach(run)
    if reach.lines:
        yield houses.curve(reach).replace(">", ">\n")


@pytest.mark.parametrize("kind", KINDS)
def test_the_results_of_a_run_stay_as_they_are(approved: Approved, kind: str) -> None:
    for text in shown(every_kind()[kind]):
        approved.add(text)
