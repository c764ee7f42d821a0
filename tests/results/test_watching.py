"""A plan that can be watched: one frame a move, what moved and changed in it, and where it failed."""

import html
import re
import xml.etree.ElementTree as ET

import pytest

from escape.puzzles import files, recorded_run
from escape.results import card, usual, watching
from escape.results.watching import Film
from escape.rooms import ByHand, plans
from escape.runs.file import load
from escape.types import MoveResult, Outcome, Puzzle
from tests import small_runs

LOST = "Moves:\nlook: tube\npour: bottle of water -> floor\ntake: ping pong ball"
RIGHT = "Moves:\npour: bottle of water -> tube\ntake: ping pong ball"


@pytest.fixture
def tube() -> Puzzle:
    return next(p for p in files.load(files.BUNDLED) if p.problem_id == "FLUID_001")


def film_of(puzzle: Puzzle, answer: str) -> Film:
    outcome = plans.outcome(puzzle, answer)
    assert outcome is not None
    return watching.frames(puzzle, outcome)


def test_there_is_a_frame_for_each_move_with_what_it_named_and_changed(tube: Puzzle) -> None:
    film = film_of(tube, RIGHT)
    first, last = film.frames
    assert first.moved == {"bottle of water", "tube"}
    assert ("water", "in the tube") in first.changed
    assert not first.out
    assert last.out
    assert film.lost_at == 0
    assert film.yours == tube.setup.available_items


def test_the_frame_from_which_there_was_no_way_out_is_marked_once(tube: Puzzle) -> None:
    film = film_of(tube, LOST)
    assert film.lost_at == 2
    assert [f.lost for f in film.frames] == [False, True, False]
    assert [f.over for f in film.frames] == [False, True, True]
    assert "From here on there was no way out" in watching.frame_svg(film, 2)
    assert "From here on" not in watching.frame_svg(film, 1)
    assert "From here on" not in watching.frame_svg(film, 3)
    assert "no way out any more" in watching.frame_svg(film, 3)


def test_where_carrying_out_again_gives_another_text_the_kept_one_stands_alone(tube: Puzzle) -> None:
    outcome = plans.outcome(tube, RIGHT)
    assert outcome is not None
    first = outcome.steps[0].model_copy(update={"said": "Another room's words."})
    film = watching.frames(tube, outcome.model_copy(update={"steps": (first, *outcome.steps[1:])}))
    assert [f.known for f in film.frames] == [False, False]
    assert "Another room's words." in html.unescape(watching.frame_svg(film, 1))
    assert "changed" not in watching.frame_svg(film, 1)


def test_a_play_by_hand_is_known_though_its_player_is_told_more_by_looking(tube: Puzzle) -> None:
    by_hand = ByHand(tube)
    for line in ("look: tube", "pour: bottle of water -> tube", "take: ping pong ball"):
        assert by_hand.do(line) == ""
    film = watching.frames(tube, by_hand.play.outcome)
    assert [f.known for f in film.frames] == [True, True, True]
    assert film.frames[-1].out


def test_an_unread_line_is_a_frame_in_which_nothing_moves(tube: Puzzle) -> None:
    film = film_of(tube, "Moves:\nfrobnicate: tube\n" + RIGHT.partition("\n")[2])
    assert film.frames[0].moved == frozenset()
    assert film.frames[0].changed == ()
    assert film.frames[1].said.startswith("The plan stops here")  # which could not be undone
    assert not film.frames[1].known


def test_a_frame_is_well_formed_and_says_in_words_what_it_shows() -> None:
    hostile = "<script>alert(1)</script> & \"'"
    room = small_runs.puzzle("P0")
    outcome = Outcome(
        out=False, moves=1, shortest=1, progress=0.0, steps=(MoveResult(move=hostile, said=hostile),)
    )
    film = watching.frames(room, outcome)
    tree = ET.fromstring(watching.frame_svg(film, 1))
    title = next(e.text for e in tree.iter() if e.tag.endswith("title"))
    assert title is not None
    assert hostile.rstrip(".") in title
    assert "<script" not in watching.reel(film, hostile)


def test_every_recorded_plan_can_be_drawn_and_is_lost_where_it_says() -> None:
    for name in ("frontier-easy", "qwen2.5-coder-1.5b-easy"):
        run = load(recorded_run(name))
        for result in run.results:
            if result.outcome:
                film = watching.frames(run.puzzle_by_id[result.trial.problem_id], result.outcome)
                assert len(film.frames) == len(result.outcome.steps)
                assert film.lost_at == (result.outcome.lost_at or 0)
                for number in range(1, len(film.frames) + 1):
                    ET.fromstring(watching.frame_svg(film, number))


def test_the_report_holds_every_plan_and_its_policy_runs_no_script_but_its_own() -> None:
    run = load(recorded_run("frontier-easy"))
    page = card.page(run, usual(run))
    assert page.count("class=film") == sum(bool(r.outcome and r.outcome.steps) for r in run.results)
    policy = re.search(r"script-src '(sha256-[^']+)'", page)
    assert policy is not None
    assert page.count("<script>") == 1
    assert "unsafe-inline'; script-src" in page
    assert page.split("<script>")[1].startswith(watching.SCRIPT[:20])
