"""The workshop's form: every puzzle goes into it and comes back; shared sets say when they changed."""

import json
from dataclasses import replace

import pytest

from escape.puzzles import files, misnamed, renamed
from escape.puzzles.form import Draft, draft_of, puzzle_of
from escape.rooms import solver
from escape.types import Puzzle, PuzzleError


def test_every_puzzle_goes_through_the_form_unchanged(every: list[Puzzle]) -> None:
    for puzzle in every:
        assert puzzle_of(draft_of(puzzle), puzzle) == puzzle


def test_a_new_puzzle_is_told_what_is_missing_until_it_is_proved() -> None:
    def remedy(draft: Draft) -> str:
        with pytest.raises(PuzzleError) as caught:
            puzzle_of(draft)
        return str(caught.value)

    assert "problem_id" in remedy(Draft())
    draft = Draft(
        problem_id="MINE_1",
        scenario="A bell.",
        items="hammer\nfeather",
        principles="momentum",
        steps="hit the bell",
        things="bell\nwall",
        moves="hit: hammer -> bell",
        herrings=[{"item": "feather", "note": "too light"}],
        facts="bell = silent",
        goal="bell = ringing",
        rules=[
            {
                "verbs": "hit, throw",
                "thing": "hammer",
                "at": "bell",
                "then": "bell = ringing",
                "say": "It rings.",
            }
        ],
    )
    proved = solver.prove(puzzle_of(draft))
    faults = [f.remedy for f in proved.faults + proved.too_easy]
    assert "no rule answers the use of the feather; add one that explains the physics" in faults
    assert "is not one of the items" in remedy(Draft(**{**draft.__dict__, "items": "hammer"}))


def test_the_form_has_what_a_rule_enforces_and_whether_it_is_final(every: list[Puzzle]) -> None:
    first = every[0]
    assert first.world is not None
    rules = (
        first.world.rules[0].model_copy(update={"enforces": (1, 2), "final": True}),
        *first.world.rules[1:],
    )
    marked = first.model_copy(update={"world": first.world.model_copy(update={"rules": rules})})
    draft = draft_of(marked)
    assert (draft.rules[0]["enforces"], draft.rules[0]["final"]) == ("1, 2", "yes")
    assert puzzle_of(draft, marked) == marked
    for word in ("no", "No", "false", "-"):
        (first_rule, *_) = puzzle_of(
            replace(draft, rules=[draft.rules[0] | {"final": word}, *draft.rules[1:]]), marked
        ).world.rules  # type: ignore[union-attr]
        assert not first_rule.final
    with pytest.raises(PuzzleError, match="enforces"):
        puzzle_of(Draft(**{**draft.__dict__, "rules": [draft.rules[0] | {"enforces": "the first"}]}), marked)


def test_a_shared_set_comes_back_and_says_when_it_was_changed(every: list[Puzzle]) -> None:
    text = files.share(every)
    assert text.count("ESCAPE-CANARY") == 1
    assert files.parse(text) == every
    document = json.loads(text)
    document["puzzles"][0]["title"] = "Another"
    with pytest.raises(PuzzleError, match="changed"):
        files.parse(json.dumps(document))
    del document["sha256"]
    assert files.parse(json.dumps(document))[0].title == "Another"


def test_empty_rows_and_half_rows_of_the_form_count_as_none() -> None:
    draft = Draft(
        problem_id="M_1",
        scenario="A bell.",
        items="hammer\n\n  \nfeather ",
        principles="momentum",
        steps="hit it",
        herrings=[{}, {"item": "", "note": "x"}, {"item": "feather", "note": ""}],
        facts="\n  \n",
        rules=[{"verbs": "hit", "thing": ""}],
    )
    made = puzzle_of(draft)
    assert made.setup.available_items == ("hammer", "feather")
    assert (made.red_herrings, made.herring_notes, made.world) == (("feather",), {}, None)


def test_a_rule_in_the_form_keeps_its_second_things_and_facts() -> None:
    rule = {
        "verbs": "hit, throw",
        "thing": "hammer, mallet",
        "at": "bell, gong",
        "when": "bell = still; air = calm",
        "then": "bell = ringing",
        "say": "It rings.",
    }
    draft = Draft(
        problem_id="M_1",
        scenario="A bell.",
        items="hammer\nmallet",
        principles="momentum",
        steps="hit it",
        things="bell\ngong",
        moves="hit: hammer -> bell",
        facts="bell = still\nair = calm\n",
        goal="bell = ringing",
        rules=[rule],
    )
    world = puzzle_of(draft).world
    assert world is not None
    assert (world.goal, world.start) == ({"bell": "ringing"}, {"bell": "still", "air": "calm"})
    (made,) = world.rules
    assert (made.verbs, made.thing, made.at) == (("hit", "throw"), ("hammer", "mallet"), ("bell", "gong"))
    assert (made.when, made.then) == ({"bell": "still", "air": "calm"}, {"bell": "ringing"})


def test_a_thing_that_got_another_name_is_found_and_renamed_everywhere(by_id: dict[str, Puzzle]) -> None:
    draft = draft_of(by_id["FLUID_001"])
    assert misnamed(draft) == ("", [])
    old = next(i for i in draft.items.splitlines() if "ice cube" in i)
    changed = replace(draft, items=draft.items.replace(old, "sugar lump"))
    assert misnamed(changed) == ("ice cube", ["sugar lump"])
    made, times = renamed(changed, "ice cube", "sugar lump")
    assert times > 3
    assert misnamed(made) == ("", [])
    assert "ice cube" not in "".join(r["thing"] + r.get("at", "") + r["say"] for r in made.rules)
    puzzle_of(replace(made, problem_id="SUGAR"))  # it can be read again


@pytest.mark.parametrize("puzzle", files.load(files.BUNDLED), ids=lambda p: p.problem_id)
def test_no_bundled_puzzle_names_what_is_not_there(puzzle: Puzzle) -> None:
    assert misnamed(draft_of(puzzle))[0] == ""


def test_a_new_name_is_not_carried_into_the_middle_of_other_words() -> None:
    draft = Draft(scenario="A cup stands in the cupboard. Cup or cups?", items="cup", facts="cup = empty")
    changed, places = renamed(draft, "cup", "mug")
    assert changed.scenario == "A mug stands in the cupboard. mug or cups?"
    assert (changed.items, changed.facts, places) == ("mug", "mug = empty", 4)


def test_a_new_name_is_carried_into_every_field() -> None:
    texts = [name for name, value in vars(Draft()).items() if isinstance(value, str)]
    kept = {"problem_id", "title", "family", "differs"}
    draft = replace(
        Draft(**dict.fromkeys(texts, "the cup = full")), rules=[{"thing": "cup"}], herrings=[{"item": "cup"}]
    )
    changed, _ = renamed(draft, "cup", "mug")
    left = {name for name in texts if "cup" in getattr(changed, name)}
    assert left <= kept
    assert "cup" not in f"{changed.rules} {changed.herrings}"


@pytest.mark.parametrize(("field", "text"), [("totals", "nut: loose = none"), ("rules", "1.2.3 to 4 cm")])
def test_a_number_that_is_none_is_said_and_no_traceback(field: str, text: str, every: list[Puzzle]) -> None:
    draft = draft_of(every[0])
    changed = {"totals": text} if field == "totals" else {"rules": [draft.rules[0] | {"amount": text}]}
    with pytest.raises(PuzzleError, match="is no number"):
        puzzle_of(replace(draft, **changed), every[0])
