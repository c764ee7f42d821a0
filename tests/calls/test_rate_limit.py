"""The pace of a provider against servers that limit it, in simulated time: what is refused, and what rate comes out."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest

from escape.calls.lane import FEW
from escape.calls.rate_limit import MAX_PAUSE_S, MAX_SPACING_S, RateLimit

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


def simulated(
    rate: float,
    wish: Wish,
    *,
    burst: float = 1.0,
    latency: float = 0.1,
    calls: int = 200,
    at_once: int = 8,
    jitter: float = 0.0,
    by_chance: float = 0.0,
) -> Seen:
    """A token bucket that refuses what it cannot serve, and a share by chance, asked by as many as a lane lets out."""
    limit, now, bucket, filled, chance = RateLimit(), 0.0, burst, 0.0, random.Random(3)
    waiting, out, back, refused, number = calls, 0, 0, 0, 0
    coming: list[tuple[float, int, float, bool, float | None]] = []
    served: list[float] = []
    while back < calls:
        few = FEW * at_once
        most = 1 if back < 1 else few if back < 0.75 * few else at_once
        while waiting and out < most and limit.wait(now) <= 0:
            limit.take(now)
            waiting, out, number = waiting - 1, out + 1, number + 1
            arrives = now + chance.uniform(0, jitter)
            bucket, filled = min(burst, bucket + max(0.0, arrives - filled) * rate), max(filled, arrives)
            good = bucket >= 1 and chance.random() >= by_chance
            if good:
                bucket -= 1
                served.append(arrives)
            wanted = None if good else wish(arrives, (1 - bucket) / rate)
            heapq.heappush(coming, (arrives + latency, number, now, good, wanted))
        next_start = [now + limit.wait(now)] if waiting and out < most else []
        now = max(now, min([*next_start, *([coming[0][0]] if coming else [])]))
        while coming and coming[0][0] <= now:
            _, _, started, good, wanted = heapq.heappop(coming)
            out -= 1
            if good:
                back += 1
                limit.accepted(started)
            else:
                refused, waiting = refused + 1, waiting + 1
                limit.refused(started, now, wanted)
    return Seen(refused / (calls + refused), (calls - 1) / (served[-1] - served[0]) / rate, now)


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("latency", [0.05, 0.1, 0.5])
def test_a_strict_limit_is_found_and_kept(wish: str, latency: float) -> None:
    seen = simulated(1.0, WISHES[wish], latency=latency)
    assert seen.refused <= 0.05
    assert seen.rate >= 0.9


def test_a_limit_that_trembles_is_kept_too() -> None:
    seen = simulated(1.0, WISHES["seconds"], jitter=0.05)
    assert seen.refused <= 0.06
    assert seen.rate >= 0.88


def test_a_provider_that_never_refuses_is_never_slowed() -> None:
    seen = simulated(1e9, WISHES["none"], burst=1e9)
    assert seen.refused == 0
    assert seen.seconds == pytest.approx(200 / 8 * 0.1, rel=0.1)


@pytest.mark.parametrize("share", [0.005, 0.017, 0.05])
def test_a_server_that_refuses_by_chance_is_not_slowed_for_it(share: float) -> None:
    calls, latency, wish = 4000, 0.05, 0.05
    seen = simulated(1e9, lambda now, wait: wish, burst=1e9, latency=latency, calls=calls, at_once=50, by_chance=share)
    free = calls / 50 * latency
    assert seen.seconds <= 3 * (free + calls * share * wish) + 15  # every refusal is a pause, as the server wishes
    assert seen.refused <= 1.3 * share + 0.01


def test_a_wide_bucket_is_used_up_before_calls_are_held_back() -> None:
    seen = simulated(5.0, WISHES["seconds"], burst=100, calls=3000)
    assert seen.refused <= 0.05
    assert seen.seconds <= 1.05 * 2900 / 5


def test_a_servers_wish_is_the_pause_and_without_one_pauses_grow_to_a_bound() -> None:
    limit = RateLimit()
    assert limit.refused(0.0, 0.1, 7.0) == 7.0
    assert limit.wait(0.1) == 7.0
    limit, now, pauses = RateLimit(), 0.0, []
    for _ in range(8):
        pauses.append(limit.refused(now, now, None))
        now += limit.wait(now)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert pauses[-1] == MAX_PAUSE_S <= MAX_SPACING_S
    assert limit.refusing_for_s(now) == pytest.approx(now)
    limit.accepted(now)
    assert limit.refusing_for_s(now + 100) == 0


def test_a_limit_that_is_lifted_is_forgotten() -> None:
    limit, now = RateLimit(), 0.0
    limit.accepted(0.0)
    limit.refused(0.1, 0.2, 0.05)
    for _ in range(20_000):
        now += limit.wait(now) + 0.001
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
    assert (limit.wait(50.0), limit.wait(53.0)) == (2.0, 0.0)


def test_calls_never_stand_further_apart_than_a_minute() -> None:
    limit = RateLimit()
    limit.take(0.0)
    limit.refused(0.0, 0.1, 250.0)
    assert limit.spacing <= MAX_SPACING_S
    for n in range(6):
        start = 300.0 * (n + 1)
        limit.take(start)
        limit.refused(start, start + 0.1, 250.0)
        assert limit.spacing <= MAX_SPACING_S


def test_without_a_limit_nothing_waits_and_after_a_refusal_calls_stand_apart() -> None:
    limit = RateLimit()
    limit.take(1.0)
    assert (limit.wait(1.0), limit.spacing) == (0.0, 0.0)
    limit.refused(1.0, 2.0, 3.0)  # nothing was accepted before: the wish is all there is
    assert (limit.spacing, limit.next_at, limit.wait(4.0), limit.wait(6.0)) == (3.0, 5.0, 1.0, 0.0)
    limit.take(6.0)
    assert limit.next_at == 9.0
    limit.take(6.0)
    assert limit.next_at == 12.0


def test_the_first_spacing_is_what_was_let_through_over_the_time_it_took() -> None:
    limit = RateLimit()
    for n in range(4):
        limit.accepted(float(n))
    limit.refused(3.5, 4.0, 2.0)  # four calls, six seconds until the next
    assert limit.spacing == pytest.approx(1.5)
    assert limit._refused == pytest.approx(0.5)  # the refused call came half a second after the last accepted one
    many = RateLimit()
    for n in range(10):
        many.accepted(float(n))
    many.refused(9.5, 10.0, 2.0)
    assert (many.spacing, many._refused) == (pytest.approx(1.2), pytest.approx(0.96))


def test_calls_that_started_before_a_refusal_say_nothing_about_what_was_learnt_from_it() -> None:
    limit = RateLimit()
    limit.accepted(0.0)
    limit.refused(1.0, 2.0, 2.0)
    spacing = limit.spacing
    assert limit.refused(1.5, 2.5, None) == 1.0  # it was out already
    assert limit.refused(1.5, 2.5, 0.001) == 0.05  # a wish is held to a twentieth of a second
    assert limit.spacing == spacing
    for _ in range(9):
        limit.accepted(1.9)
    assert limit._in_a_row == 0
    assert limit.refusing_for_s(99.0) == 0.0


def test_a_window_that_opens_sets_the_rate_by_what_it_let_through() -> None:
    limit = RateLimit()
    limit.accepted(0.0)
    for n in range(3):
        limit.refused(1.0 + n, 1.0 + n, None)
    assert limit.refusing_for_s(5.0) == 4.0
    limit.accepted(60.0)
    assert limit.spacing == pytest.approx(30.0)  # two calls in a minute
    assert limit.refusing_for_s(70.0) == 0.0


def test_what_was_let_through_last_is_what_started_last() -> None:
    limit = RateLimit()
    limit.accepted(2.0)
    limit.accepted(1.0)  # an earlier call that took longer
    limit.refused(2.5, 3.0, 1.0)
    assert limit._refused == pytest.approx(0.5)
