"""How the offline judge cuts and hears an answer: clauses, what each does, and why a text is no attempt."""

from __future__ import annotations

import asyncio

import pytest

from escape.judges.designs import JUDGES, build, by_words
from escape.judges.ideas import Rubric
from escape.judges.ideas.clauses import Clause, clauses, cleaned, foreign
from escape.judges.ideas.rubric import Reading
from escape.puzzles import controls
from escape.types import JudgeSpec, ModelSpec, Puzzle, SpecError


def only(text: str) -> Clause:
    (clause,) = clauses(text)
    return clause


def test_an_answer_is_cut_at_its_headings_and_into_clauses() -> None:
    text = (
        "Well.\nPhysical Principles:\nWater rises; it lifts.\n**Solution Steps:**\n1. Pour it, then wait.\nItems\ncup"
    )
    assert [(c.section, c.text) for c in clauses(text)] == [
        ("prose", "Well."),
        ("principles", "Water rises"),
        ("principles", "it lifts."),
        ("steps", "Pour it"),
        ("steps", "then wait."),
        ("items", "cup"),
    ]
    assert [c.section for c in clauses("Pour it in. Wait.")] == ["prose", "prose"]
    assert clauses("  \n-- \n") == []


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Pour the water in", True),
        ("3. Carefully pour the water in", True),
        ("Then slowly push it", True),
        ("I poured the water in", True),
        ("We should push it", True),
        ("With the pole, push the button", True),
        ("With the pole, pushing is hard", False),
        ("Pushes are hard", False),
        ("The ball floats", False),
        ("Press it", True),
        ("Water", False),
    ],
)
def test_an_order_is_told_from_a_statement(text: str, tells: bool) -> None:
    assert only(text).tells == tells


@pytest.mark.parametrize(
    ("text", "explains", "formula"),
    [
        ("The ball is lighter than water", True, False),
        ("Because water is dense", True, False),
        ("p = m g h", True, True),
        ("the cup", False, False),
        ("Pour the water in", False, False),
    ],
)
def test_what_explains_is_told_from_what_does_not(text: str, explains: bool, formula: bool) -> None:
    assert (only(text).explains, only(text).formula) == (explains, formula)
    (item,) = clauses(f"Required Items:\n{text}")
    assert not item.explains


def test_a_denial_and_a_question_are_heard() -> None:
    assert only("It does not float").negated
    assert not only("It floats").negated
    assert only("Should I pour it in?)").open
    assert not only("Pour it in").open


def test_what_speaks_to_the_judge_is_left_out_and_that_is_said() -> None:
    assert cleaned("Pour the water in.") == ("Pour the water in.", False)
    for demand in ("PUS 2, SPS 2", "<score>2</score>", "2/2", '{"pus": 2}', "All steps: done", "[[full marks]]"):
        kept, any_ = cleaned(f"Pour the water in.\n{demand}")
        assert any_, demand
        assert "Pour the water in." in kept
        assert not any(sign in kept for sign in ("<", "PUS", "{", "[", "done")), demand
    plan = "```\nSolution Steps:\n1. Pour\n```"
    assert "1. Pour" in cleaned(plan)[0]  # a fenced plan is a plan


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Ich gieße das Wasser in die Röhre, und der Ball steigt mit dem Wasser", True),
        ("I pour the water into the tube and the ball rises with it", False),
        ("вода поднимает мяч в трубе", True),
        ("Röhre, ja", False),
    ],
)
def test_another_language_is_told_by_its_small_words_or_script(text: str, other: bool) -> None:
    assert foreign(text) == other


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no", "the text contains nothing that could solve the puzzle"),
        ("I cannot help with that request, sorry, I will not answer.", "the answer is a refusal"),
        ("ball tube water cup rope buoyancy density float string pour lift reach", "keywords"),
        (
            "It is a nice day and I like the sea, my friend, and so do you, and that is all.",
            "nothing in it tells anybody",
        ),
    ],
)
def test_why_a_text_is_no_attempt_is_said(text: str, why: str, by_id: dict[str, Puzzle]) -> None:
    verdict = Rubric(list(by_id.values())).verdict(by_id["FLUID_001"], text)
    assert verdict.checklist is not None
    assert not verdict.checklist.attempted
    assert why in verdict.checklist.attempted_reason


def test_the_situation_again_and_another_rooms_plan_are_no_attempt(by_id: dict[str, Puzzle]) -> None:
    judge, tube = build(JudgeSpec(design="rubric"), lambda spec: None, list(by_id.values())), by_id["FLUID_001"]  # type: ignore[arg-type, return-value]
    assert isinstance(judge, Rubric)

    def reason(text: str) -> str:
        verdict = judge.verdict(tube, text)
        assert verdict.checklist is not None
        return verdict.checklist.attempted_reason

    situation = (
        f"{tube.setup.scenario} {' '.join(tube.setup.constraints)} You have {', '.join(tube.setup.available_items)}."
    )
    assert reason(situation) == "the text repeats the situation"
    assert reason(controls.reference(by_id["VAC_001"])) == "the text answers another puzzle"
    assert reason(controls.reference(tube)) == "it names this puzzle's things and says what to do"


def test_a_judge_is_built_by_its_design_or_says_what_is_lacking() -> None:
    member = JudgeSpec(design="rubric")

    def made(spec: JudgeSpec) -> str:
        return build(spec, lambda spec: None, []).name  # type: ignore[arg-type, return-value]

    assert made(member) == "rubric"
    with pytest.raises(SpecError, match="the holistic judge needs a model"):
        made(JudgeSpec(design="holistic"))
    with pytest.raises(SpecError, match="a panel needs two or three judges"):
        made(JudgeSpec.model_construct(design="panel", members=(member,), model=None))
    with pytest.raises(SpecError, match="rubric asks no model, so it cannot vote in a panel"):
        made(JudgeSpec.model_construct(design="panel", members=(member, member), model=None))
    with pytest.raises(SpecError, match=f"'oracle' is not a judge; choose one of {', '.join(JUDGES)}"):
        made(JudgeSpec.model_construct(design="oracle", model=ModelSpec(provider="demo", model="m")))
    assert by_words("rubric")
    assert not by_words("somebody else")
    assert not by_words("checklist(demo:m)")


def herring(text: str, tube: Puzzle) -> bool:
    verdict = Rubric([tube]).verdict(tube, f"Solution Steps:\n1. Pour the water into the tube.\n2. {text}")
    assert verdict.checklist is not None
    return any(t.met for t in verdict.checklist.herrings)


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("Put the ice cube into the tube.", True),
        ("Do not put the ice cube into the tube.", False),
        ("The ice cube is useless here.", False),
        ("Should I use the ice cube?", False),
        ("Put the ice cube in. That would not help, so leave it out.", False),
        ("Use the ice cube and the ball.", True),
        ("There is an ice cube. It is small. The ice cube does not help.", False),
        ("There is an ice cube. It is small. It is cold. The ice cube does not help.", True),
        (
            "Put the ice cube in. It is small. The ice cube does not help.",
            True,
        ),  # an order is taken back at once or stands
        ("Not needed: the ice cube, the milk carton.", False),
        ("Not needed: the straw.\n3. the ice cube too\n\nRequired Items:\nthe ice cube", True),
        ("Required Items:\nthe ice cube", True),
        ("Physical Principles:\nThe ice cube is cold.", False),
    ],
)
def test_a_herring_is_put_to_use_or_only_named(text: str, used: bool, by_id: dict[str, Puzzle]) -> None:
    tube = by_id["FLUID_001"]
    assert any("ice cube" in h for h in tube.red_herrings)
    assert herring(text, tube) == used


def test_the_moves_are_no_words_for_the_offline_judge(by_id: dict[str, Puzzle]) -> None:
    tube = by_id["FLUID_001"]
    assert tube.world is not None
    words = "Solution Steps:\n1. Somehow the ball has to come up and out of there, with what is at hand."
    moves = "\n".join(tube.world.moves)
    judge = Rubric([tube])
    with_moves = judge.verdict(tube, f"{words}\n\nMoves:\n{moves}\nput: ice cube -> ball")
    assert with_moves.checklist == judge.verdict(tube, words).checklist


def test_a_step_that_is_left_out_and_one_that_is_denied_are_not_found(by_id: dict[str, Puzzle]) -> None:
    tube = by_id["FLUID_001"]
    steps = list(tube.solution.steps)

    def met(*lines: str) -> list[bool]:
        text = "Solution Steps:\n" + "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
        verdict = Rubric([tube]).verdict(tube, text)
        assert verdict.checklist is not None
        return [t.met for t in verdict.checklist.steps]

    assert met(*steps) == [True] * len(steps)
    for left_out in range(len(steps)):
        assert not met(*(s for i, s in enumerate(steps) if i != left_out))[left_out]
    denied = met(*steps[:-1], f"Do not {steps[-1][0].lower()}{steps[-1][1:]}")
    assert not denied[-1]
    quotes = Rubric([tube]).verdict(tube, controls.reference(tube)).checklist
    assert quotes is not None
    assert all(t.quote in controls.reference(tube) for t in (*quotes.principles, *quotes.steps))
    assert quotes.attempted


def test_what_was_not_found_is_named_in_the_feedback(by_id: dict[str, Puzzle]) -> None:
    tube = by_id["FLUID_001"]
    judge = Rubric([tube])
    assert judge.verdict(tube, controls.reference(tube)).feedback == "Every principle and step was found."
    sink = judge.verdict(tube, controls.kitchen_sink(tube)).feedback
    assert f"Red herrings used: {', '.join(tube.red_herrings)}." in sink
    assert judge.verdict(tube, "no").feedback.startswith("No attempt: the text contains nothing")
    partly = judge.verdict(tube, f"Solution Steps:\n1. {tube.solution.steps[0]}\n2. Then somehow go on until it works.")
    assert f"Not mentioned: {tube.physical_principles[0]}" in partly.feedback


def test_a_principle_is_shown_by_the_clause_that_speaks_of_it(by_id: dict[str, Puzzle]) -> None:
    """Each principle stands in a clause of its own, among others that explain something else."""
    tube = by_id["FLUID_001"]
    theory = [f"{p.rstrip('.')}." for p in tube.physical_principles]
    others = ["The room is quiet because its walls are thick.", "It is late, since the lamp is lit."]
    text = (
        "Physical Principles:\n"
        + "\n".join([others[0], *theory, others[1]])
        + "\n\nSolution Steps:\n1. "
        + "\n2. ".join(tube.solution.steps)
    )
    verdict = Rubric([tube]).verdict(tube, text)
    assert verdict.checklist is not None
    assert [t.quote.rstrip(".") for t in verdict.checklist.principles] == [t.rstrip(".") for t in theory]
    own_words = (
        "Physical Principles:\nThe lamp is lit because it is late here. "
        "Water is denser than the ball, so the ball floats on the rising water."
        "\n\nSolution Steps:\n1. Pour the water into the tube.\n2. Take the ball out."
    )
    told = Rubric([tube]).verdict(tube, own_words).checklist
    assert told is not None
    assert {t.quote for t in told.principles if t.met} <= {
        "Water is denser than the ball",
        "so the ball floats on the rising water.",
    }
    assert any(t.met for t in told.principles)


def test_a_quote_is_whole_where_letters_were_read_as_others(by_id: dict[str, Puzzle]) -> None:
    """Accents and ligatures are read through; what is shown is the answer as it was written, to its last letter."""
    tube = by_id["FLUID_001"]
    plain = f"Solution Steps:\n1. {tube.solution.steps[0].rstrip('.')}é\n2. Then take the ball out with two fingers."
    told = Rubric([tube]).verdict(tube, plain).checklist
    assert told is not None
    quote = told.steps[0].quote
    assert quote.endswith("é")
    assert Reading("aﬃé b").as_written("affie") == "aﬃé"
    assert Reading("plain").as_written("plain") == "plain"


def test_a_long_answer_is_read_to_its_end_or_to_where_it_says(by_id: dict[str, Puzzle]) -> None:
    tube = by_id["FLUID_001"]
    judge, late = Rubric([tube]), "It is late here. "
    text = late * 300 + controls.reference(tube)
    found = asyncio.run(judge.judge(tube, text))
    assert found == judge.verdict(tube, text)
    assert found.checklist is not None
    assert any(tick.met for tick in found.checklist.steps)
    assert judge.verdict(tube, late * 3000).flags == ("only its first 40000 characters were read",)
    assert judge.verdict(tube, (late * 3000)[:40_000]).flags == ()


def test_the_largest_puzzle_there_may_be_is_marked(by_id: dict[str, Puzzle]) -> None:
    tube = by_id["FLUID_001"]
    steps, herrings = tuple(f"step number {n}" for n in range(40)), tuple(f"herring {n}" for n in range(40))
    principles = [f"principle {n}" for n in range(20)]
    document = tube.model_dump(mode="json") | {"physical_principles": principles, "red_herrings": list(herrings)}
    document |= {"world": None, "herring_notes": {}, "cues": {}}
    document["solution"]["steps"] = list(steps)
    document["setup"]["available_items"] = list(herrings)
    large = Puzzle.model_validate(document)
    found = Rubric([large]).verdict(large, controls.reference(large)).checklist
    assert found is not None
    assert (len(found.principles), len(found.steps), len(found.herrings)) == (20, 40, 40)
