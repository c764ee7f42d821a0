"""Results: who did how well, how sure that is, and where. Each picture has its numbers beside or below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import pandas as pd
import streamlit as st

from escape import exam, models, trials
from escape.assembly import bills
from escape.charts import CHARTS
from escape.digest import digest
from escape.errors import SpecError
from escape.frames import TABLES, names
from escape.judges import JUDGES
from escape.metrics import LABELS, METRICS, Metric
from escape.records import Run, RunConfig, Trial
from escape.report import Standing, leaderboard
from escape.schema import Answer, ModelSpec
from escape.sentences import bill_sentence, card_sentence, count, metric_changes_leader, money, results_sentence
from escape.ui import text
from escape.ui.session import Session, go_to
from escape.ui.setup import Choice
from escape.ui.starting import Work, start

CONFIG = {"displaylogo": False, "displayModeBar": False}


def chosen_metric(state: Session) -> Metric:
    """The metric that the visitor last chose, on whatever tab."""
    return METRICS[state.metric]


def metric_control(state: Session) -> Metric:
    """Which metric turns verdicts into marks."""
    name = st.segmented_control(
        "Metric",
        list(METRICS),
        format_func=lambda n: METRICS[n].label,
        key="metric",
        default=state.metric,
        required=True,
    )
    state.metric = name or "standard"
    return chosen_metric(state)


def show(state: Session, choice: Choice, run: Run) -> None:
    """The whole view."""
    first = st.container()
    metric = metric_control(state)

    boards = state.worked_out(run, "boards", lambda: {m: leaderboard(run, m) for m in METRICS.values()})
    board = boards[metric]
    same = metric.name != "standard" and board == boards[METRICS["standard"]]
    text.quiet(metric.explanation + (" Here it changes nothing." if same else ""))
    with first:
        text.lead(state.worked_out(run, f"sentence {metric.name}", lambda: results_sentence(run, metric)))
        notes(run)
        _trust(run)
        failures(state, choice, run)
    tables = state.worked_out(
        run, f"tables {metric.name}", lambda: {name: make(run, metric) for name, make in TABLES.items()}
    )
    if tables["standings"].empty:
        return
    if change := metric_changes_leader(boards):
        text.quiet(change)
    pictures = [(name, chart) for name, chart in CHARTS.items() if chart.source in TABLES]
    for half, group in groupby(pictures, key=lambda x: x[1].half):
        if half:
            _side_by_side([name for name, _ in group], tables)
            _standings(run, board)
            continue
        for name, chart in group:
            text.heading(chart.title)
            BESIDE.get(name, _alone)(state, run, name, tables)


Tables = dict[str, pd.DataFrame]


def _side_by_side(pictures: Sequence[str], tables: Tables) -> None:
    for column, name in zip(st.columns([3, 2] * (len(pictures) // 2 + 1), gap="large"), pictures, strict=False):
        with column:
            text.heading(CHARTS[name].title)
            _chart(name, tables)


def _alone(state: Session, run: Run, name: str, tables: Tables) -> None:
    """A picture without anything beside it."""
    _chart(name, tables)


def _mistakes(state: Session, run: Run, name: str, tables: Tables) -> None:
    """The picture and its numbers."""
    made = digest(run)
    if not made.checked and not made.failed:
        text.quiet("Only marks were given, without a checklist behind them, so there is nothing to count.")
        return
    table = tables["mistakes"]
    left, right = st.columns([3, 2], gap="large")
    with left:
        _chart(name, tables)
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
    if run.title:
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


def _trust(run: Run) -> None:
    """The judge's report card in a line, beside every result that it marked."""
    judges = list(digest(run).judges)
    cards = {c.judge: c for c in run.cards}
    said = [card_sentence(cards[j], exam.doubts(cards[j])) for j in judges if j in cards]
    if said:
        text.quiet(" ".join(said))
    elif judges and digest(run).answers:
        text.quiet("This judge has not sat its exam here; let it, under Judge.")


def failures(state: Session, choice: Choice, run: Run) -> None:
    """Causes, each once, and the buttons that ask again, with what that may cost."""
    made = digest(run)
    waiting = made.unjudged + made.not_asked
    if made.cut_off:
        text.cause(
            f"{count(made.cut_off, 'answer')} cut off at the longest length allowed, and marked for what is "
            "there; allow more under More in the set-up."
        )
    if state.running or (not made.causes and not waiting):
        return
    for (answered, message), n in made.causes.most_common(4):
        text.cause(f"{count(n, 'answer')} {'could not be judged' if answered else 'failed'}: {message}")
    if waiting:
        text.cause(f"{count(waiting, 'answer')} not asked or not judged: the run was stopped before.")
    every, answers = trials.missing(run.config, run.results, failed_too=True)
    rest = dict.fromkeys(trials.missing(run.config, run.results, failed_too=False)[0])
    broken = [t for t in every if t not in rest]
    config = _with_new_limits(run.config, choice)

    def go_on(work: Work) -> None:
        try:
            start(state, config, list(run.puzzles), run, only=work)
        except SpecError as error:
            state.problem = str(error)

    for todo, label, key in ((broken, "Ask these again", "retry"), (list(rest), "Continue", "continue")):
        if todo:
            with st.container(horizontal=True, vertical_alignment="center", key=f"go_on_{key}"):
                st.button(label, on_click=go_on, args=((todo, answers),), key=key)
                text.quiet(_what_it_takes(state, config, run, todo, answers))


def _with_new_limits(config: RunConfig, choice: Choice) -> RunConfig:
    """The same run with the limits of the set-up, which may have been changed to get further."""
    now = choice.config or config
    limits = {p.name: (p.max_tokens, p.timeout_s) for p in now.players}

    def same(spec: ModelSpec) -> ModelSpec:
        tokens, wait = limits.get(spec.name, (spec.max_tokens, spec.timeout_s))
        return spec.model_copy(update={"max_tokens": tokens, "timeout_s": wait})

    players = tuple(map(same, config.players))
    return config.model_copy(
        update={"max_cost_usd": choice.cap_usd, "concurrency": now.concurrency, "players": players}
    )


def _what_it_takes(
    state: Session, config: RunConfig, run: Run, todo: Sequence[Trial], answers: Mapping[Trial, Answer]
) -> str:
    """What going on will cost and, for a file's run, who the file says is to be asked: nobody pays without knowing."""
    try:
        players, judge = bills(config, run.puzzles, todo, answers)
    except KeyError:  # a file may name players of another version, or of somebody else's
        return "A player or judge of this file cannot be asked from here."
    said = f"{count(len(todo), 'answer')}: {bill_sentence(players, judge)}"
    if state.live and state.live.made_here:
        return f"{said}."
    asked = dict.fromkeys(t.player for t in todo if t not in answers)
    who = f" asks {', '.join(asked)} and" if asked else ""
    return f"{said}. The file{who} has {config.judge.name} judge."


def _chart(name: str, tables: Tables) -> None:
    chart = CHARTS[name]
    st.plotly_chart(chart.draw(tables[chart.source]), key=f"chart_{name}", config=CONFIG, alt=chart.alt)


def _standings(run: Run, board: Sequence[Standing]) -> None:
    def number(value: float | None) -> str:
        return "not applicable" if value is None else f"{value:.2f}"

    called = names(run)
    rows = [
        [
            called[s.player],
            f"{s.means.overall:.2f} of {s.means.maximum:.0f}",
            "-" if s.overall is None or s.overall.low is None else f"{s.overall.low:.1f} to {s.overall.high:.1f}",
            number(s.means.pus),
            number(s.means.sps),
            number(s.means.rhh),
            str(s.judged),
            str(s.failed),
            money(s.cost_usd),
        ]
        for s in board
        if s.means.overall is not None
    ]
    text.table(
        [
            ("Player", ""),
            ("Overall", "n"),
            ("95 % interval", "n"),
            (f"{LABELS['pus']} (PUS), of 2", "nw"),
            (f"{LABELS['sps']} (SPS), of 2", "nw"),
            (f"{LABELS['rhh']} (RHH), of 1", "nw"),
            ("Judged", "nw"),
            ("Failed", "nw"),
            ("Cost", "nw"),
        ],
        rows,
    )


def _heatmap(state: Session, run: Run, name: str, tables: Tables) -> None:
    text.quiet("Choose a cell, in the picture or in the table, to read the answer.")
    cells = tables["cells"]
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
        CHARTS["heatmap"].draw(cells),
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


BESIDE: dict[str, Callable[[Session, Run, str, Tables], None]] = {"heatmap": _heatmap, "mistakes": _mistakes}
