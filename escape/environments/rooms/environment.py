"""Rooms: written by hand; a player gets out or not, and its explanation is marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from escape.environments.dice import Dice
from escape.environments.environment import Environment, Episode, FirstTurn, PlanPrompt, Way
from escape.environments.rooms import foresight, looking
from escape.environments.rooms.guessing import guessed
from escape.environments.rooms.play import Play
from escape.environments.rooms.reading import GIVE_UP, VERBS
from escape.environments.rooms.room import room_of
from escape.environments.rooms.ways import hints
from escape.types import Answer, PlayedBy, Puzzle, Question, normalized_name

PLAYER, WITH_MOVES = 1, 3  # versions of the prompt, without moves and with them
_MOVES = "\nMoves:\n(your way as moves that the room can carry out, one on each line, at most 30, in their order)\n\n"
_FORM = (
    "Write one move a line and nothing else on it: reasons, remarks and manners beside a move are not read. A move "
    'is "VERB: THING" or "VERB: THING -> SECOND THING", where the second says to what, on what or with what, for '
    'example "put: ladder -> fence" or "shake: tree". The verbs are {verbs}. {giving_up} The things are {things}. A '
    "thing keeps its name whatever becomes of it: a plank that has been sawn in two is still called plank. Where a "
    "word or a code is entered or said, write it as the second thing. Each move is carried out just as it stands, and "
    "some mistakes cannot be undone."
)
_ALONE = 'Where no way can work, write "give up" as the only move: beside other moves it does not count.'
_WHILE = 'Where no way can work, "give up" ends it; it counts only while everything that was done can still be undone.'


class Rooms(Environment):
    """See Environment."""

    name = "rooms"
    nouns = ("room", "rooms")
    label = "Rooms"
    about = "A room is written by hand; a player gets out or not."
    counts = "out"
    is_marked = True
    foreseeable = True
    hand = "touch"
    lead = "Get out of a room yourself. After each move the room tells you what happens."
    controls: ClassVar[dict[str, Way]] = {
        "guesser": guessed,
        "by-heart": lambda puzzle: [
            *(puzzle.twist.known if puzzle.twist else puzzle.world.moves if puzzle.world else ())
        ],
        "give-up": lambda puzzle: [GIVE_UP[0]],
    }
    prompt_versions: ClassVar[dict[str, int]] = {"player": PLAYER, "player with moves": WITH_MOVES}
    first_players = ("demo:careful", "demo:hasty", "demo:hoarder")

    def playable(self, puzzle: Puzzle) -> bool:
        """Whether it has rules: a puzzle without them is explained only."""
        return puzzle.world is not None

    def episode(self, puzzle: Puzzle, protocol: PlayedBy = "plan") -> Episode:
        """See Environment."""
        if protocol == "plan":
            return Play(room_of(puzzle))
        on = looking.on_things(puzzle)
        return Play(room_of(puzzle), lambda thing, state: on.get(thing, ()))

    def by_hand(self, puzzle: Puzzle) -> Episode:
        """With what is to be seen on things."""
        room = room_of(puzzle)
        return Play(room, looking.Eyes(room))

    def plan_prompt(self, puzzle: Puzzle, *, moves: bool) -> PlanPrompt:
        """The three published sections; with `moves`, a room that can carry them out asks for a fourth."""
        with_moves = moves and puzzle.world is not None
        fourth = _MOVES + self.form(puzzle) if with_moves else ""
        return PlanPrompt(
            "player",
            WITH_MOVES if with_moves else PLAYER,
            f"{self.text(puzzle)}\n\nFind a way that would really work here. Not every item has to be useful, and you "
            "have nothing that is not listed, beyond your own body and the fixtures of the room. If no way can work, "
            f"say so and why.\n\nAnswer under exactly these {'four' if with_moves else 'three'} headings:\n"
            "Physical Principles:\n(which principles your way rests on, and how each applies here)\n"
            "Solution Steps:\n(numbered, in the order in which they are carried out)\n"
            "Required Items:\n(only the items that your way needs)" + fourth,
        )

    def form(self, puzzle: Puzzle, giving_up: str = _ALONE) -> str:
        """How moves are written, and what there is in the room."""
        things = [*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ())]
        names = ", ".join(map(normalized_name, things))
        return _FORM.format(verbs=", ".join(VERBS), things=names, giving_up=giving_up)

    def first_turn(self, puzzle: Puzzle) -> FirstTurn:
        """Without the figures that are read on things."""
        at_first = puzzle.setup.model_copy(update={"constraints": looking.at_once(puzzle, looking.on_things(puzzle))})
        about = f"Figures are read on things, by looking at them. {self.form(puzzle, _WHILE)}"
        return FirstTurn(self.text(puzzle.model_copy(update={"setup": at_first})), about, "look: door")

    def plan_text(self, answer: Answer) -> str:
        """All of it: what was cut off in a last line is read as it stands."""
        return answer.text

    def questions(self, puzzle: Puzzle, dice: Dice) -> Iterator[Question]:
        """See Environment."""
        return foresight.drawn(puzzle, dice) if puzzle.world is not None else iter(())

    def reference(self, puzzle: Puzzle) -> list[str]:
        """The author's way."""
        return [*puzzle.world.moves] if puzzle.world else []

    def hints(self, episode: Episode) -> tuple[str, ...]:
        """The principle, the next thing to touch, then what to do."""
        return hints(episode)
