"""The trials of a run: answers, marks, failures, further opinions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from escape.types.errors import FailureKind
from escape.types.fields import MediumText, Name, Record, Usd, total
from escape.types.judging import Verdict
from escape.types.model import Answer, Turn
from escape.types.world import MAX_TURNS, Outcome

TrialKey = tuple[str, str, int]  # a compact trial: problem_id, player, repeat

MAX_REPAIRED = 30  # lines
WITHOUT_ANSWER = {"filter", "refusal", "tool_call"}  # why a model stopped that gave no answer

Ended = Literal["out", "stuck", "gave up", "unread", "cut off", "refused", "failed", "not asked", ""]
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
        """True if somebody brought in the answer or played, and no call of ours was made."""
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
    """Lines of a plan that could not be read, written anew by their player: how many, and the reply as it came."""

    lines: int = Field(ge=1, le=MAX_REPAIRED)
    answer: Answer


class Result(Record):
    """One trial so far. An answer without a verdict or a failure has not been judged yet.

    `outcome` is what its moves led to in the room, after the `repair` of lines that could not be read. `turns`: of a
    conversation, whose `answer` joins their moves and costs nothing beside them. `earlier_usd` is what superseded
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
        """`played`: unmarked conversation. `begun`: unfinished. `not_judged`, `answered`: no mark yet."""
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
        """Return what its moves led to, for figures. None while that is open."""
        return None if self.owes_repair else self.outcome

    @property
    def result(self) -> Ended:
        """Return what became of it, in a word. "" where no moves were asked for, or where it is still open."""
        outcome, answer = self.led_to, self.answer
        if not (answer or self.verdict or self.failure or self.turns):
            return "not asked"
        if outcome is None:
            return "failed" if self.failure and (answer is None or self.owes_repair) else ""
        if outcome.out:
            return "out"
        if answer and not outcome.tried:  # nothing was read: why?
            if answer.finish_reason in WITHOUT_ANSWER or not answer.text.removeprefix("Moves:").strip():
                return "cut off" if answer.cut_off else "refused"
            return "cut off" if answer.cut_off else "unread"
        # in a conversation an unread turn was sent back, and the player went on
        if outcome.unread and not (self.turns and outcome.tried):
            return "unread"
        return "gave up" if outcome.gave_up else "stuck"

    @property
    def cost_usd(self) -> float | None:
        """Return what this trial cost. None if a price is unknown."""
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

    def after(self, earlier: Result | None) -> Result:
        """Merge with an earlier result of this trial: an existing answer stays, and money stays spent."""
        if earlier is None:
            return self
        same_answer = self.answer is None or self.answer == earlier.answer
        parts: list[Answer | Verdict | Failure | None] = [earlier.verdict, earlier.failure]
        if not same_answer:
            parts += [earlier.answer, earlier.repair.answer if earlier.repair else None]
        if self.turns and self.turns[: len(earlier.turns)] != earlier.turns:  # it began again
            parts += [turn.answer for turn in earlier.turns]
        same_go = self.started_at == earlier.started_at
        gone = [x for x in parts if x and not (same_go and x in (self.verdict, self.failure))]
        superseded = sum((x.cost_usd or 0.0) + x.doubtful_usd for x in gone)
        spent = max(self.earlier_usd, earlier.earlier_usd) + superseded
        fields = {name: getattr(self, name) or getattr(earlier, name) for name in ("answer", "turns")}
        if same_answer:
            fields |= {"repair": self.repair or earlier.repair, "outcome": self.outcome or earlier.outcome}
        return self.model_copy(update=fields | {"earlier_usd": spent})

    def with_answer_of(self, earlier: Result | None) -> Result:
        """Return a line of a file, with the answer that an earlier line of its trial holds, where it leaves it out."""
        if earlier is None or self.answer is not None:
            return self
        return self.model_copy(
            update={n: getattr(self, n) or getattr(earlier, n) for n in ("answer", "repair", "turns")}
        )


class Pending(Record):
    """Maximum cost in USD of calls in flight for a trial. A result settles it; after a kill it stays."""

    trial: Trial
    usd: Usd = 0.0


class Opinion(Record):
    """A further verdict on an answer: from another judge or, with judge `human:NAME`, from a person."""

    trial: Trial
    verdict: Verdict | None = None
    failure: Failure | None = None
    rater: MediumText
    at: Name = ""


def by_person(rater: str) -> bool:
    return rater.startswith(PERSON)
