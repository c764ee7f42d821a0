"""Judges that are no use: found out for a few calls, while all rooms are there and one sentence says why."""

import asyncio
import json
from collections.abc import Callable

import pytest

from escape import judges
from escape.models.prices import Prices
from escape.puzzles import files
from escape.puzzles.written import written_for
from escape.results import digest, unmarked_sentence
from escape.runs.marking import IN_A_ROW, Marking
from escape.types import (
    Answer,
    FailureKind,
    JudgeSpec,
    Mark,
    ModelError,
    ModelSpec,
    NotJudged,
    Prompt,
    Puzzle,
    Trial,
    Verdict,
)
from tests.fake_server import fill, refused, words_of
from tests.runs.test_trials import FairJudge, Most, Player, Stage, error, priced

SPEC = ModelSpec(provider="judging", model="j")
MOST = 16  # calls that a useless judge is paid for


def approving(prompt: Prompt) -> str:
    """Grant everything but mere key words."""
    assert prompt.reply_schema is not None
    said = words_of(json.dumps(prompt.user))
    return json.dumps(
        refused(dict(prompt.reply_schema))
        if said.startswith("Key words:")
        else fill(dict(prompt.reply_schema), said)
    )


def prose(prompt: Prompt) -> str:
    return "A fine answer. I would give it full marks."


def invented(prompt: Prompt) -> str:
    return json.dumps(fill(dict(prompt.reply_schema or {}), "words that stand nowhere"))


def granting(prompt: Prompt) -> str:
    return json.dumps(fill(dict(prompt.reply_schema or {}), words_of(json.dumps(prompt.user))))


class Talking:
    """The model of a judge: `says` its n-th reply, from 1."""

    def __init__(self, says: Callable[[int, Prompt], str]) -> None:
        self.spec, self.says, self.paid = SPEC, says, 0

    async def complete(self, prompt: Prompt) -> Answer:
        text = self.says(self.paid + 1, prompt)
        self.paid += 1
        return Answer(text=text, input_tokens=1, output_tokens=1)

    async def close(self) -> None:
        pass


class Thinker(Player):
    """Writes an answer that a judge can quote."""

    async def complete(self, prompt: Prompt) -> Answer:
        self.calls.append(prompt.problem_id)
        text = "Solution Steps:\n1. Pour the water into the tube.\n\nMoves:\nlook"
        return Answer(text=text, input_tokens=1, output_tokens=1)


def marked(
    says: Callable[[int, Prompt], str], cap: float | None = None, of: ModelSpec = SPEC
) -> tuple[Stage, Talking]:
    """A run of 24 rooms whose answers such a judge marks."""
    spec, model = JudgeSpec(design="checklist", model=of), Talking(says)
    model.spec = of
    rooms = list(files.shared_set(files.ROOMS))[:24]
    stage = Stage(rooms, Thinker(), concurrency=8, max_cost=cap, prices=priced(0.001, 0.001))
    stage.judge = judges.build(spec, lambda spec: stage.calls.guard(model))  # type: ignore[assignment]
    stage.config = stage.config.model_copy(update={"judge": spec})
    stage.go()
    return stage, model


def broke(n: int, prompt: Prompt) -> str:
    raise ModelError(FailureKind.NO_CREDIT, "your credit is used up")


USELESS: dict[str, tuple[Callable[[int, Prompt], str], str]] = {
    "answers in prose": (lambda n, p: prose(p), "does not keep the form"),
    "invents its quotes": (lambda n, p: invented(p), "does not keep the form"),
    "grants everything": (lambda n, p: granting(p), "grants everything"),
    "has no credit": (broke, "does not answer: your credit is used up"),
}


@pytest.mark.parametrize("what", USELESS)
@pytest.mark.parametrize("cap", [None, 5.0])
def test_a_useless_judge_is_found_out_before_it_marks(what: str, cap: float | None) -> None:
    says, why = USELESS[what]
    stage, model = marked(says, cap)
    run = stage.growing.run
    assert model.paid <= MOST
    assert [r.answer is not None for r in run.results] == [True] * 24
    assert not any(r.verdict for r in run.results)
    assert unmarked_sentence(run) == f"24 answers not marked: j {why}"
    assert digest(run).tallies["fake:p"].failed == 0  # a mark's failure is no failed answer


def test_a_useless_judge_is_called_by_its_models_whole_name() -> None:
    stage, _ = marked(lambda n, p: granting(p), of=ModelSpec(provider="judging", model="llama3.2:3b"))
    assert unmarked_sentence(stage.growing.run) == "24 answers not marked: llama3.2:3b grants everything"


@pytest.mark.parametrize("cap", [None, 5.0])
def test_a_judge_that_goes_wrong_half_way_ends_after_a_few(cap: float | None) -> None:
    stage, model = marked(lambda n, p: approving(p) if n <= 12 else prose(p), cap)
    run = stage.growing.run
    assert sum(r.verdict is not None for r in run.results) >= 10
    assert model.paid <= 12 + MOST
    assert "does not keep the form (" in unmarked_sentence(run)


@pytest.mark.parametrize("cap", [None, 5.0])
def test_a_good_judge_marks_everything_after_two_controls(cap: float | None) -> None:
    stage, model = marked(lambda n, p: approving(p), cap)
    assert all(r.verdict for r in stage.growing.run.results)
    assert model.paid == 2 + 24
    assert unmarked_sentence(stage.growing.run) == ""
    usd = stage.growing.run.charged_usd
    assert usd == pytest.approx(stage.calls.budget.spent)  # the controls are in the bill


class Watched(FairJudge):
    """Knows how many answers it was marking at once, each time one came."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.peaks = 0, list[int]()

    async def judge(self, puzzle: Puzzle, answer_text: str) -> Verdict:
        self.now += 1
        self.peaks.append(self.now)
        for _ in range(20):
            await asyncio.sleep(0)
        self.now -= 1
        return await super().judge(puzzle, answer_text)


def test_a_judge_marks_one_at_a_time_until_three_are_good(bundled: list[Puzzle]) -> None:
    """All eight workers wait for the first three marks; after those nobody goes one at a time."""
    judge = Watched()
    Stage(bundled, Player(), judge=judge, repeats=4, concurrency=8).go()
    assert judge.peaks[:3] == [1, 1, 1]
    assert max(judge.peaks[3:11]) == 8  # the next eight go together


def test_one_answer_that_cannot_be_marked_ends_nothing(bundled: list[Puzzle]) -> None:
    stage = Stage(
        bundled, Player(), judge=FairJudge(lambda n: NotJudged("in Latin") if n in (2, 3) else None)
    )
    results = stage.go()
    assert sum(r.verdict is not None for r in results) == len(bundled) - 2
    assert len(stage.judge.seen) == len(bundled)


@pytest.mark.parametrize("cap", [None, 5.0])
def test_what_fails_at_a_judge_is_asked_once_more_at_the_end(
    bundled: list[Puzzle], cap: float | None
) -> None:
    judge = FairJudge(lambda n: error(FailureKind.TIMEOUT) if n == 5 else None)
    stage = Stage(bundled, Player(), judge=judge, max_cost=cap)
    assert all(r.verdict for r in stage.go())
    assert len(judge.seen) == len(bundled) + 1
    kinds = [mark.failure and mark.failure.kind for mark in stage.marks]
    assert (kinds.count(FailureKind.TIMEOUT), kinds.count(None)) == (1, len(bundled))


def test_caps_take_rooms_from_everybody_alike() -> None:
    rooms = list(files.shared_set(files.ROOMS))
    for cap in (0.02, 0.1, 0.5):
        players = [Player(f"fake:p{n}") for n in range(7)]
        stage = Stage(rooms, *players, prices=priced(0.001, 0.001), max_cost=cap)
        stage.go()
        asked = [len(p.calls) for p in players]
        assert max(asked) - min(asked) <= 1
        left = cap - stage.calls.budget.spent
        assert min(asked) == len(rooms) or left < 7 * 2 * 0.001  # a room's answers and their repairs
        run = stage.growing.run
        assert {r.trial.player for r in run.results} == {p.spec.name for p in players}
        assert {r.failure.kind for r in run.results if r.failure} <= {FailureKind.BUDGET}


def each(**usd: float) -> Prices:
    """What a call to each model costs, and may cost."""
    return Prices(
        cost=lambda spec, answer: usd[spec.model],
        ceiling=lambda spec, prompt, more: Most(usd[spec.model]),  # type: ignore[arg-type,return-value]
    )


def test_whom_no_cap_can_pay_is_set_aside_and_named() -> None:
    rooms = list(files.shared_set(files.ROOMS))[:6]
    prices = each(dear=9.0, cheap=0.001)
    cheap, dear = Player("fake:cheap"), Player("fake:dear")
    stage = Stage(rooms, cheap, dear, prices=prices, max_cost=1.0)
    stage.go()
    assert (len(cheap.calls), len(dear.calls)) == (6, 0)
    whys = {r.failure.message for r in stage.growing.run.results if r.failure}
    assert len(whys) == 1
    assert "does not fit under the cap of 1 USD" in whys.pop()


def test_what_costs_nothing_is_done_when_the_cap_is_used_up() -> None:
    """A player from a script beside one that has to be paid; the cap pays for two rooms."""
    rooms = list(files.shared_set(files.ROOMS))[:6]
    prices = each(free=0.0, paid=0.1)
    free, paid = Player("fake:free"), Player("fake:paid")
    stage = Stage(rooms, free, paid, prices=prices, max_cost=0.45)
    stage.go()
    assert len(set(free.calls)) == 6
    assert 0 < len(set(paid.calls)) < 6


def test_a_player_is_set_aside_by_the_cap_and_not_by_what_is_left_of_it() -> None:
    rooms = list(files.shared_set(files.ROOMS))[:6]
    prices = each(dear=0.3, cheap=0.001)
    cheap, dear = Player("fake:cheap"), Player("fake:dear")
    stage = Stage(rooms, cheap, dear, prices=prices, max_cost=1.0)
    stage.calls.budget.spent = 0.9  # by the part before a stop
    stage.go()
    assert (cheap.calls, dear.calls) == ([], [])  # alike: one of them alone going on would compare nothing


def test_conversations_under_a_cap_are_ended_before_others_begin() -> None:
    rooms = list(files.shared_set(files.ROOMS))[:12]
    player = Player("fake:p")  # says "look" at each turn
    stage = Stage(rooms, player, prices=priced(0.001, 0.001), max_cost=0.1, concurrency=2)
    stage.config = stage.config.model_copy(update={"protocol": "move by move"})
    results = stage.go()
    whole = [r for r in results if r.failure is None]
    broken = [r for r in results if r.failure and r.turns]
    assert len(whole) >= 2  # the cap pays for a hundred turns, a conversation has thirty at most
    assert len(broken) <= 2  # as many as may be in flight


def test_conversations_without_a_cap_are_ended_before_others_begin() -> None:
    rooms = list(files.shared_set(files.ROOMS))[:12]
    player = Player("fake:p")  # says "look" at each turn
    stage = Stage(rooms, player, concurrency=2)
    stage.config = stage.config.model_copy(update={"protocol": "move by move"})
    stage.go()
    first = {p: player.calls.index(p) for p in player.calls}
    last = {p: n for n, p in enumerate(player.calls)}
    assert len(first) == 12
    for n in range(len(player.calls)):
        assert len([p for p in first if first[p] <= n <= last[p]]) <= 2


def test_answers_without_stored_marks_do_not_keep_others_from_theirs(bundled: list[Puzzle]) -> None:
    written = [p for p in bundled if "careful" in written_for(p.problem_id)]
    assert len(written) >= IN_A_ROW
    judge = judges.build(JudgeSpec(design="readers"), lambda spec: None)  # type: ignore[arg-type,return-value]
    stage = Stage(written, Player(), judge=judge)  # type: ignore[arg-type]
    made: list[Mark] = []
    marking = Marking(judge, {p.problem_id: p for p in written}, stage.calls, made.append, lambda: "")
    others = {Trial(problem_id=p.problem_id, player="control:reference"): "nobody's words" for p in written}
    known = {
        Trial(problem_id=p.problem_id, player="demo:careful"): written_for(p.problem_id)["careful"].answer
        for p in written
    }
    asyncio.run(marking.mark(others | known))
    assert {m.trial.player for m in made if m.verdict} == {"demo:careful"}
    assert len([m for m in made if m.verdict]) == len(written)
