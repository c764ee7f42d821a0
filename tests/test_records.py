"""What a result says of itself: its status, what it took from a cap, and what survives a later try."""

import pytest
from pydantic import ValidationError

from escape.models.prices import Bill
from escape.types import (
    MAX_MESSAGE_LENGTH,
    Answer,
    Failure,
    FailureKind,
    Header,
    JudgeSpec,
    Mark,
    ModelSpec,
    MoveResult,
    Outcome,
    Result,
    Rule,
    RunConfig,
    Scores,
    Tick,
    Trial,
    Verdict,
    by_person,
    normalized_name,
    redact,
    scrub,
    total,
    without_surrogates,
)
from tests.small_runs import A, B, checklist, outcome, puzzles, result, run_of, verdict


def failure(usd: float = 0.0, doubtful: float = 0.0) -> Failure:
    return Failure(
        stage="judge", kind=FailureKind.TIMEOUT, message="slow", cost_usd=usd, doubtful_usd=doubtful
    )


def test_a_status_tells_answer_mark_and_failure_apart() -> None:
    assert result("P", A).status == "answered"
    assert result("P", A, verdict(1, 1)).status == "judged"
    assert result("P", A, failed="player").status == "failed"
    assert result("P", A, failed="judge").status == "not_judged"
    assert result("P", A, verdict(1, 1), failed="judge").status == "judged"


@pytest.mark.parametrize(
    ("player", "brought"),
    [("brought:me", True), ("person:me", True), ("agent:me", True), ("demo:a", False), ("human:a", False)],
)
def test_an_answer_brought_or_played_by_hand_is_told_from_one_asked_for(player: str, brought: bool) -> None:
    assert Trial(problem_id="P", player=player).is_imported is brought


def test_a_person_is_told_by_the_raters_name() -> None:
    assert by_person("human:Ada")
    assert not by_person("checklist:openai:human")


def test_what_a_trial_took_from_a_cap_counts_doubts_and_earlier_tries() -> None:
    answer = Answer(text="x", cost_usd=0.5, doubtful_usd=0.25)
    made = result("P", A, answer=answer).model_copy(
        update={"failure": failure(0.125, 1.0), "earlier_usd": 2.0}
    )
    assert made.charged_usd == 0.5 + 0.25 + 0.125 + 1.0 + 2.0
    assert made.cost_usd == 0.625
    assert result("P", A, answer=Answer(text="x", cost_usd=None)).cost_usd is None


def test_a_later_try_keeps_the_answer_and_what_was_spent() -> None:
    answer = Answer(text="x", cost_usd=0.5)
    first = result("P", A, answer=answer).model_copy(update={"failure": failure(0.25, 0.125)})
    judged = result("P", A, verdict(1, 1)).model_copy(update={"answer": None})
    after = judged.merge(first)
    assert (after.answer, after.earlier_usd) == (answer, 0.375)
    assert after.merge(after).earlier_usd == 0.375  # the same line read twice costs nothing more
    asked_again = result("P", A, answer=Answer(text="y", cost_usd=1.0)).merge(first)
    assert asked_again.earlier_usd == 0.875
    assert asked_again.merge(None) is asked_again


def test_two_bills_are_one_and_unknown_stays_unknown() -> None:
    assert Bill(1, 0.1, 0.2, 0.5) + Bill(2, 0.2, 0.3, 1.0) == Bill(
        3, pytest.approx(0.3), pytest.approx(0.5), 1.5
    )
    assert Bill(1, 0.1, 0.2, 0.5) + Bill(1, None, None, None) == Bill(2, None, None, None)
    assert Bill(0, 0.0, 0.0, 0.0).free
    assert not Bill(1, None, None, None).free


def test_trials_go_round_by_round() -> None:
    config = RunConfig(players=(A, B), problem_ids=("P", "Q"), repeats=2)
    every = [(p, w.name, n) for n in (1, 2) for p in ("P", "Q") for w in (A, B)]
    assert [t.key for t in config.trials()] == every
    assert config.size == 8


def test_a_run_names_only_puzzles_that_it_has_and_each_once() -> None:
    given = puzzles(2)
    Header(run_id="r", started_at="t", config=RunConfig(problem_ids=("P0",)), puzzles=tuple(given))
    with pytest.raises(ValueError, match="two puzzles have the same id"):
        Header(run_id="r", started_at="t", config=RunConfig(), puzzles=(given[0], given[0]))
    with pytest.raises(ValueError, match="there is no puzzle 'X'"):
        Header(run_id="r", started_at="t", config=RunConfig(problem_ids=("X",)), puzzles=tuple(given))
    many = tuple(ModelSpec(provider="x", model=str(i)) for i in range(11))
    config = RunConfig(players=many, problem_ids=("P0", "P1"), repeats=10_000)
    with pytest.raises(ValueError, match="more than 20000 trials"):
        Header(run_id="r", started_at="t", config=config, puzzles=tuple(given))


def test_players_are_those_asked_for_then_those_who_only_answered() -> None:
    run = run_of(puzzles(1), [result("P0", "brought:me"), result("P0", B)])
    assert run.players == [A.name, B.name, "brought:me"]
    assert not run.published


def test_names_of_specs_hold_all_that_tells_them_apart() -> None:
    spec = ModelSpec(provider="openai", model="m", effort="high")
    assert spec.name == "openai:m[high]"
    judge = JudgeSpec(design="checklist", model=spec)
    assert judge.name == "checklist:openai:m[high]"
    assert (judge.models, JudgeSpec().models) == ((spec,), ())


def test_marks_and_ticks_have_their_scale() -> None:
    assert (Scores(pus=1, sps=1, rhh=None).top, Scores(pus=1, sps=1, rhh=0).top) == (4, 5)
    assert (Scores(pus=1, sps=1, rhh=None).overall, Scores(pus=1, sps=1, rhh=1).overall) == (2, 3)
    assert (Tick(text="t", met=True).value, Tick(text="t", met=True, share=0.5).value) == (1.0, 0.5)
    for bad in ({"pus": 2.1}, {"sps": -0.1}, {"rhh": 1.5}):
        with pytest.raises(ValueError, match="equal to"):
            Verdict(judge="j", scores={"pus": 1, "sps": 1, "rhh": 1} | bad)


def test_a_sum_with_an_unknown_part_is_unknown_and_names_are_compared_bare() -> None:
    assert (total([1.0, 2.0]), total([1.0, None]), total([])) == (3.0, None, 0)
    assert normalized_name("  Milk  CARTON (empty, sealed) ") == "milk carton"
    assert without_surrogates("a\ud800b") == "a?b"


@pytest.mark.parametrize("kind", list(FailureKind))
def test_what_a_kind_of_failure_means_for_the_calls_after_it(kind: FailureKind) -> None:
    assert kind.is_transient is (
        kind in {FailureKind.OVERLOADED, FailureKind.TIMEOUT, FailureKind.CONNECTION, FailureKind.MALFORMED}
    )
    # work may have been done and charged for wherever a request arrived and no usable reply came back
    assert kind.may_cost is (kind in {FailureKind.TIMEOUT, FailureKind.CONNECTION, FailureKind.MALFORMED})
    assert kind.closes_provider is (
        kind in {FailureKind.BAD_KEY, FailureKind.NO_CREDIT, FailureKind.WRONG_ADDRESS}
    )
    assert (kind.closes_model, kind.may_close_model) == (
        kind is FailureKind.UNKNOWN_MODEL,
        kind is FailureKind.BAD_REQUEST,
    )


def test_opinions_are_about_puzzles_that_are_there() -> None:
    stranger = Mark(trial=Trial(problem_id="X", player="p"), rater="human:Ada")
    with pytest.raises(ValueError, match="there is no puzzle 'X'"):
        Header(
            run_id="r", started_at="t", config=RunConfig(), puzzles=tuple(puzzles(1)), opinions=(stranger,)
        )


def test_only_an_attempt_can_leave_a_judge_undecided() -> None:
    assert verdict(1, 1, items=checklist(works="undecided")).undecided
    assert not verdict(0, 0, items=checklist(works="undecided", attempted=False)).undecided
    assert not verdict(1, 1, items=checklist(works="no")).undecided
    assert not verdict(1, 1).undecided


def test_a_later_result_adds_up_what_both_have_cost_and_nothing_twice() -> None:
    first = result("P", A, answer=Answer(text="x", cost_usd=0.5), failed="judge")
    again = result("P", A, verdict(1, 1), answer=Answer(text="x", cost_usd=0.5))
    merged = again.merge(first.model_copy(update={"earlier_usd": 0.25}))
    assert merged.earlier_usd == 0.25  # the answer was kept, and the failure cost nothing
    other = result("P", A, verdict(1, 1), answer=Answer(text="y", cost_usd=0.5))
    assert other.merge(first).earlier_usd == 0.5  # the first answer is gone, its money too
    assert again.merge(None) is again
    assert (
        other.model_copy(update={"earlier_usd": 1.0})
        .merge(first.model_copy(update={"earlier_usd": 0.25}))
        .earlier_usd
        == 1.5
    )
    assert first.merge(first).earlier_usd == 0.0
    judged = result(
        "P", A, verdict(1, 1).model_copy(update={"cost_usd": 0.125}), answer=Answer(text="x", cost_usd=0.5)
    )
    assert again.merge(judged).earlier_usd == 0.125


def test_a_run_has_as_many_trials_as_a_file_may_hold_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escape.types.run.MAX_TRIALS", 4)
    assert run_of(puzzles(2), [], (A, B)).config.size == 4
    header = run_of(puzzles(1), [], (A, B)).model_dump(exclude={"results", "lost", "damaged"})
    with pytest.raises(ValueError, match="more than 4 trials"):
        Header.model_validate(header | {"config": header["config"] | {"repeats": 3}})


def test_one_published_player_makes_a_published_run() -> None:
    published = ModelSpec(provider="published", model="gpt-4")
    assert run_of(puzzles(1), [], (A, published)).published
    assert not run_of(puzzles(1), []).published


def test_a_puzzle_is_called_by_its_title_or_its_id() -> None:
    assert puzzles(1)[0].name == "Room P0"
    assert puzzles(1)[0].model_copy(update={"title": ""}).name == "P0"


def test_text_is_clipped_and_what_is_no_text_is_refused() -> None:
    assert len(Failure(stage="judge", kind=FailureKind.TIMEOUT, message="x" * 30_000).message) <= 20_000
    with pytest.raises(ValueError, match="string"):
        Answer.model_validate({"text": 5})


@pytest.mark.parametrize(
    ("text", "kept"), [("Moves:\npour: wat", "Moves:"), ("pour: water -> tu", ""), ("a\n", "a")]
)
def test_of_an_answer_that_was_cut_off_only_whole_lines_are_read(text: str, kept: str) -> None:
    assert Answer(text=text, finish_reason="length").whole_lines == kept
    assert Answer(text=text).whole_lines == text


@pytest.mark.parametrize(
    ("finish", "why"),
    [
        ("length", "cut off"),
        ("filter", "refused"),
        ("refusal", "refused"),
        ("tool_call", "refused"),
        ("stop", "empty"),
    ],
)
def test_an_answer_without_a_move_says_why(finish: str, why: str) -> None:
    answer = Answer.model_validate({"text": "", "finish_reason": finish})
    assert result("P", A, room=outcome(moves=0), answer=answer).result == why


def test_texts_and_settings_are_taken_up_to_their_limits() -> None:
    assert (
        len(Answer(text="x" * 1_000_001).text)
        == len(Answer(text="x", reasoning="x" * 1_000_001).reasoning)
        == 10**6
    )
    for field, good, bad in (
        ("temperature", 2, 2.1),
        ("max_tokens", 200_000, 200_001),
        ("timeout_s", 3600, 3601),
    ):
        ModelSpec.model_validate({"provider": "x", "model": "m", field: good})
        with pytest.raises(ValidationError, match=field):
            ModelSpec.model_validate({"provider": "x", "model": "m", field: bad})


def test_three_goes_that_failed_alike_cost_three_times() -> None:
    failed: Result | None = None
    for go in ("10:00", "11:00", "12:00"):
        timeout = result("P", A).model_copy(
            update={"failure": failure(0.0, 0.5), "answer": None, "started_at": go}
        )
        failed = timeout.merge(failed)
    assert failed is not None
    assert failed.charged_usd == 1.5
    assert failed.merge(failed).charged_usd == 1.5


def test_a_rule_touches_every_thing_it_names() -> None:
    assert Rule(verbs=("put",), thing=("a", "b"), at=("c",), say=".").touches == {"a", "b", "c"}
    assert Rule(verbs=("put",), thing=("a",), say=".").touches == {"a"}


def test_steps_are_counted_by_kind() -> None:
    steps = (
        MoveResult(move="m", said=".", changed=True),
        MoveResult(move="m", said="."),
        MoveResult(move="m", said="."),
        MoveResult(move="m", said=".", free=True),
        MoveResult(move="m", said=".", understood=False, free=True),
        MoveResult(move="m", said=".", understood=False),
        MoveResult(move="m", said=".", understood=False),
    )
    found = Outcome(out=False, moves=3, shortest=2, progress=0, steps=steps)
    assert (found.not_understood, found.without_effect, found.tried, found.works) == (3, 2, True, "no")


def test_what_could_not_be_read_was_not_tried() -> None:
    nothing = Outcome(
        out=False, moves=0, shortest=2, progress=0, steps=(MoveResult(move="m", said=".", understood=False),)
    )
    assert not nothing.tried
    assert nothing.model_copy(update={"gave_up": True}).tried
    assert nothing.model_copy(update={"moves": 1}).tried
    assert nothing.model_copy(update={"out": True}).works == "yes"
    assert nothing.model_copy(update={"progress": 0.25}).works == "partly"
    assert nothing.model_copy(update={"steps": (MoveResult(move="look", said=".", free=True),)}).tried


KEY = "acme-Ab12Cd34"


@pytest.mark.parametrize("said", [KEY, KEY.upper(), "Ab12Cd34", "ab12cd34", KEY[::-1], KEY[::-1][:8].upper()])
def test_a_secret_is_taken_out_however_it_is_written(said: str) -> None:
    assert redact(f"key {said}!", KEY) == "key [key]!"


def test_a_short_secret_goes_but_not_the_rest_without_its_prefix() -> None:
    assert redact("my pw-tree in a tree", "pw-tree") == "my [key] in a tree"
    assert redact("a tree", "tre") == "a tree"  # under four characters it could be anything
    assert redact("a tree", "tree") == "a [key]"


def test_a_message_is_one_line_of_bounded_length_without_keys() -> None:
    assert scrub("a\n  b\tc") == "a b c"
    assert scrub("x" * 39) == "x" * 39
    full = " ".join(["word"] * 60)  # 299 characters
    assert (scrub(full), len(scrub(full + " wo"))) == (full, MAX_MESSAGE_LENGTH)
    assert scrub(full + "y") == full + "y"
    assert scrub(full + "yz").endswith("…")
    assert scrub(f"not {KEY} but", KEY) == "not [key] but"
    for shaped in (
        "sk-abcdef123",
        "sk-ant-api03-abcdefgh",
        "sk-proj-****1234",  # what is left of one
        "gsk_abcdefghijk",
        "AIzaSyA-1234567",
        "Bearer abc",
        "a" * 40,
    ):
        assert scrub(f"it was {shaped}") == "it was [key]", shaped
    # what lies beyond is not shown
    assert scrub("one " * 10 * MAX_MESSAGE_LENGTH + KEY, KEY).count("[key]") == 0


def test_what_marking_cost_stays_spent_when_an_answer_is_marked_again() -> None:
    unmarked = result("P", A).model_copy(update={"failure": failure(0.25, 0.125)})
    marked = unmarked.with_mark(Mark(trial=unmarked.trial, rater="j", verdict=verdict(1, 1)))
    assert (marked.verdict, marked.charged_usd) == (verdict(1, 1), 0.375)


def test_pasted_answers_are_marked_whatever_the_share_of_marked_rooms() -> None:
    config = RunConfig(players=(A,), problem_ids=("P", "Q"), marked_ids=("P",))
    by_player = {player: Trial(problem_id="Q", player=player) for player in (A.name, "brought:chat")}
    assert {player: config.marks(trial) for player, trial in by_player.items()} == {
        A.name: False, "brought:chat": True,
    }  # fmt: skip
