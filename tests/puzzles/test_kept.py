"""What is made of puzzles: controls, twins, bets, forms and their faults, shared files, scripted players' answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from escape.puzzles import bets, controls, files, form, players, remedies, sentences, twins, written
from escape.types import EscapeError, Puzzle
from tests.approved import Approved


def shown(puzzle: Puzzle) -> str:
    return json.dumps(puzzle.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True)


@pytest.mark.parametrize("kind", sorted(twins.TWIN_KINDS))
def test_twins_stay_as_they_are(approved: Approved, kind: str, bundled: list[Puzzle]) -> None:
    for puzzle in twins.twins(twins.TWIN_KINDS[kind], bundled):
        approved.add(shown(puzzle))


def test_answers_that_are_written_or_made_stay_as_they_are(approved: Approved, bundled: list[Puzzle]) -> None:
    for puzzle in bundled:
        for control in controls.every_control(puzzle, bundled):
            approved.add(f"{puzzle.problem_id}, {control!r}")
        for name, answer in written.written_for(puzzle.problem_id).items():
            approved.add(f"{puzzle.problem_id}, {name}: {answer!r}")
    for spec in players.scripted_players(bundled):
        scripted = players.scripted(spec, bundled)
        approved.add(
            f"{spec.name}: {[p.problem_id for p in players.unanswered_puzzles(spec, bundled)]} {scripted!r:.80}"
        )
    approved.add("\n".join(players.control_names()))
    approved.add(f"{[p.problem_id for p in players.answered_by([], bundled)]}")


def test_bets_stay_as_they_are(approved: Approved, bundled: list[Puzzle]) -> None:
    for seed in ("one", "two", "three"):
        for bet in bets.drawn(bundled, seed):
            approved.add(f"{bet.puzzle.problem_id} {bet.by} {bet.lines} {bet.out} {bet.misleads} {bet.why} {bet.hash}")
    for right in ((True,) * 5, (False,) * 5, (True, False, True, False, True)):
        approved.add(bets.said(right))


def test_a_draft_and_its_sentences_stay_as_they_are(approved: Approved, bundled: list[Puzzle]) -> None:
    for puzzle in bundled:
        draft = form.draft_of(puzzle)
        assert form.puzzle_of(draft, puzzle) == puzzle
        approved.add("\n".join(f"{name}: {value!r}" for name, value in vars(draft).items()))
        approved.add("\n".join(sentences.rule_sentence(row) for row in draft.rules))
        approved.add(f"{sentences.lacking(draft)} {sentences.misnamed(draft)}")
        for thing in puzzle.setup.available_items[:2]:
            changed, times = sentences.renamed(draft, thing, "a golden goose")
            approved.add(f"{thing}: {times} {sentences.misnamed(changed)} {sentences.lacking(changed)}")


SPOILT: dict[str, Any] = {
    "setup": [None, "x", {}],
    "problem_id": ["", "a b", 3, "x" * 200],
    "red_herrings": ["x", ["x", "x"], [1]],
    "solution": [{}, {"steps": []}],
    "physical_principles": [[], "force"],
    "world": [{}, {"things": {}}, {"rules": [{}]}],
    "unknown_field": [1],
    "difficulty": [0, "hard"],
}


def test_what_is_wrong_with_a_puzzle_is_said_as_ever(approved: Approved, bundled: list[Puzzle]) -> None:
    document = json.loads(shown(bundled[2]))
    for field, values in SPOILT.items():
        for value in values:
            for text in (json.dumps(document | {field: value}), json.dumps([document, document | {field: value}])):
                try:
                    files.parse(text, "mine.json")
                except EscapeError as error:
                    approved.add(f"{field}: {error}")
            try:
                Puzzle.model_validate(document | {field: value})
            except ValidationError as error:
                approved.add(f"{field}: {remedies.explain(error)}")
    world = document["world"]
    for number, rule in enumerate(world["rules"]):
        for key in rule:
            lacking = [*world["rules"]]
            lacking[number] = {k: v for k, v in rule.items() if k != key}
            try:
                faulty = Puzzle.model_validate(document | {"world": world | {"rules": lacking}})
            except ValidationError as error:
                approved.add(f"rule {number} without {key}: {remedies.explain(error)}")
            else:
                approved.add(f"rule {number} without {key}: {[*remedies.of_puzzle(faulty)]}")


def test_files_of_puzzles_stay_as_they_are(approved: Approved, bundled: list[Puzzle]) -> None:
    approved.add(files.share(bundled))
    for text in ("", "{", "[]", "3", '"x"', files.share(bundled).replace("FLUID_001", "VAC_001"), "[" * 300):
        try:
            approved.add(f"{len(files.parse(text, 'some.json'))} puzzles")
        except EscapeError as error:
            approved.add(str(error))
