"""A visitor's runs, and pasted answers that are not judged yet: all under the visitor's own secret. No Streamlit."""

from __future__ import annotations

import secrets
import time

from escape.runs.live import LiveRun
from escape.schema import Puzzle

MAX_RUNS = 20  # runs of one visitor; beyond that the oldest is removed
MAX_LOADED = 10  # of these, runs loaded from files, which still exist and take memory here


class Shelf:
    """The runs of one visitor. `pasted`: answers by chat window and puzzle that are still to be judged; `seen`: when
    its page was last drawn, on the monotonic clock.
    """

    def __init__(self) -> None:
        self.code = secrets.token_urlsafe(16)
        self.runs: list[LiveRun] = []
        self.pasted: dict[tuple[str, str], str] = {}
        self.puzzles: tuple[Puzzle, ...] = ()  # the visitor's own
        self.removed: set[str] = set()  # codes of removed runs
        self.saved: tuple[object, ...] = ()  # the shelf as last written to the store
        self.seen = time.monotonic()

    def put(self, live: LiveRun) -> None:
        """Add a run; nothing already there is overwritten."""
        if live in self.runs:
            return
        loaded = [r for r in (*self.runs, live) if not r.made_here][:-MAX_LOADED]
        self.runs = [r for r in (*self.runs, live) if r not in loaded][-MAX_RUNS:]

    def remove(self, live: LiveRun) -> LiveRun | None:
        """Remove a run. Returns the one to show instead."""
        self.removed.add(live.code)
        self.runs = [r for r in self.runs if r is not live]
        return self.runs[-1] if self.runs else None
