"""Bets on plans: half end stuck, each is carried out as it was written, and a twist takes the same plan."""

import asyncio
import itertools
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from escape import prompts
from escape.puzzles import bets, earlier_prompts, files, marks_of_recorded, recorded_players, scripted_model
from escape.puzzles.bands import band_of
from escape.puzzles.recorded import FOLDER, recorded_answer, reply
from escape.rooms import Dice
from escape.runs import differences
from escape.runs.file import load
from escape.store import Store
from escape.types import ModelError, ModelSpec, Puzzle
from tests.small_runs import recorded_results


def drawn(seed: str, every: list[Puzzle]) -> list[bets.Bet]:
    return bets.sample_bets(every, seed)


def test_five_rooms_half_of_them_stuck_and_the_same_for_everybody(every: list[Puzzle]) -> None:
    seen: Counter[bool] = Counter()
    for seed in ("a", "b", "c", "d"):
        five = drawn(seed, every)
        assert len({b.puzzle.problem_id for b in five}) == 5
        assert [b.lines for b in five] == [b.lines for b in drawn(seed, every)]
        assert all(2 <= len(b.lines) <= 6 and not b.outcome.not_understood for b in five)
        seen.update(b.out for b in five)
    assert 8 <= seen[True] <= 12


@pytest.mark.proof
def test_most_bets_are_on_plans_that_mislead_readers(every: list[Puzzle]) -> None:
    seen = [[b.misleads for b in drawn(str(seed), every)] for seed in range(6)]
    assert all(sum(five) >= 3 for five in seen)
    plain = [p for p in every if p.problem_id in {"CIPHER_001", "MAT_001", "SOUND_001"}]
    assert len(drawn("plain", plain)) == 3  # a class of a few rooms bets as well
    known = Dice("all of them")
    plans = {
        p.problem_id: {b.hash[:16]: b.out for b in bets._plans(p, known)}
        for p in every
        if p.problem_id in bets.misleading_plans()
    }
    for room, hashes in bets.misleading_plans().items():
        assert hashes <= plans[room].keys(), room
    out = [plans[room][plan] for room, hashes in bets.misleading_plans().items() for plan in hashes]
    assert {True, False} == set(out)  # `drawn` takes about as many of each


def test_nobody_can_tell_the_next_end_from_the_last(every: list[Puzzle]) -> None:
    ends = {tuple(b.out for b in drawn(str(seed), every)) for seed in range(8)}
    assert any(a == b for five in ends for a, b in itertools.pairwise(five))
    assert len(ends) > 2


def test_a_line_to_share_counts_what_was_right() -> None:
    assert (
        bets.line_to_share([True, False, True], "2026-12-01")
        == "Escape 2026-12-01 ▮▯▮ 2 of 3: would this plan work?"
    )


def test_a_bet_begins_with_at_most_sixty_words_of_its_room_as_they_stand(every: list[Puzzle]) -> None:
    for puzzle in every:
        shown = bets.beginning(puzzle.setup.scenario)
        assert len(shown.split()) <= 61
        assert puzzle.setup.scenario.startswith(shown.removesuffix(" …"))
        assert len(shown.split()) > 20


def test_others_bets_are_counted_and_say_nothing_of_who_bet(every: list[Puzzle], tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/escape.sqlite3")
    five = drawn("others", every)
    for n, bet in enumerate(five):
        for visitor in range(4):
            store.count_bet(bet.text, right=visitor < n)
    known = store.bets()
    assert [known[bet.hash] for bet in five] == [(4, n) for n in range(5)]
    store.close()


def test_a_call_is_right_where_the_plan_ends_as_it_says(every: list[Puzzle]) -> None:
    five = drawn("a", every)
    calling = bets.Calling(five, "a")
    calling.called = [five[0].out, five[1].out, not five[2].out]
    assert calling.right == [True, True, False]


def test_no_twist_is_bet_on_beside_its_room() -> None:
    assert not any(bet.puzzle.twist_of for bet in drawn("a", files.in_set(files.BUNDLED, files.TWISTS)))


ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def bundled() -> dict[str, Puzzle]:
    return {p.problem_id: p for p in files.load(*files.sets_in(files.BUNDLED).values())}


@pytest.mark.parametrize("name", list(recorded_players()))
def test_every_file_says_what_code_works_out_again_today(name: str, bundled: dict[str, Puzzle]) -> None:
    for file in recorded_players()[name].files:
        run = load(str(FOLDER / file))
        assert [*differences(run, bundled)] == []
        assert len({r.trial for r in run.results}) == len(run.config.problem_ids) * run.config.repeats


@pytest.mark.parametrize("name", list(recorded_players()))
def test_it_answers_the_rooms_that_it_was_asked_and_no_others(name: str, bundled: dict[str, Puzzle]) -> None:
    puzzle, result = next((p, r) for p, r in recorded_results(name) if r.answer)
    now = bundled[puzzle.problem_id]
    prompt = prompts.player(now)
    assert result.answer
    assert reply(name, bundled, prompt) == result.answer
    without = prompts.player(now, moves=False)
    assert reply(name, bundled, without) is None
    player = scripted_model(ModelSpec(provider="recorded", model=name), list(bundled.values()))
    with pytest.raises(ModelError, match="was never asked this"):
        asyncio.run(player.complete(without))
    other = now.model_copy(update={"setup": now.setup.model_copy(update={"scenario": "Another room."})})
    assert recorded_answer(name, other) is None
    assert now.world
    more = now.model_copy(
        update={"world": now.world.model_copy(update={"things": (*now.world.things, "bell")})}
    )
    assert recorded_answer(name, more) is None
    assert re.search(r"asked with prompt 3; today's is prompt 4", earlier_prompts(name))


def test_where_each_comes_from_is_said_as_far_as_it_is_known() -> None:
    for about in recorded_players().values():
        assert len(about.asked) > 100
        assert about.unknown
        if about.again:
            assert re.search(r"SHA-256 [0-9a-f]{64}", about.model)


def test_two_readers_marked_every_explanation_of_rooms() -> None:
    marked = {(line["problem_id"], line["sha256"]) for line in map(json.loads, marks_of_recorded())}
    from escape.judges.annotators import text_hash

    for place, name in enumerate(recorded_players()):
        for puzzle, result in recorded_results(name):
            # the first view shows two players' easy rooms
            asked = {"rooms", "twists", *(["easy"] if place < 2 else [])}
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
    assert [f"{n} of {of}" for n, of in re.findall(r"(\d+)\s+of\s+(48|55)", told)] == [
        f"{sum(ends)} of {len(ends)}" for ends in cut.values()
    ]
