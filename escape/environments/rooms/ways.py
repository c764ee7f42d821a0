"""Ways out of a room, for people: the shortest from where they stand, and hints towards it."""

from __future__ import annotations

from escape.environments.environment import Episode
from escape.environments.rooms.play import Play
from escape.environments.rooms.room import Edge, move_text, room_of
from escape.types import Puzzle, normalized_name

NO_WAY = "There is no way out of this room from here."


def shortest(puzzle: Puzzle, play: Play | None = None) -> list[str]:
    """A shortest way out, as moves: from where a play stands, or from the start. Empty if there is none."""
    room = room_of(puzzle)
    authors = {normalized_name(line) for line in (puzzle.world.moves if puzzle.world else ())}

    def plainest(edge: Edge) -> str:
        """Of moves that do the same, the author's own, else the one with the verb that the rule names first."""
        order = room.world.rules[edge.rule].verbs
        return min(
            (move_text(*act) for act in edge.acts),
            key=lambda text: (text not in authors, order.index(text.partition(":")[0])),
        )

    return [plainest(edge) for edge in room.way(play.state if play else room.start)]


def hints(episode: Episode) -> tuple[str, ...]:
    """The principle, the next thing to touch, then what to do; where there is no way, that."""
    puzzle = episode.puzzle
    principle = f"The idea: {puzzle.physical_principles[0]}."
    if not puzzle.solvable:
        return "Ask yourself first whether there is a way out at all.", f"{NO_WAY} Give up."
    way = shortest(puzzle, episode) if isinstance(episode, Play) else []
    if not way:
        return principle, f"{NO_WAY} Undo a move."
    thing = way[0].partition(": ")[2].partition(" -> ")[0]
    return principle, f"The next thing to touch: {thing or 'none'}", f"Next: {way[0]}"
