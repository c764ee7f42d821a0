"""A visitor's session: puzzles, players, the run in progress or on show.

Keys stay in their widgets until used.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import streamlit as st

from escape.calls import LaneKey
from escape.judges.examined import exam
from escape.models import Bill, Offer
from escape.puzzles import EMPTY, Draft, bets, files
from escape.results import titles
from escape.rooms import ByHand
from escape.runs import BACKGROUND, LOOP, LiveRun, Shelf, archive, finished_run
from escape.types import JudgeSpec, ModelSpec, Outcome, Puzzle, ReportCard, Run, RunConfig, Trial, TrialKey
from escape.ui import visit
from escape.ui.text import Message
from escape.ui.visit import visitor_is_here

if TYPE_CHECKING:  # classes bring the database, which a first page does without
    from escape.classes import Student, Teacher

T = TypeVar("T")
KeyScope = tuple[str, str]  # (provider, address): what a key belongs to

EXAMPLE = "Example"  # the title of the run that the page opens on
CONTRADICTED = "judge and room disagree"  # one kind of answers to go through
VIEWS = ("Results", "Answers", "Test models", "Play", "Make a room")
RESULTS, ANSWERS, TEST, PLAY, MAKE = VIEWS
CLASS = ("class", "guide", "board")  # an address with one of these asks for a class's page


@dataclass
class KeyRing:
    """The places where keys are typed and what they may be used for.

    The keys themselves stay in their widgets.
    """

    # the widget in which the key of a place is typed
    fields: dict[KeyScope, str] = field(default_factory=dict)
    drawn: set[KeyScope] = field(default_factory=set)  # places whose keys have their field in the set-up
    own_addresses: set[KeyScope] = field(default_factory=set)  # as this visitor wrote them; never a file's
    lists: dict[KeyScope, list[Offer]] = field(default_factory=dict)  # the models of each place
    looked: bool = False  # whether models that need no key of the visitor's have been listed
    proven: set[LaneKey] = field(default_factory=set)  # providers whose key has worked


@dataclass
class Workshop:
    """The state of Make a room: the draft, moves tried in it, uploads, and puzzles to choose."""

    draft: Draft = EMPTY  # as it is now
    origin: Puzzle | None = None  # the puzzle that the form was filled with
    twisting: bool = False  # the draft is a twist of it: one fact is to differ
    edition: int = 0  # of the form: each beginning has fields of its own
    rule: int = 0  # the rule that is open, from 0
    moved: int = 0  # how often rules were added, moved or removed
    tried: list[str] = field(default_factory=list)  # moves made in the draft's room
    kept: str = ""  # id of the puzzle kept last; stands in for the draft's own where that is a bundled id
    to_choose: tuple[str, ...] = ()  # puzzles to choose before the set-up draws its widgets
    seen_files: set[str] = field(default_factory=set)  # uploads that were taken in: they stay in their widget


class FocusRequest(NamedTuple):
    """Where the next drawing puts the keyboard's focus. `pressing.bring` sets it."""

    number: int = 0  # rises with each request
    key: str = ""
    look: bool = False  # only scroll there
    words: str = ""  # for a screen reader


@dataclass
class Seat:
    """A visitor's place in classes, as student or teacher, and failed attempts to join."""

    student: Student | None = None
    teacher: Teacher | None = None
    passphrase: str = ""  # a student's, to come back with
    rooms: dict[str, ByHand] = field(default_factory=dict)  # a class's rooms that this visitor has entered
    runs: set[str] = field(default_factory=set)  # codes of the runs of classes that this visitor teaches
    wrong: int = 0  # codes and words that were wrong
    again_at: float = 0.0  # when the next one may be tried, on the monotonic clock


class Swap(NamedTuple):
    """A change that the page made in a field: the sentence that says so, and the value to restore."""

    words: str
    before: Any


@dataclass
class PageState:
    """The page's own state: presses and fields to carry over, messages, the focus, the open dialog."""

    # held while the page is drawn: a draw that was cut off must end before the next one starts
    drawing: threading.Lock = field(default_factory=threading.Lock)
    presses: set[str] = field(default_factory=set)  # keys of buttons whose press is still to be carried out
    next_fields: dict[str, Any] = field(default_factory=dict)  # by key: set before the page draws its fields
    focus: FocusRequest = field(default_factory=FocusRequest)
    jump: tuple[int, str] = (0, "")  # how often a tab was opened for the visitor, and the last one
    said: dict[str, Message] = field(default_factory=dict)  # by what it is about
    problem: str = ""
    painted: bool = False  # at least once
    awaited: str = ""  # the code of a run or judging whose end is still to be announced
    suggested: list[str] = field(default_factory=list)  # models that were chosen for the visitor, not by them
    # by field: what the page has changed, until it is undone
    swaps: dict[str, Swap] = field(default_factory=dict)
    # keys of the fields about the judge that the visitor has set
    judge_fields_set: set[str] = field(default_factory=set)
    way: str = ""  # which of another_way.WAYS is open; "": none
    # the bills of set-ups, for answers and for marks
    bills: dict[tuple[RunConfig, tuple[Puzzle, ...]], tuple[Bill, Bill]] = field(default_factory=dict)
    linked: TrialKey | None = None  # the answer that the address names
    reference: bool = True  # whether recorded models stand under the visitor's own


@dataclass
class Session:
    """One visitor's state. No key is in it: keys stay in their widgets."""

    puzzles: list[Puzzle]
    players: list[ModelSpec] = field(default_factory=list)
    sets: Mapping[str, str] = field(default_factory=dict)  # the set that each bundled room is in, by its id
    keys: KeyRing = field(default_factory=KeyRing)
    workshop: Workshop = field(default_factory=Workshop)
    seat: Seat = field(default_factory=Seat)
    page: PageState = field(default_factory=PageState)
    shelf: Shelf = field(default_factory=Shelf)
    playing: ByHand | None = None
    calling: bets.Calling | None = None  # five bets on others' plans
    streak: int = 0  # bets in a row that were right
    # earlier visitors' bets: hash of the plan -> (bets, right ones)
    others_bets: dict[str, tuple[int, int]] = field(default_factory=dict)
    # the first end of each room played by hand, in order
    tried: dict[str, Outcome] = field(default_factory=dict)
    live: LiveRun | None = None
    opening: Run | None = None  # the example that the page opens on
    side: LiveRun | None = None  # judging beside the run: an exam, or a second judge on its answers
    cards: dict[str, ReportCard] = field(default_factory=dict)  # by judge and address: sat here, or kept
    sought: set[JudgeSpec] = field(default_factory=set)  # judges whose kept cards were looked up
    chosen: TrialKey | None = None  # the trial that is being read
    revealed: Trial | None = None  # the answer that was marked by hand last
    metric: str = ""  # "": what is usual for the run on show

    @property
    def run(self) -> Run | None:
        return self.live.run() if self.live else None

    @property
    def rooms(self) -> list[Puzzle]:
        """The puzzles that are usually asked: all but twists and the set hard."""
        usual = (files.EASY, files.ROOMS)
        return [
            p for p in self.puzzles if not p.twist_of and self.sets.get(p.problem_id, files.ROOMS) in usual
        ]

    @property
    def bundled(self) -> frozenset[str]:
        """The ids of the puzzles that the server provides."""
        return frozenset(self.sets)

    def labels_of(self, puzzles: Sequence[Puzzle]) -> dict[str, str]:
        prefixes = {files.EASY: "Easy: ", files.HARD: "Hard: "}
        return {i: prefixes.get(self.sets.get(i, ""), "") + name for i, name in titles(puzzles).items()}

    def may_write(self, live: LiveRun) -> bool:
        """Tell whether this visitor may change a run.

        They may if this browser made or loaded it, or if it belongs to a class that they teach, unless it is
        being continued elsewhere. The example, and judging beside the run, are always theirs.

        Everything that stops, renames, removes, continues, judges or extends a run asks this first, whatever
        the page shows. Everybody else only reads. So does the owner of a run that is continued elsewhere:
        changes to this copy would not be saved.
        """
        is_own = (self.shelf.owns(live) or live.code in self.seat.runs) and not live.elsewhere
        return is_own or live is self.side or live.run() is self.opening

    @property
    def read_only(self) -> bool:
        """True while a run is on show that this visitor may only read."""
        return self.live is not None and not self.may_write(self.live)

    @property
    def own_live(self) -> LiveRun | None:
        """The run on show, if this visitor may write to it."""
        return None if self.read_only else self.live

    @property
    def running(self) -> bool:
        """True while this visitor's run, or judging beside it, is in progress."""
        return any(x is not None and x.running and self.may_write(x) for x in (self.live, self.side))

    def show(self, run: Run) -> None:
        if self.running:
            return
        self.put(finished_run(run, visitor_is_here()))

    @property
    def shows_example(self) -> bool:
        """True while the example that the page opens on is on show."""
        return self.run is not None and self.run is self.opening

    def open_on(self, run: Run) -> None:
        """Show an example: like a loaded run, but without a code in the address."""
        self.live, self.opening = finished_run(run, visitor_is_here()), run
        self.chosen = None

    def put(self, live: LiveRun) -> None:
        """Put a live run on show, and on the shelf. `show` does so for a finished one."""
        self.live, self.chosen, self.page.problem = live, None, ""
        live.watchers.append(visitor_is_here())
        self.remember(live)

    def remember(self, live: LiveRun) -> None:
        """Keep a run on the shelf, unless it belongs to a class, whose teacher need not own it."""
        if live.code not in self.seat.runs:
            self.shelf.put(live)
            BACKGROUND.register(live)  # the example is found by nobody until something was added to it

    def stop(self, live: LiveRun) -> None:
        if self.may_write(live):
            BACKGROUND.stop(live)

    def rename(self, live: LiveRun, title: str) -> None:
        if self.may_write(live):
            live.rename(title)

    def remove(self, live: LiveRun) -> None:
        """Remove a run of this visitor's, and show the newest of the others, else the example."""
        if not self.may_write(live):
            return
        BACKGROUND.forget(live)
        LOOP.queue_job(lambda: archive.drop(live), once=True)
        shelf_left = self.shelf.remove(live)
        if shelf_left:
            self.put(shelf_left)
        else:
            self.live = None

    def save(self) -> None:
        """Save the visitor's runs and puzzles beyond the page and the server, and update the address."""
        puzzles = {p.problem_id: p for p in self.puzzles if p.problem_id not in self.bundled}
        by_id = {p.problem_id: p for p in self.shelf.puzzles}
        merged = by_id | puzzles  # what another tab of this visitor has stays
        if merged != by_id:
            self.shelf.puzzles = tuple(merged.values())
        archive.save_changes(self.shelf)
        if self.live and self.live.code in self.seat.runs and not self.live.running:
            archive.save_run(self.live)  # a class's run, which may be on the shelf of another device
        self._keep_address()

    def _keep_address(self) -> None:
        """Update the URL, which is safe to copy: nothing in it gives write access.

        Also have the browser remember the shelf. A class's page never calls this: its address may be shown on
        a projector, and its query belongs to the class.
        """
        run_code = "" if self.live is None or self.shows_example else self.live.code
        here = self.page.linked if self.page.linked == self.chosen else None
        query = {"run": run_code, "metric": self.metric, "answer": answer_code(here) if here else ""}
        if any(self.shelf.contents):
            visit.remember("mine", self.shelf.code)
        for name, value in query.items():
            if not value:
                st.query_params.pop(name, None)
            elif st.query_params.get(name) != value:
                st.query_params[name] = value

    def seek_cards(self, judges: Sequence[JudgeSpec]) -> None:
        """Look up, once per judge, the report cards kept from anybody's exams."""
        new = [judge for judge in judges if judge.model and judge not in self.sought]
        self.sought.update(new)
        self.cards = archive.kept_cards(new) | self.cards

    def card_of(self, judge: JudgeSpec) -> ReportCard | None:
        """Find a judge's report card: this visitor's own, else a kept one. None if there is none."""
        self.seek_cards([judge])
        return self.cards.get(archive.card_key(judge))

    def keep_card(self, judge: JudgeSpec, card: ReportCard) -> ReportCard:
        """Keep a judge's new report card; return the one that counts.

        An earlier card counts if it covers more answers by the same prompt, or if the new exam was cut short.
        Cards from a file or a link are never kept: they count for their own run only.
        """
        where = archive.card_key(judge)
        kept = self.cards[where] = exam.fuller(card, self.cards.get(where))
        archive.keep_card(judge, card)
        return kept

    def drop_finished_side(self) -> None:
        if self.side and not self.side.running:
            self.side = None

    def take_in(self, file_id: str) -> bool:
        """Tell whether an upload is new, and note that it has been taken in."""
        new = file_id not in self.workshop.seen_files
        self.workshop.seen_files.add(file_id)
        return new

    def open_way(self, which: str) -> None:
        """Open a part of "Another way"; with "", close it.

        While pasted answers wait, the chat window is opened, whatever was asked for.
        """
        self.page.way = "a chat window" if which and self.shelf.pasted else which

    def go_to(self, view: str) -> None:
        if part := {TEST: "card_models", RESULTS: "headline"}.get(view):
            self.page.focus = FocusRequest(self.page.focus.number + 1, part)
        self.page.next_fields["view"] = view
        self.page.jump = (self.page.jump[0] + 1, view)

    def stay(self) -> None:
        """Cancel the opening of a tab, since the visitor has pressed another."""
        self.page.next_fields.pop("view", None)
        self.page.jump = (self.page.jump[0], "")

    def forget_set_fields(self, fields: Mapping[str, object]) -> None:
        """Forget next_fields that the page has set. A script that was cut off before this sets them again."""
        for key in fields:
            if self.page.next_fields.get(key) is fields[key]:
                del self.page.next_fields[key]

    def read(self, answer: TrialKey) -> None:
        self.chosen = answer
        self.go_to("Answers")

    def say(self, about: str, words: str, *, good: bool = False) -> None:
        self.page.said[about] = Message(good, words)

    def unsay(self, about: str) -> None:
        self.page.said.pop(about, None)

    def worked_out(self, run: Run, what: str, make: Callable[[], T]) -> T:
        """Compute a value of a run once, and keep it as long as the run.

        `what`: its name in the cache. Visitors share it, as they share the example; the first computes, the
        others wait.
        """
        with _LOCK:
            cache = _WORKED_OUT.setdefault(run, _Known({}, threading.RLock()))
        with cache.lock:  # when a class arrives at once, one of them works it out and the others wait for it
            if what not in cache.values:
                cache.values[what] = make()
            value: T = cache.values[what]
        return value


def answer_code(key: TrialKey) -> str:
    """Compute the code by which an address names an answer of its run."""
    return hashlib.sha256("\n".join(map(str, key)).encode()).hexdigest()[:12]


class _Known(NamedTuple):
    values: dict[str, Any]
    lock: threading.RLock


_LOCK = threading.Lock()
_WORKED_OUT: WeakKeyDictionary[Run, _Known] = WeakKeyDictionary()
