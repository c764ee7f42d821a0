"""Results: who did how well, how sure that is, and where. Each picture has its numbers beside or below it."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from escape import exam, runner
from escape.charts import CHARTS
from escape.errors import Kind, SpecError
from escape.judges import JUDGES
from escape.metrics import LABELS, METRICS, Metric
from escape.records import Run, Trial
from escape.report import complete, leaderboard
from escape.tables import TABLES, names
from escape.ui import text
from escape.ui.session import Session, Work, go_to, start
from escape.ui.setup import Choice
from escape.words import card_sentence, count, metric_changes_leader, money, results_sentence, scripted

CONFIG = {"displaylogo": False, "displayModeBar": False}


def chosen_metric() -> Metric:
    """The metric that the visitor last chose, on whatever tab."""
    return METRICS[st.session_state.get("chosen_metric", "standard")]


def metric_control() -> Metric:
    """Which metric turns verdicts into marks."""
    name = st.segmented_control(
        "Metric",
        list(METRICS),
        format_func=lambda n: METRICS[n].label,
        key="metric",
        default=chosen_metric().name,
        required=True,
    )
    st.session_state["chosen_metric"] = name or "standard"
    return chosen_metric()


def show(state: Session, choice: Choice, run: Run) -> None:
    """The whole view."""
    first = st.container()
    metric = metric_control()
    same = metric.name != "standard" and leaderboard(run, metric) == leaderboard(run)
    text.quiet(metric.explanation + (" Here it changes nothing." if same else ""))
    with first:
        text.lead(results_sentence(run, metric))
        notes(run)
        _trust(run)
        failures(state, choice, run)
    tables = {name: make(run, metric) for name, make in TABLES.items()}
    if tables["standings"].empty:
        return
    if change := metric_changes_leader(run):
        text.quiet(change)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _chart("leaderboard", tables)
    with right:
        _chart("radar", tables)
    _standings(run, metric)
    text.heading(CHARTS["heatmap"].title)
    text.quiet("Choose a field, in the picture or in the table, to read the answer.")
    _heatmap(state, run, tables["fields"])
    text.heading(CHARTS["errors"].title)
    if any(r.failure or (r.verdict and r.verdict.checklist) for r in run.results):
        _faults(tables)
    else:
        text.quiet("Only marks were given, without a checklist behind them, so there is nothing to count.")


def _faults(tables: dict[str, pd.DataFrame]) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        _chart("errors", tables, titled=False)
    with right:
        wide = tables["faults"].pivot(index="fault", columns="name", values="count")
        wide = wide.loc[
            [f for f in tables["faults"]["fault"].unique() if f in wide.index], list(tables["faults"]["name"].unique())
        ]
        text.table(
            [("Fault", ""), *((n, "n") for n in wide.columns)],
            [[str(f), *(str(int(v)) for v in row)] for f, row in zip(wide.index, wide.to_numpy(), strict=True)],
        )


def notes(run: Run) -> None:
    """What a reader must know before believing the figures."""
    said = []
    if run.title:
        said.append(run.title + ".")
    if any(scripted(p) for p in run.players):
        said.append("Demo and control players are scripted: no model was asked.")
    judge = run.config.judge
    if judge.design == "rubric":
        said.append(JUDGES["rubric"].explanation)
    flags = Counter(f for r in run.results if r.verdict for f in r.verdict.flags if not f.startswith("offline"))
    said += [f"{flag} ({count(n, 'answer')})." for flag, n in flags.most_common(3)]
    if said:
        text.quiet(" ".join(said))


def _trust(run: Run) -> None:
    """The judge's report card in a line, beside every result that it marked."""
    judges = list(dict.fromkeys(r.verdict.judge for r in run.results if r.verdict))
    cards = {c.judge: c for c in run.cards}
    said = [card_sentence(cards[j], exam.faults(cards[j])) for j in judges if j in cards]
    if said:
        text.quiet(" ".join(said))
    elif judges and any(r.answer for r in run.results):
        text.quiet("This judge has not sat its exam here; let it, under Judge.")


def failures(state: Session, choice: Choice, run: Run) -> None:
    """Causes, each once, and the button that asks again."""
    failed = [r.failure for r in run.results if r.failure]
    waiting = [r for r in complete(run) if r.status == "answered"]
    if state.running or (not failed and not waiting):
        return
    grouped = Counter((f.kind, f.message) for f in failed)
    for (kind, message), n in grouped.most_common(4):
        what = "could not be judged" if kind is Kind.NOT_JUDGED else "failed"
        text.cause(f"{count(n, 'answer')} {what}: {message}")
    if waiting:
        text.cause(f"{count(len(waiting), 'answer')} not asked or not judged: the run was stopped before.")

    def go_on(work: Work) -> None:
        now = choice.config or run.config
        limit = {p.name: p.max_tokens for p in now.players}
        players = tuple(
            p.model_copy(update={"max_tokens": limit.get(p.name, p.max_tokens)}) for p in run.config.players
        )
        # the cap, the longest answer and the calls at once may have been changed to get further
        fresh = {"max_cost_usd": choice.cap_usd, "concurrency": now.concurrency, "players": players}
        try:
            start(state, run.config.model_copy(update=fresh), list(run.puzzles), run, only=work)
        except SpecError as error:
            state.problem = str(error)

    every, answers = runner.missing(run.config, run.results, failed_too=True)
    rest, _ = runner.missing(run.config, run.results, failed_too=False)
    missing = set(rest)
    broken = [t for t in every if t not in missing]
    with st.container(horizontal=True, key="go_on"):
        if broken:
            st.button("Ask these again", on_click=go_on, args=((broken, answers),), key="retry")
        if rest:
            st.button("Continue", on_click=go_on, args=((rest, answers),), key="continue")


def _chart(name: str, tables: dict[str, pd.DataFrame], *, titled: bool = True) -> None:
    chart = CHARTS[name]
    if titled:
        text.heading(chart.title)
    st.plotly_chart(chart.draw(tables[chart.source]), key=f"chart_{name}", config=CONFIG, alt=chart.alt)


def _standings(run: Run, metric: Metric) -> None:
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
        for s in leaderboard(run, metric)
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


def _heatmap(state: Session, run: Run, fields: pd.DataFrame) -> None:
    players, puzzles = list(fields["name"].unique()), list(fields["puzzle"].unique())

    def open_answer(puzzle: str, name: str) -> None:
        hit = fields[(fields["puzzle"] == puzzle) & (fields["name"] == name)]
        if len(hit):
            state.chosen = Trial(problem_id=hit["problem_id"].iloc[0], player=hit["player"].iloc[0])
            go_to("Answers")

    def from_picture() -> None:
        points = st.session_state["chart_heatmap"].get("selection", {}).get("points", [])
        if points and points[0].get("customdata"):
            chosen = points[0]["customdata"]
            values = list(chosen.values()) if isinstance(chosen, dict) else list(chosen)
            open_answer(values[0], values[1])

    def from_table() -> None:
        cells = st.session_state["table_heatmap"].get("selection", {}).get("cells", [])
        if cells and cells[0][1] in players:
            open_answer(puzzles[cells[0][0]], cells[0][1])

    st.plotly_chart(
        CHARTS["heatmap"].draw(fields),
        key="chart_heatmap",
        config=CONFIG,
        on_select=from_picture,
        selection_mode="points",
        alt=CHARTS["heatmap"].alt,
    )
    wide = fields.pivot(index="puzzle", columns="name", values="label").loc[puzzles, players]
    wide.index.name = "Puzzle"
    st.dataframe(
        wide,
        key="table_heatmap",
        on_select=from_table,
        selection_mode="single-cell",
        alt="Score of each player on each puzzle; choosing a field opens the answer",
    )
