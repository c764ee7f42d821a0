"""Judges that ask a model: send the prompt, read the reply, ask once more for what is missing."""

import secrets
from collections.abc import Sequence

from escape import prompts
from escape.judges import checklist as checklists
from escape.judges.replies import Filled, read_checklist, read_holistic, second_look, without_evidence
from escape.metrics import marks
from escape.types import (
    Answer,
    Checklist,
    JudgeSpec,
    Model,
    ModelError,
    NotJudged,
    Prompt,
    Puzzle,
    Tick,
    Verdict,
    total,
)

FORMS = {  # how a model is asked, and how its reply is read
    "checklist": (checklists.checklist, read_checklist),
    "holistic": (prompts.holistic, read_holistic),
}
# the prompts in use today, as verdicts and stored exams name them
PROMPTS = frozenset(
    {f"checklist/{checklists.VERSIONS['checklist']}", f"holistic/{prompts.VERSIONS['holistic']}"}
)


class LLMJudge:
    """A judge that has a model fill in a form. A malformed reply is retried once, then gives no mark."""

    def __init__(self, spec: JudgeSpec, model: Model) -> None:
        self.name = spec.name
        self._prompt, self._read = FORMS[spec.design]
        self._model, self.spec = model, model.spec

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """Mark an answer. Raises ModelError, and NotJudged for replies or quotes that fail twice."""
        marker = f"=={secrets.token_hex(8)}=="
        prompt = self._prompt(puzzle, answer_text, marker)
        if not answer_text.strip():
            return _blank(self.name, prompt.label, puzzle)
        replies: list[Answer] = []
        fault = ""
        filled: Filled | None = None
        while filled is None:
            if len(replies) == 2:
                raise _unjudged(f"the judge's reply was out of form twice: {fault}", replies)
            await self._ask(
                prompts.retry_prompt(prompt, replies[-1].text, fault) if replies else prompt, replies
            )
            try:
                filled = self._read(replies[-1].text, puzzle, answer_text)
            except NotJudged as error:
                fault = str(error)
                if replies[-1].cut_off:
                    fault = f"it was cut off at its limit of {self._model.spec.max_tokens} tokens"
        raw, items = replies[-1].text, filled.checklist
        # no attempt gets 0 whatever its ticks
        bare = without_evidence(items) if items and items.attempted else {}
        if items and bare:
            by_key = {key: (t.text, t.quote) for key, t in bare.items()}
            await self._ask(checklists.evidence(puzzle, answer_text, marker, by_key), replies)
            items = second_look(replies[-1].text, items, answer_text)
            raw += f"\n\n{replies[-1].text}"
        if items and items.attempted:
            for ticks in (items.principles, items.steps):
                if all(t.evidence_missing for t in ticks):
                    raise _unjudged("asked twice, the judge quoted nothing that is in the answer", replies)
        scores = marks(items, puzzle) if items else filled.scores
        assert scores is not None  # noqa: S101 - every form gives one or the other
        flags = [f"asked twice: {fault}"] if fault else []
        if items and (unseen := sum(t.evidence_missing for t in items.ticks)):
            words = f"evidence not found for {unseen} of {len(items.ticks)} items, which count neither way"
            flags.insert(0, words)
        return Verdict(
            judge=self.name,
            prompt=prompt.label,
            model=replies[-1].model,
            scores=scores,
            checklist=items,
            feedback=filled.feedback,
            flags=tuple(flags),
            raw=raw,
            input_tokens=sum(r.input_tokens or 0 for r in replies),
            output_tokens=sum(r.output_tokens or 0 for r in replies),
            cost_usd=total([r.cost_usd for r in replies]),
            doubtful_usd=sum(r.doubtful_usd for r in replies),
            calls=sum(r.attempts for r in replies),
            latency_s=sum(r.latency_s for r in replies),
        )

    async def _ask(self, prompt: Prompt, replies: list[Answer]) -> None:
        """Append one more reply. Raises ModelError, which includes the cost of the earlier replies."""
        try:
            replies.append(await self._model.complete(prompt))
        except ModelError as error:
            spent = sum((r.cost_usd or 0.0) + r.doubtful_usd for r in replies)
            raise ModelError(
                error.kind, error.message, error.retry_after_s, error.attempts, error.doubtful_usd + spent
            ) from None


def _unjudged(why: str, replies: Sequence[Answer]) -> NotJudged:
    cost, doubtful = total([r.cost_usd for r in replies]), sum(r.doubtful_usd for r in replies)
    return NotJudged(why, cost, malformed=True, doubtful_usd=doubtful)


def _blank(judge: str, label: str, puzzle: Puzzle) -> Verdict:
    """Mark an empty answer without a call, so that nothing is paid."""

    def none(texts: Sequence[str]) -> tuple[Tick, ...]:
        return tuple(Tick(text=t, met=False, reason="the answer is empty") for t in texts)

    checklist = Checklist(
        principles=none(puzzle.physical_principles),
        steps=none(puzzle.solution.steps),
        herrings=none(puzzle.red_herrings),
        works="no",
        attempted=False,
        attempted_reason="the answer is empty",
    )
    return Verdict(
        judge=judge,
        prompt=label,
        scores=marks(checklist, puzzle),
        checklist=checklist,
        feedback="The answer is empty.",
    )
