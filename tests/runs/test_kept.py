"""Runs as files, their bills, and what is left to do of them, for runs of every kind."""

from __future__ import annotations

import asyncio

import pytest

from escape.calls import Limits
from escape.models import parse, prices
from escape.runs import backlog
from escape.runs.assembly import bills, resumed
from escape.runs.conversation import unrepaired
from escape.runs.file import lines, reader
from escape.runs.job import Job, money_out, with_providers
from escape.types import (
    Answer,
    Batch,
    EscapeError,
    Failure,
    FailureKind,
    Foresight,
    Pending,
    Result,
    RunConfig,
    Trial,
)
from tests.approved import Approved
from tests.every_kind import KINDS, PLAYERS, every_kind
from tests.small_runs import listed_price, run_with


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_as_a_file_stays_as_it_is(approved: Approved, kind: str) -> None:
    run = every_kind()[kind]
    text = b"".join(lines.lines(run))
    approved.add(text.decode())
    again = reader.loads(text, "kept.jsonl")
    approved.add(f"{again.config!r}\n{reader.charged_usd(again)} {reader.unconfirmed(again)} {reader.damaged(again)}")
    approved.add(f"{resumed(again).versions}")
    for failed_too in (True, False):
        todo, earlier = backlog.missing(run.config, run.results, failed_too=failed_too)
        approved.add(f"{failed_too}: {[t.key for t in todo]} {sorted(t.key for t in earlier)}")
    every = set(run.config.trials())
    approved.add(f"{sorted(t.key for t in backlog.foreseen(run.results))} {backlog.failed_at(run.results)}")
    approved.add(f"{sorted(unrepaired(run.config, run.results, run.puzzle_by_id))} {with_providers(run)}")
    approved.add(f"{money_out(run, every)} {sorted((t.key, len(n)) for t, n in backlog.begun(run.results).items())}")


def test_a_damaged_file_is_read_or_refused_as_ever(approved: Approved) -> None:
    run = every_kind()["rooms by moves"]
    parts = list(lines.lines(run))
    damaged = {
        "no header": parts[1:],
        "half a header": [parts[0][:200]],
        "half a line": [*parts[:3], parts[3][: len(parts[3]) // 2]],
        "a line of nothing": [*parts[:2], b"\n", *parts[2:]],
        "another program's line": [*parts[:2], b'{"other": 1}\n', *parts[2:]],
        "a stranger": [
            *parts,
            lines.result_line(Result(trial=Trial(problem_id="X", player="y"), answer=Answer(text="z"))),
        ],
        "twice": [*parts, *parts[1:4]],
        "money out": [*parts, lines.pending_line(Pending(trial=next(run.config.trials()), usd=0.25))],
        "a batch": [*parts, lines.batch_line(Batch(tag="t", model="demo:careful", since=1.0, requests=("a", "b")))],
    }
    for name, given in damaged.items():
        try:
            read = reader.loads(b"".join(given), "mine.jsonl")
        except EscapeError as error:
            approved.add(f"{name}: {error}")
            continue
        approved.add(f"{name}: {len(read.results)} {reader.damaged(read)} {reader.unconfirmed(read)} {read.batches}")


MODELS = ["openai:gpt-4o", "openai:gpt-4o-mini", "anthropic:claude-haiku", "demo:careful", "openai:o3"]


@pytest.mark.parametrize("foresight", [True, False])
@pytest.mark.parametrize("protocol", ["plan", "move by move"])
def test_a_bill_beforehand_stays_as_it_is(
    approved: Approved, foresight: bool, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "_listed", listed_price)
    for kind in ("rooms", "houses"):
        puzzles = every_kind()[kind].puzzles
        for batches in (True, False):
            for name in MODELS:
                config = RunConfig(
                    players=(parse(name),), problem_ids=tuple(p.problem_id for p in puzzles), repeats=2
                ).model_copy(update={"foresight": foresight, "protocol": protocol, "batches": batches})
                approved.add(f"{kind}, {name}, batches {batches}: {bills(config, puzzles)!r}")
    approved.add("\n".join(f"{p.name} {p.budget}" for p in PLAYERS))


def spoilt(result: Result, how: int) -> Result | None:
    """A result that lacks something, as after a go that was broken off."""
    if how == 0:
        return None
    lacking: dict[str, object] = {
        1: {"verdict": None, "failure": Failure(stage="judge", kind=FailureKind.OVERLOADED, message="busy")},
        2: {"foresight": None},
        3: {"verdict": None, "foresight": None, "turns": result.turns[:2], "answer": None, "outcome": None}
        if result.turns
        else {},
        4: {"foresight": Foresight(problem="not today")},
    }.get(how, {})
    return result.model_copy(update=lacking)


@pytest.mark.parametrize("kind", ["rooms foreseen", "rooms by moves", "houses foreseen", "laboratories"])
def test_a_run_that_was_broken_off_is_asked_what_it_lacks_and_nothing_else(approved: Approved, kind: str) -> None:
    whole = every_kind()[kind]
    left = [s for i, r in enumerate(whole.results) if (s := spoilt(r, i % 6)) is not None]
    run = whole.model_copy(update={"results": tuple(left)})
    todo, answers = backlog.missing(run.config, run.results, failed_too=True)
    unforeseen = backlog.unforeseen(run.config, run.results, run.puzzle_by_id, {*todo, *answers})
    job = Job(run, (*todo, *(t for t in unforeseen if t not in todo)), answers, lambda spec: None, Limits())
    said: list[str] = []
    asyncio.run(job.assembled().run(list(job.todo), answers, lambda r: said.append(shown(r))))
    approved.add("\n".join([*sorted(said), f"{len(said)} said, of {len(job.todo)} asked: {sorted(job.asked)}"]))


def shown(result: Result) -> str:
    told = len(result.foresight.items) if result.foresight else "nothing"
    answered = bool(result.answer)
    return f"{result.trial.key} {result.status} answered {answered}, {len(result.turns)} turns, {told} foreseen"


def test_moves_that_were_not_asked_for_are_counted_nowhere(approved: Approved) -> None:
    plain = run_with(every_kind()["rooms"].puzzles[:3], ["demo:careful", "control:reference"], moves=False)
    approved.add("\n".join(map(shown, plain.results)))
    rooms = ((r.trial.key, r.outcome) for r in plain.results)
    approved.add("\n".join(f"{key} {room and (room.out, room.moves)}" for key, room in rooms))
