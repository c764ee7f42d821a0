"""How often calls may start, learnt from a provider's refusals. Pure arithmetic on times passed in.

The first calls start a little apart, then faster and faster until one is refused. What matters of a refused call is its
gap: the time since the call before it that was let through. A call counts as let through once it is answered, or when
more time has passed than a refusal takes, so that long answers do not slow the learning. The gap that is needed lies
between the widest one refused and the narrowest that worked, and is looked for within that range until the range is
narrow enough: the wider, the longer the pauses that the server asks for.

Where many calls were let through before the first refusal, the server counts them in windows or has a bucket for them.
Then the rate is what it let through in the time until it opens again, and a gap has worked only once calls at it
outlast what a bucket fills up with during a pause. A server that refuses just as often at any gap refuses at random,
and then gets only a pause.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

START_S = 0.1  # between the first calls; while none is refused, each one let through makes the gap
QUICKER = 0.6  # times as wide,
FREE_S = 0.004  # until, below this, calls are not held back at all
TICK_S = 1e-6  # less than this is no time: a clock may not show it
MAX_SPACING_S = 60.0  # the widest gap; if the server asks for more, that is a pause
FIRST_PAUSE_S = 0.05  # the shortest; without a Retry-After, each refusal in a row makes the gap four times as wide
MAX_PAUSE_S = 10.0  # without a Retry-After
MAX_RETRY_AFTER_S = 300.0  # if the server asks for more, the run ends for this provider and can be continued later
MAX_WAIT_S = 900.0  # longest time that a provider may refuse everything
CLOSE = 1.1  # the range is narrow enough at this ratio, and at 0.02 more for each gap that a pause costs
MAX_COST = 20.0  # gaps; a longer pause counts as so many
SURE = 2  # calls let through in a row before a gap counts as working,
SURE_PAUSES = 2.5  # and how many pauses they must last where many are let through at once
MANY = 10  # calls let through before the first refusal: a window or a bucket
PROBE = 35  # calls let through in a row before a slightly narrower gap is tried, and ten more for each gap of cost
FAR = 1.5  # a refusal at this multiple of a gap that had worked many times is not about the rate
NOT_RANDOM_AFTER = 5  # refusals that, if they are also a third of all calls, cannot be random
GRACE_S, MAX_GRACE_S = 0.3, 5.0  # a refusal comes sooner than this; longer if slower ones have been seen


@dataclass
class RateLimit:
    """One rate. All times are seconds on one clock; `spacing`: the gap between calls, 0 if they are not held back."""

    spacing: float = START_S
    next_at: float = 0.0
    _looking: bool = True  # nothing has been refused so far
    _told: bool = False  # by the provider's headers, how often calls may start,
    _distrusted: bool = False  # and it refused one all the same
    _refused: float = 0.0  # the widest gap that was refused
    _worked: float = math.inf  # the narrowest that worked
    _out: deque[float] = field(default_factory=deque)  # starts of calls of which nothing is known yet
    _let: int = 0  # calls let through,
    _first: float | None = None  # the start of the first of them,
    last: float = -math.inf  # the start of the last,
    _gap: float = math.inf  # and the time between that and the one before
    _in_a_row: int = 0  # calls let through at this spacing since the last refusal
    _changed: float = -1.0  # calls that started by then say nothing about the present spacing
    _grace: float = GRACE_S
    _pause: float = 0.0  # the last one
    _wide: bool = False  # many calls were let through before the first refusal
    _far: float = 0.0  # at this spacing, a refusal among calls let through cannot be about the rate
    _chance: tuple[int, int] | None = None  # refusals at random so far, and calls let through before them
    refusals_in_a_row: int = 0  # since the last call that was let through
    _refusing_since: float | None = None
    _before: tuple[int, float | None] = (0, None)  # the last two, before a call was let through

    def wait(self, now: float) -> float:
        """Seconds until the next call may start."""
        left = self.next_at - now
        return left if left > TICK_S else 0.0

    def take(self, now: float) -> None:
        """A call starts."""
        self._settle(now - self._grace)
        self._out.append(now)
        if self.spacing:
            alone = self.refusals_in_a_row > 1  # until it is known what became of it
            self.next_at = max(now, self.next_at) + max(self.spacing, self._grace if alone else 0.0)

    def accepted(self, started: float, sent: float | None = None) -> None:
        """A call that started at `started` was answered. `sent`: when it left, if that was noticeably later."""
        self._settle(math.nextafter(started, -math.inf))
        if self._out and self._out[0] <= started:
            self._out.popleft()
            self._let_through(started if sent is None else max(started, sent))

    def forget(self, started: float) -> None:
        """A call was refused, for which another limit is to blame."""
        if started in self._out:
            self._out.remove(started)

    def had_worked(self, started: float) -> bool:
        """Whether calls had been let through at the gap of this one."""
        return started - self.last_before(started) >= self._worked

    def last_before(self, started: float) -> float:
        """When the last call before this one started that was let through, or will have been."""
        return max([self.last, *(out for out in self._out if out < started)])

    def hold_to(self, spacing_s: float) -> None:
        """The provider says that calls may start so often: no faster from now on, but no reason to go faster."""
        spacing = min(MAX_SPACING_S, spacing_s)
        if self._distrusted or spacing < FREE_S or (spacing <= self.spacing and not self._told):
            return
        self._looking, self._told = False, True
        self.next_at = max(self.next_at + spacing - self.spacing, self.last + spacing)
        self.spacing = self._worked = spacing
        self._refused = spacing / 1.02

    def _settle(self, until: float) -> None:
        while self._out and self._out[0] <= until:
            self._let_through(self._out.popleft())

    def _let_through(self, started: float) -> None:
        self._first = started if self._first is None else self._first
        self._let += 1
        self._gap, self.last = started - self.last, max(self.last, started)
        opened = self._wide and self.refusals_in_a_row > 2
        if self.refusals_in_a_row:
            self._before = self.refusals_in_a_row, self._refusing_since
        self.refusals_in_a_row, self._refusing_since = 0, None
        if self._looking and self.spacing:
            self._narrow(QUICKER * self.spacing)
        if self._looking or not self.spacing or started <= self._changed:
            return
        if opened:
            self._use_window(started - self._first)
        self._in_a_row += 1
        if self._in_a_row >= SURE and self._outlasts(SURE_PAUSES):
            self._worked = min(self._worked, self.spacing)
            if not self._is_near():
                self._narrow(self._between(max(self._refused, self._worked / 4)))
            elif self._in_a_row >= PROBE + 10 * self._cost():
                self._narrow(max(0.97 * self.spacing, 1.01 * self._refused))
                self._refused *= 0.98  # limits change: a refused gap is allowed again after a while

    def _use_window(self, seconds: float) -> None:
        self.spacing = min(MAX_SPACING_S, 1.02 * seconds / (self._let - 1))
        self._refused, self._worked = self.spacing / 1.02, self.spacing

    def _narrow(self, spacing: float) -> None:
        if spacing >= self.spacing:
            return
        self.next_at -= self.spacing - spacing
        self.spacing, self._in_a_row = spacing, 0
        if not self._looking and self._out:
            self._changed = self._out[-1]  # those that are out stand further apart
        if self.spacing < FREE_S:
            self.spacing = self.next_at = 0.0

    def refused(self, started: float, now: float, wish: float | None) -> float:
        """A call that started at `started` was refused; `wish`: the wait the server asks for. Returns the length of the
        pause.
        """
        if self._let:
            self._grace = min(MAX_GRACE_S, max(self._grace, 1.5 * (now - started)))
        if started in self._out:
            self._out.remove(started)
        elif not self.refusals_in_a_row:  # refused so late that it had been taken for one let through
            self.refusals_in_a_row, self._refusing_since = self._before
        self._settle(started)
        self.refusals_in_a_row += 1
        self._refusing_since = now if self._refusing_since is None else self._refusing_since
        self._pause = wish or self._pause
        self._distrusted = self._distrusted or (self._told and started > self._changed)
        if started < self._changed:  # it started together with one that was refused before
            pause = self.wait(now) if wish is None else max(wish, FIRST_PAUSE_S)
        else:
            gap = started - self.last
            if not self._is_by_chance():
                self._learn(gap, wish)
            self._changed, self._in_a_row = now, 0
            pause = max(wish or 0.0, FIRST_PAUSE_S)
            if wish is None or (wish < 1 and self.refusals_in_a_row > 2):  # a short wish that does not help
                pause = max(pause, self._pause_after(gap, now - started))
            self._pause = pause
        self.next_at = max(self.next_at, now + pause)
        return pause

    def _pause_after(self, gap: float, delay: float) -> float:
        """How long to wait where the server does not say."""
        if self._chance is not None:
            return FIRST_PAUSE_S
        if self._worked < math.inf and self.refusals_in_a_row < 3:
            return max(FIRST_PAUSE_S, self._worked - gap - delay)
        further = 3 * gap if gap < math.inf else FIRST_PAUSE_S * 4 ** min(10, self.refusals_in_a_row)
        return min(MAX_PAUSE_S, max(FIRST_PAUSE_S, further))

    def _is_by_chance(self) -> bool:
        """Whether a refusal says nothing about the right spacing."""
        if self._chance is not None:
            refusals, before = self._chance
            self._chance = (refusals + 1, before)
            if refusals + 1 < NOT_RANDOM_AFTER or 3 * (refusals + 1) < self._let - before:
                return True
            self._chance, self._far = None, 2 * self._far
        elif self.spacing and not self._looking and self._in_a_row >= MANY and self._outlasts(4 * SURE_PAUSES):
            self._far = self._far or FAR * self.spacing
            if self.spacing > self._far:
                self._chance, self.spacing = (0, self._let), 0.0
        return self._chance is not None

    def _learn(self, gap: float, wish: float | None) -> None:
        first, self._looking = self._looking, False
        if self._first is None:  # nothing has been let through yet, so there is nothing to learn from
            self.spacing = min(MAX_SPACING_S, max(START_S, wish or 0.0))
            return
        self._wide = self._wide or (first and self._let >= MANY)
        if self._wide:
            if self.refusals_in_a_row == 1:  # a window says nothing about gaps while it is shut
                self._refused = max(self._refused, min(gap, self.spacing))
        else:  # a wish is told in tenths or in whole seconds, upwards
            self._refused = max(self._refused, gap, gap + (wish or 0.0) - 1)
            if first and self._let > 1:
                self._worked = self._gap
        if self._worked <= self._refused:  # the limit has become stricter, or a full bucket had let those through
            self._worked = math.inf
        if wish is not None and not self._wide:
            self._worked = min(self._worked, gap + wish)
        if first and self._wide:
            self.spacing = max(2 * FREE_S, (self.last - self._first + (wish or 0.0)) / self._let)
        elif self._worked == math.inf:
            self.spacing = 2 * max(self._refused, FREE_S)
        elif self._is_near() or (wish is not None and wish < 1 and not self._wide):
            self.spacing = self._worked
        else:
            self.spacing = self._between(self._refused)
        self.spacing = min(MAX_SPACING_S, max(self.spacing, 1.03 * self._refused))

    def _cost(self) -> float:
        """What a refusal costs, in gaps."""
        return min(MAX_COST, self._pause / self._worked)

    def _is_near(self) -> bool:
        """Whether the range that is left is narrow enough."""
        return self._worked <= (CLOSE + 0.02 * self._cost()) * max(self._refused, FREE_S / 2)

    def _between(self, low: float) -> float:
        """A gap within the range that is left, the nearer to the one that worked, the more a refusal costs."""
        weight = 0.6 + 0.005 * self._cost()
        return float(self._worked**weight * max(low, FREE_S / 2) ** (1 - weight))

    def _outlasts(self, pauses: float) -> bool:
        """Whether the calls in a row cannot all be owed to a bucket that filled up during the last pause."""
        return not self._wide or self._in_a_row * self.spacing >= pauses * self._pause

    def refusing_for_s(self, now: float) -> float:
        """How long every call has been refused."""
        return 0.0 if self._refusing_since is None else now - self._refusing_since
