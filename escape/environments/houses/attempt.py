"""Somebody's attempt at a house: carries out lines one by one and says what came of it. Pure."""

from __future__ import annotations

from escape.environments.houses.puzzle import scene_of
from escape.environments.houses.reading import HouseMove
from escape.environments.rooms import gives_up
from escape.types import DoorsOpened, MoveResult, Outcome, Puzzle


class HouseAttempt:
    """Someone in a house: `do` carries out a line, `outcome` says where things stand. For plans and for people."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle, self.scene = puzzle, scene_of(puzzle)
        self.place = self.scene.start
        self.steps: list[MoveResult] = []
        self.made = 0
        self.lost_at: int | None = None
        self.gave_up = False

    @property
    def max_lines(self) -> int:
        """The lines of a plan that are read."""
        return self.scene.limit

    @property
    def over(self) -> bool:
        """True once nothing more can come of it; later lines are not carried out. Lines that cannot be read cost no
        move, but they too come to an end.
        """
        spent = self.made >= self.scene.limit or len(self.steps) >= 2 * self.scene.limit
        return self.gave_up or spent or self.scene.is_over(self.place)

    def do(self, line: str) -> MoveResult:
        """Carry out one line and say what happened. Nothing happens once it is over."""
        if self.over:
            return MoveResult(move=line[:300], said="This attempt is already over.", free=True)
        for move in self.scene.reader.read(line):
            if self.over:
                break
            self.steps.append(self._done(move))
            if self.lost_at is None and self.scene.is_lost(self.place):
                self.lost_at = len(self.steps)
        return self.steps[-1]

    def fault(self, line: str) -> str:
        """Why a line cannot be read; "" if it can."""
        return next((move.fault for move in self.scene.reader.read(line) if move.fault), "")

    def is_a_move(self, line: str) -> bool:
        """All but giving up: there is nothing to look at."""
        return not gives_up(line)

    def is_final(self, line: str) -> bool:
        """Never: doors that are open stay open, so what cannot be undone takes nothing back."""
        return False

    def _done(self, move: HouseMove) -> MoveResult:
        if move.fault:
            return MoveResult(move=move.text, said=f"Not understood: {move.fault}.", understood=False, free=True)
        if move.gives_up:
            self.gave_up = True
            return MoveResult(move=move.text, said="You gave up.", free=True)
        response = self.scene.do(self.place, move)
        self.place = response.place
        self.made += 1
        return MoveResult(move=move.text, said=response.said, changed=response.changed)

    @property
    def doors(self) -> DoorsOpened:
        """How far it has come."""
        return DoorsOpened(
            total=len(self.scene.doors),
            opened=self.place.opened,
            ended_at=self.scene.stuck_on(self.place),
            in_vain=self.place.in_vain,
            misplaced=self.place.misplaced,
        )

    @property
    def outcome(self) -> Outcome:
        """Where things stand now."""
        total, opened = len(self.scene.doors), self.place.opened
        return Outcome(
            out=opened == total,
            moves=self.made,
            shortest=len(self.scene.house.way),
            progress=opened / total,
            lost_at=self.lost_at,
            gave_up=self.gave_up,
            doors=self.doors,
            steps=tuple(self.steps),
        )
