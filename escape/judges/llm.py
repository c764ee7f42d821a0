"""Judges that ask a model: send the prompt, read JSON out of the reply, check quotes, pass the gate."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from escape import prompts
from escape.errors import ModelError, NotJudged
from escape.fields import Remark, total
from escape.intake import MAX_DEPTH, deeper_than, first_fault, mended
from escape.judges.quotes import stands
from escape.metrics import gate, marks
from escape.schema import Answer, Checklist, JudgeSpec, Model, Prompt, Puzzle, Scores, Tick, Verdict, Works


class _Said(BaseModel):
    """A part of a reply. What a judge adds of its own accord is passed over: it costs no mark and no second call."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Item(_Said):
    reason: Remark = ""
    quote: Remark
    met: bool | None = None
    used: bool | None = None


class _YesNo(_Said):
    reason: Remark = ""
    value: bool


class _Feasible(_Said):
    reason: Remark = ""
    value: Works


class _Checklist(_Said):
    attempted: _YesNo
    principles: dict[str, _Item]
    steps: dict[str, _Item]
    herrings: dict[str, _Item] = Field(default_factory=dict)
    works: _Feasible
    complete_alternative: _YesNo
    invented_items: tuple[Remark, ...] = Field((), max_length=200)
    feedback: Remark = ""


class Filled(NamedTuple):
    """What a reply says once it has passed every check."""

    scores: Scores
    checklist: Checklist | None
    feedback: str
    flags: tuple[str, ...]


def find_json(text: str) -> Mapping[str, JsonValue]:
    """The last largest JSON object in a text that may have prose or a fence around it. Raises NotJudged."""
    text = mended(text[:LONGEST_REPLY])
    if deeper_than(text.encode("utf-8", "replace"), MAX_DEPTH):
        raise _out_of_form("it is nested too deeply")
    decoder, best, position = json.JSONDecoder(), None, text.find("{")
    for _ in range(MOST_BRACES):
        if position < 0:
            break
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            if isinstance(value, dict) and (best is None or len(value) >= len(best)):
                best = value
        position = text.find("{", end)
    if best is None:
        raise _out_of_form("there was no JSON object in it")
    return best


LONGEST_REPLY = 200_000  # characters: 8,192 tokens are about 40,000
MOST_BRACES = 200  # places at which an object may begin: each that fails is read to the end of the text


def _out_of_form(why: str) -> NotJudged:
    return NotJudged(why, out_of_form=True)


def read_checklist(reply: str, puzzle: Puzzle, answer: str) -> Filled:
    """A checklist reply, held to its form; a yes whose quote does not stand in the answer becomes a no."""
    try:
        said = _Checklist.model_validate(find_json(reply))
    except ValidationError as error:
        raise _out_of_form(first_fault(error)) from None

    def ticks(letter: str, name: str, items: Mapping[str, _Item], texts: Sequence[str]) -> tuple[Tick, ...]:
        wanted = [f"{letter}{i}" for i in range(1, len(texts) + 1)]
        if not set(items) >= set(wanted):
            raise _out_of_form(f"{name} must have the keys {', '.join(wanted) or 'none'}")
        made = []
        for key, text in zip(wanted, texts, strict=True):
            item = items[key]
            yes = item.used if letter == "H" else item.met
            if yes is None:
                raise _out_of_form(f"{name}.{key} must have {'used' if letter == 'H' else 'met'}, true or false")
            found = stands(item.quote, answer)
            made.append(
                Tick(
                    text=text,
                    met=yes and found,
                    reason=item.reason,
                    quote=item.quote if found else "",
                    evidence_missing=yes and not found,
                )
            )
        return tuple(made)

    checklist = Checklist(
        principles=ticks("P", "principles", said.principles, puzzle.physical_principles),
        steps=ticks("S", "steps", said.steps, puzzle.solution.steps),
        herrings=ticks("H", "herrings", said.herrings, puzzle.red_herrings),
        works=said.works.value,
        works_reason=said.works.reason,
        complete_alternative=said.complete_alternative.value,
        invented_items=said.invented_items,
        attempted=said.attempted.value,
        attempted_reason=said.attempted.reason,
    )
    if checklist.works == "undecided":
        raise _out_of_form("works must be yes, partly or no")
    missing = sum(t.evidence_missing for t in checklist.ticks)
    flags = (f"evidence not found for {missing} of {len(checklist.ticks)} items",) if missing else ()
    return Filled(marks(checklist, puzzle), checklist, said.feedback, flags)


def read_holistic(reply: str, puzzle: Puzzle, answer: str) -> Filled:
    """Three marks given directly, held to their ranges and steps."""
    said = find_json(reply)
    reasons = [f"{k.split('_')[0].upper()}: {said[k]}" for k in ("pus_reason", "sps_reason", "rhh_reason") if k in said]
    scores = gate(said.get("pus"), said.get("sps"), said.get("rhh"), puzzle)
    return Filled(scores, None, "\n".join([str(said.get("feedback", "")), *reasons]).strip(), ())


class _Form(NamedTuple):
    prompt: Callable[[Puzzle, str, str], Prompt]
    read: Callable[[str, Puzzle, str], Filled]


FORMS = {
    "checklist": _Form(prompts.checklist, read_checklist),
    "holistic": _Form(prompts.holistic, read_holistic),
}


class LLMJudge:
    """Asks a model to fill in a form; a reply out of form is asked for once more, then the answer is "not judged"."""

    def __init__(self, spec: JudgeSpec, model: Model) -> None:
        self.name = spec.name
        self._form = FORMS[spec.design]
        self._design = spec.design
        self._model = model

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """The verdict. Raises ModelError from the call, NotJudged after two replies out of form."""
        prompt = self._form.prompt(puzzle, answer_text, f"=={secrets.token_hex(8)}==")
        if not answer_text.strip():
            return _blank(self.name, prompt.label, puzzle)
        replies: list[Answer] = []
        fault = ""
        for _ in range(2):
            asked = prompts.again(prompt, replies[-1].text, fault) if replies else prompt
            try:
                replies.append(await self._model.complete(asked))
            except ModelError as error:  # what the first reply cost is not forgotten because the second failed
                spent = sum((r.cost_usd or 0.0) + r.doubtful_usd for r in replies)
                raise ModelError(
                    error.kind, error.message, error.retry_after_s, error.attempts, error.doubtful_usd + spent
                ) from None
            try:
                filled = self._form.read(replies[-1].text, puzzle, answer_text)
            except NotJudged as error:
                fault = str(error)
                if replies[-1].cut_off:
                    fault = f"it was cut off at its limit of {self._model.spec.max_tokens} tokens"
                continue
            return self._verdict(prompt, filled, replies, fault)
        cost, doubtful = total([r.cost_usd for r in replies]), sum(r.doubtful_usd for r in replies)
        raise NotJudged(
            f"the judge's reply was out of form twice: {fault}", cost, out_of_form=True, doubtful_usd=doubtful
        )

    def _verdict(self, prompt: Prompt, filled: Filled, replies: Sequence[Answer], fault: str) -> Verdict:
        return Verdict(
            judge=self.name,
            prompt=prompt.label,
            model=replies[-1].model,
            scores=filled.scores,
            checklist=filled.checklist,
            feedback=filled.feedback,
            flags=filled.flags + ((f"asked twice: {fault}",) if fault else ()),
            raw=replies[-1].text,
            input_tokens=sum(r.input_tokens or 0 for r in replies),
            output_tokens=sum(r.output_tokens or 0 for r in replies),
            cost_usd=total([r.cost_usd for r in replies]),
            doubtful_usd=sum(r.doubtful_usd for r in replies),
            calls=sum(r.attempts for r in replies),
            latency_s=sum(r.latency_s for r in replies),
        )


def _blank(judge: str, label: str, puzzle: Puzzle) -> Verdict:
    """An empty answer needs no judge: nobody is asked, and nothing is paid."""

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
        judge=judge, prompt=label, scores=marks(checklist, puzzle), checklist=checklist, feedback="The answer is empty."
    )
