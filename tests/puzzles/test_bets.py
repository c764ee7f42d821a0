"""Bets on plans: half end stuck, each is carried out as it was written, and a twist takes the same plan."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

from escape.puzzles import bets, files
from escape.rooms import Dice
from escape.store import Store
from escape.types import Puzzle


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
    assert bets.said([True, False, True], "2026-12-01") == "Escape 2026-12-01 ▮▯▮ 2 of 3: would this plan work?"


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
