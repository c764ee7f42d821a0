"""The circuit breaker of one model: decides from its failures whether its server is away.

As in Nygard, *Release It!* (2007), with the evidence weighed as in resilience4j: it opens after a row of
failures so long that chance would bring it once in twenty thousand times, given the share that failed shortly
before. While open it lets out one probe at a time; after the first answer, seven more calls for each answer
until all may start. Nothing here waits, and the clock is passed in. Tuned in virtual time against outages,
brown-outs and hanging sockets (`python -m tools.bench outages`).
"""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

# Each figure was varied in simulated outages and brown-outs (python -m tools.bench outages).
# Failures in a row that open the breaker if nothing failed lately. With 2, two bad prompts would open it.
FEW = 3
# Failures in a row that open it in any case. When 60 % of calls fail, 20 in a row come once in 27,000.
MANY = 20
# Failures in a row that open it, for each call in flight, and the most of them. With 0.5 for each, a
# brown-out of 60 % at 8 in flight opens it twice as often; with more than 8, it notices an outage later.
BY_FLIGHT = 0.75
MOST_BY_FLIGHT = 8
# A row of failures less likely than this is an outage. With 0.002, a brown-out of 60 % takes 1.15 times as
# long as with plain retries.
RARE = 0.00005
# A row is put down to chance while fewer than this many of its calls have failed for each that is still out.
# Without this rule, 60 % failing at once opens it.
FAILURES_A_CALL_OUT = 4
# Seconds of failures and answers it remembers. With 30, a brown-out that is over still counts; with 3, one of
# 10 % is not seen.
WINDOW_S = 10.0
# The share of failures in the window from which on a brown-out is assumed: below it, hardly any trial fails
# three times.
BAD = 0.05
# Seconds until the first probe, and the factor from one pause to the next. With 2, a brown-out of 60 % waits
# 20 s.
FIRST_S = 0.5
GROWS = 1.5
LONGEST_S = 5.0  # the longest pause between two probes
# Calls that may start for each answer after a probe. With 3, an outage at 50 in flight ends 2 s later.
RAMP = 7
RAMPED = 200  # calls in flight at which the ramp ends


@dataclass
class Breaker:
    """The failures and answers of one model, and what they say about its server.

    `since`: first failure of the outage, None while the server is up. `probing`: a probe is out. `next_at`:
    when the next probe may start. `openings`: outages so far. `allowed`: calls that may be in flight while
    the breaker closes again. `again`: trials that are asked a second time at the end; their failures never
    open it.
    """

    since: float | None = None
    probing: bool = False
    next_at: float = 0.0
    openings: int = 0
    allowed: float = math.inf
    again: set[Hashable] = field(default_factory=set)
    _delay: float = FIRST_S
    _row: list[Hashable] = field(default_factory=list)  # trials whose calls failed since the last answer
    row_began: float = 0.0
    _seen: deque[tuple[float, Hashable | None]] = field(
        default_factory=deque
    )  # time, and the trial if it failed

    def wait(self, now: float) -> float:
        """Compute the seconds until a call may start.

        0.0 while the breaker is closed, LONGEST_S while a probe is out, otherwise the time to the next probe.
        """
        if self.since is None:
            return 0.0
        return LONGEST_S if self.probing else max(0.0, self.next_at - now)

    def starts(self) -> bool:
        """Note that a call starts, and return whether it is a probe."""
        self.probing = self.since is not None
        return self.probing

    def probed(self) -> None:
        """End the probe. `works` or `fails` has already recorded its result, if there was one."""
        self.probing = False

    def works(self, started: float, now: float) -> None:
        """Record the answer to a call that started at `started`.

        It ends the row of failures; it ends an outage only if the call started after the outage began.
        """
        self._note(now, None)
        self._row = []
        if self.since is not None:
            if started < self.since:
                return
            self.since, self.probing, self._delay, self.allowed = None, False, FIRST_S, 1.0
        self.allowed += RAMP
        if self.allowed > RAMPED:
            self.allowed = math.inf

    def fails(
        self, trial: Hashable, now: float, wish: float | None, in_flight: int, still_out: int, *, probe: bool
    ) -> bool:
        """Record a transient failure; return True if it does not count as an attempt.

        `wish`: Retry-After in seconds. `in_flight`: the model's calls that are out. `still_out`: those that
        started during this row and before this call; if the server were away, they would have failed too.
        """
        if self.since is not None:
            if probe:
                self.probing, self._delay = False, min(LONGEST_S, GROWS * self._delay)
                self.next_at = now + (wish or self._delay)
            return True
        if trial in self.again:
            return False
        share = self.share_failed(now)  # before this row
        self._note(now, trial)
        self.row_began = self.row_began if self._row else now
        self._row.append(trial)
        failed = len(self._row)
        is_chance = failed < self._too_many(share, in_flight) or failed < FAILURES_A_CALL_OUT * still_out
        if is_chance or len(set(self._row)) < 2:
            return self.is_bad(now)
        self.since, self._delay, self._row = self.row_began, FIRST_S, []
        self.openings += 1
        self.next_at = now + (wish or self._delay)
        return True

    def _too_many(self, share: float, in_flight: int) -> int:
        """Compute how many failures in a row rule out chance, given the share that failed before."""
        by_chance: float = FEW
        if share >= 1:
            by_chance = MANY
        elif share > 0:
            by_chance = math.log(RARE) / math.log(share)
        return min(MANY, math.ceil(max(FEW, min(MOST_BY_FLIGHT, BY_FLIGHT * in_flight), by_chance)))

    def share_failed(self, now: float) -> float:
        """Compute the share of the last seconds' calls that failed, without the present row.

        One answer is added, so that the share stays below 1.
        """
        self._forget(now)
        seen = list(self._seen)[: max(0, len(self._seen) - len(self._row))]
        return sum(trial is not None for _, trial in seen) / (len(seen) + 1)

    def is_bad(self, now: float) -> bool:
        """Check whether enough different trials failed lately to blame the server, not the prompts."""
        self._forget(now)
        failed = [trial for _, trial in self._seen if trial is not None]
        return len(set(failed)) >= FEW and len(failed) >= BAD * len(self._seen)

    def away_for(self, now: float) -> float:
        """Compute for how many seconds the server has been away; 0.0 if it is not."""
        return 0.0 if self.since is None else now - self.since

    def _note(self, now: float, failed: Hashable | None) -> None:
        self._seen.append((now, failed))
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[0][0] < now - WINDOW_S:
            self._seen.popleft()
