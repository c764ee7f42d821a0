"""Runs, shelves, report cards and bets that outlive the server, in the store.

They are written in the background and read back on request. Without a usable store, runs and shelves live in
memory as long as the server does.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from pydantic import Field

from escape.judges import PROMPTS
from escape.judges.examined import exam, labelled
from escape.runs import memory
from escape.runs.background import BACKGROUND, KEPT_S, LOOP, finished_run
from escape.runs.file import jsonl, loads
from escape.runs.live import MAX_RUNS, LiveRun, Shelf, Watcher
from escape.runs.plan import trials_to_ask, trials_to_mark
from escape.runs.recording import Recording
from escape.types import (
    BusyError,
    EscapeError,
    JudgeSpec,
    LongText,
    Name,
    Puzzle,
    Record,
    ReportCard,
    StoreError,
)

if TYPE_CHECKING:
    from escape.store import Store


MAX_PUZZLES = 200  # a visitor's own puzzles that are stored
MAX_INSTRUCTIONS = 20  # for players; the newest


class SavedShelf(Record):
    """A shelf as it is stored. `pasted`: (chat window, puzzle, text). `instructions`: (player, text)."""

    runs: tuple[Name, ...] = Field((), max_length=100)
    pasted: tuple[tuple[Name, Name, LongText], ...] = Field((), max_length=5000)
    puzzles: tuple[Puzzle, ...] = Field((), max_length=MAX_PUZZLES)
    loaded: tuple[Name, ...] = Field((), max_length=100)  # of these runs, those from a file
    instructions: tuple[tuple[Name, LongText], ...] = Field((), max_length=MAX_INSTRUCTIONS)


def _store() -> Store | None:
    """Open the store. None if it cannot be used, which is logged once per reason.

    Imported late: the import would delay the first page.
    """
    from escape.store import store

    try:
        return store()
    except StoreError as error:
        _warn(str(error))
        return None


@cache
def _warn(why: str) -> None:
    logging.getLogger(__name__).warning("nothing will survive a restart: %s", why)


_WRITING = threading.Lock()


def save_changes(shelf: Shelf, *, now: bool = False) -> None:
    """Save the ended runs of a shelf that have changed, and the shelf itself if it has.

    This happens in the background, or before returning if `now`.
    """
    if not any(shelf.contents) and not shelf.saved:
        return
    jobs = [
        partial(save_run, live) for live in shelf.runs if not live.running and live.saved is not live.run()
    ]
    if shelf.saved != shelf.contents:
        jobs.append(partial(_save_shelf, shelf))
    for job in jobs:
        if now:
            job()
        else:
            LOOP.queue_job(job)


def save_run(live: LiveRun) -> None:
    """Save a run in its current state, if there is a store. A run too large for it is noted as such.

    A run that somebody else has continued, on another server or page, is left alone: this copy is older.
    """
    run = live.run()
    with _WRITING, contextlib.suppress(StoreError):
        if live.elsewhere or live.dropped or run is live.saved or run is live.too_large:
            return
        if store := _store():
            version = secrets.token_urlsafe(12)
            match store.save_run(live.code, jsonl.packed_file(run), live.token, version):
                case "saved":
                    live.saved, live.token = run, version
                # it stays in memory, and in its lines if it has any
                case "too large":
                    live.too_large = run
                case "taken over":
                    live.elsewhere = True
            store.sweep()


def _save_shelf(shelf: Shelf) -> None:
    runs, pasted, puzzles, instructions = has = shelf.contents
    with _WRITING, contextlib.suppress(StoreError):
        if shelf.saved != has and (store := _store()):
            # a larger set was loaded from a file, which still exists
            few = puzzles if len(puzzles) <= MAX_PUZZLES else ()
            runs = _with_others(store.shelf(shelf.code), runs, shelf.removed)
            loaded = tuple(live.code for live in shelf.runs if not live.made_here)
            answers = tuple((window, puzzle, answer) for (window, puzzle), answer in pasted)
            newest = instructions[-MAX_INSTRUCTIONS:]
            saved = SavedShelf(runs=runs, pasted=answers, puzzles=few, loaded=loaded, instructions=newest)
            store.save_shelf(shelf.code, saved.model_dump_json(exclude_defaults=True))
            shelf.saved = has


def _with_others(written: str | None, runs: tuple[str, ...], removed: set[str]) -> tuple[str, ...]:
    """Merge a shelf's runs with those that another server has saved for it, removed ones excepted.

    `written`: the shelf as stored. At most the last MAX_RUNS are kept, this server's at the end.
    """
    try:
        others = SavedShelf.model_validate_json(written).runs if written else ()
    except ValueError:
        others = ()
    return (*(code for code in others if code not in runs and code not in removed), *runs)[-MAX_RUNS:]


def count_bet(plan: str, *, right: bool) -> None:
    """Count a visitor's bet on a plan, in the background. Nothing of the visitor is kept."""

    def count() -> None:
        with contextlib.suppress(StoreError):
            if store := _store():
                store.count_bet(plan, right=right)

    LOOP.queue_job(count)


def bets() -> dict[str, tuple[int, int]]:
    """Load the bets on each plan, by its hash: how many, and how many were right. {} without a store."""
    with contextlib.suppress(StoreError):
        if store := _store():
            return store.bets()
    return {}


def keep_card(judge: JudgeSpec, card: ReportCard) -> None:
    """Store a judge's report card for everybody's next run, if its exam was complete and bundled.

    Nothing of the visitor's is stored: an exam with controls from the visitor's own rooms is no use to
    others, and what a provider said about a failure is removed.
    """
    with contextlib.suppress(StoreError):
        if exam.is_whole(card) and exam.is_bundled(card) and (store := _store()):
            plain = tuple(c.model_copy(update={"note": ""}) for c in card.controls)
            body = card.model_copy(update={"controls": plain}).model_dump_json(exclude_defaults=True)
            store.save_card(card_key(judge), card.prompt, card.exam, len(card.cases), body)


def kept_cards(judges: Sequence[JudgeSpec]) -> dict[str, ReportCard]:
    """Load these judges' report cards, of today's exam and prompts, keyed by `card_key`."""
    cards: dict[str, ReportCard] = {}
    with contextlib.suppress(StoreError):
        if judges and (store := _store()):
            for where, bodies in store.cards(
                [card_key(judge) for judge in judges], labelled.edition()
            ).items():
                for body in bodies:
                    with contextlib.suppress(ValueError):  # what a later version wrote
                        card = ReportCard.model_validate_json(body)
                        if card.prompt in PROMPTS:
                            cards[where] = exam.fuller(card, cards.get(where))
    return cards


def card_key(judge: JudgeSpec) -> str:
    """Identify a judge by its name, and by its address if it has one of its own.

    At another address the same name may be another model.
    """
    return f"{judge.name}@{judge.model.base_url}" if judge.model and judge.model.base_url else judge.name


def drop(live: LiveRun) -> None:
    with _WRITING, contextlib.suppress(StoreError):
        live.dropped = True
        if store := _store():
            store.drop_run(live.code)


def _lines_of(store: Store, code: str) -> tuple[list[bytes], bool, str]:
    """Read an unfinished run's lines, whether somebody works on it, and its token."""
    from escape.store import RunLines

    return RunLines(store).read(code)


def record(live: LiveRun) -> Recording | None:
    """Begin to record a run as it grows: take its lease and store what there is. None without a store.

    Raises SpecError if another server works on it, or has done since it was read.
    """
    from escape.store import RunLines

    def lost() -> None:
        live.elsewhere = True
        live.stop("another server took this run over")

    with contextlib.suppress(StoreError):
        if store := _store():
            recording = Recording(RunLines(store), live.code, live.run(), lost, live.token)
            live.token = recording.token
            return recording
    return None


@contextlib.contextmanager
def suppress_unless_busy() -> Iterator[None]:
    """Suppress every EscapeError but BusyError.

    What cannot be used counts as missing; what is busy can be read later.
    """
    try:
        yield
    except BusyError:
        raise
    except EscapeError:
        return


def find(code: str, reader: Watcher) -> LiveRun | None:
    """Find the run with this code in memory or in the store. None if there is none.

    `reader`: whether the page that asks is still open. Raises BusyError if the run is stored and cannot be
    read now.
    """
    running = BACKGROUND.find(code)
    if running and running.elsewhere:  # this copy dates from when somebody last looked
        BACKGROUND.forget(running)
    elif running:
        running.viewers.append(reader)
        return running
    with suppress_unless_busy():
        store = _store() if len(code) <= 64 else None
        lines, is_held, token = _lines_of(store, code) if store else ([], False, "")
        data = b"".join(lines) or (store.run(code) if store else None)
        if data:
            live = finished_run(loads(data, "this run"), reader)
            run = live.run()
            left = (*trials_to_ask(run, again=False), *trials_to_mark(run, run.config.judge, (), again=False))
            is_whole = not left
            live.interrupted, live.elsewhere = bool(lines) and not is_held and not is_whole, is_held
            live.code, live.made_here = code, True
            # what somebody works on is theirs to write
            live.token = token if token and not is_held else live.token
            live.watchers, live.viewers = [], [reader]
            live.saved = None if lines and is_whole else run  # None: its server died before packing its lines
            registered = BACKGROUND.register(live)
            if registered is not live:  # another visitor has opened it meanwhile
                registered.viewers.append(reader)
                live.release()
            return registered
    return None


def _reloaded(live: LiveRun, alive: Watcher) -> LiveRun:
    """Reload from the store a run that another server works on, or did.

    The copy at hand is kept if the store has none or is busy.
    """
    with contextlib.suppress(BusyError):
        if found := find(live.code, alive):
            found.made_here = live.made_here
            found.watchers.append(alive)
            return found
    return live


TIDY_S = 10.0  # between two checks for visitors who have left


def evict_abandoned() -> None:
    """Save the shelves of visitors who have left, and drop those from memory that are stored.

    One that cannot be stored is dropped after KEPT_S. A shelf stays while a run on it goes on or is shown.
    """
    dropped = 0
    for idle in BACKGROUND.find_abandoned():
        save_changes(idle, now=True)
        if any(live.running or live.is_seen() for live in idle.runs):
            continue  # somebody else has one of them open, or a judge still marks it
        stored = idle.saved == idle.contents or not any(idle.contents)  # an empty one needs no storing
        all_stored = stored and all(live.saved is live.run() for live in idle.runs)
        if (all_stored or idle.gone_for > KEPT_S) and BACKGROUND.drop_shelf(idle):
            dropped += 1
    BACKGROUND.sweep()
    if dropped:
        memory.release_memory()


def open_shelf(secret: str | None, alive: Watcher) -> Shelf:
    """Open a visitor's shelf by its secret, from memory or the store, or make a new one.

    The first call also starts the regular eviction of abandoned shelves.
    """
    found_shelf = _shelf(secret, alive)
    found_shelf.watchers.append(alive)
    found_shelf.gone_at = None
    LOOP.every(TIDY_S, evict_abandoned)
    return found_shelf


def _shelf(secret: str | None, alive: Watcher) -> Shelf:
    if in_memory := BACKGROUND.find_shelf(secret or ""):
        in_memory.runs = [_reloaded(live, alive) if live.elsewhere else live for live in in_memory.runs]
        return in_memory
    with contextlib.suppress(EscapeError, ValueError):
        store = _store() if secret else None
        body = store.shelf(secret) if store and secret and len(secret) <= 64 else None
        if body is not None and secret:
            saved, the_shelf = SavedShelf.model_validate_json(body), Shelf()
            the_shelf.code = secret
            for code in saved.runs:
                # it stays on the shelf as it is stored, for another time
                with contextlib.suppress(BusyError):
                    if live := find(code, alive):
                        live.made_here = live.code not in saved.loaded
                        live.watchers.append(alive)
                        the_shelf.runs.append(live)
            the_shelf.puzzles, the_shelf.instructions = saved.puzzles, dict(saved.instructions)
            the_shelf.pasted = {(window, puzzle): text for window, puzzle, text in saved.pasted}
            return BACKGROUND.put_shelf(the_shelf)
    return BACKGROUND.put_shelf(Shelf())
