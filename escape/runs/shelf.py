"""A visitor's runs, and answers pasted and not yet judged: all are kept, under a secret of the visitor's own. No
Streamlit.
"""

from __future__ import annotations

import secrets
import time

from escape.runs.live import Live
from escape.schema import Puzzle

MOST = 20  # runs of one visitor; of more, the oldest goes
MOST_LOADED = 10  # of them loaded from files, which still exist and take room here


class Shelf:
    """The runs of one visitor. `pasted`: answers by chat window and puzzle that are still to be judged; `seen`: when
    its page was last drawn, by the monotonic clock.
    """

    def __init__(self) -> None:
        self.code = secrets.token_urlsafe(16)
        self.runs: list[Live] = []
        self.pasted: dict[tuple[str, str], str] = {}
        self.puzzles: tuple[Puzzle, ...] = ()  # of the visitor's own
        self.removed: set[str] = set()  # codes of runs that were taken away
        self.kept: tuple[object, ...] = ()  # as it was last written to the store
        self.seen = time.monotonic()

    def put(self, live: Live) -> None:
        """Keep a run; nothing that is there is written over."""
        if live in self.runs:
            return
        loaded = [r for r in (*self.runs, live) if not r.made_here][:-MOST_LOADED]
        self.runs = [r for r in (*self.runs, live) if r not in loaded][-MOST:]

    def remove(self, live: Live) -> Live | None:
        """Take a run away; the one to show instead."""
        self.removed.add(live.code)
        self.runs = [r for r in self.runs if r is not live]
        return self.runs[-1] if self.runs else None
