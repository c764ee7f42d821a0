"""The texts that tell a player about a room: the room, the form of moves, and the question asked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from escape.rooms.reading import VERBS
from escape.rooms.room import Room, State
from escape.types import MAX_MOVES, Puzzle, normalized_name

_FIGURE, _WORDS = re.compile(r"\d"), re.compile(r"[^\W_]+")
_NO_STATE = {"yes", "no", "none"}  # of a fact that says whether something was done, not how a thing stands


def on_things(puzzle: Puzzle, *, figures: bool = True) -> dict[str, tuple[str, ...]]:
    """Map each thing to the limits that mention it. `figures`: only limits with a figure."""
    things = [*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ())]
    by_thing: dict[str, tuple[str, ...]] = {}
    for limit in puzzle.setup.constraints:
        if _FIGURE.search(limit) or not figures:
            for thing in dict.fromkeys(map(normalized_name, things)):
                if _spaced(thing) in _spaced(limit.casefold()):
                    by_thing[thing] = (*by_thing.get(thing, ()), limit)
    return by_thing


def _spaced(text: str) -> str:
    return f" {' '.join(_WORDS.findall(text))} "


def at_once(puzzle: Puzzle, on: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """List the limits that a player is told from the start, which no thing in `on` tells."""
    hidden = {limit for limits in on.values() for limit in limits}
    return tuple(limit for limit in puzzle.setup.constraints if limit not in hidden)


def stands(room: Room, state: State) -> dict[str, str]:
    """Map things to the value of the fact named after them: `ping pong ball` -> `at the rim`.

    Without facts about what is inside a thing, and without values such as `yes` and `no`.
    """
    facts = (
        (room.names.find(fact, loose=False), fact, value)
        for fact, value in zip(room.facts, state, strict=True)
    )
    return {
        normalized_name(thing): value
        for thing, fact, value in facts
        if thing and value not in _NO_STATE and not _is_inside(fact, normalized_name(thing))
    }


def _is_inside(fact: str, thing: str) -> bool:
    """Check whether a fact is about a thing's content: `water`, of a `bottle of water`."""
    holder, _, content = thing.partition(" of ")
    fact = normalized_name(fact)
    return bool(content) and _spaced(fact) in _spaced(content) and _spaced(fact) not in _spaced(holder)


class Eyes:
    """What looking tells a person: a thing's state and limits or, without a thing, all that is there."""

    def __init__(self, room: Room) -> None:
        self._room, self._limits = room, on_things(room.puzzle, figures=False)

    def __call__(self, thing: str, state: State) -> Sequence[str]:
        now = stands(self._room, state)
        if not thing:
            return [
                f"there are {', '.join(t + (f' ({now[t]})' if t in now else '') for t in self._room.things)}"
            ]
        lines = [f"{thing}: {now[thing]}"] if thing in now else []
        return [*lines, *self._limits.get(thing, ())] or [f"{thing}: nothing about it that you were not told"]


PLAYER, WITH_MOVES = 1, 4  # versions of the prompt, without moves and with them
PROMPT_VERSIONS = {"player": PLAYER, "player with moves": WITH_MOVES}
EXAMPLE_TURN = "look: door"
_MOVES = (
    "\n"
    "Moves:\n"
    "(your way as moves that the room can carry out, one on each line, at most {most}, in their order)\n\n"
)
_FORM = (
    "Write one move a line and nothing else on it: reasons, remarks and manners beside a move are not read. "
    'A move is "VERB: THING" or "VERB: THING -> SECOND THING", where the second says to what, on what or '
    "with what, for example {example}. The verbs are {verbs}. {giving_up} The things are {things}. A thing "
    "keeps its name whatever becomes of it: a plank that has been sawn in two is still called plank. Where a "
    "word or a code is entered or said, write it as the second thing. {amounts}Each move is carried out just "
    "as it stands, and some mistakes cannot be undone."
)
_AMOUNTS = (
    "Where a move says how much or how far, write the number with its unit behind the things, and a part as "
    'a fraction: "{}", "{}" or "{}". '
)
_ALONE = 'Where no way can work, write "give up" as the only move: beside other moves it does not count.'
_WHILE = (
    'Where no way can work, "give up" ends it; it counts only while everything that was done can still '
    "be undone."
)


class PlanPrompt(NamedTuple):
    name: str
    version: int
    user: str


def measured(puzzle: Puzzle) -> list[str]:
    """List the items with a measure in brackets, which their names leave out."""
    return [item for item in puzzle.setup.available_items if "(" in item]


def bullets(items: Iterable[str], mark: str = "-") -> str:
    return "\n".join(f"{mark} {x}" for x in items) or f"{mark} none"


def text(puzzle: Puzzle) -> str:
    setup = puzzle.setup
    return (
        "Situation:\n"
        f"{setup.scenario}\n\n"
        "Available items:\n"
        f"{bullets(setup.available_items)}\n\n"
        "Constraints:\n"
        f"{bullets(setup.constraints)}"
    )


def plan_prompt(puzzle: Puzzle, *, moves: bool) -> PlanPrompt:
    """Build the prompt for an answer under the three published headings. `moves`: four, in a room."""
    with_moves = moves and puzzle.world is not None
    return PlanPrompt(
        "player",
        WITH_MOVES if with_moves else PLAYER,
        f"{text(puzzle)}\n\n"
        "Find a way that would really work here. Not every item has to be useful, and you have nothing that "
        "is not listed, beyond your own body and the fixtures of the room. If no way can work, say so and "
        "why.\n\n"
        f"Answer under exactly these {'four' if with_moves else 'three'} headings:\n"
        "Physical Principles:\n"
        "(which principles your way rests on, and how each applies here)\n"
        "Solution Steps:\n"
        "(numbered, in the order in which they are carried out)\n"
        "Required Items:\n"
        "(only the items that your way needs)" + (moves_asked(puzzle) if with_moves else ""),
    )


def moves_asked(puzzle: Puzzle) -> str:
    return _MOVES.format(most=puzzle.world.most_moves if puzzle.world else MAX_MOVES) + form(puzzle)


def form(puzzle: Puzzle, giving_up: str = _ALONE) -> str:
    things = [*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ())]
    names = ", ".join(map(normalized_name, things))
    return _FORM.format(
        verbs=", ".join(VERBS),
        things=names,
        giving_up=giving_up,
        example='"{}" or "{}"'.format(*examples(puzzle)),
        amounts=_AMOUNTS.format(*_with_amounts(puzzle)) if asks_amounts(puzzle) else "",
    )


def examples(puzzle: Puzzle) -> tuple[str, str]:
    """Show the form in two moves.

    Those of an easy room name no thing: small models copy things into their plans.
    """
    easy = puzzle.world is not None and puzzle.world.is_easy
    return ("put: ... -> ...", "shake: ...") if easy else ("put: ladder -> fence", "shake: tree")


def asks_amounts(puzzle: Puzzle) -> bool:
    return puzzle.world is not None and any(rule.amount is not None for rule in puzzle.world.rules)


def _with_amounts(puzzle: Puzzle) -> tuple[str, str, str]:
    """Show how an amount is written, in three moves that are not the room's own."""
    easy = puzzle.world is not None and puzzle.world.is_easy
    if easy:
        return "turn: ... -> 2 turns", "pour: ... -> ..., 300 ml", "push: ... -> ..., 1/4"
    return "turn: tap -> 2 turns", "pour: jug -> basin, 300 ml", "push: bolt -> slot, 1/4"


def first_turn(puzzle: Puzzle) -> tuple[str, str]:
    """Write the opening of a conversation: the room, without figures read on things; and the form."""
    at_first = puzzle.setup.model_copy(update={"constraints": at_once(puzzle, on_things(puzzle))})
    about = f"Figures are read on things, by looking at them. {form(puzzle, _WHILE)}"
    return text(puzzle.model_copy(update={"setup": at_first})), about
