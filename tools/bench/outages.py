"""Ninety outages in virtual time, through the real runner of trials: ten kinds, 5, 20 and 60 s, 1, 8 and 50 at once.

Beside each its yardstick, the same run without an outage: how late it ends, what is lost, how many calls were lost
to the outage; then brown-outs, in which 30 % of the calls fail for a minute, prompts that always fail, and sockets that
hang until the timeout.
"""

import argparse
import random
from typing import NamedTuple

from escape.judges import RoomJudge
from escape.runs import trials
from escape.types import Answer, FailureKind, ModelError, ModelSpec, Prompt, Puzzle, Result, Trial
from tests.calls.test_guard import Stage
from tests.small_runs import puzzle

CALL_S, START_S = 1.0, 6.0  # of a call that works; when the server goes away
ANSWER = Answer(text="x", input_tokens=1, output_tokens=1)
SCENES = ((1, 60), (8, 400), (50, 1500))  # calls at once, trials
LENGTHS = (5.0, 20.0, 60.0)


class Kind(NamedTuple):
    """A way to fail: after so many seconds; `told`: its Retry-After is the truth."""

    name: str
    kind: FailureKind
    status: int | None = None
    after_s: float = 0.06
    attempts: int = 1
    told: bool = False


KINDS = (
    Kind("500 JSON", FailureKind.OVERLOADED, 500),
    Kind("502 HTML", FailureKind.OVERLOADED, 502),
    Kind("503 empty", FailureKind.OVERLOADED, 503, 0.005),
    Kind("504", FailureKind.OVERLOADED, 504, 1.0),
    Kind("529", FailureKind.OVERLOADED, 529),
    Kind("reset", FailureKind.CONNECTION, None, 0.06),
    Kind("refused", FailureKind.CONNECTION, None, 0.005, 0),
    Kind("dropped", FailureKind.CONNECTION, None, 1.0),
    Kind("an error in a 200", FailureKind.MALFORMED, 200, 1.0),
    Kind("503, Retry-After", FailureKind.OVERLOADED, 503, 0.005, 1, True),
)
HANGS, HANGS_S = Kind("sockets that hang", FailureKind.TIMEOUT, None, 60.0), 120.0


class Server:
    """Answers after a second but for its outage, in which a share of the calls fails."""

    def __init__(self, stage: Stage, how: Kind, length: float, share: float = 1.0, bad: frozenset[str] = frozenset()):
        self.spec = ModelSpec(provider="fake", model="m")
        self.stage, self.how, self.ends, self.share, self.bad = stage, how, START_S + length, share, bad
        self.failed, self.dice = 0, random.Random(1)

    async def complete(self, prompt: Prompt) -> Answer:
        now = self.stage.time
        if (START_S <= now < self.ends and self.dice.random() < self.share) or prompt.problem_id in self.bad:
            self.failed += 1
            await self.stage.rest(self.how.after_s)
            wish = self.ends - self.stage.time if self.how.told else None
            raise ModelError(self.how.kind, "away", wish, self.how.attempts, status=self.how.status)
        await self.stage.rest(CALL_S)
        return ANSWER

    async def close(self) -> None:
        pass


class Seen(NamedTuple):
    ended: float
    lost: int
    failed: int


def played(at_once: int, n: int, how: Kind, length: float, share: float = 1.0, bad: int = 0) -> Seen:
    """A run of so many trials against such a server."""
    stage = Stage(concurrency=at_once)
    ids = [f"P{i}" for i in range(n)]
    server = Server(stage, how, length, share, frozenset(ids[3 : 3 + bad]))
    rooms: dict[str, Puzzle] = {i: puzzle(i) for i in ids}
    results: dict[Trial, Result] = {}
    cast = trials.TrialContext(rooms, {"fake:m": stage.calls.guard(server)}, RoomJudge())
    todo = [Trial(problem_id=i, player="fake:m") for i in ids]

    def emit(result: Result) -> None:
        results[result.trial] = result

    async def run() -> Answer:
        await trials.run(todo, cast, stage.calls, emit, now=lambda: "")
        return ANSWER

    stage.go(run())
    lost = sum(r.answer is None for r in results.values()) + n - len(results)
    return Seen(stage.time, lost, server.failed)


def main(o: argparse.Namespace) -> None:
    worst, most_lost, most_failed = 0.0, 0, 0.0
    for at_once, n in SCENES:
        plain = played(at_once, n, KINDS[0], 0.0)
        for how in KINDS:
            for length in LENGTHS:
                seen = played(at_once, n, how, length)
                late = seen.ended / (1.1 * (plain.ended + length + 3))
                calls = (seen.failed - at_once) / (40 * (1 + length / 60))
                worst, most_lost, most_failed = max(worst, late), max(most_lost, seen.lost), max(most_failed, calls)
                if late > 1 or seen.lost or calls > 1:
                    print(f"  {how.name}, {length:.0f} s, {at_once} at once: {late:.2f} of the bar, {seen}")
    print(
        f"{len(SCENES) * len(KINDS) * len(LENGTHS)} outages: {most_lost} lost at most; the latest ends at {worst:.2f} "
        f"of the bar; calls lost {most_failed:.2f} of 40 a minute and those in flight"
    )
    for at_once, n in ((1, 100), (8, 700), (50, 4500)):
        plain, seen = (played(at_once, n, KINDS[0], length, 0.3) for length in (0.0, 60.0))
        print(f"brown-out, {at_once} at once: {seen.ended / (plain.ended):.2f} times without, {seen.lost} of {n} lost")
        assert not seen.lost
    for at_once, n, bad in ((1, 60, 1), (8, 400, 2)):
        lost = played(at_once, n, KINDS[0], 0.0, bad=bad).lost
        print(f"{bad} bad prompts of {n}, {at_once} at once: {lost} lost")
        assert lost == bad
    for at_once, n in SCENES:
        plain, seen = (played(at_once, n, HANGS, length) for length in (0.0, HANGS_S))
        later = seen.ended - plain.ended
        print(f"{HANGS.name} for {HANGS_S:.0f} s, {at_once} at once: {later:.0f} s later, {seen.lost} of {n} lost")
        assert not seen.lost
    assert (worst <= 1, most_lost, most_failed <= 1) == (True, 0, True)
