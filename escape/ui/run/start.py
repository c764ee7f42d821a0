"""Starting work in the background: a run, judging on the side. Whose money pays, and where a key goes."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from escape import models
from escape.calls import Limits
from escape.hosting import SHARED_KEY_BUDGET
from escape.runs import BACKGROUND, LOOP, Assembly, Emit, Job, LiveJob, LiveRun, Recording, archive, assembly, new_run
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
        run = assembly.stamp_versions(base).model_copy(update={"config": config, "puzzles": tuple(chosen)})
    todo, answers = only or assembly.find_remaining(config, run.results, failed_too=False)
    live = LiveRun(run, len(todo), visitor_is_here())
    if base is not None and (before := state.own_live) and before.run().run_id == base.run_id:
        live.code = before.code  # the same run goes on, at the same address
    for card in state.cards.values():
        if card.judge == config.judge.name:
            live.set_card(card)
    _launch(state, live, (todo, answers), at_end=lambda _: archive.save_run(live), is_kept=True)
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
    try:
        _launch(state, live, (list(answers), dict(answers)), each, at_end)
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


@dataclass
class _RunJob(LiveJob):
    """A run's trials, asked and judged. `each` takes every result beside the run, `at_end` the whole run."""

    live: LiveRun
    assembled: Assembly
    given: Todo
    cap_usd: float | None
    each: Emit | None = None
    at_end: Callable[[Run], None] | None = None
    recording: Recording | None = None

    @property
    def spent_usd(self) -> float | None:
        return self.assembled.calls.budget.meter

    @property
    def first_answers(self) -> Mapping[str, float]:
        return self.assembled.calls.first_answers()

    async def work(self) -> None:
        if self.recording is None:
            await self.assembled.run(*self.given, self._take)
            return
        ledger = self.assembled.calls.budget.ledger
        ledger.write, ledger.commit = self.recording.stake, self.recording.committed
        async with self.recording:
            await self.assembled.run(*self.given, self._take)

    def _take(self, result: Result) -> None:
        self.live.add(result)
        if self.recording:
            self.recording.result(result)
        if self.each:
            self.each(result)

    def stop(self) -> None:
        self.assembled.calls.stop()

    def finish(self) -> None:
        if self.at_end:
            self.at_end(self.live.run())


def _launch(
    state: Session,
    live: LiveRun,
    given: Todo,
    each: Emit | None = None,
    at_end: Callable[[Run], None] | None = None,
    *,
    is_kept: bool = False,
) -> None:
    """Begin work in the background. `is_kept`: a run of its own, on the visitor's shelf, in the store as it comes."""
    run, (todo, answers) = live.run(), given
    limits = Limits(
        cap_usd=run.config.max_cost_usd,
        spent_usd=run.charged_usd,
        proven=state.keys.proven,
        shared=LOOP.share(),
        on_retry=live.retries.append,
        public_only=not host().local,
    )
    job = Job(run, tuple(todo), answers, partial(key_of, state), limits)
    cap = run.config.max_cost_usd
    share = _lent_cap(state, run.config, job.players_to_ask)
    if share is not None:
        job = replace(job, limits=replace(limits, cap_usd=share, spent_usd=0.0))
    assembled = job.assemble()
    if share is not None:
        budget = assembled.calls.budget
        cap = budget.cap = SHARED_KEY_BUDGET.reserve(host().day_cap_usd, share, budget, live)
        state.keys.server_paid_calls.append(assembled.calls)
    try:
        recording = archive.record(live) if is_kept and assembled.makes_calls else None
    except SpecError:
        SHARED_KEY_BUDGET.give_back(live)
        raise
    work = _RunJob(live, assembled, given, cap, each, at_end, recording)
    if not assembled.makes_calls and not host().local:  # nobody pays for it, so it goes on only while one looks on
        work.away_s, work.flight_s = 1.5, 0.0
    if is_kept:
        BACKGROUND.forget(live)  # as it was before it went on, under the same code
        state.put(live)
        if recording:
            archive.save_changes(state.shelf, now=True)  # before its first call, so that its visitor finds it again
    BACKGROUND.start(live, work)
    if not assembled.makes_calls:
        BACKGROUND.wait(live, SHORT_S)  # scripted players and the offline judge: the result comes with this click
