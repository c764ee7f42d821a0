"""From answers to a figure: right beyond chance, kinds alike. Only counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from escape.types import Foreseen, Question


def marked(questions: Sequence[Question], replies: Mapping[str, object]) -> tuple[Foreseen, ...]:
    """What a player said, by question ("q1"), against what is so. An answer that is no option is wrong."""
    items = []
    for number, question in enumerate(questions, 1):
        reply = replies.get(f"q{number}")
        right = question.options[question.right]
        words = str(reply).strip() if isinstance(reply, (str, int)) else ""
        items.append(
            Foreseen(
                kind=question.kind,
                said=words,
                wanted=right,
                right=_plain(words) == _plain(right),
                chance=1 / len(question.options),
                pair=question.pair,
            )
        )
    return tuple(items)


def _plain(text: str) -> str:
    return " ".join(text.casefold().rstrip(".").split())


def score(items: Sequence[Foreseen]) -> float | None:
    """(share right - chance) / (1 - chance), each kind alike; not clipped. Both of a pair must be right."""
    kinds: dict[str, list[float]] = defaultdict(list)
    pairs: dict[int, list[Foreseen]] = defaultdict(list)
    for item in items:
        if item.pair:
            pairs[item.pair].append(item)
        else:
            kinds[item.kind].append(_beyond(item.right, item.chance))
    for both in pairs.values():
        chance = 1.0
        for item in both:
            chance *= item.chance
        kinds[both[0].kind].append(_beyond(all(x.right for x in both), chance))
    return fmean(fmean(values) for values in kinds.values()) if kinds else None


def _beyond(right: bool, chance: float) -> float:  # noqa: FBT001 - a truth value is what it reckons with
    return (float(right) - chance) / (1 - chance)
