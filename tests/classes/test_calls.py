"""Rounds in which a class bets on plans and says what went wrong: rights, counts, the CSV."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from escape.classes import BetEntry, Remark, RoundSettings, StoredBet, classwork
from escape.classes.access import ClassAccess
from escape.classes.data import ClassData
from escape.classes.student import Student
from escape.classes.teacher import Teacher
from escape.puzzles import bets
from escape.store.database import Store
from escape.types import ClassError, Puzzle, Run, Trial
from tests.small_runs import run_with


@pytest.fixture(scope="module")
def run(by_id: dict[str, Puzzle]) -> Run:
    five = [by_id[i] for i in ("CIPHER_001", "COLLAB_001", "FLUID_001", "UV_001", "VAC_001")]
    return run_with(five, ["demo:careful", "demo:hasty"])


@pytest.fixture
def held(tmp_path: Path, run: Run) -> Iterator[tuple[Teacher, list[Student]]]:
    store = Store(f"sqlite:///{tmp_path}/escape.sqlite3")
    doors = ClassAccess(ClassData(store))
    opened = doors.open("physics", run, "school")
    yield (
        doors.teach(opened.code, opened.secret),
        [doors.join(opened.code, name).student for name in ("Ada", "Bob")],
    )
    store.close()


def five_plans(run: Run) -> RoundSettings:
    drawn = bets.sample_bets(run.puzzles, "a class")
    return RoundSettings(
        kind="bet",
        bets=tuple(StoredBet(problem_id=b.puzzle.problem_id, by=b.by, lines=b.lines) for b in drawn),
    )


def table(round_: object, teacher: Teacher, run: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(classwork.to_csv([(round_, teacher.entries(round_), run)]))))  # type: ignore[arg-type, list-item]


def test_a_class_bets_and_the_board_counts_who_was_right(
    held: tuple[Teacher, list[Student]], run: Run
) -> None:
    teacher, (ada, bob) = held
    round_ = teacher.start(five_plans(run))
    for n in range(5):
        ada.call(round_, n, BetEntry(out=True))
        bob.call(round_, n, BetEntry(out=n % 2 == 0))
    bob.call(round_, 0, BetEntry(out=False))  # a bet may be changed until the round closes
    with pytest.raises(ClassError, match="not one of those"):
        ada.call(round_, 5, BetEntry(out=True))
    teacher.reveal(round_)
    with pytest.raises(ClassError, match="closed"):
        ada.call(round_, 0, BetEntry(out=False))
    plans = classwork.bets_by_plan(round_, teacher.entries(round_), run)
    assert [(p.out, p.stuck) for p in plans] == [(1, 1), (1, 1), (2, 0), (1, 1), (2, 0)]
    outs = [p.outcome.out for p in plans if p.outcome]
    assert 2 <= sum(outs) <= 3  # about half of them end stuck
    assert sum(p.right for p in plans) == sum(
        (out is True) + (out is said)
        for out, said in zip(outs, (False, False, True, False, True), strict=True)
    )
    rows = table(round_, teacher, run)
    assert len(rows) == 10
    assert {r["bet"] for r in rows} == {"0", "1"}
    assert [r["out"] for r in rows if r["student"] == "S01"] == [str(int(out)) for out in outs]


def test_plans_are_posed_without_double_numbers(run: Run) -> None:
    plan = five_plans(run)
    assert not [line for b in plan.bets for line in b.lines if line[:1].isdigit()]


def test_a_round_of_bets_is_about_the_classs_own_rooms(held: tuple[Teacher, list[Student]], run: Run) -> None:
    teacher, _ = held
    stranger = StoredBet(problem_id="NOWHERE", by="x", lines=("take: key",))
    with pytest.raises(ClassError, match="no plan to bet on"):
        teacher.start(RoundSettings(kind="bet", bets=(stranger,)))


def test_a_class_says_what_went_wrong_and_groups_it_later(
    held: tuple[Teacher, list[Student]], run: Run
) -> None:
    teacher, (ada, bob) = held
    failed = [r.trial for r in run.results if r.outcome and not r.outcome.out][:2]
    round_ = teacher.start(RoundSettings(kind="note", answers=tuple(failed)))
    ada.remark(
        round_, failed[0], Remark(text="it never takes the ball", category="knew the physics, forgot a step")
    )
    bob.remark(round_, failed[0], Remark(text="it forgot the end"))
    with pytest.raises(ClassError, match="not one of those"):
        bob.remark(round_, Trial(problem_id="VAC_001", player="demo:nobody"), Remark(text="x"))
    teacher.reveal(round_)
    entries = teacher.entries(round_)
    assert [n.category for n in classwork.notes(round_, entries)] == ["knew the physics, forgot a step", ""]
    teacher.group(round_, classwork.group_key(entries[1]), "wrong physics")
    seen_before, (round_,) = round_, teacher.rounds()
    assert [(n.by, n.category) for n in classwork.notes(round_, entries)] == [
        ("S01", "knew the physics, forgot a step"), ("S02", "wrong physics"),
    ]  # fmt: skip
    assert [(r["student"], r["note"], r["category"]) for r in table(round_, teacher, run)] == [
        ("S01", "it never takes the ball", "knew the physics, forgot a step"),
        ("S02", "it forgot the end", "wrong physics"),
    ]
    # at a board that has not been drawn since
    teacher.group(seen_before, classwork.group_key(entries[0]), "wrong physics")
    (round_,) = teacher.rounds()
    assert [n.category for n in classwork.notes(round_, entries)] == ["wrong physics"] * 2


def test_a_line_is_as_long_as_its_field_and_each_repeat_has_its_own(
    held: tuple[Teacher, list[Student]], run: Run
) -> None:
    teacher, (ada, _) = held
    first = next(r.trial for r in run.results if r.outcome and not r.outcome.out)
    again = first.model_copy(update={"repeat": 2})
    twice = [r.model_copy(update={"trial": again}) for r in run.results if r.trial == first]
    teacher.set_run(run.model_copy(update={"results": (*run.results, *twice)}))
    round_ = teacher.start(RoundSettings(kind="note", answers=(first, again)))
    for trial in (first, again):
        ada.remark(round_, trial, Remark(text="x" * 300))
    teacher.reveal(round_)
    entries = teacher.entries(round_)
    teacher.group(round_, classwork.group_key(entries[0]), "wrong physics")
    (round_,) = teacher.rounds()
    assert [(len(n.text), n.category) for n in classwork.notes(round_, entries)] == [
        (300, "wrong physics"),
        (300, ""),
    ]
