"""An MCP server with which any agent plays rooms move by move, without an API key.

It writes only the run file that it was given, and calls no model. Needs the extra `mcp`.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from escape import prompts
from escape.puzzles import files
from escape.rooms import RoomEpisode, attempt, playable
from escape.rooms.reading import plan_lines
from escape.runs import new_run, trials
from escape.runs.file import jsonl, replacing_file
from escape.types import AGENT, Answer, Puzzle, Result, Run, RunConfig, SpecError, Trial, Turn

if TYPE_CHECKING:
    from mcp.server import MCPServer

# at once; until the server is started anew; letters of a move
MAX_PLAYS, MAX_KEPT, MAX_TEXT = (200, 2_000, 2_000)
INSTRUCTIONS = (
    "Escape rooms that test physical reasoning. Call list_rooms, then enter one; you are told the room. Call "
    "do with one move at a time; the room says what happens. Call give_up when there is no way on; score "
    "says how far you are."
)
UNREAD = 'Not understood: write one move, such as "look".'


@dataclass
class Play:
    """One attempt: its room, and the move of each turn so far, "" for a text without one."""

    episode: RoomEpisode
    moves: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """True once the player is out, has given up or has no turn left."""
        return self.episode.over or len(self.moves) >= self.episode.max_lines

    @property
    def score(self) -> str:
        outcome = self.episode.outcome
        ended = "It goes on."
        if outcome.out:
            ended = "You are out."
        elif self.over:
            ended = "It is over."
        return f"{ended} {outcome.moves} moves."


class Plays:
    """The plays in progress, by code, and those that have ended, as a run by `agent:NAME`. Thread-safe.

    `file`: where the run is saved each time a play ends, whole or not at all: a killed server leaves the run
    before.
    """

    def __init__(self, name: str, file: Path | None = None) -> None:
        self.player = f"{AGENT}{name}"
        self._file, self._lock = file, threading.Lock()
        self._going: OrderedDict[str, Play] = OrderedDict()
        self._ended: list[tuple[Puzzle, Result]] = []
        self._empty = new_run(RunConfig(protocol="move by move"), [], f"Played over MCP by {name}")
        every = files.load(*files.sets_in(files.BUNDLED).values())
        self._rooms = {p.problem_id: p for p in every if playable(p)}

    def rooms(self) -> str:
        return "\n".join(["Rooms, for enter(room=ID):", *(f"{i}: {p.name}" for i, p in self._rooms.items())])

    def enter(self, room: str) -> str:
        """Begin a play; return its code and the room's text.

        Raises ValueError for an unknown room, or when MAX_KEPT plays have ended.
        """
        if room not in self._rooms:
            raise ValueError(f"there is no room {room[:40]!r}; list_rooms says which there are")
        if len(self._ended) >= MAX_KEPT:
            raise ValueError(f"{MAX_KEPT} plays have ended here; restart the server with another file")
        play, code = Play(attempt(self._rooms[room], "move by move")), secrets.token_hex(4)
        with self._lock:
            self._going[code] = play
            while len(self._going) > MAX_PLAYS:  # the one that nobody has moved in for longest
                self._going.popitem(last=False)
        return f"play {code}\n\n{prompts.told_move_by_move(play.episode.puzzle, play.episode.max_lines)}"

    def do(self, code: str, text: str) -> str:
        """Carry out one move; return what happens. Raises ValueError for an unknown play."""
        with self._lock:
            play = self._play(code)
            self._going.move_to_end(code)
            if play.over:
                return f"This attempt is already over.\n{play.score}"
            move, at = plan_lines.one_move(f"Move: {text[:MAX_TEXT]}"), len(play.episode.steps)
            play.moves.append(move)
            if move:
                play.episode.do(move)
            answer = " ".join(step.said for step in play.episode.steps[at:]) or UNREAD
            if play.over:
                self._end(play)
                return f"{answer}\n{play.score}"
        return f"{answer}\n(Move {len(play.moves)} of {play.episode.max_lines}.)"

    def score(self, code: str) -> str:
        with self._lock:
            return self._play(code).score

    def _play(self, code: str) -> Play:
        if code not in self._going:
            raise ValueError("there is no such play; enter a room first and use the code that it gives")
        return self._going[code]

    def _end(self, play: Play) -> None:
        """Add an ended play to the run, as a conversation that can be verified like any other."""
        puzzle = play.episode.puzzle
        replies, outcome = trials.replay(puzzle, [(move, False) for move in play.moves])
        turns = tuple(
            Turn(number=i, answer=Answer(text=f"Move: {move}", cost_usd=0.0), move=move, reply=reply)
            for i, (move, reply) in enumerate(zip(play.moves, replies, strict=True), 1)
        )
        repeat = 1 + sum(p.problem_id == puzzle.problem_id for p, _ in self._ended)
        trial = Trial(problem_id=puzzle.problem_id, player=self.player, repeat=repeat)
        self._ended.append(
            (puzzle, Result(trial=trial, answer=trials.join_turns(turns), outcome=outcome, turns=turns))
        )
        if self._file:
            with replacing_file(self._file) as out:
                packed = self._file.suffix == ".gz"
                out.write(jsonl.packed_file(self.run) if packed else b"".join(jsonl.run_lines(self.run)))

    @property
    def run(self) -> Run:
        puzzles = {p.problem_id: p for p, _ in self._ended}
        config = self._empty.config.model_copy(update={"problem_ids": tuple(puzzles)})
        results = tuple(r for _, r in self._ended)
        return self._empty.model_copy(
            update={"config": config, "puzzles": tuple(puzzles.values()), "results": results}
        )


def server(plays: Plays) -> MCPServer:
    """Build the MCP server with its tools. Raises SpecError if the library is not installed."""
    try:
        from mcp.server import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
    except ImportError:
        raise SpecError("MCP is not installed; python3 -m pip install 'mcp>=2.3,<3'") from None
    mcp = MCPServer("escape", instructions=INSTRUCTIONS)

    def told(act: Callable[..., str], *about: str) -> str:
        try:
            return act(*about)
        except ValueError as error:
            raise ToolError(str(error)) from None

    @mcp.tool()
    def list_rooms() -> str:
        """List the rooms."""
        return plays.rooms()

    @mcp.tool()
    def enter(room: str) -> str:
        """Enter a room by its id. Returns the play's code and the room's text."""
        return told(plays.enter, room)

    @mcp.tool()
    def do(play: str, move: str) -> str:
        """Make one move, such as "pour: bottle of water -> tube" or "look: tube". Returns what happens."""
        return told(plays.do, play, move)

    @mcp.tool()
    def give_up(play: str) -> str:
        """End a play."""
        return told(plays.do, play, "give up")

    @mcp.tool()
    def score(play: str) -> str:
        return told(plays.score, play)

    return mcp


def serve(plays: Plays, transport: Literal["stdio", "http"], port: int) -> None:
    """Serve until the client leaves, or until Ctrl-C. Raises SpecError."""
    mcp = server(plays)
    if transport == "stdio":
        mcp.run("stdio")
    else:
        mcp.run("streamable-http", host="127.0.0.1", port=port)
