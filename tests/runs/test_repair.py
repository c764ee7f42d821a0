"""The one repair of a plan with unread lines: in cost, file, CSV, and budget.

It is asked once, also by a run that is continued.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from escape.__main__ import main
from escape.calls import Calls, Limits
from escape.judges import RoomJudge
from escape.puzzles import files
from escape.results import csv, digest
from escape.rooms import plans
from escape.runs import differences, make_plan, new_run, trials
from escape.runs.file import RunFile, load
from escape.types import Answer, FailureKind, ModelError, ModelSpec, Prompt, Puzzle, Result, RunConfig, Trial
from tests.runs.test_trials import FREE

UNREAD = "Moves:\nfirst of all we consider the water\npour: bottle of water -> tube\ntake: ping pong ball"
WORSE = "Moves:\ngravitate: bottle of water -> tube\ntake: ping pong ball"


class Writer:
    """Says one thing after the other; each takes 100 tokens and 0.25 USD.

    None: the call fails.
    """

    def __init__(self, says: Sequence[str | None], budget: int = 1_000) -> None:
        self.spec = ModelSpec(provider="fake", model="w", max_tokens=budget)
        self.says, self.prompts = list(says), list[Prompt]()
        self.fails = ModelError(FailureKind.OVERLOADED, "down", attempts=3)

    async def complete(self, prompt: Prompt) -> Answer:
        self.prompts.append(prompt)
        said = self.says[len(self.prompts) - 1]
        if said is None:
            raise self.fails
        return Answer(text=said, input_tokens=5, output_tokens=100, cost_usd=0.25)

    async def close(self) -> None:
        pass


@pytest.fixture
def tube(bundled: list[Puzzle]) -> Puzzle:
    return next(p for p in bundled if p.problem_id == "FLUID_001")


def ask(puzzle: Puzzle, player: Writer, known: Result | None = None) -> list[Result]:
    trial = Trial(problem_id=puzzle.problem_id, player="fake:w")
    out: list[Result] = []
    cast = trials.TrialContext(
        {puzzle.problem_id: puzzle}, {"fake:w": player}, known={trial: known} if known else {}
    )
    asking = trials.Asking(cast, Calls(FREE, Limits(concurrency=1)), out.append, lambda: "2026-01-01")
    asyncio.run(asking.ask([trial]))
    return out


def test_unread_lines_are_written_anew_once_within_the_budget(tube: Puzzle, tmp_path: Path) -> None:
    player = Writer([WORSE, "1. pour: bottle of water -> tube\n2. take: floor"])
    handed_out = ask(tube, player)
    done = handed_out[-1]
    assert [p.name for p in player.prompts] == ["player", "repair"]
    assert player.prompts[1].limit == 900
    assert done.outcome
    assert (done.outcome.out, done.outcome.not_understood, done.outcome.moves) == (True, 0, 2)  # line 2 stays
    assert done.answer
    assert done.answer.text == WORSE  # both texts are kept
    assert (done.cost_usd, done.repair.lines if done.repair else 0) == (0.5, 1)
    run = new_run(RunConfig(players=(player.spec,), problem_ids=("FLUID_001",)), [tube])
    with RunFile.begin(str(tmp_path / "run.json"), run, force=False) as file:
        for result in handed_out:  # the answer comes before its repair, and that before its mark
            file.result(result)
    back = load(tmp_path / "run.json")
    assert back.results[0].repair == done.repair
    (row,) = csv.rows(back)
    assert (row["repairs"], row["cost_usd"], row["out"]) == (1, 0.5, 1)
    assert digest(back).tallies["fake:w"].repaired == 1
    assert "prompt repair" in back.versions
    assert list(differences(back, {tube.problem_id: tube})) == []


@pytest.mark.parametrize("reply", ["pour: bottle of water -> tube\ntake: ping pong ball",
                                   "Moves:\n1. pour: bottle of water -> tube\n2. take: ping pong "
                                   "ball"])  # fmt: skip
@pytest.mark.parametrize("answer", ["I would pour the water in and take the ball out.",
                                    "Solution Steps:\n1. Pour the water in.\n2. Take the ball."])  # fmt: skip
def test_an_answer_without_moves_is_sent_back_once_heading_or_not(
    tube: Puzzle, answer: str, reply: str
) -> None:
    player = Writer([answer, reply])
    done = ask(tube, player)[-1]
    assert [p.name for p in player.prompts] == ["player", "into moves"]
    assert answer in player.prompts[1].user
    assert done.outcome
    assert (done.result, done.outcome.moves, done.cost_usd) == ("out", 2, 0.5)
    assert done.answer
    assert done.answer.text == answer


def test_refusals_are_not_asked_again_and_a_plan_without_moves_is_unread(tube: Puzzle) -> None:
    silent = Writer([""])
    assert ask(tube, silent)[-1].result == "empty"
    assert len(silent.prompts) == 1
    assert ask(tube, Writer(["I cannot say.", "None."]))[-1].result == "unread"


def test_it_is_asked_once_and_what_it_cannot_say_stays_unread(tube: Puzzle) -> None:
    player = Writer([UNREAD, "1. contemplate the water"])
    done = ask(tube, player)[-1]
    assert len(player.prompts) == 2
    assert done.outcome
    # it stops before the water is poured
    assert (done.outcome.not_understood, done.outcome.out) == (1, False)


def test_without_budget_left_and_without_unread_lines_nobody_is_asked(tube: Puzzle) -> None:
    for player in (Writer([UNREAD], budget=150), Writer(["Moves:\nlook"])):
        assert ask(tube, player)[-1].repair is None
        assert len(player.prompts) == 1


def test_a_repair_that_failed_keeps_the_answer_and_is_asked_again(tube: Puzzle) -> None:
    first = ask(tube, Writer([WORSE, None]))[-1]
    assert first.answer
    assert first.failure
    again = Writer(["1. pour: bottle of water -> tube"])
    done = ask(tube, again, first)[-1]
    assert [p.name for p in again.prompts] == ["repair"]
    assert done.outcome
    assert done.outcome.out


def test_nonsense_earns_no_understanding_and_next_to_no_path(bundled: list[Puzzle]) -> None:
    by_id = {p.problem_id: p for p in files.load(files.BUNDLED)}
    cases = (Path(__file__).parent.parent / "data" / "nonsense_plans.jsonl").read_text("utf-8").splitlines()
    assert len(cases) == 8
    for case in map(json.loads, cases):
        room = by_id[case["problem_id"]]
        verdict = RoomJudge().verdict(room, plans.outcome(room, case["answer"], requested=True))
        assert verdict.scores.pus is None
        assert verdict.scores.sps < 0.5


@pytest.mark.proof
def test_marks_by_words_come_out_to_the_byte(
    tmp_path: Path, every: list[Puzzle], bundled: list[Puzzle]
) -> None:
    answers = tmp_path / "answers.jsonl"
    long = " ".join(f"{s}." for p in every for s in (*p.physical_principles, *p.solution.steps))
    rows = [
        {"problem_id": p.problem_id, "player": "me", "answer": f"{long}\n\n{p.setup.scenario}"}
        for p in bundled
    ]
    answers.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    made = set()
    for n in range(3):
        out = tmp_path / f"{n}.jsonl"
        told = CliRunner().invoke(
            main, ["judge", "--judge", "room", "--answers", str(answers), "--out", str(out)]
        )
        assert told.exit_code == 0, told.output
        made.add(out.read_bytes())
    assert len(made) == 1


def test_who_was_never_asked_to_write_lines_anew_has_a_result_all_the_same(tube: Puzzle) -> None:
    player = Writer([UNREAD, None])
    player.fails = ModelError(FailureKind.NO_SCRIPT, "never asked", attempts=0)
    done = ask(tube, player)[-1]
    assert (done.failure, done.repair) == (None, None)
    assert done.outcome
    assert done.outcome.not_understood == 1


def test_what_was_written_anew_before_is_not_asked_for_again(tube: Puzzle) -> None:
    done = ask(tube, Writer([WORSE, "1. pour: bottle of water -> tube"]))[-1]
    unmarked = done.model_copy(update={"verdict": None})
    spec = Writer([]).spec
    run = new_run(RunConfig(players=(spec,), problem_ids=("FLUID_001",)), [tube])
    assert (
        make_plan(run.model_copy(update={"results": (unmarked,)}), lambda spec: None, again=True).to_ask == ()
    )
    assert done.repair


def test_a_cap_that_refuses_a_repair_leaves_open_where_the_plan_leads(tube: Puzzle) -> None:
    first = ask(tube, Writer([WORSE, None]))[-1]
    assert first.answer
    out: list[Result] = []
    costs = SimpleNamespace(max_usd=lambda *question: 1.0, usually=lambda *question: "")
    cast = trials.TrialContext(
        {tube.problem_id: tube}, {"fake:w": Writer([])}, known={first.trial: first}, costs=costs
    )
    asking = trials.Asking(
        cast, Calls(FREE, Limits(concurrency=1, cap_usd=0.1)), out.append, lambda: "2026-01-01"
    )
    asyncio.run(asking.ask_rooms([first.trial]))
    assert out[-1].failure
    assert (out[-1].failure.kind, out[-1].failure.stage) == (FailureKind.BUDGET, "player")
    assert (out[-1].outcome is None, out[-1].led_to) == (False, None)
