"""Questions about written rooms, answered by their rules."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from escape.houses import Dice
from escape.rooms import Act, Play, Room, move_text, room_of
from escape.schema import Puzzle
from escape.world import Question

HAPPENS, POSSIBLE, FAILS = 4, 3, 3  # questions of each kind
MOST_OPTIONS = 5
State = tuple[str, ...]


def drawn(puzzle: Puzzle, dice: Dice) -> Iterator[Question]:
    """Some ten questions about one room, fewer where there is less to ask."""
    room = room_of(puzzle)
    ways = _ways(room)
    for make, n in ((_happens, HAPPENS), (_possible, POSSIBLE), (_fails, FAILS)):
        asked: set[str] = set()
        for _ in range(12 * n):
            question = make(puzzle, room, ways, dice)
            if question is not None and question.text not in asked:
                asked.add(question.text)
                yield question
            if len(asked) == n:
                break


def _ways(room: Room) -> dict[State, tuple[str, ...]]:
    """The moves to every state that can be reached, by a shortest way."""
    found: dict[State, tuple[str, ...]] = {room.start: ()}
    waiting = [room.start]
    for state in waiting:
        for edge in room.graph.edges[state]:
            if edge.to not in found:
                found[edge.to] = (*found[state], move_text(*edge.acts[0]))
                waiting.append(edge.to)
    return found


def _after(moves: Sequence[str]) -> str:
    if not moves:
        return "From the start, nothing has been done yet."
    return "From the start, these moves are made:\n" + "\n".join(f"{n}. {m}" for n, m in enumerate(moves, 1))


def _shown(room: Room, state: State, facts: Sequence[int]) -> str:
    return "; ".join(f"{room.facts[n]}: {state[n]}" for n in facts)


def _happens(puzzle: Puzzle, room: Room, ways: dict[State, tuple[str, ...]], dice: Dice) -> Question | None:
    """What holds after one more move, of all values that the facts it may touch can have."""
    inside = [s for s in ways if not room.is_out(s) and len(ways[s]) <= 5]
    if not inside:
        return None  # whoever enters is out already
    state = dice.pick(inside)
    edges = room.graph.edges[state]
    if not edges:
        return None
    if dice.below(4):
        edge = dice.pick(edges)
        act, after = edge.acts[0], edge.to
    else:  # a move that does something at another time, and nothing here
        elsewhere = room.graph.edges[dice.pick(inside)]  # a move that means something in this room
        if not elsewhere:
            return None
        act, after = dice.pick(elsewhere).acts[0], state
        if room.answering(state, act) is not None:
            return None
    facts = [n for n in range(len(room.facts)) if after[n] != state[n]]
    others = [n for n in range(len(room.facts)) if n not in facts and len({s[n] for s in ways}) > 1]
    facts = sorted((*facts, *dice.some(max(0, 2 - len(facts)), others))[:3])
    every = [dict.fromkeys(s[n] for s in ways) for n in facts]
    told = {_shown(room, after, facts), _shown(room, state, facts)}
    more = [
        "; ".join(f"{room.facts[n]}: {v}" for n, v in zip(facts, x, strict=True)) for x in itertools.product(*every)
    ]
    options = [*sorted(told), *dice.some(MOST_OPTIONS - len(told), [x for x in more if x not in told])]
    if len(options) < 3:
        return None
    options = dice.shuffled(options)
    text = f"{_after(ways[state])}\nThen: {move_text(*act)}\nWhat holds now?"
    return Question(kind="happens", text=text, options=tuple(options), right=options.index(_shown(room, after, facts)))


def _possible(puzzle: Puzzle, room: Room, ways: dict[State, tuple[str, ...]], dice: Dice) -> Question | None:
    """Whether there is still a way out; asked of rooms in which both can be."""
    left = room.graph.moves_left
    lost = [s for s in ways if s not in left]
    alive = [s for s in ways if s in left and not room.is_out(s) and ways[s]]
    if not puzzle.solvable or not lost or not alive:
        return None
    yes = bool(dice.below(2))
    state = dice.pick(alive if yes else lost)
    text = f"{_after(ways[state])}\nIs there still a way out?"
    return Question(kind="possible", text=text, options=("yes", "no"), right=0 if yes else 1)


def _fails(puzzle: Puzzle, room: Room, ways: dict[State, tuple[str, ...]], dice: Dice) -> Question | None:
    """The first line of a plan that changes nothing, each line alike and none as often as one."""
    way = [m for m in (room.world.moves or ()) if not m.startswith("look")]
    if len(way) < 2 or not any(room.graph.edges.values()):
        return None
    plans = [way, *(way[:n] + way[n + 1 :] for n in range(len(way)))]
    plans += [[*way[:n], way[n + 1], way[n], *way[n + 2 :]] for n in range(len(way) - 1)]
    plans += [[*way[:n], move_text(*_elsewhere(room, dice)), *way[n:]] for n in range(len(way))]
    found: dict[int, list[list[str]]] = {}
    for plan in plans:
        if len(plan) > 1:
            found.setdefault(_first_idle(puzzle, plan), []).append(plan)
    at = dice.pick(sorted(found))
    plan = dice.pick(found[at])
    options = ("none", *(f"line {n}" for n in range(1, len(plan) + 1)))
    told = "\n".join(f"{n}. {m}" for n, m in enumerate(plan, 1))
    text = f"A plan:\n{told}\nWhich is the first line that changes nothing?"
    return Question(kind="fails", text=text, options=options, right=at)


def _elsewhere(room: Room, dice: Dice) -> Act:
    """An act that does something in some state of the room."""
    return dice.pick([edge.acts[0] for edges in room.graph.edges.values() for edge in edges])


def _first_idle(puzzle: Puzzle, plan: Sequence[str]) -> int:
    """The number of the first line that changes nothing; 0 if each does."""
    tried = Play(room_of(puzzle))
    for number, line in enumerate(plan, 1):
        before = tried.state
        tried.do(line)
        if tried.state == before:
            return number
    return 0
