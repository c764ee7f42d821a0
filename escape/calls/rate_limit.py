"""How often a provider may be asked, learnt from what it refuses. Arithmetic only: times come in, waits go out.

A provider that never refuses is never slowed. After a refusal the whole provider pauses, then calls are let out one by
one. How far apart: at first what the accepted calls so far and the server's own wish come to; then between the widest
spacing that was refused and the narrowest that went well, with a narrower one tried now and then. A refusal that stands
alone among many accepted calls changes nothing, and a server that refuses as often however wide calls stand refuses by
chance: then a pause is all it gets.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDEST_S = 60.0  # calls never stand further apart than this; a longer wish of the server's is a pause
NARROWEST_S = 0.004  # below this the provider counts as free again
FIRST_PAUSE_S = 1.0  # where a server says no by how much it was asked too often; doubled while it goes on
LONGEST_PAUSE_S = 30.0
LONGEST_WISH_S = 300.0  # a server that wants more is asked again when the run is continued
PROBE = 35  # accepted calls in a row after which a little more is tried
SURE = 3  # accepted calls in a row after which a spacing counts as going well
IN_VAIN = 5  # refusals in a row that no chance explains
FAR = 1.5  # so many times the spacing at which one was refused among many, and still: not for being asked too often
MANY = 10  # accepted calls from which on their rate is known, about
MOST_WAIT_S = 900.0  # how long a provider may refuse everything


@dataclass
class Pace:
    """One provider's. All times are seconds of one clock; `spacing` 0: no limit is known."""

    spacing: float = 0.0
    next_at: float = 0.0
    _refused: float = 0.0  # the widest spacing that was refused
    _accepted: float = WIDEST_S  # the narrowest spacing that went well
    _began: float | None = None
    _count: int = 0  # calls accepted since `_began`
    _in_a_row: int = 0
    _last_start: float | None = None  # of the last call that was accepted
    _changed: float = -1.0  # calls that started before this tell nothing new
    _far: float = 0.0  # a spacing at which a refusal among accepted calls cannot be for being asked too often
    _by_chance: bool = False  # refusals were found to have nothing to do with the spacing
    _vain: int = 0  # refusals since the last accepted call
    _vain_since: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until the next call may start."""
        return max(0.0, self.next_at - now)

    def take(self, now: float) -> None:
        """A call starts."""
        if self.spacing:
            self.next_at = max(now, self.next_at) + self.spacing

    def accepted(self, started: float) -> None:
        """A call that started then was let through."""
        self._began = started if self._began is None else self._began
        self._count += 1
        if self._vain > 2 and self._began is not None:  # a window has opened: what it let through, over its length
            self.spacing = min(WIDEST_S, max(self.spacing, (started - self._began) / self._count))
        self._vain, self._vain_since = 0, None
        self._last_start = started if self._last_start is None else max(started, self._last_start)
        if not self.spacing or started < self._changed:
            return
        self._in_a_row += 1
        if self._in_a_row < SURE:  # a pause fills a server's bucket, so the first few prove little
            return
        self._accepted = min(self._accepted, self.spacing)
        if self.spacing > 1.12 * self._refused:
            self._narrow(max(0.82 * self.spacing, 1.05 * self._refused))
        elif self._in_a_row >= PROBE:
            self._narrow(max(0.985 * self.spacing, 1.012 * self._refused))
            self._refused *= 0.99  # limits change: what was refused is tried again after a while
        if self.spacing < NARROWEST_S:
            self.spacing = self.next_at = 0.0

    def _narrow(self, spacing: float) -> None:
        if spacing < self.spacing:
            self.spacing, self._in_a_row = spacing, 0

    def refused(self, started: float, now: float, wish: float | None) -> float:
        """A call that started then was refused; `wish`: how long the server wants us to wait. How long the pause is."""
        self._vain += 1
        self._vain_since = now if self._vain_since is None else self._vain_since
        unknown = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(10, self._vain - 1))
        pause = unknown if wish is None else max(wish, 0.05)
        if started >= self._changed:
            if not self._alone():
                self._learn(started, now, pause)
            self._changed, self._in_a_row = now, 0
        elif wish is None:
            pause = FIRST_PAUSE_S  # it left together with the first that was refused
        self.next_at = max(self.next_at, now + pause)
        return pause

    def _alone(self) -> bool:
        """Whether the refusal says nothing about how far apart calls should stand."""
        if self._by_chance and self._vain < IN_VAIN:
            return True
        if self._by_chance:
            self._by_chance, self._far = False, 2 * self._far
        elif self.spacing and self._in_a_row >= MANY:
            self._far = self._far or FAR * self.spacing
            if self.spacing > self._far:
                self._by_chance, self.spacing = True, 0.0
        return self._by_chance

    def _learn(self, started: float, now: float, pause: float) -> None:
        apart = started - self._last_start if self._last_start is not None else 0.0
        if self._last_start is None:  # nothing has been let through yet, so there is nothing to learn from
            self.spacing = pause
        elif not self.spacing:
            begun = self._began if self._began is not None else started
            self.spacing = max((now - begun + pause) / max(1, self._count), 2 * NARROWEST_S)
            # of many in flight only the mean is known, and of a few not even that
            self._refused = 0.8 * self.spacing if self._count >= MANY else min(apart, self.spacing)
        else:
            self._refused = max(self._refused, min(apart, self.spacing)) if apart else self._refused
            step = 1.2 if self._in_a_row >= SURE else 2.0  # soon refused again: it was far too narrow
            wider = min(apart + pause, step * self._refused) if self._refused else 2 * self.spacing
            if self._accepted <= self._refused:  # the limit has become tighter
                self._accepted = WIDEST_S
            known = self._accepted < WIDEST_S
            self.spacing = max((self._accepted + self._refused) / 2 if known else wider, 1.03 * self._refused)
        self.spacing = min(self.spacing, WIDEST_S)

    def in_vain_s(self, now: float) -> float:
        """How long everything has been refused."""
        return 0.0 if self._vain_since is None else now - self._vain_since
