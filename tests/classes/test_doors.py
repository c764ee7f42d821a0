"""What one visitor does at the door of a class, or in one class, leaves everybody else as they were."""

import time
from contextlib import suppress
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from escape.classes.access import JOINS, MAX_MEMBERS, OPENED, ClassAccess, Joined
from escape.classes.data import ClassData
from escape.classes.rounds import RoundSettings
from escape.classes.student import Student
from escape.classes.teacher import BURST, Teacher, came_at_once
from escape.runs import new_run
from escape.store import MemberRow, database, rows
from escape.store.database import Store
from escape.types import ClassError, Puzzle, Run, RunConfig

SCHOOL = "the one address of a school"
WRITE = RoundSettings(kind="write")


@pytest.fixture
def doors(db: Store) -> ClassAccess:
    return ClassAccess(ClassData(db))


@pytest.fixture
def run(bundled: list[Puzzle]) -> Run:
    return new_run(RunConfig(), bundled)


class Held:
    """A class with its teacher's secret and one member, all behind the school's address."""

    def __init__(self, doors: ClassAccess, run: Run) -> None:
        opened = doors.open("physics", run, SCHOOL)
        self.code, self.secret = opened.code, opened.secret
        self.teacher: Teacher = doors.teach(self.code, self.secret)
        self.ada: Joined = doors.join(self.code, "Ada")

    @property
    def student(self) -> Student:
        return self.ada.student


@pytest.fixture
def held(doors: ClassAccess, run: Run) -> Held:
    return Held(doors, run)


def wrong_codes(doors: ClassAccess) -> None:
    """As many as it takes until the school's address is refused."""
    for _ in range(300):
        with pytest.raises(ClassError):
            doors.join("AAAAAA", "x")


def test_one_visitors_wrong_codes_keep_no_neighbour_from_joining(doors: ClassAccess, held: Held) -> None:
    wrong_codes(doors)
    assert doors.join(held.code, "Bob").student.member.nickname == "Bob"


def test_a_member_comes_back_whatever_others_at_the_same_address_guessed(
    doors: ClassAccess, held: Held
) -> None:
    wrong_codes(doors)
    assert doors.rejoin(held.code, held.ada.passphrase).member == held.student.member


def test_the_teacher_comes_back_whatever_neighbours_guessed(doors: ClassAccess, held: Held) -> None:
    wrong_codes(doors)
    assert doors.teach(held.code, held.secret).code == held.code


def test_names_joined_by_a_script_do_not_keep_a_pupil_out(doors: ClassAccess, held: Held) -> None:
    for n in range(MAX_MEMBERS - 1):
        doors.join(held.code, f"bot {n}")
    assert doors.join(held.code, "Bob").student.member.nickname == "Bob"


def test_a_round_opened_again_from_an_old_tab_leaves_one_round_open(held: Held) -> None:
    first = held.teacher.start(WRITE)
    held.teacher.start(WRITE)  # closes the first
    with suppress(ClassError):
        held.teacher.reopen(first)
    assert [r.state for r in held.teacher.rounds()].count("open") == 1


def test_a_member_writes_nothing_into_another_classs_round(doors: ClassAccess, held: Held, run: Run) -> None:
    other = Held(doors, run)
    theirs = other.teacher.start(WRITE)
    with pytest.raises(ClassError):
        held.student.hand_in(theirs, run.puzzles[0])
    assert other.teacher.counts(theirs) == (0, 0)


def test_a_teacher_reveals_no_round_of_another_class(doors: ClassAccess, held: Held, run: Run) -> None:
    other = Held(doors, run)
    theirs = other.teacher.start(WRITE)
    with suppress(ClassError):
        held.teacher.reveal(theirs)
    assert [r.state for r in other.teacher.rounds()] == ["open"]


def test_an_unused_run_goes_when_the_class_is_given_another(held: Held, run: Run, db: Store) -> None:
    for _ in range(5):
        held.teacher.set_run(run)
    kept = db.rows(select(rows.runs.c.code).where(rows.runs.c.code.startswith("class-")))
    assert len(kept) == 0


def test_late_comers_wait_for_a_nod_and_write_nothing_until_then(doors: ClassAccess, held: Held) -> None:
    held.teacher.expect(1)
    bob = doors.join(held.code, "Bob").student
    round_ = held.teacher.start(WRITE)
    assert (bob.waits(), bob.round()) == (True, None)
    with pytest.raises(ClassError):
        bob.hand_in(round_, held.teacher.run().puzzles[0])
    with pytest.raises(ClassError, match="all seats are taken"):
        held.teacher.let_in(bob.member)  # nobody is let in beyond the seats
    held.teacher.expect(2)
    held.teacher.let_in(bob.member)
    assert (bob.waits(), bob.round()) == (False, round_)
    bob.hand_in(round_, held.teacher.run().puzzles[0])


def test_the_teacher_renames_and_takes_out_with_all_that_was_written(doors: ClassAccess, held: Held) -> None:
    round_ = held.teacher.start(WRITE)
    held.student.hand_in(round_, held.teacher.run().puzzles[0])
    doors.join(held.code, "Bob")
    with pytest.raises(ClassError, match="taken"):
        held.teacher.rename(held.student.member, "bob")
    held.teacher.rename(held.student.member, "Prof. Weiss")  # what nobody can call themselves
    with pytest.raises(ClassError, match="choose another nickname"):
        doors.join(held.code, "Prof. Eve")
    held.teacher.rename(held.student.member, "Ada L")
    assert [m.nickname for m in held.teacher.members()] == ["Ada L", "Bob"]
    held.teacher.remove(held.student.member)
    assert ([m.nickname for m in held.teacher.members()], held.teacher.counts(round_)) == (["Bob"], (0, 0))
    with pytest.raises(ClassError, match="taken you out"):
        held.student.round()
    with pytest.raises(ClassError, match="no one in this class"):
        doors.rejoin(held.code, held.ada.passphrase)
    held.teacher.close_joining()
    with pytest.raises(ClassError, match="nobody new"):
        doors.join(held.code, "Cy")


def flood(doors: ClassAccess, code: str, n: int) -> int:
    """How many of so many names came in or wait."""
    came = 0
    for number in range(n):
        with suppress(ClassError):
            doors.join(code, f"bot {number}")
            came += 1
    return came


def test_a_flood_is_named_and_removed_and_a_new_code_lets_a_class_in(
    doors: ClassAccess, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()  # a machine under load takes more than a minute for them
    monkeypatch.setattr(database, "time", SimpleNamespace(time=lambda: now, monotonic=time.monotonic))
    came = flood(doors, held.code, 1000)
    assert came == JOINS - 1  # with Ada: more than that in a minute are no class
    with pytest.raises(ClassError, match="too many people"):
        doors.join(held.code, "Grace")
    round_ = held.teacher.start(WRITE)
    held.student.hand_in(round_, held.teacher.run().puzzles[0])  # who is in stays in and works
    burst = held.teacher.burst()
    assert {m.nickname for m in burst} >= {f"bot {n}" for n in range(9, came)}  # from the tenth on
    assert "Ada" not in {m.nickname for m in burst}
    held.teacher.remove(*burst)
    held.teacher.remove_silent(held.teacher.silent_since(0.0))
    assert [m.nickname for m in held.teacher.members()] == ["Ada"]  # who has handed something in
    held.teacher.new_code()
    code = held.teacher.about().joining
    assert code != held.code
    with pytest.raises(ClassError, match="no class with that code"):
        doors.join(held.code, "late bot")  # the old code ends for newcomers
    assert doors.rejoin(held.code, held.ada.passphrase).member.nickname == "Ada"
    assert doors.rejoin(code, held.ada.passphrase).member.nickname == "Ada"
    for n in range(30):
        assert not doors.join(code, f"pupil {n}").student.waits()
    assert doors.teach(held.code, held.secret).code == held.code


def test_who_came_before_a_flood_is_not_part_of_it(doors: ClassAccess, held: Held) -> None:
    with held.teacher.data.rows.store.writing() as db:
        db.execute(rows.members.update().values(at=rows.members.c.at - 60))
    flood(doors, held.code, 80)
    assert {m.nickname for m in held.teacher.burst()} == {f"bot {n}" for n in range(9, 80)}


def test_a_slow_flood_takes_no_seat_of_a_class(doors: ClassAccess, held: Held) -> None:
    for n in range(30):
        doors.join(held.code, f"early pupil {n}")
    with held.teacher.data.rows.store.writing() as db:
        db.execute(rows.members.update().values(at=rows.members.c.at - 600))
    since = time.time() - 60
    flood(doors, held.code, 100)
    held.teacher.remove_silent(held.teacher.silent_since(since))
    held.teacher.new_code()
    late = [doors.join(held.teacher.about().joining, f"late pupil {n}").student for n in range(30)]
    assert not any(student.waits() for student in late)
    assert len(held.teacher.members()) == 61


def test_a_slow_flood_is_named_by_its_time_and_spares_whoever_wrote(doors: ClassAccess, held: Held) -> None:
    with held.teacher.data.rows.store.writing() as db:
        db.execute(rows.members.update().values(at=rows.members.c.at - 600))
    since = time.time() - 60
    writer = doors.join(held.code, "Grace").student
    doors.join(held.code, "bot")
    found = held.teacher.silent_since(since)
    assert {m.nickname for m in found} == {"Grace", "bot"}
    writer.hand_in(held.teacher.start(WRITE), held.teacher.run().puzzles[0])  # before the teacher presses
    held.teacher.remove_silent(found)
    assert {m.nickname for m in held.teacher.members()} == {"Ada", "Grace"}


@pytest.mark.parametrize("name", ["ada", "A d a", "A.d.a.", "Áda", "Аda", "A\u200bda"])
def test_a_name_that_reads_like_a_classmates_is_taken(doors: ClassAccess, held: Held, name: str) -> None:
    with pytest.raises(ClassError, match="taken"):
        doors.join(held.code, name)


def test_names_of_signs_alone_are_told_apart(doors: ClassAccess, held: Held) -> None:
    for name in ("🙂", "🙃", "★"):
        assert doors.join(held.code, name).student.member.nickname == name


def test_refused_joins_count_for_nothing_once_a_flood_is_removed(doors: ClassAccess, held: Held) -> None:
    flood(doors, held.code, 500)
    with pytest.raises(ClassError, match="too many people"):
        doors.join(held.code, "Grace")
    held.teacher.remove(*held.teacher.burst())
    for n in range(5):
        assert not doors.join(held.code, f"pupil {n}").student.waits()


def test_whoever_has_the_new_code_gets_in_during_a_flood(doors: ClassAccess, held: Held) -> None:
    flood(doors, held.code, 500)
    held.teacher.expect(MAX_MEMBERS)
    held.teacher.new_code()
    code = held.teacher.about().joining
    assert flood(doors, held.code, 100) == 0
    for n in range(5):
        assert doors.join(code, f"pupil {n}").student.member.nickname == f"pupil {n}"


def test_the_teacher_lets_somebody_in_again_as_who_they_were(doors: ClassAccess, held: Held) -> None:
    round_ = held.teacher.start(WRITE)
    held.student.hand_in(round_, held.teacher.run().puzzles[0])
    word = held.teacher.readmit(held.student.member)
    again = doors.rejoin(held.code, word)
    assert again.member == held.student.member
    assert len(again.mine(round_)) == 1
    with pytest.raises(ClassError):
        doors.rejoin(held.code, held.ada.passphrase)


def test_no_button_lets_in_more_than_there_are_seats(doors: ClassAccess, held: Held) -> None:
    held.teacher.expect(5)
    flood(doors, held.code, 20)
    held.teacher.expect(8)
    held.teacher.let_in()
    standing = [m.standing for m in held.teacher.members()]
    assert (standing.count("in"), standing.count("waiting")) == (8, 13)
    with pytest.raises(ClassError, match="all seats are taken"):
        held.teacher.let_in()


@pytest.mark.parametrize(
    "name",
    "Teacher|The t3acher|tеаcher|S01|S01.|s 12|5O1|Prof. Weiss|P r o f|Mr. Weiss|Herr Weiss|dr.weiss|Pr0f "
    "Weiss|www.spam.com|call 0151 2345678|a@b.co".split("|"),
)
def test_what_nobody_wants_on_the_wall_is_no_nickname(doors: ClassAccess, held: Held, name: str) -> None:
    with pytest.raises(ClassError, match="choose another nickname"):
        doors.join(held.code, name)


@pytest.mark.parametrize(
    "name",
    [
        "Dick",
        "Cockburn",
        "Ahmed",
        "Scunthorpe",
        "Grape",
        "Nazira",
        "R2D2",
        "Matsushita",
        "Shi Tao",
        "Abu Hureyra",
        "Merdeka",
        "Pen Island",
    ],
)
def test_what_only_looks_like_it_is_one(doors: ClassAccess, held: Held, name: str) -> None:
    assert doors.join(held.code, name).student.member.nickname == name


def test_one_school_with_too_many_classes_keeps_no_other_from_opening_one(
    doors: ClassAccess, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # within one hour
    for _ in range(OPENED):
        doors.open("x", run, "one school")
    with pytest.raises(ClassError, match="too many classes"):
        doors.open("x", run, "one school")
    doors.open("x", run, "another school")


def test_so_many_at_once_are_a_burst_and_one_fewer_are_not() -> None:
    def people(n: int) -> list[MemberRow]:
        return [MemberRow(i, "AAAAAA", i, f"n{i}", at=1000.0 + 4.9 * i / n) for i in range(n)]

    assert [m.number for m in came_at_once(people(BURST + 2))] == [BURST - 1, BURST, BURST + 1]
    assert came_at_once(people(BURST - 1)) == []
    spread = [MemberRow(i, "AAAAAA", i, f"n{i}", at=1000.0 + 20.0 * i) for i in range(500)]
    assert came_at_once(spread) == []


def test_the_one_who_is_nodded_at_comes_in_and_else_those_who_came_first(
    doors: ClassAccess, held: Held
) -> None:
    held.teacher.expect(1)
    bob, cy, dee = (doors.join(held.code, name).student for name in ("Bob", "Cy", "Dee"))
    held.teacher.expect(2)
    held.teacher.let_in(cy.member)
    assert [me.waits() for me in (bob, cy, dee)] == [True, False, True]
    held.teacher.expect(3)
    held.teacher.let_in()
    assert [me.waits() for me in (bob, cy, dee)] == [False, False, True]


def test_a_new_class_has_a_hundred_seats_and_who_comes_after_them_waits(
    doors: ClassAccess, held: Held
) -> None:
    assert held.teacher.about().seats == 100
    for n in range(held.teacher.about().seats):
        doors.join(held.code, f"pupil {n}")
    standing = [m.standing for m in held.teacher.members()]
    assert (standing.count("in"), standing.count("waiting")) == (100, 1)


def test_a_classs_run_is_shut_until_its_last_round_is_revealed(doors: ClassAccess, run: Run) -> None:
    opened = doors.open("physics", run, SCHOOL, run_code="abc")
    teacher = doors.teach(opened.code, opened.secret)
    assert doors.classes_about("abc") == {opened.code: False}  # before the first round, too
    round_ = teacher.start(WRITE)
    assert doors.classes_about("abc") == {opened.code: False}
    teacher.reveal(round_)
    assert doors.classes_about("abc") == {opened.code: True}
    teacher.set_run(run.model_copy(update={"title": "another"}), run_code="def")
    assert doors.classes_about("def") == {opened.code: False}  # what was revealed was of the run before


def test_visitors_open_as_many_classes_an_hour_as_the_owner_says(
    doors: ClassAccess, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    for n in range(3):
        doors.open("x", run, f"browser {n}", an_hour=3)
    with pytest.raises(ClassError, match="on this server"):
        doors.open("x", run, "another browser", an_hour=3)
