"""Who is compared with whom, on what, and what is said of it: worked by hand on small runs."""

import pytest

from escape import stats
from escape.metrics import METRICS
from escape.results import findings
from escape.results.comparing import incomparable_reason
from escape.results.ranking import ranking, usual
from escape.runs import new_run
from escape.types import (
    Answer,
    Checklist,
    ModelSpec,
    Outcome,
    Puzzle,
    Result,
    Run,
    RunConfig,
    Scores,
    Setup,
    Solution,
    Trial,
    Verdict,
)
from tests.small_runs import checklist, outcome
from tests.small_runs import puzzles as room_puzzles
from tests.small_runs import result as made
from tests.small_runs import run_of as small
from tests.small_runs import verdict as judged

A, B, C = (ModelSpec(provider="demo", model=m) for m in "abc")
Mark = tuple[float, float, float | None] | None


def rooms(n: int, *, herrings: bool = True) -> list[Puzzle]:
    return [
        Puzzle(
            problem_id=f"P{i}",
            setup=Setup(scenario="a room", available_items=("key", "brick"), constraints=()),
            physical_principles=("force",),
            red_herrings=("brick",) if herrings else (),
            solution=Solution(steps=("turn it",), key_insights=()),
        )
        for i in range(n)
    ]


def run_of(puzzles: list[Puzzle], marks: dict[ModelSpec, list[Mark]], works: str = "yes") -> Run:
    """One mark for each puzzle and player; None: no mark."""
    results = []
    for player, row in marks.items():
        for puzzle, mark in zip(puzzles, row, strict=True):
            if mark is None:
                continue
            scores = Scores(pus=mark[0], sps=mark[1], rhh=mark[2])
            items = Checklist(principles=(), steps=(), works=works)  # type: ignore[arg-type]
            verdict = Verdict(judge="j", scores=scores, checklist=items)
            trial = Trial(problem_id=puzzle.problem_id, player=player.name)
            results.append(Result(trial=trial, answer=Answer(text="x"), verdict=verdict))
    config = RunConfig(players=tuple(marks), problem_ids=tuple(p.problem_id for p in puzzles))
    return new_run(config, puzzles).model_copy(update={"results": tuple(results)})


def test_only_shared_puzzles_are_compared_and_the_sentence_says_how_many() -> None:
    # b failed on the hard ones: over its own three it has 5.0, a over all six 4.17; on what both have they
    # are equal
    full: Mark = (2, 2, 1)
    hard: Mark = (1, 1, 1)
    run = run_of(rooms(6), {A: [full, full, full, hard, full, hard], B: [full, full, full, None, full, None]})
    found = ranking(run)
    assert found.basis.puzzles == ("P0", "P1", "P2", "P4")
    assert {s.headline.mean for s in found.standings if s.headline} == {5.0}
    assert findings.results_sentence(found) == (
        "a scores 5.00 of 5, b 5.00: both were asked 4 puzzles, too few to say who is better; it takes at "
        "least 6."
    )
    assert "Compared on 4 puzzles of 6" in findings.basis_sentence(found)


def test_who_lacks_nearly_everything_is_ranked_apart_and_never_above() -> None:
    good: Mark = (1, 1, 1)
    run = run_of(rooms(6), {A: [good] * 6, B: [good] * 6, C: [(2, 2, 1), *[None] * 5]})
    found = ranking(run)
    assert (found.basis.players, found.basis.unranked) == ((A.name, B.name), (C.name,))
    assert [s.player for s in found.standings][-1] == C.name
    assert found.standings[-1].ranks is None


def test_better_takes_six_puzzles_and_both_tests() -> None:
    better, worse = (2.0, 2.0, 1.0), (1.0, 1.5, 1.0)
    five = ranking(run_of(rooms(5), {A: [better] * 5, B: [worse] * 5}))
    assert five.comparison(A.name, B.name) == "cannot tell"
    assert "it takes at least 6" in findings.results_sentence(five)
    six = ranking(run_of(rooms(6), {A: [better] * 6, B: [worse] * 6}))
    assert (six.comparison(A.name, B.name), six.comparison(B.name, A.name)) == ("ahead", "behind")
    assert "a is clearly better" in findings.results_sentence(six)
    assert [s.ranks for s in six.standings] == [(1, 1), (2, 2)]


def test_with_few_herring_puzzles_players_are_compared_without_that_score() -> None:
    with_one = [
        *rooms(1),
        *(p.model_copy(update={"problem_id": f"Q{i}"}) for i, p in enumerate(rooms(5, herrings=False))),
    ]
    run = run_of(with_one, {A: [(2, 1, 0), *[(2, 1, None)] * 5], B: [(1, 1, 1), *[(2, 1, None)] * 5]})  # type: ignore[list-item]
    found = ranking(run)
    assert (found.basis.parts, found.basis.top, found.basis.few_herrings) == (("pus", "sps"), 4, 1)
    assert found.standings[0].player == A.name
    assert "without Red Herring Handling" in findings.basis_sentence(found)


def test_the_path_is_left_out_where_the_judge_cannot_tell() -> None:
    run = run_of(rooms(3), {A: [(2, 0, 1)] * 3, B: [(1, 2, 1)] * 3}, works="undecided")
    found = ranking(run)
    assert (found.basis.parts, found.basis.path_unknown) == (("pus", "rhh"), True)
    assert found.standings[0].player == A.name
    assert "cannot tell whether a plan works" in findings.basis_sentence(found)


def test_the_interval_weighs_herrings_as_the_mean_does() -> None:
    puzzles = [*rooms(4), rooms(1, herrings=False)[0].model_copy(update={"problem_id": "Q"})]
    run = run_of(puzzles, {A: [(2, 2, 1), (2, 1, 0), (1, 1, 1), (2, 2, 1), (1, 1, None)]})
    line = ranking(run).standings[0].headline
    # herrings apply to four of five: each of these counts 5/4 of its distance from their mean of 0.75
    parts = [
        4 + 0.75 + 1.25 * 0.25,
        3 + 0.75 - 1.25 * 0.75,
        2 + 0.75 + 1.25 * 0.25,
        4 + 0.75 + 1.25 * 0.25,
        2.75,
    ]
    assert line is not None
    assert line == stats.bounded_interval(parts, 5)
    assert line.mean == pytest.approx(8 / 5 + 7 / 5 + 0.75)


def test_rooms_rank_where_the_judge_cannot_tell_and_need_no_mark() -> None:
    puzzles = rooms(7)
    config = RunConfig(players=(A, B), problem_ids=tuple(p.problem_id for p in puzzles))
    results = [
        Result(
            trial=Trial(problem_id=p.problem_id, player=who.name),
            answer=Answer(text="x"),
            outcome=Outcome(out=out, moves=3, shortest=2, progress=float(out)),
        )
        for who, got_out in ((A, True), (B, False))
        for p in puzzles
        for out in [got_out]
    ]
    run = new_run(config, puzzles).model_copy(update={"results": tuple(results)})
    assert usual(run) is METRICS["verified"]
    found = ranking(run, usual(run))
    assert findings.results_sentence(found).startswith(
        "a gets out of 7 of 7 rooms, b of 0: a is clearly better than b"
    )
    assert found.comparison(A.name, B.name) == "ahead"
    assert found.standings[0].path_ratio == 1.5
    assert found.standings[0].out == stats.share_interval(7, 7)


def test_many_players_are_corrected_for_their_pairs_and_ranks_are_ranges() -> None:
    wins = [(2.0, 2.0, 1.0)] * 6
    a = [(2.0, 1.0, 1.0), *wins[1:]]
    run = run_of(rooms(6), {A: wins, B: a, C: [(0.0, 0.5, 0.0)] * 6})  # type: ignore[dict-item]
    found = ranking(run)
    assert found.comparison(A.name, B.name) == "cannot tell"
    # six puzzles: the smallest sign-flip p is 2/64, three pairs make it 0.094
    assert found.comparison(A.name, C.name) == "cannot tell"
    assert all(p.paired.sign_flip_p == pytest.approx(2 / 64) for p in found.pairs if p.second == C.name)
    assert "Possible ranks: a 1 to 3" in findings.places_sentence(found)


def test_the_metric_may_change_who_leads() -> None:
    no = Checklist(principles=(), steps=(), works="no")
    puzzle = rooms(8, herrings=False)
    run = run_of(puzzle, {A: [(1, 1, None)] * 8, B: [(1, 0.5, None)] * 8})

    def lost(r: Result) -> Result:
        assert r.verdict is not None
        return r.model_copy(update={"verdict": r.verdict.model_copy(update={"checklist": no})})

    run = run.model_copy(
        update={"results": tuple(lost(r) if r.trial.player == A.name else r for r in run.results)}
    )
    said = findings.metric_changes_leader({m: ranking(run, m) for m in METRICS.values()})
    assert said == "The choice of metric changes who leads. Standard: a; Strict path: b."
    few = run.model_copy(
        update={"results": tuple(r for r in run.results if r.trial.problem_id in {"P0", "P1"})}
    )
    # nobody can tell
    assert findings.metric_changes_leader({m: ranking(few, m) for m in METRICS.values()}) == ""


first, second, third = A, B, C


def test_moves_over_the_shortest_way_come_from_the_rooms_that_are_compared() -> None:
    rows = [
        *(made(f"P{i}", first, room=outcome(out=True, moves=3, shortest=3)) for i in range(5)),
        made("P5", first, room=outcome(out=True, moves=9, shortest=3)),
        *(made(f"P{i}", second, room=outcome(out=True, moves=6, shortest=3)) for i in range(5)),
    ]
    found = ranking(small(room_puzzles(6), rows), METRICS["verified"])
    assert {s.player: (s.path_ratio, s.n_escapes) for s in found.standings} == {
        first.name: (1.0, 5),
        second.name: (2.0, 5),
    }


def test_the_emptiest_is_ranked_apart_and_others_are_still_compared() -> None:
    rows = [
        *(made(f"P{i}", first, judged(1, 1)) for i in range(8)),
        *(made(f"P{i}", second, judged(1, 1)) for i in range(6)),
        *(made(f"P{i}", third, judged(2, 2)) for i in range(2)),
    ]
    basis = ranking(small(room_puzzles(8), rows, [first, second, third])).basis
    assert (basis.players, basis.unranked, len(basis.puzzles), basis.judged) == (
        (first.name, second.name),
        (third.name,),
        6,
        8,
    )


def test_a_tie_has_no_winner_and_both_may_be_first() -> None:
    rows = [made(f"P{i}", who, judged(1, 1)) for i in range(8) for who in (first, second)]
    found = ranking(small(room_puzzles(8), rows))
    assert [s.ranks for s in found.standings] == [(1, 2), (1, 2)]
    assert found.comparison(first.name, second.name) == "cannot tell"
    assert found.comparison(first.name, "nobody") is None
    assert found.pair(second.name, first.name) is found.pairs[0]


def test_rooms_rank_wherever_a_plan_was_carried_out_and_marks_elsewhere() -> None:
    mute = judged(1, 1, items=checklist(works="undecided"))
    says = judged(1, 1, items=checklist(works="yes"))
    played = outcome(out=True)
    both = [made("P0", first, mute, played), made("P1", first, says, played)]
    assert usual(small(room_puzzles(2), both[:1], [first])) is METRICS["verified"]
    assert usual(small(room_puzzles(2), both, [first])) is METRICS["verified"]
    assert usual(small(room_puzzles(2), [made("P0", first, mute)], [first])) is METRICS["standard"]
    readers = judged(1, 1, items=checklist(works="yes"), judge="readers")
    assert usual(small(room_puzzles(2), [made("P0", first, readers, played)], [first])) is METRICS["verified"]


def by(marks: dict[ModelSpec, list[float | None]], herrings: list[bool] | None = None) -> Run:
    """Build marks: one for physics per puzzle and player; the path is 1, and herrings are left alone."""
    n = len(next(iter(marks.values())))
    has = herrings or [True] * n
    given = [room_puzzles(n, herrings=h)[i] for i, h in enumerate(has)]
    found = [
        made(f"P{i}", who, judged(m, 1, 1 if has[i] else None))
        for who, row in marks.items()
        for i, m in enumerate(row)
        if m is not None
    ]
    return small(given, found, tuple(marks))


def test_herrings_count_from_three_puzzles_and_from_half_of_all() -> None:
    for n, with_herrings, counted in ((4, 2, False), (6, 3, True), (7, 3, False), (3, 3, True), (8, 4, True)):
        has = [i < with_herrings for i in range(n)]
        basis = ranking(by({A: [1.0] * n, B: [2.0] * n}, has)).basis
        assert ("rhh" in basis.parts) == counted, (n, with_herrings)
        assert basis.few_herrings == (None if counted else with_herrings)
        assert basis.top == (5 if counted else 4)


def test_a_puzzle_without_herrings_leaves_a_herring_mean_as_it_is() -> None:
    has = [True, True, True, False]
    given = [room_puzzles(4, herrings=h)[i] for i, h in enumerate(has)]
    marks = [1, 0, 1, None]
    run = small(given, [made(f"P{i}", A, judged(1, 1, m)) for i, m in enumerate(marks)], (A,))
    (line,) = ranking(run).standings
    assert line.headline is not None
    assert line.headline.mean == pytest.approx(2 + 2 / 3)
    assert line.rhh is not None
    assert (line.rhh.mean, line.rhh.n) == (pytest.approx(2 / 3), 3)


def test_one_puzzle_may_lack_two_values_and_half_are_still_compared() -> None:
    half = ranking(by({A: [1, 1, 1, 1], B: [None, None, 1, 1]}))
    assert (half.basis.players, half.basis.unranked) == ((A.name, B.name), ())
    assert (half.basis.puzzles, half.basis.judged) == (("P2", "P3"), 4)
    less = ranking(by({A: [1, 1, 1, 1, 1], B: [None, None, None, 1, 1]}))
    assert (less.basis.players, less.basis.unranked) == ((A.name,), (B.name,))
    apart = less.standings[-1]
    assert (apart.player, apart.unranked, apart.ranks, len(apart.values)) == (B.name, True, None, 2)
    assert apart.headline is not None
    assert apart.headline.mean == 3  # by the two that it has


def test_players_without_any_mark_come_last_and_are_apart() -> None:
    found = ranking(by({A: [None, None], B: [0, 0], C: [1, 1]}))
    assert [s.player for s in found.standings] == [C.name, B.name, A.name]
    last = found.standings[-1]
    assert (last.headline, last.pus, last.tally.judged) == (None, None, 0)
    assert found.basis.unranked == (A.name,)


def test_better_is_said_of_the_first_and_turned_for_the_second() -> None:
    found = ranking(by({A: [0.0, 0.5, 0.0, 0.5, 0.0, 0.5], B: [2.0, 2.0, 1.5, 2.0, 2.0, 2.0]}))
    assert found.comparison(B.name, A.name) == "ahead"
    assert found.comparison(A.name, B.name) == "behind"
    assert found.comparison(A.name, C.name) is None
    assert found.pair(A.name, B.name) is found.pair(B.name, A.name) is found.pairs[0]
    assert [s.ranks for s in found.standings] == [(1, 1), (2, 2)]
    five = ranking(by({A: [0.0] * 5, B: [2.0] * 5}))
    assert five.comparison(B.name, A.name) == "cannot tell"


def test_whole_shares_have_a_shares_interval_and_others_a_bounded_one() -> None:
    results = [made(f"P{i}", A, None, outcome(out=i < 3)) for i in range(4)]
    (line,) = ranking(small(room_puzzles(4), results, (A,)), METRICS["verified"]).standings
    assert line.headline == stats.share_interval(3, 4)
    both = [made("P0", A, None, outcome(out=o), n) for n, o in ((1, True), (2, False))]
    repeated = small(room_puzzles(4), [*results[1:], *both], (A,), repeats=2)
    (line,) = ranking(repeated, METRICS["verified"]).standings
    assert line.headline == stats.bounded_interval([0.5, 1, 1, 0], 1)


def test_who_says_nothing_where_it_is_stuck_does_not_lead() -> None:
    """a gets out of six of ten rooms and tries all.

    b gets out of the same six and writes no move in the others.
    """
    rows = [made(f"P{i}", A, judged(1, 1), outcome(out=i < 6)) for i in range(10)]
    rows += [
        made(f"P{i}", B, judged(1, 1), outcome(out=True) if i < 6 else outcome(moves=0, unread=1))
        for i in range(10)
    ]
    found = ranking(small(room_puzzles(10), rows, [A, B]), METRICS["verified"])
    assert [s.headline.mean for s in found.standings if s.headline] == [0.6, 0.6]
    assert len(found.basis.puzzles) == 10
    assert findings.reading_sentence(found) == "To be read with the figures: b: 4 not understood."


def test_one_answer_without_moves_takes_no_score_from_the_others() -> None:
    rows = [made(f"P{i}", A, judged(1, 1), outcome(out=True)) for i in range(6)]
    rows += [
        made(f"P{i}", B, judged(1, 1), outcome(moves=0) if i == 0 else outcome(out=True)) for i in range(6)
    ]
    assert not ranking(small(room_puzzles(6), rows, [A, B])).basis.path_unknown


def test_every_figure_of_a_line_is_over_the_same_puzzles() -> None:
    """a has marks on ten puzzles and rooms on six; b has both on the first six only."""
    rows = [
        made(f"P{i}", A, judged(2 if i < 6 else 0, 1), outcome(out=True) if i < 8 else None)
        for i in range(10)
    ]
    rows += [made(f"P{i}", B, judged(1, 1), outcome(out=True)) for i in range(6)]
    for metric in ("standard", "verified"):
        first = next(
            s
            for s in ranking(small(room_puzzles(10), rows, [A, B]), METRICS[metric]).standings
            if s.player == A.name
        )
        assert first.pus is not None
        assert first.out is not None
        assert (first.pus.mean, first.pus.n, first.out.n) == (2.0, 6, 6)


def test_a_page_opens_on_the_first_player_and_the_best_of_the_others() -> None:
    def opened(*rooms: int) -> str:
        players = [ModelSpec(provider="openai", model=name) for name in "abc"[: len(rooms)]]
        rows = [
            made(f"P{i}", player, judged(1, 1), outcome(out=i < n))
            for player, n in zip(players, rooms, strict=True)
            for i in range(8)
        ]
        return findings.opening_sentence(ranking(small(room_puzzles(8), rows, players), METRICS["verified"]))

    assert opened(8, 0, 0) == "a gets out of all 8 rooms, b out of none and c out of none."
    assert opened(7, 0, 3) == "a gets out of 7 of 8, c out of 3 of 8 and b out of none."
    assert opened(8) == "a gets out of 8 of 8 rooms."


def test_who_failed_where_it_might_not_have_left_is_not_called_better() -> None:
    """a gets out of the seven rooms that it answers, and its other five calls failed; b only of those."""
    rows = [made(f"P{i}", A, judged(1, 1), outcome(out=True)) if i < 7 else made(f"P{i}", A, failed="player")
            for i in range(12)]  # fmt: skip
    rows += [made(f"P{i}", B, judged(1, 1), outcome(out=i >= 7)) for i in range(12)]
    found = ranking(small(room_puzzles(12), rows, [A, B]), METRICS["verified"])
    (pair,) = found.pairs
    assert pair.doubted
    assert pair.comparison == "cannot tell"
    assert "too close to call, since 5 failed calls of a could have changed it" in findings.results_sentence(
        found
    )


def test_a_lead_is_doubted_by_the_leaders_failed_calls_alone() -> None:
    """a is out in three tries and lost a call, b in three of four and lost two: no lead is left."""
    ends = {A: (True, True, True, None), B: (True, True, True, False, None, None)}
    rows = [
        made(f"P{i}", who, failed="player", repeat=n) if out is None
        else made(f"P{i}", who, judged(1, 1), outcome(out=out), repeat=n)
        for i in range(12) for who, tries in ends.items() for n, out in enumerate(tries, 1)
    ]  # fmt: skip
    (pair,) = ranking(small(room_puzzles(12), rows, [A, B]), METRICS["verified"]).pairs
    assert pair.doubted


def test_answers_to_two_versions_of_a_prompt_are_not_compared() -> None:
    known = ModelSpec(provider="openai", model="a", max_tokens=4096)
    other = ModelSpec(provider="openai", model="b", max_tokens=4096)
    script = ModelSpec(provider="demo", model="careful")
    run = new_run(RunConfig(players=(known, other, script), problem_ids=()), [])
    mixed = run.model_copy(update={"versions": {**run.versions, "earlier prompt player": "1"}})
    assert (
        incomparable_reason(mixed, known.name, other.name)
        == "they gave answers to other versions of the prompt"
    )
    assert not incomparable_reason(mixed, known.name, script.name)


def test_one_undecided_mark_takes_the_path_from_nobody() -> None:
    says, leaves_open = checklist(works="yes"), checklist(works="undecided")
    said = {
        (i, who): made(f"P{i}", who, judged(1, 1 + (who is first), items=says))
        for i in range(12)
        for who in (first, second)
    }
    one = {(11, second): made("P11", second, judged(1, 1, items=leaves_open))}
    two = one | {(10, second): made("P10", second, judged(1, 1, items=leaves_open))}
    assert ranking(
        small(room_puzzles(12), list((said | two).values()))
    ).basis.path_unknown  # of one player's twelve
    found = ranking(small(room_puzzles(12), list((said | one).values())))
    assert "sps" in found.basis.parts
    assert not found.basis.path_unknown
    assert found.comparison(first.name, second.name) == "ahead"


def test_a_lead_that_failed_repeats_could_undo_is_not_called_better() -> None:
    """A is out whenever it answered, and half of its calls failed; B is out half of the time."""
    given = room_puzzles(12)

    def compared(second: str) -> str | None:
        results = []
        for p in given:
            results += [
                made(p.problem_id, A, room=outcome(out=True)),
                made(p.problem_id, B, room=outcome(out=True)),
            ]
            results.append(made(p.problem_id, B, room=outcome(), repeat=2))
            late = {"failed": "player"} if second == "failed" else {"room": outcome(out=True)}
            results.append(made(p.problem_id, A, repeat=2, **late))
        return ranking(small(given, results, repeats=2), METRICS["verified"]).comparison(A.name, B.name)

    assert compared("out") == "ahead"
    assert compared("failed") != "ahead"
