"""Who may see and write what in which round of a class: on SQLite, and on Postgres where one runs."""

import ast
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from escape.classes.access import JOINS, MAX_JOINED, ClassAccess
from escape.classes.data import ClassData
from escape.classes.rounds import Played, Prediction, RoundSettings
from escape.classes.student import Student
from escape.classes.teacher import Teacher
from escape.results.wording import generosity_sentence
from escape.runs import new_run
from escape.runs.file import jsonl
from escape.store import rows
from escape.store.database import OF_A_CLASS, Store, database_url, store
from escape.types import (
    Answer,
    Checklist,
    ClassError,
    Puzzle,
    Result,
    Run,
    RunConfig,
    Scores,
    StoreError,
    Tick,
    Trial,
    Verdict,
)


@pytest.fixture
def lessons(db: Store) -> ClassAccess:
    return ClassAccess(ClassData(db))


@pytest.fixture
def run(bundled: list[Puzzle]) -> Run:
    """Two players' answers to five puzzles, marked."""
    results = []
    for puzzle in bundled:
        for player in ("demo:careful", "demo:hasty"):
            rhh = 1.0 if puzzle.red_herrings else None
            verdict = Verdict(judge="checklist", scores=Scores(pus=1.5, sps=1, rhh=rhh))
            trial = Trial(problem_id=puzzle.problem_id, player=player)
            results.append(Result(trial=trial, answer=Answer(text=f"{player} speaks"), verdict=verdict))
    return new_run(RunConfig(problem_ids=tuple(p.problem_id for p in bundled)), bundled).model_copy(
        update={"results": tuple(results)}
    )


@pytest.fixture
def teacher(lessons: ClassAccess, run: Run) -> Teacher:
    opened = lessons.open("physics, year 9", run, "here")
    return lessons.teach(opened.code, opened.secret)


@lru_cache  # one pair of doors a class, as on a server
def doors_of(teacher: Teacher) -> ClassAccess:
    return ClassAccess(teacher.data)


def student(teacher: Teacher, name: str = "Ada") -> Student:
    return doors_of(teacher).join(teacher.code, name).student


def marked(pus: float = 1.0) -> Verdict:
    return Verdict(judge="", scores=Scores(pus=pus, sps=1, rhh=1))


TUBE = Trial(problem_id="FLUID_001", player="demo:careful")
MARK = RoundSettings(kind="mark", answers=(TUBE,))


def test_a_class_goes_from_joining_to_reveal(teacher: Teacher, run: Run) -> None:
    ada, bob = student(teacher), student(teacher, "Bob")
    assert (ada.member.number, bob.member.number) == (1, 2)
    assert ada.round() is None
    round_ = teacher.start(MARK)
    assert ada.round() == round_
    ada.mark(round_, TUBE, marked(1.5))
    ada.mark(round_, TUBE, marked(0.5))  # it may be changed while the round is open
    bob.mark(round_, TUBE, marked(2.0))
    assert teacher.counts(round_) == (2, 2)
    teacher.reveal(round_)
    found = teacher.entries(round_)
    assert [(e.member, Verdict.model_validate_json(e.body).scores.pus) for e in found] == [(1, 0.5), (2, 2.0)]
    assert teacher.run().results[0].answer == run.results[0].answer


def test_nobody_sees_what_others_wrote_before_it_is_revealed(teacher: Teacher) -> None:
    ada, bob = student(teacher), student(teacher, "Bob")
    round_ = teacher.start(MARK)
    ada.mark(round_, TUBE, marked())
    assert bob.mine(round_) == {}
    for state in ("open", "closed"):
        if state == "closed":
            teacher.close(round_)
        with pytest.raises(ClassError, match="before the round is revealed"):
            teacher.entries(round_)


def test_a_closed_round_takes_nothing_and_a_revealed_one_stays_closed(teacher: Teacher) -> None:
    ada = student(teacher)
    round_ = teacher.start(MARK)
    teacher.close(round_)
    with pytest.raises(ClassError, match="closed"):
        ada.mark(round_, TUBE, marked())
    teacher.reopen(round_)
    ada.mark(round_, TUBE, marked())
    teacher.reveal(round_)
    with pytest.raises(ClassError, match="closed"):
        ada.mark(round_, TUBE, marked(0.0))
    with pytest.raises(ClassError, match="stays closed"):
        teacher.reopen(teacher.rounds()[-1])
    newer = teacher.start(RoundSettings(kind="write"))
    assert [r.state for r in teacher.rounds()] == ["revealed", "open"]
    assert ada.round() == newer


def test_marks_out_of_range_and_foreign_things_are_refused(teacher: Teacher, bundled: list[Puzzle]) -> None:
    ada = student(teacher)
    round_ = teacher.start(MARK)
    with pytest.raises(ClassError, match=r"must be one of 0, 0\.5"):
        ada.mark(round_, TUBE, marked(1.7))
    with pytest.raises(ClassError, match="Red Herring"):
        ada.mark(round_, TUBE, Verdict(judge="", scores=Scores(pus=1, sps=1, rhh=0.5)))
    with pytest.raises(ClassError, match="not one of those"):
        ada.mark(round_, Trial(problem_id="FLUID_001", player="demo:hasty"), marked())
    foreign = Checklist(principles=(Tick(text="magic", met=True),), steps=())
    with pytest.raises(ClassError, match="does not belong to this puzzle"):
        ada.mark(round_, TUBE, marked().model_copy(update={"checklist": foreign}))
    with pytest.raises(ClassError, match="not one of those to play"):
        ada.play(round_, "FLUID_001", Played(answer="take: ball"))
    with pytest.raises(ClassError, match="puzzles are not being collected"):
        ada.hand_in(round_, bundled[0])
    with pytest.raises(ClassError, match="choose one of the players"):
        ada.predict(round_, Prediction(winner="demo:careful", enough=True))
    assert teacher.counts(round_) == (0, 0)


def test_marks_of_a_checklist_are_worked_out_anew(teacher: Teacher, bundled: list[Puzzle]) -> None:
    tube = next(p for p in bundled if p.problem_id == "FLUID_001")
    ticks = {
        "principles": tuple(Tick(text=x, met=True) for x in tube.physical_principles),
        "steps": tuple(Tick(text=x, met=False) for x in tube.solution.steps),
        "herrings": tuple(Tick(text=x, met=False) for x in tube.red_herrings),
    }
    lied = Verdict(judge="x", scores=Scores(pus=0, sps=2, rhh=0), checklist=Checklist(**ticks, works="no"))
    ada = student(teacher)
    round_ = teacher.start(MARK)
    ada.mark(round_, TUBE, lied)
    teacher.reveal(round_)
    kept = Verdict.model_validate_json(teacher.entries(round_)[0].body)
    assert (kept.scores.pus, kept.scores.sps, kept.scores.rhh, kept.judge) == (2, 0, 1, "human:S01")
    assert kept.checklist == lied.checklist  # as it was ticked, for whoever goes back to it


def test_a_nickname_is_one_persons_also_in_disguise(teacher: Teacher) -> None:
    student(teacher, "Ada")
    for again in ("Ada", " ada ", "АDА", "Ａda", "A\u200bda"):  # Cyrillic, wide, with an invisible sign
        with pytest.raises(ClassError, match="taken"):
            student(teacher, again)
    for empty in ("", "   ", "\u0000", "x" * 25):
        with pytest.raises(ClassError, match="1 to 24"):
            student(teacher, empty)
    assert student(teacher, "<b>Bob</b> [x](y)").member.nickname == "<b>Bob</b> [x](y)"  # as text


def test_a_word_brings_one_back_and_a_nickname_does_not(teacher: Teacher) -> None:
    joined = doors_of(teacher).join(teacher.code, "Ada")
    again = doors_of(teacher).rejoin(teacher.code.lower(), f" {joined.passphrase.upper()} ")
    assert again.member == joined.student.member
    with pytest.raises(ClassError, match="no one in this class has that word"):
        doors_of(teacher).rejoin(teacher.code, "Ada")


@pytest.mark.proof
def test_ten_thousand_joins_end_at_a_full_class(teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(time=lambda: 0.0)  # all of them within one minute
    monkeypatch.setattr("escape.store.database.time", clock)
    refused = 0
    for n in range(JOINS + 20):
        try:
            student(teacher, f"bot {n}")
        except ClassError:
            refused += 1
    assert len(teacher.members()) == min(MAX_JOINED, JOINS)
    assert refused == JOINS + 20 - min(MAX_JOINED, JOINS)


def test_secrets_are_kept_as_hashes_only(lessons: ClassAccess, run: Run, db: Store) -> None:
    opened = lessons.open("x", run, "here")
    joined = lessons.join(opened.code, "Ada")
    with db.reading() as connection:
        told = str([connection.execute(select(t)).all() for t in (rows.classes, rows.members)])
    assert opened.secret not in told
    assert joined.passphrase not in told


def test_thirty_who_join_and_mark_at_once_lose_nothing(teacher: Teacher) -> None:
    round_ = teacher.start(MARK)

    def one(n: int) -> int:
        me = student(teacher, f"student {n}")
        for pus in (0.0, 1.0, 2.0):
            me.mark(round_, TUBE, marked(pus))
        return me.member.number

    with ThreadPoolExecutor(12) as pool:
        numbers = list(pool.map(one, range(30)))
    assert sorted(numbers) == list(range(1, 31))
    assert teacher.counts(round_) == (30, 30)
    teacher.reveal(round_)
    assert {Verdict.model_validate_json(e.body).scores.pus for e in teacher.entries(round_)} == {2.0}


def test_two_tabs_of_one_student_are_one_student(teacher: Teacher) -> None:
    joined = doors_of(teacher).join(teacher.code, "Ada")
    other = doors_of(teacher).rejoin(teacher.code, joined.passphrase)
    round_ = teacher.start(MARK)
    joined.student.mark(round_, TUBE, marked(0.0))
    other.mark(round_, TUBE, marked(2.0))
    assert teacher.counts(round_) == (1, 1)
    assert "2.0" in next(iter(joined.student.mine(round_).values()))


def test_a_member_hands_in_a_few_puzzles_and_may_revise_them(teacher: Teacher, bundled: list[Puzzle]) -> None:
    ada = student(teacher)
    round_ = teacher.start(RoundSettings(kind="write"))
    for puzzle in bundled:
        ada.hand_in(round_, puzzle)
    ada.hand_in(round_, bundled[0].model_copy(update={"title": "Better"}))
    with pytest.raises(ClassError, match="already handed in 5"):
        ada.hand_in(round_, bundled[0].model_copy(update={"problem_id": "ANOTHER"}))
    long = bundled[0].model_copy(
        update={"setup": bundled[0].setup.model_copy(update={"constraints": ("x" * 500,) * 250})}
    )
    with pytest.raises(ClassError, match="too long"):
        ada.hand_in(round_, long)
    teacher.reveal(round_)
    assert len(teacher.entries(round_)) == 5


def test_a_code_ends_after_a_day_and_its_data_after_a_month_or_on_demand(
    teacher: Teacher, db: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_300)
    student(teacher, "Early")
    monkeypatch.setattr(time, "time", lambda: now + 86_500)
    with pytest.raises(ClassError, match="nobody new can join"):
        student(teacher)
    teacher.extend_joining()
    ada = student(teacher)
    monkeypatch.setattr(time, "time", lambda: now + 31 * 86_400)
    with pytest.raises(ClassError, match="no class with that code"):
        student(teacher, "Bob")
    monkeypatch.setattr(time, "time", lambda: now)
    ada.mark(teacher.start(MARK), TUBE, marked())
    teacher.delete()
    for look in (ada.run, ada.round, teacher.about):
        with pytest.raises(ClassError, match="deleted"):
            look()
    with db.reading() as connection:
        for table in (rows.classes, rows.members, rows.rounds, rows.entries):
            assert connection.execute(select(table)).all() == []


def test_a_round_stays_about_the_run_that_it_was_opened_on(
    teacher: Teacher, run: Run, lessons: ClassAccess
) -> None:
    ada = student(teacher)
    round_ = teacher.start(MARK)
    other = run.model_copy(update={"title": "another", "results": (), "puzzles": run.puzzles[:1]})
    other = other.model_copy(update={"config": RunConfig()})
    with pytest.raises(ClassError, match="an open round"):
        teacher.set_run(other)
    ada.mark(round_, TUBE, marked())
    teacher.reveal(round_)
    teacher.set_run(other)
    assert teacher.run().title == "another"
    assert teacher.run(round_).results[0].trial == run.results[0].trial
    assert ada.run(round_).puzzles == run.puzzles
    assert lessons._store.run(f"class-{teacher.code}-1") is None  # nobody comes to it by a link
    later = ClassData(lessons._store)  # as after a restart
    assert later.run(teacher.code, round_.settings.content).results[0].trial == run.results[0].trial
    teacher.delete()
    with lessons._store.reading() as connection:
        assert (
            connection.execute(select(rows.runs.c.code).where(rows.runs.c.code.like("class-%"))).all() == []
        )


def test_old_classes_and_tries_are_forgotten(
    teacher: Teacher, db: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    student(teacher)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 40 * 86_400)
    with pytest.raises(ClassError):
        ClassAccess(ClassData(db)).join(teacher.code, "Bob")
    db.sweep()
    with db.reading() as connection:
        for table in (rows.classes, rows.members):
            assert connection.execute(select(table)).all() == []
        assert len(connection.execute(select(rows.tries)).all()) <= 1  # the one just now


def test_rounds_are_about_what_the_class_has(teacher: Teacher) -> None:
    for plan in (RoundSettings(kind="mark"), RoundSettings(kind="play", puzzles=("NOPE",)),
                 RoundSettings(kind="predict", players=("a",)),
                 RoundSettings(kind="mark", answers=(Trial(problem_id="X", player="y"),))):  # fmt: skip
        with pytest.raises(ClassError, match="choose"):
            teacher.start(plan)
    assert teacher.rounds() == []


def test_a_run_behind_its_code_outlives_the_server(db: Store, run: Run) -> None:
    db.save_run("abc", jsonl.packed_file(run))
    db.save_shelf("mine", "[]")
    kept = db.run("abc")
    assert kept is not None
    assert jsonl.loads(kept).results[0] == run.results[0]
    assert db.run("other") is None
    assert db.shelf("mine") == "[]"
    db.drop_run("abc")
    assert db.run("abc") is None


def test_a_deleted_class_leaves_no_run_behind_in_memory(lessons: ClassAccess, run: Run) -> None:
    opened = lessons.open("gone", run, "here")
    teacher = lessons.teach(opened.code, opened.secret)
    round_ = teacher.start(RoundSettings(kind="write"))
    assert teacher.run(round_).results
    teacher.delete()
    with pytest.raises(ClassError, match="deleted"):
        teacher.run(round_)


def test_shared_memory_is_bounded_and_what_nobody_looks_at_makes_room(
    db: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escape.store.database.MAX_KEPT", 250)
    monkeypatch.setattr("escape.store.database.MEASURE_EVERY_S", 0.0)
    db.save_run(f"{OF_A_CLASS}ABCDEF-1", bytes(1000))
    for code in ("first", "second"):
        db.save_run(code, bytes(100))
        time.sleep(0.01)
    assert db.run("first") is not None  # looked at: the second is the oldest now
    db.save_run("third", bytes(100))
    assert [c for c in ("first", "second", "third") if db.run(c)] == ["first", "third"]
    with db.reading() as look:
        assert look.execute(select(rows.runs.c.code).where(rows.runs.c.code.startswith(OF_A_CLASS))).all()


def test_an_address_that_cannot_be_meant_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCAPE_DB_URL", "mydb")
    with pytest.raises(StoreError, match="ESCAPE_DB_URL is not a database address"):
        store()
    monkeypatch.delenv("ESCAPE_DB_URL")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="ESCAPE_DATA"):
        database_url({"ESCAPE_DATA": str(tmp_path / "file" / "x")})
    assert database_url({"ESCAPE_DB_URL": "postgres://u@h/n"}) == "postgresql+psycopg://u@h/n"


def test_people_are_counted_once_however_much_they_wrote(teacher: Teacher) -> None:
    other = Trial(problem_id="FLUID_001", player="demo:hasty")
    ada = student(teacher)
    round_ = teacher.start(RoundSettings(kind="mark", answers=(TUBE, other)))
    ada.mark(round_, TUBE, marked())
    ada.mark(round_, other, marked())
    assert teacher.counts(round_) == (1, 2)
    student(teacher, "Bob").mark(round_, TUBE, marked())
    assert teacher.counts(round_) == (2, 3)


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.3, "The judge was 0.3 marks more generous than you."),
        (-0.3, "The judge was 0.3 marks stricter than you."),
        (0.04, "The judge was as generous as you."),
    ],
)
def test_a_student_is_told_which_way_the_judge_differs(gap: float, said: str) -> None:
    assert generosity_sentence(gap) == said


def test_a_button_drawn_before_the_reveal_opens_nothing_again(teacher: Teacher, db: Store) -> None:
    before = teacher.start(MARK)
    teacher.reveal(before)
    teacher.close(before)
    teacher.reopen(before)  # the page still holds the round as it was
    assert teacher.rounds()[-1].state == "revealed"


def test_a_class_is_prolonged_from_now_on(teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3 * 86_400)
    teacher.extend_joining()
    assert teacher.about().until == pytest.approx(now + 4 * 86_400)
    assert student(teacher).member.number == 1


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (RoundSettings(kind="mark", answers=()), "choose answers"),
        (RoundSettings(kind="play", puzzles=("NONE",)), "choose at least one room to play"),
        (RoundSettings(kind="predict", players=("a",)), "at least two players"),
        (RoundSettings(kind="note"), "choose answers"),
        (RoundSettings(kind="bet"), "no plan to bet on"),
    ],
)
def test_a_round_that_cannot_be_is_refused(teacher: Teacher, plan: RoundSettings, why: str) -> None:
    with pytest.raises(ClassError, match=why):
        teacher.start(plan)
    assert teacher.rounds() == []


def test_a_word_opens_its_own_class_alone(lessons: ClassAccess, run: Run) -> None:
    first, second = (lessons.open(name, run, "here") for name in ("a", "b"))
    word = lessons.join(first.code, "Ada").passphrase
    assert lessons.rejoin(first.code, word).member.nickname == "Ada"
    with pytest.raises(ClassError):
        lessons.rejoin(second.code, word)
    with pytest.raises(ClassError):
        lessons.teach(second.code, first.secret)


def test_each_class_is_about_its_own_run(lessons: ClassAccess, run: Run) -> None:
    other = run.model_copy(update={"results": run.results[:3]})
    held = [lessons.open(name, about, "here") for name, about in (("a", run), ("b", other))]
    teachers = [lessons.teach(one.code, one.secret) for one in held]
    assert [len(t.run().results) for t in teachers] == [len(run.results), 3]


def test_only_answers_that_are_there_can_be_marked(teacher: Teacher, run: Run) -> None:
    first, *rest = run.results
    failed = first.model_copy(update={"answer": None, "verdict": None})
    teacher.set_run(run.model_copy(update={"results": (failed, *rest)}))
    with pytest.raises(ClassError, match="choose answers from this class's run"):
        teacher.start(RoundSettings(kind="mark", answers=(first.trial,)))
    assert teacher.start(RoundSettings(kind="mark", answers=(rest[0].trial,))).number == 1


ESCAPE = Path(__file__).parent.parent.parent / "escape"


@pytest.mark.parametrize("module", ["rounds/tasks", "guide"])
def test_no_kind_of_round_is_looked_up_unseen_by_mypy(module: str) -> None:
    tree = ast.parse((ESCAPE / "ui" / "class_" / f"{module}.py").read_text("utf-8"))
    looked_up = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict)
    ]
    assert not [n.lineno for n in looked_up if isinstance(n.slice, ast.Attribute) and n.slice.attr == "kind"]
