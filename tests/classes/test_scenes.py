"""The scenes of a board: their order, where a class is among them, and what each shows."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from escape.classes import (
    BetEntry,
    ClassAccess,
    ClassData,
    Place,
    Played,
    Prediction,
    Remark,
    Review,
    Round,
    RoundSettings,
    SceneContent,
    SceneData,
    Student,
    Teacher,
    script,
    shown,
    steps,
    turns,
)
from escape.classes.outcomes import DIFFERENCES
from escape.classes.scenes import read_place
from escape.classes.shown import MOST_WORDS
from escape.results import CATEGORIES
from escape.store import Store
from escape.types import JudgeSpec, ModelSpec, Scores, Verdict
from escape.ui.class_ import lessons, notes, scene
from escape.ui.class_.rounds import next_round
from tests.small_runs import puzzles, result, run_of, verdict

OWL, LARK, KEY = (
    ModelSpec(provider=p, model=m) for p, m in (("openai", "owl"), ("groq", "lark"), ("demo", "reference"))
)


def test_players_who_are_level_in_every_room_are_told_apart_by_none() -> None:
    rows = [result(f"P{i}", p, verdict(2, 2, 1)) for p in (OWL, LARK) for i in range(6)]
    run = run_of(puzzles(6), rows, (OWL, LARK), judge=JudgeSpec(design="checklist", model=OWL))
    title = DIFFERENCES["predict"](SceneData(held(1, "predict"), (), run)).title
    assert "apart" in title
    assert "better" not in title


def test_a_leader_by_every_metric_is_one_winner_however_clear() -> None:
    """The reference beside them leads nowhere: it is no model."""
    marks = ((KEY, (2, 2)), (OWL, (2, 1)), (LARK, (0, 1)))
    rows = [result(f"P{i}", p, verdict(pus, sps, 1)) for p, (pus, sps) in marks for i in range(8)]
    judge = JudgeSpec(design="checklist", model=OWL)
    board = turns.by_metric(run_of(puzzles(8), rows, (KEY, OWL, LARK), judge=judge))
    assert len({said for _, said in board.rows}) > 1
    assert {said.partition(",")[0] for _, said in board.rows} <= {"owl", "nobody"}
    assert board.title == "Every metric names the same winner"


def held(number: int, kind: str, state: str = "revealed") -> Round:
    return Round(number, number, state, RoundSettings.model_validate({"kind": kind}))  # type: ignore[arg-type]


FIVE = ("5", ("bet", "play"), "join task count result film task count result home".split())
FIRST = [("join", 1), ("task", 1), ("count", 1), ("result", 1), ("film", 1)]


def test_a_lesson_s_scenes_are_about_its_rounds_in_order() -> None:
    made = script([FIVE], [])
    assert [tuple(place[:2]) for place in made.places] == [
        *FIRST, ("task", 2), ("count", 2), ("result", 2), ("home", 2)
    ]  # fmt: skip
    assert [act.held for act in made.acts] == [None, None]
    again = script([FIVE], [held(1, "bet"), held(2, "play", "open")])
    assert again.places == made.places
    assert [act.held and act.held.state for act in again.acts] == ["revealed", "open"]


@pytest.mark.parametrize(
    ("kinds", "then"),
    [
        (("mark",), ["join.2", "count.1", "result.1", "differ.1", "task.2"]),  # before the lesson's first
        (("bet", "write"), ["film.1", "count.2", "result.2", "task.3"]),  # between its two
        # one of its own, once more
        (("bet", "bet"), ["film.1", "count.2", "result.2", "differ.2", "task.3"]),
        (("bet", "play", "note"), ["result.2", "count.3", "result.3", "differ.3", "home.2"]),  # after them
    ],
)
def test_a_round_that_no_lesson_planned_stands_where_it_was_held(
    kinds: tuple[str, ...], then: list[str]
) -> None:
    made = script([FIVE], [held(n, kind) for n, kind in enumerate(kinds, 1)])
    said = [f"{place.name}.{place.number}" for place in made.places]
    at = said.index(then[0])
    assert said[at : at + len(then)] == then


def test_a_class_without_a_lesson_has_the_scenes_of_its_rounds() -> None:
    made = script([("", (), ("join", "home"))], [held(1, "predict"), held(2, "mark", "open")])
    assert [f"{place.name}.{place.number}" for place in made.places] == [
        "join.0", "count.1", "result.1", "differ.1", "count.2", "result.2", "differ.2", "home.0",
    ]  # fmt: skip


@pytest.mark.parametrize("stored", ["film.1.3", "join.1.1", "home.2.1"])
def test_a_place_is_read_as_it_was_written(stored: str) -> None:
    place = read_place(stored)
    assert str(place) == stored
    assert script([FIVE], []).within(stored) == place


@pytest.mark.parametrize("stored", ["", "film", "film.x.1", "film.1.", "nothing.1.1", "result.9.1"])
def test_a_place_that_does_not_exist_is_the_first(stored: str) -> None:
    assert script([FIVE], []).within(stored) == Place("join", 1)


def test_a_reveal_leads_to_what_came_of_the_round_by_whatever_name() -> None:
    made = script([("4b", ("review", "play"), "join task count result task count rooms home".split())], [])
    assert made.within("result.2.1") == Place("rooms", 2)


def test_forward_and_back_go_through_all_scenes_and_their_steps() -> None:
    made, place, seen = script([FIVE], []), Place("join", 1), []
    while place:
        seen.append(place)
        place = made.after(place, 3 if place.name == "film" else 1)
    assert len(seen) == len(made.places) + 2
    assert made.before(Place("film", 1, 3)) == Place("film", 1, 2)
    assert made.before(Place("task", 2)) == Place("film", 1)
    assert made.before(made.places[0]) is None


@pytest.mark.parametrize("number", list(lessons.LESSONS))
def test_the_document_says_something_of_each_scene(number: str) -> None:
    told, planned = notes.lessons()[number], lessons.LESSONS[number]
    assert [note.name for note in told.scenes] == [
        scene.NAMES.get(name, scene.SECOND_LOOK)  # type: ignore[call-overload]
        for name in planned.scenes.split()
    ]
    tasks = [note for note in told.scenes if note.name == "The task"]
    assert len(tasks) == len(planned.rounds)
    assert all(note.minutes and note.board for note in tasks)
    assert told.scenes[-1].board


@pytest.fixture
def access(tmp_path: Path) -> Iterator[ClassAccess]:
    store = Store(f"sqlite:///{tmp_path}/s.sqlite")
    yield ClassAccess(ClassData(store))
    store.close()


def hand_in(teacher: Teacher, class_round: Round, students: list[Student]) -> None:
    """Have students hand in something different each, so that they disagree."""
    run, chance = teacher.run(class_round), random.Random(7)
    for n, me in enumerate(students):
        plan = class_round.settings
        for trial in plan.answers if plan.kind == "mark" else ():
            rhh = float(n % 2) if run.puzzle_by_id[trial.problem_id].red_herrings else None
            scores = Scores(pus=chance.choice((0.5, 1, 2)), sps=chance.choice((0, 1, 2)), rhh=rhh)
            me.mark(class_round, trial, Verdict(judge="", scores=scores))
        for trial in plan.answers if plan.kind == "note" else ():
            words = "it forgot to open the valve before it poured the water over the hot stone"
            me.remark(
                class_round, trial, Remark(text=words, category=CATEGORIES[(n + chance.randrange(2)) % 3])
            )
        for number in range(len(plan.bets)):
            me.call(class_round, number, BetEntry(out=chance.random() < 0.6))
        for problem_id in plan.puzzles:
            world = run.puzzle_by_id[problem_id].world
            lines = "\n".join(world.moves) if world and n else "wait"
            me.play(class_round, problem_id, Played(answer=f"Moves:\n{lines}"))
        if plan.kind == "predict":
            me.predict(class_round, Prediction(winner=plan.players[n % 2], enough=bool(n)))
        if plan.kind == "write":
            room = [p for p in run.puzzles if p.world][n]
            me.hand_in(class_round, room.model_copy(update={"problem_id": f"MINE_{n}"}))
        if plan.kind == "review":
            for key, room in me.to_review(class_round).items():
                word = ("clear", "ambiguous", "there is a shortcut")[n % 3]
                lines = "\n".join(room.world.moves) if room.world and n else "wait"
                line = "which of the two bottles of water do you mean in the second sentence?"
                me.review(
                    class_round, key, Review.model_validate({"moves": lines, "word": word, "line": line})
                )


def walked(teacher: Teacher, students: list[Student]) -> list[tuple[str, SceneContent]]:
    """Go through a class from its first scene to its last, and return what the board shows on the way."""
    seen: list[tuple[str, SceneContent]] = []
    for _ in range(80):
        now = scene.stage(teacher)
        seen.append((f"{now.lesson} {now.place}", scene.content(teacher, now)))
        act = now.act
        if (
            now.place.name == "count"
            and act
            and act.held
            and act.held.state == "open"
            and not teacher.counts(act.held)[0]
        ):
            hand_in(teacher, act.held, students)
        to, _ = scene.forward(teacher, now)
        if to is None:
            return seen
        scene._turn_to(teacher, now, to)
    raise AssertionError(seen[-5:])


@pytest.mark.proof
@pytest.mark.parametrize("number", [n for n in lessons.LESSONS if n != lessons.REVIEW])
def test_every_scene_of_a_lesson_says_one_thing_in_sixty_words(access: ClassAccess, number: str) -> None:
    run = lessons.LESSONS[number].run()
    assert run
    opened = access.open(f"Lesson {number}: {notes.lessons()[number].question}", run, "somebody", "")
    teacher = access.teach(opened.code, opened.secret)
    students = [access.join(opened.code, name).student for name in ("Ada", "Bob", "Cy")]
    boards = walked(teacher, students)
    late = 3  # words of the line for those who come late
    long = {place: what.text for place, what in boards if len(what.text.split()) + late > MOST_WORDS}
    assert not long
    assert all(what.title for _, what in boards)
    assert len({what for _, what in boards}) == len(boards)
    assert all(r.state == "revealed" for r in teacher.rounds())
    assert {r.settings.kind for r in teacher.rounds()} >= {
        p.partition(" ")[0] for p in lessons.LESSONS[number].rounds
    }


@pytest.mark.parametrize("number", [n for n in lessons.LESSONS if n != lessons.REVIEW])
def test_a_lesson_by_projector_alone_comes_to_its_end(access: ClassAccess, number: str) -> None:
    """Nobody joins, nobody hands anything in."""
    run = lessons.LESSONS[number].run()
    assert run
    opened = access.open(f"Lesson {number}: {notes.lessons()[number].question}", run, "somebody", "")
    teacher = access.teach(opened.code, opened.secret)
    for _ in range(60):
        now = scene.stage(teacher)
        assert scene.content(teacher, now).title
        to, does = scene.forward(teacher, now)
        if to is None or (number == lessons.WRITE and now.lesson == lessons.REVIEW and "open" in does):
            return  # without two rooms there is nothing to review, which the guide says
        scene._turn_to(teacher, now, to)
    raise AssertionError(scene.stage(teacher).place)


@pytest.mark.parametrize("number", ["2", "5"])
def test_after_a_restart_the_board_is_in_its_scene(tmp_path: Path, number: str) -> None:
    """In every scene, whichever server goes on."""
    url = f"sqlite:///{tmp_path}/s.sqlite"
    run = lessons.LESSONS[number].run()
    assert run
    store = Store(url)
    access = ClassAccess(ClassData(store))
    opened = access.open(f"Lesson {number}: {notes.lessons()[number].question}", run, "somebody", "")
    teacher, me = access.teach(opened.code, opened.secret), access.join(opened.code, "Ada").student
    for n in range(40):
        now = scene.stage(teacher)
        before = scene.content(teacher, now)
        store.close()
        store = Store(url)
        teacher = ClassAccess(ClassData(store)).teach(opened.code, opened.secret)
        me = Student(teacher.data, me.member)
        after = scene.stage(teacher)
        assert (after.place, scene.content(teacher, after)) == (now.place, before)
        if (
            now.place.name == "count"
            and now.act
            and now.act.held
            and now.act.held.state == "open"
            and not n % 2
        ):
            hand_in(teacher, now.act.held, [me])
        to, _ = scene.forward(teacher, after)
        if to is None:
            break
        scene._turn_to(teacher, after, to)
    assert now.place.name == "home"
    store.close()


def test_nothing_of_what_was_written_is_on_the_board_before_the_reveal(access: ClassAccess) -> None:
    run = lessons.LESSONS["6"].run()
    assert run
    opened = access.open("Why?", run, "somebody", "")
    teacher = access.teach(opened.code, opened.secret)
    me = access.join(opened.code, "Grace").student
    class_round = teacher.start(next_round.settings(teacher, "note"))
    me.remark(class_round, class_round.settings.answers[0], Remark(text="a secret word"))
    for place in ("count.1.1", "result.1.1", "differ.1.1"):
        teacher.data.rows.set_scene(opened.code, place)
        text = scene.content(teacher, scene.stage(teacher)).text
        assert "secret" not in text
        assert "Grace" not in text
    teacher.reveal(class_round)
    assert scene.stage(teacher).place == Place("result", 1)
    teacher.show(Place("differ", 1))
    assert "secret" in scene.content(teacher, scene.stage(teacher)).text


def test_a_press_that_another_window_has_overtaken_does_nothing(access: ClassAccess) -> None:
    from tests.ui.test_class import opened as page

    run = lessons.LESSONS["1"].run()
    assert run
    opened = access.open(f"Lesson 1: {notes.lessons()['1'].question}", run, "somebody", "")
    teacher, state = access.teach(opened.code, opened.secret), page().session_state["escape"]
    was = scene.stage(teacher)
    to, _ = scene.forward(teacher, was)
    assert to
    for _ in range(3):  # one press of three windows
        scene.turn(state, teacher, was, to)
    assert scene.stage(teacher).place == Place("task", 1)
    was = scene.stage(teacher)
    for _ in range(3):
        scene.turn(state, teacher, was, Place("count", 1))
    assert [r.state for r in teacher.rounds()] == ["open"]


def test_the_moves_of_a_film_are_the_steps_of_its_scene(access: ClassAccess) -> None:
    run = lessons.LESSONS["5"].run()
    assert run
    opened = access.open(f"Lesson 5: {notes.lessons()['5'].question}", run, "somebody", "")
    teacher = access.teach(opened.code, opened.secret)
    class_round = teacher.start(next_round.settings(teacher, "bet"))
    teacher.reveal(class_round)
    seen = SceneData(class_round, (), run)
    n = steps(Place("film", 1), seen)
    assert n > 1
    assert len({shown(Place("film", 1, at), seen).picture for at in range(1, n + 1)}) == n
