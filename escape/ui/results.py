"""Results: who did how well, how sure that is, and where. Each picture has its numbers beside or below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from escape import exam, models
from escape.benchmark_card import facts
from escape.charts import CHARTS
from escape.digest import digest
from escape.drawing import MOST_ROWS
from escape.findings import basis_sentence, metric_changes_leader, places_sentence, results_sentence
from escape.frames import TABLES, names
from escape.items import spread, spread_sentences
from escape.judges import JUDGES
from escape.mended import brought_up_to_date, mended
from escape.metrics import METRICS, Metric
from escape.ranking import ranking, usual
from escape.records import Run
from escape.sentences import card_sentence, count, titles
from escape.ui import shelf, text, unfinished
from escape.ui.session import EXAMPLE, Session, go_to
from escape.ui.setup import Choice
from escape.ui.tables import item_table, pairs_grid, standings, twin_table

CONFIG = {  # one button, where one points or taps: the picture as PNG
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


def chosen_metric(state: Session, run: Run | None) -> Metric:
    """The metric that the visitor last chose, on whatever tab; until then what is usual for the run."""
    if state.metric:
        return METRICS[state.metric]
    return usual(run) if run else METRICS["standard"]


def metric_control(state: Session, run: Run) -> Metric:
    """Which metric turns verdicts and rooms into figures."""
    offered = [n for n, m in METRICS.items() if not m.by_room or digest(run).rooms]
    st.session_state["metric"] = (
        chosen_metric(state, run).name if chosen_metric(state, run).name in offered else "standard"
    )

    def choose() -> None:
        state.metric = st.session_state["metric"]

    name = st.segmented_control(
        "Metric", offered, format_func=lambda n: METRICS[n].label, key="metric", required=True, on_change=choose
    )
    return METRICS[name or "standard"]


def so_far(state: Session, run: Run) -> None:
    """What is there while more is still coming: figures without a verdict, which could be another a minute later."""
    made = digest(run)
    judged = sum(made.judges.values())
    text.lead(f"{count(judged, 'answer')} judged so far. Who did better is said when the run has ended.")
    if judged:
        standings(run, ranking(run, chosen_metric(state, run)))


def show(state: Session, choice: Choice, run: Run) -> None:
    """The whole view."""
    if state.live and state.live.running:
        so_far(state, run)
        return
    first = st.container()
    metric = metric_control(state, run)

    rankings = state.worked_out(run, "rankings", lambda: {m: ranking(run, m) for m in METRICS.values()})
    found = rankings[metric]
    same = metric.name != "standard" and found.standings == rankings[METRICS["standard"]].standings
    text.quiet(metric.explanation + (" Here it changes nothing." if same else ""))
    with first:
        if state.opened_on:
            _opening()
        text.lead(results_sentence(found))
        text.quiet(" ".join(filter(None, [basis_sentence(found.basis), places_sentence(found)])))
        notes(run)
        _mended(state, run)
        _trust(run)
        unfinished.show(state, choice, run)
    standings(run, found)  # read before the pictures are there
    twin_table(run, metric)
    seen = state.worked_out(run, f"pictures {metric.name}", lambda: _drawn(run, metric))
    if seen.tables["standings"].empty:
        return
    if change := metric_changes_leader(rankings):
        text.quiet(change)
    pictures = [(name, chart) for name, chart in CHARTS.items() if name in seen.figures]
    for half, group in groupby(pictures, key=lambda x: x[1].half):
        if half:
            _side_by_side([name for name, _ in group], seen)
            continue
        for name, chart in group:
            text.heading(chart.title)
            BESIDE.get(name, _alone)(state, run, name, seen)
    shelf.beside(state, run, metric)
    with st.expander("What exactly was run"):
        text.table([("", ""), ("", "")], [list(fact) for fact in facts(run, metric)])
    with st.expander("More figures: every pair, the puzzles as a test, where the noise comes from"):
        pairs_grid(run, found)
        item_table(run, metric)
        for sentence in spread_sentences(state.worked_out(run, "spread", lambda: spread(run))):
            text.quiet(sentence)


class Drawn(NamedTuple):
    """The tables of a run under one metric, and the pictures of them."""

    tables: dict[str, pd.DataFrame]
    figures: dict[str, Any]  # Plotly's, whose types come with its import


def _drawn(run: Run, metric: Metric) -> Drawn:
    tables = {name: make(run, metric) for name, make in TABLES.items()}
    if tables["standings"].empty:
        return Drawn(tables, {})
    drawn = {n: c for n, c in CHARTS.items() if c.source in tables and c.has_something(tables[c.source])}
    if metric.by_room:
        drawn = {n: c for n, c in drawn.items() if not c.of_rooms}
    return Drawn(tables, {n: c.draw(tables[c.source]) for n, c in drawn.items()})


def _side_by_side(pictures: Sequence[str], seen: Drawn) -> None:
    for first in range(0, len(pictures), 2):
        pair = pictures[first : first + 2]
        for column, name in zip(st.columns([3, 2][: len(pair)], gap="large"), pair, strict=True):
            with column:
                text.heading(CHARTS[name].title)
                _chart(name, seen)


def _alone(state: Session, run: Run, name: str, seen: Drawn) -> None:
    """A picture without anything beside it."""
    _chart(name, seen)


def _mistakes(state: Session, run: Run, name: str, seen: Drawn) -> None:
    """The picture and its numbers."""
    made = digest(run)
    if not made.checked and not made.failed:
        text.quiet("Only marks were given, without a checklist behind them, so there is nothing to count.")
        return
    table = seen.tables["mistakes"]
    left, right = st.columns([3, 2], gap="large")
    with left:
        _chart(name, seen)
    with right:
        players = list(dict.fromkeys(table["name"]))
        times = {(m, n): int(c) for m, n, c in zip(table["mistake"], table["name"], table["count"], strict=True)}
        text.table(
            [("Mistake", ""), *((n, "n") for n in players)],
            [[m, *(str(times[m, n]) for n in players)] for m in dict.fromkeys(table["mistake"])],
        )


def notes(run: Run) -> None:
    """What a reader must know before believing the figures."""
    said = []
    if run.title and run.title != EXAMPLE:
        said.append(run.title + ".")
    scripted = [p for p in digest(run).players if models.is_scripted(p)]
    if scripted:
        asked = "no model was asked" if len(scripted) == len(digest(run).players) else "their answers are no model's"
        said.append(f"Demo and control players are scripted: {asked}.")
    design = JUDGES.get(run.config.judge.design)
    if design and not design.decides_works:
        said.append(design.explanation)
    flags = digest(run).flags
    said += [f"{flag} ({count(n, 'answer')})." for flag, n in flags.most_common(3)]
    if said:
        text.quiet(" ".join(said))


def _opening() -> None:
    """What is on show at the first visit, and one next step."""
    text.quiet(
        "An example to look at: three scripted players, no model. Open Answers to read what they said, leave a room "
        "yourself under Play, or choose a model of your own in the set-up and press Run. "
        "The example is free and needs no key."
    )


def _mended(state: Session, run: Run) -> None:
    """Rooms that do something else since the run: its plans can be carried out in them again, at no cost."""
    changed = mended(run, state.puzzles)
    if not changed:
        return
    names = ", ".join(p.name for p in list(changed.values())[:3]) + (" and others" if len(changed) > 3 else "")

    def again() -> None:
        state.show(brought_up_to_date(run, state.puzzles))

    text.quiet(f"{names}: changed since this run, in what the room does.")
    st.button("Carry its plans out in the rooms as they are now", on_click=again, key="carry_again")


def _trust(run: Run) -> None:
    """The judge's report card in a line, beside every result that it marked."""
    judges = list(digest(run).judges)
    cards = {c.judge: c for c in run.cards}
    said = [card_sentence(cards[j], exam.doubts(cards[j])) for j in judges if j in cards]
    if said:
        text.quiet(" ".join(said))
    elif judges and digest(run).answers:
        text.quiet("This judge has not sat its exam here; let it, under Judge.")


def _chart(name: str, seen: Drawn) -> None:
    st.plotly_chart(seen.figures[name], key=f"chart_{name}", config=CONFIG, alt=CHARTS[name].alt)


def _heatmap(state: Session, run: Run, name: str, seen: Drawn) -> None:
    text.quiet("Choose a cell, in the picture or in the table, to read the answer.")
    cells = seen.tables["cells"]
    if cells["puzzle"].nunique() > MOST_ROWS:
        text.quiet(f"The picture shows the {MOST_ROWS} puzzles on which players differ most; the table has them all.")
    players, puzzles = list(cells["name"].unique()), list(cells["puzzle"].unique())

    def open_answer(puzzle: str, name: str) -> None:
        hit = cells[(cells["puzzle"] == puzzle) & (cells["name"] == name)]
        if len(hit):
            state.chosen = (str(hit["problem_id"].iloc[0]), str(hit["player"].iloc[0]), 1)
            go_to("Answers")

    def from_picture() -> None:
        points = st.session_state["chart_heatmap"].get("selection", {}).get("points", [])
        if points and points[0].get("customdata"):
            chosen = points[0]["customdata"]
            values = list(chosen.values()) if isinstance(chosen, dict) else list(chosen)
            open_answer(values[0], values[1])

    def from_table() -> None:
        picked = st.session_state["table_heatmap"].get("selection", {}).get("cells", [])
        if picked and picked[0][1] in players:
            open_answer(puzzles[picked[0][0]], picked[0][1])

    st.plotly_chart(
        seen.figures["heatmap"],
        key="chart_heatmap",
        config=CONFIG,
        on_select=from_picture,
        selection_mode="points",
        alt=CHARTS["heatmap"].alt,
    )
    wide = cells.pivot(index="puzzle", columns="name", values="label").loc[puzzles, players]
    wide.index.name = "Puzzle"
    st.dataframe(
        wide,
        key="table_heatmap",
        on_select=from_table,
        selection_mode="single-cell",
        alt="Score of each player on each puzzle; choosing a cell opens the answer",
    )


def _deeds(state: Session, run: Run, name: str, seen: Drawn) -> None:
    """The picture, and the answers of which judge and room say something else, worst first: rules to add, or luck."""
    _chart(name, seen)
    found = sorted(digest(run).contradicted, key=lambda c: (c.out, c.progress))
    if not found:
        return
    called, players = titles(run.puzzles), names(run)
    text.heading("Where judge and room disagree")
    text.quiet(
        "The room knows only what its author foresaw: a way that nobody thought of changes nothing there. So what the "
        "judge believes and the room does not may be a rule to add."
    )
    text.table(
        [("Player", ""), ("Puzzle", ""), ("Would it work? The judge", ""), ("The room", "")],
        [
            [
                players[c.key[1]],
                called[c.key[0]],
                c.judge_says,
                "out" if c.out else f"stuck, {c.progress:.0%} of the way",
            ]
            for c in found[:20]
        ],
    )
    if len(found) > 20:
        text.quiet(f"and {len(found) - 20} more")


BESIDE: dict[str, Callable[[Session, Run, str, Drawn], None]] = {
    "heatmap": _heatmap,
    "mistakes": _mistakes,
    "deeds": _deeds,
}
