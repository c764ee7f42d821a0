"""Replies of LLM judges: JSON extracted from prose, validated, its quotes looked up in the answer.

Makes no calls.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from escape import prompts
from escape.intake import MAX_DEPTH, exceeds_depth, first_fault, replace_lone_surrogates
from escape.metrics import validated_scores
from escape.types import Checklist, MediumText, NotJudged, Puzzle, Scores, Tick

# words: "the" is no evidence, nor is "the water"; a whole line or sentence of the answer may be shorter
SHORTEST = 3
_LISTED = re.compile(r"(?m)^[ \t>#*_+•-]{0,20}(?:\(?(?:\d{1,3}|[a-zA-Z])[.)][ \t]+)?")
_NAMES = (
    "alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi omega Delta Sigma Phi"
)
_GREEK = dict(zip(_NAMES.split(), "αβγδεηθκλμνπρστφωΔΣΦ", strict=True))
_COMMAND = re.compile(r"\\([A-Za-z]{1,20})")
# letters of scripts that put no spaces between words: each counts as a word
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_WORD = re.compile(r"[^\W_]+|[<>=≤≥±]")
_APOSTROPHE = re.compile(r"(?<=\w)['’`](?=\w)")


def _normalized(text: str) -> str:
    """Reduce text to words and relation signs; fold case, forms, Markdown, LaTeX and list marks."""
    plain = _LISTED.sub("", unicodedata.normalize("NFKC", text))
    plain = _COMMAND.sub(lambda m: _GREEK.get(m[1], " "), plain)
    plain = _UNSPACED.sub(r" \1 ", plain)
    return " ".join(_WORD.findall(_APOSTROPHE.sub("", plain).replace("‹", "<").replace("›", ">").casefold()))


@lru_cache(maxsize=64)  # one answer is searched once for each item of its checklist
def _normalized_pieces(answer: str) -> tuple[str, frozenset[str]]:
    pieces = re.split(r"[\n.!?;:,]+", answer)
    return f" {_normalized(answer)} ", frozenset(map(_normalized, pieces))


def is_quoted_from(quote: str, answer: str) -> bool:
    """Check whether a quote consists of words of the answer, piece by piece around an ellipsis.

    One shorter than SHORTEST words must be a whole line or clause of the answer.
    """
    spoken, full = _normalized_pieces(answer)
    pieces = [p for piece in re.split(r"\.{3,}|…|\[\.*\]", quote) if (p := _normalized(piece))]
    if sum(len(p.split()) for p in pieces) < SHORTEST and not (
        pieces and pieces[0] in full and len(pieces[0]) >= 3
    ):
        return False
    position = 0
    for piece in pieces:
        start = spoken.find(f" {piece} ", position)
        if start < 0:
            return False
        position = start + len(piece) + 1
    return True


class _ReplyPart(BaseModel):
    """Part of a reply. Fields that a judge adds on its own are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _JudgedItem(_ReplyPart):
    reason: MediumText = ""
    quote: MediumText
    met: bool | None = None
    used: bool | None = None


class _YesNo(_ReplyPart):
    reason: MediumText = ""
    value: bool


class _Feasible(_ReplyPart):
    reason: MediumText = ""
    value: Literal["yes", "partly", "no"]


class _Checklist(_ReplyPart):
    attempted: _YesNo
    principles: dict[str, _JudgedItem]
    steps: dict[str, _JudgedItem]
    herrings: dict[str, _JudgedItem] = Field(default_factory=dict)
    works: _Feasible
    complete_alternative: _YesNo
    invented_items: tuple[MediumText, ...] = Field((), max_length=200)
    feedback: MediumText = ""


class Filled(NamedTuple):
    """A reply that has passed every check. `scores`: given directly. None if computed from a checklist."""

    scores: Scores | None
    checklist: Checklist | None
    feedback: str


def find_json(text: str) -> Mapping[str, JsonValue]:
    """Find the last of the largest JSON objects in a text. Raises NotJudged."""
    text = replace_lone_surrogates(text[:MAX_REPLY_LENGTH])
    if exceeds_depth(text.encode("utf-8", "replace"), MAX_DEPTH):
        raise _malformed("it is nested too deeply")
    decoder, best, position = json.JSONDecoder(), None, text.find("{")
    for _ in range(MAX_BRACES):
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
        raise _malformed("there was no JSON object in it")
    return best


MAX_REPLY_LENGTH = 200_000  # characters: 8,192 tokens are about 40,000
MAX_BRACES = 200  # places where an object may start: each failed attempt reads to the end of the text


def _malformed(why: str) -> NotJudged:
    return NotJudged(why, malformed=True)


def read_checklist(reply: str, puzzle: Puzzle, answer: str) -> Filled:
    """Parse and validate a checklist reply. A yes whose quote is not in the answer lacks evidence."""
    try:
        reply_items = _Checklist.model_validate(find_json(reply))
    except ValidationError as error:
        raise _malformed(first_fault(error)) from None

    def ticks(letter: str, texts: Sequence[str]) -> tuple[Tick, ...]:
        name, decision = PARTS[letter], "used" if letter == "H" else "met"
        items: Mapping[str, _JudgedItem] = getattr(reply_items, name)
        texts_by_key = {f"{letter}{i}": text for i, text in enumerate(texts, 1)}
        if not items.keys() >= texts_by_key.keys():
            raise _malformed(f"{name} must have the keys {', '.join(texts_by_key)}")
        for key in texts_by_key:
            if getattr(items[key], decision) is None:
                raise _malformed(f"{name}.{key} must have {decision}, true or false")
        return tuple(
            _build_tick(text, items[key], yes=getattr(items[key], decision), answer=answer)
            for key, text in texts_by_key.items()
        )

    checklist = Checklist(
        principles=ticks("P", puzzle.physical_principles),
        steps=ticks("S", puzzle.solution.steps),
        herrings=ticks("H", puzzle.red_herrings),
        works=reply_items.works.value,
        works_reason=reply_items.works.reason,
        complete_alternative=reply_items.complete_alternative.value,
        invented_items=reply_items.invented_items,
        attempted=reply_items.attempted.value,
        attempted_reason=reply_items.attempted.reason,
    )
    return Filled(None, checklist, reply_items.feedback)


def _build_tick(text: str, item: _JudgedItem, *, yes: bool, answer: str) -> Tick:
    """Build one tick. A yes whose quote is not in the answer lacks evidence; the quote is kept.

    Such a tick is asked about again, and counts neither way.
    """
    is_met = yes and (
        is_quoted_from(item.quote, answer) or is_quoted_from(item.quote, prompts.neutralize(answer, ""))
    )
    quote = item.quote if yes else ""
    return Tick(text=text, met=is_met, reason=item.reason, quote=quote, evidence_missing=yes and not is_met)


PARTS = {"P": "principles", "S": "steps", "H": "herrings"}  # how a judge's keys begin


def without_evidence(items: Checklist) -> dict[str, Tick]:
    """Collect the ticks whose quote is not in the answer, by the judge's keys for them."""
    every = ((f"{key}{i}", t) for key, part in PARTS.items() for i, t in enumerate(getattr(items, part), 1))
    return {key: tick for key, tick in every if tick.evidence_missing}


class _Second(_ReplyPart):
    quote: MediumText = ""
    decision: bool


def second_look(reply: str, items: Checklist, answer: str) -> Checklist:
    """Update a checklist by the reply to `checklist.evidence`. Items without evidence stay open."""
    try:
        replies = find_json(reply)
    except NotJudged:
        replies = {}
    parts = {part: list(getattr(items, part)) for part in PARTS.values()}
    for key, tick in without_evidence(items).items():
        try:
            again = _Second.model_validate(replies.get(key))
        except ValidationError:
            again = _Second(quote="", decision=True)
        item = _JudgedItem(reason=tick.reason, quote=again.quote)
        second_tick = _build_tick(tick.text, item, yes=again.decision, answer=answer)
        looked = second_tick.model_copy(update={"quote": ""}) if second_tick.evidence_missing else second_tick
        parts[PARTS[key[0]]][int(key[1:]) - 1] = looked
    return items.model_copy(update={part: tuple(ticks) for part, ticks in parts.items()})


def read_holistic(reply: str, puzzle: Puzzle, answer: str) -> Filled:
    """Read three marks given directly, checked against their ranges and steps. Raises NotJudged."""
    fields = find_json(reply)
    reasons = [
        f"{k.split('_')[0].upper()}: {fields[k]}"
        for k in ("pus_reason", "sps_reason", "rhh_reason")
        if k in fields
    ]
    scores = validated_scores(fields.get("pus"), fields.get("sps"), fields.get("rhh"), puzzle)
    return Filled(scores, None, "\n".join([str(fields.get("feedback", "")), *reasons]).strip())
