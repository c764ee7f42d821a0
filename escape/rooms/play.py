"""Someone in a room: carries out lines one by one, a plan's or a person's, and says what came of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from escape.fields import normalized_name
from escape.rooms import moves, plan_lines
from escape.rooms.moves import Move
from escape.rooms.room import Act, Room, State
from escape.rooms.verbs import VERBS
from escape.world import MoveResult, Outcome

NOTHING = "Nothing useful happens."
Tell = Callable[[str, State], Sequence[str]]  # what looking at a thing tells, in sentences without their full stops


class Play:
    """Someone in a room: `do` carries out a line, `outcome` says where things stand. For plans and for people.

    `tell`: what looking tells besides the room's own words, for whoever is told anything by it.
    """

    def __init__(self, room: Room, tell: Tell = lambda thing, state: ()) -> None:
        self._tell = tell
        self.room, self.state, self.puzzle = room, room.start, room.puzzle
        self.steps: list[MoveResult] = []
        self.made = 0
        self.lost_at: int | None = None
        self.gave_up = False
        self.changes: list[tuple[Act, int]] = []  # each act that changed something, with its rule
        self._touched: dict[str, None] = {}

    @property
    def max_lines(self) -> int:
        """The lines of a plan that are read."""
        return plan_lines.MAX_MOVES

    @property
    def over(self) -> bool:
        """True once the player is out or has given up; later lines are not carried out."""
        return self.gave_up or self.room.is_out(self.state)

    def do(self, line: str) -> MoveResult:
        """Carry out one line and say what happened. Nothing happens once it is over."""
        if self.over:
            return MoveResult(move=line[: plan_lines.MAX_MOVE_LENGTH], said="This attempt is already over.", free=True)
        for move in moves.read(line, self.room.names):
            if self.over:
                break
            if move.by_the_way and self._meant(move)[1] is None:
                continue
            self.steps.append(self._done(move))
            if self.lost_at is None and self.room.puzzle.solvable and self.state not in self.room.graph.moves_left:
                self.lost_at = len(self.steps)
        return self.steps[-1]

    def _done(self, move: Move) -> MoveResult:
        if move.fault:
            return MoveResult(move=move.text, said=f"Not understood: {move.fault}.", understood=False, free=True)
        if move.gives_up:
            self.gave_up = True
            return MoveResult(move=move.text, said=self._gave_up(), free=True)
        act, number = self._meant(move)
        read = self._tell(act[1], self.state) if act[0] == "look" else ()
        if number is None:
            idle = VERBS[act[0]].free or act[0] == "take"
            self._count(act, free=idle)
            return MoveResult(move=move.text, said=" ".join(map(_sentence, read)) or NOTHING, free=idle)
        after = self.room.after(self.state, number)
        changed = after != self.state
        free = VERBS[act[0]].free or (act[0] == "take" and not changed)
        self._count(act, free=free)
        if changed:
            self.state = after
            self.changes.append((act, number))
        said = " ".join([self.room.world.rules[number].say, *map(_sentence, read)])
        return MoveResult(move=move.text, said=said, changed=changed, free=free)

    @property
    def _right_to_give_up(self) -> bool:
        """There is no way out, and nothing was done that cannot be put back: whoever knew would not have done it."""
        return not self.room.puzzle.solvable and self.state in self.room.undoable

    def _gave_up(self) -> str:
        if self._right_to_give_up:
            return "You gave up, and you were right: there is no way out."
        if self.room.puzzle.solvable:
            return "You gave up."
        return "You gave up, but what you did before cannot be undone."

    def _count(self, act: Act, *, free: bool) -> None:
        if not free:
            self.made += 1
            self._touched.update(dict.fromkeys(t for t in act[1:] if t in self.room.herrings))

    def _meant(self, move: Move) -> tuple[Act, int | None]:
        """Of everything a move may mean, the reading that a rule answers; else its first meaning."""
        readings = list(self._readings(move))
        for act in readings:
            number = self.room.answering(self.state, act)
            if number is not None:
                return act, number
        return readings[0], None

    def _readings(self, move: Move) -> Iterator[Act]:
        thing, second = normalized_name(move.thing), normalized_name(move.second)
        for verb, swapped in move.verbs:
            if VERBS[verb].takes_word and move.word:
                for what in [thing] if thing else self.room.things:
                    yield verb, what, move.word
                continue
            pairs = [(second, thing)] if swapped and second else [(thing, second)]
            if move.symmetric and second and not swapped:
                pairs.append((second, thing))
            if move.number:
                pairs = [(a, normalized_name(move.number)) for a, _ in pairs] + pairs
            for a, b in pairs:
                yield verb, a, b

    @property
    def outcome(self) -> Outcome:
        """Where things stand now."""
        room = self.room
        shortest = room.graph.moves_left.get(room.start, 0)
        out = room.is_out(self.state) or (self.gave_up and self._right_to_give_up)
        moves_left = room.graph.moves_left.get(self.state)
        progress = 1.0 if out else 0.0
        if not out and moves_left is not None and shortest:
            progress = max(0.0, 1 - moves_left / shortest)
        return Outcome(
            out=out,
            moves=self.made,
            shortest=shortest,
            progress=progress,
            lost_at=self.lost_at,
            gave_up=self.gave_up,
            herrings_touched=tuple(h for h in room.puzzle.red_herrings if normalized_name(h) in self._touched),
            steps=tuple(self.steps),
        )


def _sentence(limit: str) -> str:
    return f"{limit[:1].upper()}{limit[1:]}."
