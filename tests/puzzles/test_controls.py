"""What is known of control answers, and which marks they allow."""

import pytest

from escape.puzzles import ELSEWHERE, Control, answer, controls
from escape.puzzles.controls import CONTROLS, DISGUISES, INJECTIONS, every_control
from escape.rooms import plans
from escape.types import Puzzle, Scores, Setup, Solution
from tests.small_runs import puzzle


def control(expected: str, **more: float) -> Control:
    return Control(problem_id="P", name="n", text="t", expected=expected, **more)


@pytest.mark.parametrize(
    ("made", "marks", "met"),
    [
        (control("full"), (2, 2, 1), True),
        (control("full"), (2, 2, None), True),
        (control("full"), (2, 2, 0), False),
        (control("full"), (2, 1.5, 1), False),
        (control("full"), (1.5, 2, 1), False),
        (control("herrings_used"), (0, 0, 0), True),
        (control("herrings_used"), (2, 2, 1), False),
        (control("herrings_used"), (2, 2, None), False),
        (control("zero"), (0, 0, 0), True),
        (control("zero"), (0, 0, None), True),
        (control("zero"), (0, 0, 1), False),
        (control("zero"), (0.5, 0, 0), False),
        (control("zero"), (0, 0.5, 0), False),
        (control("at_most", pus=0.5, sps=1), (0.5, 1, 1), True),
        (control("at_most", pus=0.5, sps=1), (0.6, 1, 1), False),
        (control("at_most", pus=0.5, sps=1), (0.5, 1.1, 1), False),
    ],
)
def test_a_control_is_met_by_its_marks_alone(
    made: Control, marks: tuple[float, float, float | None], met: bool
) -> None:
    assert made.met_by(Scores(pus=marks[0], sps=marks[1], rhh=marks[2])) is met


def test_every_fitting_kind_of_control_is_made_for_a_puzzle(
    by_id: dict[str, Puzzle], every: list[Puzzle]
) -> None:
    with_some = every_control(by_id["FLUID_001"], every)
    names = [c.name for c in with_some]
    assert set(CONTROLS) <= set(names)
    assert names.count("injection") == len(INJECTIONS)
    assert {c.style for c in with_some if c.name == "hidden"} <= set(DISGUISES)
    without = every_control(by_id["CIPHER_001"], every)
    assert "kitchen_sink" not in [c.name for c in without]
    assert {c.expected for c in without if c.name == "reference"} == {"full"}


def test_the_answer_to_another_puzzle_shares_no_thing_with_this_one(
    by_id: dict[str, Puzzle], every: list[Puzzle]
) -> None:
    for here in by_id.values():
        text = answer("wrong_puzzle", here, every)
        assert here.solution.steps[0] not in text
    assert ELSEWHERE.solution.steps[0] in answer("wrong_puzzle", by_id["UV_001"], [])


def test_the_answer_to_another_puzzle_is_of_no_kin(by_id: dict[str, Puzzle], every: list[Puzzle]) -> None:
    here = by_id["FLUID_001"]
    kin = [p for p in every if p.family == here.family and p.problem_id != here.problem_id]
    assert answer("wrong_puzzle", here, kin) == answer("wrong_puzzle", here, [])


def within(of: Puzzle) -> dict[str, Control]:
    return {c.style: c for c in every_control(of, [of]) if c.name == "within"}


@pytest.mark.parametrize(
    ("steps", "weak", "left_out"), [(1, 2.0, None), (2, 2.0, 1.5), (3, 2.0, 5 / 3), (4, 1.0, 1.75)]
)
def test_what_part_of_a_plan_can_earn_goes_by_its_steps(
    steps: int, weak: float, left_out: float | None
) -> None:
    given = tuple(f"do what is number {'x' * i}" for i in range(steps))
    made = puzzle("P").model_copy(update={"solution": Solution(steps=given, key_insights=("insight",))})
    found = within(made)
    assert {k: (c.pus, c.sps) for k, c in found.items() if k != "a step left out"} == {
        "weak plan with a demand": (0.5, weak),
        "reasons denied": (0.5, 2.0),
        "reasons without a plan": (2.0, 0.5),
        "any room": (0.5, 0.5),
    }
    if left_out is None:
        assert "a step left out" not in found
    else:
        assert (found["a step left out"].pus, found["a step left out"].sps) == (2.0, left_out)
        assert given[-1] not in found["a step left out"].text  # the longest is the one that decides
        assert all(s in found["a step left out"].text for s in given[:-1])


def test_the_weak_plan_is_its_first_step_and_the_theory_has_no_step() -> None:
    found = within(puzzle("P"))
    assert found["weak plan with a demand"].text.startswith("turn it. Then somehow go on until it works.")
    assert "pull it" not in found["weak plan with a demand"].text
    assert "turn it" not in found["reasons without a plan"].text
    assert "force: that has nothing to do with it" in found["reasons denied"].text


def test_another_rooms_plan_shares_neither_family_nor_things() -> None:
    here = puzzle("HERE", family="A")

    def other(name: str, family: str = "B", items: tuple[str, ...] = ("rope",), **more: object) -> Puzzle:
        made = puzzle(name, family=family, herrings=False)
        setup = made.setup.model_copy(update={"available_items": items})
        steps = Solution(steps=(f"the way out of {name}",), key_insights=())
        return made.model_copy(update={"setup": setup, "solution": steps, **more})

    kin, shared_thing, closed = (
        other("KIN", "A"),
        other("THING", items=("KEY (iron)",)),
        other("NONE", solvable=False),
    )
    far = other("FAR")
    assert "the way out of FAR" in controls.wrong_puzzle(here, [here, kin, shared_thing, closed, far])
    assert controls.wrong_puzzle(here, [here, kin, shared_thing, closed]) == controls.reference(
        controls.ELSEWHERE
    )


def test_the_kitchen_sink_touches_every_herring_and_leaves_if_it_can(every: list[Puzzle]) -> None:
    left = 0
    for made in every:
        if made.world is None or not made.red_herrings:
            continue
        found = plans.outcome(made, controls.kitchen_sink(made))
        assert found is not None
        assert set(found.herrings_touched) == set(made.red_herrings), made.problem_id
        assert found.not_understood == 0, made.problem_id
        left += found.out
    assert left >= 20


def test_what_is_needed_is_listed_or_none() -> None:
    assert controls.reference(puzzle("P")).endswith("Required Items:\n- key")
    nothing = puzzle("P").model_copy(
        update={
            "setup": Setup(scenario="s", available_items=("brick",), constraints=()),
            "red_herrings": ("brick",),
        }
    )
    assert controls.reference(nothing).endswith("Required Items:\nnone")
    assert "- brick" in controls.kitchen_sink(nothing)
    assert not [c for c in every_control(puzzle("P", herrings=False), []) if c.name == "hidden herring"]
    assert len([c for c in every_control(puzzle("P"), []) if c.name == "hidden herring"]) == len(
        controls.DISGUISES
    )
