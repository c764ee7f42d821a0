"""Runs in batches against fakes of both protocols: nothing lost, nothing asked twice, the cap held."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from escape import models, prompts
from escape.__main__ import main
from escape.calls import Journal, Limits, steady
from escape.calls import batcher as batching
from escape.models.batch.openai_batches import OpenAIBatches
from escape.runs import Assembly, backlog, new_run
from escape.runs.file import RunFile, charged_usd, load, unconfirmed
from escape.types import Batch, FailureKind, JudgeSpec, Puzzle, Result, Run, RunConfig, SpecError
from tests.models.fake_batches import FakeBatches

KEY = SecretStr("sk-batches-0123456789")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "GATHER_S", 0.05)
    monkeypatch.setattr(batching, "LOOK_S", 0.02)
    for module in (batching, steady):
        monkeypatch.setattr(module, "pause_s", lambda error, attempt: 0.01)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBatches]:
    with FakeBatches() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        yield running


def asked(puzzles: list[Puzzle], *names: str, repeats: int = 1, cap: float | None = None, judge: str = "") -> Run:
    config = RunConfig(
        players=tuple(map(models.parse, names)),
        judge=JudgeSpec(design="checklist", model=models.parse(judge)) if judge else JudgeSpec(),
        problem_ids=tuple(p.problem_id for p in puzzles),
        repeats=repeats,
        max_cost_usd=cap,
        batches=True,
    )
    return new_run(config, puzzles)


class Kept:
    """What a run leaves behind: results and batches, as a file would keep them. `dies_at`: the line that kills it."""

    def __init__(self, start: Run, dies_at: int = 10**9) -> None:
        self.start, self.dies_at = start, dies_at
        self.results: dict[object, Result] = {r.trial: r for r in start.results}
        self.batches: dict[str, Batch] = {b.tag: b for b in start.batches}
        self.lines = 0
        self.emitted: Counter[object] = Counter()

    def _line(self) -> None:
        self.lines += 1
        if self.lines > self.dies_at:
            raise SystemExit  # like a kill: nothing of ours runs after it

    async def write(self, batch: Batch) -> None:
        self._line()
        self.batches[batch.tag] = batch.after(self.batches.get(batch.tag))

    def keep(self, result: Result) -> None:
        self._line()
        known = self.results.get(result.trial)
        if result.answer and not (known and known.answer):
            self.emitted[result.trial] += 1
        self.results[result.trial] = result.after(self.results.get(result.trial))

    def run(self) -> Run:
        own = {"results": tuple(self.results.values()), "batches": tuple(self.batches.values())}
        return self.start.model_copy(update=own)

    def go(self, *, again: bool = False) -> Assembly:
        run = self.start
        todo, answers = backlog.missing(run.config, run.results, failed_too=True, again=again)
        work = Assembly(
            run.config,
            run.puzzles,
            lambda spec: KEY,
            Limits(spent_usd=sum(r.charged_usd for r in run.results)),
            backlog.EarlierGoes(failed_at=backlog.failed_at(run.results)),
            player_names={t.player for t in todo if t not in answers},
            journal=Journal(run.run_id, run.batches, self.write, again=again),
        )
        with contextlib.suppress(SystemExit):
            asyncio.run(work.run(todo, answers, self.keep))
        return work


def whole(run: Run) -> bool:
    return len(run.results) == run.config.size and all(r.verdict for r in run.results)


@pytest.mark.parametrize("name", ["openai:gpt-5", "anthropic:claude-sonnet-4-5"])
def test_a_run_is_asked_in_one_batch_at_half_the_price(name: str, bundled: list[Puzzle], provider: FakeBatches) -> None:
    kept = Kept(asked(bundled, name, repeats=4))
    kept.go()
    done = kept.run()
    assert whole(done)
    assert len(provider.batches) == 1
    assert set(provider.answered.values()) == {1}
    assert provider.single == []
    usual = models.parse(name)
    price_in, price_out = 1000, 100
    full = {"openai:gpt-5": 1.25e-6 * price_in + 1e-5 * price_out}.get(name, 3e-6 * price_in + 1.5e-5 * price_out)
    assert models.batch_share(usual) == pytest.approx(0.5)
    assert done.results[0].cost_usd == pytest.approx(full / 2)


@pytest.mark.parametrize("kind", ["openai:gpt-5-", "anthropic:claude-sonnet-4-5-"])
@pytest.mark.parametrize("fault", ["expire-half", "errors", "silent", "429", "lose-create", "refuse"])
def test_whatever_goes_wrong_nothing_is_lost_and_nothing_is_paid_twice(
    kind: str, fault: str, bundled: list[Puzzle], provider: FakeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = asked(bundled, f"{kind}{fault}", repeats=3)
    if fault == "refuse":  # a field that this model does not take is left out, and the rest is asked again
        players = tuple(s.model_copy(update={"temperature": 0.5}) for s in start.config.players)
        start = start.model_copy(update={"config": start.config.model_copy(update={"players": players})})
    kept = Kept(start)
    kept.go()
    assert max(kept.emitted.values()) == 1
    if fault == "errors":  # the first of each batch is refused, and its form cannot be mended
        (left,) = [r for r in kept.run().results if not r.verdict]
        assert left.failure is not None
        assert "temperature is not supported" in left.failure.message
        Kept(kept.run()).go()
        assert [len(b["requests"]) for b in provider.batches.values()] == [15, 1]  # only the rest is asked again
    else:
        assert whole(kept.run())
        assert len(provider.answered) == 15
    assert set(provider.answered.values()) == {1}
    if fault == "lose-create":
        assert len(provider.batches) == 1  # found again, not handed in again


def test_what_is_too_much_for_a_queue_is_asked_in_smaller_batches(bundled: list[Puzzle], provider: FakeBatches) -> None:
    kept = Kept(asked(bundled, "openai:gpt-5-full", repeats=3))
    kept.go()
    assert whole(kept.run())
    assert set(provider.answered.values()) == {1}
    assert sorted(len(b["requests"]) for b in provider.batches.values()) == [1, 7, 7, 15]


def test_what_is_too_large_for_one_batch_goes_into_few(
    bundled: list[Puzzle], provider: FakeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = max(len(prompts.player(p).user) for p in bundled) + 2_000
    monkeypatch.setattr(OpenAIBatches, "most_bytes", 4 * largest)
    kept = Kept(asked(bundled, "openai:gpt-5", repeats=3))
    kept.go()
    assert whole(kept.run())
    sizes = [len(b["requests"]) for b in provider.batches.values()]
    assert sum(sizes) == 15
    assert sorted(sizes)[1] >= 4  # all but the last are full


@pytest.mark.parametrize("name", ["openai:gpt-5", "anthropic:claude-sonnet-4-5", "openai:gpt-5-expire-half"])
@pytest.mark.proof
def test_a_run_that_dies_after_any_line_is_collected_by_the_next(
    name: str, bundled: list[Puzzle], provider: FakeBatches
) -> None:
    start, deaths = asked(bundled, name, repeats=2), 0
    kept = Kept(start, dies_at=1)
    while not whole(kept.run()) and deaths < 60:
        kept.go()
        deaths += 1
        kept = Kept(kept.run(), dies_at=2 if deaths % 2 else 1)
    done = kept.run()
    assert whole(done)
    assert deaths > 10
    assert set(provider.answered.values()) == {1}
    assert sum(r.cost_usd or 0 for r in done.results) == pytest.approx(10 * (done.results[0].cost_usd or 0))


def test_a_batch_that_was_handed_in_but_never_named_is_found_again(
    bundled: list[Puzzle], provider: FakeBatches
) -> None:
    for name in ("openai:gpt-5", "anthropic:claude-sonnet-4-5"):
        provider.batches.clear()
        provider.answered.clear()
        kept = Kept(asked(bundled, name), dies_at=1)  # the line before it is written, the one with its id is not
        kept.go()
        assert [b.batch_id for b in kept.batches.values()] == [""]
        assert len(provider.batches) == 1
        again = Kept(kept.run())
        again.go()
        assert whole(again.run())
        assert len(provider.batches) == 1
        assert set(provider.answered.values()) == {1}


def test_a_stop_leaves_the_batch_with_the_provider_and_the_next_run_collects_it(
    bundled: list[Puzzle], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeBatches(looks=10**6) as slow:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{slow.url}/v1")
        kept = Kept(asked(bundled, "openai:gpt-5"))
        todo = list(kept.start.config.trials())
        work = Assembly(kept.start.config, bundled, lambda s: KEY, journal=Journal(kept.start.run_id, (), kept.write))

        async def stopped() -> None:
            task = asyncio.create_task(work.run(todo, {}, kept.keep))
            while not any(b.batch_id for b in kept.batches.values()):
                await asyncio.sleep(0.02)
            work.calls.stop()
            await task

        asyncio.run(stopped())
        assert kept.results == {}  # nothing failed: it waits
        assert work.calls.budget.spent == 0
        slow.looks = 1
        again = Kept(kept.run())
        again.go()
        assert whole(again.run())
        assert len(slow.batches) == 1


def test_a_judge_is_asked_in_batches_too(bundled: list[Puzzle], provider: FakeBatches) -> None:
    kept = Kept(asked(bundled, "demo:careful", judge="openai:gpt-5-judge"))
    kept.go()
    results = kept.run().results
    assert all(r.failure and r.failure.stage == "judge" for r in results)  # this fake cannot judge
    assert provider.single == []
    assert len(provider.batches) >= 1


@pytest.mark.proof
def test_a_cap_holds_over_batches(bundled: list[Puzzle], provider: FakeBatches) -> None:
    """As much is handed in as may cost no more than the cap; the rest is asked once it is known what that cost."""
    start = asked(bundled, "openai:gpt-5", repeats=40)
    work = Assembly(start.config.model_copy(update={"max_cost_usd": 1.0}), bundled, lambda s: KEY, player_names=set())
    one = work.may_cost(bundled[0], start.config.players[0], None)
    cap = 30 * one
    kept = Kept(start.model_copy(update={"config": start.config.model_copy(update={"max_cost_usd": cap})}))
    kept.go()
    assert len(provider.batches) > 1
    assert max(len(b["requests"]) for b in provider.batches.values()) < 40
    spent = sum(provider.answered.values()) * (1.25e-6 * 1000 + 1e-5 * 100) / 2
    assert spent <= cap


def test_a_price_without_a_known_discount_says_so() -> None:
    assert models.batch_share(models.parse("groq:llama-3.3-70b-versatile")) is None
    assert models.batch_share(models.parse("compatible:x@http://localhost:1/v1")) is None


def test_batches_are_kept_in_the_file_and_shown_and_cancelled_by_the_command_line(
    bundled: list[Puzzle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.json"
    with FakeBatches() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY.get_secret_value())
        done = CliRunner().invoke(main, ["run", "--model", "openai:gpt-5", "--batch", "--json", str(file)])
        assert done.exit_code == 0, done.output
        assert "50% of the usual price" in done.output
        assert "5 of 5 done in its batch, over" in done.output
        (batch,) = load(file).batches
        assert len(batch.requests) == 5
        shown = CliRunner().invoke(main, ["batches", str(file)])
        assert shown.exit_code == 0
        assert f"{batch.batch_id}  5 requests  openai:gpt-5: 5 of 5 done" in shown.output
        assert CliRunner().invoke(main, ["batches", str(file), "--cancel"]).exit_code == 0
        assert not any(c.endswith("/cancel") for c in running.calls)  # it is over
    assert KEY.get_secret_value() not in file.read_text("utf-8")
    with RunFile.resume(str(file)) as held:
        assert held.run.batches == (batch,)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--batch"], "--batch needs --json FILE"),
        (["--batch", "--json", "x.json", "--move-by-move"], "moves cannot be asked for one by one"),
    ],
)
def test_batches_that_could_not_be_collected_are_refused(arguments: list[str], why: str) -> None:
    done = CliRunner().invoke(main, ["run", "--model", "demo:careful", *arguments])
    assert isinstance(done.exception, SpecError)
    assert why in str(done.exception)


def test_the_command_line_collects_what_another_process_handed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.json"
    with FakeBatches() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY.get_secret_value())
        run = CliRunner().invoke(main, ["run", "--model", "openai:gpt-5", "--batch", "--json", str(file)])
        assert run.exit_code == 0, run.output
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(line for line in lines if not line.startswith(b'{"result"')))  # as if killed then
        again = CliRunner().invoke(main, ["run", "--resume", str(file)])
        assert again.exit_code == 0, again.output
        assert len(load(file).results) == 5
        assert len(running.batches) == 1


@pytest.mark.parametrize("how", ["--resume", "--collect"])
def test_what_is_with_a_provider_is_collected_whatever_the_run_asks_for_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    file = tmp_path / "run.json"
    with FakeBatches() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY.get_secret_value())
        flags = ["--model", "openai:gpt-5", "--batch", "--max-cost", "5"]
        run = CliRunner().invoke(
            main, ["run", *flags, "--puzzle", "FLUID_001", "--puzzle", "UV_001", "--json", str(file)]
        )
        assert run.exit_code == 0, run.output
        lines = file.read_bytes().splitlines(keepends=True)
        head = json.loads(lines[0])
        head["header"]["config"]["problem_ids"] = ["UV_001"]  # the set was changed since
        kept = [line for line in lines[1:] if not line.startswith(b'{"result"')]
        file.write_bytes(json.dumps(head).encode() + b"\n" + b"".join(kept))
        assert len(unconfirmed(load(file))) == 2
        assert charged_usd(load(file)) > 0
        command = ["run", "--resume", str(file)] if how == "--resume" else ["batches", str(file), "--collect"]
        again = CliRunner().invoke(main, command)
        assert again.exit_code == 0, again.output
        assert {r.trial.problem_id for r in load(file).results} == {"FLUID_001", "UV_001"}
        assert unconfirmed(load(file)) == {}
        assert len(running.batches) == 1


def test_what_is_with_a_provider_is_within_the_cap_of_the_next_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is collected first, and nothing is handed in that could then pass the cap."""
    file = tmp_path / "run.json"
    with FakeBatches() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY.get_secret_value())
        flags = ["--model", "openai:gpt-5", "--batch", "--max-cost", "5", "--trials", "10", "--max-tokens", "100"]
        run = CliRunner().invoke(main, ["run", *flags, "--puzzle", "FLUID_001", "--json", str(file)])
        assert run.exit_code == 0, run.output
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(line for line in lines if not line.startswith(b'{"result"')))  # as if killed then
        cap = 1.05 * charged_usd(load(file))
        more = ["--puzzles", "problems", "--puzzle", "UV_001", "--trials", "10", "--max-cost", str(cap)]
        again = CliRunner().invoke(main, ["run", "--resume", str(file), *more])
        assert "does not fit under the cap" in again.output
        assert "unconfirmed" in again.output
        done = [r for r in load(file).results if r.verdict]
        assert sum(r.trial.problem_id == "FLUID_001" for r in done) == 10
        assert sum(running.answered.values()) == len(done)
        assert sum(running.answered.values()) * (1.25e-6 * 1000 + 1e-5 * 100) / 2 <= cap


LOOK, FILE = "/v1/batches/batch_0", "/content"


@pytest.mark.parametrize(
    ("call", "status", "times"),
    [(LOOK, 503, 30), (LOOK, 401, 1), (LOOK, 404, 1), (FILE, 500, 3), (FILE, 500, 100), (FILE, 401, 1)],
)
@pytest.mark.proof
def test_a_batch_that_cannot_be_looked_at_is_collected_later_and_never_paid_twice(
    call: str, status: int, times: int, bundled: list[Puzzle], provider: FakeBatches
) -> None:
    provider.refusals = {f"GET {call}" if call == LOOK else call: (status, times)}
    kept = Kept(asked(bundled, "openai:gpt-5", repeats=2))
    kept.go()
    provider.refusals = {}
    if not whole(kept.run()):
        causes = {r.failure.kind.value for r in kept.run().results if r.failure}
        assert causes == {"batch"}
        assert all("the batch stays with the provider" in r.failure.message for r in kept.run().results if r.failure)
        kept = Kept(kept.run())
        kept.go()
    assert whole(kept.run())
    assert len(provider.batches) == 1
    assert set(provider.answered.values()) == {1}


def test_a_cap_that_is_too_low_to_collect_hides_no_batch(
    bundled: list[Puzzle], provider: FakeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(asked(bundled, "openai:gpt-5"), dies_at=2)
    kept.go()
    start = kept.run()
    poor = Kept(start.model_copy(update={"config": start.config.model_copy(update={"max_cost_usd": 1e-6})}))
    poor.go()
    assert all(r.failure and r.failure.kind.value == "budget" for r in poor.run().results)
    again = Kept(poor.run().model_copy(update={"config": start.config}))
    again.go()
    assert whole(again.run())
    assert len(provider.batches) == 1


def test_anothers_batch_of_the_same_size_is_looked_past(bundled: list[Puzzle], provider: FakeBatches) -> None:
    kept = Kept(asked(bundled, "anthropic:claude-sonnet-4-5"), dies_at=1)
    kept.go()  # handed in, never named
    (ours,) = provider.batches.values()
    theirs = ours | {
        "id": "batch_THEIRS",
        "requests": [(f"x{i}", body) for i, (_, body) in enumerate(ours["requests"])],
    }
    provider.batches = {"batch_THEIRS": theirs, ours["id"]: ours}
    again = Kept(kept.run())
    again.go()
    assert whole(again.run())
    assert "batch_THEIRS" not in {b.batch_id for b in again.batches.values()}
    assert set(provider.asked.values()) == {1}


def test_what_could_not_be_read_may_have_been_charged_and_is_counted(
    bundled: list[Puzzle], provider: FakeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = asked(bundled[:1], "openai:gpt-5", cap=5.0)
    monkeypatch.setattr("tests.models.fake_batches.CHAT", {"object": "chat.completion", "model": "m"})
    kept = Kept(start)
    work = kept.go()
    (result,) = kept.run().results
    assert result.failure is not None
    one = work.calls.budget.ceiling(start.config.players[0], prompts.player(bundled[0]))
    assert result.failure.doubtful_usd == pytest.approx(3 * (one or 0))
    assert work.calls.budget.doubtful == pytest.approx(3 * (one or 0))


def test_a_batch_that_was_called_off_is_not_handed_in_again_by_the_run_that_waits(
    bundled: list[Puzzle], provider: FakeBatches
) -> None:
    provider.looks = 10**6
    kept = Kept(asked(bundled, "openai:gpt-5"))
    work = Assembly(kept.start.config, bundled, lambda s: KEY, journal=Journal(kept.start.run_id, (), kept.write))

    async def called_off() -> None:
        task = asyncio.create_task(work.run(list(kept.start.config.trials()), {}, kept.keep))
        while not provider.batches:
            await asyncio.sleep(0.02)
        provider._look(provider.batches["batch_0"], cancel=True)
        await task

    asyncio.run(called_off())
    assert len(provider.batches) == 1
    assert {r.failure.kind for r in kept.run().results if r.failure} == {FailureKind.CALLED_OFF}
    provider.looks = 1
    later = Kept(kept.run())
    later.go()
    assert len(provider.batches) == 1  # nothing is bought again
    asked_anew = Kept(later.run())
    asked_anew.go(again=True)
    assert whole(asked_anew.run())


def test_no_word_of_a_provider_brings_a_key_into_the_file(bundled: list[Puzzle], provider: FakeBatches) -> None:
    secret = KEY.get_secret_value()
    for said in ("why", "id"):
        provider.batches.clear()
        kept = Kept(asked(bundled, "openai:gpt-5-full", repeats=3 if said == "why" else 1))
        original = provider._take

        def take(requests: list[tuple[str, object]], more: dict[str, object], original: object = original) -> object:
            status, body = original(requests, more)  # type: ignore[operator]
            return status, body | {"id": secret}

        if said == "id":
            provider._take = take  # type: ignore[method-assign, assignment]
        else:
            provider.why = f"token limit of {secret} reached"
        kept.go()
        told = kept.run().model_dump_json()
        assert secret not in told
        assert secret not in "".join(provider.calls)


@pytest.mark.parametrize("forged", ["../fine_tuning/jobs/x", "..", "a/b", "a?b", "a#b", "a\nb", ".hidden"])
def test_a_forged_id_in_a_file_leads_nowhere(forged: str) -> None:
    with pytest.raises(ValueError, match="batch_id"):
        Batch(tag="t", model="openai:gpt-5", since=1.0, batch_id=forged)


@pytest.mark.parametrize("path", ["GET /v1/batches", "GET /v1/messages/batches"])
def test_a_search_that_fails_or_finds_late_hands_nothing_in_again(
    path: str, bundled: list[Puzzle], provider: FakeBatches
) -> None:
    name = "openai:gpt-5" if "messages" not in path else "anthropic:claude-sonnet-4-5"
    kept = Kept(asked(bundled, name), dies_at=1)
    kept.go()  # handed in, never named
    provider.refusals = {path: (503, 100)}
    second = Kept(kept.run())
    second.go()
    assert {r.failure.kind.value for r in second.run().results if r.failure} == {"batch"}
    provider.refusals = {}
    third = Kept(second.run())
    third.go()
    assert whole(third.run())
    assert len(provider.batches) == 1


def test_two_unnamed_batches_of_one_size_find_each_their_own(
    bundled: list[Puzzle], provider: FakeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    from escape.models.batch.anthropic_batches import AnthropicBatches

    monkeypatch.setattr(AnthropicBatches, "most_requests", 5)
    kept = Kept(asked(bundled, "anthropic:claude-sonnet-4-5", repeats=2), dies_at=2)
    kept.go()
    provider.batches = dict(reversed(provider.batches.items()))
    again = Kept(kept.run())
    again.go()
    assert whole(again.run())
    assert set(provider.asked.values()) == {1}


def test_one_line_that_cannot_be_read_is_asked_again_and_counted(
    bundled: list[Puzzle], provider: FakeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_line, torn = provider._line, Counter[str]()

    def line(custom_id: str, status: int, body: object) -> str:
        torn["lines"] += 1
        return ("{" if torn["lines"] == 1 else "") + whole_line(custom_id, status, body)

    monkeypatch.setattr(provider, "_line", line)
    kept = Kept(asked(bundled, "openai:gpt-5", cap=5.0))
    work = kept.go()
    assert whole(kept.run())
    assert work.calls.budget.doubtful > 0
    assert max(provider.answered.values()) == 2


def test_answers_that_a_provider_keeps_back_are_waited_for(bundled: list[Puzzle], provider: FakeBatches) -> None:
    ended = provider._end

    def without_files(batch: dict[str, object]) -> None:
        ended(batch)
        batch["output_file_id"] = ""

    provider._end = without_files  # type: ignore[method-assign]
    kept = Kept(asked(bundled, "openai:gpt-5"))
    kept.go()
    assert {r.failure.kind.value for r in kept.run().results if r.failure} == {"batch"}
    assert len(provider.batches) == 1


def test_the_second_file_of_results_is_read_too(bundled: list[Puzzle], provider: FakeBatches) -> None:
    kept = Kept(asked(bundled, "openai:errors"))
    kept.go()
    (refused,) = [r.failure for r in kept.run().results if r.failure]
    assert "temperature is not supported" in refused.message
    assert set(provider.asked.values()) == {1}


def test_what_was_handed_in_twice_is_collected_from_the_newer_batch(
    bundled: list[Puzzle], provider: FakeBatches
) -> None:
    kept = Kept(asked(bundled, "openai:gpt-5"))
    kept.go()
    (batch,) = kept.batches.values()
    older = batch.model_copy(update={"tag": "older", "since": batch.since - 60, "batch_id": "batch_gone"})
    start = kept.run().model_copy(update={"results": (), "batches": (batch, older)})
    again = Kept(start)
    again.go()
    assert whole(again.run())
    assert set(provider.asked.values()) == {1}
