"""What a class did: medians and the judge beside them, people as players, files to take home."""

import csv
import io

import pytest

from escape.classes import classwork
from escape.classes.rounds import Played, Prediction, Round, RoundSettings
from escape.judges.examined import agreement
from escape.metrics import METRICS
from escape.results.ranking import ranking
from escape.rooms import as_answer
from escape.rooms.play import RoomEpisode
from escape.rooms.room import room_of
from escape.runs import new_run
from escape.store.classes import Entry
from escape.types import Answer, Puzzle, Result, Run, RunConfig, Scores, Trial, Verdict
from tests.small_runs import checklist, outcome

TUBE = Trial(problem_id="FLUID_001", player="demo:careful")
CAN = Trial(problem_id="VAC_001", player="demo:careful")


@pytest.fixture
def run(bundled: list[Puzzle]) -> Run:
    verdict = Verdict(judge="checklist", scores=Scores(pus=1.5, sps=1, rhh=1))
    results = tuple(Result(trial=t, answer=Answer(text="x"), verdict=verdict) for t in (TUBE, CAN))
    config = RunConfig(problem_ids=("FLUID_001", "VAC_001"))
    return new_run(config, bundled).model_copy(update={"results": results})


def mark(member: int, trial: Trial, pus: float, rhh: float = 1) -> Entry:
    verdict = Verdict(judge=f"human:S0{member}", scores=Scores(pus=pus, sps=1, rhh=rhh))
    return Entry(member, trial.model_dump_json(), verdict.model_dump_json())


def test_the_judge_stands_beside_the_classs_median(run: Run) -> None:
    """PUS: the tube got 0, 1, 2 (median 1), the can 1, 1 (median 1); the judge gave 1.5 twice: 0.5 more."""
    entries = [mark(1, TUBE, 0), mark(2, TUBE, 1), mark(3, TUBE, 2), mark(1, CAN, 1), mark(2, CAN, 1)]
    found = classwork.answers(classwork.with_marks(run, entries))
    tube = next(a for a in found if (a.trial, a.score) == (TUBE, "pus"))
    assert (tube.given, tube.median, tube.judge, tube.apart) == ((0, 1, 2), 1, 1.5, 0.5)
    told = classwork.generosity(found)
    assert "0.5 marks more generous on Physical Understanding" in told
    assert "as generous on Solution Path" in told
    assert told.startswith("Over 2 answers, compared with the class's median, the judge is")


def test_the_group_is_what_its_members_marked(run: Run) -> None:
    marked = classwork.with_marks(run, [mark(1, TUBE, 0), mark(2, TUBE, 2)])
    assert [r.trial for r in marked.results] == [TUBE]  # only what was marked
    people = {n: v for n, v in agreement.raters(marked).items() if n.startswith("human:")}
    assert list(people) == ["human:S01", "human:S02"]
    _, apart, n = agreement.group(people, "pus")
    assert (apart, n) == (2, 1)


def test_people_stand_among_the_players(run: Run, bundled: list[Puzzle]) -> None:
    tube = next(p for p in bundled if p.problem_id == "FLUID_001")
    play = RoomEpisode(room_of(tube))
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
    rows = dict(classwork.tried_with_controls(bundled[2], bundled))
    assert rows["the reference"] == "out"
    assert rows["an empty answer"] == "not tried"


def test_everything_is_taken_home_under_numbers(run: Run) -> None:
    rounds = [
        (Round(1, 1, "revealed", RoundSettings(kind="mark", answers=(TUBE,))), [mark(1, TUBE, 0.5, 0)]),
        (Round(2, 2, "revealed", RoundSettings(kind="predict", players=("a", "b"))),
         [Entry(2, "guess", Prediction(winner="=cmd|calc", enough=False).model_dump_json())]),
        (Round(3, 3, "revealed", RoundSettings(kind="play", puzzles=("FLUID_001",))),
         [Entry(3, "FLUID_001", Played(answer="Moves:\n1. wait", starts=2).model_dump_json())]),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(classwork.to_csv([(*each, run) for each in rounds]))))
    assert [r["student"] for r in rows] == ["S01", "S02", "S03"]
    assert (rows[0]["pus"], rows[0]["rhh"], rows[0]["problem_id"]) == ("0.5", "0.0", "FLUID_001")
    assert (rows[1]["winner"], rows[1]["enough"]) == ("'=cmd|calc", "0")  # no spreadsheet runs it
    assert (rows[2]["out"], rows[2]["starts"]) == ("0", "2")


def test_what_nobody_could_tell_about_a_plan_is_shown_where_the_room_could(by_id: dict[str, Puzzle]) -> None:
    items = checklist(works="undecided")
    mark_ = Verdict(judge="j", scores=Scores(pus=1.5, sps=1, rhh=1), checklist=items)
    found = Result(trial=TUBE, answer=Answer(text="x"), verdict=mark_)
    run = new_run(RunConfig(problem_ids=("FLUID_001",)), [by_id["FLUID_001"]])
    assert mark_.undecided
    assert set(classwork.judged(run, found)) == {"pus", "rhh"}
    told = found.model_copy(update={"outcome": outcome(out=True)})
    assert classwork.judged(run, told)["sps"] == 2.0
    unread = found.model_copy(update={"outcome": outcome(moves=0, unread=1)})
    assert classwork.judged(run, unread)["sps"] == 1.0  # no plan was made: its steps, and nothing for working
    assert classwork.judged(run, found.model_copy(update={"verdict": None})) == {}


def test_a_class_without_a_judge_hears_so_and_a_stricter_one_is_called_so(run: Run) -> None:
    unmarked = run.model_copy(
        update={"results": tuple(r.model_copy(update={"verdict": None}) for r in run.results)}
    )
    found = classwork.answers(classwork.with_marks(unmarked, [mark(1, TUBE, 2)]))
    assert classwork.generosity(found) == "The judge has not marked these answers."
    assert {a.apart for a in found} == {0.0}
    strict = classwork.generosity(classwork.answers(classwork.with_marks(run, [mark(1, TUBE, 2)])))
    assert "0.5 marks stricter on Physical Understanding" in strict
    assert strict.startswith("Over 1 answer, compared with the class's median, the judge is")
    even = classwork.answers(classwork.with_marks(run, [mark(1, TUBE, 0), mark(2, TUBE, 1)]))
    assert next(a for a in even if a.score == "pus").median == 0.5
    assert [a.score for a in even] == ["pus", "sps", "rhh"]


def test_those_who_played_are_compared_on_the_rooms_that_were_played(run: Run) -> None:
    foreign = Played(
        answer="Ich gieße das Wasser in die Röhre, und der Ball steigt mit dem Wasser nach oben heraus."
    )
    entries = [Entry(7, "FLUID_001", foreign.model_dump_json()), Entry(7, "GONE", foreign.model_dump_json())]
    played = classwork.with_plays(run, entries)
    assert played.config.problem_ids == ("FLUID_001",)
    (asked, mine) = played.results
    assert asked.trial == TUBE
    assert (mine.trial.player, mine.verdict, mine.outcome) == ("person:S07", None, None)
    assert mine.answer is not None
    assert mine.answer.cost_usd == 0.0


def test_every_kind_of_entry_fills_its_own_columns(run: Run, bundled: list[Puzzle]) -> None:
    tube = next(p for p in bundled if p.problem_id == "FLUID_001")
    assert tube.world is not None
    way = "Moves:\n" + "\n".join(tube.world.moves)
    marked = Verdict(
        judge="human:S04",
        scores=Scores(pus=0.5, sps=1.5, rhh=0),
        checklist=checklist(works="partly"),
        feedback="=note",
    )
    second = TUBE.model_copy(update={"repeat": 2})
    rounds = [
        (Round(1, 5, "revealed", RoundSettings(kind="mark")),
         [Entry(4, second.model_dump_json(), marked.model_dump_json())]),
        (Round(2, 6, "revealed", RoundSettings(kind="play")),
         [Entry(4, "FLUID_001", Played(answer=way, starts=3).model_dump_json()),
          Entry(4, "GONE", Played(answer=way).model_dump_json()),
          Entry(4, "FLUID_001", Played(answer="no moves").model_dump_json())]),
        (Round(3, 7, "revealed", RoundSettings(kind="predict")),
         [Entry(4, "guess", Prediction(winner="a", enough=True).model_dump_json())]),
        (Round(4, 8, "revealed", RoundSettings(kind="write")), [Entry(4, "x", tube.model_dump_json())]),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(classwork.to_csv([(*each, run) for each in rounds]))))
    filled = [{k: v for k, v in row.items() if v and k not in ("student",)} for row in rows]
    n = str(len(tube.world.moves))
    assert filled == [
        {
            "round": "5",
            "kind": "mark",
            "problem_id": "FLUID_001",
            "player": "demo:careful",
            "repeat": "2",
            "pus": "0.5",
            "sps": "1.5",
            "rhh": "0.0",
            "works": "partly",
            "note": "'=note",
            "title": "The tube",
        },
        {
            "round": "6",
            "kind": "play",
            "problem_id": "FLUID_001",
            "starts": "3",
            "out": "1",
            "moves": n,
            "shortest": n,
            "title": "The tube",
        },
        {"round": "6", "kind": "play", "problem_id": "GONE", "starts": "1"},
        {"round": "6", "kind": "play", "problem_id": "FLUID_001", "starts": "1", "title": "The tube"},
        {"round": "7", "kind": "predict", "winner": "a", "enough": "1"},
        {"round": "8", "kind": "write", "problem_id": "S04-FLUID_001"},
    ]
    assert {r["student"] for r in rows} == {"S04"}
    assert classwork.votes([Prediction(winner="a", enough=True), Prediction(winner="a", enough=False)]) == {
        "a": 2
    }
