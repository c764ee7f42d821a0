"""How often a provider may be called, learnt from its refusals. Pure arithmetic on times passed in.

A provider that never refuses is never slowed down. After a refusal the whole provider pauses, then calls start one at a
time. Their spacing first follows from the calls accepted so far and the wait the server asks for. After that it lies
between the widest spacing that was refused and the narrowest that worked, and a narrower one is tried now and then. A
single refusal among many accepted calls changes nothing. A server that refuses just as often at any spacing refuses at
random, and then gets only a pause.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_SPACING_S = 60.0  # the widest spacing; if the server asks for more, that is a pause
MIN_SPACING_S = 0.004  # below this the provider counts as unlimited again
FIRST_PAUSE_S = 1.0  # if a server gives no Retry-After; doubled for each refusal in a row
MAX_PAUSE_S = 30.0
MAX_RETRY_AFTER_S = 300.0  # if the server asks for more, the run ends for this provider and can be continued later
PROBE = 35  # accepted calls in a row before a slightly narrower spacing is tried
SURE = 3  # accepted calls in a row before a spacing counts as working
NOT_RANDOM_AFTER = 5  # refusals in a row that cannot be random
FAR = 1.5  # a refusal at this multiple of a spacing that had worked many times is not about the call rate
MANY = 10  # accepted calls from which the rate is roughly known
MAX_WAIT_S = 900.0  # longest time that a provider may refuse everything


@dataclass
class RateLimit:
    """One provider's rate. All times are seconds on one clock; `spacing` 0: no limit is known."""

    spacing: float = 0.0
    next_at: float = 0.0
    _refused: float = 0.0  # the widest spacing that was refused
    _accepted: float = MAX_SPACING_S  # the narrowest spacing that worked
    _began: float | None = None
    _count: int = 0  # calls accepted since `_began`
    _in_a_row: int = 0
    _last_start: float | None = None  # of the last accepted call
    _changed: float = -1.0  # calls that started before this carry no new information
    _far: float = 0.0  # at this spacing, a refusal among accepted calls cannot be about the call rate
    _by_chance: bool = False  # refusals turned out not to depend on the spacing
    _refusals_in_a_row: int = 0  # refusals since the last accepted call
    _refusing_since: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until the next call may start."""
        return max(0.0, self.next_at - now)

    def take(self, now: float) -> None:
        """A call starts."""
        if self.spacing:
            self.next_at = max(now, self.next_at) + self.spacing

    def accepted(self, started: float) -> None:
        """A call that started at `started` was accepted."""
        self._began = started if self._began is None else self._began
        self._count += 1
        if (
            self._refusals_in_a_row > 2 and self._began is not None
        ):  # a rate-limit window has just reset: use the rate it allowed
            self.spacing = min(MAX_SPACING_S, max(self.spacing, (started - self._began) / self._count))
        self._refusals_in_a_row, self._refusing_since = 0, None
        self._last_start = started if self._last_start is None else max(started, self._last_start)
        if not self.spacing or started < self._changed:
            return
        self._in_a_row += 1
        if self._in_a_row < SURE:  # a pause fills a server's bucket, so the first few calls prove little
            return
        self._accepted = min(self._accepted, self.spacing)
        if self.spacing > 1.12 * self._refused:
            self._narrow(max(0.82 * self.spacing, 1.05 * self._refused))
        elif self._in_a_row >= PROBE:
            self._narrow(max(0.985 * self.spacing, 1.012 * self._refused))
            self._refused *= 0.99  # limits change: a refused spacing is allowed again after a while
        if self.spacing < MIN_SPACING_S:
            self.spacing = self.next_at = 0.0

    def _narrow(self, spacing: float) -> None:
        if spacing < self.spacing:
            self.spacing, self._in_a_row = spacing, 0

    def refused(self, started: float, now: float, wish: float | None) -> float:
        """A call that started at `started` was refused; `wish`: the wait the server asks for. Returns the length of the
        pause.
        """
        self._refusals_in_a_row += 1
        self._refusing_since = now if self._refusing_since is None else self._refusing_since
        unknown = min(MAX_PAUSE_S, FIRST_PAUSE_S * 2 ** min(10, self._refusals_in_a_row - 1))
        pause = unknown if wish is None else max(wish, 0.05)
        if started >= self._changed:
            if not self._alone():
                self._learn(started, now, pause)
            self._changed, self._in_a_row = now, 0
        elif wish is None:
            pause = FIRST_PAUSE_S  # it started together with the first call that was refused
        self.next_at = max(self.next_at, now + pause)
        return pause

    def _alone(self) -> bool:
        """Whether the refusal says nothing about the right spacing."""
        if self._by_chance and self._refusals_in_a_row < NOT_RANDOM_AFTER:
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
        if self._last_start is None:  # nothing has been accepted yet, so there is nothing to learn from
            self.spacing = pause
        elif not self.spacing:
            begun = self._began if self._began is not None else started
            self.spacing = max((now - begun + pause) / max(1, self._count), 2 * MIN_SPACING_S)
            # with many in flight only the mean is known, and with few not even that
            self._refused = 0.8 * self.spacing if self._count >= MANY else min(apart, self.spacing)
        else:
            self._refused = max(self._refused, min(apart, self.spacing)) if apart else self._refused
            step = 1.2 if self._in_a_row >= SURE else 2.0  # refused again soon: the spacing was far too narrow
            wider = min(apart + pause, step * self._refused) if self._refused else 2 * self.spacing
            if self._accepted <= self._refused:  # the limit has become stricter
                self._accepted = MAX_SPACING_S
            known = self._accepted < MAX_SPACING_S
            self.spacing = max((self._accepted + self._refused) / 2 if known else wider, 1.03 * self._refused)
        self.spacing = min(self.spacing, MAX_SPACING_S)

    def refusing_for_s(self, now: float) -> float:
        """How long every call has been refused."""
        return 0.0 if self._refusing_since is None else now - self._refusing_since
