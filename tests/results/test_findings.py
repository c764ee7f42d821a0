"""What is said of a ranking, and that it is what the figures say."""

import random
import re

import pytest

from escape.metrics import MARKS, METRICS
from escape.models.prices import Bill
from escape.results import findings, wording
from escape.results.ranking import ranking
from escape.stats import paired, puzzles_needed, sd_range
from escape.types import (
    ControlOutcome,
    Estimate,
    JudgeSpec,
    ModelSpec,
    Outcome,
    ReportCard,
    RunConfig,
    ScoreAgreement,
)
from tests.small_runs import A, B, C, checklist, outcome, puzzle, puzzles, result, run_of, verdict

ROOMS = METRICS["verified"]


def marked(*rows: list[float], players: tuple = (A, B, C)) -> object:
    """A run whose players have these marks for physics, one a puzzle; everything else is equal."""
    found = [
        result(f"P{i}", who, verdict(m, 1, 1))
        for who, row in zip(players, rows, strict=False)
        for i, m in enumerate(row)
    ]
    return run_of(puzzles(len(rows[0])), found, players[: len(rows)])


def test_nothing_is_said_of_nobody_and_no_difference_of_one() -> None:
    empty = run_of(puzzles(1), [])
    assert findings.results_sentence(ranking(empty)) == "No answer has been marked yet."
    assert findings.results_sentence(ranking(empty, ROOMS)) == "No room has been tried yet."
    assert findings.results_sentence(ranking(marked([2, 1, 0]))) == "a scores 3.00 of 5 over 3 puzzles."


def test_the_difference_is_the_better_players_minus_the_others() -> None:
    found = ranking(marked([1, 0, 1, 0, 1, 0, 1], [2, 2, 2, 1, 2, 2, 2]))
    said = findings.results_sentence(found)
    assert said.startswith("b scores 3.86 of 5, a 2.57: b is clearly better than a (likely ")
    low, high = found.pairs[0].paired.difference.low, found.pairs[0].paired.difference.high
    assert f"(likely {low:.2f} to {high:.2f} marks)" in said


def test_one_puzzle_tells_nobody_apart() -> None:
    assert findings.results_sentence(ranking(marked([2], [1]))).endswith("one puzzle is too few to tell.")


def test_where_nobody_can_tell_it_is_said_what_would_help() -> None:
    found = ranking(marked([2, 0, 1, 2, 0, 1], [1, 1, 1, 1, 1, 0]))
    assert "too close to call" in findings.results_sentence(found)
    said = findings.help_sentence(found)
    assert said.startswith("To tell the first two apart would take about ")
    fewest, most = map(int, said.split("about ")[1].split(" puzzles")[0].split(" to "))
    assert 6 < fewest < most


def test_where_many_puzzles_show_nothing_the_largest_gap_left_is_named() -> None:
    row = [1.0, 1.1] * 30
    found = ranking(marked(row, [1.1, 1.0] * 30))
    span = found.pairs[0].paired.difference
    most = max(-span.low, span.high)
    assert findings.help_sentence(found).endswith(f"is probably below {most:.2f} marks.")


def test_rooms_are_counted_where_every_room_is_whole() -> None:
    rows = [result(f"P{i}", A, room=outcome(out=i < 2)) for i in range(3)]
    said = findings.results_sentence(ranking(run_of(puzzles(3), rows, [A]), ROOMS))
    assert said == "a gets out of 2 of 3 rooms."
    half = [*rows, result("P0", A, room=outcome(out=False), repeat=2)]
    said = findings.results_sentence(ranking(run_of(puzzles(3), half, [A], repeats=2), ROOMS))
    assert said == "a gets out of 50% of the rooms."


def test_what_players_are_compared_on_is_said_where_that_is_not_everything() -> None:
    apart = run_of(
        puzzles(6),
        [
            *(result(f"P{i}", w, verdict(1, 1)) for i in range(6) for w in (A, B)),
            result("P0", C, verdict(2, 2)),
        ],
        [A, B, C],
    )
    said = findings.basis_sentence(ranking(apart))
    assert said == "Too few marks to compare with the others: c."
    some = [puzzle("P0"), *(puzzle(f"P{i}", herrings=False) for i in range(1, 4))]
    few = run_of(
        some, [result(p.problem_id, A, verdict(1, 1, 1 if p.red_herrings else None)) for p in some], [A]
    )
    assert "only 1 of 4 puzzles has red herrings" in findings.basis_sentence(ranking(few))
    none = run_of(some[1:], [result(p.problem_id, A, verdict(1, 1, None)) for p in some[1:]], [A])
    assert "none of 3 puzzles have red herrings" in findings.basis_sentence(ranking(none))


def test_places_are_ranges_and_told_from_three_players_on() -> None:
    two = ranking(marked([2, 2], [1, 1]))
    assert findings.places_sentence(two) == ""
    best, middle, worst = [2.0] * 12, [1.0] * 12, [0.0] * 12
    assert findings.places_sentence(ranking(marked(best, middle, worst))) == "Possible ranks: a 1, b 2, c 3."


def test_who_is_ranked_apart_leads_by_no_metric() -> None:
    rows = [
        *(result(f"P{i}", A, verdict(1, 2, 1, checklist(works="yes"))) for i in range(6)),
        *(result(f"P{i}", B, verdict(2, 1.5, 1, checklist(works="no"))) for i in range(6)),
        result("P0", C, verdict(2, 2, 1, checklist(works="yes"))),
    ]
    found = {
        m: ranking(run_of(puzzles(6), rows, [A, B, C]), m)
        for m in (METRICS["standard"], METRICS["sps_strict"])
    }
    said = findings.metric_changes_leader(found)
    assert said == "The choice of metric changes who leads. Standard: b; Strict path: a."


def test_marks_are_said_with_two_decimals_and_never_as_minus_nothing() -> None:
    found = ranking(marked([1.0] * 8, [1.0] * 7 + [1.004]))
    assert "-0.00" not in findings.results_sentence(found)
    same = ranking(marked([1.0] * 8, [1.0] * 8))
    assert "too close to call (likely -" in findings.results_sentence(same)
    pair = found.pairs[0]
    assert MARKS.size(0.123) == "0.12"
    assert MARKS.size(-0.001) == "0.00"
    assert METRICS["verified"].unit.size(0.434) == "43"
    assert pair.comparison == "cannot tell"


def test_what_would_help_is_a_range_or_how_large_a_gap_can_be() -> None:
    wide = [0.0, 2.0, 0.5, 1.5, 0.0, 2.0, 1.0, 0.5]
    found = ranking(marked(wide, [*wide[:4], 0.0, 1.0, 0.0, 0.0]))
    said = findings.help_sentence(found)
    fewest, most = re.search(
        r"would take about (\d+) to (\d+) "
        r"puzzles\.",
        said,
    ).groups()  # type: ignore[union-attr]
    assert 8 < int(fewest) < int(most)
    narrow = [1.0, 1.1, 1.0, 0.9] * 30
    close = ranking(marked(narrow, [*narrow[1:], narrow[0]]))
    span = close.pairs[0].paired.difference
    largest = max(-(span.low or 0), span.high or 0)
    assert f"is probably below {largest:.2f} marks." in findings.help_sentence(close)


def test_few_puzzles_are_told_that_it_takes_six() -> None:
    said = findings.results_sentence(ranking(marked([2.0, 1.5, 2.0, 1.8, 2.0], [0.0, 0.5, 0.0, 0.1, 0.2])))
    assert said.endswith("too few to say who is better; it takes at least 6.")
    said = findings.results_sentence(
        ranking(marked([2.0, 1.5, 2.0, 1.8, 2.0, 2.0], [0.0, 0.5, 0.0, 0.1, 0.2, 0.0]))
    )
    assert "a is clearly better than b" in said


@pytest.mark.parametrize(
    ("players", "rooms", "said"),
    [
        (1, 30, ""),
        (2, 0, ""),
        (2, 5, "5 rooms: too few to say who is better; it takes at least 6."),
        (2, 30, "30 rooms show only big differences (35 points or more)."),
        (3, 30, "30 rooms show only big differences (41 points or more)."),
        (2, 119, "119 rooms show differences (17 points or more)."),
    ],
)
def test_before_a_run_it_says_what_so_many_rooms_show(players: int, rooms: int, said: str) -> None:
    assert findings.power_sentence(players, puzzles(rooms)) == said


@pytest.mark.proof
def test_the_gap_said_before_a_run_is_found_in_four_of_five_runs() -> None:
    rng, found = random.Random(4), 0
    for _ in range(400):
        gaps = [float(rng.random() < 0.83) - float(rng.random() < 0.48) for _ in range(30)]
        found += paired(gaps, 1.0).decided
    assert 0.7 < found / 400 < 0.95


def test_places_are_said_of_those_who_are_ranked_from_three_on() -> None:
    three = ranking(marked([2.0] * 7, [1.0, 0.9, 1.1, 1.0, 1.0, 1.2, 1.0], [0.0] * 7))
    assert findings.places_sentence(three) == "Possible ranks: a 1, b 2, c 3."
    rows = [[2.0] * 7, [1.0] * 7]
    with_apart = run_of(
        puzzles(7),
        [
            *(
                result(f"P{i}", w, verdict(m, 1, 1))
                for w, r in zip((A, B), rows, strict=True)
                for i, m in enumerate(r)
            ),
            result("P0", C, verdict(1, 1, 1)),
        ],
        (A, B, C),
    )
    assert findings.places_sentence(ranking(with_apart)) == ""


def test_what_is_left_out_is_said_with_its_number() -> None:
    def said(herrings: int, n: int = 6) -> str:
        given = [puzzle(f"P{i}", herrings=i < herrings) for i in range(n)]
        found = [result(p.problem_id, A, verdict(1, 1, 1 if p.red_herrings else None)) for p in given]
        return findings.basis_sentence(ranking(run_of(given, found, (A,))))

    assert (
        said(1)
        == "Compared without Red Herring Handling: only 1 of 6 puzzles has red herrings, too few to count."
    )
    assert "only 2 of 6 puzzles have" in said(2)
    assert "none of 6 puzzles have" in said(0)
    assert said(3) == ""


def test_the_metric_that_agrees_is_not_named() -> None:
    def of(metric: str, *rows: list[float]) -> object:
        return ranking(marked(*rows), METRICS[metric])

    usual, other = METRICS["standard"], METRICS["sps_strict"]
    first, second = of("standard", [2.0] * 6, [1.0] * 6), of("sps_strict", [1.0] * 6, [2.0] * 6)
    said = findings.metric_changes_leader({usual: first, other: second})
    assert said == "The choice of metric changes who leads. Standard: a; Strict path: b."
    assert findings.metric_changes_leader({usual: first, other: first}) == ""
    assert findings.metric_changes_leader({other: second}) == ""
    nobody = ranking(run_of(puzzles(1), []), other)
    assert findings.metric_changes_leader({usual: first, other: nobody}) == ""


@pytest.mark.proof
def test_more_puzzles_are_recommended_between_the_ends_of_the_range() -> None:
    """Enough for the low end of the spread and too few for the high one: the gap may not be small."""
    rng = random.Random(1)
    for n in range(20, 90, 5):
        rows = [[rng.choice([0.0, 1.0, 2.0]) for _ in range(n)] for _ in range(2)]
        found = ranking(marked(*rows))
        pair = found.pairs[0]
        gap = abs(pair.paired.difference.mean)
        if round(gap, 2) == 0:
            continue
        fewest, most = (puzzles_needed(s, gap) for s in sd_range(pair.paired.sd or 0.0, n))
        said = findings.help_sentence(found)
        if pair.comparison == "ahead":
            continue
        small = n >= most or fewest > findings.MANY
        assert ("is probably below" in said) == small, n
        assert (f"would take about {fewest} to {min(most, findings.MANY)} puzzles" in said) == (not small), n
    said = findings.help_sentence(ranking(marked([1.0, 1.4] * 5, [1.0] * 10)))
    assert said.endswith("would take about 8 to 21 puzzles.")


def test_two_players_with_one_name_are_called_by_their_full_names() -> None:
    one, two = ModelSpec(provider="openai", model="m"), ModelSpec(provider="groq", model="m")
    rows = [result(f"P{i}", p, None, outcome(out=i < n)) for p, n in ((one, 7), (two, 2)) for i in range(8)]
    said = findings.results_sentence(ranking(run_of(puzzles(8), rows, (one, two)), ROOMS))
    assert said == "openai:m gets out of 7 of 8 rooms, groq:m of 2: too close to call."


def test_figures_and_their_gap_have_one_form_and_go_together() -> None:
    """a gets out of 3 rooms always and of one every second time; b of 2.

    Both are given as shares, and so is their difference.
    """
    rows = [result(f"P{i}", A, None, outcome(out=True), repeat=r) for i in range(3) for r in (1, 2)]
    rows += [result("P3", A, None, outcome(out=r == 1), repeat=r) for r in (1, 2)]
    rows += [result(f"P{i}", B, None, outcome(out=i < 2), repeat=r) for i in range(4) for r in (1, 2)]
    said = findings.results_sentence(ranking(run_of(puzzles(4), rows, (A, B), repeats=2), ROOMS))
    assert said.startswith("a gets out of 88% of the rooms, b of 50%: both were asked 4 rooms, too few")


STANDARD = METRICS["standard"]


@pytest.mark.parametrize(
    ("bias", "said"),
    [
        (
            0.5,
            "j passed 1 of 2 controls and is 0.5 marks too generous on Solution Path (likely 0.4 to 0.6). "
            "It has passed its exam.",
        ),
        (
            -0.3,
            "j passed 1 of 2 controls and is 0.3 marks too strict on Solution Path (likely 0.2 to 0.4). "
            "It has passed its exam.",
        ),
        (
            0.04,
            "j passed 1 of 2 controls and is neither clearly generous nor clearly strict on Solution Path. "
            "It has passed its exam.",
        ),
    ],
)
def test_a_judges_report_says_which_way_it_errs(bias: float, said: str) -> None:
    controls = tuple(ControlOutcome(problem_id="P", name=n, passed=n == "a") for n in "ab")
    path = ScoreAgreement(score="sps", n=9, bias=Estimate(value=bias, low=bias - 0.1, high=bias + 0.1))
    physics = ScoreAgreement(score="pus", n=9, bias=Estimate(value=-bias))
    assert (
        wording.card_sentence(ReportCard(judge="j", controls=controls, agreement=(physics, path)), []) == said
    )


def test_a_judges_report_counts_its_faults_and_contradicting_rooms() -> None:
    card = ReportCard(judge="j", works_compared=9, believed=2, doubted=1)
    said = wording.card_sentence(card, ["fooled", "slow"])
    assert said == (
        "j passed 0 of 0 controls; the room contradicts it on 3 of 9 plans. Do not trust it: fooled and slow."
    )


@pytest.mark.parametrize(
    ("low", "bias", "high", "words"),
    [
        (0.1, 0.3, 0.5, "a is 0.3 marks more generous on Solution Path than b"),
        (-0.5, -0.3, -0.1, "a is 0.3 marks stricter on Solution Path than b"),
        (-0.1, 0.3, 0.7, "a is neither clearly more generous nor clearly stricter than b"),
        (0.01, 0.02, 0.03, "a is neither clearly more generous nor clearly stricter than b"),
    ],
)
def test_a_bias_is_told_where_it_is_sure_and_large_enough_to_see(
    low: float, bias: float, high: float, words: str
) -> None:
    kappa = Estimate(value=0.8, low=0.7, high=0.9)
    one = ScoreAgreement(score="sps", n=20, kappa=kappa, bias=Estimate(value=bias, low=low, high=high))
    assert wording.bias_sentence("a", "b", [one]) == f"Over 20 answers, {words}."
    few = one.model_copy(update={"n": 19})
    assert wording.bias_sentence("a", "b", [few]).endswith(
        "With 19 answers the intervals are wide; mark more to be surer."
    )
    wide = one.model_copy(update={"kappa": Estimate(value=0.8, low=0.5, high=0.9)})
    assert "the intervals are wide" in wording.bias_sentence("a", "b", [wide])


def test_below_five_common_answers_only_their_number_is_told() -> None:
    four = ScoreAgreement(score="pus", n=4, bias=Estimate(value=1, low=0.5, high=1.5))
    assert (
        wording.bias_sentence("a", "b", [four]) == "a and b have marked 4 answers in common: too few to tell."
    )
    assert wording.bias_sentence("a", "b", []) == "a and b have not marked any of the same answers yet."


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (outcome(out=True, moves=4, shortest=3), "Out in 4 moves; the shortest way out takes 3."),
        (outcome(out=True, moves=1, shortest=1), "Out in 1 move; the shortest way out takes 1."),
        (outcome(gave_up=True, lost_at=2), "Gave up, although there is a way out."),
        (outcome(lost_at=2), "Not out: after move 2 there was no longer a way out."),
        (outcome(progress=0.5), "Not out: 3 moves, 50% of the way."),
        (
            outcome(lost_at=1, touched=["brick"], unread=2),
            "Not out: after move 1 there was no longer a way out. Used brick: a red herring. "
            "2 lines could not be read as a move.",
        ),
    ],
)
def test_what_became_of_a_plan_is_told_in_a_line(room: object, said: str) -> None:
    assert wording.outcome_sentence(room, puzzle("P")) == said


def test_to_give_up_where_nobody_can_leave_is_right() -> None:
    hopeless = puzzle("P").model_copy(update={"solvable": False})
    assert wording.outcome_sentence(outcome(out=True, gave_up=True), hopeless).startswith(
        "Right: there is no way out"
    )


@pytest.mark.parametrize(
    ("pus", "sps", "words"),
    [
        (0.59, 0.59, "no physics shown, no working plan"),
        (0.6, 0.6, "some of the physics, part of a plan"),
        (1.6, 1.6, "right physics, most of a plan"),
    ],
)
def test_marks_are_told_in_words(pus: float, sps: float, words: str) -> None:
    judged = result("P", A, verdict(pus, sps, 1))
    assert f"a on Room P: {words}, used no red herring. {pus + sps + 1:.1f} of 5." == wording.answer_sentence(
        judged, puzzle("P"), STANDARD
    )


def test_an_answer_without_a_mark_says_why() -> None:
    p = puzzle("P")
    said = lambda r: wording.answer_sentence(r, p, STANDARD)  # noqa: E731
    assert said(result("P", A, failed="player")) == "a on Room P: failed. too slow"
    assert said(result("P", A, failed="judge")) == "a on Room P: not marked. too slow"
    assert said(result("P", A)) == "a on Room P: not marked."
    assert said(result("P", A).model_copy(update={"answer": None})) == "a on Room P: not asked."
    none = result("P", A, verdict(0, 0, 0, checklist(attempted=False)))
    assert said(none) == "a on Room P: no attempt, according to its judge. 0 of 5."
    out = result("P", A, verdict(2, 0.2, 1, checklist(steps="00", works="no")), outcome(out=True))
    assert "a plan that works" in said(out)


def test_a_judge_of_a_players_family_is_named_and_of_another_is_not() -> None:
    def config(judge: str) -> RunConfig:
        spec = JudgeSpec(design="checklist", model=ModelSpec(provider="openai", model=judge))
        return RunConfig(players=(ModelSpec(provider="openai", model="gpt-5"), A), judge=spec)

    assert wording.same_family_warning(config("gpt-4o")).startswith(
        "The judge is from the same family as gpt-5."
    )
    assert wording.same_family_warning(RunConfig(players=(A,))) == ""


def test_a_bill_names_both_parts_and_the_most_it_can_be() -> None:
    free, dear = Bill(0, 0.0, 0.0, 0.0), Bill(3, 0.1, 0.2, 0.5)
    assert wording.bill_sentence(free, free) == "free"
    assert (
        wording.bill_sentence(dear, free)
        == "about 0.1 to 0.20 USD for the players (3 calls; at most 0.50 USD)"
    )
    assert (
        wording.bill_sentence(free, dear) == "about 0.1 to 0.20 USD for the judge (3 calls; at most 0.50 USD)"
    )
    unknown = Bill(1, None, None, None)
    assert wording.bill_sentence(unknown, free) == "an unknown price for the players (1 call)"


def test_names_are_told_apart_where_they_are_alike() -> None:
    twice = [puzzle("P0"), puzzle("P1").model_copy(update={"title": "Room P0"})]
    assert wording.titles(twice) == {"P0": "Room P0 (P0)", "P1": "Room P0 (P1)"}
    run = run_of(puzzles(1), [])
    assert wording.answer_name(run, result("P0", A, repeat=2).trial) == "a on Room P0, repeat 2"
    assert wording.answer_name(run, result("P0", A).trial) == "a on Room P0"
    assert [wording.join_and(x) for x in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("usd", "said"),
    [(0.1, "0.10 USD"), (0.0999, "0.1 USD"), (0.0001, "0.0001 USD"), (0.00009, "under 0.0001 USD")],
)
def test_small_amounts_keep_their_digits(usd: float, said: str) -> None:
    assert wording.money(usd) == said


@pytest.mark.parametrize(("s", "said"), [(89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")])
def test_durations_change_their_unit_where_people_do(s: float, said: str) -> None:
    assert wording.seconds(s) == said


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_people_list_them(names: list[str], said: str) -> None:
    assert wording.join_and(names) == said


def test_a_number_comes_with_its_word() -> None:
    assert [wording.pluralize(n, "puzzle") for n in (0, 1, 2)] == ["0 puzzles", "1 puzzle", "2 puzzles"]
    assert [wording.pluralize(n, "reply", "replies") for n in (1, 2)] == ["1 reply", "2 replies"]


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.0, 0.0, 0.0, "neither clearly more generous nor clearly stricter"),
        (0.3, 0.0, 0.6, "neither clearly more generous nor clearly stricter"),
        (-0.3, -0.6, 0.0, "neither clearly more generous nor clearly stricter"),
        (-0.3, -0.6, -0.1, "0.3 marks stricter on Solution Path than b"),
        (0.3, None, 0.6, "neither clearly more generous nor clearly stricter"),
    ],
)
def test_a_bias_is_sure_where_its_interval_leaves_nothing_out(
    value: float, low: float | None, high: float | None, said: str
) -> None:
    score = ScoreAgreement(score="sps", n=30, bias=Estimate(value=value, low=low, high=high))
    nothing = ScoreAgreement(score="rhh", n=0, bias=Estimate(value=1.0, low=0.9, high=1.1))
    unknown = ScoreAgreement(score="pus", n=30)
    assert said in wording.bias_sentence("a", "b", [score, nothing, unknown])


def test_a_report_without_a_bias_says_none() -> None:
    card = ReportCard(judge="j", agreement=(ScoreAgreement(score="sps", n=0),))
    assert wording.card_sentence(card, []) == "j passed 0 of 0 controls. It has passed its exam."


def test_a_run_is_called_by_its_title_or_by_who_and_what() -> None:
    specs = [ModelSpec(provider="demo", model=m) for m in "abcd"]
    now = {"started_at": "2026-11-27T14:05:09.000+00:00"}
    assert (
        wording.run_name(run_of(puzzles(2), [], specs[:3]).model_copy(update=now))
        == "14:05, a, b and c on 2 puzzles"
    )
    assert (
        wording.run_name(run_of(puzzles(1), [], specs).model_copy(update=now))
        == "14:05, 4 players on 1 puzzle"
    )
    assert wording.run_name(run_of(puzzles(1), [], []).model_copy(update={"title": "T"})) == "T"
    asked_nothing = run_of([], [], [])
    three = asked_nothing.model_copy(update={"puzzles": tuple(puzzles(3)), "started_at": ""})
    assert wording.run_name(three) == "nobody on 3 puzzles"


def test_an_answer_names_its_judge_even_where_only_the_room_spoke() -> None:
    spoken = result("P0", A, None, outcome(out=True))
    assert wording.answer_sentence(spoken, puzzle("P0"), STANDARD) == "a on Room P0: out; not marked."


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.04, "as generous as you"),
        (0.5, "0.5 marks more generous than you"),
        (-0.5, "0.5 marks stricter than you"),
    ],
)
def test_a_student_is_told_which_way_the_judge_differs(gap: float, said: str) -> None:
    assert said in wording.generosity_sentence(gap)


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ([], ""),
        ([1.0] * 5, "too few to compare"),
        ([0.5, -0.5] * 5, "as many marks as you"),
        ([1.0, 1.1, 0.9, 1.2, 0.8, 1.0], "beyond chance, so this judge is more generous than you"),
        ([-1.0, -1.1, -0.9, -1.2, -0.8, -1.0], "1.0 marks fewer than you (-1.1 to -0.9, 6 answers)"),
        ([2.0, -1.0, 1.0, 0.0, 1.5, -1.2], "too close to call"),
    ],
)
def test_how_a_judge_differs_from_a_class_is_said_with_what_it_means(gaps: list[float], said: str) -> None:
    assert said in wording.gap_sentence(gaps)
    assert "-0.0" not in wording.gap_sentence(gaps)


def test_with_more_players_it_takes_more_puzzles_to_tell_the_first_two_apart() -> None:
    """The pairs are corrected for their number."""
    first, second, third = [2.0, 0, 1, 2, 0, 1], [1.0, 1, 1, 1, 1, 0], [0.0, 1, 0, 1, 0, 0]

    def fewest(*rows: list[float]) -> int:
        said = findings.help_sentence(ranking(marked(*rows)))
        return int(said.split("about ")[1].split(" ")[0])

    assert fewest(first, second, third) > fewest(first, second)


def test_controls_take_no_part_in_what_is_said_of_the_first_two() -> None:
    """The reference answers gets out of everything; the two models are those that are compared."""
    reference = ModelSpec(provider="demo", model="reference")
    one, two = (ModelSpec(provider="openai", model=name) for name in "ab")
    outs = ((reference, 30), (one, 18), (two, 15))
    rows = [result(f"P{i}", p, None, outcome(out=i < n)) for p, n in outs for i in range(30)]
    said = findings.help_sentence(ranking(run_of(puzzles(30), rows, (reference, one, two)), ROOMS))
    alone = findings.help_sentence(ranking(run_of(puzzles(30), rows[30:], (one, two)), ROOMS))
    assert said
    assert ("is probably below" in said) == ("is probably below" in alone)
    marks = {reference: 1.0, one: 2.0, two: 0.0}
    by_mark = [result(f"P{i}", p, verdict(m, m, 1)) for p, m in marks.items() for i in range(8)]
    other = {reference: 2.0, one: 0.0, two: 1.0}
    by_other = [result(f"P{i}", p, verdict(m, m, 1)) for p, m in other.items() for i in range(8)]
    usual, strict = (ranking(run_of(puzzles(8), rows, (reference, one, two))) for rows in (by_mark, by_other))
    said = findings.metric_changes_leader({STANDARD: usual, METRICS["sps_strict"]: strict})
    assert "Standard: a;" in said
    assert said.endswith(": b.")


def test_a_judge_is_called_by_its_models_whole_name() -> None:
    rows = [
        result("P0", A, verdict(1, 1, 1, checklist(works="yes"), judge="checklist:ollama:llama3.2:3b"),
               outcome(out=False))
    ]  # fmt: skip
    judge = JudgeSpec(design="checklist", model=ModelSpec(provider="ollama", model="llama3.2:3b"))
    said = findings.against_sentence(run_of(puzzles(1), rows, [A], judge=judge))
    assert said.startswith("llama3.2:3b, as judge, believed 1 of 1 ")


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (outcome(gave_up=True), ("gave up", "start")),
        (outcome(progress=0.5), ("stuck", "50%")),
        (outcome(lost_at=2), ("lost", "move 2")),
    ],
)
def test_a_lost_attempt_is_called_what_it_was(room: Outcome, words: tuple[str, str]) -> None:
    lost = wording.lost_attempt(run_of(puzzles(1), [result("P0", A, None, room)], [A]))
    assert lost is not None
    assert words[0] in lost.before
    assert words[1] in lost.after


@pytest.mark.parametrize(("low", "high"), [(1e-5, 2e-5), (5e-5, 0.02), (0.0, 3e-7)])
def test_a_range_of_small_prices_has_no_exponents(low: float, high: float) -> None:
    said = wording.bill_sentence(Bill(3, low, high, None), Bill(0, 0.0, 0.0, 0.0))
    assert "e-" not in said
    assert "USD for the players" in said


def test_two_herrings_are_red_herrings() -> None:
    said = wording.outcome_sentence(outcome(touched=["nail", "mop"]), puzzle("P"))
    assert said.endswith("nail and mop: red herrings.")
