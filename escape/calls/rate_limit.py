"""How often calls may start, learnt from what a server refuses: CUBIC, as in TCP and in the SDKs of AWS.

After a refusal calls start at BETA times the rate at which it came. From there the rate follows a cubic in time:
quickly back towards the rate that was refused, slowly around it, then quickly beyond. Before the first refusal each
call that is let through makes it faster (slow start). A server that refuses again before anything was let through is no
slower: it is away, or its window is used up. Then pauses grow, and the rate waits for them.

Sources: RFC 9438, sections 4.2 and 4.6 (growth and decrease; the time until the refused rate is back is that of so many
calls, so that a quick server is found out as fast as a slow one); botocore, `botocore/retries/throttling.py`. The clock
is passed in; nothing here waits.
"""

from __future__ import annotations

from dataclasses import dataclass

START = 10.0  # calls a second before anything is known
MOST = 60.0  # that a refusal is taken to say anything about
FASTER = 1.5  # before the first refusal: calls more a round trip, for each call let through
BETA = 0.85  # of the rate, after a refusal
GAIN = 6.0  # of the cubic beyond the rate that was refused
REGAIN_CALLS, REGAIN_PAUSES = 31.0, 16.0  # until the refused rate is back: the time of so many calls, or pauses
FIRST_PAUSE_S, MAX_PAUSE_S = 0.05, 20.0  # without a Retry-After
GROWS, FADES = 6.0, 10.0  # a pause, with each refusal in a row; what is left of it for the next refusal
SHORT_S = 1.0  # a Retry-After that does not help grows as well
FEW = 5  # calls let through between two refusals: the rate is far too high
MAX_SPACING_S = 60.0  # whatever headers say
MAX_RETRY_AFTER_S = 300.0  # if a server asks for more, the run ends for this provider and can be continued later
MAX_WAIT_S = 300.0  # the longest that a server may refuse everything


@dataclass
class RateLimit:
    """The rate of one model's calls. Times are seconds on one clock, rates are calls a second.

    `top`: the rate at which a call was refused; before the first refusal, the rate itself; `cut_at`: the last refusal;
    `let`: calls that started since and were not refused; `pause`: the last one; `next_at`: when the next may start;
    `fixed`: the rate, if somebody knows it; `told_s`: the gap that the provider's headers ask for; `refusing`: since
    when every call has been refused.
    """

    top: float = START
    cut_at: float | None = None
    let: int = 0
    pause: float = FIRST_PAUSE_S
    next_at: float = 0.0
    fixed: float | None = None
    told_s: float = 0.0
    refusing: float | None = None

    def rate(self, now: float) -> float:
        """Calls a second."""
        if self.cut_at is None:
            return self.top
        regain = max(REGAIN_CALLS / self.top, REGAIN_PAUSES * min(self.pause, 1.0))
        beyond = max(0.0, now - self.cut_at - self.pause) / regain - 1
        return self.top * (1 + (1 - BETA if beyond < 0 else GAIN) * beyond**3)

    def wait(self, now: float) -> float:
        """Seconds until the next call may start."""
        seconds = self.next_at - now
        return seconds if seconds > 1e-6 else 0.0

    def spacing(self, now: float) -> float:
        """Seconds between the starts of calls."""
        return 1 / self.fixed if self.fixed else max(1 / self.rate(now), min(self.told_s, MAX_SPACING_S))

    def take(self, now: float) -> None:
        """A call starts."""
        probing = self.pause if self.let == 0 and self.cut_at is not None else 0.0
        self.next_at = max(now, self.next_at) + max(self.spacing(now), probing)
        self.let += 1

    def accepted(self, started: float, now: float) -> None:
        self.refusing = None
        if self.cut_at is None:
            self.top *= 1 + FASTER / max(1.0, self.top * (now - started))  # two to four times as fast each round trip
        elif started > self.cut_at and self.let == 1:  # it was alone: the server is back
            self.next_at = min(self.next_at, max(now, started + 1 / self.rate(now)))

    def refused(self, started: float, now: float, wish: float | None) -> float:
        """A call that started at `started` was refused; `wish`: the wait that the server asks for, in seconds.
        Returns the pause until the next call.
        """
        first, self.refusing = self.cut_at is None, now if self.refusing is None else self.refusing
        if self.cut_at is None or started > self.cut_at:
            self.let = max(0, self.let - 1)
            if self.let or first:
                rate = min(self.rate(started), MOST)
                self.top = (0.7 if first else BETA if self.let < FEW else 1.0) * rate
                self.pause = max(FIRST_PAUSE_S, self.pause / FADES)
                least = 0.0
            else:  # nothing has passed since the last refusal: it is away, or shut
                least = min(MAX_PAUSE_S, 1.5 * self.pause)
                self.pause = min(MAX_PAUSE_S, GROWS * self.pause)
            self.cut_at, self.let = now, 0
            if wish and wish > 0:
                self.pause = max(wish, least) if wish < SHORT_S else wish
        self.next_at = max(self.next_at, now + (wish if wish and wish > self.pause else self.pause))
        return self.next_at - now
