"""The sets of rooms in a run, and pairs of a room and its twist. Nothing here changes a run.

Each set has figures of its own, the main one and those beside it; told rooms count in no share. A pair counts
where both forms are right.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple
from weakref import WeakKeyDictionary

from escape.metrics import Metric
from escape.models import is_scripted
from escape.puzzles import RECORDED, ROOMS, TOLD, banded, files, recorded_answer, scripted_outcome
from escape.results.comparing import RobustnessInputs, compared
from escape.results.digest import RoomResult, digest, names, own_players, shares_by_room
from escape.stats import Interval, bounded_interval, share_interval
from escape.types import Puzzle, Run

# controls -> what they are called
CHANCE = {"random": "random moves", "everything": "trying every pair of things"}


def sets(run: Run) -> list[str]:
    """List the sets that have a share of their own, in the order in which they are shown."""
    return [name for name in banded(run.puzzles) if name != TOLD]


def main_set(run: Run) -> str:
    return main_of(run.puzzles)


def main_of(puzzles: Sequence[Puzzle]) -> str:
    """Choose the set that players are compared on: rooms, else the first. "" for told rooms alone."""
    own = [name for name in banded(puzzles) if name != TOLD]
    if ROOMS in own:
        return ROOMS
    return own[0] if own else ""


def of_set(run: Run, name: str) -> Run:
    return part(run, {p.problem_id for p in banded(run.puzzles).get(name, ())})


def of_main(run: Run) -> Run:
    """Restrict a run to its main set. The result is one object for as long as the run exists."""
    if (main := _MAIN.get(run)) is None:
        main = of_set(run, main_set(run))
        if main is not run:
            _MAIN[run] = main
    return main


_MAIN: WeakKeyDictionary[Run, Run] = WeakKeyDictionary()


def part(run: Run, ids: Collection[str]) -> Run:
    """Restrict a run to these puzzles. It stays the same object if it has no others."""
    if all(p.problem_id in ids for p in run.puzzles):
        return run
    config = run.config.model_copy(
        update={"problem_ids": tuple(i for i in run.config.problem_ids if i in ids)}
    )
    return run.model_copy(
        update={
            "config": config,
            "puzzles": tuple(p for p in run.puzzles if p.problem_id in ids),
            "results": tuple(r for r in run.results if r.trial.problem_id in ids),
            "opinions": tuple(o for o in run.opinions if o.trial.problem_id in ids),
        }
    )


class Follows(NamedTuple):
    """A player's result in told rooms, which test the form: it escaped in `did` of `of` answers."""

    did: int
    of: int

    @property
    def sentence(self) -> str:
        return f"escapes {self.did} of {self.of} rooms whose moves are given"

    @property
    def short(self) -> str:
        return f"{self.did} of {self.of} with the moves given"

    @property
    def doubt(self) -> str:
        if 6 * self.did >= 5 * self.of:
            return ""
        return "This model does not write moves as asked, so its rooms say little about its physics."


def follows(run: Run) -> dict[str, Follows]:
    """Count the told rooms that each player escaped. Players without such answers are absent.

    A recorded player that was not asked them here counts by its recorded answers.
    """
    subset, players = of_set(run, TOLD), digest(run).players
    outs = digest(subset).rooms if subset.puzzles else {}
    every: dict[str, list[bool]] = {}
    for player, rooms_of_player in outs.items():
        every[player] = [attempt.out for attempts in rooms_of_player.values() for attempt in attempts]
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
    """List own models that may not follow the form, and were not asked told rooms.

    They never escaped, or a fifth of their answers is unread.
    """
    following, tallies = follows(run), digest(run).tallies
    return [
        p
        for p in own_players(run)
        if p not in following
        and not is_scripted(p)
        and (plans := tallies[p].plans)
        and (not tallies[p].ended["out"] or 5 * tallies[p].ended["unread"] >= plans)
    ]


class EveryTime(NamedTuple):
    """The shares of repeated rooms that a player escaped every time, and at least once."""

    every: Interval
    once: Interval


def every_time(run: Run) -> dict[str, EveryTime]:
    """Compute the shares of rooms escaped every time and at least once. Empty for a run without repeats.

    They are over rooms of the main set for which all repeats are there.
    """
    if run.config.repeats < 2:
        return {}
    shares = {}
    for player, rooms_of_player in digest(of_main(run)).rooms.items():
        plays = [x for x in rooms_of_player.values() if len(x) == run.config.repeats]
        if plays:
            every = len([x for x in plays if all(r.out for r in x)])
            once = len([x for x in plays if any(r.out for r in x)])
            shares[player] = EveryTime(share_interval(every, len(plays)), share_interval(once, len(plays)))
    return shares


def by_chance(run: Run) -> dict[str, dict[str, tuple[int, int]]]:
    """Count the rooms that each control escapes: control -> set -> (out, of how many)."""
    shares: dict[str, dict[str, tuple[int, int]]] = {}
    for control in CHANCE:
        for name in sets(run):
            ends = [scripted_outcome(control, p) for p in banded(run.puzzles)[name]]
            if outs := [end.out for end in ends if end is not None]:
                shares.setdefault(control, {})[name] = sum(outs), len(outs)
    return shares


@dataclass(frozen=True)
class TwistLine:
    """One player on rooms that it played in both forms.

    `originals`, `twists`, `both`: how many it got right, out of `of`; repeats count as shares. `pairs`: the
    share of both. `no_way`: right in twists without a way out, out of `of_no_way`. `remembers`: clearly
    better on originals.
    """

    player: str
    name: str
    originals: float
    twists: float
    both: float
    of: int
    pairs: Interval | None
    no_way: float
    of_no_way: int
    remembers: bool


def pair_values(run: Run) -> dict[str, dict[str, float]]:
    """Compute the share of repeats in which both forms were right: player -> original's id -> share.

    Of several twists of one original the last of the run counts.
    """
    twists = {p.twist_of: p.problem_id for p in run.puzzles if p.twist_of}
    values: dict[str, dict[str, float]] = {}
    for player, attempts in digest(run).rooms.items():
        values[player] = {}
        for original, twist in twists.items():
            if both := _both_right(attempts.get(original, ()), attempts.get(twist, ())):
                values[player][original] = fmean(both)
    return values


def _both_right(first: Sequence[RoomResult], second: Sequence[RoomResult]) -> list[bool]:
    outs = {play.repeat: play.out for play in first}
    return [outs[play.repeat] and play.out for play in second if play.repeat in outs]


def twisted(run: Run) -> list[TwistLine]:
    both_right, shares = pair_values(run), shares_by_room(run)
    twists = {p.twist_of: p for p in run.puzzles if p.twist_of}
    lines = []
    for player, name in names(run).items():
        both, means = both_right.get(player, {}), shares.get(player, {})
        if not both:
            continue
        originals = {i: means[i] for i in both}
        in_twist = {i: means[twists[i].problem_id] for i in both}
        no_way = [in_twist[i] for i in both if not twists[i].solvable]
        values = {"original": originals, "twist": in_twist}
        pairs = compared(["original", "twist"], values, RobustnessInputs(values, values, values, values, 1.0))
        lines.append(
            TwistLine(
                player=player,
                name=name,
                originals=sum(originals.values()),
                twists=sum(in_twist.values()),
                both=sum(both.values()),
                of=len(both),
                pairs=share_of(list(both.values())),
                no_way=sum(no_way),
                of_no_way=len(no_way),
                remembers=any(p.decided and p.first == "original" for p in pairs),
            )
        )
    return lines


def share_of(values: Sequence[float]) -> Interval | None:
    """Average shares over puzzles, with a 95 % interval. None without values."""
    if not values:
        return None
    if all(v in (0, 1) for v in values):
        return share_interval(round(sum(values)), len(values))
    return bounded_interval(values, 1.0)


def units(run: Run) -> list[str]:
    """List the puzzles of the main set that have results, by id."""
    ids = {r.trial.problem_id for r in run.results}
    return [p.problem_id for p in of_main(run).puzzles if p.problem_id in ids]


def sample_rooms(run: Run, puzzles: int, seed: int) -> Run:
    """Restrict a run to a random sample of its ranked puzzles, without further opinions.

    `puzzles`: how many. Raises ValueError if there are fewer.
    """
    ids = set(random.Random(seed).sample(units(run), puzzles))  # noqa: S311 - not for secrets
    return part(run, ids).model_copy(update={"opinions": ()})


def weighed(metric: Metric, pus: float, sps: float, rhh: float) -> Metric:
    """Change the weights of the scores in a metric. 1 is the published weight."""
    return replace(metric, weights=(("pus", pus), ("sps", sps), ("rhh", rhh)))
