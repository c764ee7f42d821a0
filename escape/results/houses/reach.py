"""Reach: how far players get in houses, how sure that is, and who gets further. Numbers in, numbers out.

Each attempt gives the number of doors it opened. A house's figure is the mean over its repeats, a player's the median
over houses; the interval is that of the median by order statistics (the sign test turned round: Thompson 1936), which
covers at least as often as it says whatever the doors' distribution.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, median

from escape.environments import Environment, environment_in, environment_of
from escape.results.comparing import Doubts, Pair, compared, unlike
from escape.results.digest import Tally, digest, names
from escape.types import DoorsOpened, Result, Run, total

COVERS = 0.935  # at least so often the interval has the true median in it
MIN_HOUSES = 5  # with fewer no order statistics cover that often


@dataclass(frozen=True)
class Line:
    """One player's houses. `by_house`: doors opened, the mean over repeats, which `plays` counts; `shares`: of all its
    doors; `median` over houses; `low`, `high`: its interval, None with too few houses; `at_the_end`: the houses were
    too short to say how far it gets at most; `ended`, `met`: by mechanism, the attempts that ended there and those
    that came so far; `tokens`, `usd`: of all its attempts, None where a provider did not say; `budget`: of an
    answer, in tokens; `tally`: what stands beside its figure; `named`: of laboratories, what was named rightly
    beyond chance, the mean over attempts.
    """

    player: str
    name: str
    by_house: Mapping[str, float]
    attempts: tuple[int, ...]
    total: int
    low: float | None
    high: float | None
    ended: Counter[str]
    met: Counter[str]
    shares: Mapping[str, float]
    plays: Mapping[str, int]
    answers: int
    tally: Tally
    named: float | None
    tokens: int | None
    usd: float | None
    budget: int | None

    @property
    def median(self) -> float:
        """Doors opened, in the median over houses."""
        return median(self.by_house.values())

    @property
    def at_the_end(self) -> bool:
        """True if the median is the whole house, so that it may be more."""
        return self.median >= self.total

    def share_at(self, doors: int) -> float:
        """The share of attempts that opened so many doors or more."""
        return sum(x >= doors for x in self.attempts) / len(self.attempts)

    @property
    def doors_per_usd(self) -> float | None:
        """Doors opened for a dollar, over all attempts; None if the price is unknown or nothing."""
        return sum(self.attempts) / self.usd if self.usd else None

    @property
    def doors_per_1000_tokens(self) -> float | None:
        """Doors opened for 1,000 answer tokens, over all attempts."""
        return 1000 * sum(self.attempts) / self.tokens if self.tokens else None


@dataclass(frozen=True)
class Reach:
    """Players of houses, furthest first, and every pair. `houses`, `doors`: how many, and how many doors each has."""

    lines: tuple[Line, ...]
    pairs: tuple[Pair, ...]
    houses: int
    doors: int
    environment: Environment
    in_turns: bool = False

    @property
    def what(self) -> tuple[str, str]:
        """What one of them is called, and several."""
        return self.environment.nouns

    @cached_property
    def mechanisms(self) -> tuple[str, ...]:
        """Every mechanism that was met, the one that ended most attempts first."""
        ended: Counter[str] = sum((line.ended for line in self.lines), Counter())
        met: Counter[str] = sum((line.met for line in self.lines), Counter())
        return tuple(sorted(met, key=lambda m: (-ended[m], m)))


def interval(values: Sequence[float], total: int) -> tuple[float | None, float | None]:
    """The interval of a median by order statistics, never of zero width; None with too few values."""
    n, ranked = len(values), sorted(values)
    if n < MIN_HOUSES:
        return None, None
    below, k = 0.0, 0
    while 1 - 2 * (below + math.comb(n, k) / 2**n) >= COVERS:
        below += math.comb(n, k) / 2**n
        k += 1
    k = max(k, 1)
    low, high = ranked[k - 1], ranked[n - k]
    if low == high:  # doors are whole: what lies between two of them counts as the lower
        return max(0.0, low - 1), min(float(total), high + 1)
    return low, high


def reach(run: Run) -> Reach:
    """How far everybody gets in a run's houses."""
    by_id, name_by_player, ids = run.puzzle_by_id, names(run), set(run.config.problem_ids)
    attempts: dict[str, list[tuple[Result, DoorsOpened]]] = defaultdict(list)
    for result in run.results:
        trial = result.trial
        doors = result.led_to.doors if result.led_to else None
        if doors is None or environment_of(by_id[trial.problem_id]).counts != "doors":
            continue
        if ids and trial.problem_id not in ids and not trial.is_imported:
            continue  # of a set that the run had before
        if run.config.has_its_budget(trial):
            attempts[trial.player].append((result, doors))
    lines = [_line(p, name_by_player.get(p, p), own, run) for p, own in attempts.items()]
    lines.sort(key=lambda line: (-line.median, -fmean(line.by_house.values()), line.name))
    houses = {i for line in lines for i in line.by_house}
    most = max((line.total for line in lines), default=0)
    in_turns = run.config.protocol == "move by move"
    environment = environment_of(by_id[min(houses)]) if houses else environment_in(run)
    return Reach(tuple(lines), _pairs(lines, most, run), len(houses), most, environment, in_turns)


def _line(player: str, name: str, attempts: Sequence[tuple[Result, DoorsOpened]], run: Run) -> Line:
    """One player's line: every figure of it is over these attempts; its failed calls are counted beside them."""
    by_id = run.puzzle_by_id
    doors: dict[str, list[DoorsOpened]] = defaultdict(list)
    ended: Counter[str] = Counter()
    met: Counter[str] = Counter()
    tally = Tally(unasked=digest(run).tallies[player].unasked)
    tokens: list[int | None] = []
    shares: dict[str, list[float]] = defaultdict(list)
    for result, opened in attempts:
        puzzle = by_id[result.trial.problem_id]
        doors[puzzle.problem_id].append(opened)
        ended.update(filter(None, [opened.ended_at]))
        met.update(environment_of(puzzle).met(puzzle, opened.opened + 1))
        tally.add_plan(result)
        tally.cut_off += result.answer is not None and result.answer.cut_off
        shares[puzzle.problem_id].append(opened.opened / opened.total)
        said = (result.answer, result.repair.answer if result.repair else None)
        tokens += [answer.output_tokens for answer in said if answer]
    by_house = {i: fmean(d.opened for d in tries) for i, tries in doors.items()}
    every = [opened for _, opened in attempts]
    most = max(d.total for d in every)
    naming = [d.named for d in every if d.named is not None]
    low, high = interval(list(by_house.values()), most)
    budget = next((s.budget for s in run.config.players if s.name == player), 0)
    written = total([None if n is None else float(n) for n in tokens])
    return Line(
        player=player,
        name=name,
        by_house=by_house,
        attempts=tuple(d.opened for d in every),
        total=most,
        low=low,
        high=high,
        ended=ended,
        met=met,
        shares={i: fmean(each) for i, each in shares.items()},
        plays={i: len(tries) for i, tries in doors.items()},
        answers=sum(r.answer is not None for r, _ in attempts),
        tally=tally,
        named=fmean(naming) if naming else None,
        tokens=None if written is None else round(written),
        usd=total([r.model_copy(update={"foresight": None}).cost_usd for r, _ in attempts]),  # which is no attempt
        budget=budget or None,
    )


def _pairs(lines: Sequence[Line], total: int, run: Run) -> tuple[Pair, ...]:
    """Every pair with two houses or more in common, the one with the larger median first."""
    plain = {line.player: line.by_house for line in lines}
    counted = {line.player: dict(line.by_house) for line in lines}
    plays = {line.player: line.plays for line in lines}
    for (player, problem_id), failed in digest(run).unasked.items():
        if player in counted:
            n = plays[player].get(problem_id, 0)
            counted[player][problem_id] = plain[player].get(problem_id, 0.0) * n / (n + failed)
    doubts = Doubts(plain, counted, total, lambda a, b: unlike(run, a, b))
    return compared([line.player for line in lines], plain, doubts, fewest=2)
