"""JUDGES: one table. A judge is one file in this folder and its entry here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from escape.types import Judge, JudgeSpec, Model, ModelSpec, Puzzle, SpecError

ModelFor = Callable[[ModelSpec], Model]
JUDGE_TOKENS = 8192  # how long a judge's reply may be: a checklist with its reasons, and thinking before it


@dataclass(frozen=True)
class Design:
    """A way of judging: what it is called, what it does, and how it is made.

    `asks_model`: it needs a model; `joint`: it joins several judges; `by_words`: it cannot tell whether a plan works,
    and its marks only indicate which ideas are spoken of, so that nobody is ranked by them; `worth`: what they were
    measured to be worth, in a sentence; `kept`: whose marks they are, if they are kept for known answers and none are
    made for others.
    """

    name: str
    label: str
    explanation: str
    make: Callable[[JudgeSpec, ModelFor, Sequence[Puzzle]], Judge]
    asks_model: bool = True
    joint: bool = False
    by_words: bool = False
    worth: str = ""
    kept: str = ""


def _room(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    from escape.judges.by_room import RoomJudge

    return RoomJudge()


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
    for member in spec.members:
        if member.design in JUDGES and not JUDGES[member.design].asks_model:
            raise SpecError(f"{member.design} asks no model, so it cannot vote in a panel; choose another member")
    from escape.judges.panel import Panel

    return Panel(spec.name, [build(m, model_for, puzzles) for m in spec.members])


def _readers(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    from escape.judges.readers import readers

    return readers(spec.name)


WORTH = (
    "On 254 answers that nothing was chosen on, each marked by two readers (language models), its kappa with them is "
    "0.56 (0.47 to 0.65) for Physical Understanding and 0.52 (0.46 to 0.57) for Solution Path; among attempts alone it "
    "is 0.39 and 0.30. One mark for every attempt does better (0.59 and 0.56). It sees which ideas an answer mentions, "
    "not whether they are right, and is easily fooled."
)
READERS_WORTH = (
    "Over the 90 demo answers the two readers agree with a kappa of 0.98 on Physical Understanding and on "
    "Solution Path. They are readers of one kind, so this overstates how sure the marks are. They gave no quotes: the "
    "words pointed at are those that the offline judge found."
)
DESIGNS = (
    Design(
        "room",
        "The room (facts, no model)",
        "Code carries the moves out: out or not, how far, which red herrings they touch. Nobody marks the explanation.",
        _room,
        asks_model=False,
        worth="Facts: what the moves lead to. It says nothing about the explanation.",
    ),
    Design(
        "rubric",
        "Rubric (offline)",
        "This judge works offline by comparing words. It sees which principles, steps and red herrings an answer "
        "mentions, not whether they are right or the plan would work. It is easily fooled, so its marks rank nobody.",
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
    Design(
        "readers",
        "Readers (kept marks)",
        "Marks kept for the demo and the recorded players' answers, and no others: two language models read each "
        "answer blind and filled in the checklist. They count like the votes of a panel.",
        _readers,
        asks_model=False,
        worth=READERS_WORTH,
        kept="Marks: two language models, blind.",
    ),
)
JUDGES: dict[str, Design] = {d.name: d for d in DESIGNS}


def by_words(judge: str) -> bool:
    """True for a judge whose marks only indicate which ideas are spoken of, by its name on a verdict."""
    return judge in JUDGES and JUDGES[judge].by_words


def called(rater: str) -> str:
    """A rater's name beside its marks, which says so where they are by words."""
    return f"{rater}, by words" if by_words(rater) else rater


def kept(judges: Collection[str]) -> Design | None:
    """The design whose kept marks these judges' marks all are, by their names on verdicts; None if any was made."""
    known = {name: JUDGES[name] for name in judges if name in JUDGES and JUDGES[name].kept}
    return next(iter(known.values())) if known and len(known) == len(judges) else None


def offline(judges: Collection[str]) -> bool:
    """True if no model was asked for any of these judges' marks while they were given."""
    return all(name in JUDGES and not JUDGES[name].asks_model for name in judges)


def build(spec: JudgeSpec, model_for: ModelFor, puzzles: Sequence[Puzzle]) -> Judge:
    """The judge behind a spec. `model_for` gives the model to ask; `puzzles` is the set that is judged."""
    if spec.design not in JUDGES:
        raise SpecError(f"{spec.design!r} is not a judge; choose one of {', '.join(JUDGES)}")
    return JUDGES[spec.design].make(spec, model_for, puzzles)
