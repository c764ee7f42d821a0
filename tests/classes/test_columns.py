"""A class's figures under their own names: people's marks and the judge's, seats and members."""

import csv
import io
from pathlib import Path

import pytest

from escape.classes import classwork, report
from escape.classes.access import ClassAccess
from escape.classes.data import ClassData
from escape.classes.rounds import BetEntry, Prediction, Remark, RoundSettings, StoredBet
from escape.classes.student import Student
from escape.classes.teacher import Teacher
from escape.runs.file import jsonl
from escape.store.database import Store
from escape.types import Puzzle, Run, Scores, Verdict
from tests.distinct import MARKED, distinct_run, run_of_ends

TRIAL = MARKED.trial


def mark(pus: float, sps: float, rhh: float) -> Verdict:
    return Verdict(judge="", scores=Scores(pus=pus, sps=sps, rhh=rhh), feedback="said so")


@pytest.fixture
def run() -> Run:
    return distinct_run()


@pytest.fixture
def doors(tmp_path: Path) -> ClassAccess:
    return ClassAccess(ClassData(Store(f"sqlite:///{tmp_path}/escape.sqlite3")))


class Class:
    def __init__(self, doors: ClassAccess, run: Run) -> None:
        self.doors, self.opened = doors, doors.open("physics", run, "somebody")
        self.teacher: Teacher = doors.teach(self.opened.code, self.opened.secret)
        self.students: list[Student] = [self.join(name) for name in ("Ada", "Bob", "Cy")]

    def join(self, name: str) -> Student:
        return self.doors.join(self.opened.code, name).student

    def taken_home(self) -> list[dict[str, str]]:
        rounds = [(r, self.teacher.entries(r), self.teacher.run(r)) for r in self.teacher.rounds()]
        return list(csv.DictReader(io.StringIO(classwork.to_csv(rounds))))


def test_peoples_marks_are_theirs_and_the_judges_are_the_judges(doors: ClassAccess, run: Run) -> None:
    held = Class(doors, run)
    round_ = held.teacher.start(RoundSettings(kind="mark", answers=(TRIAL,)))
    given = [mark(0.5, 2.0, 1), mark(1.0, 0.5, 1), mark(2.0, 0.0, 0)]
    for student, verdict in zip(held.students, given, strict=True):
        student.mark(round_, TRIAL, verdict)
    held.teacher.reveal(round_)
    entries = held.teacher.entries(round_)
    rows = {
        row.score: row for row in classwork.answers(classwork.with_marks(held.teacher.run(round_), entries))
    }
    assert {score: (row.given, row.judge) for score, row in rows.items()} == {
        "pus": ((0.5, 1.0, 2.0), 1.5), "sps": ((2.0, 0.5, 0.0), 1.2), "rhh": ((1.0, 1.0, 0.0), 0.0),
    }  # fmt: skip
    assert (rows["pus"].median, rows["pus"].apart) == (1.0, 0.5)
    home = [(r["student"], r["pus"], r["sps"], r["rhh"], r["note"]) for r in held.taken_home()]
    assert home == [
        ("S01", "0.5", "2.0", "1.0", "said so"), ("S02", "1.0", "0.5", "1.0", "said so"),
        ("S03", "2.0", "0.0", "0.0", "said so"),
    ]  # fmt: skip


def test_seats_are_the_people_expected_and_not_those_who_came(doors: ClassAccess, run: Run) -> None:
    held = Class(doors, run)
    held.teacher.expect(5)
    later = [held.join(f"pupil {n}") for n in range(6)]
    standing = [m.standing for m in held.teacher.members()]
    assert (held.teacher.about().seats, standing.count("in"), standing.count("waiting")) == (5, 5, 4)
    assert [s.waits() for s in later] == [False, False, True, True, True, True]
    assert [m.number for m in held.teacher.members()] == [*range(1, 10)]
    held.teacher.expect(8)  # more than are in, fewer than have come
    assert not held.join("one more").waits()


def test_every_column_of_what_is_taken_home_has_its_own_value(
    doors: ClassAccess, by_id: dict[str, Puzzle]
) -> None:
    run = run_of_ends()
    run = run.model_copy(update={"puzzles": (*run.puzzles, by_id["FLUID_001"])})
    held = Class(doors, run)
    (_, bob, _), trial = held.students, next(r.trial for r in run.results if r.answer)
    note = held.teacher.start(RoundSettings(kind="note", answers=(trial,)))
    bob.remark(note, trial, Remark(text="a line", category="a kind"))
    held.teacher.reveal(note)
    vote = held.teacher.start(RoundSettings(kind="predict", players=(trial.player, "b")))
    bob.predict(vote, Prediction(winner="b", enough=True))
    held.teacher.reveal(vote)
    plan = StoredBet(problem_id="FLUID_001", by="a player", lines=("look: tube",))
    bet = held.teacher.start(RoundSettings(kind="bet", bets=(plan,)))
    bob.call(bet, 0, BetEntry(out=True))
    held.teacher.reveal(bet)
    rows = [{k: v for k, v in row.items() if v} for row in held.taken_home()]
    where = {"problem_id": trial.problem_id, "student": "S02"}
    assert rows == [
        where
        | {
            "round": "1",
            "kind": "note",
            "player": trial.player,
            "repeat": "1",
            "note": "a line",
            "category": "a kind",
            "title": run.puzzle_by_id[trial.problem_id].title,
        },
        {"round": "2", "kind": "predict", "student": "S02", "winner": "b", "enough": "1"},
        {
            "round": "3",
            "kind": "bet",
            "student": "S02",
            "problem_id": "FLUID_001",
            "player": "a player",
            "bet": "1",
            "out": "0",
            "title": "The tube",
        },
    ]


def test_the_judges_marks_stand_beside_peoples_in_what_is_taken_home(doors: ClassAccess, run: Run) -> None:
    held = Class(doors, run)
    round_ = held.teacher.start(RoundSettings(kind="mark", answers=(TRIAL,)))
    held.students[0].mark(round_, TRIAL, mark(0.5, 2.0, 1))
    held.teacher.reveal(round_)
    (row,) = held.taken_home()
    assert [row[name] for name in ("pus", "judge_pus", "judge_sps", "judge_rhh")] == [
        "0.5",
        "1.5",
        "1.2",
        "0.0",
    ]


def test_the_report_has_each_round_without_names_and_text_is_never_live(
    doors: ClassAccess, run: Run, by_id: dict[str, Puzzle]
) -> None:
    held = Class(doors, run.model_copy(update={"puzzles": (*run.puzzles, by_id["FLUID_001"])}))
    ada, bob, _ = held.students
    marking = held.teacher.start(RoundSettings(kind="mark", answers=(TRIAL,)))
    ada.mark(marking, TRIAL, mark(0.5, 2.0, 1))
    held.teacher.reveal(marking)
    vote = held.teacher.start(RoundSettings(kind="predict", players=(TRIAL.player, "b")))
    bob.predict(vote, Prediction(winner=TRIAL.player, enough=True))
    held.teacher.reveal(vote)
    plan = StoredBet(problem_id="FLUID_001", by="<b>someone</b>", lines=("pour: bottle of water -> floor",))
    bet = held.teacher.start(RoundSettings(kind="bet", bets=(plan,)))
    bob.call(bet, 0, BetEntry(out=True))
    held.teacher.reveal(bet)
    rounds = [(r, held.teacher.entries(r), held.teacher.run(r)) for r in held.teacher.rounds()]
    page = report.page("Lesson 3: Does the metric decide the winner?", "2026-12-03", rounds)
    assert "2026-12-03, 2 people wrote something." in page
    for words in ("Ada", "Bob", "<b>someone"):
        assert words not in page
    for words in (
        "answers marked",
        "Votes",
        "it gets stuck",
        "class=film",
        "The verdict, and what may change it",
        "Strict path",
    ):
        assert words in page, words


def test_a_class_that_held_nothing_has_a_report_too() -> None:
    assert "0 people wrote something" in report.page("A class", "2026-12-03", [])


def test_a_run_comes_back_from_the_store_as_it_was(doors: ClassAccess, run: Run) -> None:
    held = Class(doors, run)
    assert held.teacher.run().results == run.results
    store = held.teacher.data.rows.store
    assert store.save_run("acode", jsonl.packed_file(run)) == "saved"
    packed = store.run("acode")
    assert packed is not None
    assert jsonl.loads(packed) == run.model_copy(update={"results": tuple(run.results)})
