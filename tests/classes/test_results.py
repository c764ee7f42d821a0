"""What a class did: medians and the judge beside them, people as players, files to take home."""

from __future__ import annotations

import csv
import io

import pytest

from escape.classes import results as classwork
from escape.classes.rounds import Guess, Plan, Played, Round
from escape.judges import agreement
from escape.metrics import METRICS
from escape.records import Result, Run, RunConfig, Trial
from escape.results.ranking import ranking
from escape.rooms.play import Play
from escape.rooms.room import room
from escape.runs.assembly import new_run
from escape.schema import Answer, Puzzle, Scores, Verdict
from escape.store.classes import Entry
from escape.ui.play.play import as_answer

TUBE = Trial(problem_id="FLUID_001", player="demo:careful")
CAN = Trial(problem_id="VAC_001", player="demo:careful")


@pytest.fixture
def run(bundled: list[Puzzle]) -> Run:
    verdict = Verdict(judge="rubric", scores=Scores(pus=1.5, sps=1, rhh=1))
    results = tuple(Result(trial=t, answer=Answer(text="x"), verdict=verdict) for t in (TUBE, CAN))
    config = RunConfig(problem_ids=("FLUID_001", "VAC_001"))
    return new_run(config, bundled).model_copy(update={"results": results})


def mark(member: int, trial: Trial, pus: float, rhh: float = 1) -> Entry:
    verdict = Verdict(judge=f"human:S0{member}", scores=Scores(pus=pus, sps=1, rhh=rhh))
    return Entry(member, trial.model_dump_json(), verdict.model_dump_json())


def test_the_judge_stands_beside_the_classs_median(run: Run) -> None:
    """PUS: the tube got 0, 1, 2 (median 1), the can 1, 1 (median 1); the judge gave 1.5 twice: 0.5 more generous."""
    entries = [mark(1, TUBE, 0), mark(2, TUBE, 1), mark(3, TUBE, 2), mark(1, CAN, 1), mark(2, CAN, 1)]
    found = classwork.answers(classwork.with_marks(run, entries))
    tube = next(a for a in found if (a.trial, a.score) == (TUBE, "pus"))
    assert (tube.given, tube.median, tube.judge, tube.apart) == ((0, 1, 2), 1, 1.5, 0.5)
    told = classwork.generosity(found)
    assert "0.5 marks more generous than you on Physical Understanding" in told
    assert "as generous as you on Solution Path" in told
    assert told.endswith("over 2 answers, by the class's median.")


def test_the_group_is_what_its_members_marked(run: Run) -> None:
    marked = classwork.with_marks(run, [mark(1, TUBE, 0), mark(2, TUBE, 2)])
    assert [r.trial for r in marked.results] == [TUBE]  # only what was marked
    people = {n: v for n, v in agreement.raters(marked).items() if n.startswith("human:")}
    assert list(people) == ["human:S01", "human:S02"]
    _, apart, n = agreement.group(people, "pus")
    assert (apart, n) == (2, 1)


def test_people_stand_among_the_players(run: Run, bundled: list[Puzzle]) -> None:
    tube = next(p for p in bundled if p.problem_id == "FLUID_001")
    play = Play(room(tube))
    for move in tube.world.moves if tube.world else ():
        play.do(move)
    out = Played(answer=as_answer(tube, play.outcome, "The ball floats because water is denser."))
    stuck = Played(answer="Solution Steps:\n1. Wait.\n\nMoves:\n1. wait")
    entries = [Entry(1, "FLUID_001", out.model_dump_json()), Entry(2, "FLUID_001", stuck.model_dump_json())]
    played = classwork.with_plays(run, entries)
    assert {r.trial.problem_id for r in played.results} == {"FLUID_001"}
    lines = {s.player: s for s in ranking(played, METRICS["verified"]).standings}
    assert lines["person:S01"].headline is not None
    assert lines["person:S01"].headline.mean == 1
    assert lines["person:S02"].headline is not None
    assert lines["person:S02"].headline.mean == 0


def test_puzzles_of_a_class_are_told_apart_by_who_wrote_them(bundled: list[Puzzle]) -> None:
    body = bundled[0].model_dump_json()
    made = classwork.puzzles([Entry(1, "X", body), Entry(12, "X", body)])
    assert [p.problem_id for p in made] == [f"S01-{bundled[0].problem_id}", f"S12-{bundled[0].problem_id}"]


def test_a_puzzle_is_tried_with_controls(bundled: list[Puzzle]) -> None:
    rows = {name: (marks, what) for name, marks, what in classwork.tried_with_controls(bundled[2], bundled)}
    assert rows["reference"] == ("5.0 of 5", "out")
    assert rows["blank"][0] == "0.0 of 5"


def test_everything_is_taken_home_under_numbers(run: Run) -> None:
    rounds = [
        (Round(1, 1, "revealed", Plan(kind="mark", answers=(TUBE,))), [mark(1, TUBE, 0.5, 0)]),
        (Round(2, 2, "revealed", Plan(kind="predict", players=("a", "b"))),
         [Entry(2, "guess", Guess(winner="=cmd|calc", enough=False).model_dump_json())]),
        (Round(3, 3, "revealed", Plan(kind="play", puzzles=("FLUID_001",))),
         [Entry(3, "FLUID_001", Played(answer="Moves:\n1. wait", starts=2).model_dump_json())]),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(classwork.to_csv(rounds, run))))
    assert [r["student"] for r in rows] == ["S01", "S02", "S03"]
    assert (rows[0]["pus"], rows[0]["rhh"], rows[0]["problem_id"]) == ("0.5", "0.0", "FLUID_001")
    assert (rows[1]["winner"], rows[1]["enough"]) == ("'=cmd|calc", "0")  # no spreadsheet runs it
    assert (rows[2]["out"], rows[2]["starts"]) == ("0", "2")
