"""Rooms that carry plans out: how moves are read, what they do, and which faults of a world are named."""

import json
import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

from escape.metrics import METRICS
from escape.prompts import player
from escape.puzzles import controls, files
from escape.rooms import ByHand, plans, play, review, room_of, solver, telling, ways
from escape.rooms.reading import moves, plan_lines
from escape.rooms.reading.names import Names
from escape.types import Checklist, Outcome, Puzzle, PuzzleError, Tick, Verdict

TUBE: dict[str, Any] = {
    "problem_id": "TUBE",
    "setup": {
        "scenario": "A ball lies in a tube.",
        "available_items": ["bottle of water", "ice cube (small)", "milk carton"],
        "constraints": [],
    },
    "physical_principles": ["buoyancy"],
    "red_herrings": ["ice cube", "milk carton"],
    "solution": {"steps": ["pour the water", "take the ball"], "key_insights": []},
    "world": {
        "things": ["narrow tube", "ball", "floor", "wall"],
        "start": {"water": "in the bottle", "ball": "deep"},
        "goal": {"ball": "in hand"},
        "rules": [
            {
                "verbs": ["pour", "put"],
                "thing": "bottle of water",
                "at": "narrow tube",
                "when": {"water": "in the bottle"},
                "then": {"water": "in the tube", "ball": "at the rim"},
                "say": "The ball rides up.",
            },
            {
                "verbs": ["pour"],
                "thing": "bottle of water",
                "at": ["floor", "wall", "ball", "ice cube"],
                "when": {"water": "in the bottle"},
                "then": {"water": "gone"},
                "say": "A puddle.",
            },
            {
                "verbs": ["take", "pull", "hold"],
                "thing": "ball",
                "when": {"ball": "at the rim"},
                "then": {"ball": "in hand"},
                "say": "You have it.",
            },
            {"verbs": ["take", "pull", "push"], "thing": "ball", "say": "No finger reaches it."},
            {
                "verbs": ["put", "heat", "throw"],
                "thing": "ice cube",
                "at": ["narrow tube", "ball"],
                "say": "A teaspoon.",
            },
            {
                "verbs": ["pour", "throw", "cut", "tear"],
                "thing": "milk carton",
                "at": ["ball", "wall", "floor"],
                "say": "Empty.",
            },
            {
                "verbs": ["turn", "shake", "pull", "push", "hit", "press"],
                "thing": ["narrow tube", "wall", "floor"],
                "say": "It is fixed.",
            },
        ],
        "moves": ["pour: bottle of water -> narrow tube", "take: ball"],
    },
}


def tube(change: Callable[[dict[str, Any]], None] = lambda world: None, **more: object) -> Puzzle:
    made = json.loads(json.dumps(TUBE)) | more
    change(made["world"])
    return files.parse(json.dumps(made))[0]


def outcome(text: str, puzzle: Puzzle | None = None) -> Outcome:
    found = plans.outcome(puzzle or tube(), f"Moves:\n{text}")
    assert found is not None
    return found


POURED = [
    "pour: bottle of water -> narrow tube",
    "1. pour: bottle of water -> narrow tube",
    "1) Pour: Bottle of Water -> Narrow Tube",
    "(1) pour: the bottle of water → the narrow tube",
    "- pour: bottle of water => tube",
    "* **pour**: bottle of water ➜ tube",
    "• `pour: bottle of water -> tube`",
    "Step 1: pour: bottle of water --> tube",
    "Move 1. pour: water bottle -> tube",
    "POUR: BOTTLE OF WATER -> NARROW TUBE",
    "pour bottle of water into narrow tube",
    "Pour the bottle of water into the tube.",
    "pour: [bottle of water] -> [narrow tube]",
    "pour: bottle of water -> narrow tube [all of it, slowly]",
    "pour: „bottle of water“ -> «narrow tube»",
    "pour: “bottle of water” -> ‘narrow tube’",
    "◦ pour: bottle of water -> narrow tube",
    "✅ pour the bottle of water into the narrow tube",
    "fill: narrow tube -> bottle of water",
    "fill the narrow tube with the bottle of water",
    "Carefully pour the bottle of water into the tube",
    "then pour: bottle of water to narrow tube",
    "pour bottle of water down narrow tube",
    "pour: bottle of water (all of it) -> narrow tube (slowly)",
    "a) pour: bottle of water -> narrow tube",
    "pour : bottle of water->narrow tube",
    "pour: bottles of water -> narrow tubes",
    "place: bottle of water -> narrow tube",
    "– pour: bottle of water −> narrow tube".replace("−", "-"),
    "I pour the bottle of water over the narrow tube",
    "fill: tube with water",
]


@pytest.mark.parametrize("line", POURED)
def test_moves_written_in_thirty_ways_read_alike(line: str) -> None:
    found = outcome(f"{line}\ntake: ball")
    assert found.out, [(s.move, s.said) for s in found.steps]
    assert (found.moves, found.shortest, found.not_understood) == (2, 2, 0)


@pytest.mark.parametrize(
    "heading",
    [
        "Moves:",
        "**Moves:**",
        "## Moves",
        "### 4. Moves",
        "4) Moves:",
        "Moves (in order):",
        "MOVES",
        "- Moves:",
        "__Moves__:",
    ],
)
def test_the_heading_is_found_however_it_is_set(heading: str) -> None:
    text = (
        f"Physical Principles:\nMoves the ball up, by buoyancy.\n\n{heading}\npour: water -> "
        "tube\n\ntake: ball\n"
    )
    found = plans.outcome(tube(), text)
    assert found is not None
    assert found.out
    assert plans.outcome(tube(), "Solution Steps:\n1. Moves the ball up") is None
    assert plans.outcome(tube(), "Moves:\n\n") is None


def test_what_cannot_be_read_is_told_from_what_does_nothing() -> None:
    found = outcome(
        "so we begin\npour: bottle of water -> bucket\nhit: wall\nuse: ball\npour: bottle of water -> floor"
    )
    assert [s.understood for s in found.steps] == [False, False, True, False, True]
    assert (found.not_understood, found.without_effect, found.moves) == (3, 1, 1)
    assert (found.lost_at, found.progress, found.works) == (None, 0.0, "no")
    assert found.steps[-1].said.startswith("The plan stops here")  # water poured away cannot be had back
    nothing = outcome("I have no idea what to do here")
    assert not nothing.tried


def test_several_things_in_a_row_are_several_moves() -> None:
    found = outcome("throw: ice cube and milk carton -> ball")
    assert [s.said for s in found.steps] == ["A teaspoon.", "Empty."]
    assert found.herrings_touched == ("ice cube", "milk carton")


def test_looking_waiting_and_taking_in_hand_are_free() -> None:
    found = outcome(
        "look\nwait: 5 minutes\ntake: bottle of water\nlook: tube\npour: water -> tube\nsay: hello\ntake: "
        "ball"
    )
    assert (found.out, found.moves, found.without_effect) == (True, 2, 0)


def test_giving_up_ends_the_play_and_is_right_only_where_there_is_no_way() -> None:
    # a whole plan that is nothing else, or no word of it
    for plan in ("hit: wall\ngive up", "give up\nhit: wall"):
        found = outcome(plan)
        assert (found.out, found.gave_up, found.not_understood, len(found.steps)) == (False, False, 0, 2)
    after = outcome("give up\npour: water -> tube\ntake: ball")
    assert (after.out, after.gave_up, after.not_understood) == (True, False, 0)
    stuck = tube(lambda w: w.update(moves=["give up"], goal={"ball": "gold"}), solvable=False)
    assert outcome("give up", stuck).out
    assert outcome("1. give up\n\n", stuck).out
    assert not outcome("look\nhit: wall\ngive up", stuck).out
    assert not outcome("pour: water -> tube\ngive up", stuck).out
    assert not outcome("pour: water -> tube", stuck).out
    for deed, right in (("hit: wall", True), ("pour: water -> floor", False)):  # one move at a time
        talk = play.RoomEpisode(room_of(stuck))
        talk.do(deed)
        said = talk.do("give up").said
        assert (talk.outcome.out, "cannot be undone" in said) == (right, not right)


def test_silence_does_not_get_out_where_moves_were_asked_for() -> None:
    assert plans.outcome(tube(), "Required Items:\nnothing") is None
    silent = plans.outcome(tube(), "Required Items:\nnothing", requested=True)
    assert silent is not None
    assert (silent.out, silent.tried, silent.works, silent.shortest) == (False, False, "no", 2)
    assert plans.outcome(tube().model_copy(update={"world": None}), "nothing", requested=True) is None


def test_progress_is_the_part_of_the_way_that_is_behind() -> None:
    assert outcome("pour: water -> tube").progress == 0.5
    assert outcome("pour: water -> tube").works == "partly"
    assert outcome("hit: wall").progress == 0


def test_only_thirty_moves_are_read() -> None:
    assert len(outcome("hit: wall\n" * 50).steps) == plan_lines.MAX_MOVES


@pytest.mark.proof
def test_ten_thousand_mutated_move_lists_raise_nothing() -> None:
    rng, place = random.Random(5), tube()
    signs = (
        list("abc:->→*#`[]()<>.,;\n\t\x00ßİ\u200b1234567890 \"'«»")
        + POURED
        + ["give up", "Moves:", "take: ball\n"]
    )
    for _ in range(10_000):
        found = plans.outcome(
            place, "Moves:\n" + "".join(rng.choice(signs) for _ in range(rng.randint(1, 40)))
        )
        assert found is None or len(found.steps) <= 2 * plan_lines.MAX_MOVES


def rule(world: dict[str, Any], n: int, **change: object) -> None:
    world["rules"][n] |= change


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "unreachable fact": (
        lambda w: w["rules"].append(
            {"verbs": ["hit"], "thing": "ball", "when": {"ball": "made of gold"}, "then": {}, "say": "Clang."}
        ),
        "rule 8 (hit: ball) requires that 'ball' is 'made of gold', which never happens",
    ),
    "rule that another hides": (
        lambda w: w["rules"].append(
            {"verbs": ["cut"], "thing": "milk carton", "at": "wall", "say": "Again."}
        ),
        "rule 8 (cut: milk carton -> wall) never applies",
    ),
    "useful herring": (
        lambda w: rule(w, 4, then={"ball": "at the rim"}),
        "rule 5 (put: ice cube -> narrow tube) lets a red herring help",
    ),
    "needed herring": (
        lambda w: (
            rule(w, 0, thing="milk carton"),
            w.update(moves=["pour: milk carton -> narrow tube", "take: ball"]),
        ),
        "lets a red herring help",
    ),
    "missing answer to a herring": (
        lambda w: w["rules"].pop(5),
        "no rule answers the use of the milk carton",
    ),
    "wrong shortest way": (
        lambda w: w.update(moves=["hit: wall", *w["moves"]]),
        "take 3 moves, but the shortest way takes 2: pour: bottle of water -> narrow tube; take: ball",
    ),
    "moves that do not get out": (
        lambda w: w.update(moves=w["moves"][:1]),
        "do not get out; at the end 'ball' is",
    ),
    "moves that cannot be read": (lambda w: w.update(moves=["use: ball"]), "Not understood"),
    "no way out": (lambda w: rule(w, 2, then={}), "cannot be reached by any moves"),
    "out at the start": (lambda w: w.update(goal={"ball": "deep"}), "holds at the start"),
    "no goal": (lambda w: w.update(goal={}), "is empty; say what is true once the player is out"),
    "too easy to guess": (
        lambda w: w.update(rules=w["rules"][:3] + w["rules"][4:6]),
        "guesses among its rules",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_planted_in_a_world_is_named_with_its_rule(name: str) -> None:
    plant, words = FAULTS[name]
    proved = solver.prove(tube(plant))
    found = [f.remedy for f in proved.faults + proved.too_easy]
    assert any(words in remedy for remedy in found), found


def test_a_sound_world_has_no_fault_and_must_not_be_called_unsolvable() -> None:
    sound = solver.prove(tube())
    assert (sound.faults, sound.shortest, sound.states, sound.lost) == ((), 2, 4, 1)
    solvable = solver.prove(tube(solvable=False))
    assert any("can be reached although solvable is false" in f.remedy for f in solvable.faults)


def remarks(change: Callable[[dict[str, Any]], None], **more: object) -> list[str]:
    proved = solver.prove(tube(change, **more))
    return [f.remedy for f in (*proved.faults, *proved.too_easy)]


def test_an_unneeded_item_of_the_reference_is_named_with_the_other_way() -> None:
    def blow(world: dict[str, Any]) -> None:
        world["rules"].insert(0, {"verbs": ["blow", "shake"], "thing": "wall", "when": {"ball": "deep"},
                                  "then": {"ball": "at the rim"}, "say": "It rolls up."})  # fmt: skip

    assert not any("which the reference needs" in r for r in remarks(lambda w: None))
    (said,) = [r for r in remarks(blow) if "which the reference needs" in r]
    assert said.startswith(
        "has a way out without the bottle of water, which the reference needs: blow: wall; "
    )


def test_a_mistake_called_final_after_which_there_is_a_way_out_is_named() -> None:
    assert not remarks(lambda w: w["rules"][1].update(final=True))  # the puddle
    (said,) = remarks(lambda w: w["rules"][0].update(final=True))
    assert "is called final, but take: ball still leads out after it" in said
    (said,) = remarks(lambda w: w["rules"][1].update(final=True, then={}))  # a mistake that changes nothing
    assert "is called final, but pour: bottle of water -> narrow tube; take: ball still leads out" in said


def test_once_constraints_are_named_each_needs_its_rule() -> None:
    setup = TUBE["setup"] | {"constraints": ["the tube is narrow", "no tools"]}
    assert not remarks(lambda w: None, setup=setup)
    (said,) = remarks(lambda w: w["rules"][3].update(enforces=[1]), setup=setup)
    assert said == "has no rule that enforces constraint 2 ('no tools')"
    assert not remarks(lambda w: w["rules"][3].update(enforces=[1, 2]), setup=setup)


def test_the_chances_are_those_of_a_simulation() -> None:
    puzzle = tube()
    proved, place, rng = solver.prove(puzzle), room_of(puzzle), random.Random(1)
    acts, out = [a for a in place.acts if a[0] != "look"], 0
    for _ in range(20_000):
        state = place.start
        for _ in range(2 * proved.shortest + 3):
            number = place.answering(state, rng.choice(acts))
            state = state if number is None or place.is_out(state) else place.successor(state, number)
        out += place.is_out(state)
    assert proved.guesser == pytest.approx(out / 20_000, abs=0.005)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: rule(w, 0, verbs=["porr"]), "'porr' is not a verb; did you mean 'pour'?"),
        (lambda w: rule(w, 0, verbs=["shut"]), "'shut' is read as 'close'; write that"),
        (
            lambda w: rule(w, 0, verbs=["fill"]),
            "'fill' is read as 'pour' with the things the other way round; write",
        ),
        (lambda w: rule(w, 0, thing="botle of water"), "did you mean 'bottle of water'?"),
        (
            lambda w: rule(w, 0, then={"watr": "x"}),
            "'watr' has no value in world.start; did you mean 'water'?",
        ),
        (lambda w: rule(w, 0, whn={}), "did you mean 'when'?"),
        (lambda w: w["things"].append("ball"), "'ball' appears twice"),
    ],
)
def test_a_world_that_cannot_be_carried_out_is_refused_with_its_field(
    change: Callable[[dict[str, Any]], None], words: str
) -> None:
    with pytest.raises(PuzzleError) as caught:
        tube(change)
    assert words in str(caught.value)
    assert "world" in str(caught.value)


def test_a_world_too_large_to_look_through_is_refused_at_once() -> None:
    facts = {f"f{i}": "0" for i in range(16)}
    rules = [
        {"verbs": ["push"], "thing": "ball", "at": "wall", "when": {f: "0"}, "then": {f: "1"}, "say": "x"}
        for f in facts
    ]
    for n, made in enumerate(rules):
        made["verbs"] = [list(play.VERBS)[n]]
    with pytest.raises(PuzzleError, match="more than"):
        tube(lambda w: w.update(start=w["start"] | facts, rules=w["rules"] + rules))


def test_every_bundled_world_is_proved_and_its_controls_do_as_known(every: list[Puzzle]) -> None:
    assert len(every) >= 30
    assert len({p.family for p in every}) >= 10
    for puzzle in every:
        proved = solver.prove(puzzle)
        assert proved.faults + proved.too_easy == (), puzzle.problem_id
        found = plans.outcome(puzzle, controls.answer("reference", puzzle, every))
        assert found is not None
        assert (found.out, found.moves, found.herrings_touched) == (True, proved.shortest, ()), (
            puzzle.problem_id
        )
        sink = plans.outcome(puzzle, controls.answer("kitchen_sink", puzzle, every))
        assert sink is not None
        assert sink.herrings_touched == puzzle.red_herrings, puzzle.problem_id
        for name in ("blank", "parrot", "injection"):
            assert plans.outcome(puzzle, controls.answer(name, puzzle, every)) is None
        elsewhere = plans.outcome(puzzle, controls.answer("wrong_puzzle", puzzle, every))
        assert elsewhere is None or not elsewhere.out


def test_what_the_room_says_decides_the_mark() -> None:
    puzzle = tube()
    ticks = (Tick(text="buoyancy", met=True),)
    items = Checklist(
        principles=ticks, steps=ticks * 2, herrings=(Tick(text="ice cube", met=True),), works="yes"
    )
    stuck, out = outcome("hit: wall", puzzle), outcome("pour: water -> tube\ntake: ball", puzzle)
    standard = METRICS["standard"].of
    verdict = Verdict(judge="j", scores={"pus": 2, "sps": 2, "rhh": 0}, checklist=items)  # type: ignore[arg-type]
    assert (standard(verdict, puzzle, stuck).sps, standard(verdict, puzzle, stuck).rhh) == (1.0, 1.0)
    assert (standard(verdict, puzzle, out).sps, standard(verdict, puzzle, out).rhh) == (2.0, 1.0)
    assert standard(verdict, puzzle, None) == verdict.scores


def test_the_prompt_asks_for_moves_only_where_a_room_carries_them_out() -> None:
    puzzle = tube()
    plain = puzzle.model_copy(update={"world": None})
    assert (player(puzzle).label, player(plain).label) == ("player/4", "player/1")
    assert player(puzzle, moves=False).user == player(plain).user
    assert "exactly these four headings" in player(puzzle).user
    assert all(f" {v}," in player(puzzle).user or f" {v}." in player(puzzle).user for v in play.VERBS)
    assert "narrow tube, ball, floor, wall" in player(puzzle).user


def test_of_two_headings_the_last_is_the_plan() -> None:
    found = plans.outcome(tube(), "Moves:\nhit: wall\n\nBetter so.\nMoves:\npour: water -> tube\ntake: ball")
    assert found is not None
    assert (found.out, found.moves, len(found.steps)) == (True, 2, 2)


def test_a_plan_ends_at_the_next_heading_and_the_rest_is_no_move() -> None:
    text = "Moves:\npour: water -> tube\nRequired Items:\ntake: ball"
    found = plans.outcome(tube(), text)
    assert found is not None
    assert (found.out, len(found.steps)) == (False, 1)
    assert plan_lines.without(f"Before.\n{text}") == "Before.\nRequired Items:\ntake: ball"
    assert plan_lines.without("no such heading") == "no such heading"


def test_semicolons_part_moves_and_a_line_is_read_to_three_hundred_signs() -> None:
    assert len(outcome("hit: wall; hit: floor;").steps) == 2
    assert plan_lines.move_lines("Moves: hit: wall\nhit: floor") == ["hit: wall", "hit: floor"]
    (long,) = outcome("hit: wall " + "x" * 400).steps
    assert len(long.move) <= plan_lines.MAX_MOVE_LENGTH


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("bottle", "bottle of water"),
        ("the bottles of water", "bottle of water"),
        ("ice cube", "ice cube (small)"),
        ("that old milk carton there", "milk carton"),
        ("glass", ""),  # two are called so
        ("red glass", "red glass"),
        ("nothing", ""),
        ("", ""),
    ],
)
def test_a_thing_is_found_by_a_common_name_unless_several_fit(said: str, meant: str) -> None:
    names = Names(["bottle of water", "ice cube (small)", "milk carton", "red glass", "blue glass"])
    assert names.find(said) == meant


def test_a_name_within_more_words_is_found_only_where_that_is_allowed() -> None:
    names = Names(["milk carton"])
    assert (names.find("empty milk carton"), names.find("empty milk carton", loose=False)) == (
        "milk carton",
        "",
    )


@pytest.mark.parametrize(
    ("word", "stem"), [("glasses", "glasses"), ("keys", "key"), ("gas", "gas"), ("glass", "glass")]
)
def test_a_plural_means_its_thing(word: str, stem: str) -> None:
    assert Names([stem]).find(word) == stem


def test_the_first_state_without_a_way_out_is_where_it_was_lost() -> None:
    found = outcome("hit: wall\npour: bottle of water -> floor\nhit: wall\nhit: floor")
    assert (found.lost_at, found.progress, found.out) == (2, 0.0, False)
    assert outcome("hit: wall").lost_at is None
    assert outcome("look\nhit: wall\npour: bottle of water -> floor").lost_at == 3  # lines count, not moves


def test_looking_at_a_thing_tells_every_limit_that_names_it() -> None:
    limits = ("the narrow tube is 20 cm deep", "the door has 3 bolts", "the narrow tube holds 300 ml")
    room = tube().model_copy(update={"setup": tube().setup.model_copy(update={"constraints": limits})})
    on = telling.on_things(room)
    assert on["narrow tube"] == (limits[0], limits[2])
    assert not {limits[0], limits[2]} & set(telling.at_once(room, on))


def test_a_herring_is_touched_by_use_and_not_by_taking_or_looking() -> None:
    assert outcome("take: ice cube\nlook: milk carton").herrings_touched == ()
    assert outcome("pour: bottle of water -> ice cube").herrings_touched == ("ice cube",)
    assert outcome("throw: milk carton -> wall\nput: ice cube -> tube").herrings_touched == (
        "ice cube",
        "milk carton",
    )


def test_after_the_end_nothing_more_is_done() -> None:
    play_ = play.RoomEpisode(room_of(tube()))
    for line in ("pour: water -> tube", "take: ball"):
        play_.do(line)
    assert play_.over
    assert play_.do("hit: wall").said == "This attempt is already over."
    assert (play_.outcome.moves, len(play_.steps)) == (2, 2)


def test_taking_counts_where_it_changes_something() -> None:
    found = outcome("pour: water -> tube\ntake: bottle of water\ntake: ball")
    assert [s.free for s in found.steps] == [False, True, False]
    assert found.moves == 2


def test_the_chance_of_any_move_counts_both_orders_of_what_can_be_tied() -> None:
    """Two things, one rule: `tie` works either way round, `push` only one way.

    There are three ways to write a pair.
    """

    def chance(verb: str) -> float:
        made = json.loads(json.dumps(TUBE))
        made["setup"]["available_items"], made["red_herrings"] = ["rope"], []
        made["world"] = {
            "things": ["ring"],
            "start": {"rope": "loose"},
            "goal": {"rope": "tied"},
            "rules": [
                {"verbs": [verb], "thing": "rope", "at": "ring", "then": {"rope": "tied"}, "say": "Done."}
            ],
            "moves": [f"{verb}: rope -> ring"],
        }
        proved = solver.prove(files.parse(json.dumps(made))[0])
        assert (proved.faults, proved.shortest) == ((), 1)
        return proved.random

    verbs = sum(not v.free for v in play.VERBS.values())
    ways = verbs * 2 * 3  # a verb, a thing, and a second thing or none
    assert chance("push") == pytest.approx(1 - (1 - 1 / ways) ** 5)
    assert chance("tie") == pytest.approx(1 - (1 - 2 / ways) ** 5)


def test_a_second_thing_that_no_rule_asks_for_is_as_good_as_none() -> None:
    def loose(world: dict[str, Any]) -> None:
        world["rules"][0].pop("at")

    assert solver.prove(tube(loose)).random > solver.prove(tube()).random


@pytest.mark.parametrize(
    ("anything", "guesser", "named"),
    [
        (1 / 200, 1 / 20, []),
        (0.0051, 0, ["random player"]),
        (0, 0.051, ["guesses"]),
        (1, 1, ["random player", "guesses"]),
    ],
)
def test_a_room_is_too_easy_above_the_two_bounds(anything: float, guesser: float, named: list[str]) -> None:
    found = [f.remedy for f in solver._chances(room_of(tube()), anything, guesser, ())]
    assert [next(n for n in named if n in remedy) for remedy in found] == named


def test_moves_past_the_reference_are_named_and_herrings_in_it_too() -> None:
    touched = tube(lambda w: w.update(moves=["throw: ice cube -> ball", *w["moves"]]))
    assert any("take 3 moves, but the shortest" in f.remedy for f in solver.prove(touched).faults)
    without = tube(lambda w: w.update(moves=[]))
    assert [f.where for f in solver.prove(without).faults] == ["world.moves"]


def test_of_two_names_that_fit_equally_well_neither_is_meant() -> None:
    names = Names(["red box", "large box", "red iron box"])
    assert names.find("large red box") == ""
    assert names.find("heavy red iron box") == "red iron box"  # more of its words were said


@pytest.mark.parametrize(
    ("line", "verb", "thing", "second"),
    [
        ("put: ball -> narrow tube", "put", "ball", "narrow tube"),
        ("put ball in the narrow tube", "put", "ball", "narrow tube"),
        ("hit the wall with the ball", "hit", "wall", "ball"),
        ("wait", "wait", "", ""),
    ],
)
def test_a_line_is_read_as_verb_thing_and_second_thing(line: str, verb: str, thing: str, second: str) -> None:
    (move,) = moves.read(line, Names(["ball", "narrow tube", "wall"]))
    assert (move.verb, move.thing, move.second, move.fault) == (verb, thing, second, "")


def test_what_cannot_be_read_says_which_part() -> None:
    names = Names(["ball", "wall"])
    assert "verbs" in moves.read("fetchify the ball", names)[0].fault
    assert "does not name a thing" in moves.read("push", names)[0].fault
    assert "“moon”" in moves.read("push: moon", names)[0].fault
    assert "“moon”" in moves.read("push: ball -> moon", names)[0].fault
    assert moves.read("give up", names)[0].gives_up


def test_a_code_is_entered_on_a_thing_either_way_round() -> None:
    names = Names(["keypad"])
    for line in ("enter: 4711 -> keypad", "enter: keypad -> 47-11", "type 4711 on the keypad"):
        (move,) = moves.read(line, names)
        assert (move.thing, move.word) == ("keypad", "4711"), line
    assert moves.read("say: open sesame", names)[0].word == "opensesame"


def test_a_herring_that_helps_as_the_second_thing_is_found_too() -> None:
    def helps(world: dict[str, Any]) -> None:
        rule(world, 0, thing="bottle of water", at="milk carton")
        world["moves"][0] = "pour: bottle of water -> milk carton"

    assert any("red herring help" in f.remedy for f in solver.prove(tube(helps)).faults)


def test_each_step_says_whether_it_counts_and_whether_it_changed_something() -> None:
    stuck = tube(lambda w: w.update(moves=["give up"], goal={"ball": "gold"}), solvable=False)
    found = outcome(
        "speak\nlook: ball\nhit: wall\ntake: milk carton\npour: water -> tube\npush: moon\ngive up", stuck
    )
    assert [(s.free, s.changed, s.understood) for s in found.steps] == [
        (True, False, True),
        (True, False, True),
        (False, False, True),
        (True, False, True),
        (False, True, True),
        (True, False, False),
        (True, False, True),
    ]
    assert found.steps[-1].said == "Passed over: giving up counts only as the whole plan."
    assert outcome("give up", stuck).steps[0].said == "You gave up, and you were right: there is no way out."
    assert outcome("give up").steps[0].said == "You gave up."
    assert (found.lost_at, found.shortest, found.out, found.moves) == (None, 0, False, 2)


def test_what_comes_after_the_end_is_said_and_counts_nothing() -> None:
    play_ = play.RoomEpisode(room_of(tube()))
    play_.do("give up")
    late = play_.do("hit: wall " + "x" * 400)
    assert (late.free, len(late.move), play_.outcome.moves) == (True, 300, 0)


@pytest.mark.parametrize(
    "line", ["put: ice cube -> moon", "hit: wall -> moon", "take: ball -> moon", "take: moon and ball"]
)
def test_a_line_with_one_unknown_name_is_not_understood_as_a_whole(line: str) -> None:
    found = outcome(line)
    assert [s.understood for s in found.steps] == [False]
    assert "moon" in found.steps[0].said
    assert (found.moves, found.out) == (0, False)


def test_an_unknown_first_thing_is_never_dropped_for_the_second() -> None:
    """Otherwise a sound plan would be carried out as another one, with an irreversible end."""
    for line in (
        "pour: lemonade -> tube",
        "pour the lemonade into the tube",
        "join: wire ends -> bottle of water",
    ):
        assert not outcome(line).steps[0].understood, line


@pytest.mark.parametrize(
    "line",
    [
        "take: ball -> hand",
        "take the ball with my fingers",
        "take the ball with both hands",
        "take: ball -> me",
        "take: ball, carefully",
        "take: ball -> 2 seconds",
    ],
)
def test_the_players_own_body_and_how_or_how_long_are_no_second_thing(line: str) -> None:
    assert outcome(f"pour: water -> tube\n{line}").out


def test_a_plan_that_is_out_is_all_the_way_and_half_a_way_is_half() -> None:
    assert [
        outcome(t).progress for t in ("hit: wall", "pour: water -> tube", "pour: water -> tube\ntake: ball")
    ] == [0.0, 0.5, 1.0]


def test_a_goal_of_two_facts_is_reached_by_both() -> None:
    both = tube(lambda w: w.update(goal={"ball": "in hand", "water": "gone"}))
    assert not outcome("pour: water -> tube\ntake: ball", both).out
    assert room_of(both).is_out(("gone", "in hand"))
    assert not room_of(both).is_out(("gone", "deep"))


def proved(
    change: Callable[[dict[str, Any]], None] = lambda w: None, **more: object
) -> list[tuple[str, str]]:
    return [(f.where, f.remedy) for f in solver.prove(tube(change, **more)).faults]


def test_every_fault_names_its_field_and_no_other() -> None:
    assert proved() == []
    assert proved(lambda w: w.update(goal={}, moves=["give up"]), solvable=False) == []
    (fault,) = proved(lambda w: w.update(goal={"ball": "gold"}, moves=["hit: wall"]), solvable=False)
    assert fault == ("world.moves", "do not get out; at the end 'ball' is 'deep', not 'gold'")
    (fault,) = proved(lambda w: w.update(goal={}, moves=["hit: wall"]), solvable=False)
    assert fault == ("world.moves", "do not get out; at the end the player has not given up")
    faults = proved(solvable=False)
    assert faults[0] == (
        "world.goal",
        "can be reached although solvable is false (pour: bottle of water -> narrow tube; take: ball); "
        "fix rule 3 (take: ball)",
    )
    at_start = proved(lambda w: w.update(goal={"ball": "deep"}), solvable=False)
    assert at_start[0][1].endswith("fix the start")
    assert proved(lambda w: w.update(moves=[], goal={"ball": "gold"}), solvable=False) == []


def test_a_herring_off_the_shortest_way_is_named_where_it_matters() -> None:
    def detour(world: dict[str, Any]) -> None:  # as short with the ice cube as without
        world["rules"].insert(
            0,
            {
                "verbs": ["put"],
                "thing": "ice cube",
                "at": "narrow tube",
                "when": {"water": "in the bottle"},
                "then": {"water": "in the tube", "ball": "at the rim"},
                "say": "It rises.",
            },
        )

    assert [w for w, _ in proved(detour)] == ["world.rules.0"]

    def later(world: dict[str, Any]) -> None:  # the herring helps at the second step of the shortest way
        world["rules"][2] |= {"verbs": ["put"], "thing": "ice cube", "at": "ball"}
        world["moves"] = ["pour: bottle of water -> narrow tube", "put: ice cube -> ball"]

    assert ("world.rules.2", "rule 3 (put: ice cube -> ball) lets a red herring help on a shortest way; "
                             "change it, or "
            "the list of herrings") in proved(later)  # fmt: skip
    touched = tube(lambda w: w.update(moves=["give up"], goal={}), solvable=False)
    assert room_of(touched).herrings == {"ice cube", "milk carton"}


def test_a_reference_that_touches_a_herring_on_a_way_as_short_is_named() -> None:
    def beside(world: dict[str, Any]) -> None:
        world.update(goal={}, moves=["pour: milk carton -> wall", "give up"])

    assert proved(beside, solvable=False) == [("world.moves", "touch the red herring 'milk carton'")]


def test_bounds_of_a_world_are_kept_to_the_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    room_module = sys.modules[play.Room.__module__]
    place = room_module.Room(tube())
    acts, states, exploration_size = len(place.acts), len(place.graph.edges), place.exploration_size
    assert exploration_size == states * len(place.act_groups)
    for name, bound in (("MAX_STATES", states), ("MAX_WORK", exploration_size), ("MAX_ACTS", acts)):
        with monkeypatch.context() as patch:
            patch.setattr(room_module, name, bound)
            assert room_module.Room(tube()).graph.moves_left
            patch.setattr(room_module, name, bound - 1)
            with pytest.raises(room_module.TooLargeError):
                _ = room_module.Room(tube()).graph


def test_a_shortest_way_does_not_turn_round() -> None:
    """Looking at the floor and the wall turns a switch on and off at no cost.

    The way out passes each state once.
    """

    def free(world: dict[str, Any]) -> None:
        world["start"]["light"] = "off"
        for verb, was, now in (("look", "off", "on"), ("wait", "on", "off")):
            world["rules"].insert(
                0,
                {
                    "verbs": [verb],
                    "thing": "floor",
                    "when": {"light": was},
                    "then": {"light": now},
                    "say": ".",
                },
            )
        world["rules"][2]["when"]["light"] = "on"

    place = room_of(tube(free))
    assert [e.cost for e in place.way(place.start)] == [0, 1, 1]


def test_what_comes_after_the_way_out_is_not_explored() -> None:
    def beyond(world: dict[str, Any]) -> None:
        world["rules"].append(
            {
                "verbs": ["throw"],
                "thing": "ball",
                "when": {"ball": "in hand"},
                "then": {"water": "gone"},
                "say": "It flies.",
            }
        )

    assert solver.prove(tube(beyond)).states == solver.prove(tube()).states == 4
    assert proved(beyond) == [
        (
            "world.rules.7",
            "rule 8 (throw: ball) never applies: its facts never hold together before the way out",
        )
    ]
    place = room_of(tube())
    out = next(s for s in place.graph.edges if place.is_out(s))
    assert place.graph.edges[out] == ()
    assert place.graph.moves_left[out] == 0
    assert place.way(out) == []


def test_a_way_runs_into_no_free_move_that_leads_nowhere() -> None:
    """Looking at the wall turns a lamp off, and only looking at the floor turns it on again."""

    def lamp(world: dict[str, Any]) -> None:
        world["start"]["lamp"] = "low"
        turns = (("wall", "low", "off"), ("floor", "off", "low"), ("ball", "low", "high"))
        for thing, was, now in reversed(turns):
            rule_ = {
                "verbs": ["look"],
                "thing": thing,
                "when": {"lamp": was},
                "then": {"lamp": now},
                "say": ".",
            }
            world["rules"].insert(0, rule_)
        world["rules"][3]["when"]["lamp"] = "high"

    place = room_of(tube(lamp))
    assert [e.acts[0][:2] for e in place.way(place.start)] == [
        ("look", "ball"),
        ("pour", "bottle of water"),
        ("take", "ball"),
    ]
    off = next(s for s in place.graph.edges if "off" in s and place.graph.moves_left.get(s) == 2)
    assert place.way(off)[0].acts[0][:2] == ("look", "floor")


def test_an_author_sees_unnamed_nouns_and_rules_that_reach_too_far() -> None:
    def far(world: dict[str, Any]) -> None:
        world["rules"][0]["then"]["wall"] = "wet"
        world["start"]["wall"] = "dry"

    room = room_of(tube(far))
    assert any("changes 'wall', which its move does not name" in told for told in review.at_a_distance(room))
    told = room.puzzle.setup.model_copy(update={"scenario": "A ball lies in the tube beside the old lamp."})
    assert review.unnamed(room_of(room.puzzle.model_copy(update={"setup": told}))) == ["old lamp"]


def test_a_plan_is_looked_through_line_by_line_before_it_is_carried_out() -> None:
    looked = play.RoomEpisode(room_of(tube()))
    assert looked.fault("pour: bottle of water -> tube") == ""
    assert looked.fault("take: it")  # what `it` is would be a guess
    assert not looked.steps


@pytest.mark.parametrize(
    ("plan", "unread"),
    [("pour: water -> floor\nso it ends", False),  # lost by moves that could be read
     ("so we begin\npour: water -> floor", True),
     ("hit: wall\nso it ends", True),
     ("so it ends", True),
     ("hit: wall", False),
     ("so we begin\ntake: ball\npour: water -> tube\ntake: ball", True),
     ("pour: water -> tube\nso we go on\ntake: ball", False)],  # out all the same
)  # fmt: skip
def test_only_a_line_unread_before_a_loss_leaves_the_result_open(plan: str, unread: bool) -> None:
    assert outcome(plan).unread is unread


def test_behind_an_unread_line_no_later_line_makes_up_for_it() -> None:
    found = outcome("so we begin\nhit: wall\npour: water -> floor\ntake: ball")
    assert (found.out, found.lost_at) == (False, None)  # it stops before the water is on the floor
    assert len(found.steps) == 3


def test_every_limit_and_thing_of_a_room_is_told_to_its_player(every: list[Puzzle]) -> None:
    for puzzle in every:
        told = player(puzzle).user
        setup = puzzle.setup
        assert all(text in told for text in (setup.scenario, *setup.constraints, *setup.available_items))


POUR = "pour: bottle of water -> tube"


@pytest.fixture
def by(by_id: dict[str, Puzzle]) -> ByHand:
    return ByHand(by_id["FLUID_001"])


def test_one_move_is_taken_back_and_no_more(by: ByHand) -> None:
    by.do("take: bottle of water")
    by.hints_taken = 2
    by.do(POUR)
    assert by.hints_taken == 0
    by.undo()
    assert [step.move for step in by.play.steps] == ["take: bottle of water"]


def test_every_start_counts_and_practice_goes_on(by: ByHand) -> None:
    by.practice = True
    by.do(POUR)
    again = by.again()
    assert (again.starts, again.practice, [*again.play.steps], again.again().starts) == (2, True, [], 3)


def test_looking_tells_how_things_stand_now(by: ByHand) -> None:
    def told(line: str) -> str:
        by.do(line)
        return by.play.steps[-1].said

    before = told("look: ping pong ball"), told("look")
    by.do(POUR)
    after = told("look: ping pong ball"), told("look")
    assert before[0] != after[0]
    standing = after[0].partition(": ")[2].rstrip(".")
    assert standing in after[1]
    assert standing not in before[1]


def test_the_last_hint_is_to_give_up_or_to_undo_where_all_is_lost(by_id: dict[str, Puzzle]) -> None:
    nowhere, lost = ByHand(by_id["BAL_003"]), ByHand(by_id["FLUID_001"])
    assert nowhere.hints[-1] == f"{ways.NO_WAY} Give up."
    lost.do("pour: bottle of water -> floor")
    assert lost.hints[-1].endswith("Undo a move.")


def test_a_conversation_opens_with_the_limits_that_have_no_figure() -> None:
    limits = ("the narrow tube is 20 cm deep", "the narrow tube is fixed to the floor")
    room = tube().model_copy(update={"setup": tube().setup.model_copy(update={"constraints": limits})})
    opening, _ = telling.first_turn(room)
    assert limits[1] in opening
    assert limits[0] not in opening


def test_a_repair_changes_only_the_lines_that_could_not_be_read() -> None:
    lines = ["pour: water -> tube", "frobnicate", "take: ball"]
    reply = "1. hit: wall\n2. look\n3. hit: floor"
    assert plans.mended(lines, {2}, reply) == ["pour: water -> tube", "look", "take: ball"]
