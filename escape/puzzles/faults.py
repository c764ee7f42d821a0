"""The faults of a puzzle that has the right form, each with its field and a remedy."""

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pydantic import ValidationError

from escape.rooms import MEANINGS, VERBS, TooLargeError, exact_amount, room_of
from escape.types import Puzzle, Rule, Setup, Solution, World, normalized_name

_FIELDS = {
    "": list(Puzzle.model_fields),
    "setup": list(Setup.model_fields),
    "solution": list(Solution.model_fields),
    "world": list(World.model_fields),
    "world.rules": list(Rule.model_fields),
}


def faults_of(puzzle: Puzzle) -> Iterator[tuple[str, str]]:
    """Yield the faults of a well-formed puzzle, each as (field, remedy)."""
    yield from _remedies(puzzle)
    yield from _world_remedies(puzzle)


def explain(error: ValidationError) -> tuple[str, str]:
    """Turn pydantic's errors into one field and remedy. A misspelt field goes before the missing one."""
    first = min(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    path = [str(p) for p in first["loc"]]
    field = ".".join(path) or "puzzle"
    if first["type"] == "extra_forbidden":
        names = _FIELDS.get(".".join(p for p in path[:-1] if not p.isdigit()), [])
        if path[-1] in names:
            return field, "is written here and belongs elsewhere; see problems/README.md"
        near = get_close_matches(path[-1], names, 1, 0.6)
        return (
            field,
            f"is not a known field; did you mean {near[0]!r}?" if near else "is not a known field; remove it",
        )
    if first["type"] == "missing":
        empty = path[-1] in {"red_herrings", "constraints", "key_insights"}
        return field, "is missing; add it" + (" ([] if there are none)" if empty else "")
    if first["type"].startswith("too_short") or first["type"] == "string_too_short":
        return (
            field,
            "needs at least one; add it" if field == "world.rules" else "is empty; fill it in or remove it",
        )
    if first["type"] == "string_pattern_mismatch":
        return field, "may have letters, digits and _ . - and no spaces; write another"
    return field, f"{first['msg'][0].lower()}{first['msg'][1:]}; see problems/README.md"


def _remedies(puzzle: Puzzle) -> Iterable[tuple[str, str]]:
    lists = {
        "setup.available_items": puzzle.setup.available_items,
        "setup.constraints": puzzle.setup.constraints,
        "physical_principles": puzzle.physical_principles,
        "red_herrings": puzzle.red_herrings,
        "solution.steps": puzzle.solution.steps,
        "solution.key_insights": puzzle.solution.key_insights,
        "accepted_alternatives": puzzle.accepted_alternatives,
    }
    if not puzzle.setup.scenario.strip():
        yield "setup.scenario", "is empty; fill it in"
    for field, lines in lists.items():
        for i, line in enumerate(lines):
            if not normalized_name(line):
                yield f"{field}.{i}", "is empty; fill it in or remove it"
        twice = [x for x, n in Counter(map(normalized_name, lines)).items() if n > 1]
        if twice:
            yield field, f"{twice[0]!r} appears twice; keep one"
    items = [normalized_name(i) for i in puzzle.setup.available_items]
    for i, herring in enumerate(puzzle.red_herrings):
        if normalized_name(herring) not in items:
            near = get_close_matches(normalized_name(herring), items, 1, 0.4)
            hint = (
                f"write it as in available_items: {near[0]!r}"
                if near
                else "add it to available_items or remove it"
            )
            yield f"red_herrings.{i}", f"{herring!r} is not one of the items; {hint}"
    herrings = {normalized_name(h) for h in puzzle.red_herrings}
    for key in puzzle.herring_notes:
        if normalized_name(key) not in herrings:
            yield f"herring_notes.{key}", "is not in red_herrings; spell it as there or remove the note"


def _world_remedies(puzzle: Puzzle) -> Iterable[tuple[str, str]]:
    """Yield the faults that make a world unusable, as (field, remedy). `solver` checks its quality."""
    world = puzzle.world
    if world is None:
        return
    names = [normalized_name(t) for t in (*world.things, *puzzle.setup.available_items)]
    yield from _name_remedies(world, names)
    for field, facts in (
        ("goal", world.goal),
        *((f"rules.{n}", {**r.when, **r.then}) for n, r in enumerate(world.rules)),
    ):
        for fact in facts:
            if fact not in world.start:
                yield (
                    f"world.{field}",
                    f"{fact!r} has no value in world.start; {_near(fact, list(world.start))}",
                )
    for n, rule in enumerate(world.rules):
        yield from _rule_remedies(n, rule, world, names)
    for fact, totals in world.totals.items():
        if fact not in world.start or world.start[fact] not in totals:
            yield "world.totals", f"{fact!r} needs a value in world.start that has a total here; add it"
    try:
        room_of(puzzle).graph  # noqa: B018 - computed once here, used by every plan
    except TooLargeError as error:
        yield "world", str(error)


def _name_remedies(world: World, names: list[str]) -> Iterable[tuple[str, str]]:
    if twice := [t for t, n in Counter(names).items() if n > 1]:
        yield "world.things", f"{twice[0]!r} appears twice, or is already one of the items; keep one"
    if strange := [thing for thing in world.kinds if normalized_name(thing) not in names]:
        yield "world.kinds", f"{strange[0]!r} is not one of the items or things; {_near(strange[0], names)}"
    for thing, words in world.names.items():
        if normalized_name(thing) not in names and not exact_amount(thing):
            yield "world.names", f"{thing!r} is not one of the items or things; {_near(thing, names)}"
        if taken := [w for w in words if normalized_name(w) in names]:
            yield "world.names", f"{taken[0]!r} is the name of a thing already; leave it out"


def _rule_remedies(n: int, rule: Rule, world: World, names: list[str]) -> Iterable[tuple[str, str]]:
    if rule.adds and (rule.adds not in world.totals or not rule.amount):
        yield (
            f"world.rules.{n}.adds",
            "needs an amount in the rule, and the totals of its fact in world.totals; add both",
        )
    for verb in rule.verbs:
        if verb not in VERBS:
            reading = f"is not a verb; {_near(verb, list(VERBS))}"
            if verb in MEANINGS:
                name, swapped = MEANINGS[verb]
                reading = (
                    f"is read as {name!r}{' with the things the other way round' if swapped else ''}; "
                    "write that"
                )
            yield f"world.rules.{n}.verbs", f"{verb!r} {reading}"
    speech = any(v in VERBS and VERBS[v].takes_word for v in rule.verbs)
    for name in (*rule.thing, *(() if speech else rule.at or ())):
        if normalized_name(name) not in names:
            near = _near(normalized_name(name), names)
            remedy = f"{name!r} is not one of the items or things; {near}, or add it to world.things"
            yield f"world.rules.{n}", remedy


def _near(word: str, words: list[str]) -> str:
    near = get_close_matches(word, words, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(words[:40])}"
