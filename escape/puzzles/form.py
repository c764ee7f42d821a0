"""A puzzle as the text fields of a form, and back; its rules as sentences, and rules still missing.

Facts are written `water = in the tube`, one per line, or separated by semicolons in a rule. A rule's verbs
and things are separated by commas.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import JsonValue

from escape.puzzles import files
from escape.rooms import VERBS, is_short
from escape.types import Puzzle, PuzzleError, Range, normalized_name

Row = Mapping[str, str]


@dataclass(frozen=True)
class Draft:
    """The content of the puzzle form as text. Lists have one entry per line.

    `goal`: the facts that hold once out. `names`: other words for things. `kinds`: `rope = cord`. `totals`:
    for facts to which amounts are added, `rope: free = 0; once = 0.95`. `differs`: how a twist differs.
    """

    problem_id: str = ""
    title: str = ""
    family: str = ""
    scenario: str = ""
    items: str = ""
    limits: str = ""
    principles: str = ""
    steps: str = ""
    insights: str = ""
    alternatives: str = ""
    things: str = ""
    kinds: str = ""
    names: str = ""
    totals: str = ""
    moves: str = ""
    solvable: bool = True
    differs: str = ""  # of a twist: what
    facts: str = ""
    goal: str = ""
    herrings: Sequence[Row] = field(default_factory=tuple)
    rules: Sequence[Row] = field(default_factory=tuple)


EMPTY = Draft()
_COMMA = re.compile(r",(?![^()]*\))")  # outside brackets


def _filled_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _split_at_commas(text: str) -> list[str]:
    return [part.strip() for part in _COMMA.split(text) if part.strip()]


def facts_of(text: str) -> dict[str, str]:
    """Parse `water = in the tube; ball = at the rim` into a mapping. Line breaks separate facts too."""
    pairs = [part.partition("=") for part in text.replace("\n", ";").split(";") if part.strip()]
    return {fact.strip(): value.strip() for fact, _, value in pairs}


def _cell(row: Row, name: str) -> str:
    return str(row.get(name) or "").strip()


def puzzle_of(draft: Draft, origin: Puzzle | None = None) -> Puzzle:
    """Build the puzzle of a form. Fields that it does not show come from `origin`. Raises PuzzleError.

    With `differs` filled in, the puzzle is a twist of `origin`.
    """
    herrings = [r for r in draft.herrings if _cell(r, "item")]
    document: dict[str, JsonValue] = {
        "problem_id": draft.problem_id.strip(),
        "title": draft.title.strip(),
        "family": draft.family.strip(),
        "solvable": draft.solvable,
        "setup": {
            "scenario": draft.scenario.strip(),
            "available_items": list(_filled_lines(draft.items)),
            "constraints": list(_filled_lines(draft.limits)),
        },
        "physical_principles": list(_filled_lines(draft.principles)),
        "red_herrings": [_cell(r, "item") for r in herrings],
        "herring_notes": {_cell(r, "item"): _cell(r, "note") for r in herrings if _cell(r, "note")},
        "solution": {
            "steps": list(_filled_lines(draft.steps)),
            "key_insights": list(_filled_lines(draft.insights)),
        },
        "accepted_alternatives": list(_filled_lines(draft.alternatives)),
    }
    if world := _world(draft):
        document["world"] = world
    (puzzle,) = files.parse(json.dumps(document), "the form")
    if origin is None:
        return puzzle
    if origin.world and puzzle.world and is_short(puzzle):  # what has outgrown an easy room is none
        most = {"most_moves": origin.world.most_moves}
        puzzle = puzzle.model_copy(update={"world": puzzle.world.model_copy(update=most)})
    if draft.differs.strip():
        if puzzle.world is None:
            raise PuzzleError(
                "the form", "rules", "a twist needs rules, since what differs is what they do; add some"
            )
        return puzzle.model_copy(
            update={
                "twist_of": origin.problem_id,
                "differs": draft.differs.strip()[:500],
                "renamed": _renamed_things(origin, puzzle),
            }
        )
    untouched = ("difficulty", "source", "twist_of", "differs", "renamed")
    return puzzle.model_copy(update={n: getattr(origin, n) for n in untouched})


def _renamed_things(origin: Puzzle, puzzle: Puzzle) -> dict[str, str]:
    """Map a room's things to their new names in its twist, matched by their places in the lists."""

    def names(puzzle: Puzzle) -> list[str]:
        things = puzzle.world.things if puzzle.world else ()
        return [normalized_name(name) for name in (*puzzle.setup.available_items, *things)]

    old, new = names(origin), names(puzzle)
    return {a: b for a, b in zip(old, new, strict=False) if a != b and a not in new}


def _world(draft: Draft) -> dict[str, JsonValue]:
    rows = [r for r in draft.rules if _cell(r, "verbs") and _cell(r, "thing")]
    facts = facts_of(draft.facts)
    if not rows and not facts:
        return {}
    rules: list[JsonValue] = []
    for row in rows:
        rule: dict[str, JsonValue] = {
            "verbs": list(_split_at_commas(_cell(row, "verbs"))),
            "thing": list(_split_at_commas(_cell(row, "thing"))),
            "when": dict(facts_of(_cell(row, "when"))),
            "then": dict(facts_of(_cell(row, "then"))),
            "say": _cell(row, "say"),
        }
        if at := _split_at_commas(_cell(row, "at")):
            rule["at"] = list(at)
        if amount := _cell(row, "amount"):
            rule["amount"] = (
                []
                if amount == NONE_SAID
                else [_parse_range(part) for part in amount.split(";") if part.strip()]
            )
        if adds := _cell(row, "adds"):
            rule["adds"] = adds
        if limits := _split_at_commas(_cell(row, "enforces")):
            rule["enforces"] = [int(n) if n.isdecimal() else n for n in limits]
        if _cell(row, "final"):
            rule["final"] = _cell(row, "final").casefold() not in {"no", "false", "-"}
        rules.append(rule)
    more: dict[str, JsonValue] = {}
    if kinds := _filled_lines(draft.kinds):
        more["kinds"] = {
            thing.strip(): kind.strip() for thing, _, kind in (k.rpartition(" = ") for k in kinds)
        }
    if draft.totals.strip():
        totals: dict[str, JsonValue] = {}
        for line in _filled_lines(draft.totals):
            fact, _, values = line.partition(":")
            totals[fact.strip()] = {
                value: _parse_number(least, "totals") for value, least in facts_of(values).items()
            }
        more["totals"] = totals
    return more | {
        "things": list(_filled_lines(draft.things)),
        "names": {
            thing.strip(): list(_split_at_commas(words))
            # `A=N chart` is a thing
            for thing, _, words in (line.partition(" = ") for line in _filled_lines(draft.names))
        },
        "start": dict(facts),
        "goal": dict(facts_of(draft.goal)),
        "rules": rules,
        "moves": list(_filled_lines(draft.moves)),
    }


NONE_SAID = "none is said"  # of a rule for moves that say no amount
_RANGE = re.compile(
    r"(?:(?P<least>[\d.]+) to (?P<most>[\d.]+)|from (?P<from>[\d.]+)|up to (?P<up>[\d.]+)|any) (?P<unit>\S.*)"
)


def _parse_number(text: str, part: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PuzzleError(
            "the form", part, f"{text.strip()!r} is no number; write one such as 2 or 19.9"
        ) from None


def _parse_range(text: str) -> dict[str, JsonValue]:
    """Parse `19.9 to 20.1 cm`, `from 26 cm`, `up to 3 turns` or `any cm`. Raises PuzzleError."""
    match = _RANGE.fullmatch(text.strip())
    if not match:
        raise PuzzleError(
            "the form", "rules", f"{text.strip()!r} is no amount; write 2 to 3 turns, from 5 cm, any ml"
        )
    range_: dict[str, JsonValue] = {"unit": match["unit"]}
    for name, number in (("least", match["least"] or match["from"]), ("most", match["most"] or match["up"])):
        if number:
            range_[name] = _parse_number(number, "rules")
    return range_


def _amounts(ranges: Sequence[Range] | None) -> str:
    def one(range_: Range) -> str:
        least, most = (None if n is None else f"{n:.10g}" for n in (range_.least, range_.most))
        if least and most:
            return f"{least} to {most} {range_.unit}"
        if least:
            return f"from {least} {range_.unit}"
        return f"up to {most} {range_.unit}" if most else f"any {range_.unit}"

    return "" if ranges is None else "; ".join(map(one, ranges)) or NONE_SAID


def draft_of(puzzle: Puzzle) -> Draft:
    world = puzzle.world

    def facts(values: Mapping[str, str], between: str = "; ") -> str:
        return between.join(f"{k} = {v}" for k, v in values.items())

    return Draft(
        problem_id=puzzle.problem_id,
        title=puzzle.title,
        family=puzzle.family,
        scenario=puzzle.setup.scenario,
        items="\n".join(puzzle.setup.available_items),
        limits="\n".join(puzzle.setup.constraints),
        principles="\n".join(puzzle.physical_principles),
        steps="\n".join(puzzle.solution.steps),
        insights="\n".join(puzzle.solution.key_insights),
        alternatives="\n".join(puzzle.accepted_alternatives),
        things="\n".join(world.things) if world else "",
        names=facts({thing: ", ".join(words) for thing, words in world.names.items()}, "\n") if world else "",
        kinds=facts(world.kinds, "\n") if world else "",
        totals="\n".join(
            f"{fact}: {facts({value: f'{least:.10g}' for value, least in totals.items()})}"
            for fact, totals in (world.totals.items() if world else ())
        ),
        moves="\n".join(world.moves) if world else "",
        solvable=puzzle.solvable,
        herrings=[{"item": h, "note": puzzle.herring_notes.get(h, "")} for h in puzzle.red_herrings],
        facts=facts(world.start, "\n") if world else "",
        goal=facts(world.goal, "\n") if world else "",
        rules=[
            {
                "verbs": ", ".join(r.verbs),
                "thing": ", ".join(r.thing),
                "at": ", ".join(r.at or ()),
                **({"amount": _amounts(r.amount)} if r.amount is not None else {}),
                **({"adds": r.adds} if r.adds else {}),
                "when": facts(r.when),
                "then": facts(r.then),
                "say": r.say,
                "enforces": ", ".join(map(str, r.enforces)),
                "final": "yes" if r.final else "",
            }
            for r in (world.rules if world else ())
        ],
    )


_LINKS = {
    "pour": "into",
    "put": "on or into",
    "push": "against",
    "throw": "at",
    "shine": "on",
    "pull": "towards",
}


def rule_sentence(row: Row) -> str:
    """Write a rule of the form as a sentence.

    `When someone pours the tap into the glass and cork is at the bottom, then cork is at the rim: "It
    rises."`
    """
    verbs = [v.strip() for v in row.get("verbs", "").split(",") if v.strip()]
    if not verbs or not row.get("thing"):
        return "A rule that is not finished"
    acts = _or(f"{verb}{'es' if verb.endswith(('sh', 'ch', 'ss')) else 's'}" for verb in verbs)
    deed = f"{acts} the {_or(row['thing'].split(','))}"
    if at := row.get("at", "").strip():
        word = VERBS[verbs[0]].takes_word if verbs[0] in VERBS else False
        deed += f" {_LINKS.get(verbs[0], 'with')} {'' if word else 'the '}{_or(at.split(','))}"
    if amount := row.get("amount", "").strip():
        deed += ", without an amount" if amount == NONE_SAID else f", {amount.replace(';', ' or')}"
    facts = "".join(f" and {fact} is {value}" for fact, value in facts_of(row.get("when", "")).items())
    then = " and ".join(f"{fact} is {value}" for fact, value in facts_of(row.get("then", "")).items())
    if adds := row.get("adds", "").strip():
        then = f"{then} and {adds} grows by it" if then else f"{adds} grows by it"
    happens = f"then {then}" if then else "nothing changes"
    final = ", and there is no way out any more" if row.get("final", "").strip() not in {"", "no"} else ""
    return f'When someone {deed}{facts}, {happens}{final}: "{row.get("say", "").strip()}"'


def _or(parts: Iterator[str] | list[str]) -> str:
    *first, last = (p.strip() for p in parts)
    return f"{', '.join(first)} or {last}" if first else last


def rules_lacking(draft: Draft) -> list[Row]:
    """Draft a rule for each move of the solution and each red herring that no rule answers yet."""
    rows: list[Row] = []
    names = [r.get("thing", "") + "," + r.get("at", "") for r in draft.rules]
    answered = set()
    for row in draft.rules:
        verbs, things_of_rule = (row.get(name, "").split(",") for name in ("verbs", "thing"))
        answered |= {(verb.strip(), thing.strip()) for verb in verbs for thing in things_of_rule}
    for line in draft.moves.splitlines():
        verb, colon, things = line.partition(":")
        thing, _, second = (part.strip() for part in things.partition("->"))
        verb = verb.strip().casefold()
        if colon and verb in VERBS and (verb, thing) not in answered:
            rows.append({"verbs": verb, "thing": thing} | ({"at": second} if second else {}))
    for row in draft.herrings:
        item = row.get("item", "").strip()
        bare = item.partition("(")[0].strip()
        if item and not any(bare in n for n in names):
            rows.append({"verbs": "put, push", "thing": bare, "say": row.get("note", "")})
    return rows


def misnamed(draft: Draft) -> tuple[str, list[str]]:
    """Find a name in rules or red herrings that no thing has, and unused names to replace it.

    ("", []) if there is none.
    """
    names = {
        normalized_name(n): n for text in (draft.items, draft.things) for n in text.splitlines() if n.strip()
    }
    mentioned = [r.get("item", "") for r in draft.herrings]
    for row in draft.rules:
        mentioned += row.get("thing", "").split(",")
        # else it is a word, not a thing
        if not any(v.strip() in _SAID for v in row.get("verbs", "").split(",")):
            mentioned += row.get("at", "").split(",")
    used = dict.fromkeys(normalized_name(n) for n in mentioned if n.strip())
    gone = [n for n in used if n not in names]
    if not gone:
        return "", []
    return gone[0], [line.partition("(")[0].strip() for n, line in names.items() if n not in used]


_SAID = {v.name for v in VERBS.values() if v.takes_word}


def renamed(draft: Draft, old: str, new: str) -> tuple[Draft, int]:
    """Rename a thing throughout a draft. Return the new draft and the number of replacements."""
    pattern, times = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)", re.IGNORECASE), 0

    def put(text: str) -> str:
        nonlocal times
        text_after, n = pattern.subn(lambda _: new, text)
        times += n
        return text_after

    changes: dict[str, Any] = {name: put(getattr(draft, name)) for name in _TEXTS}
    for name in ("rules", "herrings"):
        changes[name] = tuple({key: put(value) for key, value in row.items()} for row in getattr(draft, name))
    return replace(draft, **changes), times


_TEXTS = (
    "scenario",
    "items",
    "things",
    "kinds",
    "names",
    "totals",
    "limits",
    "principles",
    "steps",
    "insights",
    "facts",
    "goal",
    "moves",
    "alternatives",
)
