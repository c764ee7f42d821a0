"""The run of 2025: figures published without their answers, as a run. Reads one file, makes no calls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from escape.errors import FileError
from escape.fields import Record
from escape.intake import first_fault
from escape.records import Result, Run, RunConfig, Trial
from escape.schema import JudgeSpec, ModelSpec, Puzzle, Scores, Verdict

FILE = Path(__file__).with_name("published_2025.json")


class _PublishedMark(Record):
    player: str
    problem_id: str
    pus: float
    sps: float
    rhh: float


class _Published(Record):
    title: str
    judge: str
    players: tuple[str, ...]
    marks: tuple[_PublishedMark, ...]


def published(puzzles: Sequence[Puzzle], text: str | bytes | None = None) -> Run:
    """Figures of a published run (marks only, no answers) as a run. A mark outside its scale is kept and flagged."""
    try:
        return _as_run(_Published.model_validate_json(FILE.read_bytes() if text is None else text), puzzles)
    except ValidationError as error:
        raise FileError(f"published figures: {first_fault(error)}") from None


def _as_run(data: _Published, puzzles: Sequence[Puzzle]) -> Run:
    design, _, model = data.judge.partition(":")

    def verdict(mark: _PublishedMark) -> Verdict:
        off = ("Red Herring Handling outside the scale: 0 or 1",) if mark.rhh not in (0, 1) else ()
        return Verdict(
            judge=data.judge,
            model=model,
            flags=off,
            cost_usd=None,
            scores=Scores(pus=mark.pus, sps=mark.sps, rhh=mark.rhh),
        )

    ids = dict.fromkeys(m.problem_id for m in data.marks)
    return Run(
        run_id="published-2025",
        title=data.title,
        started_at="2025-02-01T00:00:00+00:00",
        config=RunConfig(
            players=tuple(ModelSpec(provider="published", model=p) for p in data.players),
            judge=JudgeSpec(design=design, model=ModelSpec(provider="openai", model=model)),
            problem_ids=tuple(ids),
        ),
        puzzles=tuple(p for p in puzzles if p.problem_id in ids),
        results=tuple(
            Result(trial=Trial(problem_id=m.problem_id, player=f"published:{m.player}"), verdict=verdict(m))
            for m in data.marks
        ),
    )
