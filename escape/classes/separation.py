"""Test-takers of a room, and whether it separates its test-takers, people and models alike. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from escape.models import is_scripted
from escape.types import PLAYED, Run

ENOUGH = 10  # test-takers, from which on a room may be said to separate them


@dataclass(frozen=True)
class TestTakers:
    """The people and models that tried a room, and whether each got out. A model that was asked several times counts
    once.
    """

    people: Sequence[bool] = ()
    models: Sequence[bool] = ()

    @property
    def verdict(self) -> str:
        """All, some or none out, and whether that separates anybody. "" where nobody tried the room."""
        everybody = [*self.people, *self.models]
        if not everybody:
            return ""
        if all(everybody) or not any(everybody):
            return "all out" if everybody[0] else "none out"
        if len(everybody) < ENOUGH:
            return f"some out; {len(everybody)} test-takers are too few to say more"
        return "some out: it separates"


def models_of(run: Run, problem_id: str) -> list[bool]:
    """Return for each model of a run whether it got out of a room, in at least half of its answers."""
    ends: dict[str, list[bool]] = {}
    for result in run.results:
        player = result.trial.player
        is_model = not is_scripted(player) and not player.startswith(PLAYED)
        was_read = result.trial.problem_id == problem_id and result.outcome and not result.outcome.unread
        if is_model and was_read and result.outcome:
            ends.setdefault(player, []).append(result.outcome.out)
    return [2 * sum(outs) >= len(outs) for outs in ends.values()]
