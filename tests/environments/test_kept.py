"""What rooms, houses and laboratories say and do: how lines are read, what moves come to, what a review finds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from escape.environments import attempt, environment_in, environment_of, plans, questions
from escape.environments.foresight import foreseen_by
from escape.environments.foresight.players import SAYS
from escape.environments.houses import SEALED, houses, sealed
from escape.environments.laboratories import laboratories
from escape.environments.registry import ENVIRONMENTS
from escape.environments.rooms import looking, ways
from escape.environments.rooms.fitting import fitting
from escape.environments.rooms.guessing import guessed
from escape.environments.rooms.reading import VERBS, plan_lines
from escape.environments.rooms.reading.moves import read
from escape.environments.rooms.review import at_a_distance, leaves_both, unnamed, untried
from escape.environments.rooms.room import room_of
from escape.environments.rooms.solver import prove
from escape.puzzles import files
from escape.runs import new_run
from escape.types import Puzzle, RunConfig
from tests.approved import Approved
from tests.every_kind import rooms

DATA = Path(__file__).parent.parent / "data"


@pytest.mark.parametrize("file", ["reading_plans.jsonl", "nonsense_plans.jsonl"])
def test_lines_of_plans_are_read_as_ever(approved: Approved, file: str) -> None:
    own = {p.problem_id: p for p in rooms(files.ROOMS)}
    for line in (DATA / file).read_text("utf-8").splitlines():
        given = json.loads(line)
        if puzzle := own.get(given["problem_id"]):
            text = given.get("moves") or given["answer"]
            lines, written = plans.plan(puzzle, f"Moves:\n{text}")
            for move in lines:
                found = [(m.verbs, m.thing, m.second, m.word, m.fault) for m in read(move, room_of(puzzle).names)]
                approved.add(re.sub(r"\s+", " ", f"{move} => {found}"))
            came = plans.outcome(puzzle, f"Moves:\n{text}", requested=True)
            assert came
            told = " ".join(step.said for step in came.steps)
            figures = came.model_copy(update={"steps": ()})
            approved.add(f"{puzzle.problem_id}: {figures!r} {came.without_effect} {written} {told}".replace("\n", " "))


def test_what_is_read_of_an_answer_and_mended_in_it_stays_as_it_is(approved: Approved) -> None:
    puzzle = next(p for p in rooms(files.ROOMS) if p.problem_id == "FLUID_001")
    turns = (
        "Move: look",
        "Move: wait\nNo:\nMove: look",
        "look",
        "I might.\n**Move:** `look: tube`",
        "Move:",
        "Move 3: look: tube\nThat should do.",
        "Next move: wait\nSo.",
        "",
        "Move: a\nb",
    )
    approved.add("\n".join(f"{turn!r}: {plan_lines.one(turn)!r}" for turn in turns))
    lines = ["pour: bottle of water -> tube", "sing loudly", "wait", "fly"]
    for reply in (
        "2. wait\n4. look",
        "1. wait\n2. look",
        "wait",
        "2: wait",
        "",
        "2. wait\n2. look",
        "9. wait",
        "1. none",
        "3. No move.",
        "1. -",
        "1. wait; look",
        "Moves:\n2. wait",
    ):
        for faulty in ((1, 3), (1,), ()):
            approved.add(f"{reply!r} {faulty}: {plans.mended(lines, faulty, reply)}")
    answer = "I pour.\n\nMoves:\n1. pour: bottle of water -> tube\n2. sing"
    approved.add(f"{plans.with_lines(answer, lines)!r} {plan_lines.without(answer)!r} {plan_lines.lines(answer, 1)}")
    for repair in ("", "2. wait", "1. wait", "2. take: ping pong ball"):
        approved.add(f"{repair}: {plans.outcome(puzzle, answer, requested=True, repair=repair)!r}")


def reviewed(puzzle: Puzzle, originals: dict[str, Puzzle]) -> Iterator[str]:
    room, on = room_of(puzzle), looking.on_things(puzzle)
    way = ways.shortest(puzzle)
    yield f"{prove(puzzle)}"
    yield f"{on} {looking.at_once(puzzle, on)} {looking.stands(room, room.start)}"
    yield f"{way} {guessed(puzzle)} {unnamed(room)} {list(at_a_distance(room))}"
    yield from (f"{thing}: {fitting(room, thing)}" for thing in puzzle.setup.available_items)
    episode = attempt(puzzle)
    for move in way:
        yield f"{move}: {ways.hints(episode)} {episode.do(move).said}"
    yield f"{list(untried(room, [episode]))}"
    if puzzle.twist:
        yield f"{leaves_both(room_of(originals[puzzle.twist.of]), room, puzzle.twist.renamed)}"


@pytest.mark.parametrize("which", [files.ROOMS, pytest.param(files.TWISTS, marks=pytest.mark.proof)])
def test_what_a_review_of_rooms_finds_stays_as_it_is(approved: Approved, which: str) -> None:
    originals = {p.problem_id: p for p in rooms(files.ROOMS)}
    for puzzle in rooms(which):
        for text in reviewed(puzzle, originals):
            approved.add(f"{puzzle.problem_id}: {text}".replace("\n", " "))


def wandered(puzzle: Puzzle, random: Random) -> Iterator[str]:
    """What is said to somebody who follows the reference and is distracted all the time."""
    way, things = environment_of(puzzle).reference(puzzle), [*puzzle.setup.available_items, "the moon", ""]
    for _ in range(6):
        episode, left = attempt(puzzle), list(way)
        while left and not episode.over and len(episode.steps) < episode.max_lines:
            roll = random.random()
            if roll < 0.55:
                line = left.pop(0)
            elif roll < 0.8:  # the next line, with one number changed
                near = random.choice([left[0], left[0], random.choice(way)])
                line = re.sub(r"\d+$|\d+(?= \()", lambda m: str(int(m[0]) + random.choice([1, 3])), near)
            else:
                line = f"{random.choice(sorted(VERBS))}: {random.choice(things)} -> {random.choice(things)}".rstrip(
                    "-> "
                )
            step = episode.do(line)
            flags = (
                f"{step.understood:d}{step.changed:d}{step.free:d}{episode.is_a_move(line):d}{episode.is_final(line):d}"
            )
            yield f"{line} -> {step.said} [{flags}] {episode.fault(line)}"
        yield f"{episode.outcome.model_copy(update={'steps': ()})!r}"


def made(kind: str) -> list[Puzzle]:
    if ENVIRONMENTS[kind].seeds is None:
        return [*rooms(files.ROOMS), *rooms(files.TWISTS)]
    return houses("kept", 5, 12) if kind == "houses" else laboratories("kept", 2, 6)


@pytest.mark.parametrize("kind", ["rooms", "houses", "laboratories"])
def test_what_moves_come_to_stays_as_it_is(approved: Approved, kind: str) -> None:
    random = Random(7)
    for puzzle in made(kind):
        for text in wandered(puzzle, random):
            approved.add(f"{puzzle.problem_id}: {text}".replace("\n", " "))
        for number, question in enumerate(questions(puzzle)):
            approved.add(f"{puzzle.problem_id}, {number}: {question!r}")
        approved.add("\n".join(f"{name}: {foreseen_by(name, puzzle)}" for name in SAYS))
        environment = environment_of(puzzle)
        for name, way in {**environment.controls, **environment.demos}.items():
            approved.add(f"{puzzle.problem_id}, {name}: {way(puzzle)}")


def test_what_another_generator_made_is_not_held_against_its_seed() -> None:
    house = houses("other", 2, 3)[1]
    environment = environment_of(house)
    assert house.house
    assert not environment.difference(house)
    assert not environment.difference(sealed(house, f"{SEALED}{'0' * 16}"))
    changed = house.house.model_copy(update={"seed": "another"})
    assert environment.difference(house.model_copy(update={"house": changed})) == "the seed makes another one"
    earlier = changed.model_copy(update={"version": changed.version - 1})
    assert not environment.difference(house.model_copy(update={"house": earlier}))
    (_, lab) = laboratories("other", 2, 3)
    assert not environment_of(lab).difference(lab)


@pytest.mark.parametrize("puzzle", [houses("kept", 1, 12)[0], laboratories("kept", 1, 6)[0]], ids=["house", "lab"])
def test_an_obstacle_is_met_by_whoever_came_to_its_door(puzzle: Puzzle) -> None:
    environment = environment_of(puzzle)
    met = [environment.met(puzzle, n) for n in range(61)]
    assert not met[0]
    assert len(met[1]) in {1, 2, 3}  # a door may have several parts
    assert met[1] < met[60]
    assert all(earlier <= later for earlier, later in pairwise(met))


def test_by_heart_does_what_leaves_the_original_of_a_twist() -> None:
    twists = [p for p in rooms(files.TWISTS) if p.twist]
    assert twists
    for puzzle in twists:
        assert puzzle.twist
        assert [*ENVIRONMENTS["rooms"].controls["by-heart"](puzzle)] == [*puzzle.twist.known]
        lost = plans.outcome(puzzle, "Moves:\n" + "\n".join(puzzle.twist.known), requested=True)
        left = plans.outcome(puzzle, "Moves:\n" + "\n".join(ways.shortest(puzzle)), requested=True)
        assert lost
        assert left
        assert (left.out, left.by_heart) == (True, False)
        assert not lost.out


def test_a_run_is_of_the_kind_of_what_was_asked_and_not_of_what_it_carries_besides() -> None:
    (house,) = houses("carried", 1, 2)
    room = rooms(files.ROOMS)[0]
    for ids, name in (((room.problem_id,), "rooms"), ((house.problem_id,), "houses"), ((), "houses")):
        run = new_run(RunConfig(problem_ids=ids), [room, house])
        assert environment_in(run).name == name
