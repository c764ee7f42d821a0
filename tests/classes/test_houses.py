"""A class plays a house: what is handed in stands beside the demo players, and no judge is asked."""

from __future__ import annotations

from escape.classes import Played
from escape.classes.results import with_plays
from escape.environments import counts_doors
from escape.environments.houses import houses
from escape.results import houses as far
from escape.runs import new_run
from escape.store import Entry
from escape.types import PLAYED, RunConfig


def test_a_class_stands_beside_the_demo_players_in_the_house_it_played() -> None:
    puzzle = houses("class", 1, 4)[0]
    assert puzzle.house
    half = [line for line in puzzle.house.way if " 1" in line.split("->")[0] or line.endswith(" 1")]
    plays = [
        Entry(1, puzzle.problem_id, Played(answer="Moves:\n" + "\n".join(puzzle.house.way)).model_dump_json()),
        Entry(2, puzzle.problem_id, Played(answer="Moves:\n" + "\n".join(half)).model_dump_json()),
    ]
    run = with_plays(new_run(RunConfig(), [puzzle]), plays)
    assert counts_doors(run)
    found = far.reach(run)
    mine = {line.player: line.median for line in found.lines}
    assert mine.pop("demo:careful") >= mine.pop("demo:hasty")
    people = [doors for player, doors in mine.items() if player.startswith(PLAYED)]
    assert sorted(people)[-1] == 4
    assert all(r.verdict is None for r in run.results)
