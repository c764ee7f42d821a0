"""A visitor's shelf of runs, and each run as its page sees it. Starts none, knows no Streamlit."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, NamedTuple

from escape.calls import Retry
from escape.runs.execution import Execution
from escape.runs.file import GrowingRun
from escape.runs.lending import Loan
from escape.runs.recording import Recording
from escape.types import Mark, Note, Puzzle, ReportCard, Result, Run, RunConfig, Trial, TrialKey, by_person

MAX_RUNS = 20  # runs of one visitor; beyond that the oldest is removed
MAX_LOADED = 10  # of these, runs loaded from files, which still exist and take memory here

AWAY_S = 300.0  # how long a run makes new calls after its visitor's page has gone
FLIGHT_S = 120.0  # how long a stopped run waits for the calls that are out

Watcher = Callable[[], bool]  # whether a page still shows a run, askable from any thread
State = Literal["running", "stopping", "finished", "stopped", "failed"]


@dataclass(frozen=True)
class Snapshot:
    """The progress of a live run at one moment; times in seconds.

    `answers` of `asked` trials have ended, `failed` among them by a failed call. `marks` of `to_mark` have
    been given; `unmarked` further ones have failed.
    """

    state: State
    why: str
    answers: int
    asked: int
    marks: int
    to_mark: int
    failed: int
    unmarked: int
    spent_usd: float | None
    cap_usd: float | None
    first_answers: Mapping[str, float]
    passed_s: float
    left_s: float | None
    retries: tuple[Retry, ...]


class LiveRun:
    """One run in progress or just ended. The loop's thread and its visitors' pages write to it.

    It is the sink of its execution: `result`, `mark`, `stake`, `committed`.
    """

    def __init__(self, run: Run, alive: Watcher, *, made_here: bool = True) -> None:
        self.code = secrets.token_urlsafe(16)
        self.state: State = "running"
        self.why = ""
        self.made_here = made_here
        self.watchers = [alive]  # pages of whoever may write to it
        self.viewers: list[Watcher] = []  # pages of others, who came by its link
        self.execution: Execution | None = None
        self.recording: Recording | None = None
        self.loan: Loan | None = None  # of the owner's money, where that pays
        self.away_s, self.flight_s = AWAY_S, FLIGHT_S
        self.future: Future[None] | None = None  # of the execution
        self.ended: float | None = None
        self.gone_at: float | None = None  # since when no page has shown it
        self.dropped = False  # removed: not written again
        self.token = secrets.token_urlsafe(12)  # of its version in the store
        # its lines in the store are unfinished and nobody continues it, as after a server died
        self.interrupted = False
        self.elsewhere = False  # another server or page continues it or has done: this copy is older
        self.saved: Run | None = None  # the run as last written to the store
        self.too_large: Run | None = None  # the run as the store last refused it
        self.retries: deque[Retry] = deque(maxlen=20)
        self.at_end: Callable[[], None] = lambda: None  # called once, after its execution
        self._lock = threading.RLock()
        self._growing = GrowingRun.of(run)
        self._current: Run | None = run  # None after a change, until it is rebuilt
        self._answered: set[Trial] = set()
        self._failed: set[Trial] = set()
        self._marked: set[Trial] = set()
        self._unmarked: set[Trial] = set()  # those whose marking has failed
        self._began = time.monotonic()

    # called by the execution, in the loop's thread

    def result(self, result: Result) -> bool:
        with self._lock:
            line, self._current = self._growing.result(result), None
            if result.failure or (result.answer and not result.owes_repair):
                self._answered.add(result.trial)
                if result.failure:
                    self._failed.add(result.trial)
                else:
                    self._failed.discard(result.trial)
        if self.recording:
            self.recording.put(line)
        return True

    def mark(self, mark: Mark) -> None:
        with self._lock:
            line, self._current = self._growing.mark(mark), None
            if mark.verdict and not by_person(mark.rater):
                self._marked.add(mark.trial)
                self._unmarked.discard(mark.trial)
            elif mark.failure:
                self._unmarked.add(mark.trial)
        if self.recording:
            self.recording.put(line)

    def stake(self, trial: TrialKey, usd: float) -> None:
        with self._lock:
            line = self._growing.stake(trial, usd)
        if self.recording:
            self.recording.put(line)

    async def committed(self) -> None:
        """Wait until every stake so far is in the store, if this run is recorded there."""
        if self.recording:
            await self.recording.committed()

    # called by pages

    def put_note(self, note: Note) -> None:
        """Record what went wrong in an answer, in place of the same reader's earlier note.

        An empty note only removes the earlier one.
        """
        with self._lock:
            others = [n for n in self.run().notes if (n.trial, n.by) != (note.trial, note.by)]
            self._amend(notes=(*others, *([note] if note.text or note.category else [])))

    def rename(self, title: str) -> None:
        self._amend(title=title.strip()[:120])

    def set_card(self, card: ReportCard) -> None:
        with self._lock:
            self._amend(cards=(*(c for c in self.run().cards if c.judge != card.judge), card))

    def _amend(self, **fields: object) -> None:
        with self._lock:
            self._growing.amend(**fields)
            self._current = None

    @property
    def is_open(self) -> bool:
        """True for a run that goes on, here or elsewhere, or was interrupted.

        Its visitor comes back for it.
        """
        return self.running or self.interrupted or self.elsewhere

    @property
    def running(self) -> bool:
        """True while calls may still be made or come back."""
        return self.state in {"running", "stopping"}

    def run(self) -> Run:
        """Assemble the run with all results so far. The same object until something changes."""
        with self._lock:
            if self._current is None:
                self._current = self._growing.run
            return self._current

    @property
    def size(self) -> int:
        with self._lock:
            return len(self._growing)

    def snapshot(self) -> Snapshot:
        with self._lock:
            answers, marks, failed = len(self._answered), len(self._marked), len(self._failed)
            unmarked = len(self._unmarked)
        work = self.execution
        asked, to_mark = (len(work.plan.to_ask), len(work.plan.to_mark)) if work else (answers, marks)
        passed, done = (self.ended or time.monotonic()) - self._began, answers + marks + unmarked
        return Snapshot(
            state=self.state,
            why=self.why,
            answers=answers,
            asked=asked,
            marks=marks,
            to_mark=to_mark,
            failed=failed,
            unmarked=unmarked,
            spent_usd=work.spent_usd if work else 0.0,
            cap_usd=work.plan.cap_usd if work else None,
            first_answers=work.calls.first_answers() if work else {},
            passed_s=passed,
            left_s=passed / done * (asked + to_mark - done) if done and self.running else None,
            retries=tuple(self.retries),
        )

    def alive(self) -> bool:
        """Tell whether a page that may write to this run still shows it.

        Without one, the run is stopped after `away_s`.
        """
        return any(watch() for watch in tuple(self.watchers))

    def is_seen(self) -> bool:
        return self.alive() or any(watch() for watch in tuple(self.viewers))

    def stop(self, why: str) -> None:
        """Make no new calls; those in flight may finish.

        To be called on the event loop, where runs end.
        """
        if self.state == "running" and self.execution:
            self.state, self.why = "stopping", why
            self.execution.stop()

    def release(self) -> None:
        """Drop everything but the run's name, and never save it again.

        It is stored and its page has gone, but Streamlit may hold the page's objects for longer.
        """
        with self._lock:
            run = self.run()
            self._current = Run(
                run_id=run.run_id, title=run.title, started_at=run.started_at, config=RunConfig(), puzzles=(),
            )  # fmt: skip
            self._growing = GrowingRun.of(self._current)
            self.execution, self.recording, self.future, self.loan = None, None, None, None
            self.watchers, self.viewers = [], []
            self.too_large = None
            self.saved = self._current
            self.dropped = True  # never saved over the stored run

    def end(self, state: State, why: str = "") -> None:
        # a failure says more than a stop before it
        self.why = (why if state == "failed" else "") or self.why or why
        self.state, self.ended = state, time.monotonic()


class ShelfContents(NamedTuple):
    """The stored parts of a shelf: codes of runs, pasted answers, own puzzles and instructions."""

    runs: tuple[str, ...] = ()
    pasted: tuple[tuple[tuple[str, str], str], ...] = ()
    puzzles: tuple[Puzzle, ...] = ()
    instructions: tuple[tuple[str, str], ...] = ()


class Shelf:
    """A visitor's shelf. `pasted`: answers still to judge. `watchers`: pages that show it.

    `gone_at`: since when none does, in monotonic seconds.
    """

    def __init__(self) -> None:
        self.code = secrets.token_urlsafe(16)
        self.runs: list[LiveRun] = []
        self.pasted: dict[tuple[str, str], str] = {}
        self.puzzles: tuple[Puzzle, ...] = ()  # the visitor's own
        self.instructions: dict[str, str] = {}  # for players, by name
        self.removed: set[str] = set()  # codes of removed runs
        self.saved: tuple[object, ...] = ()  # the shelf as last written to the store
        self.watchers: list[Watcher] = []
        self.gone_at: float | None = None

    @property
    def contents(self) -> ShelfContents:
        codes = tuple(live.code for live in self.runs)
        return ShelfContents(
            codes, tuple(self.pasted.items()), self.puzzles, tuple(self.instructions.items())
        )

    @property
    def gone_for(self) -> float:
        """Seconds for which no page has shown it. 0 while one does."""
        return 0.0 if self.gone_at is None else time.monotonic() - self.gone_at

    def alive(self) -> bool:
        """Tell whether any page still shows it.

        A page that is away for a moment comes back as the same one.
        """
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
