"""Questions about written rooms, answered by their rules."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from escape.environments.dice import Dice
from escape.environments.rooms.play import Play
from escape.environments.rooms.reading import VERBS
from escape.environments.rooms.room import Act, Edge, Room, move_text, room_of
from escape.types import Puzzle, Question, normalized_name

HAPPENS, POSSIBLE, FAILS = 4, 3, 3  # questions of each kind
MOST_OPTIONS = 5
MOST_COMBINED = 20_000  # values of the facts that are asked about: bundled rooms have some hundreds
_WORD = re.compile(r"[^\W\d_]{2,}|[^\W_]+ [^\W_]+")
State = tuple[str, ...]


def drawn(puzzle: Puzzle, dice: Dice) -> Iterator[Question]:
    """Some ten questions about one room, fewer where there is less to ask."""
    room = room_of(puzzle)
    ways = _ways(room)
    for make, n in ((_happens, HAPPENS), (_possible, POSSIBLE), (_fails, FAILS)):
        texts: set[str] = set()
        for _ in range(12 * n):
            question = make(puzzle, room, ways, dice)
            if question is not None and question.text not in texts:
                texts.add(question.text)
                yield question
            if len(texts) == n:
                break


def _ways(room: Room) -> dict[State, tuple[str, ...]]:
    """The moves to every state that can be reached, by a shortest way."""
    paths: dict[State, tuple[str, ...]] = {room.start: ()}
    waiting = [room.start]
    for state in waiting:
        for edge in room.graph.edges[state]:
            if edge.to not in paths:
                paths[edge.to] = (*paths[state], move_text(*_plain(room, edge)))
                waiting.append(edge.to)
    return paths


def _after(moves: Sequence[str]) -> str:
    if not moves:
        return "From the start, nothing has been done yet."
    return "From the start, these moves are made:\n" + "\n".join(f"{n}. {m}" for n, m in enumerate(moves, 1))


def _called(room: Room) -> dict[int, str]:
    """The facts that a reader of the room's text understands, each by its thing's name, or by a word of that text."""
    puzzle = room.puzzle
    words = f" {' '.join(_WORD.findall(' '.join((puzzle.setup.scenario, *puzzle.setup.constraints)).casefold()))} "
    names: dict[int, str] = {}
    for number, fact in enumerate(room.facts):
        thing = room.names.named(fact)
        if thing and normalized_name(thing) not in names.values():
            names[number] = normalized_name(thing)
        elif f" {fact.casefold()} " in words and not thing:
            names[number] = fact
    return {n: name for n, name in names.items() if all(_WORD.search(v) for v in _values(room)[n])}


def _values(room: Room) -> list[list[str]]:
    """Every value that each fact has somewhere in the room's rules, the goal's among them."""
    world = room.world
    changes = [world.start, world.goal, *(rule.then for rule in world.rules)]
    return [list(dict.fromkeys(c[fact] for c in changes if fact in c)) for fact in room.facts]


def _plain(room: Room, edge: Edge) -> Act:
    """Of acts that do the same, the one that the author wrote first: no odd ones."""
    rule = room.world.rules[edge.rule]
    things, seconds = ([normalized_name(x) for x in names] for names in (rule.thing, rule.at or ()))

    def place(act: Act) -> tuple[int, int, int]:
        second = seconds.index(act[2]) if act[2] in seconds else len(seconds)
        return rule.verbs.index(act[0]), things.index(act[1]), second

    return min(edge.acts, key=place)


def _vain(room: Room, state: State) -> list[Act]:
    """Acts that the room answers here, with physics, and that change nothing."""
    acts: dict[int, Act] = {}
    for same in room.act_groups:
        number = room.answering(state, same.acts[0])
        idle = number is not None and number not in acts and room.after(state, number) == state
        if number is not None and idle and not VERBS[same.acts[0][0]].free:
            acts[number] = _plain(room, Edge(same.acts, number, state, 1))
    return [acts[n] for n in sorted(acts)]


def _happens(puzzle: Puzzle, room: Room, ways: dict[State, tuple[str, ...]], dice: Dice) -> Question | None:
    """What holds after one more move, of the values that the facts it may touch can have."""
    names = _called(room)
    inside = [s for s in ways if not room.is_out(s) and len(ways[s]) <= 5]
    if not inside or not names:
        return None  # whoever enters is out already, or nothing can be told in the room's own words
    state = dice.pick(inside)
    changing = [e for e in room.graph.edges[state] if any(e.to[n] != state[n] for n in names)]
    vain = _vain(room, state)
    if changing and (dice.below(4) or not vain):
        edge = dice.pick(changing)
        act, after = _plain(room, edge), edge.to
    elif vain:
        act, after = dice.pick(vain), state
    else:
        return None
    facts = [n for n in names if after[n] != state[n]]
    values = _values(room)
    others = [n for n in names if n not in facts and len(values[n]) > 1]
    facts = sorted((*facts, *dice.some(max(0, 2 - len(facts)), others))[:3])

    def shown(picked: Sequence[str]) -> str:
        return "; ".join(f"{names[n]}: {v}" for n, v in zip(facts, picked, strict=True))

    if math.prod(len(values[n]) for n in facts) > MOST_COMBINED:
        return None
    values_ = {shown([s[n] for n in facts]) for s in (after, state)}
    more = [x for picked in itertools.product(*(values[n] for n in facts)) if (x := shown(picked)) not in values_]
    options = [*sorted(values_), *dice.some(MOST_OPTIONS - len(values_), more)]
    if len(options) < 2:
        return None
    options = dice.shuffled(options)
    text = f"{_after(ways[state])}\nThen: {move_text(*act)}\nWhat holds now?"
    right = options.index(shown([after[n] for n in facts]))
    return Question(kind="happens", text=text, options=tuple(options), right=right)


def _possible(puzzle: Puzzle, room: Room, ways: dict[State, tuple[str, ...]], dice: Dice) -> Question | None:
    """Whether there is still a way out; asked of rooms in which both can be."""
    moves_left = room.graph.moves_left
    lost = [s for s in ways if s not in moves_left]
    alive = [s for s in ways if s in moves_left and not room.is_out(s) and ways[s]]
    if not puzzle.solvable or not lost or not alive:
        return None
    yes = bool(dice.below(2))
    state = dice.pick(alive if yes else lost)
    text = f"{_after(ways[state])}\nIs there still a way out?"
    return Question(kind="possible", text=text, options=("yes", "no"), right=0 if yes else 1)


def _fails(puzzle: Puzzle, room: Room, ways: dict[State, tuple[str, ...]], dice: Dice) -> Question | None:
    """The first line of a plan that changes nothing: none, or one of the lines at which some plan like it fails. Each
    is right as often as any other, so that nobody gains by always saying the same.
    """
    way = [m for m in (room.world.moves or ()) if not m.startswith("look")]
    if len(way) < 2 or not any(room.graph.edges.values()):
        return None
    plans = [way, *(way[:n] + way[n + 1 :] for n in range(len(way)))]
    plans += [[*way[:n], way[n + 1], way[n], *way[n + 2 :]] for n in range(len(way) - 1)]
    plans += [[*way[:n], move_text(*act), *way[n:]] for n in range(len(way)) for act in _in_vain_after(room, way[:n])]
    plans_: dict[int, list[list[str]]] = {}
    for plan in plans:
        plans_.setdefault(_first_idle(puzzle, plan), []).append(plan)
    longest = min(max(map(len, same)) for same in plans_.values())
    plans_ = {at: [p for p in same if len(p) >= longest] for at, same in plans_.items() if at <= longest}
    if len(plans_) < 2:
        return None
    at = dice.pick(sorted(plans_))
    plan = dice.pick(plans_[at])
    options = ["none" if n == 0 else f"line {n}" for n in sorted(plans_)]
    plan_text = "\n".join(f"{n}. {m}" for n, m in enumerate(plan, 1))
    text = f"A plan:\n{plan_text}\nWhich is the first line that changes nothing?"
    return Question(kind="fails", text=text, options=tuple(options), right=sorted(plans_).index(at))


def _in_vain_after(room: Room, lines: Sequence[str]) -> list[Act]:
    """Acts that change nothing once these lines were carried out."""
    episode = Play(room)
    for line in lines:
        episode.do(line)
    return _vain(room, episode.state)[:3]


def _first_idle(puzzle: Puzzle, plan: Sequence[str]) -> int:
    """The number of the first line that changes nothing; 0 if each does."""
    episode = Play(room_of(puzzle))
    for number, line in enumerate(plan, 1):
        before = episode.state
        episode.do(line)
        if episode.state == before:
            return number
    return 0
