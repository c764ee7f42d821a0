"""JUDGES: one table. A judge is one file in this folder and its entry here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from escape.errors import SpecError
from escape.schema import Judge, JudgeSpec, Model, ModelSpec, Puzzle

ModelFor = Callable[[ModelSpec], Model]


SENTENCE = (
    "This judge works offline by comparing words: it sees which principles, steps and herrings an answer talks about, "
    "but not whether a plan would work, so do not rank players by its Solution Path."
)


@dataclass(frozen=True)
class Design:
    """A way of judging: what it is called, what it does, and how it is made."""

    name: str
    label: str
    explanation: str
    asks_model: bool
    make: Callable[[JudgeSpec, ModelFor, Sequence[Puzzle]], Judge]


def _rubric(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    from escape.judges.rubric import Rubric  # its lexicon takes a while to read, and LLM judges do without

    return Rubric(puzzles)


def _llm(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    if spec.model is None:
        raise SpecError(f"the {spec.design} judge needs a model; name one as PROVIDER:MODEL")
    from escape.judges.llm import LLMJudge

    return LLMJudge(spec, model_for(spec.model))


def _panel(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    if len(spec.members) < 2:
        raise SpecError("a panel needs two or three judges; choose another member")
    from escape.judges.panel import Panel

    return Panel(spec.name, [build(m, model_for, puzzles) for m in spec.members])


JUDGES: dict[str, Design] = {
    d.name: d
    for d in (
        Design("rubric", "Rubric (offline)", SENTENCE, False, _rubric),
        Design(
            "checklist",
            "Checklist",
            "A model ticks each principle, step and herring with a quote; our code "
            "checks the quotes and computes the marks.",
            True,
            _llm,
        ),
        Design(
            "holistic",
            "Holistic",
            "A model gives the three marks directly, as the published judge did, within their ranges and steps.",
            True,
            _llm,
        ),
        Design(
            "panel", "Panel", "Two or three judges: each item by majority; where they differ is shown.", True, _panel
        ),
    )
}


def build(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    """The judge behind a spec. `model_for` gives the model to ask; `puzzles` is the set that is judged."""
    if spec.design not in JUDGES:
        raise SpecError(f"{spec.design!r} is no judge; choose one of {', '.join(JUDGES)}")
    return JUDGES[spec.design].make(spec, model_for, puzzles)
