"""Rate limits in a reply's headers, as providers write them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from escape.models.protocols import failures
from escape.models.protocols.failures import retry_after
from escape.models.protocols.wire import MARGIN, announced_limits, spacing_s, until
from escape.types import Answer

ANSWER = Answer(text="x", input_tokens=300, output_tokens=700)


def openai(limit: object, left: object, reset: str, kind: str = "requests") -> dict[str, str]:
    told = {"limit": limit, "remaining": left, "reset": reset}
    return {f"x-ratelimit-{part}-{kind}": str(value) for part, value in told.items()}


def anthropic(limit: int, left: int, seconds: float, kind: str = "requests") -> dict[str, str]:
    when = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    told = {"limit": str(limit), "remaining": str(left), "reset": when}
    return {f"anthropic-ratelimit-{kind}-{part}": value for part, value in told.items()}


@pytest.mark.parametrize(
    ("headers", "gap"),
    [
        (openai(60, 0, "1m0s"), 1.0),  # a minute's calls are used up, and come back within a minute
        (openai(60, 30, "30s"), 1.0),
        (openai(500, 499, "120ms"), 0.12 / 499),  # a bucket that is all but full
        (openai(60, 59, "60"), 60 / 59),  # a window that has just begun
        (openai(10_000, 0, "6m0s", "tokens"), 36.0),  # a thousand tokens a call
        (openai(60, 0, "1m0s") | openai(10_000, 0, "6m0s", "tokens"), 36.0),  # the stricter one counts
    ],
)
def test_the_gap_between_calls_follows_from_what_is_announced(headers: dict[str, str], gap: float) -> None:
    assert spacing_s(list(announced_limits(headers)), ANSWER) == pytest.approx(MARGIN * gap, rel=0.02)


def test_a_point_in_time_is_read_unless_whole_seconds_hide_it() -> None:
    assert spacing_s(list(announced_limits(anthropic(50, 0, 60.0))), ANSWER) == pytest.approx(
        MARGIN * 1.2, rel=0.02
    )
    assert spacing_s(list(announced_limits(anthropic(1, 0, 0.4))), ANSWER) is None
    for kind, gap in (("input-tokens", 1.8), ("output-tokens", 4.2)):  # of 300 and 700 tokens a call
        told = anthropic(10_000, 0, 60.0, kind)
        assert spacing_s(list(announced_limits(told)), ANSWER) == pytest.approx(MARGIN * gap, rel=0.02)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        openai("", 3, "1s"),
        openai(60, "nan", "1s"),
        openai(60, 70, "1s"),
        openai(60, 3, "soon"),
        openai(0, 0, "1s"),
    ],
)
def test_what_is_not_announced_or_makes_no_sense_says_nothing(headers: dict[str, str]) -> None:
    assert spacing_s(list(announced_limits(headers)), ANSWER) is None


def test_a_used_up_limit_says_how_long_to_wait_without_retry_after() -> None:
    assert retry_after(openai(60, 0, "6m0s")) == 360.0
    assert retry_after(openai(60, 1, "6m0s")) is None
    assert retry_after(openai(60, 0, "6m0s") | {"retry-after": "2"}) == 2.0
    assert retry_after(openai(60, 0, "6m0s") | {"retry-after": "soon"}) == 360.0


def test_a_reset_told_as_unix_time_is_seconds_or_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("escape.models.protocols.wire.time.time", lambda: now)
    assert until(str(now + 30)) == pytest.approx(30)
    assert until(str((now + 30) * 1000)) == pytest.approx(30)
    assert until("30") == 30


def test_of_two_limits_that_are_used_up_the_later_one_is_waited_for() -> None:
    told = {f"x-ratelimit-remaining-{of}": "0" for of in ("requests", "tokens")}
    told |= {"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "30s"}
    told |= {"x-ratelimit-limit-requests": "60", "x-ratelimit-limit-tokens": "1000"}
    assert retry_after(told) == 30
    assert retry_after(told | {"x-ratelimit-remaining-tokens": "500"}) == 1
    assert retry_after(told | {"retry-after": "7"}) == 7


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        (lambda now: f"{(now + 900) * 1000:.0f}", 900),
        (lambda now: f"{now + 900:.0f}", 900),
        (lambda now: "42", 42),
        (lambda now: "soon", None),
    ],
)
def test_the_moment_of_a_reset_is_read_in_whatever_unit_it_is_given(
    reset: Callable[[float], str], seconds: float | None
) -> None:
    wish = failures.retry_after({"x-ratelimit-reset": reset(time.time())})
    assert wish == (None if seconds is None else pytest.approx(seconds, abs=2))


def test_a_retry_after_counts_before_the_moment_of_a_reset() -> None:
    assert failures.retry_after({"retry-after": "7", "x-ratelimit-reset": "900"}) == 7.0


def test_the_reset_of_an_allowance_that_is_not_used_up_is_no_wish() -> None:
    assert failures.retry_after({"x-ratelimit-remaining": "12", "x-ratelimit-reset": "900"}) is None
    assert failures.retry_after({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}) == 900.0


def test_an_allowance_by_the_day_begins_anew_at_midnight() -> None:
    noon = 1_764_676_800.0  # 2025-12-02 12:00 UTC
    assert failures.until_tomorrow(noon) == 12 * 3600.0
