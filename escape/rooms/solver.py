"""Proof of a world: faults with remedies, shortest way, reachable states, chances of random players.

Chances are computed, not sampled: the probabilities of all states are carried forward move by move.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from escape.rooms.plans import carry_out
from escape.rooms.play import RoomEpisode
from escape.rooms.reading import VERBS, moves
from escape.rooms.room import Act, Room, State, StateGraph, TooLargeError, move_text, room_of
from escape.rooms.ways import EVERYTHING, everything
from escape.types import Puzzle, normalized_name

RANDOM_AT_MOST = 1 / 200
GUESSER_AT_MOST = 1 / 20
EASY_RANDOM_AT_MOST, EASY_GUESSER_AT_MOST = 1 / 20, 1 / 4  # within the eight lines that a plan may have
EASY_WORDS, EASY_ITEMS, EASY_LIMITS, EASY_MOVES = 60, (4, 6), 3, 3


@dataclass(frozen=True)
class Fault:
    """A fault in a world.

    `where`: the field, such as `world.rules.3`. `remedy`: what is wrong and how to fix it.
    """

    where: str
    remedy: str


@dataclass(frozen=True)
class Proof:
    """The result of exploring a world. `lost`: the number of states without a way out.

    `random`: the chance that a player who tries any verb on any things gets out within twice the shortest way
    plus three moves (in an easy room, within as many as a plan may have). `guesser`: the same for a player
    who tries only what some rule answers. `everything`: the plans that put everything onto everything and get
    out. `too_easy`: why a room without faults is too easy for a benchmark, such as a way out without an item
    that the reference uses.
    """

    faults: tuple[Fault, ...]
    shortest: int = 0
    states: int = 0
    lost: int = 0
    random: float = 0.0
    guesser: float = 0.0
    everything: tuple[str, ...] = ()
    too_easy: tuple[Fault, ...] = ()


def prove(puzzle: Puzzle) -> Proof:
    """Explore a puzzle's world. Raises ValueError for a puzzle without one."""
    room = room_of(puzzle)
    try:
        graph = room.graph
    except TooLargeError as error:
        return Proof((Fault("world", str(error)),))
    moves_left = graph.moves_left.get(room.start)
    shortest = moves_left or 0
    faults = [
        *_exit(room, moves_left),
        *_unreachable(room, graph),
        *_herrings(room, graph),
        *_reference_faults(room, moves_left),
        *_finals(room, graph),
    ]
    tries = _tries(room)
    guesser = guesser_chance(puzzle)
    anything = _chance(room, graph, tries, _any_move(room)) if puzzle.solvable else tries / _count_moves(room)
    opened = tuple(
        f"{verb}{', reversed' if reverse else ''}"
        for verb, reverse in EVERYTHING
        if carry_out(RoomEpisode(room), everything(puzzle, verb, reverse=reverse)).outcome.out
    )
    enforced = {n for rule in room.world.rules for n in rule.enforces}
    unenforced = [
        Fault("world", f"has no rule that enforces constraint {n} ({text[:60]!r})")
        for n, text in enumerate(puzzle.setup.constraints, 1)
        if enforced and n not in enforced
    ]
    bars = _easy_bars(room, shortest) if room.world.is_easy else ()
    easy = (
        () if faults else (*_chances(room, anything, guesser, opened), *_not_needed(room), *unenforced, *bars)
    )
    lost = len(graph.edges) - len(graph.moves_left)
    return Proof(tuple(faults), shortest, len(graph.edges), lost, anything, guesser, opened, easy)


def guesser_chance(puzzle: Puzzle) -> float:
    """Compute the chance that a player who guesses among the rules gets out. 0 without a way out.

    Within as many moves as `Proof.random` allows.
    """
    room = room_of(puzzle)
    if not puzzle.solvable or room.start not in room.graph.moves_left:
        return 0.0
    answered = list(dict.fromkeys(act[:3] for act in room.acts if not VERBS[act[0]].free))
    odds = {
        (*act, amount): share / max(1, len(answered))
        for act in answered
        for amount, share in room.amounts(*act)
    }
    return _chance(room, room.graph, _tries(room), odds)


def _tries(room: Room) -> int:
    return room.world.most_moves if room.world.is_easy else 2 * room.graph.moves_left.get(room.start, 0) + 3


def _exit(room: Room, moves_left: int | None) -> Iterator[Fault]:
    if room.puzzle.solvable and not room.world.goal:
        yield Fault(
            "world.goal", "is empty; say what is true once the player is out, or set solvable to false"
        )
    elif room.puzzle.solvable and moves_left is None:
        yield Fault(
            "world.goal", "cannot be reached by any moves; add a rule, or relax the conditions of one"
        )
    elif room.puzzle.solvable and not moves_left:
        yield Fault(
            "world.goal",
            "holds at the start or after free moves alone; require something that has to be done",
        )
    elif not room.puzzle.solvable and moves_left is not None:
        way = "; ".join(move_text(*e.acts[0]) for e in room.way(room.start))
        rule = room.rule_name(room.way(room.start)[-1].rule) if moves_left else "the start"
        yield Fault("world.goal", f"can be reached although solvable is false ({way}); fix {rule}")


def _unreachable(room: Room, graph: StateGraph) -> Iterator[Fault]:
    possible = {(f, v) for state in graph.edges for f, v in zip(room.facts, state, strict=True)}
    for n, rule in enumerate(room.world.rules):
        absent = [f"{f!r} is {v!r}" for f, v in rule.when.items() if (f, v) not in possible]
        if absent:
            yield Fault(
                f"world.rules.{n}", f"{room.rule_name(n)} requires that {absent[0]}, which never happens"
            )
        elif n not in room.firing:
            before = [room.rule_name(b) for b in sorted(room.answered_before(n))]
            why = (
                f"{before[0]} answers first; move this rule before it"
                if before
                else "its facts never hold together before the way out"
            )
            yield Fault(f"world.rules.{n}", f"{room.rule_name(n)} never applies: {why}")


def _herrings(room: Room, graph: StateGraph) -> Iterator[Fault]:
    def touches(act: Act) -> bool:
        return act[1] in room.herrings or act[2] in room.herrings

    answered = {normalized_name(t) for r in room.world.rules for t in r.touches}
    for herring in room.puzzle.red_herrings:
        if normalized_name(herring) not in answered:
            yield Fault(
                f"red_herrings.{herring}",
                f"no rule answers the use of the {normalized_name(herring)}; add one that explains the "
                "physics",
            )
    if not room.herrings or not graph.moves_left.get(room.start):
        return
    useful = _on_shortest(room, graph, touches)
    if useful is not None:
        yield Fault(
            f"world.rules.{useful}",
            f"{room.rule_name(useful)} lets a red herring help on a shortest way; change it, or the list of "
            "herrings",
        )
    elif room.graph_of([a for a in room.acts if not touches(a)]).moves_left.get(room.start) is None:
        yield Fault("red_herrings", "without the red herrings there is no way out; one of them is needed")


def _on_shortest(room: Room, graph: StateGraph, touches: Callable[[Act], bool]) -> int | None:
    seen, waiting = {room.start}, [room.start]
    while waiting:
        state = waiting.pop()
        for edge in graph.edges[state]:
            if (
                edge.to in graph.moves_left
                and graph.moves_left[edge.to] + edge.cost == graph.moves_left[state]
            ):
                if any(map(touches, edge.acts)):
                    return edge.rule
                if edge.to not in seen:
                    seen.add(edge.to)
                    waiting.append(edge.to)
    return None


def _reference_faults(room: Room, moves_left: int | None) -> Iterator[Fault]:
    if not room.world.moves:
        if room.puzzle.solvable:
            yield Fault("world.moves", "is missing; write the reference solution as moves")
        return
    if len(room.world.moves) > room.world.most_moves:
        yield Fault(
            "world.moves", f"are more than the {room.world.most_moves} that a plan may have; raise most_moves"
        )
        return
    play = RoomEpisode(room)
    for n, line in enumerate(room.world.moves):
        step = play.do(line)
        if not step.understood:
            yield Fault(f"world.moves.{n}", f"{line!r}: {step.said}")
            return
    outcome = play.outcome
    if not outcome.out:
        goal = {f: (play.state[room.facts.index(f)], v) for f, v in room.world.goal.items()}
        wanting = "; ".join(f"{f!r} is {is_!r}, not {v!r}" for f, (is_, v) in goal.items())
        yield Fault("world.moves", f"do not get out; at the end {wanting or 'the player has not given up'}")
    elif room.puzzle.solvable and outcome.moves != moves_left:
        way = "; ".join(move_text(*e.acts[0]) for e in room.way(room.start))
        yield Fault(
            "world.moves", f"take {outcome.moves} moves, but the shortest way takes {moves_left}: {way}"
        )
    elif outcome.herrings_touched:
        yield Fault("world.moves", f"touch the red herring {outcome.herrings_touched[0]!r}")


def _finals(room: Room, graph: StateGraph) -> Iterator[Fault]:
    finals = {n for n, rule in enumerate(room.world.rules) if rule.final}
    if not finals:
        return
    winnable = [state for state in graph.edges if state in graph.moves_left and not room.is_out(state)]
    for state in winnable:
        for number, after in sorted(room.answers(state)):
            if number in finals and after in graph.moves_left:
                way = "; ".join(move_text(*e.acts[0]) for e in room.way(after)) or "nothing more"
                yield Fault(
                    f"world.rules.{number}",
                    f"{room.rule_name(number)} is called final, but {way} still leads out after it",
                )
                return


def _not_needed(room: Room) -> Iterator[Fault]:
    things = {
        t for line in room.world.moves for m in moves.read(line, room.names) for t in (m.thing, m.second)
    }
    for item in map(normalized_name, room.puzzle.setup.available_items):
        if item not in map(normalized_name, things) or not room.puzzle.solvable:
            continue
        graph = room.graph_of([a for a in room.acts if item not in a[1:3]])
        if room.start in graph.moves_left:
            way = "; ".join(move_text(*e.acts[0]) for e in room.way(room.start, graph))
            yield Fault("world", f"has a way out without the {item}, which the reference needs: {way}")


def _chances(room: Room, anything: float, guesser: float, opened: tuple[str, ...]) -> Iterator[Fault]:
    easy = room.world.is_easy
    if anything > (EASY_RANDOM_AT_MOST if easy else RANDOM_AT_MOST):
        yield Fault(
            "world",
            f"lets a random player out in {anything:.1%} of plays; name more things, or require more moves",
        )
    if guesser > (EASY_GUESSER_AT_MOST if easy else GUESSER_AT_MOST):
        yield Fault(
            "world",
            f"lets out a player who guesses among its rules in {guesser:.0%} of plays; add rules for "
            "tempting moves",
        )
    for verb in opened:
        yield Fault(
            "world", f"opens if everything is put onto everything ({verb}); add a mistake that is final"
        )


def _count_words(puzzle: Puzzle) -> int:
    return len(" ".join([puzzle.setup.scenario, *puzzle.setup.constraints]).split())


def is_short(puzzle: Puzzle) -> bool:
    """Check whether a room is no longer than an easy one, in words and in the moves of its reference."""
    return (
        puzzle.world is not None
        and len(puzzle.world.moves) <= EASY_MOVES
        and _count_words(puzzle) <= EASY_WORDS
    )


def _easy_bars(room: Room, shortest: int) -> Iterator[Fault]:
    setup = room.puzzle.setup
    items = [*map(normalized_name, setup.available_items)]
    if (words := _count_words(room.puzzle)) > EASY_WORDS:
        yield Fault(
            "setup", f"has {words} words; an easy room's scenario and constraints have at most {EASY_WORDS}"
        )
    if not EASY_ITEMS[0] <= len(items) <= EASY_ITEMS[1]:
        yield Fault(
            "setup.available_items", "are {} to {} in an easy room; add or drop some".format(*EASY_ITEMS)
        )
    if len(setup.constraints) > EASY_LIMITS:
        yield Fault("setup.constraints", f"are at most {EASY_LIMITS} in an easy room; drop some")
    if shortest > EASY_MOVES:
        yield Fault("world", f"takes {shortest} moves; an easy room takes at most {EASY_MOVES}")
    if not any(rule.final for rule in room.world.rules):
        yield Fault("world.rules", "have no mistake that is final; add a tempting one")
    used = {
        normalized_name(t)
        for line in room.world.moves
        for m in moves.read(line, room.names)
        for t in (m.thing, m.second)
    }
    if items[0] in used:
        yield Fault(
            "setup.available_items", f"begin with what the reference uses ({items[0]}); move it further down"
        )


def _count_moves(room: Room) -> int:
    """Count the moves that can be written here: a verb, a thing, and a second thing or none."""
    return sum(not v.free for v in VERBS.values()) * len(room.things) * (len(room.things) + 1)


def _any_move(room: Room) -> Mapping[Act, float]:
    """Compute the chance of each act for a player who picks verb, thing and second thing at random.

    A second thing that no rule asks for counts as none. Codes and words cannot be hit by chance.
    """
    one = 1 / _count_moves(room)
    second_things: dict[tuple[str, str], set[str]] = defaultdict(set)
    for verb, thing, second, _ in room.acts:
        second_things[verb, thing].add(second)
    odds: dict[Act, float] = defaultdict(float)
    for (verb, thing), seconds in second_things.items():
        if VERBS[verb].takes_word or VERBS[verb].free:
            continue
        for second in seconds | {""}:
            if second:
                ways = 2 if VERBS[verb].symmetric else 1
            else:
                ways = len(room.things) + 1 - len(seconds - {""})
            for amount, share in room.amounts(verb, thing, second):
                odds[verb, thing, second, amount] += one * ways * share
    return odds


def _chance(room: Room, graph: StateGraph, tries: int, odds: Mapping[Act, float]) -> float:
    """Compute the exact chance of being out after `tries` acts drawn with these odds."""
    ways = {
        state: [(edge.to, sum(odds.get(act, 0.0) for act in edge.acts)) for edge in edges]
        for state, edges in graph.edges.items()
    }
    here: Mapping[State, float] = {room.start: 1.0}
    for _ in range(tries):
        chances: dict[State, float] = defaultdict(float)
        for state, p in here.items():
            gone = 0.0
            for to, q in ways[state]:
                chances[to] += p * q
                gone += q
            chances[state] += p * (1 - gone)
        here = chances
    return sum(p for state, p in here.items() if room.is_out(state))
