"""Several judges as one: each item by its share of votes, `works` by the median. Calls only its members."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from statistics import median, median_low

from escape.metrics import FEASIBILITY, LABELS, marks
from escape.types import (
    Checklist,
    FailureKind,
    Judge,
    ModelError,
    NotJudged,
    Puzzle,
    Scores,
    Tick,
    Verdict,
    Works,
    total,
)

_ORDER: tuple[Works, ...] = ("no", "partly", "yes")


class Panel:
    """Two or three judges. A member that cannot judge is left out and named, as long as two remain."""

    def __init__(self, name: str, members: Sequence[Judge]) -> None:
        self.name = name
        self._members = members

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """The joint verdict. If none could judge, raises what the first member raised."""
        replies = await asyncio.gather(*(m.judge(puzzle, answer_text) for m in self._members), return_exceptions=True)
        verdicts = [r for r in replies if isinstance(r, Verdict)]
        absent = {m.name: r for m, r in zip(self._members, replies, strict=True) if isinstance(r, BaseException)}
        for fault in absent.values():
            final = isinstance(fault, ModelError) and fault.kind in {FailureKind.CANCELLED, FailureKind.BUDGET}
            if final or not isinstance(fault, (ModelError, NotJudged)) or len(verdicts) < 2:
                raise _with_costs(fault, [r for r in replies if r is not fault])
        checklists = [v.checklist for v in verdicts if v.checklist]
        joint = _join(checklists) if len(checklists) == len(verdicts) else None
        return Verdict(
            judge=self.name,
            prompt=", ".join(dict.fromkeys(v.prompt for v in verdicts)),
            model=", ".join(dict.fromkeys(v.model for v in verdicts)),
            scores=marks(joint, puzzle) if joint else _median([v.scores for v in verdicts]),
            checklist=joint,
            feedback="\n\n".join(f"{v.judge}: {v.feedback}" for v in verdicts if v.feedback),
            flags=(*_spread(verdicts), *(f"without {name}" for name in absent)),
            input_tokens=sum(v.input_tokens for v in verdicts),
            output_tokens=sum(v.output_tokens for v in verdicts),
            cost_usd=total([*(v.cost_usd for v in verdicts), *map(_cost, absent.values())]),
            doubtful_usd=sum(v.doubtful_usd for v in verdicts) + sum(map(_doubt, absent.values())),
            calls=sum(v.calls for v in verdicts),
            members=tuple(verdicts),
        )


def _cost(outcome: Verdict | BaseException) -> float | None:
    """What one member's replies have cost; None if nobody knows."""
    return outcome.cost_usd if isinstance(outcome, (Verdict, NotJudged)) else 0.0


def _doubt(outcome: Verdict | BaseException) -> float:
    return outcome.doubtful_usd if isinstance(outcome, (Verdict, NotJudged, ModelError)) else 0.0


def _with_costs(fault: BaseException, others: Sequence[Verdict | BaseException]) -> BaseException:
    """A member's fault, with what the other members have cost."""
    doubtful = _doubt(fault) + sum(map(_doubt, others))
    match fault:
        case NotJudged():
            cost = total([_cost(fault), *map(_cost, others)])
            return NotJudged(str(fault), cost, bad_format=fault.out_of_form, doubtful_usd=doubtful)
        case ModelError():
            doubtful += sum(_cost(o) or 0.0 for o in others)
            return ModelError(fault.kind, fault.message, fault.retry_after_s, fault.attempts, doubtful, fault.status)
        case _:
            return fault


def _half(votes: Sequence[bool]) -> bool:
    """At least half: requiring both of two judges would be stricter than either alone."""
    return 2 * sum(votes) >= len(votes)


def _tick(votes: Sequence[Tick]) -> Tick:
    votes = [v for v in votes if not v.evidence_missing] or votes  # a vote without evidence does not count
    met = _half([v.met for v in votes])
    chosen = next((v for v in votes if v.met == met), votes[0])
    split = sum(v.met for v in votes)
    reason = f"{split} of {len(votes)} say yes. {chosen.reason}" if 0 < split < len(votes) else chosen.reason
    return Tick(
        text=chosen.text,
        met=met,
        reason=reason.strip(),
        quote=chosen.quote if met else "",
        evidence_missing=all(v.evidence_missing for v in votes),
        share=split / len(votes),
    )


def _join(lists: Sequence[Checklist]) -> Checklist:
    votes = [_ORDER.index(c.works) for c in lists if c.works != "undecided"]
    return Checklist(
        principles=tuple(map(_tick, zip(*(c.principles for c in lists), strict=True))),
        steps=tuple(map(_tick, zip(*(c.steps for c in lists), strict=True))),
        herrings=tuple(map(_tick, zip(*(c.herrings for c in lists), strict=True))),
        works=_ORDER[int(median(votes))] if votes else "undecided",
        feasibility=median([FEASIBILITY[_ORDER[v]] for v in votes]) if votes else None,
        works_reason=" / ".join(dict.fromkeys(c.works_reason for c in lists if c.works_reason)),
        complete_alternative=_half([c.complete_alternative for c in lists]),
        invented_items=tuple(dict.fromkeys(i for c in lists for i in c.invented_items)),
        attempted=_half([c.attempted for c in lists]),
        attempted_reason=" / ".join(dict.fromkeys(c.attempted_reason for c in lists if c.attempted_reason)),
    )


def _median(scores: Sequence[Scores]) -> Scores:
    applies = [s.rhh for s in scores if s.rhh is not None]
    understood = [s.pus for s in scores if s.pus is not None]
    return Scores(
        pus=median(understood) if understood else None,
        sps=median(s.sps for s in scores),
        rhh=median_low(applies) if applies else None,
    )


def _spread(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """How far apart the members are, score by score."""
    reasons = []
    for key, label in LABELS.items():
        values = [x for v in verdicts if (x := getattr(v.scores, key)) is not None]
        if values and max(values) - min(values) > 1e-9:
            reasons.append(f"judges differ on {label}: {min(values):.1f} to {max(values):.1f}")
    return tuple(reasons)
