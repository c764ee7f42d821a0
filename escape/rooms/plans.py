"""Plans: an answer's lines carried out in a room, after unread lines have been repaired."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from escape.rooms import telling
from escape.rooms.play import RoomEpisode
from escape.rooms.reading import gives_up, plan_lines
from escape.rooms.room import Room, room_of
from escape.types import MoveResult, Outcome, PlayedBy, Puzzle


def playable(puzzle: Puzzle) -> bool:
    """Check whether code can carry out moves in a puzzle. One without a world is only explained."""
    return puzzle.world is not None


def attempt(puzzle: Puzzle, protocol: PlayedBy = "plan") -> RoomEpisode:
    """Start an attempt at a room. Raises ValueError for a puzzle without a world.

    In a conversation, looking at a thing also tells the limits with a figure that mention it.
    """
    if protocol == "plan":
        return RoomEpisode(room_of(puzzle))
    on = telling.on_things(puzzle)
    return RoomEpisode(room_of(puzzle), lambda thing, state: on.get(thing, ()))


def outcome(puzzle: Puzzle, answer: str, *, requested: bool = False, repair: str = "") -> Outcome | None:
    """Carry out an answer's moves. None without a world, or without moves unless `requested`.

    `repair`: a reply that rewrites the unread lines.
    """
    if not playable(puzzle):
        return None
    episode = attempt(puzzle)
    lines = plan_lines.move_lines(answer, episode.max_lines) or []
    if repair:
        lines = mended(lines, unread(episode, lines), repair)[: episode.max_lines]
    return carry_out(episode, lines).outcome if lines or requested else None


def known_outcome(
    puzzle: Puzzle, answer: str, *, requested: bool = False, repair: str = ""
) -> Outcome | None:
    """Compute or look up `outcome`, cached for answers that many runs share, such as a script's."""
    return _cached_outcome(room_of(puzzle), answer, requested, repair) if playable(puzzle) else None


@lru_cache(maxsize=1000)
def _cached_outcome(room: Room, answer: str, requested: bool, repair: str) -> Outcome | None:  # noqa: FBT001 - a key
    return outcome(room.puzzle, answer, requested=requested, repair=repair)


def plan(puzzle: Puzzle, answer: str) -> tuple[list[str], dict[int, str]]:
    """Read an answer's lines, as many as the room allows, and why some are unread, by number from 1."""
    episode = attempt(puzzle)
    lines = plan_lines.move_lines(answer, episode.max_lines) or []
    return lines, unread(episode, lines)


def with_lines(answer: str, lines: Sequence[str]) -> str:
    return f"{plan_lines.without(answer).rstrip()}\n\nMoves:\n" + "\n".join(lines)


def unread(episode: RoomEpisode, lines: Sequence[str]) -> dict[int, str]:
    """Find the lines that cannot be read, at most MOST_MENDED: number, from 1, -> why."""
    faults = {number: episode.fault(line) for number, line in enumerate(lines, 1)}
    return dict([(number, why) for number, why in faults.items() if why][:MOST_MENDED])


MOST_MENDED = 30  # lines of one plan that are written anew
_NUMBERED = re.compile(r"(?m)^[^\w\n]{0,12}(?:line )?(\d{1,4})[.:)\]]{1,2}[ \t]*([^\n]*)$", re.I)


def mended(lines: Sequence[str], faulty: Collection[int], reply: str) -> list[str]:
    """Replace faulty lines of a plan by what a reply gives for their numbers. Ignore the rest of it.

    The reply `none` removes a line, and one line may become several. Without `lines`, the reply is the whole
    plan.
    """
    if not lines:
        rewritten = plan_lines.move_lines(reply) or plan_lines.move_lines(f"Moves:\n{reply}") or []
        return [line for line in rewritten if line.casefold().strip(" \"'.") != "none"]
    new_lines: dict[int, list[str]] = {}
    for match in _NUMBERED.finditer(reply[: MOST_MENDED * 2_000]):
        number, text = int(match[1]), match[2].strip(" `*\"'")
        if number in faulty and number not in new_lines:
            none = text.casefold().strip(" .") in {"none", "no move", "-", ""}
            new_lines[number] = [] if none else (plan_lines.move_lines(f"Moves:\n{text}") or [])
    return [new for number, line in enumerate(lines, 1) for new in new_lines.get(number, [line])]


def carry_out(episode: RoomEpisode, lines: Sequence[str]) -> RoomEpisode:
    """Carry out a plan line by line until it is over. Return the episode.

    Giving up counts only if no line is a move. After an unread line the intent is unclear: the plan stops
    before a move that cannot be undone, unless it leads out.
    """
    may_give_up, any_unread = not any(map(episode.is_a_move, lines)), False
    for line in lines:
        if episode.over:
            break
        if gives_up(line) and not may_give_up:
            sentence = "Passed over: giving up counts only as the whole plan."
            episode.steps.append(MoveResult(move=line, said=sentence, free=True))
        elif any_unread and episode.is_final(line):
            sentence = (
                "The plan stops here: a line before this one could not be read, and this move cannot "
                "be undone."
            )
            episode.steps.append(MoveResult(move=line, said=sentence, free=True))
            break
        else:
            any_unread |= not episode.do(line).understood
    return episode
