"""The start of work in the background: a run, its continuation, marks only, an exam; and whose money pays."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

from escape import models
from escape.calls import Limits
from escape.runs import (
    BACKGROUND,
    LOOP,
    Execution,
    LiveRun,
    Loan,
    RunPlan,
    archive,
    lend,
    make_plan,
    new_run,
    stamp_versions,
)
from escape.types import Answer, JudgeSpec, Puzzle, Result, Run, RunConfig, SpecError, Trial
from escape.ui.session import Session
from escape.ui.setup import key_of, typed_keys
from escape.ui.visit import host, visitor_is_here

AWAY_S = 1.5  # how long a run that nobody pays for goes on without a page
SHORT_S = 0.9  # a run without calls is over sooner than the page could be drawn twice


def begin(
    state: Session,
    run: Run,
    *,
    again: bool = False,
    only: Collection[Trial] | None = None,
    marks_only: bool = False,
    judge: JudgeSpec | None = None,
) -> None:
    """Begin a new run, or continue the one on show. Raises SpecError.

    Does nothing while a run is in progress. `again`: ask what failed, too. `only`: these trials.
    `marks_only`: ask no player. `judge`: another than the run's, whose marks are kept beside its own.
    """
    if state.running:
        return
    goes_on = state.live is not None and state.live.run().run_id == run.run_id
    if goes_on and state.read_only:
        raise SpecError("this is somebody else's run, which only they can go on with; start one of your own")
    host().check_size(run.config.size)
    live = LiveRun(stamp_versions(run), visitor_is_here())
    if goes_on and state.own_live:
        # the same run goes on, at the same address
        live.code, live.token = (state.own_live.code, state.own_live.token)
    if card := state.card_of(judge or run.config.judge):
        live.set_card(card)
    live.at_end = partial(archive.save_run, live)
    plan = make_plan(
        live.run(), partial(key_of, state), again=again, judge=judge, only=only, marks_only=marks_only
    )
    _launch(state, live, plan, is_kept=True)
    state.page.awaited = live.code  # its end is announced, however soon it comes


def examine(
    state: Session,
    purpose: str,
    config: RunConfig,
    puzzles: list[Puzzle],
    answers: Mapping[Trial, Answer],
    at_end: Callable[[Run], None],
) -> None:
    """Have a judge mark an exam's answers beside the run on show, or say on the page why not.

    `at_end` is given the marked run. Does nothing while a run is in progress.
    """
    if state.running:
        return
    paper = new_run(config, puzzles, purpose)
    paper = paper.model_copy(update={"results": tuple(Result(trial=t, answer=a) for t, a in answers.items())})
    live, own_live = LiveRun(paper, visitor_is_here()), state.own_live
    live.at_end = lambda: at_end(live.run())
    try:
        _launch(state, live, make_plan(paper, partial(key_of, state), is_exam=True))
    except SpecError as error:
        state.page.problem = str(error)
    else:
        state.side = live
        if own_live:  # the report card is put into it, so it stays until the judge is done
            own_live.watchers.append(lambda: live.running)


def _loan_for(state: Session, plan: RunPlan) -> Loan | None:
    """Lend the owner's money to a run that it pays for, in part or whole. None if the visitor pays.

    Raises SpecError if the run's cap or the owner's credit is used up.
    """
    allowed = host()
    if allowed.local or allowed.session_cap_usd is None:
        return None
    asked = plan.players_to_ask
    specs = [p for p in plan.run.config.players if p.name in asked] + [
        *(plan.judge.models if plan.to_mark else ())
    ]
    keys = typed_keys(state)
    if all(not models.provider_of(s).key_env or models.key_scope(s, os.environ) in keys for s in specs):
        return None
    wanted = allowed.session_cap_usd
    if plan.cap_usd is not None:
        wanted = min(wanted, plan.cap_usd - plan.spent_usd)
        if wanted <= 0:
            raise SpecError("the cap of this run is used up; raise it and go on")
    return lend(state.shelf.code, wanted, allowed.day_cap_usd, allowed.session_cap_usd)


def _launch(state: Session, live: LiveRun, plan: RunPlan, *, is_kept: bool = False) -> None:
    """Begin work in the background. Raises SpecError.

    `is_kept`: a run of its own, which goes on the visitor's shelf, and into the store as it comes. Work
    without calls is waited for, at most SHORT_S.
    """
    limits = Limits(
        proven=state.keys.proven,
        shared=LOOP.make_call_limits(),
        on_retry=live.retries.append,
        public_only=not host().local,
    )
    loan = live.loan = _loan_for(state, plan)
    try:
        if loan:
            plan = replace(plan, cap_usd=loan.usd, spent_usd=0.0)
        execution = Execution(plan, limits)
        live.recording = archive.record(live) if is_kept and execution.makes_calls else None
    except SpecError:
        if loan:
            loan.give_back()
        raise
    if loan:
        loan.budget = execution.calls.budget
        if live.recording:
            live.recording.loan = loan
    # it costs nothing, so it continues only while its page is open
    if not execution.makes_calls and not host().local:
        live.away_s, live.flight_s = AWAY_S, 0.0
    if is_kept:
        BACKGROUND.forget(live)  # an earlier copy of it, under the same code
        state.put(live)
        if live.recording:
            # before its first call, so that its visitor finds it again even if this server dies
            archive.save_changes(state.shelf, now=True)
    BACKGROUND.start(live, execution)
    if not execution.makes_calls:
        # scripted players and the offline judge: the result comes with this click
        BACKGROUND.wait(live, SHORT_S)
