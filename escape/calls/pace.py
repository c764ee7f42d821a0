"""The pace of one model's calls, learnt from what its server refuses. Never waits; the clock is passed in."""

from dataclasses import dataclass

FEW = 3  # calls let through since a refusal; after fewer, the next refusal may belong to the same burst
# A Retry-After shorter than this, in seconds, is ignored if nothing got through since the last refusal.
SHORTEST_S = 0.5
# Calls a second before anything is known. With 3, up to 38 % of a limit is unused; with 50, 12 % is refused.
START = 10.0
# The share of the rate that is left after a refusal. With 0.8, a limit of 20 a second is used to 70 %.
BETA = 0.85
# Calls until the refused rate is reached again. With 25 more calls are refused, with 45 less of the limit is
# used.
REGAIN = 31.0
# The longest pause if no Retry-After says otherwise. With 10, servers that count by the minute refuse more;
# with 300, pauses outlast the limit.
MAX_PAUSE_S = 20.0


@dataclass
class RateLimit:
    """The rate at which calls may start, learnt from refusals: CUBIC, as in TCP and the SDKs of AWS.

    After a refusal calls start at BETA times the rate at which it came. From there the rate follows a cubic
    in time: quickly back towards the refused rate, slowly around it, then quickly beyond. Before the first
    refusal it doubles with each round trip (slow start). A server that refuses again before it has let
    anything through is not slower: its window is used up. Then pauses double, and the rate does not fall.

    Sources: RFC 9438, sections 4.2 and 4.6 (growth and decrease; the time until the refused rate is back is
    that of REGAIN calls, so that the limit of a fast server is found in as many calls as that of a slow one);
    `botocore/retries/throttling.py`. Each constant above was varied against seventy-eight servers in
    simulated time (tests/calls/test_rate_limit.py): with these, at least 76 % of every limit is used and at
    most 10 % of calls are refused (12 % where a server counts by the minute and asks for no pause).

    One instance serves one model, or those that share a limit. Times are seconds on one clock, rates calls a
    second.

    `top`: the refused rate; before the first refusal, the rate itself. `cut_at`: the last refusal. `let`:
    calls that started since and were not refused. `pause`: the last pause. `next_at`: when the next call may
    start. `fixed`: the rate, if it is known. `told_s`: the gap that the provider's headers ask for.
    `refusing`: since when every call has been refused.
    """

    top: float = START
    cut_at: float | None = None
    let: int = 0
    pause: float = 0.0
    next_at: float = 0.0
    fixed: float | None = None
    told_s: float = 0.0
    refusing: float | None = None

    def rate(self, now: float) -> float:
        if self.cut_at is None:
            return self.top
        regain = REGAIN * max(1 / self.top, min(self.pause, 1.0) / 2)
        beyond = max(0.0, now - self.cut_at - self.pause) / regain - 1
        return self.top * (1 + (1 - BETA if beyond < 0 else 1) * beyond**3)

    def wait(self, now: float) -> float:
        """Compute the seconds until the next call may start."""
        seconds = self.next_at - now
        return seconds if seconds > 1e-6 else 0.0

    def spacing(self, now: float) -> float:
        """Compute the seconds between the starts of calls."""
        if self.fixed:
            return 1 / self.fixed
        return max(1 / self.rate(now), min(self.told_s, 60.0))  # limits count by the minute

    def refused_for(self, now: float) -> float:
        """Compute for how many seconds every call has been refused; 0.0 after an accepted one."""
        return 0.0 if self.refusing is None else now - self.refusing

    def join(self, other: "RateLimit") -> None:
        """Merge in the pace of another model that shares the limit: their rates add up."""
        self.top += other.top
        self.next_at, self.told_s = max(self.next_at, other.next_at), max(self.told_s, other.told_s)

    def take(self, now: float) -> None:
        probing = self.pause if self.let == 0 and self.cut_at is not None else 0.0
        self.next_at = max(now, self.next_at) + max(self.spacing(now), probing)
        self.let += 1

    def accepted(self, started: float, now: float) -> None:
        """Record that a call that started at `started` was let through."""
        self.refusing = None
        if self.cut_at is None:
            self.top *= 1 + 1 / max(1.0, self.top * (now - started))
        elif started > self.cut_at and self.let == 1:  # it was alone: the server is back
            self.next_at = min(self.next_at, max(now, started + 1 / self.rate(now)))

    def refused(self, started: float, now: float, wish: float | None) -> float:
        """Record a refusal of a call and return the pause in seconds. `wish`: seconds, as the server asks."""
        first, wish = self.cut_at is None, max(0.0, wish or 0.0)
        self.refusing = now if self.refusing is None else self.refusing
        if self.cut_at is None or started > self.cut_at:
            self.let = max(0, self.let - 1)
            # slow start has overshot; `top` stays if enough was let through: the limit is near
            if self.let or first:
                kept = 1.0
                if first:
                    kept = BETA**3
                elif self.let < FEW:
                    kept = BETA
                self.top = self.rate(started) * kept
                self.pause = wish or max(1 / self.top, self.pause / 2)
            else:
                self.pause = wish if wish >= SHORTEST_S else min(MAX_PAUSE_S, 2 * self.pause)
            self.cut_at, self.let = now, 0
        self.next_at = max(self.next_at, now + max(self.pause, wish))
        return self.next_at - now
