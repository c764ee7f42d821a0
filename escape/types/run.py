"""A run: its configuration, trials (answers, marks, failures), further opinions, and calls in flight."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import not_
from typing import Annotated, Literal

from pydantic import Field, SkipValidation, model_validator
from pydantic.types import FailFast

from escape.types.errors import FailureKind
from escape.types.fields import MediumText, Name, Record, Usd, total
from escape.types.judging import Answer, JudgeSpec, ModelSpec, ReportCard, Turn, Verdict
from escape.types.puzzle import MAX_TURNS, Outcome, PlayedBy, Puzzle

TrialKey = tuple[str, str, int]  # a compact trial: problem_id, player, repeat

MAX_REPAIRED = 30  # lines
WITHOUT_ANSWER = {"filter", "refusal", "tool_call"}  # why a model stopped that gave no answer

Ended = Literal["out", "stuck", "gave up", "unread", "cut off", "empty", "refused", "failed", "not asked", ""]
NOT_READ: tuple[Ended, ...] = ("unread", "cut off", "empty", "refused")  # of whose physics nothing is known
IMPORTED = "brought:"  # prefix of the player name for an answer that a person brought in
PLAYED = "person:"  # prefix of the player name for a person who played a room
AGENT = "agent:"  # prefix of the player name for an agent that played over MCP
PERSON = "human:"  # prefix of the rater name for a person


class Trial(Record):
    """The key that joins answers, marks and spot-checks. `repeat` counts from 1."""

    problem_id: Name
    player: Name
    repeat: int = Field(1, ge=1)

    @property
    def key(self) -> TrialKey:
        return (self.problem_id, self.player, self.repeat)

    @property
    def is_imported(self) -> bool:
        """True if a person or an agent supplied the answer, so that this program made no call."""
        return self.player.startswith((IMPORTED, PLAYED, AGENT))


class Note(Record):
    """A reader's line on what went wrong in an answer, and its `category`. `by`: who wrote it."""

    trial: Trial
    text: str = Field("", max_length=300)
    category: Name = ""
    by: Name = ""


class Failure(Record):
    """The reason why a trial has no mark. Never a score, never a fake answer."""

    stage: Literal["player", "judge"]
    kind: FailureKind
    message: MediumText
    attempts: int = Field(1, ge=0)
    cost_usd: Usd | None = 0.0
    doubtful_usd: Usd = 0.0


class Repair(Record):
    """Unreadable lines of a plan, rewritten by their player: how many, and the reply as received."""

    lines: int = Field(ge=1, le=MAX_REPAIRED)
    answer: Answer


class Result(Record):
    """One trial so far. An answer without a verdict or a failure has not been judged yet.

    `outcome`: of its moves in the room, after the `repair` of lines that could not be read. `turns`: of a
    conversation, whose `answer` joins their moves and costs nothing extra. `earlier_usd`: what superseded
    attempts at this trial cost, or may have cost: money stays spent.
    """

    trial: Trial
    answer: Answer | None = None
    outcome: Outcome | None = None
    verdict: Verdict | None = None
    failure: Failure | None = None
    turns: tuple[Turn, ...] = Field((), max_length=MAX_TURNS)
    repair: Repair | None = None
    started_at: Name = ""
    ended_at: Name = ""
    earlier_usd: Usd = 0.0

    @property
    def status(self) -> Literal["judged", "played", "begun", "not_judged", "failed", "answered"]:
        """The stage that the trial has reached.

        `played`: a conversation with an outcome. `begun`: an unfinished one. `failed`: no answer.
        `not_judged`: an answer and a failure to mark it. `answered`: no mark yet. `judged`: a mark.
        """
        if self.outcome and self.turns and not self.owes_repair:
            return "played"
        if self.turns and not self.failure:
            return "begun"
        if self.failure and not self.verdict:
            return "not_judged" if self.answer else "failed"
        return "judged" if self.verdict else "answered"

    @property
    def owes_repair(self) -> bool:
        """True if its player still has to rewrite lines of its plan, so that the outcome is open."""
        failed = self.failure is not None and self.failure.stage == "player"
        goes_on = bool(self.started_at) and not self.ended_at
        return self.answer is not None and not self.turns and (failed or goes_on)

    @property
    def led_to(self) -> Outcome | None:
        """The outcome of its moves, for figures; None while a repair may still change it."""
        return None if self.owes_repair else self.outcome

    @property
    def result(self) -> Ended:
        """The end of the trial in a word; "" if no moves were asked for, or if it is still open."""
        outcome, answer = self.led_to, self.answer
        if not (answer or self.verdict or self.failure or self.turns):
            return "not asked"
        if outcome is None:
            return "failed" if self.failure and (answer is None or self.owes_repair) else ""
        if outcome.out:
            return "out"
        if answer and not outcome.tried:  # nothing was read: why?
            if answer.cut_off:
                return "cut off"
            if answer.finish_reason in WITHOUT_ANSWER:
                return "refused"
            return "unread" if answer.text.removeprefix("Moves:").strip() else "empty"
        # in a conversation an unread turn was sent back, and the player went on
        if outcome.unread and not (self.turns and outcome.tried):
            return "unread"
        return "gave up" if outcome.gave_up else "stuck"

    @property
    def cost_usd(self) -> float | None:
        """The cost of this trial. None if a price is unknown."""
        return total([x.cost_usd for x in self._paid])

    @property
    def player_usd(self) -> float | None:
        calls = [*(t.answer for t in self.turns), self.answer, self.repair and self.repair.answer]
        return total([x.cost_usd for x in calls if x])

    @property
    def charged_usd(self) -> float:
        """The most this trial has used of a cap: known costs, doubtful costs, superseded attempts."""
        return self.earlier_usd + sum((x.cost_usd or 0.0) + x.doubtful_usd for x in self._paid)

    @property
    def _paid(self) -> list[Answer | Verdict | Failure]:
        repair = self.repair.answer if self.repair else None
        parts = (*(t.answer for t in self.turns), self.answer, self.verdict, self.failure, repair)
        return [x for x in parts if x]

    def merge(self, earlier: Result | None) -> Result:
        """Fill in what an earlier result of this trial has and this one lacks; money paid stays spent.

        An earlier mark stays if the answer is the same and this result has no mark.
        """
        if earlier is None:
            return self
        same_answer = self.answer is None or self.answer == earlier.answer
        unmarked = self.verdict is None and self.mark_failure is None
        keeps_mark = same_answer and unmarked and (earlier.verdict or earlier.mark_failure) is not None
        parts: list[Answer | Verdict | Failure | None] = [] if keeps_mark else [earlier.verdict]
        if not (keeps_mark and earlier.mark_failure):
            parts.append(earlier.failure)
        if not same_answer:
            parts += [earlier.answer, earlier.repair.answer if earlier.repair else None]
        if self.turns and self.turns[: len(earlier.turns)] != earlier.turns:  # it began again
            parts += [turn.answer for turn in earlier.turns]
        same_go = self.started_at == earlier.started_at
        gone = [x for x in parts if x and not (same_go and x in (self.verdict, self.failure))]
        spent = max(self.earlier_usd, earlier.earlier_usd) + _most_usd(gone)
        fields = {name: getattr(self, name) or getattr(earlier, name) for name in ("answer", "turns")}
        if same_answer:
            fields |= {"repair": self.repair or earlier.repair, "outcome": self.outcome or earlier.outcome}
        if keeps_mark:
            fields |= {"verdict": earlier.verdict, "failure": self.failure or earlier.mark_failure}
        return self.model_copy(update=fields | {"earlier_usd": spent})

    @property
    def mark_failure(self) -> Failure | None:
        """The judge's failure to give a mark, which is no failure of the answer; None if there is none."""
        return self.failure if self.failure and self.failure.stage == "judge" else None

    def with_mark(self, mark: Mark) -> Result:
        """Add a mark of the run's judge. A failed one does not replace a verdict; money stays spent."""
        earlier_usd = self.earlier_usd + mark.earlier_usd
        new = mark.verdict or mark.failure
        if new is None or (self.verdict and mark.verdict is None):
            return self.model_copy(update={"earlier_usd": earlier_usd + _most_usd([mark.failure])})
        earlier_usd += _most_usd([self.verdict, self.mark_failure])
        failure = mark.failure if self.failure is None or self.mark_failure else self.failure
        return self.model_copy(
            update={"verdict": mark.verdict, "failure": failure, "earlier_usd": earlier_usd}
        )

    def with_answer_of(self, earlier: Result | None) -> Result:
        """Fill in the answer from an earlier line of its trial, if this line of a file leaves it out."""
        if earlier is None or self.answer is not None:
            return self
        return self.model_copy(
            update={n: getattr(self, n) or getattr(earlier, n) for n in ("answer", "repair", "turns")}
        )


def _most_usd(paid: Sequence[Answer | Verdict | Failure | None]) -> float:
    """Sum the most that these cost in USD, including what may have been charged."""
    return sum((x.cost_usd or 0.0) + x.doubtful_usd for x in paid if x)


class Pending(Record):
    """Maximum cost in USD of calls in flight for a trial. A result settles it; after a kill it stays."""

    trial: Trial
    usd: Usd = 0.0


class Mark(Record):
    """A verdict by a judge or a person (`human:NAME`), or the failure to give one.

    A line of its own in a run file. `earlier_usd`: further costs of `rater` for it; with neither verdict nor
    failure it records only these.
    """

    trial: Trial
    verdict: Verdict | None = None
    failure: Failure | None = None
    rater: MediumText
    at: Name = ""
    earlier_usd: Usd = Field(0.0, exclude_if=not_)


def by_person(rater: str) -> bool:
    return rater.startswith(PERSON)


def is_none(value: object) -> bool:
    return value is None


CANARY = "ESCAPE-CANARY 6f0c8a52-5b0e-4a5e-9d43-b1a7c9a0e2d7: benchmark data, keep out of training corpora"
MAX_TRIALS = 20_000  # of one run, all in memory
MAX_OPINIONS = 200_000
EARLIER = "earlier "  # before the name of a version that some of a run's answers were made with
FORMAT: Literal["escape-run/4"] = "escape-run/4"


class RunConfig(Record):
    """The configuration of a run. Prompt and library versions are in Run.versions."""

    players: tuple[ModelSpec, ...] = Field((), max_length=200)
    judge: JudgeSpec = JudgeSpec()
    problem_ids: tuple[Name, ...] = Field((), max_length=2000)
    repeats: int = Field(1, ge=1, le=10_000)
    concurrency: int = Field(8, ge=1, le=500)
    # calls a minute to each model, if somebody knows its limit
    rpm: float | None = Field(None, gt=0, le=100_000)
    max_cost_usd: float | None = Field(None, ge=0, allow_inf_nan=False)
    moves: bool = True  # ask players for moves if a room can carry them out
    protocol: PlayedBy = "plan"
    puzzle_set: Name = ""  # the name of the set that was asked for as a whole, if it was one
    # the rooms whose answers a judge marks; None: all of them
    marked_ids: tuple[Name, ...] | None = Field(None, max_length=2000, exclude_if=is_none)

    def trials(self) -> Iterator[Trial]:
        """Yield every trial: all puzzles and players once, then the next repeat."""
        for repeat, where, who in itertools.product(
            range(1, self.repeats + 1), self.problem_ids, self.players
        ):
            yield Trial(problem_id=where, player=who.name, repeat=repeat)

    def asks(self, trial: Trial) -> bool:
        own = trial.problem_id in self.problem_ids and trial.player in {who.name for who in self.players}
        return own and 1 <= trial.repeat <= self.repeats

    @property
    def in_turns(self) -> bool:
        """True if players play move by move, in conversations, which no judge marks."""
        return self.protocol == "move by move"

    def marks(self, trial: Trial) -> bool:
        """Check whether a judge should mark the answers to a trial's room."""
        asked = self.marked_ids is None or trial.problem_id in self.marked_ids
        return not self.in_turns and (asked or trial.is_imported)

    @property
    def size(self) -> int:
        return len(self.players) * len(self.problem_ids) * self.repeats


class Header(Record):
    """The first line of a run file: the run without its results."""

    format: Literal["escape-run/3", "escape-run/4"] = FORMAT
    canary: Name = CANARY
    run_id: Name
    title: Name = ""
    started_at: Name
    config: RunConfig
    versions: Mapping[Name, Name] = Field(default_factory=dict, max_length=100)
    puzzles: Annotated[tuple[Puzzle, ...], FailFast(), Field(max_length=2000)]
    opinions: Annotated[tuple[Mark, ...], FailFast(), Field(max_length=MAX_OPINIONS)] = ()
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
        """Raise ValueError if one of these puzzles is missing."""
        if strangers := set(problem_ids) - {p.problem_id for p in self.puzzles}:
            raise ValueError(f"there is no puzzle {min(strangers)!r} in it")

    @property
    def puzzle_by_id(self) -> dict[str, Puzzle]:
        return {p.problem_id: p for p in self.puzzles}


class Run(Header):
    """A run with its results. `lost`: calls in flight when a program was killed.

    `damaged`: lines of its file that were set aside, with the reason.
    """

    results: SkipValidation[Sequence[Result]] = ()
    lost: SkipValidation[tuple[Pending, ...]] = ()
    damaged: SkipValidation[tuple[str, ...]] = ()

    def __hash__(self) -> int:
        """Hash by id, so that results computed about a run can be cached under it."""
        return hash(self.run_id)

    @property
    def lost_usd(self) -> float:
        """The possible cost of calls that were in flight when a program was killed."""
        return sum(pending.usd for pending in self.lost)

    @property
    def charged_usd(self) -> float:
        """All that counts against a cap: known costs, possible costs, and lost calls."""
        beside = sum(m.earlier_usd + _most_usd([m.verdict, m.failure]) for m in self.opinions)
        return sum(r.charged_usd for r in self.results) + beside + self.lost_usd

    @property
    def players(self) -> list[str]:
        """Players in the order asked for, then those that appear only in the results (imported answers)."""
        return list(
            dict.fromkeys([*(m.name for m in self.config.players), *(r.trial.player for r in self.results)])
        )

    @property
    def published(self) -> bool:
        """True if any player's figures were published without their answers."""
        return any(p.provider == "published" for p in self.config.players)
