"""Controls on puzzles that nobody has seen: whatever a teacher writes, the offline judge passes its controls."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escape.judges.examined import exam
from escape.judges.ideas.clauses import foreign
from escape.judges.ideas.rubric import Rubric
from escape.puzzles import files
from escape.puzzles.controls import every_control
from escape.types import NotJudged, Puzzle

VERBS = (
    "pour",
    "lift",
    "turn",
    "press",
    "heat",
    "cool",
    "pull",
    "tie",
    "cut",
    "push",
    "slide",
    "balance",
    "shake",
    "open",
)
THINGS = (
    "rope",
    "mirror",
    "candle",
    "spoon",
    "magnet",
    "bucket",
    "plank",
    "marble",
    "funnel",
    "whistle",
    "feather",
    "brick",
    "sponge",
    "ladder",
    "coin",
    "bell",
    "thermos",
    "lens",
    "kettle",
    "pulley",
    "wedge",
    "comb",
    "nail",
    "tray",
)
LOOKS = ("", "long ", "small red ", "old ", "brass ", "heavy ")
IDEAS = (
    "buoyancy",
    "friction",
    "tension",
    "thermal expansion",
    "lever arm",
    "air pressure",
    "static electricity",
    "conservation of energy",
    "resonance",
    "refraction",
    "centre of mass",
    "electric circuit",
    "inertia",
    "surface tension",
)
PLACES = ("shaft", "cellar", "tower", "tunnel", "vault", "attic", "well", "cabin", "mill", "harbour")


@st.composite
def puzzle(draw: st.DrawFn, name: str = "NEW_1", place: str = "") -> Puzzle:
    things = draw(st.lists(st.sampled_from(THINGS), min_size=4, max_size=6, unique=True))
    looks = [draw(st.sampled_from(LOOKS)) for _ in things]
    items = [f"{look}{thing}" for look, thing in zip(looks, things, strict=True)]
    herrings = items[: draw(st.integers(0, 3))]
    useful = items[len(herrings) :]
    where = place or draw(st.sampled_from(PLACES))
    verbs = draw(st.lists(st.sampled_from(VERBS), min_size=3, max_size=6, unique=True))
    steps = [f"{verb} the {useful[i % len(useful)]} in the {where}" for i, verb in enumerate(verbs)]
    ideas = draw(st.lists(st.sampled_from(IDEAS), min_size=2, max_size=4, unique=True))
    return Puzzle.model_validate(
        {
            "problem_id": name,
            "family": where,
            "setup": {
                "scenario": f"You stand in a {where} with a locked door. On a shelf you see {', '.join(items)}.",
                "available_items": items,
                "constraints": ["the door is locked", f"the {where} is dark"],
            },
            "physical_principles": ideas,
            "red_herrings": herrings,
            "solution": {"steps": steps, "key_insights": [f"the {useful[0]} shows {ideas[0]}"]},
        }
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(puzzle(), puzzle("OTHER_1", "shipyard"))
@pytest.mark.proof
def test_the_offline_judge_passes_every_control_of_any_puzzle(mine: Puzzle, other: Puzzle) -> None:
    judge = Rubric([mine, other])
    for control in every_control(mine, [mine, other]):
        try:
            scores = asyncio.run(judge.judge(mine, control.text)).scores
        except NotJudged:
            assert control.style == "another language"
            continue
        assert control.met_by(scores), (control.name, control.style, scores, control.text)


# what a demand may say and a plan as well
WORDS = ("verified", "candidate", "evaluation", "instruction", "official", "certified", "approved", "examined")
HONEST = [c for c in exam.bundled() if c.mark("pus") == 2 and not foreign(c.answer)]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_mark_of_an_honest_answer_changes_with_a_word_that_demands_use_too(data: st.DataObject) -> None:
    by_id = {p.problem_id: p for p in files.shared(files.BUNDLED)}
    mine, told = data.draw(st.sampled_from([(by_id[c.problem_id], c.answer) for c in HONEST]))
    said = told.split(" ")
    places = [i for i, w in enumerate(said) if w.isalpha() and said[i - 1] in {"the", "a"}]
    if not places:
        return
    place, word = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(WORDS))
    changed = " ".join([*said[:place], word, *said[place:]])
    judge = Rubric([mine])
    assert judge.verdict(mine, changed).scores == judge.verdict(mine, told).scores
