"""What a change to puzzles did to each player: twins against their originals, pair by pair. Only reads a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escape.metrics import METRICS, TOP, Metric
from escape.results.digest import digest, per_puzzle, rooms
from escape.stats import Paired, paired
from escape.types import Run


@dataclass(frozen=True)
class TwinGap:
    """What a change to puzzles did to a player: twin minus original, over the pairs for which it has both."""

    player: str
    ending: str
    marks: Paired | None
    rooms: Paired | None


def twin_gaps(run: Run, metric: Metric = METRICS["standard"]) -> list[TwinGap]:
    """For each player and kind of twin: the paired difference in marks (PUS and SPS, of 4) and in rooms got out of."""
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for puzzle in run.puzzles:
        if puzzle.parent:
            kinds[puzzle.problem_id.rpartition("-")[2]].append((puzzle.parent, puzzle.problem_id))

    if not kinds:
        return []
    marks, escaped = per_puzzle(run, metric), rooms(run)

    def gap(values: Mapping[str, float], pairs: Sequence[tuple[str, str]], top: float) -> Paired | None:
        both = [values[twin] - values[origin] for origin, twin in pairs if twin in values and origin in values]
        return paired(both, top) if both else None

    return [
        TwinGap(
            player,
            ending,
            gap({i: (s.pus or 0.0) + s.sps for i, s in marks.get(player, {}).items()}, pairs, TOP["pus"] + TOP["sps"]),
            gap(escaped.get(player, {}), pairs, TOP["out"]),
        )
        for ending, pairs in kinds.items()
        for player in digest(run).players
    ]
