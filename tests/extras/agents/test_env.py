"""The environment: the same seed is the same puzzle, rewards add up to the doors, and it needs nothing but pydantic."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Sequence

import pytest

from escape.environments import attempt, environment_of
from escape.extras import Env
from escape.types import Puzzle

NOTHING_ELSE = """
import sys
before = set(sys.modules)
from escape.extras import Env
env = Env("houses", doors=3)
env.reset("seed")
env.step("give up")
tops = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
print(*sorted(t for t in tops if not t.startswith("_sysconfig")))
"""
ALLOWED = {"escape", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}


def test_it_imports_nothing_but_pydantic() -> None:
    ran = subprocess.run([sys.executable, "-c", NOTHING_ELSE], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) <= ALLOWED


@pytest.mark.parametrize("kind", ["rooms", "houses", "laboratories"])
def test_whoever_follows_the_reference_opens_all_doors_and_rewards_add_up_to_one(kind: str) -> None:
    env = Env(kind, doors=3)
    told = env.reset("FLUID_001" if kind == "rooms" else "env")
    assert "move by move" in told
    assert Env(kind, doors=3).reset("FLUID_001" if kind == "rooms" else "env") == told
    puzzle = env.puzzle
    way = environment_of(puzzle).reference(puzzle)
    total, last = 0.0, None
    for line in way:
        last = env.step(f"I think this does it.\nMove: {line}")
        total += last.reward
    assert last is not None
    assert last.done
    assert last.state.out
    assert total == pytest.approx(1.0)
    again = env.step("look")
    assert (again.reward, again.done) == (0.0, True)


def test_a_seed_that_names_no_room_is_the_same_room_on_every_machine(bundled: list[Puzzle]) -> None:
    env = Env("rooms", puzzles=bundled)
    for seed in ("one", "two", "a longer seed", "7"):
        env.reset(seed)
        number = 7 if seed == "7" else zlib.crc32(seed.encode())
        assert env.puzzle.problem_id == bundled[number % 5].problem_id


def doors_opened(puzzle: Puzzle, lines: Sequence[str]) -> int:
    episode = attempt(puzzle)
    for line in lines:
        episode.do(line)
    assert episode.outcome.doors
    return episode.outcome.doors.opened


def test_a_scripted_policy_gets_as_far_as_the_house_says() -> None:
    env = Env("houses", doors=4)
    env.reset(7)
    half = list(env.puzzle.house.way)[:5]  # type: ignore[union-attr]
    for line in half:
        env.step(f"Move: {line}")
    assert env.state.opened == doors_opened(env.puzzle, half)
    assert env.moves == tuple(half)


def test_silence_and_nonsense_come_to_an_end() -> None:
    env = Env("rooms")
    env.reset("any word names a room")
    n = 0
    while not env.state.over:
        assert env.step("" if n % 2 else "frobnicate the quux").reward == 0
        n += 1
    assert n == env.state.most


def test_a_step_before_reset_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match="reset"):
        Env().step("look")


def test_a_twist_is_entered_by_its_id() -> None:
    env = Env("rooms")
    env.reset("VAC_001.twist")
    assert env.puzzle.problem_id == "VAC_001.twist"


def test_every_attempt_has_all_its_moves() -> None:
    env = Env("rooms")
    lengths = []
    for _ in range(2):
        env.reset("FLUID_001")
        lengths.append(0)
        while not env.step("wait").done:
            lengths[-1] += 1
    assert lengths[0] == lengths[1] > 10
