"""Where a recorded player stops: rooms, hard rooms, twists, houses and laboratories, each as a share with its n."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from escape.puzzles import kept_results, recorded
from escape.types import Outcome, Puzzle


@dataclass(frozen=True)
class Stop:
    """One kind of thing that a player was asked: how much of it it did, in words."""

    kind: str
    said: str


def stops(name: str) -> list[Stop]:
    """Of each kind that a recorded player was asked: how far it came."""
    own = kept_results(name)
    kinds: Sequence[tuple[str, Callable[[Puzzle], bool]]] = (
        ("Rooms", lambda p: p.kind == "rooms" and not p.twist and not p.problem_id.startswith("HARD")),
        ("Hard rooms", lambda p: p.problem_id.startswith("HARD")),
        ("Twists", lambda p: p.twist is not None),
        ("Houses", lambda p: p.kind == "houses"),
        ("Laboratories", lambda p: p.kind == "laboratories"),
    )
    found = []
    for kind, belongs in kinds:
        outcomes = [result.led_to for puzzle, result in own if belongs(puzzle) and result.led_to]
        if outcomes:
            doors = any(o.doors for o in outcomes)
            found.append(Stop(kind, _doors(outcomes) if doors else _rooms(outcomes)))
    return found


def _rooms(outcomes: Sequence[Outcome]) -> str:
    out = sum(o.out for o in outcomes)
    far = fmean(o.progress for o in outcomes)
    way = f", {far:.0%} of the way on average" if out == 0 and far else ""
    return f"{out} of {len(outcomes)}{way}"


def _doors(outcomes: Sequence[Outcome]) -> str:
    opened, total = (sum(getattr(o.doors, part) for o in outcomes if o.doors) for part in ("opened", "total"))
    return f"{opened} of {total} doors"


def every_stop() -> list[tuple[str, dict[str, str]]]:
    """(player's label, kind -> how far) of every recorded player."""
    return [(about.label, {s.kind: s.said for s in stops(name)}) for name, about in recorded().items()]
