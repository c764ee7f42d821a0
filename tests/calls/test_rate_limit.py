"""The pace of calls against servers that limit it, in simulated time: what is refused, and what rate comes out."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

from escape.calls.lane import Rates
from escape.calls.rate_limit import MAX_PAUSE_S, MAX_SPACING_S, START_S, RateLimit

Wish = Callable[[float, float], float | None]
WISHES: dict[str, Wish] = {
    "seconds": lambda now, wait: math.ceil(wait),
    "tenths": lambda now, wait: math.ceil(10 * wait) / 10,
    "date": lambda now, wait: math.ceil(now + wait) - now,
    "none": lambda now, wait: None,
}


class Seen(NamedTuple):
    refused: float  # share of all calls
    rate: float  # share of the allowed rate
    seconds: float


@dataclass
class Server:
    """A bucket, or with `window` so many calls in each so many seconds; refuses a share by chance besides."""

    rate: float
    burst: float = 1.0
    window: tuple[int, float] | None = None
    by_chance: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    _filled: float = 0.0
    _level: float = -1.0
    _began: float = 0.0
    _used: int = 0
    served: list[float] = field(default_factory=list)

    def refusal(self, now: float) -> float | None:
        """Seconds until a call would be let through; None if this one is."""
        lucky, wait = self.chance.random() >= self.by_chance, 0.0
        if self.window:
            most, seconds = self.window
            if now - self._began >= seconds:
                self._began, self._used = self._began + seconds * ((now - self._began) // seconds), 0
            wait = self._began + seconds - now if self._used >= most else 0.0
            self._used += wait == 0 and lucky
        else:
            level = self.burst if self._level < 0 else self._level
            self._level = min(self.burst, level + max(0.0, now - self._filled) * self.rate)
            self._filled = max(self._filled, now)
            wait = (1 - self._level) / self.rate if self._level < 1 - 1e-9 else 0.0
            self._level -= wait == 0 and lucky
        if wait == 0 and lucky:
            self.served.append(now)
            return None
        return max(wait, 1e-6)


def simulated(
    servers: dict[str, Server],
    calls: dict[str, int],
    wish: Wish,
    *,
    latency: float = 0.1,
    refusal: float = 0.01,
    at_once: int = 64,
    jitter: float = 0.0,
) -> dict[str, Seen]:
    """So many calls to each model of one provider; models may have one server together."""
    rates, now, chance, number = Rates(), 0.0, random.Random(3), 0
    waiting, out, refused = dict(calls), dict.fromkeys(calls, 0), dict.fromkeys(calls, 0)
    ended = dict.fromkeys(calls, 0.0)
    coming: list[tuple[float, int, str, float, bool, float | None]] = []
    while coming or any(waiting.values()):
        ready = [m for m in calls if waiting[m] and out[m] < at_once]
        for model in ready:
            while waiting[model] and out[model] < at_once and rates.wait(model, now) <= 1e-12:
                rates.take(model, now)
                waiting[model], out[model], number = waiting[model] - 1, out[model] + 1, number + 1
                arrives = now + chance.uniform(0, jitter)
                wait = servers[model].refusal(arrives)
                back = arrives + (latency if wait is None else refusal)
                told = None if wait is None else wish(arrives, wait)
                heapq.heappush(coming, (back, number, model, now, wait is None, told))
        starts = [now + rates.wait(m, now) for m in ready if waiting[m] and out[m] < at_once]
        now = max(now, min([*starts, *([coming[0][0]] if coming else [])]))
        while coming and coming[0][0] <= now + 1e-12:
            _, _, model, started, good, wanted = heapq.heappop(coming)
            out[model] -= 1
            if good:
                rates.accepted(model, started, started)
                ended[model] = now
            else:
                refused[model], waiting[model] = refused[model] + 1, waiting[model] + 1
                rates.refused(model, started, now, wanted)
    found = {}
    for model, server in servers.items():
        rate = (len(server.served) - 1) / (server.served[-1] - server.served[0]) / server.rate
        found[model] = Seen(refused[model] / (calls[model] + refused[model]), rate, ended[model])
    return found


def one(server: Server, wish: str | Wish, calls: int = 200, **more: float) -> Seen:
    told = WISHES[wish] if isinstance(wish, str) else wish
    return simulated({"m": server}, {"m": calls}, told, **more)["m"]  # type: ignore[arg-type]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("latency", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("rate", [1.0, 2.0, 5.0, 20.0])
def test_a_strict_limit_is_found_and_kept_however_long_answers_take(wish: str, latency: float, rate: float) -> None:
    seen = one(Server(rate), wish, latency=latency)
    assert seen.refused <= 0.08
    assert seen.rate >= 0.85


@pytest.mark.parametrize("wish", ["tenths", "none"])
@pytest.mark.parametrize("rate", [1.0, 2.0, 5.0, 20.0])
def test_it_is_found_within_sixty_calls(wish: str, rate: float) -> None:
    seen = one(Server(rate), wish, 60, latency=1.0)
    assert seen.refused <= 0.08
    assert seen.rate >= 0.75


@pytest.mark.parametrize("rate", [1.0, 2.0, 5.0])
def test_it_is_found_where_refusals_take_their_time(rate: float) -> None:
    for wish in WISHES:
        seen = one(Server(rate), wish, latency=1.0, refusal=0.2)
        assert seen.refused <= 0.08
        assert seen.rate >= 0.85


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("latency", [0.1, 1.0, 3.0])
def test_a_window_of_a_minute_is_used_up_and_then_kept_to(wish: str, latency: float) -> None:
    seen = one(Server(1.0, window=(60, 60.0)), wish, latency=latency, at_once=16)
    assert seen.refused <= 0.08
    assert seen.rate >= 0.85


def test_a_limit_that_trembles_is_kept_too() -> None:
    seen = one(Server(1.0), "seconds", jitter=0.05)
    assert seen.refused <= 0.06
    assert seen.rate >= 0.88


def test_a_provider_that_never_refuses_is_slowed_for_a_moment_only() -> None:
    seen = one(Server(1e9, burst=1e9), "none", at_once=8)
    assert seen.refused == 0
    assert seen.seconds <= 200 / 8 * 0.1 + 4 * START_S


@pytest.mark.parametrize("share", [0.005, 0.017, 0.05])
def test_a_server_that_refuses_by_chance_is_not_slowed_for_it(share: float) -> None:
    calls, latency, wish = 4000, 0.05, 0.05
    server = Server(1e9, burst=1e9, by_chance=share)
    seen = one(server, lambda now, wait: wish, calls, latency=latency, refusal=latency, at_once=50)
    free = calls / 50 * latency
    assert seen.seconds <= 3 * (free + calls * share * wish) + 15  # every refusal is a pause, as the server wishes
    assert seen.refused <= 1.3 * share + 0.01


def test_a_wide_bucket_is_used_up_before_calls_are_held_back() -> None:
    seen = one(Server(5.0, burst=100), "seconds", 3000, at_once=8)
    assert seen.refused <= 0.05
    assert seen.seconds <= 1.05 * 2900 / 5


@pytest.mark.parametrize("wish", ["seconds", "none"])
@pytest.mark.parametrize("latency", [0.1, 1.0, 3.0])
def test_a_limited_model_does_not_slow_another_of_its_provider(wish: str, latency: float) -> None:
    servers = {"slow": Server(1.0), "quick": Server(10.0), "free": Server(1e9, burst=1e9)}
    seen = simulated(servers, {"slow": 100, "quick": 300, "free": 600}, WISHES[wish], latency=latency)
    assert min(seen["slow"].rate, seen["quick"].rate) >= 0.77
    assert max(x.refused for x in seen.values()) <= 0.08
    assert seen["free"].seconds <= 600 / 64 * latency + 4 * START_S + latency


@pytest.mark.parametrize("wish", ["seconds", "tenths", "none"])
@pytest.mark.parametrize("latency", [0.1, 1.0])
def test_models_that_are_counted_together_share_their_limit(wish: str, latency: float) -> None:
    server = Server(2.0)
    seen = simulated({"player": server, "judge": server}, {"player": 150, "judge": 150}, WISHES[wish], latency=latency)
    assert seen["judge"].rate >= 0.8
    assert max(x.refused for x in seen.values()) <= 0.12


def test_a_servers_wish_is_the_pause_and_without_one_pauses_grow_to_a_bound() -> None:
    limit = RateLimit()
    assert limit.refused(0.0, 0.1, 7.0) == 7.0
    assert limit.wait(0.1) == 7.0
    limit, now, pauses = RateLimit(), 0.0, []
    for _ in range(8):
        pauses.append(limit.refused(now, now, None))
        now += limit.wait(now)
    assert pauses == sorted(pauses)
    assert pauses[-1] == MAX_PAUSE_S <= MAX_SPACING_S
    assert limit.refusing_for_s(now) == pytest.approx(now)


def test_a_wish_that_does_not_help_is_not_believed_for_ever() -> None:
    limit, now = RateLimit(), 0.0
    for _ in range(8):
        limit.refused(now, now, 0.0)
        now += limit.wait(now)
    assert now > 15


def test_a_limit_that_is_lifted_is_forgotten() -> None:
    limit, now = RateLimit(), 0.0
    limit.take(0.0)
    limit.accepted(0.0)
    limit.take(0.1)
    limit.refused(0.1, 0.2, 0.05)
    for _ in range(20_000):
        now = max(now, 0.3) + limit.wait(now) + 0.001
        limit.take(now)
        limit.accepted(now)
        if not limit.spacing:
            return
    raise AssertionError(limit.spacing)


def test_a_later_refusal_without_a_wish_cuts_no_longer_pause_short() -> None:
    limit = RateLimit()
    limit.take(0.0)
    limit.take(0.0)
    assert limit.refused(0.0, 0.1, 30.0) == 30.0
    limit.refused(0.0, 0.2, None)
    assert limit.wait(0.2) == pytest.approx(29.9)


def test_calls_are_let_out_one_spacing_apart_and_none_is_owed_for_idle_time() -> None:
    limit = RateLimit(spacing=2.0)
    limit.take(10.0)
    assert limit.wait(10.0) == 2.0
    limit.take(50.0)
    assert limit.wait(50.0) > 1.0
    assert limit.wait(53.0) == 0.0


def test_calls_never_stand_further_apart_than_a_minute() -> None:
    limit = RateLimit()
    limit.take(0.0)
    limit.accepted(0.0)
    for n in range(6):
        start = 300.0 * (n + 1)
        limit.take(start)
        limit.refused(start, start + 0.1, 250.0)
        assert limit.spacing <= MAX_SPACING_S


def test_a_rate_that_is_announced_is_kept_to_until_the_provider_refuses_all_the_same() -> None:
    limit = RateLimit()
    limit.take(0.0)
    limit.accepted(0.0)
    limit.hold_to(0.0)  # a bucket that is full: calls still come faster only little by little
    assert 0 < limit.spacing < START_S
    limit.hold_to(0.5)
    assert limit.wait(0.1) == pytest.approx(0.4)
    limit.take(0.5)
    limit.hold_to(0.4)
    assert limit.spacing == 0.4
    limit.take(0.9)
    limit.accepted(0.5)
    limit.refused(0.9, 1.0, 1.0)
    limit.hold_to(0.1)
    assert limit.spacing > 0.4
