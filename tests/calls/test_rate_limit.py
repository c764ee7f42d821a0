"""The pace of calls against servers that limit it, in simulated time: refusals, and the rate reached."""

import heapq
import math
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest

from escape.calls.lane import Lane
from escape.calls.pace import BETA, MAX_PAUSE_S, START, RateLimit
from tests.calls.server import Server

pytestmark = pytest.mark.proof

Wish = Callable[[float, float], float | None]
WISHES: dict[str, Wish] = {
    "whole": lambda now, wait: math.ceil(wait),
    "exact": lambda now, wait: wait,
    "none": lambda now, wait: None,
    "zero": lambda now, wait: 0.0,
    "past": lambda now, wait: -30.0,
}
LATENCIES = (0.1, 1.0, 3.0)


class Seen(NamedTuple):
    refused: float  # share of all calls
    rate: float  # share of the allowed rate, from the first reply to the last call
    seconds: float
    calls: int


def simulated(
    servers: dict[str, Server],
    wish: str,
    *,
    latency: float = 0.1,
    seconds: float = math.inf,
    calls: float = math.inf,
    at_once: int = 64,
    together: bool = False,
) -> dict[str, Seen]:
    """Simulate calls to models of one provider, for so many seconds or so many of each.

    Models may share one server.
    """
    lane, now, number, first, last = Lane(64, proven=True, together=together), 0.0, 0, math.inf, 0.0
    waiting, out = dict.fromkeys(servers, calls), dict.fromkeys(servers, 0)
    refused, let, began = dict.fromkeys(servers, 0), dict.fromkeys(servers, 0), dict.fromkeys(servers, 0)
    coming: list[tuple[float, int, str, float, bool, float | None]] = []
    while (coming or any(waiting.values())) and now <= first + seconds:
        most = at_once if first < math.inf else 1
        for model in sorted(servers, key=lambda m: began[m]):  # whoever has waited longest
            while waiting[model] and out[model] < most and lane.pace_of(model).wait(now) <= 0:
                began[model] = number
                lane.pace_of(model).take(now)
                waiting[model], out[model], number, last = waiting[model] - 1, out[model] + 1, number + 1, now
                wait = servers[model].refusal(now)
                back = now + (latency if wait is None else 0.01)
                told = None if wait is None else WISHES[wish](now, wait)
                heapq.heappush(coming, (back, number, model, now, wait is None, told))
        starts = [now + lane.pace_of(m).wait(now) for m in servers if waiting[m] and out[m] < most]
        now = max(now, min([*starts, *([coming[0][0]] if coming else [])]))
        while coming and coming[0][0] <= now + 1e-12:
            _, _, model, started, good, wanted = heapq.heappop(coming)
            out[model] -= 1
            if good:
                first, let[model] = min(first, now), let[model] + 1
                lane.pace_of(model).accepted(started, now)
            else:
                refused[model], waiting[model] = refused[model] + 1, waiting[model] + 1
                lane.pace_of(model).refused(started, now, wanted)
    span = min(seconds, last - first)
    found = {}
    for model, server in servers.items():
        served = sum(first <= at <= first + span for at in server.served)
        share = refused[model] / max(1, refused[model] + let[model])
        found[model] = Seen(share, served / (server.rate * span), now, refused[model] + let[model])
    return found


def one(server: Server, wish: str, **more: float) -> Seen:
    return simulated({"m": server}, wish, **more)["m"]  # type: ignore[arg-type]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", [2.0, 5.0, 20.0])
def test_a_strict_limit_is_found_and_kept_however_long_answers_take(
    wish: str, latency: float, rate: float
) -> None:
    seen = one(Server(rate), wish, latency=latency, seconds=120.0)
    assert seen.refused <= 0.1
    assert seen.rate >= 0.76


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("latency", LATENCIES)
def test_a_window_of_a_minute_is_used_up_and_then_kept_to(wish: str, latency: float) -> None:
    seen = one(Server(1.0, window=(60, 60.0)), wish, latency=latency, seconds=240.0)
    assert seen.refused <= (0.1 if wish in {"whole", "exact"} else 0.125)
    assert seen.rate >= 0.76


def test_ten_thousand_random_schedules_raise_nothing_and_leave_a_rate() -> None:
    chance = random.Random(7)
    for _ in range(10_000):
        limit, now = RateLimit(chance.choice([START, 1e9])), 0.0
        for _ in range(chance.randrange(1, 25)):
            now += chance.choice([0.0, chance.expovariate(1.0), limit.wait(now)])
            started = now - chance.choice([0.0, chance.expovariate(2.0)])
            match chance.randrange(3):
                case 0:
                    limit.told_s = chance.choice([0.0, 0.5])
                    limit.take(now)
                case 1:
                    limit.accepted(started, now)
                case _:
                    wish = chance.choice([None, 0.0, -5.0, 1.0, 0.02, 400.0, math.inf])
                    limit.refused(started, now, wish)
            assert limit.rate(now) > 0
            assert limit.wait(now) >= 0


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_provider_that_never_refuses_is_slowed_for_a_moment_only(latency: float) -> None:
    seen = one(Server(1e9, burst=1e9), "none", at_once=8, latency=latency, calls=200)
    assert seen.refused == 0
    assert seen.seconds <= (200 / 8 + 4) * latency + 1


@pytest.mark.parametrize("share", [0.005, 0.017])
def test_a_server_that_refuses_by_chance_is_not_stopped_by_it(share: float) -> None:
    seen = one(Server(1e9, burst=1e9, by_chance=share), "none", calls=2000, latency=0.05, at_once=50)
    assert seen.seconds <= 120
    assert seen.refused <= 1.5 * share + 0.01


@pytest.mark.parametrize("wish", ["whole", "exact", "none"])
@pytest.mark.parametrize("latency", LATENCIES)
def test_a_limited_model_does_not_slow_another_of_its_provider(wish: str, latency: float) -> None:
    seen = simulated({"slow": Server(2.0), "quick": Server(10.0)}, wish, latency=latency, seconds=120.0)
    assert min(x.rate for x in seen.values()) >= 0.77
    assert max(x.refused for x in seen.values()) <= 0.105


@pytest.mark.parametrize("wish", ["whole", "exact", "none"])
@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("rate", [2.0, 5.0, 20.0])
def test_models_that_are_counted_together_share_their_limit(rate: float, wish: str, latency: float) -> None:
    server = Server(rate)
    seen = simulated({"player": server, "judge": server}, wish, latency=latency, seconds=240.0, together=True)
    assert seen["judge"].rate >= 0.69
    assert sum(x.refused * x.calls for x in seen.values()) <= 0.145 * sum(x.calls for x in seen.values())


def test_a_servers_wish_is_the_pause_and_other_pauses_grow_to_a_bound() -> None:
    limit = RateLimit()
    limit.take(0.0)
    assert limit.refused(0.0, 0.1, 7.0) == 7.0
    assert limit.wait(0.1) == 7.0
    limit, now, pauses = RateLimit(), 0.0, []
    for _ in range(10):
        limit.take(now)
        pauses.append(limit.refused(now, now + 0.01, None))
        now += 0.01 + limit.wait(now + 0.01)
    assert pauses == pytest.approx(sorted(pauses))
    assert pauses[-1] == pytest.approx(MAX_PAUSE_S)


def test_calls_that_were_out_together_make_it_slower_once() -> None:
    limit = RateLimit()
    for at in (0.0, 0.1, 0.2):
        limit.take(at)
    limit.refused(0.0, 0.3, None)
    rate = limit.rate(0.3)
    for started in (0.1, 0.2):
        limit.refused(started, 0.4, None)
    assert limit.rate(0.4) >= rate >= 0.5 * BETA * START


def test_calls_are_let_out_one_gap_apart_and_none_is_owed_for_idle_time() -> None:
    limit = RateLimit(0.5)
    limit.take(10.0)
    assert limit.wait(10.0) == 2.0
    limit.take(50.0)
    assert limit.wait(50.0) > 1.0
    assert limit.wait(53.0) == 0.0


def test_a_rate_that_is_announced_is_kept_to_and_never_wider_than_a_minute() -> None:
    limit = RateLimit(math.inf, told_s=0.5)
    limit.take(1.0)
    assert limit.wait(1.0) == 0.5
    assert limit.spacing(1.0) == 0.5
    limit.told_s = 1e9
    assert limit.spacing(1.0) == 60


def test_a_rate_that_somebody_knows_is_kept_to_from_the_first_call() -> None:
    limit = RateLimit(fixed=2.0)
    limit.take(0.0)
    assert limit.wait(0.0) == 0.5
