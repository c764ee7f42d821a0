"""The sets of rooms in a run. Each has figures of its own: the main one, those beside it, and told rooms, which count
in no share. Only reads a run.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from weakref import WeakKeyDictionary

from escape.models import is_scripted
from escape.puzzles import RECORDED, ROOMS, TOLD, banded, files, recorded_answer, scripted_outcome
from escape.results.digest import digest, own_players
from escape.types import Run

CHANCE = {"random": "random moves", "everything": "everything onto everything"}  # controls -> what they are called


def sets(run: Run) -> list[str]:
    """Return the sets that have a share of their own, in the order in which they are shown."""
    return [name for name in banded(run.puzzles) if name != TOLD]


def main_set(run: Run) -> str:
    """Return the set that players are compared on: the rooms, else the first. "" for told rooms alone."""
    names = sets(run)
    return ROOMS if ROOMS in names else names[0] if names else ""


def of_set(run: Run, name: str) -> Run:
    return part(run, {p.problem_id for p in banded(run.puzzles).get(name, ())})


def of_main(run: Run) -> Run:
    """Return what of a run its players are compared on, as one object for as long as the run exists."""
    if (main := _MAIN.get(run)) is None:
        main = of_set(run, main_set(run))
        if main is not run:
            _MAIN[run] = main
    return main


_MAIN: WeakKeyDictionary[Run, Run] = WeakKeyDictionary()


def part(run: Run, ids: Collection[str]) -> Run:
    """Return what of a run is about these puzzles. The run itself if it has no others."""
    if all(p.problem_id in ids for p in run.puzzles):
        return run
    config = run.config.model_copy(update={"problem_ids": tuple(i for i in run.config.problem_ids if i in ids)})
    return run.model_copy(
        update={
            "config": config,
            "puzzles": tuple(p for p in run.puzzles if p.problem_id in ids),
            "results": tuple(r for r in run.results if r.trial.problem_id in ids),
            "opinions": tuple(o for o in run.opinions if o.trial.problem_id in ids),
        }
    )


class Follows(NamedTuple):
    """The told rooms that a player got out of, and of how many answers: whether it can follow the form."""

    did: int
    of: int

    @property
    def sentence(self) -> str:
        return f"follows {self.did} of {self.of} told rooms"

    @property
    def doubt(self) -> str:
        if 6 * self.did >= 5 * self.of:
            return ""
        return "This model does not follow the form; its rooms say little about its physics."


def follows(run: Run) -> dict[str, Follows]:
    """Return every player that was asked told rooms, recorded ones by what they answered then."""
    subset, players = of_set(run, TOLD), digest(run).players
    outs = digest(subset).rooms if subset.puzzles else {}
    every = {
        player: [r.out for results in outs_of_player.values() for r in results]
        for player, outs_of_player in outs.items()
    }
    for player in players:
        name = player.removeprefix(f"{RECORDED}:")
        if not every.get(player) and name != player:
            results = [recorded_answer(name, p) for p in files.shared_set(TOLD)]
            every[player] = [bool(r.led_to and r.led_to.out) for r in results if r]
    return {
        player: Follows(sum(outs_of_player), len(outs_of_player))
        for player, outs_of_player in every.items()
        if outs_of_player
    }


def wants_told(run: Run) -> list[str]:
    """Return players that may not follow the form: out of nothing, or a fifth of answers unread."""
    following, tallies = follows(run), digest(run).tallies
    return [
        p
        for p in own_players(run)
        if p not in following
        and not is_scripted(p)
        and (plans := tallies[p].plans)
        and (not tallies[p].ended["out"] or 5 * tallies[p].ended["unread"] >= plans)
    ]


def by_chance(run: Run) -> dict[str, dict[str, tuple[int, int]]]:
    """Control -> set -> how many of how many rooms it gets out of."""
    shares: dict[str, dict[str, tuple[int, int]]] = {}
    for control in CHANCE:
        for name in sets(run):
            ends = [scripted_outcome(control, p) for p in banded(run.puzzles)[name]]
            if outs := [end.out for end in ends if end is not None]:
                shares.setdefault(control, {})[name] = sum(outs), len(outs)
    return shares
