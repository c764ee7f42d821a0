"""Ways through a room: the shortest, hints towards it, verbs to offer, random and guessed plans."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from escape.rooms.play import RoomEpisode
from escape.rooms.reading import VERBS
from escape.rooms.room import Edge, Room, move_text, room_of
from escape.types import MAX_MOVES, Amount, Puzzle, normalized_name

T = TypeVar("T")


class Dice:
    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - a puzzle, not a secret

    def below(self, n: int) -> int:
        return int(self._random() * n)

    def pick(self, of: Sequence[T]) -> T:
        return of[self.below(len(of))]

    def amount(self, room: Room, verb: str, thing: str, second: str) -> Amount | None:
        """Draw an amount, or None, each as likely as a guess would hit it.

        Amounts are spread evenly on a logarithmic scale around the rules' bounds. None if no rule asks for
        one.
        """
        shares = room.amounts(verb, thing, second)
        drawn = self._random() if len(shares) > 1 else 1.0
        for amount, share in shares:
            drawn -= share
            if drawn < 0:
                return amount
        return shares[-1][0]

    def in_turn(self, of: Sequence[T]) -> Iterator[T]:
        """Yield all of them in a random order, each drawn only when it is asked for."""
        remaining = list(of)
        while remaining:
            n = self.below(len(remaining))
            remaining[n], remaining[-1] = remaining[-1], remaining[n]
            yield remaining.pop()


NO_WAY = "There is no way out of this room from here."


def shortest(puzzle: Puzzle, play: RoomEpisode | None = None) -> list[str]:
    """Find a shortest way out, as moves, from where a play stands or from the start. Empty if none."""
    room = room_of(puzzle)
    authors = {normalized_name(line) for line in (puzzle.world.moves if puzzle.world else ())}

    def plainest(edge: Edge) -> str:
        """Choose among equivalent moves: the author's own, else the one with the rule's first verb."""
        order = room.world.rules[edge.rule].verbs
        return min(
            (move_text(*act) for act in edge.acts),
            key=lambda text: (text not in authors, order.index(text.partition(":")[0])),
        )

    return [plainest(edge) for edge in room.way(play.state if play else room.start)]


def hints(play: RoomEpisode) -> tuple[str, ...]:
    """Give the principle, the next thing to touch and the next move; or say that there is no way."""
    puzzle = play.puzzle
    principle = f"The idea: {puzzle.physical_principles[0]}."
    if not puzzle.solvable:
        return "Ask yourself first whether there is a way out at all.", f"{NO_WAY} Give up."
    way = shortest(puzzle, play)
    if not way:
        return principle, f"{NO_WAY} Undo a move."
    thing = way[0].partition(": ")[2].partition(" -> ")[0]
    return principle, f"The next thing to touch: {thing or 'none'}", f"Next: {way[0]}"


MOST = 8
USUAL = ("look", "take", "put", "push", "pull", "turn", "press", "hit")


def fitting(room: Room, thing: str) -> tuple[str, ...]:
    """Choose verbs for a thing: look, those that change something, those answered, then usual ones.

    MOST of them, or more if more change something, in the order of VERBS.
    """
    working = room.working.get(thing, frozenset())
    chosen = dict.fromkeys(["look", *working, *room.answered(thing), *USUAL])
    verbs = set(list(chosen)[: max(MOST, len({"look", *working}))])
    return tuple(v for v in VERBS if v in verbs)


def renamed_line(line: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        line = line.replace(old, new)
    return line


def at_random(puzzle: Puzzle) -> list[str]:
    """Draw as many moves as a plan may have: any verb that acts, any thing, any second thing or none."""
    room, dice = room_of(puzzle), Dice(f"random {puzzle.problem_id}")
    verbs = [name for name, verb in VERBS.items() if not verb.free and not verb.takes_word]
    most = room.world.most_moves
    acts = [(dice.pick(verbs), dice.pick(room.things), dice.pick(["", *room.things])) for _ in range(most)]
    return [move_text(*act, dice.amount(room, *act)) for act in acts]


EVERYTHING = [(verb, reverse) for verb in ("put", "pour", "tie") for reverse in (False, True)]


def everything(puzzle: Puzzle, verb: str = "put", *, reverse: bool = False) -> list[str]:
    """Write up to thirty lines that put, pour or tie everything onto everything, in list order."""
    things = room_of(puzzle).things
    pairs = [(a, b) for a in things for b in things if a != b]
    return [move_text(verb, a, b) for a, b in (pairs[::-1] if reverse else pairs)][:MAX_MOVES]


GUESSES = 8  # moves of a guessed plan


def guessed(puzzle: Puzzle) -> list[str]:
    room, dice = room_of(puzzle), Dice(f"guesser {puzzle.problem_id}")
    acts = list(dict.fromkeys(act[:3] for act in room.acts))
    return [move_text(*act, dice.amount(room, *act)) for act in (dice.pick(acts) for _ in range(GUESSES))]
