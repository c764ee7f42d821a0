"""What came of a plan, counted: what was read, what counted, what did nothing."""

from __future__ import annotations

from escape.types import MoveResult, Outcome, Rule


def test_a_rule_touches_every_thing_it_names() -> None:
    assert Rule(verbs=("put",), thing=("a", "b"), at=("c",), say=".").touches == {"a", "b", "c"}
    assert Rule(verbs=("put",), thing=("a",), say=".").touches == {"a"}


def test_steps_are_counted_by_kind() -> None:
    steps = (
        MoveResult(move="m", said=".", changed=True),
        MoveResult(move="m", said="."),
        MoveResult(move="m", said="."),
        MoveResult(move="m", said=".", free=True),
        MoveResult(move="m", said=".", understood=False, free=True),
        MoveResult(move="m", said=".", understood=False),
        MoveResult(move="m", said=".", understood=False),
    )
    found = Outcome(out=False, moves=3, shortest=2, progress=0, steps=steps)
    assert (found.not_understood, found.without_effect, found.tried, found.works) == (3, 2, True, "no")


def test_what_could_not_be_read_was_not_tried() -> None:
    nothing = Outcome(
        out=False, moves=0, shortest=2, progress=0, steps=(MoveResult(move="m", said=".", understood=False),)
    )
    assert not nothing.tried
    assert nothing.model_copy(update={"gave_up": True}).tried
    assert nothing.model_copy(update={"moves": 1}).tried
    assert nothing.model_copy(update={"out": True}).works == "yes"
    assert nothing.model_copy(update={"progress": 0.25}).works == "partly"
    assert nothing.model_copy(update={"steps": (MoveResult(move="look", said=".", free=True),)}).tried
