"""The Results tab: who did how well, how sure that is, and where.

Also the first steps of a first visit, and the same run on other rooms or with other weights.
"""

import streamlit as st

from escape import results
from escape.judges import SCORES, precomputed
from escape.metrics import LABELS, METRICS, Metric
from escape.models import is_scripted
from escape.puzzles import earlier_prompts, recorded_players
from escape.results import digest, ranking, results_sentence, sample_rooms, units, weighed
from escape.types import Run
from escape.ui import text
from escape.ui.judge import judge
from escape.ui.play import call_it
from escape.ui.pressing import bring, render_copy_link
from escape.ui.results import export, pictures
from escape.ui.run import example, progress
from escape.ui.session import CONTRADICTED, PLAY, TEST, Session
from escape.ui.setup import Choice
from escape.ui.tables import (
    render_corrected,
    render_every_time,
    render_pairs,
    render_standings,
    render_took,
    render_twists,
)

DRAWN_ROOMS = 5


def render_redrawn(run: Run, metric: Metric) -> None:
    """Draw the run on other rooms, and with other weights.

    Nothing for fewer than two players. Rooms are drawn if there are more than DRAWN_ROOMS, weights if a judge
    marked.
    """
    if len(digest(run).players) < 2:
        return
    if len(units(run)) > DRAWN_ROOMS:
        _render_draws(run, metric)
    if digest(run).judges:
        _render_weights(run)


def _render_draws(run: Run, metric: Metric) -> None:
    number = f"draws_{run.run_id}"

    def again() -> None:
        st.session_state[number] = st.session_state.get(number, 0) + 1

    st.button(f"Draw {DRAWN_ROOMS} other rooms", key="draw_others", on_click=again)
    if n_draws := st.session_state.get(number, 0):
        small = sample_rooms(run, DRAWN_ROOMS, n_draws)
        names = ", ".join(p.name for p in small.puzzles)
        text.lead(f"Draw {n_draws}: {results_sentence(ranking(small, metric))}")
        text.quiet(f"Drawn: {names}.")


def _render_weights(run: Run) -> None:
    text.heading("Other weights")
    columns = st.columns(len(SCORES), gap="large")
    weights = [
        column.slider(f"Weight of {LABELS[score]}", 0.0, 3.0, 1.0, 0.5, key=f"weight_{score}")
        for column, score in zip(columns, SCORES, strict=True)
    ]
    ranked = ranking(run, weighed(METRICS["standard"], *weights))
    if not any(weights) or not ranked.basis.top:
        text.cause("None of the scores with a weight can be worked out here; give another score a weight.")
        return
    text.lead(results_sentence(ranked))


def render_example_button(state: Session) -> None:

    def show_it() -> None:
        if (run := example.of_rooms()) is not None:
            state.open_on(run)

    if not state.shows_example:
        st.button("Show the example", key="example", on_click=show_it, disabled=state.running)


def render_opening(state: Session) -> None:
    """Draw the three first steps. On a phone, Would this plan work? comes first and has the accent."""

    def play() -> None:
        state.go_to(PLAY)
        bring(state, "play_told")

    def call() -> None:
        st.session_state["play_what"] = call_it.CALL
        if state.calling is None:
            call_it.begin_bets(state)
        state.go_to(PLAY)

    with st.container(horizontal=True, vertical_alignment="center", key="first_steps"):
        st.button("Test your model", key="try_own", type="primary", on_click=state.go_to, args=(TEST,))
        st.button("Would this plan work?", key="try_call", on_click=call)
        st.button("Play a room", key="try_play", on_click=play)


def chosen_metric(state: Session, run: Run | None) -> Metric:
    if run is None:
        return METRICS[state.metric or "standard"]
    return METRICS[state.metric] if state.metric in _metrics_on_offer(run) else results.usual(run)


def _metrics_on_offer(run: Run) -> list[str]:
    return [n for n, m in METRICS.items() if m.needs_judge or results.digest(run).rooms]


def render_metric_control(state: Session, run: Run) -> Metric:
    st.session_state["metric"] = chosen_metric(state, run).name

    def choose() -> None:
        state.metric = st.session_state["metric"]

    name = st.segmented_control(
        "Metric",
        _metrics_on_offer(run),
        format_func=lambda n: METRICS[n].label,
        key="metric",
        required=True,
        on_change=choose,
    )
    return METRICS[name or "standard"]


Place = st.delta_generator.DeltaGenerator


def render_headline(state: Session, run: Run) -> Place | None:
    """Draw the headline and the doors before the set-up; return the place between them.

    None while a run is in progress.
    """
    if state.live and state.live.running:
        return None
    metric = chosen_metric(state, run)
    with st.container(key="headline"):
        text.lead(_headline_sentence(state, run, metric))
    place = st.container()
    if state.shows_example:
        render_opening(state)
    pictures.render_doors(state, run, metric)
    return place


def _headline_sentence(state: Session, run: Run, metric: Metric) -> str:
    """Compose the headline: how the run's own players compare.

    A single one is set beside the reference lines.
    """
    ranked = _rankings(state, run)[metric]
    if state.shows_example:
        only_scripted = all(map(is_scripted, run.players))
        return (
            results.results_sentence(ranked)
            if only_scripted
            else f"{results.opening_sentence(ranked)} Where is yours?"
        )
    failed = sum(t.failed for t in results.digest(run).tallies.values())
    if failed and results.sets(run) and all(s.headline is None for s in ranked.standings):
        return (
            f"{results.pluralize(failed, 'answer')} failed, so nothing can be said yet; the reason is "
            "given below."
        )
    reference = ""
    if not metric.needs_judge and len(results.own_players(run)) == 1:
        reference = results.doors.reference_sentence(
            pictures.bands_of(state, run, metric), results.main_set(run)
        )
    return results.run_sentence(run, ranked, reference)


def _rankings(state: Session, run: Run) -> dict[Metric, results.Ranking]:
    return state.worked_out(run, "rankings", lambda: {m: results.ranking(run, m) for m in METRICS.values()})


def render(state: Session, choice: Choice, run: Run, place: Place | None) -> None:
    if state.live and state.live.running:
        text.lead("The run is still in progress. Its result will be stated when it ends.")
        progress.render_watch(state, state.live)
        return
    if place is None:  # the run may have ended since the page's first part was drawn
        place = render_headline(state, run)
    under_sentence = place if place is not None else st.container()
    metric = chosen_metric(state, run)
    with under_sentence:
        is_unfinished = False
        if not state.shows_example:
            _render_lost(state, run)
            is_unfinished = progress.render_left_to_do(state, choice, run)
            progress.render_told_offer(state, run)
            progress.render_marks_offer(state, run)
            with st.container(horizontal=True, vertical_alignment="center", key="take_away"):
                if state.read_only:
                    st.button(
                        "Test your model", key="try_own", type="primary", on_click=state.go_to, args=(TEST,)
                    )
                export.render(state, run, metric, primary=not is_unfinished and not state.read_only)
                if state.live:
                    render_copy_link("copy_run", {"run": state.live.code})
                if not state.read_only:
                    st.button("Run again", key="again", on_click=state.go_to, args=(TEST,))
    with st.container(horizontal=True, vertical_alignment="center", key="trust"):
        with st.popover("How these were recorded", type="tertiary"):
            for about in recorded_players().values():
                unknown = f" Not known: {'; '.join(about.unknown)}." if about.unknown else ""
                text.heading(about.short)
                text.quiet(f"{about.model}. Asked on {about.asked_on}. {about.asked}{unknown}")
                if earlier := earlier_prompts(about.name):
                    text.quiet(earlier)
        with st.popover("How far to trust this", type="tertiary"):
            _render_trust(state, run, _rankings(state, run)[metric])
        if not state.shows_example and not metric.needs_judge:
            st.session_state["reference"] = state.page.reference

            def turn() -> None:
                state.page.reference = st.session_state["reference"]

            st.toggle("Recorded models", key="reference", on_change=turn,
                      help="And random moves, in grey, for reference.")  # fmt: skip
    details = st.expander("Details", key="details", on_change="rerun")
    if details.open:
        with details:
            _render_details(state, choice, run, metric)


def _render_lost(state: Session, run: Run) -> None:
    if (lost := state.worked_out(run, "lost", lambda: results.lost_attempt(run))) is None:
        return

    def read() -> None:
        state.read(lost.key)
        bring(state, "answer")

    with st.container(horizontal=True, vertical_alignment="center", key="lost"):
        words = f"{text.label(lost.before)} **{text.label(lost.room)}** {text.label(lost.after)}"
        st.button(words, key="read_lost", type="tertiary", on_click=read)


def _scripted_sentence(counts: results.RunSummary) -> str:
    """Say that scripted players ask no model. "" if there are none."""
    if not any(map(is_scripted, counts.players)):
        return ""
    # stored marks were made by models, so that a model was asked after all
    only_scripted = all(map(is_scripted, counts.players)) and not precomputed(counts.judges)
    nobody = "no model was asked" if only_scripted else "nobody was asked"
    return f"Demo and control players are scripted: {nobody}."


def _render_trust(state: Session, run: Run, ranked: results.Ranking) -> None:
    """Draw how far to trust the figures.

    What else affects them, how often judges and rooms are wrong, and where the two disagree.
    """
    counts = results.digest(run)
    any_plan = any(t.plans for t in counts.tallies.values())
    for sentence in (
        "The intervals say how far this could move with other rooms by the same authors; they do not cover "
        "other people's rooms or the real world." if any_plan else "",
        _scripted_sentence(counts),
        results.basis_sentence(ranked),
        results.reading_sentence(ranked),
        results.places_sentence(ranked),
        results.trust_sentence(run),
        results.against_sentence(run),
        results.error_sentence() if any_plan else "",
    ):  # fmt: skip
        if sentence:
            text.quiet(sentence)
    if contradicted := results.digest(run).contradicted:

        def read() -> None:
            st.session_state["answer_filter"] = CONTRADICTED
            state.read(contradicted[0])

        n = results.pluralize(len(contradicted), "answer")
        st.button(f"Read the {n} on which judge and room disagree", on_click=read, key="read_contradicted")


PARTS = ("Figures", "Pairs and other rooms", "Charts", "The judge", "What was run")
FIGURES, PAIRS, PICTURES, JUDGE, FACTS = PARTS


def _render_details(state: Session, choice: Choice, run: Run, metric: Metric) -> None:
    rankings = _rankings(state, run)
    part = st.segmented_control(
        "Part", PARTS, key="part", default=FIGURES, required=True, label_visibility="collapsed"
    )
    if part == FIGURES:
        if chance := results.chance_sentence(run):
            text.quiet(chance)
        ranked = rankings[render_metric_control(state, run)]
        metric = ranked.basis.metric
        same = metric.name != "standard" and ranked.standings == rankings[METRICS["standard"]].standings
        text.quiet(metric.explanation + (" It changes nothing here." if same else ""))
        render_standings(run, ranked)
        render_corrected(run)
        render_took(run)
        render_every_time(run)
        for sentence in (results.help_sentence(ranked), results.metric_changes_leader(rankings)):
            if sentence:
                text.quiet(sentence)
        render_twists(run)
        if state.shows_example:
            with st.container(horizontal=True, key="take_away"):
                export.render(state, run, metric, primary=False)
    elif part == PAIRS:
        render_pairs(run, rankings[metric])
        render_redrawn(run, metric)
    elif part == PICTURES:
        if any(line.headline for line in rankings[metric].standings):
            # the chart library alone takes longer than the rest of the page
            pictures.render(state, run, metric)
    elif part == JUDGE:
        judge.render(state, choice, run, metric)
    else:
        text.table([("", ""), ("", "")], [list(fact) for fact in results.facts(run, metric)])
