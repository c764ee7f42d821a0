"""JUDGES: one table. A judge is one file in this folder, its entry here, and a line in `build`."""

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
    """Marks an answer by what came of its moves."""

    name = NAME
    no_moves = NO_MOVES

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        """Return the verdict on an answer's moves. Raises NotJudged without a room or moves."""
        return self.verdict(puzzle, plans.outcome(puzzle, answer_text))

    def verdict(self, puzzle: Puzzle, outcome: Outcome | None) -> Verdict:
        """The same, of moves that were carried out already. Raises NotJudged where none were."""
        if outcome is None:
            raise NotJudged(NO_MOVES)
        return Verdict(judge=self.name, prompt=VERSION, model=self.name, scores=room_marks(outcome, puzzle))


def is_markable(judge: JudgeSpec, puzzle: Puzzle, player: str) -> bool:
    """Return whether a judge is to mark a player's answer to a puzzle: not where the room alone decides.

    Told rooms test the form, and recorded answers are sent to nobody; both have only the room's word.
    """
    if judge.design == NAME or is_told(puzzle):
        return False
    return judge.model is None or not player.startswith(f"{RECORDED}:")


ModelFor = Callable[[ModelSpec], Model]
JUDGE_TOKENS = 8192  # how long a judge's reply may be: a checklist with its reasons, and thinking before it


@dataclass(frozen=True)
class Design:
    """A way of judging: what it is called and what it does.

    `asks_model`: it needs a model. `worth`: what its marks are worth, as measured, in a sentence.
    `precomputed`: whose marks they are, if they are kept for known answers and none are made for others.
    """

    name: str
    label: str
    explanation: str
    asks_model: bool = True
    worth: str = ""
    precomputed: str = ""


READERS_WORTH = (
    "On the 90 demo answers the two annotators agree almost perfectly on Physical Understanding and on "
    "Solution Path "
    "(kappa 0.98, where 1 is full agreement and 0 is chance). They are language models of the same kind, so "
    "this "
    "overstates how sure the marks are. They gave no quotes: code found the highlighted words."
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
        "computes the "
        "marks.",
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
        "each "
        "answer blind and filled in the checklist.",
        asks_model=False,
        worth=READERS_WORTH,
        precomputed="Marks: two language models, blind.",
    ),
)
JUDGES: dict[str, Design] = {d.name: d for d in DESIGNS}


def precomputed(judges: Collection[str]) -> Design | None:
    """Return the design whose stored marks these are, by the judges' names on verdicts. None if any was
    made.
    """
    stored = {name: JUDGES[name] for name in judges if name in JUDGES and JUDGES[name].precomputed}
    return next(iter(stored.values())) if stored and len(stored) == len(judges) else None


def build(spec: JudgeSpec, model_for: ModelFor) -> Judge:
    """Return the judge behind a spec. `model_for` gives the model to ask."""
    if spec.design not in JUDGES:
        raise SpecError(f"{spec.design!r} is not a judge; choose one of {', '.join(JUDGES)}")
    if spec.design == "room":
        return RoomJudge()
    if spec.design == "readers":
        return Annotators(spec.name)
    if spec.model is None:
        raise SpecError(f"the {spec.design} judge needs a model; name one as PROVIDER:MODEL")
    return LLMJudge(spec, model_for(spec.model))
