"""Somebody's attempt at a laboratory: trials, settings that decide, and what came of them. Pure; no numpy."""

from __future__ import annotations

import re

from escape.environments.laboratories.apparatus import APPARATUSES, Setting
from escape.environments.laboratories.laws import complete, deciding, reading
from escape.environments.laboratories.text import law_text
from escape.environments.rooms import cleaned, gives_up, without_mark
from escape.types import DoorsOpened, LabDoor, Laboratory, MoveResult, Outcome, Puzzle

_TRY = re.compile(r"(?i)^(?:try|trial|test)\b[\s:]*(.*)$")
_SET = re.compile(r"(?i)^(?:set|setting|final|decide)\b[\s:]*(.*)$")
_FORM = 'write "try: START | STEPS" or "set: STEPS"'


class LabAttempt:
    """Someone in a laboratory: `do` carries out a line, `outcome` says where things stand. For players and people."""

    def __init__(self, puzzle: Puzzle) -> None:
        if puzzle.lab is None:
            raise ValueError(f"{puzzle.problem_id} is no laboratory")
        self.puzzle, self.lab = puzzle, puzzle.lab
        self.steps: list[MoveResult] = []
        self.opened = self.made = 0
        self.trials_left = self.lab.doors[0].trials
        self.lost_at: int | None = None
        self.gave_up = False

    @property
    def max_lines(self) -> int:
        """The turns that there are: every trial, every setting, and a few that may be misread."""
        return limit(self.lab)

    @property
    def over(self) -> bool:
        """True once nothing more can come of it."""
        all_open = self.opened == len(self.lab.doors)
        return all_open or self.gave_up or self.lost_at is not None or len(self.steps) >= self.max_lines

    @property
    def door(self) -> LabDoor:
        """The one that is shut; the last one at the end."""
        return self.lab.doors[min(self.opened, len(self.lab.doors) - 1)]

    def do(self, line: str) -> MoveResult:
        """Carry out one line and say what happened. Nothing happens once it is over."""
        text_line = without_mark(line.strip()[:300])
        if self.over:
            return MoveResult(move=text_line, said="This attempt is already over.", free=True)
        self.steps.append(self._done(text_line))
        return self.steps[-1]

    def fault(self, line: str) -> str:
        """Never asked: a laboratory is played move by move, where the reply says what could not be read."""
        return ""

    def is_a_move(self, line: str) -> bool:
        """All but giving up: there is nothing to look at."""
        return not gives_up(line)

    def is_final(self, line: str) -> bool:
        """Never: a laboratory is played move by move, so there is no plan to stop."""
        return False

    def _done(self, line: str) -> MoveResult:
        if gives_up(cleaned(line)):
            self.gave_up = True
            return MoveResult(move=line, said="You gave up.", free=True)
        if match := _TRY.match(line):
            return self._tried(line, match[1])
        if match := _SET.match(line):
            return self._set(line, match[1])
        return self._fault(line, _FORM)

    def _fault(self, line: str, why: str) -> MoveResult:
        return MoveResult(move=line, said=f"Not understood: {why}.", understood=False, free=True)

    def _tried(self, line: str, rest: str) -> MoveResult:
        apparatus, (start, bar, steps) = APPARATUSES[self.door.apparatus], rest.partition("|")
        begins = next((start_name for start_name in self.door.starts if _plain(start_name) == _plain(start)), "")
        setting = apparatus.read(steps) if bar else None
        if not begins:
            return self._fault(line, f"{_FORM}, with one of the starts {' / '.join(self.door.starts)}")
        if setting is None or not _open_to_trials(self.door, setting):
            return self._fault(line, apparatus.asked)
        if not self.trials_left:
            return MoveResult(move=line, said="There are no trials left at this door: make the setting.", free=True)
        self.trials_left -= 1
        self.made += 1
        value = reading(self.door, begins, setting)
        text = apparatus.dim_shown(value) if self.door.dim else apparatus.shown(value)
        trials_text = f"{self.trials_left} trial{'s' * (self.trials_left != 1)} left"
        return MoveResult(move=line, said=f"{text[:1].upper()}{text[1:]}. {trials_text}.", changed=True)

    def _set(self, line: str, rest: str) -> MoveResult:
        door, apparatus = self.door, APPARATUSES[self.door.apparatus]
        setting = apparatus.read(rest.rpartition("|")[2])
        if setting is None or (apparatus.exact and not all(setting)):
            return self._fault(line, apparatus.asked)
        self.made += 1
        law = complete(apparatus, door.law)
        end = apparatus.decide(law, apparatus.starts[door.start], setting)
        if end == door.wanted:
            self.opened += 1
            if self.opened < len(self.lab.doors):
                self.trials_left = self.door.trials
            return MoveResult(move=line, said=f"Door {self.opened} opens.", changed=True)
        self.lost_at = len(self.steps) + 1
        led_to = apparatus.wanted(end) if apparatus.exact else apparatus.shown(end)
        start = apparatus.starts[door.start]
        right = (s for s in deciding(apparatus) if apparatus.decide(law, start, s) == door.wanted)
        ways = [f" This would have opened the door: {apparatus.written(s)}." for s in right][:1]
        sentence = f"Wrong: {led_to}. The attempt ends here. The law was: {law_text(door)}.{''.join(ways)}"
        return MoveResult(move=line, said=sentence, changed=True)

    @property
    def outcome(self) -> Outcome:
        """Where things stand now."""
        total = len(self.lab.doors)
        return Outcome(
            out=self.opened == total,
            moves=self.made,
            shortest=len(self.lab.way),
            progress=self.opened / total,
            lost_at=self.lost_at,
            gave_up=self.gave_up,
            doors=DoorsOpened(
                total=total,
                opened=self.opened,
                ended_at="" if self.opened == total else self.door.apparatus,
            ),
            steps=tuple(self.steps),
        )


def limit(lab: Laboratory) -> int:
    """The turns that a laboratory allows."""
    return sum(door.trials + 1 for door in lab.doors) + 2 * len(lab.doors) + 6


def _plain(start: str) -> str:
    return "".join(filter(str.isalnum, start.casefold()))


def _open_to_trials(door: LabDoor, setting: Setting) -> bool:
    apparatus = APPARATUSES[door.apparatus]
    return setting in apparatus.settings[: apparatus.first]
