"""One pass over a run: what is counted, and what is not."""

import pytest

from escape.results.digest import digest, order, per_puzzle, result_at, shares_by_room
from escape.types import Answer, Failure, FailureKind, JudgeSpec, Trial
from tests.small_runs import A, B, checklist, outcome, puzzle, puzzles, result, run_of, verdict


def test_moves_over_the_shortest_way_are_those_of_plays_that_got_out() -> None:
    plays = [
        result("P0", A, room=outcome(out=True, moves=6, shortest=2)),
        result("P0", A, room=outcome(out=False, moves=1, shortest=2, lost_at=1, touched=["brick"]), repeat=2),
        result("P0", A, room=outcome(out=True, moves=0, shortest=0), repeat=3),
    ]
    left = digest(run_of(puzzles(1), plays, [A], repeats=3)).rooms[A.name]["P0"]
    assert [x.path_ratio for x in left] == [3.0, None, None]
    assert [(x.out, x.touched, x.lost) for x in left] == [
        (True, 0, False),
        (False, 1, True),
        (True, 0, False),
    ]


def test_a_plan_of_which_nothing_was_read_did_not_get_out_and_is_counted() -> None:
    plays = [
        result("P0", A, room=outcome(moves=0, unread=3)),
        result("P1", A, room=outcome(out=True, unread=1)),
        result("P2", A, room=outcome(out=True)),
        result("P3", A),
    ]
    run = run_of(puzzles(4), plays, [A])
    assert shares_by_room(run) == {A.name: {"P0": 0.0, "P1": 1.0, "P2": 1.0}}
    tally = digest(run).tallies[A.name]
    assert (tally.plans, tally.unknown(), tally.ended["out"]) == (3, 1, 2)


def test_the_share_of_repeats_that_got_out_is_a_rooms_figure() -> None:
    plays = [result("P0", A, room=outcome(out=n < 1), repeat=n + 1) for n in range(4)]
    assert shares_by_room(run_of(puzzles(1), plays, [A], repeats=4)) == {A.name: {"P0": 0.25}}


def test_tallies_tell_judged_failed_and_what_it_cost() -> None:
    paid = Answer(text="x", cost_usd=0.25)
    results = [
        result("P0", A, verdict(1, 1), answer=paid),
        result("P1", A, failed="player"),
        result("P2", A, failed="judge", answer=paid),
        result("P3", A, answer=Answer(text="x", cost_usd=0.5)),
    ]
    made = digest(run_of(puzzles(5), results, [A], judge=JudgeSpec(design="j")))
    tally = made.tallies[A.name]
    # a mark that failed is no failed answer
    assert (tally.judged, tally.failed, tally.cost_usd) == (1, 1, 1.0)
    assert (made.waiting, made.unmarked, made.lacking, made.answers) == (2, 2, 4, 3)
    assert made.failed == {(A.name, "P1")}
    assert made.causes == {(False, "too slow"): 1, (True, "too slow"): 1}
    assert (made.mistakes[A.name, "failed"], made.mistakes[A.name, "not marked"]) == (1, 1)


def test_a_repair_that_could_not_be_asked_for_is_a_call_without_a_reply() -> None:
    answered = result("P0", A, failed="player").model_copy(update={"answer": Answer(text="x", cost_usd=0.0)})
    made = digest(run_of(puzzles(2), [answered, result("P1", A, failed="player")], [A]))
    assert made.tallies[A.name].failed == 2
    assert dict(made.failed_calls) == {(A.name, "P0"): 1, (A.name, "P1"): 1}


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    results = [
        result("P0", A, verdict(1, 1), answer=Answer(text="x", cost_usd=None)),
        result("P1", A, verdict(1, 1)),
    ]
    assert digest(run_of(puzzles(2), results, [A])).tallies[A.name].cost_usd is None


def test_a_mark_that_came_after_a_failure_is_no_failure() -> None:
    mended = result("P0", A, verdict(1, 1), failed="judge")
    made = digest(run_of(puzzles(1), [mended], [A]))
    assert (made.tallies[A.name].judged, made.tallies[A.name].failed, made.failed) == (1, 0, set())


def test_only_what_was_asked_for_or_brought_can_lack_a_mark() -> None:
    results = [
        result("P0", "demo:gone"),
        result("P0", "brought:me"),
        result("P0", "person:me"),
        result("P0", A, repeat=7),
    ]
    made = digest(run_of(puzzles(1), results, [A], judge=JudgeSpec(design="j")))
    assert made.lacking == 2 + 1  # A's own trial was never asked


@pytest.mark.parametrize(
    ("says", "out", "named"),
    [
        ("yes", True, 0),
        ("yes", False, 1),
        ("no", True, 1),
        ("partly", True, 1),
        ("no", False, 0),
        ("undecided", True, 0),
    ],
)
def test_a_judge_is_contradicted_where_it_says_otherwise_than_the_room(
    says: str, out: bool, named: int
) -> None:
    items = checklist(works=says)
    run = run_of(
        puzzles(1), [result("P0", A, verdict(1, 1, items=items), outcome(out=out, progress=0.5))], [A]
    )
    assert digest(run).contradicted == [("P0", A.name, 1)] * named


def test_an_answer_that_is_no_attempt_contradicts_nobody() -> None:
    items = checklist(works="no", attempted=False)
    made = digest(run_of(puzzles(1), [result("P0", A, verdict(0, 0, items=items), outcome(out=True))], [A]))
    assert (made.contradicted, made.mistakes[A.name, "no attempt"], made.no_feasibility) == ([], 1, 1)


def test_mistakes_are_items_without_evidence_or_met_by_mistake() -> None:
    items = checklist(principles="10", steps="0?", herrings="1", works="undecided").model_copy(
        update={"invented_items": ("a rope", "a saw")}
    )
    made = digest(run_of(puzzles(1), [result("P0", A, verdict(1, 0, items=items))], [A]))
    said = {kind: n for (_, kind), n in made.mistakes.items()}
    assert said == {"principle not shown": 1, "step missing": 2, "herring used": 1, "thing invented": 2}
    assert (made.undecided.total(), made.no_feasibility, made.checked) == (1, 1, 1)


def test_where_the_room_has_spoken_nothing_is_undecided() -> None:
    items = checklist(works="undecided")
    made = digest(run_of(puzzles(1), [result("P0", A, verdict(1, 0, items=items), outcome(out=False))], [A]))
    assert (made.undecided.total(), made.no_feasibility) == (0, 1)


def test_trials_are_read_in_the_order_planned_then_the_others() -> None:
    run = run_of(puzzles(2), [result("P1", "brought:me"), result("P0", B, verdict(1, 1))], repeats=2)
    planned = [(p, who.name, n) for n in (1, 2) for p in ("P0", "P1") for who in (A, B)]
    assert order(run) == [*planned, ("P1", "brought:me", 1)]
    assert result_at(run, ("P0", B.name, 1)).verdict is not None
    nothing = result_at(run, ("P1", A.name, 2))
    assert (nothing.answer, nothing.trial) == (None, Trial(problem_id="P1", player=A.name, repeat=2))


def test_marks_are_means_over_repeats_each_where_it_applies() -> None:
    rows = [result("P0", A, verdict(2, 1, 1)), result("P0", A, verdict(1, 0, None), repeat=2)]
    assert per_puzzle(run_of([puzzle("P0")], rows, [A], repeats=2))[A.name]["P0"].model_dump() == {
        "pus": 1.5,
        "sps": 0.5,
        "rhh": 1.0,
    }


def test_extra_repeats_are_further_ones_and_nothing_is_owed_for_them() -> None:
    rows = [result("P0", A, verdict(1, 1), repeat=n) for n in (1, 2, 3)]
    made = digest(run_of(puzzles(2), rows, [A], repeats=1))
    assert (made.waiting, made.lacking) == (1, 1)


def test_flags_prompts_judges_and_answers_cut_off_are_counted() -> None:
    flagged = verdict(1, 1).model_copy(update={"flags": ("odd",), "prompt": "p/1"})
    cut = Answer(text="x", finish_reason="length")
    made = digest(
        run_of(
            puzzles(2), [result("P0", A, flagged, answer=cut), result("P1", A, verdict(1, 1, judge="k"))], [A]
        )
    )
    assert (made.flags, made.prompts, made.judges) == ({"odd": 1}, {"p/1": 1}, {"j": 1, "k": 1})
    assert (made.cut_off, made.answers) == (1, 2)


def test_players_asked_for_are_there_before_they_answer() -> None:
    made = digest(run_of(puzzles(1), [], (A, B)))
    assert made.players == (A.name, B.name)
    assert per_puzzle(run_of(puzzles(1), [], (A, B))) == {A.name: {}, B.name: {}}


def test_a_mark_without_herrings_has_no_mean_for_them() -> None:
    results = [result("P0", A, verdict(m, 1, None), repeat=n) for n, m in ((1, 1.0), (2, 2.0))]
    marks = per_puzzle(run_of(puzzles(1, herrings=False), results, (A,), repeats=2))[A.name]["P0"]
    assert (marks.pus, marks.sps, marks.rhh) == (1.5, 1.0, None)


def test_a_plan_whose_repair_call_failed_is_a_failed_call_and_no_way_out() -> None:
    late = result("P0", A, None, outcome(unread=1), answer=Answer(text="Moves:\nhum"))
    fault = Failure(stage="player", kind=FailureKind.TIMEOUT, message="too slow")
    waiting = late.model_copy(update={"started_at": "10:00"})
    for owing, lost in ((late.model_copy(update={"failure": fault}), 1), (waiting, 0)):
        counted = digest(run_of(puzzles(1), [owing], [A]))
        assert (counted.rooms, counted.tallies[A.name].plans, counted.tallies[A.name].failed) == ({}, 0, lost)
    done = waiting.model_copy(update={"ended_at": "10:01"})
    assert digest(run_of(puzzles(1), [done], [A])).rooms[A.name]["P0"]


def test_what_a_judge_believed_and_doubted_are_told_apart() -> None:
    """By its word and the room's: 1 rightly believed, 2 wrongly; 3 wrongly doubted, 4 rightly."""
    times = {(True, True): 1, (True, False): 2, (False, True): 3, (False, False): 4}
    rows = [(word, out) for (word, out), n in times.items() for _ in range(n)]
    marked = [
        result(
            f"P{n}",
            A,
            verdict(1, 1, 1, checklist(works="yes" if word else "no"), judge="checklist:m"),
            outcome(out=out),
        )
        for n, (word, out) in enumerate(rows)
    ]
    judge = JudgeSpec(design="checklist", model=B)
    against = digest(run_of(puzzles(10), marked, [A], judge=judge)).against
    assert {name: dict(counted) for name, counted in against.items()} == {"checklist:m": times}


def test_answers_that_the_judge_could_not_mark_are_not_missing() -> None:
    """A told room is marked by no model; the failed call that came of it is an answer without a mark."""
    told = puzzle("P0").model_copy(update={"problem_id": "TOLD_001"})
    run = run_of([told], [result("TOLD_001", A, failed="judge")], [A], judge=JudgeSpec(design="room"))
    made = digest(run)
    assert (made.unmarked, made.lacking) == (1, 1)
