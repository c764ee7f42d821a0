"""How often the rooms themselves err, by style of writing: what stands beside every figure that rests on them.

Counted by `python -m tools.bench reading` over 237 plans that no rule was written for, by three writers who saw only
the prompt. Readers called each in the form and in the loose form sound or unsound, in prose its writer did. A test
compares these counts with the bench's.
"""

from __future__ import annotations

from typing import NamedTuple

from escape.stats import share_interval


class Style(NamedTuple):
    """A way of writing: sound plans kept in before and after one repair, unsound plans let out after it."""

    name: str
    sound: int
    kept_in: int
    kept_in_repaired: int
    unsound: int
    let_out: int


STYLES = (
    Style("in the form of moves", 42, 1, 1, 44, 0),
    Style("in a loose form", 53, 11, 1, 53, 1),
    Style("in plain prose", 30, 30, 0, 15, 1),
)


def error_sentence() -> str:
    """Return the counts in one sentence, with the interval of the whole."""
    each = ", ".join(f"{s.kept_in} of {s.sound} {s.name}" for s in STYLES)
    later = sum(s.kept_in_repaired for s in STYLES)
    kept_sound, sound = sum(s.kept_in for s in STYLES), sum(s.sound for s in STYLES)
    out, unsound = sum(s.let_out for s in STYLES), sum(s.unsound for s in STYLES)
    return (
        f"The rooms err too. Of {sound} sound plans by writers who saw only the prompt, {kept_sound} were refused "
        f"({_interval(kept_sound, sound)}): {each}; {later} were still refused once unread lines had been written "
        f"anew. Of {unsound} unsound plans {out} got out ({_interval(out, unsound)})."
    )


def _interval(hits: int, n: int) -> str:
    interval = share_interval(hits, n)
    return f"{interval.low:.0%} to {interval.high:.0%}"
