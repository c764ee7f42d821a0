"""Results: who did how well, how sure that is, and where."""

from __future__ import annotations

import streamlit as st

from escape.judges import kept
from escape.metrics import METRICS, Metric
from escape.models import is_scripted
from escape.puzzles import RECORDED
from escape.results import (
    Ranking,
    basis_sentence,
    count,
    digest,
    error_sentence,
    facts,
    listed,
    metric_changes_leader,
    names,
    opening_sentence,
    places_sentence,
    ranking,
    reading_sentence,
    results_sentence,
    trust_sentence,
    usual,
)
from escape.types import Run
from escape.ui import text
from escape.ui.judge import judge
from escape.ui.results import doors, export, opening, partial, pictures, redrawn
from escape.ui.run import shelf, unfinished
from escape.ui.session import EXAMPLE, Session
from escape.ui.setup import Choice, is_own
from escape.ui.tables import headline, pairs_grid, standings, twists_shown


def chosen_metric(state: Session, run: Run | None) -> Metric:
    """The metric that the visitor chose, on whatever tab; the run's usual one until then, or if that metric does not
    apply.
    """
    if run is None:
        return METRICS[state.metric or "standard"]
    return METRICS[state.metric] if state.metric in _offered(run) else usual(run)


def _offered(run: Run) -> list[str]:
    return [n for n, m in METRICS.items() if not m.by_room or digest(run).rooms]


def metric_control(state: Session, run: Run) -> Metric:
    """Which metric turns verdicts and rooms into figures."""
    st.session_state["metric"] = chosen_metric(state, run).name

    def choose() -> None:
        state.metric = st.session_state["metric"]

    name = st.segmented_control(
        "Metric", _offered(run), format_func=lambda n: METRICS[n].label, key="metric", required=True, on_change=choose
    )
    return METRICS[name or "standard"]


Place = st.delta_generator.DeltaGenerator


def first(state: Session, run: Run) -> tuple[Place, Place] | None:
    """What is read first: the sentence, the next step and the doors. Drawn before the set-up, so that it can be read
    while the rest is on its way. Returns the places under the sentence and under the doors for what comes later; None
    while a run goes on.
    """
    if state.live and state.live.running:
        return None
    metric = chosen_metric(state, run)
    ranked = _rankings(state, run)[metric]
    whole = st.container(key="opening" if state.opened_on else "answered")  # the opening fills a first screen
    with whole.container(key="headline"):
        sentence = results_sentence(ranked)
        if (failed := sum(t.failed for t in digest(run).tallies.values())) and all(
            s.headline is None for s in ranked.standings
        ):
            sentence = f"{count(failed, 'answer')} failed, so nothing can be said yet; why stands below."
        opened = state.opened_on and not _scripted_alone(run)
        text.lead(f"{opening_sentence(ranked)} Where is yours?" if opened else sentence)
        if own := [s for s in ranked.standings[2:] if s.headline and is_own(s.player)]:
            called = names(run)  # the sentence speaks of the first two, which may be recorded ones
            text.quiet(" ".join(f"{called[s.player]}: {headline(s, ranked)}." for s in own))
    with whole:
        place = st.container()
        if state.opened_on:
            opening.show(state)
        doors.show(state, run, metric)
        return place, st.container()


def _scripted_alone(run: Run) -> bool:
    return all(map(is_scripted, run.players))


def _rankings(state: Session, run: Run) -> dict[Metric, Ranking]:
    return state.worked_out(run, "rankings", lambda: {m: ranking(run, m) for m in METRICS.values()})


def show(state: Session, choice: Choice, run: Run, places: tuple[Place, Place] | None) -> None:
    """The rest of the view. `places`: as `first` left them."""
    if state.live and state.live.running:
        partial.show(state.live, chosen_metric(state, run))
        return
    under_sentence, under_doors = places or first(state, run) or (st.container(), st.container())  # it may have ended
    metric = chosen_metric(state, run)
    with under_sentence:
        unfinished.show(state, choice, run)
    rankings = _rankings(state, run)
    ranked = rankings[metric]
    with under_doors:
        text.quiet(_whose(run, ranked))
        export.show(state, run, metric)
    twists_shown(run)
    shelf.beside(state, run, metric)
    text.heading("Details")
    with st.expander("Figures and intervals"):
        _figures(state, run, rankings)
        text.quiet(_how_far(run, ranked))
    weighed = st.expander("Pairs, other rooms, other weights", key="what_if", on_change="rerun")
    if weighed.open:
        with weighed:
            pairs_grid(run, ranked)
            redrawn.show(run, metric)
    more = st.expander("Charts", key="pictures", on_change="rerun")
    if more.open:  # the chart library alone takes longer than the rest of the page
        with more:
            if any(line.headline for line in ranked.standings):
                pictures.show(state, run, metric)
    exactly = st.expander("What exactly was run", key="exactly", on_change="rerun")
    if exactly.open:  # each of these takes as long as the rest of the page
        with exactly:
            text.table([("", ""), ("", "")], [list(fact) for fact in facts(run, metric)])
    judging = st.expander("How good is the judge?", key="judging", on_change="rerun")
    if judging.open:
        with judging:
            judge.show(state, choice, run, metric)


def _whose(run: Run, ranked: Ranking) -> str:
    players = digest(run).players
    recorded = [names(run)[p] for p in players if p.startswith(f"{RECORDED}:")]
    alone = _scripted_alone(run) and not kept(digest(run).judges)  # kept marks are of models
    no_model = "no model was asked" if alone else "their answers come from no model"
    sentences = [
        f"{run.title}." if run.title and run.title != EXAMPLE else "",
        f"{listed(recorded)}: recorded answers of real models." if recorded else "",
        f"Demo and control players are scripted: {no_model}." if any(map(is_scripted, players)) else "",
        basis_sentence(ranked),
    ]
    return " ".join(filter(None, sentences))


def _how_far(run: Run, ranked: Ranking) -> str:
    """How far to trust the figures: what else has a part in them, and how often judges and rooms err."""
    tried = any(t.plans for t in digest(run).tallies.values())
    sentences = (
        reading_sentence(ranked),
        places_sentence(ranked),
        trust_sentence(run),
        error_sentence() if tried else "",
    )
    return " ".join(filter(None, sentences))


def _figures(state: Session, run: Run, rankings: dict[Metric, Ranking]) -> None:
    metric = metric_control(state, run)
    ranked = rankings[metric]
    same = metric.name != "standard" and ranked.standings == rankings[METRICS["standard"]].standings
    text.quiet(metric.explanation + (" It changes nothing here." if same else ""))
    standings(run, ranked)
    if change := metric_changes_leader(rankings):
        text.quiet(change)
