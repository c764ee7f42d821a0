"""Outages of one model: while its server is away nothing starts but one probe at a time, and nothing is lost by it.

A breaker as in Nygard, *Release It!* (2007), with one rule of its own: three failures in a row open it only if they
come from two trials, so that one bad prompt fails alone. Tried in virtual time against ten kinds of outages (`python -m
tools.bench outages`). The clock is passed in. Nothing here waits.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

FEW = 3  # what happens less often may be chance: failures in a row, of one trial, of a model's first calls
FIRST_S = 0.5  # until the first probe, which doubles: what a short outage may cost beyond its length
LONGEST_S = 5.0  # between probes: of forty calls a minute that an outage may cost, it takes eight
PATIENCE_S = 300.0  # after which a model is given up for this run: people do not wait longer for nothing


@dataclass
class Breaker:
    """The breaker of one model. `since`: its first failure. `next_at`: the next probe. `again`: trials to ask last."""

    since: float | None = None
    probing: bool = False
    next_at: float = 0.0
    openings: int = 0
    again: set[Hashable] = field(default_factory=set)
    _delay: float = FIRST_S
    _streak: list[Hashable] = field(default_factory=list)
    _first_at: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a call may start: none while it is closed. While it is open, until the next probe."""
        if self.since is None:
            return 0.0
        return LONGEST_S if self.probing else max(0.0, self.next_at - now)

    def starts(self) -> bool:
        """Note that a call starts, and return whether it is a probe."""
        self.probing = self.since is not None
        return self.probing

    def probed(self) -> None:
        """The probe is over. What it showed was said by `works` or `fails`, if anything."""
        self.probing = False

    def works(self, started: float) -> None:
        """A call that started then was answered. What was under way before the first failure says nothing."""
        if started >= (self._first_at if self._streak else self.since or 0.0):
            self.since, self.probing, self._delay, self._streak = None, False, FIRST_S, []

    def fails(self, trial: Hashable, now: float, wish: float | None, *, probe: bool) -> bool:
        """Record a transient failure. True if it counts as no attempt. `wish`: Retry-After in seconds."""
        if self.since is not None:
            if probe:
                self.probing, self._delay = False, min(LONGEST_S, 2 * self._delay)
                self.next_at = now + (wish or self._delay)
            return True
        if trial in self.again:
            return False
        self._first_at = self._first_at if self._streak else now
        self._streak.append(trial)
        if len(self._streak) < FEW or len(set(self._streak)) < 2:
            return False
        self.since, self._delay, self._streak = self._first_at, FIRST_S, []
        self.openings += 1
        self.next_at = now + (wish or self._delay)
        return True

    def away_for(self, now: float) -> float:
        """Return how long its server has been away, in seconds."""
        return 0.0 if self.since is None else now - self.since
