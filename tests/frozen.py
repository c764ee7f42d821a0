"""What must not change unseen: runs, CSVs, reports, prompts, what seeds make, a published site.

`python -m tests.frozen` writes the hashes anew, after a change that is meant; with a folder it writes the texts there,
for a look at what differs.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from escape import prompts
from escape.environments import attempt, environment_of, is_marked, playable, questions
from escape.environments.houses import houses
from escape.environments.laboratories import laboratories
from escape.extras.publish import publish
from escape.judges import checklist
from escape.metrics import METRICS
from escape.models import parse
from escape.puzzles import controls, files
from escape.results import TABLES, card, csv, usual
from escape.runs.file import lines
from escape.types import Puzzle, Run
from tests.small_runs import run_with

KEPT = (  # a new puzzle changes nothing here
    "BAL_001 BAL_002 BAL_003 CIPHER_001 COLLAB_001 FLUID_001 UV_001 VAC_001"
).split()
HASHES = Path(__file__).parent / "data" / "frozen.json"
MADE_AT = "2026-11-29T12:00:00+00:00"
SPEC = parse("openai:gpt-4o-mini")
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)|\b[0-9a-f]{64}\b|\d\.\d\.\d(\.\w+)?|of the \d+ rooms"
)


def steady(run: Run) -> Run:
    """A run without what differs from one day, machine or version to the next."""
    results = tuple(
        r.model_copy(
            update={
                "started_at": MADE_AT,
                "ended_at": MADE_AT,
                "answer": r.answer.model_copy(update={"latency_s": 0.0}) if r.answer else None,
            }
        )
        for r in sorted(run.results, key=lambda r: r.trial.key)
    )
    versions = {
        k: v for k, v in sorted(run.versions.items()) if k.startswith("prompt ") or k in {"reading", "foresight"}
    }
    own = {"run_id": "frozen", "started_at": MADE_AT, "versions": versions, "results": results}
    return run.model_copy(update=own)


def runs(rooms: list[Puzzle]) -> dict[str, Run]:
    """One of each kind."""
    made_houses, made_labs = houses("frozen", 6, 8), laboratories("frozen", 2, 4)
    demo = ["demo:careful", "demo:hasty", "demo:hoarder"]
    kinds = {
        "rooms": run_with(rooms, [*demo, "control:guesser"]),
        "rooms foreseen": run_with(rooms[:10], demo, foresight=True),
        "rooms by moves": run_with(rooms[:10], demo, protocol="move by move"),
        "houses": run_with(made_houses, [*demo, "control:greedy", "control:reference"]),
        "houses foreseen": run_with(made_houses[:2], demo[:2], foresight=True),
        "houses by moves": run_with(made_houses[:2], demo[:2], protocol="move by move"),
        "laboratories": run_with(made_labs, ["control:experimenter", "control:random"], protocol="move by move"),
    }
    return {name: steady(run) for name, run in kinds.items()}


def prompt_texts(puzzle: Puzzle) -> Iterator[str]:
    """Everything that a player or a judge may be asked about a puzzle."""
    tried = attempt(puzzle) if playable(puzzle) else None
    for moves in (True, False) if "plan" in environment_of(puzzle).protocols else ():
        yield prompts.player(puzzle, moves=moves).model_dump_json()
    if tried:
        yield prompts.move_by_move(puzzle, tried.max_lines, SPEC).model_dump_json()
        yield prompts.repair(puzzle, ["pour the water"], {1: "no such thing"}).model_dump_json()
    if asked := questions(puzzle):
        yield prompts.foresight(puzzle, asked).model_dump_json()
    if is_marked(puzzle):
        reference = controls.reference(puzzle)
        yield reference
        yield checklist.checklist(puzzle, reference, "====").model_dump_json()
        yield prompts.holistic(puzzle, reference, "====").model_dump_json()


def corpus() -> Iterator[tuple[str, str]]:
    """Name and text of everything that is kept."""
    sets = files.sets(files.BUNDLED)
    rooms = [p for p in files.load(sets[files.ROOMS]) if p.problem_id in KEPT]
    for name in sets:
        named = [p for p in files.load(sets[name]) if p.problem_id in KEPT or name == files.HARD]
        yield f"prompts of {name}", "\n".join(t for p in named for t in prompt_texts(p))
    for seed in ("frozen", "2026-11-29"):
        for kind in (houses, laboratories):
            made = kind(seed, 2, 4)
            yield f"{kind.__name__} of {seed}", "\n".join(p.model_dump_json(exclude_defaults=True) for p in made)
            yield f"prompts of {kind.__name__} of {seed}", "\n".join(t for p in made for t in prompt_texts(p))
    made_runs = runs(rooms)
    for name, run in made_runs.items():
        yield f"run of {name}", b"".join(lines.lines(run)).decode()
        metric = usual(run)
        yield f"report of {name}", _TIMES.sub("*", card.page(run, metric))
        for metric in METRICS.values():
            yield f"CSV of {name}, {metric.name}", "".join(csv.csv_lines(run, metric))
        for table, made_table in TABLES.items():
            yield f"table {table} of {name}", made_table(run, usual(run)).to_json(orient="split")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        publish([(run, "self-reported") for run in made_runs.values()], site, MADE_AT, incomplete=True)
        for file in sorted(site.rglob("*")):
            if file.is_file() and not file.name.endswith(".gz"):
                yield f"site {file.relative_to(site)}", _TIMES.sub("*", file.read_text("utf-8"))


def hashes() -> dict[str, str]:
    """The first half of every text's SHA-256, by its name."""
    return {name: hashlib.sha256(text.encode()).hexdigest()[:32] for name, text in corpus()}


def main() -> None:
    if len(sys.argv) > 1:
        where = Path(sys.argv[1])
        where.mkdir(parents=True, exist_ok=True)
        for name, text in corpus():
            (where / re.sub(r"[^\w.-]+", "_", name)).write_text(text, "utf-8")
    else:
        HASHES.write_text(json.dumps(hashes(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
