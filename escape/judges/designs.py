"""JUDGES, the table of judges, and the room as a judge.

A judge is one file in this folder, its entry here, and a line in `build`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from escape.judges.annotators import Annotators
from escape.judges.llm import LLMJudge
from escape.metrics import room_marks
from escape.puzzles import RECORDED, is_told
from escape.rooms import plans
from escape.types import Judge, JudgeSpec, Model, ModelSpec, NotJudged, Outcome, Puzzle, SpecError, Verdict

NAME, VERSION = "room", "room/1"
NO_MOVES = "no moves to carry out; choose a model as the judge"


class RoomJudge:
    """The judge that marks an answer by the outcome of its moves."""

    name = NAME
    no_moves = NO_MOVES

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """Carry out an answer's moves and mark the outcome. Raises NotJudged without a room or moves."""
        return self.verdict(puzzle, plans.outcome(puzzle, answer_text))

    def verdict(self, puzzle: Puzzle, outcome: Outcome | None) -> Verdict:
        """Mark the outcome of moves already carried out. Raises NotJudged if it is None."""
        if outcome is None:
            raise NotJudged(NO_MOVES)
        return Verdict(judge=self.name, prompt=VERSION, model=self.name, scores=room_marks(outcome, puzzle))


def is_markable(judge: JudgeSpec, puzzle: Puzzle, player: str) -> bool:
    """Check whether a judge should mark a player's answer: not if the room alone decides.

    Told rooms test only the form of moves, and recorded answers are sent to no model; the room alone decides
    both.
    """
    if judge.design == NAME or is_told(puzzle):
        return False
    return judge.model is None or not player.startswith(f"{RECORDED}:")


ModelFor = Callable[[ModelSpec], Model]
JUDGE_TOKENS = 8192  # how long a judge's reply may be: a checklist with its reasons, and thinking before it


@dataclass(frozen=True)
class Design:
    """A kind of judge, and how it is presented.

    `asks_model`: it needs a model. `worth`: how reliable its marks are, as measured, in a sentence.
    `precomputed`: who made its marks, if they exist only for known answers.
    """

    name: str
    label: str
    explanation: str
    asks_model: bool = True
    worth: str = ""
    precomputed: str = ""


READERS_WORTH = (
    "On the 90 demo answers the two annotators agree almost perfectly on Physical Understanding and on "
    "Solution Path (kappa 0.98, where 1 is full agreement and 0 is chance). They are language models of the "
    "same kind, so this overstates how sure the marks are. They gave no quotes: code found the highlighted "
    "words."
)
DESIGNS = (
    Design(
        "room",
        "The room (facts, no model)",
        "Code carries the moves out: out or not, how far, which red herrings they touch. Nobody marks the "
        "explanation.",
        asks_model=False,
        worth="Facts: what the moves lead to. It says nothing about the explanation.",
    ),
    Design(
        "checklist",
        "By checklist",
        "A model ticks each principle, step and herring with a quote; our code checks the quotes and "
        "computes the marks.",
    ),
    Design(
        "holistic",
        "One mark at a glance",
        "A model gives the three marks directly, as the published judge did, within their ranges and steps.",
    ),
    Design(
        "readers",
        "Annotators (kept marks)",
        "Marks kept for the demo and the recorded players' answers, and no others: two language models read "
        "each answer blind and filled in the checklist.",
        asks_model=False,
        worth=READERS_WORTH,
        precomputed="Marks: two language models, blind.",
    ),
)
JUDGES: dict[str, Design] = {d.name: d for d in DESIGNS}


def precomputed(judges: Collection[str]) -> Design | None:
    """Find the design whose stored marks these are, by the judges' names on verdicts.

    None if any of the judges is not one with stored marks.
    """
    stored = {name: JUDGES[name] for name in judges if name in JUDGES and JUDGES[name].precomputed}
    return next(iter(stored.values())) if stored and len(stored) == len(judges) else None


def build(spec: JudgeSpec, model_for: ModelFor) -> Judge:
    """Build the judge that a spec names. `model_for` gives the model to ask. Raises SpecError."""
    if spec.design not in JUDGES:
        raise SpecError(f"{spec.design!r} is not a judge; choose one of {', '.join(JUDGES)}")
    if spec.design == "room":
        return RoomJudge()
    if spec.design == "readers":
        return Annotators(spec.name)
    if spec.model is None:
        raise SpecError(f"the {spec.design} judge needs a model; name one as PROVIDER:MODEL")
    return LLMJudge(spec, model_for(spec.model))
