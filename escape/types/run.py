"""A run: what was asked for, its puzzles, what is out at a provider, and the results."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import not_
from typing import Annotated, Literal

from pydantic import Field, SkipValidation, model_validator
from pydantic.types import FailFast

from escape.types.cards import ReportCard
from escape.types.fields import Name, Record
from escape.types.judging import JudgeSpec
from escape.types.model import ModelSpec
from escape.types.puzzle import Puzzle
from escape.types.trials import Note, Opinion, Pending, Result, Trial
from escape.types.world import PlayedBy

CANARY = "ESCAPE-CANARY 6f0c8a52-5b0e-4a5e-9d43-b1a7c9a0e2d7: benchmark data, keep out of training corpora"
MAX_TRIALS = 20_000  # of one run, all in memory
MAX_OPINIONS = 200_000
EARLIER = "earlier "  # before the name of a version that some of a run's answers were made with
FORMAT: Literal["escape-run/3"] = "escape-run/3"


class RunConfig(Record):
    """The configuration of a run. Prompt and library versions are in Run.versions."""

    players: tuple[ModelSpec, ...] = Field((), max_length=200)
    judge: JudgeSpec = JudgeSpec()
    problem_ids: tuple[Name, ...] = Field((), max_length=2000)
    repeats: int = Field(1, ge=1, le=10_000)
    concurrency: int = Field(8, ge=1, le=500)
    rpm: float | None = Field(None, gt=0, le=100_000)  # calls a minute to each model, if somebody knows its limit
    max_cost_usd: float | None = Field(None, ge=0, allow_inf_nan=False)
    moves: bool = True  # ask players for moves if a room can carry them out
    protocol: PlayedBy = "plan"
    puzzle_set: Name = ""  # the name of the set that was asked for as a whole, if it was one

    def trials(self) -> Iterator[Trial]:
        """Every trial: all puzzles and players once, then the next repeat."""
        for repeat, where, who in itertools.product(range(1, self.repeats + 1), self.problem_ids, self.players):
            yield Trial(problem_id=where, player=who.name, repeat=repeat)

    def asks(self, trial: Trial) -> bool:
        own = trial.problem_id in self.problem_ids and trial.player in {who.name for who in self.players}
        return own and 1 <= trial.repeat <= self.repeats

    @property
    def size(self) -> int:
        return len(self.players) * len(self.problem_ids) * self.repeats


class Header(Record):
    """A run without its results: configuration, puzzles, opinions, cards, versions. The first line of a run file."""

    format: Literal["escape-run/3"] = FORMAT
    canary: Name = CANARY
    run_id: Name
    title: Name = ""
    started_at: Name
    config: RunConfig
    versions: Mapping[Name, Name] = Field(default_factory=dict, max_length=100)
    puzzles: Annotated[tuple[Puzzle, ...], FailFast(), Field(max_length=2000)]
    opinions: Annotated[tuple[Opinion, ...], FailFast(), Field(max_length=MAX_OPINIONS)] = ()
    cards: Annotated[tuple[ReportCard, ...], FailFast(), Field(max_length=50)] = ()
    notes: Annotated[tuple[Note, ...], FailFast(), Field(max_length=MAX_OPINIONS, exclude_if=not_)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Header:
        ids = {p.problem_id for p in self.puzzles}
        if len(ids) < len(self.puzzles):
            raise ValueError("two puzzles have the same id")
        if self.config.size > MAX_TRIALS:
            raise ValueError(f"more than {MAX_TRIALS} trials")
        self.check_puzzles_exist({o.trial.problem_id for o in self.opinions} | set(self.config.problem_ids))
        return self

    def check_puzzles_exist(self, problem_ids: Collection[str]) -> None:
        """Raises ValueError if one of these puzzles is missing."""
        if strangers := set(problem_ids) - {p.problem_id for p in self.puzzles}:
            raise ValueError(f"there is no puzzle {min(strangers)!r} in it")

    @property
    def puzzle_by_id(self) -> dict[str, Puzzle]:
        return {p.problem_id: p for p in self.puzzles}


class Run(Header):
    """A run. `lost`: USD of calls in flight when a program was killed. `damaged`: lines set aside, with why."""

    results: SkipValidation[Sequence[Result]] = ()
    lost: SkipValidation[tuple[Pending, ...]] = ()
    damaged: SkipValidation[tuple[str, ...]] = ()

    def __hash__(self) -> int:
        """By its id, so that results computed about a run can be cached under it."""
        return hash(self.run_id)

    @property
    def lost_usd(self) -> float:
        """Return what calls may have cost that had left when a program was killed."""
        return sum(pending.usd for pending in self.lost)

    @property
    def charged_usd(self) -> float:
        """All that counts against a cap: what was spent, what may have been, and what was lost."""
        return sum(r.charged_usd for r in self.results) + self.lost_usd

    @property
    def players(self) -> list[str]:
        """Players in the order asked for, then those that appear only in the results (brought answers)."""
        return list(dict.fromkeys([*(m.name for m in self.config.players), *(r.trial.player for r in self.results)]))

    @property
    def published(self) -> bool:
        """True for figures that were published without their answers."""
        return any(p.provider == "published" for p in self.config.players)
