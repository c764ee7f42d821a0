"""Starting work in the background: a run, judging on the side. Whose money pays, and where a key goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

from escape import models
from escape.calls import Limits
from escape.hosting import SHARED_KEY_BUDGET, SharedKeyRun
from escape.runs import BACKGROUND, LOOP, Emit, Job, LiveJob, LiveRun, archive, assembly, new_run, resumed
from escape.types import Answer, Puzzle, Result, Run, RunConfig, SpecError, Trial
from escape.ui.session import Session
from escape.ui.setup import key_of, typed_keys
from escape.ui.visit import host, visitor_is_here

SHORT_S = 0.9  # a run without calls is over sooner than the page could be drawn twice

Todo = tuple[list[Trial], dict[Trial, Answer]]


def start(
    state: Session, config: RunConfig, chosen: list[Puzzle], base: Run | None = None, *, only: Todo | None = None
) -> None:
    """Begin a run, or go on with `base`: with all that is missing, or with `only` that. Raises SpecError."""
    if state.running:
        return
    if base is not None and state.live and state.reading and base.run_id == state.live.run().run_id:
        raise SpecError("this is somebody else's run, which only they can go on with; start one of your own")
    host().check_size(config.size)
    run = new_run(config, chosen)
    if base is not None:
        run = resumed(base).model_copy(update={"config": config, "puzzles": tuple(chosen)})
    todo, answers = only or assembly.missing(config, run.results, failed_too=False)
    live = LiveRun(run, len(todo), visitor_is_here())
    for card in state.cards.values():
        if card.judge == config.judge.name:
            live.set_card(card)
    _launch(state, live, config, chosen, (todo, answers), at_end=partial(archive.save_run, live))
    state.put(live)
    state.page.awaited = live.code  # its end is announced, however soon it comes


def judge_aside(
    state: Session,
    purpose: str,
    config: RunConfig,
    puzzles: list[Puzzle],
    answers: Mapping[Trial, Answer],
    *,
    each: Emit | None = None,
    at_end: Callable[[Run], None] | None = None,
) -> None:
    """Let a judge mark answers that are there: `each` takes every mark as it comes, `at_end` all, or say why not."""
    if state.running:
        return
    live, own_live = LiveRun(new_run(config, puzzles, purpose), len(answers), visitor_is_here()), state.own_live
    end = (lambda: at_end(live.run())) if at_end else None
    try:
        _launch(state, live, config, puzzles, (list(answers), dict(answers)), each, end)
    except SpecError as error:
        state.page.problem = str(error)
    else:
        state.side = live
        if own_live:  # what the judge says is written into it, so it stays until the judge is done
            own_live.watchers.append(lambda: live.running)


def _lent_cap(state: Session, config: RunConfig, player_names: Collection[str]) -> float | None:
    """Return what is left of the visitor's share of the owner's keys. None where those pay nothing."""
    allowed = host()
    if allowed.local or allowed.session_cap_usd is None:
        return None
    specs = [*(p for p in config.players if p.name in player_names), *config.judge.models]
    keys = typed_keys(state)
    if all(not models.provider_of(s).key_env or models.key_scope(s, os.environ) in keys for s in specs):
        return None
    usd_left = allowed.session_cap_usd - sum(c.budget.spent + c.budget.doubtful for c in state.keys.server_paid_calls)
    if usd_left <= 0:
        raise SpecError("you have used your share of this page's credit; paste your own key to continue")
    return usd_left if config.max_cost_usd is None else min(usd_left, config.max_cost_usd)


def _launch(
    state: Session,
    live: LiveRun,
    config: RunConfig,
    chosen: list[Puzzle],
    given: Todo,
    each: Emit | None = None,
    at_end: Callable[[], None] | None = None,
) -> None:
    todo, answers = given
    run = live.run().model_copy(update={"config": config, "puzzles": tuple(chosen)})

    limits = Limits(
        cap_usd=config.max_cost_usd,
        spent_usd=run.charged_usd,
        proven=state.keys.proven,
        shared=LOOP.share(),
        on_retry=live.retries.append,
        public_only=not host().local,
    )
    job = Job(run, tuple(todo), answers, lambda spec: key_of(state, spec), limits)
    share = _lent_cap(state, config, job.asked)
    cap = config.max_cost_usd if share is None else share
    if share is not None:
        job = replace(job, limits=replace(limits, cap_usd=share, spent_usd=0.0))
    assembled = job.assembled()
    if share is not None:
        budget = assembled.calls.budget

        def lent(day: str, cap: float) -> SharedKeyRun:
            return SharedKeyRun(day, cap, lambda: budget.spent + budget.doubtful, lambda: live.running)

        cap = budget.cap = SHARED_KEY_BUDGET.reserve(host().day_cap_usd, share, lent).cap_usd
        state.keys.server_paid_calls.append(assembled.calls)

    def take(result: Result) -> None:
        live.add(result)
        if each:
            each(result)

    whole = LiveJob(
        work=partial(assembled.run, todo, answers, take),
        stop=assembled.calls.stop,
        meter=lambda: assembled.calls.budget.meter,
        cap_usd=cap,
        done=at_end or (lambda: None),
    )
    if (
        not assembled.asks_somebody and not host().local
    ):  # nobody pays for it, so it is only computed while one looks on
        whole = replace(whole, away_s=1.5, flight_s=0.0)
    BACKGROUND.start(live, whole)
    if not assembled.asks_somebody:
        BACKGROUND.wait(live, SHORT_S)  # scripted players and the offline judge: the result comes with this click
