"""Re-run a saved run's plans in rooms that have been corrected since. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from escape.puzzles import attempts
from escape.records import Result, Run
from escape.schema import Puzzle


def changed_rooms(run: Run, known: Iterable[Puzzle]) -> dict[str, Puzzle]:
    """The run's puzzles by id, in their current form, whose text is unchanged but whose room responds differently."""
    before = run.puzzle_by_id
    return {
        p.problem_id: p
        for p in known
        if p.world is not None
        and (old := before.get(p.problem_id)) is not None
        and old.setup == p.setup
        and old.world != p.world
    }


def replayed(run: Run, known: Iterable[Puzzle]) -> Run:
    """The run with its fixed rooms, and every plan carried out in them again. Marks stay."""
    rooms = changed_rooms(run, known)
    if not rooms:
        return run

    players = {m.name for m in run.config.players}

    def again(result: Result) -> Result:
        room = rooms.get(result.trial.problem_id)
        if room is None or result.answer is None:
            return result
        asked = run.config.moves and result.trial.player in players
        return result.model_copy(update={"outcome": attempts.outcome(room, result.answer.text, asked=asked)})

    puzzles = tuple(rooms.get(p.problem_id, p) for p in run.puzzles)
    return run.model_copy(update={"puzzles": puzzles, "results": tuple(map(again, run.results))})
