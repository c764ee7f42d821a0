"""Marks from checklists: worked by hand from the definitions in docs/judging.md."""

from dataclasses import replace

import pytest

from escape.metrics import METRICS, herrings_used, marks, means, room_marks, validated_scores
from escape.types import Checklist, NotJudged, Puzzle, Scores, Tick, Verdict, Works
from tests.small_runs import checklist as ticks
from tests.small_runs import outcome
from tests.small_runs import puzzle as room
from tests.small_runs import verdict as judged


def checklist(
    principles: str, steps: str, herrings: str = "...", works: Works = "yes", **more: object
) -> Checklist:
    def ticks(marks: str) -> tuple[Tick, ...]:
        return tuple(Tick(text=f"t{i}", met=m == "x") for i, m in enumerate(marks))

    return Checklist.model_validate(
        {
            "principles": ticks(principles),
            "steps": ticks(steps),
            "herrings": ticks(herrings),
            "works": works,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("items", "pus", "sps", "rhh"),
    [
        (checklist("xxx", "xxxx"), 2, 2, 1),
        (checklist("x..", "xx..", "..x", "partly"), 2 / 3, 0.5 + 0.5, 0),
        (checklist("...", "x...", works="no"), 0, 0.25, 1),
        (checklist("xxx", "xxx.", works="undecided"), 2, 1.5, 1),
        (checklist("xxx", "....", complete_alternative=True), 2, 1 + 1, 1),
        (checklist("xxx", "....", works="partly", complete_alternative=True), 2, 0.5, 1),
        (checklist("xxx", "xxxx", attempted=False), 0, 0, 0),
    ],
)
def test_marks_follow_the_definition(
    items: Checklist, pus: float, sps: float, rhh: float, by_id: dict[str, Puzzle]
) -> None:
    scores = marks(items, by_id["FLUID_001"])
    assert (scores.pus, scores.sps, scores.rhh) == pytest.approx((pus, sps, rhh))


def test_without_herrings_their_mark_does_not_apply(by_id: dict[str, Puzzle]) -> None:
    assert marks(checklist("xxx", "xxxx", ""), by_id["CIPHER_001"]).rhh is None
    assert marks(checklist("xxx", "xxxx", "", attempted=False), by_id["CIPHER_001"]).rhh is None


@pytest.mark.parametrize(
    "bad", [(2.5, 1, 1), (1, -0.5, 1), (1, 1, 0.5), (1.2, 1, 1), ("2", 1, 1), (True, 1, 1), (1, 1, None)]
)
def test_the_gate_refuses_what_is_off_the_scale(bad: tuple[object, ...], by_id: dict[str, Puzzle]) -> None:
    with pytest.raises(NotJudged, match="must be one of"):
        validated_scores(*bad, by_id["FLUID_001"])


def test_the_gate_passes_half_marks_and_ignores_absent_herrings(by_id: dict[str, Puzzle]) -> None:
    assert validated_scores(1.5, 2, 1, by_id["FLUID_001"]) == Scores(pus=1.5, sps=2, rhh=1)
    assert validated_scores(0, 0.5, None, by_id["CIPHER_001"]).rhh is None


def test_the_variants_read_the_same_verdict(by_id: dict[str, Puzzle]) -> None:
    tube, dial = by_id["FLUID_001"], by_id["CIPHER_001"]
    items = checklist("xxx", "xxxx", "x..", "no")
    verdict = Verdict(judge="j", scores=marks(items, tube), checklist=items)
    got = {name: metric.scores(verdict, tube, None) for name, metric in METRICS.items()}
    assert got["standard"] == Scores(pus=2, sps=1, rhh=0)
    assert got["rhh_graded"].rhh == pytest.approx(2 / 3)
    assert got["sps_strict"].sps == 0
    free = Verdict(judge="j", scores=Scores(pus=1, sps=1, rhh=None))
    assert METRICS["as_published"].scores(free, dial, None).rhh == 1
    assert METRICS["standard"].scores(free, dial, None).rhh is None


def test_a_score_that_is_no_part_of_a_metric_counts_nowhere(by_id: dict[str, Puzzle]) -> None:
    items = checklist("xxx", "xxxx", "...")
    verdict = Verdict(judge="j", scores=marks(items, by_id["FLUID_001"]), checklist=items)
    two = replace(METRICS["standard"], name="understood", parts=("pus", "sps"))
    assert two.scores(verdict, by_id["FLUID_001"], None) == Scores(pus=2, sps=2, rhh=None)
    assert two.scores(verdict, by_id["FLUID_001"], None).overall == 4
    # whose figure is no sum of marks
    assert METRICS["verified"].scores(verdict, by_id["FLUID_001"], None).rhh == 1


def test_no_attempt_earns_nothing_under_any_metric(by_id: dict[str, Puzzle]) -> None:
    for problem_id, herrings in (("FLUID_001", "..."), ("CIPHER_001", "")):
        puzzle = by_id[problem_id]
        items = checklist("...", "....", herrings, attempted=False)
        verdict = Verdict(judge="j", scores=marks(items, puzzle), checklist=items)
        for metric in METRICS.values():
            scores = metric.scores(verdict, puzzle, None)
            assert (scores.pus, scores.sps, scores.rhh or 0.0) == (0, 0, 0), metric.name
    attempt = checklist("x..", "x...", "")
    free = Verdict(judge="j", scores=marks(attempt, by_id["CIPHER_001"]), checklist=attempt)
    assert METRICS["as_published"].scores(free, by_id["CIPHER_001"], None).rhh == 1


def test_overall_is_the_sum_of_means_each_where_it_applies() -> None:
    mean = means([Scores(pus=2, sps=1, rhh=1), Scores(pus=1, sps=1, rhh=None)])
    assert (mean.pus, mean.sps, mean.rhh, mean.overall) == (1.5, 1, 1, 3.5)
    assert means([]).overall is None
    assert means([Scores(pus=1, sps=1, rhh=None)]).overall == 2


def test_a_strict_path_goes_by_the_rooms_word_where_there_is_one() -> None:
    strict = METRICS["sps_strict"].scores
    says_no = judged(1, 1.5, 1, ticks(works="no", principles="11", steps="11", herrings="0"))
    assert strict(says_no, room("P"), None).sps == 0
    assert strict(says_no, room("P"), outcome(out=True)).sps == 2
    says_yes = judged(1, 1.5, 1, ticks(works="yes"))
    assert strict(says_yes, room("P"), outcome(out=False, moves=2)).sps == 0
    # nobody knows
    assert strict(says_yes, room("P"), outcome(moves=0, unread=2)) == strict(says_yes, room("P"), None)


def test_the_room_decides_herrings_only_where_moves_were_made() -> None:
    standard, graded = METRICS["standard"].of, METRICS["rhh_graded"].of
    used = judged(1, 1, 0, ticks(herrings="1"))
    assert standard(used, room("P"), outcome(moves=0, gave_up=True)).rhh == 0
    assert standard(used, room("P"), outcome(moves=1)).rhh == 1
    two = room("P").model_copy(update={"red_herrings": ("brick", "key")})
    assert graded(used, two, outcome(moves=2, touched=["brick"])).rhh == 0.5
    assert graded(judged(1, 1, 0, ticks(herrings="10")), two, None).rhh == 0.5
    assert standard(judged(1, 1, 0), room("P", herrings=False), None).rhh is None


def test_partly_is_half_and_another_way_that_works_is_whole() -> None:
    def path(works: str, *, steps: str = "10", other: bool = False, room_says: object = None) -> float:
        items = ticks(steps=steps, works=works).model_copy(update={"complete_alternative": other})
        return marks(items, room("P"), room_says).sps

    assert [path(w) for w in ("no", "partly", "yes", "undecided")] == [0.5, 1.0, 1.5, 1.0]
    assert path("yes", steps="00", other=True) == 2.0
    assert path("partly", steps="00", other=True) == 0.5
    assert path("no", room_says=outcome(out=True)) == 1.5
    assert path("yes", room_says=outcome(progress=0.5)) == 1.0


def test_a_way_out_is_an_attempt_however_bare_its_words() -> None:
    none = ticks(principles="00", steps="00", attempted=False)
    assert marks(none, room("P")).overall == 0
    got_out = marks(none, room("P"), outcome(out=True))
    assert (got_out.sps, got_out.rhh) == (1.0, 1.0)


def test_weights_and_labels_are_those_of_the_metric() -> None:
    assert [name for name, m in METRICS.items() if not m.needs_judge] == ["verified"]
    assert METRICS["standard"].weight("pus") == 1.0
    weighed = replace(METRICS["standard"], weights=(("pus", 0.5), ("sps", 2.0)))
    assert [weighed.weight(part) for part in ("pus", "sps", "rhh")] == [0.5, 2.0, 1.0]
    assert (
        METRICS["as_published"]
        .scores(judged(1, 1, None, ticks(attempted=False)), room("P", herrings=False), None)
        .rhh
        == 0
    )
    assert (
        METRICS["as_published"].scores(judged(1, 1, None, ticks()), room("P", herrings=False), None).rhh == 1
    )


def test_a_plan_that_fails_in_the_room_keeps_no_mark_for_working() -> None:
    says_yes = judged(2, 2, 1, ticks(works="yes"))
    stuck = outcome(out=False, moves=2, progress=0.0)
    assert [
        METRICS[m].scores(says_yes, room("P"), stuck).sps for m in ("standard", "rhh_graded", "as_published")
    ] == [1.0] * 3
    # given directly, without a checklist
    assert METRICS["standard"].scores(judged(2, 2, 1), room("P"), stuck).sps == 2


def test_an_item_without_evidence_counts_neither_way() -> None:
    scores = marks(ticks(principles="1?", steps="10?", herrings="0?"), room("P"))
    assert (scores.pus, scores.sps, scores.rhh) == (2, 1.5, None)  # whether a herring was used is not known
    assert marks(ticks(herrings="1?"), room("P")).rhh == 0  # one was
    assert marks(ticks(herrings="00"), room("P")).rhh == 1
    assert marks(ticks(principles="??"), room("P")).pus == 0
    assert METRICS["rhh_graded"].scores(judged(1, 1, 1, ticks(herrings="10?")), room("P"), None).rhh == 0.5


def test_several_judges_votes_count_where_the_room_is_silent() -> None:
    voted = ticks(works="yes").model_copy(update={"feasibility": 0.75})
    assert marks(voted, room("P")).sps == 1.75
    assert marks(voted, room("P"), outcome(out=True)).sps == 1.75
    assert marks(voted, room("P"), outcome(progress=0.5)).sps == 1.5


def test_moves_nobody_made_say_nothing_about_herrings() -> None:
    used = judged(1, 1, 0)
    unread = outcome(moves=0, unread=2)
    for name in ("standard", "rhh_graded"):
        assert METRICS[name].scores(used, room("P"), unread).rhh == 0
        assert METRICS[name].scores(used, room("P"), outcome(moves=1)).rhh == 1
    assert METRICS["rhh_graded"].scores(judged(1, 1, None), room("P", herrings=False), None).rhh is None
    assert METRICS["rhh_graded"].scores(judged(1, 1, 1, ticks(herrings="")), room("P"), None).rhh == 1
    assert (
        METRICS["rhh_graded"]
        .scores(judged(1, 1, 0, ticks(herrings="1", attempted=False)), room("P"), None)
        .rhh
        == 0
    )
    assert METRICS["rhh_graded"].scores(judged(1, 1, 0), room("P"), None).rhh == 0
    with pytest.raises(NotJudged, match=r"'one'; it must be one of 0, 0\.5"):
        validated_scores("one", 1, 1, room("P"))
    with pytest.raises(NotJudged, match="'None'; it must be"):
        validated_scores(None, 1, 1, room("P"))


def test_without_a_move_the_judge_says_which_herrings_were_used() -> None:
    said = judged(1, 1, 0, ticks(herrings="1"))
    assert herrings_used(said, outcome(moves=0)) == ("item 0",)
    assert herrings_used(said, outcome(moves=2, touched=("brick",))) == ("brick",)
    assert herrings_used(said, None) == ("item 0",)


def test_an_unread_plan_gets_no_mark_for_herrings_left_alone() -> None:
    herrings = room("P")
    assert room_marks(outcome(moves=0, unread=3), herrings).rhh == 0
    assert room_marks(outcome(out=True), herrings).rhh == 1
    assert room_marks(outcome(touched=["brick"]), herrings).rhh == 0


def test_herrings_touched_before_a_plan_became_unreadable_are_left_to_the_judge() -> None:
    said = judged(1, 1, 0, ticks(herrings="1"))
    assert herrings_used(said, outcome(moves=2, unread=1, touched=("brick",))) == ("item 0",)
