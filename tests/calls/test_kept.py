"""The pace of calls against a server that limits them, step by step."""

from __future__ import annotations

from random import Random

import pytest

from escape.calls.rate_limit import RateLimit
from tests.approved import Approved


@pytest.mark.parametrize("most", [0.5, 4.0, 40.0])
@pytest.mark.parametrize("wishes", [True, False])
def test_the_pace_against_a_server_stays_as_it_is(approved: Approved, most: float, wishes: bool) -> None:
    limit, random, now, window = RateLimit(), Random(2), 0.0, []
    for number in range(260):
        now += limit.wait(now) + 0.02 * random.random()
        limit.take(now, 0.1 if number % 50 == 49 else 0.0)
        window = [t for t in window if t > now - 4]
        away = 120 <= number < 130 or number % 97 < 2
        if away or len(window) >= 4 * most:
            wish = random.choice([None, 0.3, 2.0, 12.0]) if wishes else None
            pause = limit.refused(now - 0.1 * random.random(), now + 0.05, wish, overloaded=away)
            approved.add(f"{number}: at {now:.2f} refused, wish {wish}, pause {pause:.3f}")
            now += 0.05
        else:
            window.append(now)
            limit.accepted(now, now + 0.3)
        if number % 5 == 0:
            approved.add(f"{number}: rate {limit.rate(now):.3f}, in a while {limit.rate(now + 30):.3f}, {limit.let}")
