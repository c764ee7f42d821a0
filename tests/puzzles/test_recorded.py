"""Recorded players: their files verify, their prompts are today's, and where each comes from is said."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from escape import prompts
from escape.puzzles import files, marks_of_recorded, recorded, scripted
from escape.puzzles.files import band_of
from escape.puzzles.players import FOLDER, recorded_answer, reply
from escape.runs import differences
from escape.runs.file import load
from escape.types import ModelError, ModelSpec, Puzzle
from tests.small_runs import recorded_results

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def bundled() -> dict[str, Puzzle]:
    return {p.problem_id: p for p in files.load(*files.sets(files.BUNDLED).values())}


@pytest.mark.parametrize("name", list(recorded()))
def test_every_file_says_what_code_works_out_again_today(name: str, bundled: dict[str, Puzzle]) -> None:
    for file in recorded()[name].files:
        run = load(str(FOLDER / file))
        assert [*differences(run, bundled)] == []
        assert len({r.trial for r in run.results}) == len(run.config.problem_ids) * run.config.repeats


@pytest.mark.parametrize("name", list(recorded()))
def test_it_was_asked_the_prompts_of_today_and_answers_them_alone(name: str, bundled: dict[str, Puzzle]) -> None:
    puzzle, result = next((p, r) for p, r in recorded_results(name) if r.answer)
    now = bundled[puzzle.problem_id]
    prompt = prompts.player(now)
    assert result.answer
    assert reply(name, bundled, prompt) == result.answer
    assert reply(name, bundled, prompt.model_copy(update={"version": prompt.version + 1})) is None
    player = scripted(ModelSpec(provider="recorded", model=name), list(bundled.values()))
    with pytest.raises(ModelError, match="was never asked this"):
        asyncio.run(player.complete(prompt.model_copy(update={"version": prompt.version + 1})))
    other = now.model_copy(update={"setup": now.setup.model_copy(update={"scenario": "Another room."})})
    assert recorded_answer(name, other) is None


def test_where_each_comes_from_is_said_as_far_as_it_is_known() -> None:
    for about in recorded().values():
        assert len(about.asked) > 100
        assert about.unknown
        if about.again:
            assert re.search(r"SHA-256 [0-9a-f]{64}", about.model)


def test_two_readers_marked_every_explanation_of_rooms() -> None:
    marked = {(line["problem_id"], line["sha256"]) for line in map(json.loads, marks_of_recorded())}
    from escape.judges.annotators import text_hash

    for place, name in enumerate(recorded()):
        for puzzle, result in recorded_results(name):
            asked = {
                "rooms",
                "twists",
                *(["easy"] if place < 2 else []),
            }  # the first view shows two players' easy rooms
            if band_of(puzzle) in asked and result.answer and result.trial.repeat == 1:
                assert (puzzle.problem_id, text_hash(result.answer.text)) in marked, (name, puzzle.problem_id)


def test_the_docs_say_how_many_answers_were_cut_off() -> None:
    told = (ROOT / "docs/players.md").read_text("utf-8")
    cut = {
        name: [
            r.answer.finish_reason == "length"
            for p, r in recorded_results(name)
            if r.answer and band_of(p) not in {"easy", "told"}
        ]
        for name in ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m")
    }
    assert [f"{n} of {of}" for n, of in re.findall(r"(\d+)\s+of\s+(48)", told)] == [
        f"{sum(ends)} of {len(ends)}" for ends in cut.values()
    ]
