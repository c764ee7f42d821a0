"""An attempt at a room: carries out lines, a plan's or a person's, and records what happened. Pure."""

from collections.abc import Callable, Iterator, Sequence

from escape.rooms.reading import NO_VERB, PORTIONS, VERBS, Move, moves, plan_lines
from escape.rooms.room import Act, Room, State
from escape.types import Amount, MoveResult, Outcome, normalized_name

NOTHING = "Nothing useful happens."
MEASURED = frozenset({"liquid", "powder", "vessel"})  # kinds of things of which a part may be meant
# what looking at a thing tells, in sentences without their full stops
Tell = Callable[[str, State], Sequence[str]]


class RoomEpisode:
    """An attempt at a room, by a plan or a person: `do` carries out a line, `outcome` sums up so far.

    `tell`: what looking at a thing tells besides the room's own words.
    """

    def __init__(self, room: Room, tell: Tell = lambda thing, state: ()) -> None:
        self._tell = tell
        self.room, self.state, self.puzzle = room, room.start, room.puzzle
        self.steps: list[MoveResult] = []
        self.n_moves = 0
        self.lost_at: int | None = None
        self.gave_up = False
        self.changes: list[tuple[Act, int]] = []  # each act that changed something, with its rule
        self._touched: dict[str, None] = {}

    @property
    def max_lines(self) -> int:
        return self.room.world.most_moves

    @property
    def over(self) -> bool:
        """True once the player is out or has given up. Later lines are not carried out."""
        return self.gave_up or self.room.is_out(self.state)

    def do(self, line: str) -> MoveResult:
        if self.over:
            return MoveResult(
                move=line[: plan_lines.MAX_MOVE_LENGTH], said="This attempt is already over.", free=True
            )
        for move in moves.read(line, self.room.names):
            if self.over:
                break
            self.steps.append(self._done(move))
            if (
                self.lost_at is None
                and self.room.puzzle.solvable
                and self.state not in self.room.graph.moves_left
            ):
                self.lost_at = len(self.steps)
        return self.steps[-1]

    def fault(self, line: str) -> str:
        """Explain why a line cannot be read. "" if it can."""
        return next((why for move in moves.read(line, self.room.names) if (why := self._fault(move))), "")

    def _fault(self, move: Move) -> str:
        """Explain why a move is unread: its verb, kind of thing, manner or amount. "" if it is not.

        The same in every state.
        """
        if move.fault or move.gives_up:
            return move.fault
        acts = [act for act, _ in self._readings(move)]
        if not any(self.room.is_possible(*act[:2]) for act in acts):
            return f"“{move.verb}” is nothing that can be done with “{acts[0][1]}”; say it with another verb"
        if move.manner and not any(self.room.knows_manner(act, move.manner) for act in acts):
            return f"“{move.manner}” is no manner that this room knows; make it a move of its own"
        units = [unit for act in acts if (unit := self.room.unit(*act[:3]))]
        given = (
            {amount for amount in move.amounts if amount.kind == Amount(1, units[0]).kind} if units else set()
        )
        if len(given) > 1:
            return "it gives more than one amount; write one a line"
        portions = [a for a in move.amounts if a.kind in PORTIONS]
        if not units and portions and self.room.kinds.get(acts[0][1]) in MEASURED:
            return f"nothing here measures out {portions[0]}; leave it away only if all of it is meant"
        if not given and any(self.room.needs_amount(*act[:3]) for act in acts):
            how = (
                "a part, such as 1/4,"
                if units[0] == "of it"
                else f"a number with its unit, such as {units[0]},"
            )
            return f"it does not say how much or how far; write {how} behind the things"
        return ""

    def is_a_move(self, line: str) -> bool:
        """Check whether a line acts or tries to. Looking, waiting, speaking and giving up do not."""
        read = moves.read(line, self.room.names)
        return any(
            move.fault != NO_VERB if move.fault else not VERBS[move.verb].free
            for move in read
            if not move.gives_up
        )

    def is_final(self, line: str) -> bool:
        """Check whether a line, carried out now, neither leads out nor leaves a way back to here."""
        state = self.state
        for move in moves.read(line, self.room.names):
            if self.room.is_out(state):
                break
            if move.gives_up or self._fault(move):
                continue
            act, number = self._resolve(move, state)
            state = state if number is None else self.room.successor(state, number, act[3])
        return not self.room.is_out(state) and not self.room.leads_back(state, self.state)

    def _done(self, move: Move) -> MoveResult:
        if fault := self._fault(move):
            return MoveResult(move=move.text, said=f"Not understood: {fault}.", understood=False, free=True)
        if move.gives_up:
            self.gave_up = True
            return MoveResult(move=move.text, said=self._gave_up(), free=True)
        act, number = self._resolve(move)
        read = self._tell(act[1], self.state) if act[0] == "look" else ()
        if number is None:
            idle = VERBS[act[0]].free or act[0] == "take"
            self._count(act, free=idle)
            return MoveResult(move=move.text, said=" ".join(map(_as_sentence, read)) or NOTHING, free=idle)
        after = self.room.successor(self.state, number, act[3])
        changed = after != self.state
        free = VERBS[act[0]].free or (act[0] == "take" and not changed)
        self._count(act, free=free)
        if changed:
            self.state = after
            self.changes.append((act, number))
        sentence = " ".join([self.room.world.rules[number].say, *map(_as_sentence, read)])
        return MoveResult(move=move.text, said=sentence, changed=changed, free=free)

    @property
    def _right_to_give_up(self) -> bool:
        """True if the room is unsolvable and every move so far can be undone."""
        return not self.room.puzzle.solvable and self.state in self.room.undoable

    def _gave_up(self) -> str:
        if self._right_to_give_up:
            return "You gave up, and you were right: there is no way out."
        if self.room.puzzle.solvable:
            return "You gave up."
        return "You gave up, but what you did before cannot be undone."

    def _count(self, act: Act, *, free: bool) -> None:
        if not free:
            self.n_moves += 1
            self._touched.update(dict.fromkeys(t for t in act[1:3] if t in self.room.herrings))

    def _resolve(self, move: Move, state: State | None = None) -> tuple[Act, int | None]:
        """Choose the reading of a move that a rule answers, with the rule; else its first reading.

        If it names further things, a reading that changes something goes first.
        """
        readings, rules = list(self._readings(move)), self.room.world.rules
        numbers = [self.room.answering(state or self.state, act) for act, _ in readings]
        answered = [
            (act, n)
            for (act, thing), n in zip(readings, numbers, strict=True)
            if n is not None and not (thing and rules[n].at is None)
        ]
        if move.others:  # of all that takes part, what changes something comes first
            here = state or self.state
            answered.sort(key=lambda pair: self.room.successor(here, pair[1], pair[0][3]) == here)
        return answered[0] if answered else (readings[0][0], None)

    def _readings(self, move: Move) -> Iterator[tuple[Act, bool]]:
        """Yield every act that a move may mean, and whether only a rule with an `at` may answer it."""
        thing, seconds = (
            normalized_name(move.thing),
            [normalized_name(name) for name in (move.second, *move.others)],
        )
        verb, swapped = move.verb, move.swapped
        for second in seconds:
            if VERBS[verb].takes_word and move.word:
                whats = [thing] if thing else self.room.things
                yield from (((verb, what, move.word, None), False) for what in whats)
                continue
            pairs = [(second, thing)] if swapped and second else [(thing, second)]
            if move.symmetric and second and not swapped:
                pairs.append((second, thing))
            if move.number:
                yield from (((verb, a, normalized_name(move.number), None), True) for a, _ in pairs)
                if move.number not in self.room.names.listed:  # another number than any that the room knows
                    continue
            yield from (((verb, a, b, self._amount(move, verb, a, b)), False) for a, b in pairs)

    def _amount(self, move: Move, verb: str, thing: str, second: str) -> Amount | None:
        """Pick the move's amount of the kind that rules for this act ask for. None if it has none."""
        unit = self.room.unit(verb, thing, second)
        return next((a for a in move.amounts if a.kind == Amount(1, unit).kind), None) if unit else None

    @property
    def outcome(self) -> Outcome:
        room = self.room
        shortest = room.graph.moves_left.get(room.start, 0)
        out = room.is_out(self.state) or (self.gave_up and self._right_to_give_up)
        moves_left = room.graph.moves_left.get(self.state)
        progress = 1.0 if out else 0.0
        if not out and moves_left is not None and shortest:
            progress = max(0.0, 1 - moves_left / shortest)
        return Outcome(
            out=out,
            moves=self.n_moves,
            shortest=shortest,
            progress=progress,
            lost_at=self.lost_at,
            gave_up=self.gave_up,
            herrings_touched=tuple(
                h for h in room.puzzle.red_herrings if normalized_name(h) in self._touched
            ),
            steps=tuple(self.steps),
        )


def _as_sentence(limit: str) -> str:
    return f"{limit[:1].upper()}{limit[1:]}."
