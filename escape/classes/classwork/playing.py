"""The class's plays, and whether a room tells apart the people and models that tried it."""

from collections.abc import Sequence
from dataclasses import dataclass

from escape.classes.rounds import Played, member_label
from escape.judges import RoomJudge
from escape.results import unscripted
from escape.rooms import plans
from escape.store import Entry
from escape.types import PLAYED, Answer, Result, Run, Trial


def with_plays(run: Run, entries: Sequence[Entry]) -> Run:
    """Add the class's plays to its run, and keep only the rooms that the class played."""
    played = {e.item for e in entries}
    plays = []
    for entry in (e for e in entries if e.item in run.puzzle_by_id):
        puzzle, text = run.puzzle_by_id[entry.item], Played.model_validate_json(entry.body).answer
        outcome = plans.outcome(puzzle, text)
        verdict = RoomJudge().verdict(puzzle, outcome) if outcome else None
        trial = Trial(problem_id=puzzle.problem_id, player=f"{PLAYED}{member_label(entry.member)}")
        answer = Answer(text=text, cost_usd=0.0)
        plays.append(Result(trial=trial, answer=answer, verdict=verdict, outcome=outcome))
    results = [r for r in run.results if r.trial.problem_id in played]
    ids = [p.problem_id for p in run.puzzles if p.problem_id in played]
    config = run.config.model_copy(update={"problem_ids": tuple(ids)})
    return run.model_copy(update={"results": (*results, *plays), "config": config})


def played_by_room(run: Run, entries: Sequence[Entry]) -> dict[str, list[bool]]:
    """List, for each room that the class played, whether each player from the class got out."""
    people = {f"{PLAYED}{member_label(entry.member)}" for entry in entries}  # a run may have plays of others
    outs: dict[str, list[bool]] = {}
    for result in with_plays(run, entries).results:
        if result.trial.player in people and result.outcome:
            outs.setdefault(result.trial.problem_id, []).append(result.outcome.out)
    return outs


ENOUGH = 10  # the fewest test-takers for saying that a room tells them apart


@dataclass(frozen=True)
class Takers:
    """People and models that tried a room, and whether each got out. A model counts once."""

    people: Sequence[bool] = ()
    models: Sequence[bool] = ()

    @property
    def people_out(self) -> str:
        """How many of the people got out, such as "3 of 5"; "-" if nobody tried the room."""
        return _share_of(self.people)

    @property
    def models_out(self) -> str:
        """How many of the models got out, such as "1 of 2"; "-" if none tried the room."""
        return _share_of(self.models)

    @property
    def verdict(self) -> str:
        """Say "all out", "none out", or "some out" and whether that tells them apart; "" if untried."""
        everybody = [*self.people, *self.models]
        if not everybody:
            return ""
        if all(everybody) or not any(everybody):
            return "all out" if everybody[0] else "none out"
        if len(everybody) < ENOUGH:
            return f"some out; {len(everybody)} test-takers are too few to say more"
        return "some out: it tells test-takers apart"


def _share_of(outs: Sequence[bool]) -> str:
    return f"{sum(outs)} of {len(outs)}" if outs else "-"


def models_of(run: Run, problem_id: str) -> list[bool]:
    """Find, for each model that tried a room, whether it got out in at least half of its answers.

    Answers that could not be read do not count.
    """
    ends: dict[str, list[bool]] = {}
    models = {player for player in unscripted(run) if not player.startswith(PLAYED)}
    for result in run.results:
        player = result.trial.player
        is_model = player in models
        was_read = result.trial.problem_id == problem_id and result.outcome and not result.outcome.unread
        if is_model and was_read and result.outcome:
            ends.setdefault(player, []).append(result.outcome.out)
    return [2 * sum(outs) >= len(outs) for outs in ends.values()]
