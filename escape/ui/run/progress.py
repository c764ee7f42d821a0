"""The Run button, the progress and the end of a run, and what is left to do: causes, and buttons to continue.

Progress is polled without drawing the whole page.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import streamlit as st

from escape.calls import Retry
from escape.metrics import METRICS
from escape.models import PROVIDERS
from escape.puzzles import files
from escape.results import (
    bill_sentence,
    digest,
    money,
    own_players,
    pluralize,
    seconds,
    unconfirmed_sentence,
    unmarked_sentence,
    wants_told,
)
from escape.runs import LiveRun, Snapshot, estimate_bills, new_run, trials_to_ask, trials_to_mark
from escape.types import ModelSpec, Run, RunConfig, SpecError, Trial, total
from escape.ui import text
from escape.ui.arrival import closed
from escape.ui.pressing import announce, bring, every, pressed
from escape.ui.results import pictures
from escape.ui.run.start import begin
from escape.ui.session import RESULTS, Session
from escape.ui.setup import Choice, render_missing_keys


def render_left_to_do(state: Session, choice: Choice, run: Run) -> bool:
    """Draw each cause once, and buttons that continue or ask again, with their cost.

    True if there is such a button.
    """
    counts, live = digest(run), state.live
    players = own_players(run)
    # nothing can be raised for scripted and recorded players, so theirs are not counted
    cut_off = sum(t.cut_off for player, t in counts.tallies.items() if player in players)
    if cut_off and not state.shows_example:
        text.cause(
            f"{pluralize(cut_off, 'answer')} cut off at the length limit; only what is there was marked. "
            "Raise the limit under Test models, More."
        )
    goes_on = state.running or (live is not None and (live.running or live.elsewhere))
    if not goes_on and (sentence := unconfirmed_sentence(run)):
        text.quiet(f"{sentence}.")
    if goes_on or (not counts.causes and not counts.waiting):
        return False
    for cause in _causes(run, live):
        text.cause(cause)
    if state.read_only:
        return False
    changed = run.model_copy(update={"config": _with_new_limits(run.config, choice)})
    missing, broken = (dict.fromkeys(trials) for trials in left_to_do(run))

    render_missing_keys(state, [*run.config.players, *run.config.judge.models])
    for todo, label, key in ((broken, "Ask these again", "retry"), (missing, "Go on", "continue")):
        if todo:
            with st.container(horizontal=True, vertical_alignment="center", key=f"go_on_{key}"):
                if pressed(
                    state, label, key, type="secondary" if key == "continue" and broken else "primary"
                ):
                    try:
                        begin(state, changed, again=key == "retry", only=todo)
                    except SpecError as error:
                        state.page.problem = str(error)
                    st.rerun()
                text.quiet(what_it_takes(state, changed, todo, again=key == "retry"))
    return bool(broken or missing)


def _causes(run: Run, live: LiveRun | None) -> Iterator[str]:
    """Yield why answers or marks are missing, each reason once: failures, then what was not reached."""
    counts = digest(run)
    of_answers = [(m, n) for (is_mark, m), n in counts.causes.most_common() if not is_mark]
    for message, n in of_answers[:4]:
        yield f"{pluralize(n, 'answer')} failed: {message}"
    if sentence := unmarked_sentence(run):
        yield sentence
    if counts.waiting and live and live.interrupted:
        yield sentence_at_end(live)
    elif counts.to_ask:
        yield f"{pluralize(counts.to_ask, 'answer')} not asked: the run was stopped early."
    elif counts.waiting and not sentence:
        yield f"{pluralize(counts.waiting, 'answer')} not marked: the run was stopped early."


def left_to_do(run: Run) -> tuple[list[Trial], list[Trial]]:
    """Divide what is left into trials not yet asked or marked, and trials that failed.

    If no player is left to ask, all count as failed: where a judge has ended early, what it did not reach is
    marked again together with what it failed at.
    """

    def open_trials(*, again: bool) -> list[Trial]:
        ask = list(trials_to_ask(run, again=again))
        return list(dict.fromkeys([*ask, *trials_to_mark(run, run.config.judge, ask, again=again)]))

    missing, everything = open_trials(again=False), open_trials(again=True)
    not_reached = set(missing)
    broken = [t for t in everything if t not in not_reached]
    if broken and not any(trials_to_ask(run, again=False)):
        return [], everything
    return missing, broken


def _with_new_limits(config: RunConfig, choice: Choice) -> RunConfig:
    """Copy a config with the cap, answer budgets and waits of the set-up.

    They may have been raised so that the run can continue.
    """
    now = choice.config or config
    limits = {p.name: (p.max_tokens, p.timeout_s) for p in now.players}

    def with_limits(spec: ModelSpec) -> ModelSpec:
        tokens, wait = limits.get(spec.name, (spec.max_tokens, spec.timeout_s))
        return spec.model_copy(update={"max_tokens": tokens, "timeout_s": wait})

    players = tuple(map(with_limits, config.players))
    return config.model_copy(update={"max_cost_usd": choice.cap_usd, "players": players})


def what_it_takes(state: Session, run: Run, todo: Collection[Trial], *, again: bool = False) -> str:
    """Describe what continuing costs, and whom a run from a file asks: nobody pays without knowing."""
    wanted = frozenset(todo)
    ask = [t for t in trials_to_ask(run, again=again) if t in wanted]
    mark = [t for t in trials_to_mark(run, run.config.judge, ask, again=again) if t in wanted]
    config = run.config
    try:
        players, judge = estimate_bills(config, run.puzzles, ask, mark)
    except KeyError:  # a file may name players of another version, or of somebody else's
        return "A player or judge named in this file is not available here."
    sentence = f"{pluralize(len(todo), 'answer')}: {bill_sentence(players, judge)}"
    if state.live and state.live.made_here:
        return f"{sentence}."
    players_asked = dict.fromkeys(t.player for t in ask)
    who = f"Players in the file: {', '.join(players_asked)}. " if players_asked else ""
    return f"{sentence}. {who}Judge: {config.judge.name}."


def render_told_offer(state: Session, run: Run) -> None:
    """Draw a button that adds the told rooms to the visitor's run, with their cost.

    Nothing if no player's answers call for them.
    """
    if state.running or state.read_only or (state.live and state.live.elsewhere) or not wants_told(run):
        return
    told_rooms = [p for p in files.shared_set(files.TOLD) if p.problem_id not in run.config.problem_ids]
    ids = (*run.config.problem_ids, *(p.problem_id for p in told_rooms))
    config = run.config.model_copy(update={"problem_ids": ids, "puzzle_set": ""})
    told_ids = {p.problem_id for p in told_rooms}
    todo = [t for t in config.trials() if t.problem_id in told_ids]
    if not todo:
        return
    grown = run.model_copy(update={"config": config, "puzzles": (*run.puzzles, *told_rooms)})
    with st.container(horizontal=True, vertical_alignment="center", key="follow_form"):
        if pressed(state, "Can it follow the form?", "follow_form_ask"):
            try:
                begin(state, grown, only=todo)
            except SpecError as error:
                state.page.problem = str(error)
            st.rerun()
        text.quiet(f"Six short rooms that say what to do. {what_it_takes(state, grown, todo)}")


def render_marks_offer(state: Session, run: Run) -> None:
    """Draw a button that marks the answers in rooms left out of the marking, with its cost."""
    if (
        state.running
        or state.read_only
        or run.config.marked_ids is None
        or (state.live and state.live.elsewhere)
    ):
        return
    whole = run.model_copy(update={"config": run.config.model_copy(update={"marked_ids": None})})
    todo = trials_to_mark(whole, whole.config.judge, (), again=True)
    if not todo:
        return
    n = len(
        {t.problem_id for t in whole.config.trials()} & {r.trial.problem_id for r in run.results if r.answer}
    )
    with st.container(horizontal=True, vertical_alignment="center", key="mark_all"):
        if pressed(state, f"Mark all {pluralize(n, 'room')}", "mark_all_now"):
            try:
                begin(state, whole, only=todo, again=True, marks_only=True)
            except SpecError as error:
                state.page.problem = str(error)
            st.rerun()
        text.quiet(what_it_takes(state, whole, todo, again=True))


LONG_S = 5.0  # how long a model's first answer may take before the page says that it waits for it
AWAY = "If you close the page, no new calls start after five minutes."


def render_run_line(state: Session, choice: Choice) -> None:
    """Draw how far a run is; if none is running, the Run button, what it will do, and how it ended."""
    live = state.own_live
    if live is not None and live.running:
        render_watch(state, live)
        return
    over = live is not None and live.made_here and not live.elsewhere and not state.shows_example
    before, now = live.run().config if over and live else None, choice.config
    same = (
        before is not None
        and now is not None
        and (before.players, before.judge, before.problem_ids) == (now.players, now.judge, now.problem_ids)
    )
    with st.container(horizontal=True, vertical_alignment="center", key="runline"):
        ready = choice.config is not None and not state.running
        kind = "secondary" if same else "primary"
        if (
            pressed(state, "Run again" if same else "Run", "run", type=kind, disabled=not ready)
            and choice.config
        ):
            try:
                begin(state, new_run(choice.config, choice.puzzles))
                bring(state, "progress")
            except SpecError as error:
                state.page.problem = str(error)
            st.rerun()
        text.quiet(choice.lacking or f"{choice.summary} {AWAY if choice.may_cost else ''}")
    if over and live is not None:
        with st.container(key="ended"):
            if not live.interrupted:  # an interruption is among the causes that render draws below
                text.quiet_heading(sentence_at_end(live))
            is_unfinished = render_left_to_do(state, choice, live.run())
            st.button("See results", key="see_results", type="secondary" if is_unfinished else "primary",
                      on_click=state.go_to, args=(RESULTS,))  # fmt: skip


def render_above(state: Session) -> None:
    if state.page.problem:
        text.cause(state.page.problem)
    if state.live and state.live.elsewhere:
        text.quiet("This run goes on elsewhere, or did. Reload to see how far it is.")
    if state.read_only:
        text.quiet(
            "You are reading someone else's run: only its owner can change it. Runs you start are your own."
        )
    if state.side is not None and state.side.running:
        text.quiet(state.side.run().title)
        every(1.0, _render_side, state, state.side)
        state.page.awaited = state.side.code
    elif state.page.awaited and (state.live is None or state.live.code != state.page.awaited):
        state.page.awaited = ""
        text.status("The judging has ended.")
    elif state.live and state.page.awaited == state.live.code and not state.live.running:  # on whichever tab
        state.page.awaited = ""
        announce(state, sentence_at_end(state.live), lost="ended")


def _render_side(state: Session, live: LiveRun) -> None:
    now = live.snapshot()
    if not live.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="side"):
        text.quiet(progress_sentence(now))
        st.button("Stop judging", key="stop_side", on_click=state.stop, args=(live,))


def sentence_at_end(live: LiveRun) -> str:
    """Describe how a run ended: `Done: 58 of 60 answers, 2 failed, 40 of 40 marks, 0.03 USD.`"""
    now, counts = live.snapshot(), digest(live.run())
    failed = sum(t.failed for t in counts.tallies.values())
    if live.interrupted and counts.waiting:
        asked = pluralize(max(counts.answers, live.run().config.size), "answer")
        return f"Interrupted. {counts.answers} of {asked} are saved."
    lead = {"stopped": "Stopped", "failed": f"The run failed: {now.why}"}.get(now.state, "Done")
    parts = [f"{counts.answers} of {pluralize(max(counts.answers, live.run().config.size), 'answer')}"]
    if failed:
        parts.append(f"{failed} failed")
    if now.to_mark:
        parts.append(f"{now.marks} of {pluralize(now.to_mark, 'mark')}")
    spent = total([t.cost_usd for t in counts.tallies.values()])
    if spent != 0:
        parts.append(money(spent))
    return f"{lead}: {', '.join(parts)}." if now.state != "failed" else f"{lead}."


def render_watch(state: Session, live: LiveRun) -> None:
    every(1.0, _render_progress, state, live)


def _render_progress(state: Session, live: LiveRun) -> None:
    now, run = live.snapshot(), live.run()
    if not live.running or (not state.may_write(live) and closed(state, live.code)):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="progress"):
        text.quiet(progress_sentence(now))
        if state.may_write(live):
            st.button(
                "Stop" if now.state == "running" else "Stop now",
                key="stop",
                on_click=state.stop,
                args=(live,),
                help="No new calls are made; calls in progress are kept.",
            )
    st.progress(min(1.0, (now.answers + now.marks + now.unmarked) / max(1, now.asked + now.to_mark)))
    for retry in now.retries[-2:]:
        text.quiet(waiting(retry))
    for model, passed_s in now.first_answers.items():
        if passed_s >= LONG_S:
            text.quiet(f"Waiting for {model}'s first answer, {seconds(passed_s)}.")
    if run.puzzles:
        pictures.render_live_doors(run, METRICS["verified"], reference=state.page.reference)


def waiting(retry: Retry) -> str:
    label = PROVIDERS[retry.provider].label if retry.provider in PROVIDERS else "a provider"
    if retry.away_s:
        since = datetime.now().astimezone() - timedelta(seconds=retry.away_s)
        return f"Waiting for {label}, unavailable since {since:%H:%M}. Nothing is lost."
    if retry.spacing_s:
        pace = f"one call every {retry.spacing_s:.2g} s" if retry.spacing_s > 0.02 else "a little more slowly"
        return (
            f"{label} asks us to slow down: the next call goes out in {seconds(retry.wait_s)}, then {pace}."
        )
    return f"Asking {label} again in {seconds(retry.wait_s)}: {retry.kind.value.replace('_', ' ')}."


def progress_sentence(now: Snapshot) -> str:
    """Describe the progress of a run.

    `answers 34 of 40, marks 20 of 40 · about 40 s left · 0.012 USD of at most 0.1 · 1 failed`.
    """
    counts = [("answers", now.answers, now.asked), ("marks", now.marks, now.to_mark)]
    counted = ", ".join(f"{what} {n} of {of}" for what, n, of in counts if of)
    parts = [counted] if counted else []
    if now.state == "stopping":
        parts.append("stopping: calls on their way are kept")
    elif now.left_s is None:  # a sign of life while the first answer is on its way
        parts.append(f"{seconds(now.passed_s)} so far")
    else:
        parts.append(f"about {seconds(now.left_s)} left")
    spent = money(now.spent_usd)
    parts.append(
        f"{spent} of at most {now.cap_usd:g}" if now.cap_usd is not None and now.spent_usd else spent
    )
    if now.failed:
        parts.append(f"{now.failed} failed")
    if now.unmarked:
        parts.append(f"{now.unmarked} not marked")
    return " · ".join(parts)
