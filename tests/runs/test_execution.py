"""A run put together before its first call: who is asked, what it may cost, what is refused in time."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from escape import models, prompts
from escape.calls import Limits
from escape.calls.guard import Retry
from escape.judges import checklist
from escape.models import prices
from escape.puzzles import controls, scripted_answer
from escape.results.digest import shares_by_room
from escape.runs import Execution, examples, make_plan, new_run, versions
from escape.runs.costs import BYTES_A_TOKEN, REPAIR_BYTES, TrialCosts, estimate_bills
from escape.types import Answer, JudgeSpec, ModelSpec, Puzzle, Result, Run, RunConfig, SpecError, Trial
from tests import small_runs
from tests.small_runs import carried_out, puzzles

MINI = ModelSpec(provider="openai", model="gpt-4o-mini", max_tokens=500)
LARGE = ModelSpec(provider="openai", model="gpt-4o", max_tokens=2000)
CAREFUL = ModelSpec(provider="demo", model="careful")
UNKNOWN = ModelSpec(provider="openai", model="nobody-knows-this")


def config(*players: ModelSpec, **more: object) -> RunConfig:
    return RunConfig(players=players, **more)


def built(asked_for: RunConfig, given: list[Puzzle], limits: Limits | None = None) -> Execution:
    """The execution of a run over these puzzles, before its first call."""
    run = new_run(asked_for.model_copy(update={"problem_ids": tuple(p.problem_id for p in given)}), given)
    return Execution(make_plan(run, lambda spec: SecretStr("sk-test-00000000")), limits or Limits())


def test_a_run_names_what_made_it_and_can_be_told_from_others() -> None:
    one, two = new_run(config(), puzzles(1), "T"), new_run(config(), puzzles(1))
    assert one.run_id != two.run_id
    assert len(one.run_id) == 12
    assert (one.title, two.title, one.results) == ("T", "", ())
    assert {"python", "escape", "program sha256", "openai", "anthropic", "prompt player"} <= set(one.versions)
    assert one.started_at.endswith("+00:00")


def test_only_those_who_will_be_asked_are_built() -> None:
    both = config(CAREFUL, UNKNOWN)
    assert list(built(both, puzzles(1)).players) == [CAREFUL.name, UNKNOWN.name]
    run = new_run(config(CAREFUL, UNKNOWN, max_cost_usd=1.0, problem_ids=("P0",)), puzzles(1))
    run = run.model_copy(update={"results": (small_runs.result("P0", UNKNOWN),)})
    few = Execution(make_plan(run, lambda spec: None))
    assert list(few.players) == [CAREFUL.name]
    assert not few.makes_calls
    assert built(both, puzzles(1)).makes_calls


def test_an_unknown_price_is_refused_under_a_cap_alone() -> None:
    built(config(UNKNOWN), puzzles(1))
    built(config(MINI, max_cost_usd=1.0), puzzles(1))
    with pytest.raises(SpecError, match="the price of openai:nobody-knows-this is unknown"):
        built(config(UNKNOWN, max_cost_usd=1.0), puzzles(1))
    judged = JudgeSpec(design="checklist", model=UNKNOWN)
    with pytest.raises(SpecError, match="nobody-knows-this is unknown"):
        built(config(CAREFUL, judge=judged, max_cost_usd=1.0), puzzles(1))


def test_what_is_given_reaches_the_calls() -> None:
    seen: list[Retry] = []
    proven = {("openai", None)}
    made = built(
        config(MINI, concurrency=3, max_cost_usd=2.0), puzzles(1), Limits(proven=proven, on_retry=seen.append)
    )
    made = made.calls
    assert (made.limits.concurrency, made.budget.cap, made.budget.spent) == (3, 2.0, 0.0)
    assert made.limits.proven is proven
    made.limits.on_retry(Retry("openai", "timeout", 1.0, 1))  # type: ignore[arg-type]
    assert len(seen) == 1


def test_a_trial_may_cost_its_players_call_and_the_repair_of_its_plan(bundled: list[Puzzle]) -> None:
    puzzle = bundled[0]
    made = built(config(LARGE, max_cost_usd=5.0), [puzzle])
    costs = TrialCosts(made.calls.budget, made.plan.run.config)
    ask = made.calls.budget.ceiling(LARGE, prompts.player(puzzle))
    # what it writes is in the same budget
    again = prompts.repair(puzzle, (), {}).model_copy(update={"limit": 1})
    more = made.calls.budget.ceiling(LARGE, again, REPAIR_BYTES)
    read = made.calls.budget.ceiling(MINI, checklist.checklist(puzzle, "an answer", "=" * 20))
    assert ask is not None
    assert more is not None
    assert costs.max_usd(puzzle, LARGE, None) == pytest.approx(ask + more)
    assert costs.max_usd(puzzle, LARGE, Answer(text="x")) == pytest.approx(more)
    assert costs.max_usd(puzzle, None, Answer(text="x")) == 0.0
    assert costs.mark_usd(MINI, puzzle, "an answer") == read


def test_a_bill_is_players_and_judge_each_for_what_is_still_to_do(bundled: list[Puzzle]) -> None:
    given = bundled[:2]
    ids = tuple(p.problem_id for p in given)
    judge = JudgeSpec(design="checklist", model=MINI)
    asked = config(LARGE, MINI, judge=judge, problem_ids=ids, repeats=3)
    players, judging = estimate_bills(asked, given)
    assert (players.calls, judging.calls) == (12, 12)
    first = [Trial(problem_id=ids[0], player=LARGE.name, repeat=n) for n in (1, 2)]
    only = estimate_bills(asked, given, first[1:], first)
    assert (only[0].calls, only[1].calls) == (1, 2)
    alone = prices.bill(LARGE, [(prompts.player(given[0]), 1)], prices.TYPICAL_ANSWER)
    assert only[0] == alone
    read = [checklist.checklist(given[0], controls.reference(given[0]), "=" * 20)]
    one = prices.bill(
        MINI, [(p, 2) for p in read], prices.TYPICAL_VERDICT, longest_bytes=BYTES_A_TOKEN * LARGE.max_tokens
    )
    assert one.most is not None
    assert only[1].most == pytest.approx(3 * one.most)
    assert (only[1].low, only[1].high) == (one.low, one.high)
    assert estimate_bills(config(judge=judge, problem_ids=ids), given)[0].calls == 0
    unknown = estimate_bills(
        config(CAREFUL, judge=JudgeSpec(design="checklist", model=UNKNOWN), problem_ids=ids), given
    )
    assert (unknown[0].free, unknown[1].most) == (True, None)


def test_a_run_does_its_trials_and_releases_its_players(bundled: list[Puzzle]) -> None:
    closed: list[str] = []
    made = built(config(CAREFUL), bundled[:1])
    for model in made._built:

        async def close(name: str = model.spec.name) -> None:
            closed.append(name)

        model.close = close  # type: ignore[method-assign]
    assert [r.status for r in carried_out(made.plan.run, made).results] == ["judged"]
    assert closed == [CAREFUL.name]


def test_an_answer_without_moves_that_only_needs_a_judge_is_not_out_either(by_id: dict[str, Puzzle]) -> None:
    """A resumed run carries plans out as the first did; an answer from elsewhere was asked for nothing."""
    puzzle, spec = by_id["FLUID_001"], ModelSpec(provider="demo", model="careful")
    config = RunConfig(players=(spec,), problem_ids=(puzzle.problem_id,))
    own = Trial(problem_id=puzzle.problem_id, player=spec.name)
    pasted = Trial(problem_id=puzzle.problem_id, player="brought:chat")
    answers = {t: Answer(text="The ball floats up in the water.") for t in (own, pasted)}
    start = new_run(config, [puzzle])
    start = start.model_copy(update={"results": tuple(Result(trial=t, answer=a) for t, a in answers.items())})
    plan = replace(make_plan(start, lambda spec: None), to_ask=(own, pasted))
    found = {r.trial: r.outcome for r in carried_out(start, Execution(plan)).results}
    assert found[pasted] is None
    assert found[own] is not None
    assert not found[own].out


def test_a_hosted_runs_models_are_asked_at_public_addresses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    build = models.build

    def build_one(spec: ModelSpec, key: object, *, public_only: bool = False) -> object:
        asked.append(public_only)
        return build(spec, key, public_only=public_only)  # type: ignore[arg-type]

    monkeypatch.setattr(models, "build", build_one)
    for public in (True, False):
        built(config(MINI), puzzles(1), Limits(public_only=public))
    assert asked == [True, False]


@pytest.fixture(scope="module")
def days(every: list[Puzzle]) -> Run:
    return examples.make_run("days", every[:6])


def test_each_day_is_a_repeat_with_answer_mark_and_room(days: Run) -> None:
    known = {p.problem_id for p in days.puzzles}
    assert len(days.results) == 2 * len(known) * examples.DAYS
    assert {r.trial.repeat for r in days.results} == set(range(1, examples.DAYS + 1))
    assert days.players == ["brought:lark", "brought:owl"]
    assert days.config.repeats == examples.DAYS
    assert set(days.config.problem_ids) == known
    assert all(r.answer and r.answer.cost_usd == 0 and r.verdict and r.outcome for r in days.results)
    assert days.title == "Made for a lesson: the same two players on 5 days"


def test_every_answer_is_that_of_a_good_day_or_a_bad_one(days: Run) -> None:
    for result in days.results:
        assert result.answer is not None
        said = {scripted_answer(who, result.trial.problem_id) for who in ("careful", "hasty")}
        assert result.answer.text in said


@pytest.mark.proof
def test_the_better_one_has_more_good_days_and_the_same_run_is_made_again(every: list[Puzzle]) -> None:
    run = examples.make_run("days", every)
    left = {who: sum(v.values()) / len(v) for who, v in shares_by_room(run).items()}
    assert left["brought:lark"] > left["brought:owl"]
    again = examples.make_run("days", every)
    assert [r.answer for r in again.results] == [r.answer for r in run.results]


def test_one_explains_as_the_careful_and_the_other_plans_like_them(every: list[Puzzle]) -> None:
    run = examples.make_run("metric", every)
    assert run.config.repeats == 1
    reasons, plans = 0, 0
    for result in run.results:
        careful = examples._split_answer(scripted_answer("careful", result.trial.problem_id) or "")
        hasty = examples._split_answer(scripted_answer("hasty", result.trial.problem_id) or "")
        assert result.answer is not None
        mine = examples._split_answer(result.answer.text)
        if result.trial.player == "brought:scholar":
            assert mine[0] == careful[0]
            reasons += mine[1] == careful[1]
        else:
            assert mine[0] == hasty[0]
            plans += mine[1] == careful[1]
    assert reasons < plans


def test_an_answer_without_steps_is_all_reasons() -> None:
    assert examples._split_answer("Why.\nSolution Steps:\n1. go") == ("Why.\n", "Solution Steps:\n1. go")
    assert examples._split_answer("Why.") == ("Why.", "")


def test_some_days_are_good_and_others_bad_to_the_same_player(days: Run) -> None:
    said: dict[tuple[str, str], set[str]] = {}
    for result in days.results:
        assert result.answer
        said.setdefault((result.trial.player, result.trial.problem_id), set()).add(result.answer.text)
    assert sum(len(texts) == 2 for texts in said.values()) > len(said) / 2


def test_what_a_class_predicts_before_it_sees_is_the_run_of_five_days() -> None:
    assert [name for name, example in examples.EXAMPLES.items() if example.predicted] == ["days"]


def test_a_run_resumed_twice_names_every_version_of_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(RunConfig(), puzzles(1)).model_copy(
        update={"results": (Result(trial=Trial(problem_id="P0", player="p")),)}
    )
    for version in (91, 92):
        monkeypatch.setitem(versions.PROMPTS, "player", version)
        run = versions.stamp_versions(run)
    assert run.versions["prompt player"] == "92"
    assert run.versions["earlier prompt player"].split(", ")[1:] == ["91"]


def test_the_hash_of_the_program_is_the_same_wherever_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = set()
    for name in ("recorded", "elsewhere", "empty"):
        (tmp_path / name / "escape").mkdir(parents=True)
        if name != "empty":
            (tmp_path / name / "escape" / "a.py").write_text("x = 1", "utf-8")
        monkeypatch.setattr(versions, "ROOT", tmp_path / name / "escape")
        hashes.add(versions.program_hash.__wrapped__())
    assert len(hashes) == 2
