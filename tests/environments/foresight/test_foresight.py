"""Foresight: questions that carrying the moves out answers, balanced, and a figure that a guess leaves at nothing."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from escape import prompts
from escape.calls import Limits
from escape.calls.guard import Calls
from escape.environments import attempt
from escape.environments.foresight import foreseen_by, marked, questions, score
from escape.environments.houses import HouseAttempt, houses
from escape.environments.rooms import Play
from escape.puzzles import files, scripted
from escape.results import csv, digest, foresight, understanding
from escape.runs import backlog, bills, new_run, trials
from escape.runs.file import RunFile, charged_usd, load
from escape.stats import mean_interval
from escape.types import (
    ANSWER_BUDGET,
    Answer,
    FailureKind,
    Foreseen,
    ModelError,
    ModelSpec,
    Prompt,
    Puzzle,
    Question,
    Result,
    RunConfig,
    Trial,
    normalized_name,
)
from tests.runs.test_trials import FREE, FairJudge, Player


@pytest.fixture(scope="module")
def rooms() -> list[Puzzle]:
    return files.load(files.BUNDLED)


@pytest.fixture(scope="module")
def made() -> list[Puzzle]:
    return houses("foresight", 6, 12)


def after(question: Question) -> tuple[list[str], str]:
    """The moves that a question about a room tells, and the one that comes then."""
    head, _, then = question.text.partition("\nThen: ")
    return [line.partition(". ")[2] for line in head.splitlines() if line[:1].isdigit()], then.partition("\n")[0]


def test_the_questions_are_the_same_for_everybody_and_some_ten(rooms: list[Puzzle], made: list[Puzzle]) -> None:
    assert questions(rooms[0]) == questions(rooms[0].model_copy())
    assert all(8 <= len(questions(house)) <= 11 for house in made)
    assert sum(len(questions(p)) >= 9 for p in rooms) >= 24
    assert min(len(questions(p)) for p in rooms) >= 4


def test_what_happens_in_a_room_is_what_carrying_the_move_out_shows(rooms: list[Puzzle]) -> None:
    for puzzle in rooms:
        for question in questions(puzzle):
            if question.kind == "happens":
                moves, then = after(question)
                tried = attempt(puzzle)
                for line in [*moves, then]:
                    assert tried.do(line).understood, line
                assert isinstance(tried, Play)
                now = dict(zip(tried.room.facts, tried.state, strict=True))
                held = dict(fact.split(": ", 1) for fact in question.options[question.right].split("; "))
                called = {f: normalized_name(tried.room.names.named(f)) or f for f in now}  # told by the thing's name
                assert all(any(now[f] == value for f in now if called[f] == name) for name, value in held.items())


def test_whether_there_is_a_way_out_is_what_the_solver_says(rooms: list[Puzzle]) -> None:
    for puzzle in rooms:
        for question in questions(puzzle):
            if question.kind == "possible":
                tried = attempt(puzzle)
                for line in after(question)[0]:
                    tried.do(line)
                assert (tried.lost_at is None) == (question.options[question.right] == "yes")


def test_the_line_that_changes_nothing_is_the_first_one(rooms: list[Puzzle]) -> None:
    for puzzle in rooms:
        for question in questions(puzzle):
            if question.kind == "fails":
                tried, idle = attempt(puzzle), 0
                for number, line in enumerate(after(question)[0], 1):
                    if not tried.do(line).changed:
                        idle = number
                        break
                assert question.right == idle


def test_in_houses_too_the_moves_answer(made: list[Puzzle]) -> None:
    for house in made:
        possible = [q.right for q in questions(house) if q.kind == "possible"]
        assert possible.count(0) == possible.count(1)  # who always says the same is right half of the time
        for question in questions(house):
            told, _, then = question.text.partition("\nThen: ")
            lines = (
                told.partition("start: ")[2].rstrip(".").partition(".\n")[0].split("; ") if "start: " in told else []
            )
            tried = HouseAttempt(house)
            for line in lines:
                tried.do(line)
            if question.kind == "possible":
                assert (tried.lost_at is None) == (question.right == 0)
            if question.kind == "happens":
                before = tried.place.opened
                said = tried.do(then.partition("\n")[0])
                opened, dead = tried.place.opened > before, bool(tried.place.dead)
                assert question.right == (0 if opened else 1 if dead else 2 if said.changed else 3)


def test_no_answer_is_right_much_more_often_than_the_others(rooms: list[Puzzle]) -> None:
    asked = [q for p in rooms for q in questions(p)]
    yes = [q.right == 0 for q in asked if q.kind == "possible"]
    assert 0.35 < sum(yes) / len(yes) < 0.65
    none = [(q.right == 0, 1 / len(q.options)) for q in asked if q.kind == "fails"]
    assert abs(sum(r for r, _ in none) / len(none) - sum(c for _, c in none) / len(none)) < 0.15
    places = Counter(q.right for q in asked if q.kind == "happens")
    assert max(places.values()) < 0.5 * sum(places.values())


def test_a_guess_is_worth_nothing_and_all_right_one(rooms: list[Puzzle], made: list[Puzzle]) -> None:
    every = [p for p in [*rooms, *made] if questions(p)]
    assert {figure(p, "reference") for p in every} == {1.0}
    guessed = mean_interval([figure(p, "guesser") for p in every])
    assert guessed.low is not None
    assert guessed.high is not None
    assert guessed.low <= 0 <= guessed.high
    careful, hasty = (mean_interval([figure(p, n) for p in every]).mean for n in ("careful", "hasty"))
    assert careful > 0.6 > 0.3 > hasty


def figure(puzzle: Puzzle, player: str) -> float:
    said = foreseen_by(player, puzzle)
    assert said is not None
    found = score(marked(questions(puzzle), json.loads(said)))
    assert found is not None
    return found


def item(kind: str, *, right: bool, chance: float, pair: int = 0) -> Foreseen:
    return Foreseen(kind=kind, said="x", wanted="y", right=right, chance=chance, pair=pair)


def test_kinds_count_alike_and_of_a_pair_both_must_be_right() -> None:
    two = [item("possible", right=True, chance=0.5), item("happens", right=False, chance=0.25)]
    assert score(two) == pytest.approx((1 - 0.25 / 0.75) / 2)
    assert score([*two, two[0], two[0]]) == score(two)  # however many are asked of a kind
    half = [item("changed", right=r, chance=0.5, pair=1) for r in (True, False)]
    assert score(half) == pytest.approx(-0.25 / 0.75)
    assert score([item("changed", right=True, chance=0.5, pair=1)] * 2) == 1.0
    assert score([]) is None


@pytest.mark.parametrize("said", ["no", "No.", " NO "])
def test_an_option_is_read_forgivingly_and_nonsense_is_wrong(said: str) -> None:
    question = Question(kind="possible", text="?", options=("yes", "no"), right=1)
    assert marked([question], {"q1": said})[0].right
    assert not any(marked([question], {"q1": x})[0].right for x in ("", None, 3, ["no"], {"a": 1}, "maybe"))
    assert not marked([question], {})[0].right


class Seer(Player):
    """Answers as a script does, and fails the first so many times that it is asked what will happen."""

    def __init__(self, puzzles: Iterable[Puzzle], fails: int = 0, said: str = "") -> None:
        super().__init__("fake:p")
        self.by_id, self.fails, self.said = {p.problem_id: p for p in puzzles}, fails, said

    async def complete(self, prompt: Prompt) -> Answer:
        if prompt.name != "foresight":
            return await super().complete(prompt)
        self.fails -= 1
        if self.fails >= 0:
            raise ModelError(FailureKind.BAD_REQUEST, "not today", attempts=1, doubtful_usd=0.25)
        said = self.said or foreseen_by("reference", self.by_id[prompt.problem_id]) or ""
        return Answer(text=said, cost_usd=0.5, input_tokens=1, output_tokens=1)


def ask(puzzle: Puzzle, player: Player, known: Result | None = None) -> list[Result]:
    trial = Trial(problem_id=puzzle.problem_id, player="fake:p", budget=player.spec.max_tokens)
    out = list[Result]()
    cast = trials.Participants({puzzle.problem_id: puzzle}, {"fake:p": player}, FairJudge(),
                               config=RunConfig(foresight=True),
                               earlier=backlog.EarlierGoes(unforeseen={trial: known} if known else {}))  # fmt: skip
    asyncio.run(
        trials.run([trial], cast, Calls(FREE, Limits(concurrency=1)), out.append, now=lambda: "2026-01-01T00:00:00")
    )
    return out


def test_a_run_asks_once_more_and_a_question_that_failed_is_asked_again_alone(
    rooms: list[Puzzle], tmp_path: Path
) -> None:
    room = next(p for p in rooms if p.problem_id == "FLUID_001")
    config = RunConfig(players=(Player("fake:p").spec,), problem_ids=("FLUID_001",), foresight=True)
    with RunFile.begin(str(tmp_path / "run.json"), new_run(config, [room]), force=False) as file:
        for result in ask(room, Seer([room], fails=1)):
            file.add(result)
    held = load(tmp_path / "run.json")
    (lost,) = held.results
    assert lost.foresight
    assert lost.foresight.problem == "not today"
    assert digest(held).lacking == 1
    again = backlog.unforeseen(config, held.results, held.puzzle_by_id, ())
    assert list(again.values()) == [lost]
    player = Seer([room])
    done = ask(room, player, lost)[-1].after(lost)
    assert player.calls == []  # the room was not played again
    assert done.foresight
    assert score(done.foresight.items) == 1.0
    run = held.model_copy(update={"results": (done,)})
    assert not backlog.unforeseen(config, run.results, run.puzzle_by_id, ())
    (row,) = csv.rows(run)
    assert (row["foresight"], row["foresight_n"]) == (1.0, len(questions(room)))
    assert foresight(run)["fake:p"].mean == 1.0


def test_a_file_charges_the_mark_and_the_foresight_once_each(rooms: list[Puzzle], tmp_path: Path) -> None:
    room = next(p for p in rooms if p.problem_id == "FLUID_001")
    config = RunConfig(players=(Player("fake:p").spec,), problem_ids=("FLUID_001",), foresight=True)
    answered, judged, whole = ask(room, Seer([room]))
    assert judged.verdict
    paid = judged.verdict.model_copy(update={"cost_usd": 0.25})
    with RunFile.begin(str(tmp_path / "run.json"), new_run(config, [room]), force=False) as file:
        for result in (answered, *(r.model_copy(update={"verdict": paid}) for r in (judged, whole))):
            file.add(result)
        assert charged_usd(file.run) == pytest.approx(whole.charged_usd + 0.25)
    held = load(tmp_path / "run.json")
    assert charged_usd(held) == pytest.approx(whole.charged_usd + 0.25)
    assert held.results[0] == whole.model_copy(update={"verdict": paid})


def test_a_bug_in_asking_takes_no_mark_with_it_and_a_stop_leaves_it_to_be_asked(rooms: list[Puzzle]) -> None:
    room = next(p for p in rooms if p.problem_id == "FLUID_001")

    class Broken(Seer):
        async def complete(self, prompt: Prompt) -> Answer:
            if prompt.name == "foresight":
                raise KeyError("a bug")
            return await super().complete(prompt)

    done = ask(room, Broken([room]))[-1]
    assert done.verdict
    assert done.foresight
    assert done.foresight.problem == "internal error: KeyError"
    config = RunConfig(players=(Player("fake:p").spec,), problem_ids=("FLUID_001",), foresight=True)
    stopped = done.model_copy(update={"foresight": None})
    run = new_run(config, [room]).model_copy(update={"results": (stopped,)})
    assert (digest(run).waiting, digest(run).lacking) == (1, 1)


def test_what_was_foreseen_is_not_asked_again_when_a_judge_comes_later(rooms: list[Puzzle]) -> None:
    room = next(p for p in rooms if p.problem_id == "FLUID_001")
    done = ask(room, Seer([room]))[-1]
    player, out = Seer([room]), list[Result]()
    cast = trials.Participants({room.problem_id: room}, {"fake:p": player}, FairJudge(),
                               config=RunConfig(foresight=True),
                               earlier=backlog.EarlierGoes(foreseen=backlog.foreseen([done])))  # fmt: skip
    assert done.answer
    known = {done.trial: done.answer}
    work = trials.run(
        [done.trial], cast, Calls(FREE, Limits(concurrency=1)), out.append, now=lambda: "x", answers=known
    )
    asyncio.run(work)
    assert [r.foresight for r in out] == [None]
    assert out[0].after(done).foresight == done.foresight


def test_a_reply_that_cannot_be_read_is_wrong_and_paid(rooms: list[Puzzle]) -> None:
    done = ask(rooms[0], Seer(rooms, said="I would rather not."))[-1]
    assert done.foresight
    assert not any(x.right for x in done.foresight.items)
    assert done.charged_usd == 0.5


def test_the_estimate_counts_the_further_call(rooms: list[Puzzle]) -> None:
    config = RunConfig(players=(ModelSpec(provider="openai", model="gpt-4o-mini"),), problem_ids=("FLUID_001",))
    tube = [p for p in rooms if p.problem_id == "FLUID_001"]
    once, more = bills(config, tube)[0], bills(config.model_copy(update={"foresight": True}), tube)[0]
    assert (once.calls, more.calls) == (1, 2)


def test_the_prompt_names_every_option_and_its_schema_takes_nothing_else(rooms: list[Puzzle]) -> None:
    asked = questions(rooms[0])
    prompt = prompts.foresight(rooms[0], asked)
    assert all(option in prompt.user for q in asked for option in q.options)
    assert prompt.reply_schema is not None
    assert list(prompt.reply_schema["properties"]) == [f"q{n}" for n in range(1, len(asked) + 1)]  # type: ignore[arg-type]


def test_understanding_stands_against_getting_out_with_names_that_are_no_markup(rooms: list[Puzzle]) -> None:
    room = next(p for p in rooms if p.problem_id == "FLUID_001")
    config = RunConfig(
        players=(ModelSpec(provider="openai", model="<b>x"),), problem_ids=("FLUID_001",), foresight=True
    )
    done = ask(room, Seer([room]))[-1]
    trial = Trial(problem_id="FLUID_001", player="openai:<b>x", budget=ANSWER_BUDGET)
    renamed = done.model_copy(update={"trial": trial})
    run = new_run(config, [room]).model_copy(update={"results": (renamed,)})
    drawn = understanding.picture(run)
    assert "stumbles out" in drawn
    assert "<b>" not in drawn
    assert "foresight" in understanding.said(run)


def test_the_guesser_plays_written_rooms_and_gets_out_of_few(rooms: list[Puzzle]) -> None:
    guesser = scripted(ModelSpec(provider="control", model="guesser"), rooms)
    out = 0
    for puzzle in rooms:
        answer = asyncio.run(guesser.complete(prompts.player(puzzle)))
        tried = attempt(puzzle)
        for line in answer.text.splitlines()[1:]:
            tried.do(line)
        out += tried.outcome.out
    assert out <= 3


def test_who_foresees_nothing_is_not_counted_as_wrong(by_id: dict[str, Puzzle]) -> None:
    assert foreseen_by("by-heart", by_id["FLUID_001"]) is None
    assert foreseen_by("reference", None) is None
    assert foreseen_by("reference", by_id["FLUID_001"])
