"""JUDGES: one table. A judge is one file in this folder and its entry here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from escape.errors import SpecError
from escape.schema import Judge, JudgeSpec, Model, ModelSpec, Puzzle

ModelFor = Callable[[ModelSpec], Model]
JUDGE_TOKENS = 8192  # how long a judge's reply may be: a checklist with its reasons, and thinking before it


@dataclass(frozen=True)
class Design:
    """A way of judging: what it is called, what it does, and how it is made.

    `asks_model`: it needs a model; `joint`: it joins several judges; `by_words`: it cannot tell whether a plan works,
    and its marks only indicate which ideas are spoken of, so that nobody is ranked by them; `worth`: what they were
    measured to be worth, in a sentence.
    """

    name: str
    label: str
    explanation: str
    make: Callable[[JudgeSpec, ModelFor, Sequence[Puzzle]], Judge]
    asks_model: bool = True
    joint: bool = False
    by_words: bool = False
    worth: str = ""


def _rubric(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    from escape.judges.ideas import Rubric  # its lexicon takes a while to read, and LLM judges do without

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


WORTH = (
    "On 978 answers to 50 puzzles, each marked by two readers, its kappa with them is 0.61 for Physical "
    "Understanding and 0.66 for Solution Path. Most of that comes from recognising texts that are no attempt; "
    "among attempts it says little. It sees which ideas an answer mentions, not whether they are right."
)
DESIGNS = (
    Design(
        "rubric",
        "Rubric (offline)",
        "This judge works offline by comparing words. It sees which principles, steps and red herrings an answer "
        "mentions, not whether they are right or the plan would work, so its marks rank nobody.",
        _rubric,
        asks_model=False,
        by_words=True,
        worth=WORTH,
    ),
    Design(
        "checklist",
        "Checklist",
        "A model ticks each principle, step and herring with a quote; our code checks the quotes and computes the "
        "marks.",
        _llm,
    ),
    Design(
        "holistic",
        "Holistic",
        "A model gives the three marks directly, as the published judge did, within their ranges and steps.",
        _llm,
    ),
    Design(
        "panel",
        "Panel",
        "Two or three judges vote: each item counts by its share of votes, and you see where they differ.",
        _panel,
        joint=True,
    ),
)
JUDGES: dict[str, Design] = {d.name: d for d in DESIGNS}


def by_words(judge: str) -> bool:
    """True for a judge whose marks only indicate which ideas are spoken of, by its name on a verdict."""
    return judge in JUDGES and JUDGES[judge].by_words


def build(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    """The judge behind a spec. `model_for` gives the model to ask; `puzzles` is the set that is judged."""
    if spec.design not in JUDGES:
        raise SpecError(f"{spec.design!r} is not a judge; choose one of {', '.join(JUDGES)}")
    return JUDGES[spec.design].make(spec, model_for, puzzles)
