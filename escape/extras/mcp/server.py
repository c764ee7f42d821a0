"""An MCP server: any agent of any maker plays rooms, houses and laboratories, without a key of ours.

It reads and writes nothing but the run that it is told to keep, and calls nobody.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from escape.environments import ENVIRONMENTS, Environment, playable
from escape.environments.houses import seed_fault
from escape.extras.env import Env
from escape.puzzles import files
from escape.runs import conversation, new_run
from escape.types import AGENT, Answer, Puzzle, Result, Run, RunConfig, SpecError, Trial, Turn

if TYPE_CHECKING:
    from mcp.server import MCPServer

MAX_PLAYS, MAX_KEPT, MAX_TEXT = 200, 2_000, 2_000  # at once; until the server is started anew; letters of a move
INSTRUCTIONS = (
    "Escape rooms that test physical reasoning. Call list_rooms, then enter one; you are told the room. Call do with "
    "one move at a time; the room says what happens. Call give_up when there is no way on; score says how far you are."
)
Transport = Literal["stdio", "http"]


class Plays:
    """Every play that is going on, by its code, and those that have ended, as a run by `agent:NAME`. Thread-safe.

    `keep` is given the run after each end.
    """

    def __init__(self, name: str, keep: Callable[[Run], None] = lambda run: None) -> None:
        self.player = f"{AGENT}{name}"
        self._keep, self._lock = keep, threading.Lock()
        self._going: OrderedDict[str, Env] = OrderedDict()
        self._ended: list[tuple[Puzzle, Result]] = []
        self._empty = new_run(RunConfig(protocol="move by move"), [], f"Played over MCP by {name}")
        sets = files.sets(files.BUNDLED)
        self._written: Sequence[Puzzle] = [p for p in files.load(sets[files.ROOMS], sets[files.TWISTS]) if playable(p)]

    def rooms(self) -> str:
        """What can be entered."""
        written = "\n".join(f"{p.problem_id}: {p.name}" for p in self._written)
        calls = [f'enter(kind="{e.name}", seed="any-word", doors={e.seeds.daily})' for e in _seeded() if e.seeds]
        nouns = " and ".join(e.nouns[1] for e in _seeded())
        return (
            f'Rooms, for enter(kind="rooms", seed=ID):\n{written}\n\n{nouns.capitalize()} are made from any seed: '
            f"{' or '.join(calls)}."
        )

    def enter(self, kind: str, seed: str, doors: int) -> str:
        """Begin a play. Raises ValueError for what is not there."""
        if kind not in ENVIRONMENTS:
            raise ValueError(f"there is no kind {kind[:40]!r}; choose from {', '.join(ENVIRONMENTS)}")
        seeds = ENVIRONMENTS[kind].seeds
        if seeds is None:
            if seed not in {p.problem_id for p in self._written}:
                raise ValueError(f"there is no room {seed[:40]!r}; list_rooms says which there are")
        elif fault := seed_fault(seed):
            raise ValueError(f"that seed cannot be one: {fault}")
        elif not 1 <= doors <= seeds.doors_listed.most:
            raise ValueError(f"doors must be 1 to {seeds.doors_listed.most}")
        if len(self._ended) >= MAX_KEPT:
            raise ValueError(f"{MAX_KEPT} plays have ended here; start the server anew, with another file")
        env = Env(kind, doors=doors, puzzles=self._written)
        text, code = env.reset(seed), secrets.token_hex(4)
        with self._lock:
            self._going[code] = env
            while len(self._going) > MAX_PLAYS:  # the one that nobody has moved in for longest
                self._going.popitem(last=False)
        return f"play {code}\n\n{text}"

    def do(self, play: str, move: str) -> str:
        """Carry out one move. Raises ValueError."""
        with self._lock:
            env = self._going.get(play)
            if env is None:
                raise ValueError("there is no such play; enter a room first and use the code that it gives")
            self._going.move_to_end(play)
            was_over = env.state.over
            step = env.step(f"Move: {move[:MAX_TEXT]}")
            if step.done and not was_over:
                self._end(env)
        how = f"\n(Move {step.state.steps} of {step.state.most}.)" if not step.done else f"\n{_score(env)}"
        return step.observation + how

    def score(self, play: str) -> str:
        """How far a play is. Raises ValueError."""
        with self._lock:
            env = self._going.get(play)
        if env is None:
            raise ValueError("there is no such play")
        return _score(env)

    def _end(self, env: Env) -> None:
        """Keep a play as a conversation, so that it can be verified like any other."""
        puzzle, n = env.puzzle, sum(p.problem_id == env.puzzle.problem_id for p, _ in self._ended)
        replies, outcome = conversation.replayed(puzzle, [(move, False) for move in env.moves])
        turns = tuple(
            Turn(number=i, answer=Answer(text=f"Move: {move}", cost_usd=0.0), move=move, reply=reply)
            for i, (move, reply) in enumerate(zip(env.moves, replies, strict=True), 1)
        )
        trial = Trial(problem_id=puzzle.problem_id, player=self.player, repeat=n + 1)
        result = Result(trial=trial, answer=conversation.whole(turns), outcome=outcome, turns=turns)
        self._ended.append((puzzle, result))
        self._keep(self.run)

    @property
    def run(self) -> Run:
        """The plays that have ended."""
        puzzles = {p.problem_id: p for p, _ in self._ended}
        config = self._empty.config.model_copy(update={"problem_ids": tuple(puzzles)})
        results = tuple(r for _, r in self._ended)
        return self._empty.model_copy(update={"config": config, "puzzles": tuple(puzzles.values()), "results": results})


def _seeded() -> list[Environment]:
    return [environment for environment in ENVIRONMENTS.values() if environment.seeds]


def _score(env: Env) -> str:
    state = env.state
    what = "door" if ENVIRONMENTS[env.kind].counts == "doors" else ENVIRONMENTS[env.kind].nouns[0]
    ended = "You are out." if state.out else "It is over." if state.over else "It goes on."
    return f"{ended} {state.opened} of {state.doors} {what}{'s' * (state.doors != 1)}, {state.moves} moves."


def server(plays: Plays) -> MCPServer:
    """The server with its tools. Raises SpecError if the library is not installed."""
    try:
        from mcp.server import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
    except ImportError:
        raise SpecError("MCP is not installed; pip install 'escape-rooms-bench[mcp]'") from None
    mcp = MCPServer("escape", instructions=INSTRUCTIONS)

    def told(act: Callable[[], str]) -> str:
        try:
            return act()
        except ValueError as error:
            raise ToolError(str(error)) from None

    @mcp.tool()
    def list_rooms() -> str:
        """The rooms there are, and how to enter a house or a laboratory."""
        return plays.rooms()

    @mcp.tool()
    def enter(kind: str, seed: str, doors: int = 8) -> str:
        """Enter a room (seed: its id), a house or a laboratory (seed: any word). Returns its code and text."""
        return told(lambda: plays.enter(kind, seed, doors))

    @mcp.tool()
    def look(play: str, thing: str = "") -> str:
        """Look around, or at a thing; it costs no move."""
        return told(lambda: plays.do(play, f"look: {thing}" if thing else "look"))

    @mcp.tool()
    def do(play: str, move: str) -> str:
        """Make one move, such as "pour: bottle of water -> tube". Returns what happens."""
        return told(lambda: plays.do(play, move))

    @mcp.tool()
    def give_up(play: str) -> str:
        """End a play."""
        return told(lambda: plays.do(play, "give up"))

    @mcp.tool()
    def score(play: str) -> str:
        """How far a play is."""
        return told(lambda: plays.score(play))

    return mcp


def serve(plays: Plays, transport: Transport, port: int) -> None:
    """Serve until the client leaves, or until Ctrl-C. Raises SpecError."""
    mcp = server(plays)
    if transport == "stdio":
        mcp.run("stdio")
    else:
        mcp.run("streamable-http", host="127.0.0.1", port=port)
