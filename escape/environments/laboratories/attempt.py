"""Someone in a laboratory: measurements and predictions, a line each, and what comes of them."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from escape.environments.dice import Dice
from escape.environments.environment import Episode
from escape.environments.laboratories.apparatus import APPARATUSES, At
from escape.environments.laboratories.make import OTHER, ApparatusDoor, LabError, LaboratoryDoors
from escape.environments.laboratories.reading import predicted
from escape.environments.laboratories.text import at_work_text
from escape.environments.rooms import cleaned, gives_up, without_mark
from escape.types import DoorsOpened, MoveResult, Outcome, Puzzle

_MEASURE = re.compile(r"(?i)^(?:measure|measurement|try|read)\b[\s:]*(.*)$")
_PREDICT = re.compile(r"(?i)^(?:predict|prediction|answer)\b[\s:]*(.*)$")
_QUOTES = " `'\"*_“”"  # which a line may stand in
MISREAD = 6  # lines that may be misread, in all


@lru_cache(maxsize=400)
def doors_of(puzzle: Puzzle) -> LaboratoryDoors:
    """A puzzle's laboratory. Raises LabError for a puzzle without one."""
    if puzzle.environment != "laboratories":
        raise LabError(f"{puzzle.problem_id}: laboratories of this form cannot be carried out any more")
    return LaboratoryDoors.model_validate(dict(puzzle.content))


class LabAttempt(Episode):
    """`do` carries out a line, `outcome` says where things stand. For players and people."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle, self.lab = puzzle, doors_of(puzzle)
        self.steps: list[MoveResult] = []
        self.readings: list[tuple[At, float]] = []  # at the door that is shut
        self.opened = self.made = 0
        self.lost_at: int | None = None
        self.gave_up = False
        self.naming: list[float] = []  # of each prediction, the share named rightly beyond chance

    @property
    def max_lines(self) -> int:
        """Every measurement, every prediction, and a few that may be misread."""
        return sum(door.measurements + 1 for door in self.lab.doors) + MISREAD

    @property
    def over(self) -> bool:
        """True once nothing more can come of it."""
        done = self.opened == len(self.lab.doors) or len(self.steps) >= self.max_lines
        return done or self.gave_up or self.lost_at is not None

    @property
    def door(self) -> ApparatusDoor:
        """The one that is shut; the last one at the end."""
        return self.lab.doors[min(self.opened, len(self.lab.doors) - 1)]

    @property
    def left(self) -> int:
        """Measurements that are left at this door."""
        return self.door.measurements - len(self.readings)

    def do(self, line: str) -> MoveResult:
        """Carry out one line and say what happened. Nothing happens once it is over."""
        text = without_mark(line.strip()[:300])
        if self.over:
            return MoveResult(move=text, said="This attempt is already over.", free=True)
        self.steps.append(self._result(text))
        return self.steps[-1]

    def is_a_move(self, line: str) -> bool:
        """All but giving up: there is nothing to look at."""
        return not gives_up(line)

    def _result(self, line: str) -> MoveResult:
        bare = line.strip(_QUOTES)
        if gives_up(cleaned(bare)):
            self.gave_up = True
            return MoveResult(move=line, said=f"You gave up. {self._all_at_work()}", free=True)
        if match := _MEASURE.match(bare):
            return self._measured(line, match[1])
        if match := _PREDICT.match(bare):
            return self._predicted(line, match[1])
        return _misread(line, 'write "measure: ..." or "predict: ..."')

    def _measured(self, line: str, rest: str) -> MoveResult:
        apparatus = APPARATUSES[self.door.apparatus]
        at = apparatus.read(rest)
        if isinstance(at, str):
            return _misread(line, at)
        if not self.left:
            return MoveResult(move=line, said="There are no measurements left at this door: predict.", free=True)
        exact = apparatus.reading(at, self.door.at_work)
        dice = Dice(f"reading {self.puzzle.problem_id} {self.opened} {len(self.readings)} {sorted(at.items())}")
        reading = exact + apparatus.spread * apparatus.scale(exact) * _normal(dice)
        self.readings.append((at, reading))
        self.made += 1
        left = f"{self.left} measurement{'s' * (self.left != 1)} left"
        return MoveResult(move=line, said=f"{apparatus.shown(reading)}. {left}.", changed=True)

    def _predicted(self, line: str, rest: str) -> MoveResult:
        door, apparatus = self.door, APPARATUSES[self.door.apparatus]
        value, _, names = rest.replace(";", "|").partition("|")  # a line of a plan ends at ";"
        number = predicted(value, apparatus.unit)
        if number is None:
            return _misread(line, f"write predict: VALUE {apparatus.unit} | NAMES, or none")
        said = {name for name in (*door.listed, OTHER) if re.search(rf"\b{name}\b", names.casefold())}
        self.made += 1
        items = (*door.listed, OTHER) if door.others else door.listed
        idle = set(items) - door.answer
        # Youden's J: who names all, none, or by a coin gets nothing
        self.naming.append(len(said & door.answer) / max(1, len(door.answer)) - len(said & idle) / max(1, len(idle)))
        truth = door.truth
        if abs(number - truth) <= apparatus.tolerance * apparatus.scale(truth):
            self.opened, self.readings = self.opened + 1, []
            over = f" {self._all_at_work()}" if self.opened == len(self.lab.doors) else ""
            return MoveResult(move=line, said=f"Door {self.opened} opens.{over}", changed=True)
        self.lost_at = len(self.steps) + 1
        said_text = f"Wrong: it reads {apparatus.shown(truth)}. The attempt ends here. {self._all_at_work()}"
        return MoveResult(move=line, said=said_text, changed=True)

    def _all_at_work(self) -> str:
        """What was at work, door by door, told at the end."""
        doors = self.lab.doors[: self.opened + 1]
        return "At work: " + "; ".join(f"door {n}: {at_work_text(d)}" for n, d in enumerate(doors, 1)) + "."

    @property
    def outcome(self) -> Outcome:
        """Where things stand now."""
        total = len(self.lab.doors)
        return Outcome(
            out=self.opened == total,
            moves=self.made,
            shortest=total,
            progress=self.opened / total,
            lost_at=self.lost_at,
            gave_up=self.gave_up,
            doors=DoorsOpened(
                total=total,
                opened=self.opened,
                ended_at="" if self.opened == total else self.door.apparatus,
                named=round(sum(self.naming) / len(self.naming), 4) if self.naming else None,
            ),
            steps=tuple(self.steps),
        )


def _misread(line: str, why: str) -> MoveResult:
    return MoveResult(move=line, said=f"Not understood: {why}.", understood=False, free=True)


def _normal(dice: Dice) -> float:
    """A draw from the normal distribution (Box and Muller)."""
    first, second = (dice.below(1_000_000) + 0.5) / 1e6, dice.below(1_000_000) / 1e6
    return math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)
