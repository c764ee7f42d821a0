"""A visitor's shelf of runs, and each run as its page sees it: results, progress. Starts none, knows no Streamlit."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from escape.calls import Retry
from escape.types import Note, Opinion, Puzzle, ReportCard, Result, Run, RunConfig, Trial

MAX_RUNS = 20  # runs of one visitor; beyond that the oldest is removed
MAX_LOADED = 10  # of these, runs loaded from files, which still exist and take memory here

AWAY_S = 300.0  # how long a run makes new calls after its visitor's page has gone
FLIGHT_S = 120.0  # how long a stopped run waits for the calls that are out

Watcher = Callable[[], bool]  # whether a page still shows a run, askable from any thread
State = Literal["running", "stopping", "finished", "stopped", "failed"]


class LiveJob:
    """What a live run does. In seconds: `away_s` it goes on without its visitor, `flight_s` a stopped one waits."""

    cap_usd: float | None = None
    away_s: float = AWAY_S
    flight_s: float = FLIGHT_S

    @property
    def spent_usd(self) -> float | None:
        """USD so far. None once a price was unknown."""
        return 0.0

    @property
    def first_answers(self) -> Mapping[str, float]:
        """Models whose first answer is still out, and for how many seconds."""
        return {}

    async def work(self) -> None:
        """Do it to the end. Raises EscapeError."""

    def stop(self) -> None:
        """Make no new calls."""

    def finish(self) -> None:
        """Take what came of it. Called once, after the work."""


@dataclass(frozen=True)
class Snapshot:
    """A live run at one moment. `answers`, `done`: trials with an answer, or finished. Times in seconds."""

    state: State
    why: str
    answers: int
    done: int
    total: int
    failed: int
    spent_usd: float | None
    cap_usd: float | None
    first_answers: Mapping[str, float]
    passed_s: float
    left_s: float | None
    retries: tuple[Retry, ...]


class LiveRun:
    """One run in progress or just ended: written by the loop's thread and by its visitors' pages, read by anyone."""

    def __init__(self, run: Run, total: int, alive: Watcher, *, made_here: bool = True) -> None:
        self.code = secrets.token_urlsafe(16)
        self.total = total
        self.state: State = "running"
        self.why = ""
        self.made_here = made_here
        self.watchers = [alive]  # pages of whoever may write to it
        self.viewers: list[Watcher] = []  # pages of others, who came by its link
        self.job: LiveJob | None = None
        self.future: Future[None] | None = None  # of the job
        self.ended: float | None = None
        self.gone_at: float | None = None  # since when no page has shown it
        self.dropped = False  # removed: not written again
        self.token = ""  # of the lease by which its lines are in the store
        self.interrupted = False  # its server died while it went on
        self.elsewhere = False  # another server works on it
        self.saved: Run | None = None  # the run as last written to the store
        self.too_large: Run | None = None  # the run as the store last refused it
        self.retries: deque[Retry] = deque(maxlen=20)
        self._lock = threading.Lock()
        self._opinions: list[Opinion] = list(run.opinions)
        self._cards: dict[str, ReportCard] = {c.judge: c for c in run.cards}
        self._run: Run = run
        self._current: Run | None = run  # None after a change, until it is rebuilt
        self._results = {r.trial: r for r in run.results}
        self._answered: set[Trial] = set()
        self._fresh: set[Trial] = set()
        self._failed: set[Trial] = set()
        self._began = time.monotonic()

    def add(self, result: Result) -> None:
        with self._lock:
            self._results[result.trial] = result.merge(self._results.get(result.trial))
            self._current = None
            if result.failure or (result.answer and not result.owes_repair):
                self._answered.add(result.trial)
            if result.status not in ("answered", "begun"):
                self._fresh.add(result.trial)
                (self._failed.add if result.failure else self._failed.discard)(result.trial)

    def add_opinion(self, opinion: Opinion) -> None:
        with self._lock:
            self._opinions.append(opinion)
            self._current = None

    def put_note(self, note: Note) -> None:
        """Record what went wrong in an answer. A later note by the same reader replaces the earlier one."""
        with self._lock:
            others = [n for n in self._run.notes if (n.trial, n.by) != (note.trial, note.by)]
            self._run = self._run.model_copy(
                update={"notes": (*others, *([note] if note.text or note.category else []))}
            )
            self._current = None

    def rename(self, title: str) -> None:
        with self._lock:
            self._run = self._run.model_copy(update={"title": title.strip()[:120]})
            self._current = None

    def set_card(self, card: ReportCard) -> None:
        with self._lock:
            self._cards[card.judge] = card
            self._current = None

    @property
    def is_open(self) -> bool:
        """True for a run that goes on or was interrupted: what its visitor comes back for."""
        return self.running or self.interrupted or self.elsewhere

    @property
    def running(self) -> bool:
        """True while calls may still be made or come back."""
        return self.state in {"running", "stopping"}

    def run(self) -> Run:
        """Return the run with all results so far. The same object until something changes."""
        with self._lock:
            if self._current is None:
                fields = {
                    "results": tuple(self._results.values()),
                    "opinions": tuple(self._opinions),
                    "cards": tuple(self._cards.values()),
                }
                self._current = self._run.model_copy(update=fields)
            return self._current

    @property
    def size(self) -> int:
        with self._lock:
            return len(self._results)

    def snapshot(self) -> Snapshot:
        with self._lock:
            answers, ended, failed = len(self._answered), len(self._fresh), len(self._failed)
        passed = (self.ended or time.monotonic()) - self._began
        return Snapshot(
            state=self.state,
            why=self.why,
            answers=answers,
            done=ended,
            total=self.total,
            failed=failed,
            spent_usd=self.job.spent_usd if self.job else 0.0,
            cap_usd=self.job.cap_usd if self.job else None,
            first_answers=self.job.first_answers if self.job else {},
            passed_s=passed,
            left_s=passed / ended * (self.total - ended) if ended and self.running else None,
            retries=tuple(self.retries),
        )

    def alive(self) -> bool:
        """Return whether a page of its owner still shows this run: without one, no new calls are made."""
        return any(watch() for watch in tuple(self.watchers))

    def is_seen(self) -> bool:
        return self.alive() or any(watch() for watch in tuple(self.viewers))

    def stop(self, why: str) -> None:
        """Make no new calls; those in flight may finish. Runs on the event loop, where runs end."""
        if self.state == "running" and self.job:
            self.state, self.why = "stopping", why
            self.job.stop()

    def release(self) -> None:
        """Keep only the run's name: it is stored, and its page has gone, which Streamlit may hold for longer."""
        with self._lock:
            self._run = self._current = Run(
                run_id=self._run.run_id, title=self._run.title, started_at=self._run.started_at,
                config=RunConfig(), puzzles=(),
            )  # fmt: skip
            self._results, self._opinions, self._cards, self.job, self.future = {}, [], {}, None, None
            self.watchers, self.viewers = [], []
            self.too_large = None
            self.saved, self.dropped = self._run, True  # what is left here is never written over what is in the store

    def end(self, state: State, why: str = "") -> None:
        self.why = (why if state == "failed" else "") or self.why or why  # a failure says more than a stop before it
        self.state, self.ended = state, time.monotonic()


class SavedRuns:
    """A visitor's runs. `pasted`: answers still to judge. `watchers`: pages that show it. `gone_at`: monotonic."""

    def __init__(self) -> None:
        self.code = secrets.token_urlsafe(16)
        self.runs: list[LiveRun] = []
        self.pasted: dict[tuple[str, str], str] = {}
        self.puzzles: tuple[Puzzle, ...] = ()  # the visitor's own
        self.removed: set[str] = set()  # codes of removed runs
        self.saved: tuple[object, ...] = ()  # the shelf as last written to the store
        self.watchers: list[Watcher] = []
        self.gone_at: float | None = None

    @property
    def contents(self) -> tuple[tuple[str, ...], tuple[tuple[tuple[str, str], str], ...], tuple[Puzzle, ...]]:
        """Return what the store keeps of it: codes of runs, pasted answers, puzzles."""
        return tuple(live.code for live in self.runs), tuple(self.pasted.items()), self.puzzles

    @property
    def gone_for(self) -> float:
        """For how long no page has shown it, in seconds. 0 while one does."""
        return 0.0 if self.gone_at is None else time.monotonic() - self.gone_at

    def alive(self) -> bool:
        """Return whether any page still shows it. One that is away for a moment comes back as the same."""
        return any(watch() for watch in tuple(self.watchers))

    def owns(self, live: LiveRun) -> bool:
        return any(candidate.code == live.code for candidate in self.runs)

    def put(self, live: LiveRun) -> None:
        if live in self.runs:
            return
        self.runs = [r for r in self.runs if r.code != live.code]  # the same run, as it was before it went on
        loaded = [r for r in (*self.runs, live) if not r.made_here][:-MAX_LOADED]
        self.runs = [r for r in (*self.runs, live) if r not in loaded][-MAX_RUNS:]

    def remove(self, live: LiveRun) -> LiveRun | None:
        self.removed.add(live.code)
        self.runs = [r for r in self.runs if r is not live]
        return self.runs[-1] if self.runs else None
