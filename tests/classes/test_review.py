"""Reviewing rooms that a class wrote: who gets which, what is hidden, what the board says of each."""

import time
from collections import Counter

import pytest

from escape.classes import Review, RoundSettings, Student, Takers, Teacher, classwork, reviewed
from escape.classes.access import ClassAccess
from escape.store.classes import Entry
from escape.types import ClassError, Puzzle, Run
from escape.ui.class_.rounds import next_round
from tests.classes.test_doors import WRITE, doors, run  # noqa: F401 - fixtures
from tests.rooms.test_rooms import tube

GOOD, BAD = "pour: bottle of water -> narrow tube\ntake: ball", "take: ball"


class Class:
    """A teacher and four students, each of whom has handed in a room; the last one's is not proved."""

    def __init__(self, doors: ClassAccess, run: Run) -> None:  # noqa: F811
        opened = doors.open("physics", run, "browser")
        self.teacher: Teacher = doors.teach(opened.code, opened.secret)
        self.students = [doors.join(opened.code, name).student for name in ("Ada", "Bo", "Cy", "Di")]
        self.written = self.teacher.start(WRITE)
        for n, student in enumerate(self.students):
            student.hand_in(self.written, self.room(n))
        self.teacher.close(self.written)

    def room(self, n: int) -> Puzzle:
        lost = {} if n < 3 else {"red_herrings": ["milk carton", "ice cube", "bottle of water"]}
        return tube(problem_id=f"ROOM_{n}", title=f"Room {n}", **lost)

    def review(self) -> RoundSettings:
        return RoundSettings(kind="review", written=self.written.id)


@pytest.fixture
def held(doors: ClassAccess, run: Run) -> Class:  # noqa: F811
    return Class(doors, run)


def test_everybody_reviews_two_proved_rooms_and_none_is_left_out(held: Class) -> None:
    round_ = held.teacher.start(held.review())
    read: Counter[str] = Counter()
    for n, student in enumerate(held.students):
        rooms = student.to_review(round_)
        assert len(rooms) == 2
        ids = {p.problem_id for p in rooms.values()}
        assert f"ROOM_{n}" not in ids
        assert "ROOM_3" not in ids  # which is not proved
        read.update(ids)
    assert set(read) == {"ROOM_0", "ROOM_1", "ROOM_2"}
    assert min(read.values()) >= 2


def test_a_room_is_known_by_a_key_that_says_nothing_of_its_author(held: Class) -> None:
    round_ = held.teacher.start(held.review())
    for student in held.students:
        for key in student.to_review(round_):
            assert not {m.nickname for m in held.teacher.members()} & {key}
            assert len(key) == 12


def test_nobody_reviews_what_is_not_theirs_to_review(held: Class) -> None:
    round_ = held.teacher.start(held.review())
    ada, bo = held.students[:2]
    others = set(bo.to_review(round_)) - set(ada.to_review(round_))
    with pytest.raises(ClassError, match="not one of those to review"):
        ada.review(round_, others.pop(), Review(moves=GOOD, word="clear"))


def all_reviewed(held: Class) -> tuple[Teacher, list[Student]]:
    round_ = held.teacher.start(held.review())
    for n, student in enumerate(held.students):
        for key in student.to_review(round_):
            word = "there is a shortcut" if n == 3 else "clear"
            student.review(round_, key, Review(moves=GOOD if n else BAD, word=word, line=f"line {n}"))  # type: ignore[arg-type]
    return held.teacher, held.students


def test_the_board_says_whether_each_room_is_proved_and_who_solved_it(held: Class) -> None:
    teacher, students = all_reviewed(held)
    (_, round_) = teacher.rounds()
    with pytest.raises(ClassError, match="before"):
        teacher.entries(round_)
    with pytest.raises(ClassError, match="before"):
        students[0].reviews_of_mine(round_)
    teacher.close(round_)
    with pytest.raises(ClassError, match="before"):
        students[0].reviews_of_mine(round_)  # closed is not yet revealed
    teacher.reveal(round_)
    found = reviewed(teacher.rooms(round_.settings.written), teacher.entries(round_))
    assert [bool(one.room.missing) for one in found] == [False, False, False, True]
    assert sum(len(one.outs) for one in found) == 8
    assert sum(sum(one.outs) for one in found) == 6  # Ada's two plans fail
    assert any(word == "there is a shortcut" for one in found for word, _ in one.remarks)
    (own,) = students[0].reviews_of_mine(next(r for r in teacher.rounds() if r.id == round_.id))
    assert own.room.puzzle.problem_id == "ROOM_0"
    assert own.remarks
    table = classwork.to_csv([(round_, teacher.entries(round_), teacher.run())])
    assert "there is a shortcut" in table
    assert "Ada" not in table


def test_rooms_are_reviewed_only_once_two_students_have_proved_ones(doors: ClassAccess, run: Run) -> None:  # noqa: F811
    opened = doors.open("physics", run, "browser")
    teacher = doors.teach(opened.code, opened.secret)
    ada = doors.join(opened.code, "Ada").student
    written = teacher.start(WRITE)
    ada.hand_in(written, tube())
    with pytest.raises(ClassError, match="close the round"):
        teacher.start(RoundSettings(kind="review", written=written.id))
    teacher.close(written)
    with pytest.raises(ClassError, match="two students"):
        teacher.start(RoundSettings(kind="review", written=written.id))
    teacher.reopen(written)
    doors.join(opened.code, "Bo").student.hand_in(written, tube(problem_id="OTHER"))
    teacher.close(written)
    round_ = teacher.start(RoundSettings(kind="review", written=written.id))
    assert "0 of 2." in next_round.progress(teacher, round_, 2)  # of so few rooms each gets one
    assert abs(round_.settings.opened_at - time.time()) < 60


@pytest.mark.parametrize(
    ("people", "models", "verdict"),
    [
        ([], [], ""),
        ([True] * 9, [True], "all out"),
        ([False] * 9, [False], "none out"),
        ([True] * 8, [False], "some out; 9 test-takers are too few to say more"),
        ([True] * 9, [False], "some out: it tells test-takers apart"),
    ],
)
def test_a_room_separates_from_ten_test_takers_on(
    people: list[bool], models: list[bool], verdict: str
) -> None:
    assert Takers(people, models).verdict == verdict


def test_nobody_without_the_classs_secret_can_work_out_a_rooms_author() -> None:
    body = tube().model_dump_json()
    keys = {
        classwork.rooms_handed_in(secret, [Entry(member=1, item="ROOM", body=body)])[0].key
        for secret in ("a", "b")
    }
    assert len(keys) == 2
