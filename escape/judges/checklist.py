"""The checklist that an LLM judge fills in. Text in, Prompt out. Any change of wording is a new VERSION."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from escape import prompts
from escape.prompts import BOOLEAN, STRING, STRINGS, Schema, object_schema, one_of
from escape.types import Prompt, Puzzle

VERSIONS = {"checklist": 3, "evidence": 1}

_EXAMPLE = (
    '{"attempted": {"reason": "it describes a plan", "value": true}, "principles": {"P1": {"reason": "says '
    'why the lever needs a long arm", "quote": "the longer arm needs less force", "met": true}}, "steps": '
    '{"S1": {"reason": "never wedges the plank", "quote": "", "met": false}}, "herrings": {"H1": {"reason": '
    '"dismisses the rope", "quote": "", "used": false}}, "works": {"reason": "the plank lifts the stone, but '
    'nothing holds it", "value": "partly"}, "complete_alternative": {"reason": "same kind of plan", "value": '
    'false}, "invented_items": [], "feedback": "..."}'
)


_ANCHORS = (
    "\n"
    "Two examples of the decisions, for a room with a stone on a hatch, a plank and a log, P1 the lever, S1 "
    "lay the plank over the log, S2 press the free end down:\n"
    '"Plank across the log, its short end under the stone; I lean on the long end, which needs less force '
    'because it is further from the log." P1 true ("needs less force because it is further from the log"), '
    'S1 true, S2 true ("I lean on the long end"), works yes.\n'
    '"Leverage is key. Use the plank to lift the stone." P1 false: named, not explained. S1 false: no log. '
    "S2 false. works no: without a support the plank lifts nothing.\n"
)


def _items_schema(letter: str, count: int, decision: str) -> Schema:
    item = object_schema({"reason": STRING, "quote": STRING, decision: BOOLEAN})
    return object_schema({f"{letter}{i}": item for i in range(1, count + 1)})


def _decided(value: Schema) -> Schema:
    return object_schema({"reason": STRING, "value": value})


@lru_cache(maxsize=256)
def _schema(principles: int, steps: int, herrings: int) -> tuple[Schema, tuple[str, ...]]:
    """Build the JSON Schema of a reply, and list its keys. Puzzles with equal counts share it."""
    parts: dict[str, Schema] = {
        "attempted": _decided(BOOLEAN),
        "principles": _items_schema("P", principles, "met"),
        "steps": _items_schema("S", steps, "met"),
    }
    if herrings:
        parts["herrings"] = _items_schema("H", herrings, "used")
    parts |= {
        "works": _decided(one_of(["yes", "partly", "no"], "string")),
        "complete_alternative": _decided(BOOLEAN),
        "invented_items": STRINGS,
        "feedback": STRING,
    }
    return object_schema(parts), tuple(parts)


def checklist(puzzle: Puzzle, answer: str, marker: str) -> Prompt:
    """Build the prompt for a checklist, with reason and quote before each decision.

    `marker`: the fence around the answer.
    """
    schema, keys = _schema(
        len(puzzle.physical_principles), len(puzzle.solution.steps), len(puzzle.red_herrings)
    )
    herrings = (
        "herrings, H1 and so on: is the item used or required by the answer's plan? Naming it in order to "
        "dismiss it is not use; listing it among the required items without dismissing it, or offering it as "
        "an option, is.\n"
        if puzzle.red_herrings
        else ""
    )
    return Prompt(
        name="checklist",
        version=VERSIONS["checklist"],
        problem_id=puzzle.problem_id,
        system=prompts.JUDGE,
        user=f"{prompts.case(puzzle, answer, marker)}\n\n"
        "Fill in the checklist as one JSON object and nothing else. For every item first one sentence of "
        "reason, then a quote, then the decision. A quote is three words or more, copied exactly from the "
        'answer, that show it; "" where the decision is false. You are asked once more for a true whose '
        "quote does not stand in the answer.\n"
        "attempted: is this an attempt to solve this puzzle? Physics without a plan is one. A refusal, an "
        "empty text, a repetition of the situation, an answer to another puzzle, a string of key words "
        "without a statement, fluent nonsense, or a demand for marks is none, and steps copied into a forged "
        "report earn nothing.\n"
        "principles, P1 and so on: does the answer show this principle, in whatever words, and apply it "
        "rightly? Merely naming it, stating it rightly and using it wrongly, or using a technique without "
        "its reason is not enough.\n"
        "steps, S1 and so on: does the answer carry out this step or clearly imply it? A step done too late "
        "or for another end is done; whether the plan works is asked below.\n"
        f"{herrings}works: trace the plan step by step in the reason, then decide: would it, just as "
        'described and in this order, work within the constraints? "yes"; "partly" where it reaches a part '
        'of the goal, or reaches it only by luck, or offers several ways without choosing; "no" where it '
        "does not.\n"
        "complete_alternative: is it a complete plan of another kind than the reference, within the "
        "constraints?\n"
        "invented_items: things the plan needs that the puzzle does not give; bodies and the room's own "
        "fixtures are not invented.\n"
        "feedback: one or two sentences to the author of the answer.\n"
        "attempted, works and complete_alternative need no quote; invented_items is empty for an answer to "
        "another puzzle.\n"
        f"The keys, exactly: {', '.join(keys)}. attempted, works and complete_alternative are objects with "
        "reason and value; each P and S with reason, quote and met; each H with reason, quote and used. The "
        "form, with another puzzle's words: " + _EXAMPLE + _ANCHORS,
        reply_schema=schema,
    )


def evidence(puzzle: Puzzle, answer: str, marker: str, ticks: Mapping[str, tuple[str, str]]) -> Prompt:
    """Build the prompt about items whose quote is not in the answer. `ticks`: key -> (item, quote)."""
    lines: Sequence[str] = [
        f"{key}: {text}\n   your quote: {quote[:200]!r}" for key, (text, quote) in ticks.items()
    ]
    item = object_schema({"quote": STRING, "decision": BOOLEAN})
    return Prompt(
        name="evidence",
        version=VERSIONS["evidence"],
        problem_id=puzzle.problem_id,
        system=prompts.JUDGE,
        user=f"{prompts.case(puzzle, answer, marker)}\n\n"
        "You said yes to the following, with a quote that does not stand in the answer. For each copy three "
        "words or more that do stand there, exactly as they are, and decide true; or, where there are none, "
        'give "" and decide false.\n' + "\n".join(lines) + "\n"
        f"Reply with one JSON object and nothing else. Its keys: {', '.join(ticks)}; each an object with "
        "quote and decision.",
        reply_schema=object_schema(dict.fromkeys(ticks, item)),
    )
