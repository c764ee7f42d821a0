"""An answer on the page: set readably, its quotes highlighted, nothing in it live."""

from __future__ import annotations

import re

import pytest

from escape.ui.text import marked


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("## Solution Steps", "<b>Solution Steps</b>"),
        ("take **the cup** now", "take <b>the cup</b> now"),
        ("- one\n* two", "• one\n• two"),
        ("so `F = p A` holds", "so <code>F = p A</code> holds"),
        ("so $p = \\rho g h$ holds", "so <code>p = \\rho g h</code> holds"),
        ("costs $5 or $6", "costs $5 or $6"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_signs_of_markdown_and_formulas_are_set(written: str, shown: str) -> None:
    assert shown in marked(written, {})


def test_nothing_is_live_however_it_is_dressed() -> None:
    hostile = "**<img src=x onerror=alert(1)>** `<script>` ![x](http://203.0.113.9/a.png) [a](javascript:a) $<b>$"
    made = marked(hostile, {})
    assert set(re.findall(r"<(\w+)", made)) <= {"div", "b", "code"}
    assert "href" not in made
    assert "&lt;img" in made
    quoted = marked(
        "so <img src=x> it is, <b>really</b>", {1: "<img src=x> it is, <b>really</b>"}
    )  # in a highlight too
    assert set(re.findall(r"<(\w+)", quoted)) == {"div", "mark", "sup", "span"}
    assert "<mark>&lt;img" in quoted


def test_highlights_stay_whole_where_they_cut_through_signs() -> None:
    made = marked("1. Take **the cup and** go", {3: "the cup"})
    assert '<mark>the cup<sup><span id="esc-q3">3</span></sup></mark>' in made
    assert made.count("<mark>") == made.count("</mark>") == 1
    assert "<b>" not in made  # a pair that a highlight cuts through stays as written
