"""What must not change unseen: prompts, requests, the CSV, and where bundled answers and plans lead.

`python -m tests.frozen` writes the texts in `tests/frozen` anew, after a change that is meant: in a commit of
its own, once somebody has looked at the difference.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from pydantic import SecretStr

from escape import models, prompts
from escape.judges import checklist
from escape.models import parse
from escape.puzzles import controls, files, recorded_players
from escape.puzzles.sample_plans import load_plans
from escape.results import csv
from escape.rooms import attempt, plans
from escape.types import Answer, EscapeError, Outcome, Prompt, Puzzle, Turn
from tests.fake_server import PROBE, FakeServer
from tests.small_runs import recorded_results, run_with

FOLDER = Path(__file__).parent / "frozen"
SPEC = parse("openai:gpt-4o-mini")
WHOLE = "FLUID_001"  # the room whose prompts are kept as texts; of the others a hash is


def prompts_of(puzzle: Puzzle) -> Iterator[tuple[str, Prompt]]:
    """Everything that a player or a judge may be asked about a puzzle."""
    yield "plan", prompts.player(puzzle)
    yield "without moves", prompts.player(puzzle, moves=False)
    yield "move by move", prompts.move_by_move(puzzle, attempt(puzzle).max_lines, SPEC)
    yield "repair", prompts.repair(puzzle, ["pour the water"], {1: "no such thing"})
    reference = controls.reference(puzzle)
    yield "checklist", checklist.checklist(puzzle, reference, "====")
    yield "holistic", prompts.holistic(puzzle, reference, "====")


def every_prompt() -> Iterator[str]:
    """A line a puzzle with the hash of each of its prompts; one puzzle's as they are."""
    for path in files.sets_in(files.BUNDLED).values():
        for puzzle in files.load(path):
            asked = dict(prompts_of(puzzle))
            yield " ".join(
                [puzzle.problem_id, *(f"{name}:{_hash(p.model_dump_json())}" for name, p in asked.items())]
            )
            if puzzle.problem_id == WHOLE:
                for name, prompt in asked.items():
                    yield f"--- {name}, {prompt.label}\n{prompt.system}\n---\n{prompt.user}\n---"


def every_request() -> Iterator[str]:
    """The bodies that each protocol is sent, for a question, a conversation, a limit and a schema."""
    turns = (Turn(number=1, answer=Answer(text="Move: look"), move="look", reply="You see a door."),)
    schema = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}
    asked = (
        PROBE.model_copy(update={"system": "You are a player."}),
        PROBE.model_copy(update={"turns": turns}),
        PROBE.model_copy(update={"limit": 60, "system": "Be short."}),
        PROBE.model_copy(update={"reply_schema": schema}),
    )

    async def send(name: str, prompt: Prompt) -> None:
        model = models.build(parse(name, timeout_s=20), SecretStr("sk-x"))
        try:
            await model.complete(prompt)
        finally:
            await model.close()

    with FakeServer() as server:
        places = {"OPENAI_BASE_URL": f"{server.url}/v1", "ANTHROPIC_BASE_URL": server.url}
        with mock.patch.dict(os.environ, places):
            names = (
                "openai:gpt-4o",
                "openai:gpt-5[low]",
                "anthropic:claude-haiku",
                f"compatible:m@{server.url}/v1",
            )
            for name in names:
                yield f"--- {name.replace(server.url, '')}"
                for prompt in asked:
                    before = len(server.requests)
                    try:
                        asyncio.run(send(name, prompt))
                    except EscapeError as error:
                        yield str(error)
                    yield from (json.dumps(body, sort_keys=True) for body in server.requests[before:])


def every_outcome() -> Iterator[str]:
    """A line a recorded answer, and a line a puzzle for all plans beside it."""
    for player in recorded_players():
        for puzzle, result in recorded_results(player):
            if puzzle.world and result.answer:
                repair = result.repair.answer.text if result.repair else ""
                led_to = plans.outcome(puzzle, result.answer.text, requested=True, repair=repair)
                yield f"{player} {puzzle.problem_id}: {_told(led_to)}"
    for path in files.sets_in(files.BUNDLED).values():
        for puzzle in files.load(path):
            beside = (path if path.is_dir() else files.BUNDLED) / f"{puzzle.problem_id}.json"
            told = [
                _told(plans.outcome(puzzle, f"Moves:\n{plan.moves}", requested=True))
                for plan in load_plans(beside, puzzle)
            ]
            out = sum(line.startswith("out") for line in told)
            yield f"{puzzle.problem_id}: {out} of {len(told)} plans out, {_hash(chr(10).join(told))}"


def every_row() -> Iterator[str]:
    """The CSV of a small run, without what differs from one day or machine to the next."""
    kept = {p.problem_id: p for p in files.load(files.BUNDLED)}
    run = run_with(
        [kept[i] for i in ("FLUID_001", "VAC_001", "UV_001")],
        ["demo:careful", "demo:hasty", "control:reference"],
    )
    yield ",".join(csv.COLUMNS)
    for row in sorted(csv.rows(run), key=lambda row: (str(row["player"]), str(row["problem_id"]))):
        stable = {k: v for k, v in row.items() if k not in ("run_id", "started_at", "latency_s", "program")}
        yield json.dumps(stable, ensure_ascii=False)


def _told(led_to: Outcome | None) -> str:
    if led_to is None:
        return "no outcome"
    end = "out" if led_to.out else "gave up" if led_to.gave_up else "stuck"
    said = _hash("\n".join(step.said for step in led_to.steps))
    return (
        f"{end}, {led_to.moves} moves, {led_to.not_understood} unread, {led_to.progress:.3f} of the way, "
        f"lost at {led_to.lost_at}, {said}"
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


KEPT = {"prompts": every_prompt, "requests": every_request, "outcomes": every_outcome, "csv": every_row}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, make in KEPT.items():
        (FOLDER / f"{name}.txt").write_text("\n".join(make()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
