"""The rules of a room as sentences, and the rules that a room still lacks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from escape.puzzles.form import Draft, Row, facts_of
from escape.rooms import VERBS
from escape.types import normalized_name

_LINKS = {"pour": "into", "put": "on or into", "push": "against", "throw": "at", "shine": "on", "pull": "towards"}


def rule_sentence(row: Row) -> str:
    """`When someone pours the tap into the glass and cork is at the bottom, then cork is at the rim: "It rises."`"""
    verbs = [v.strip() for v in row.get("verbs", "").split(",") if v.strip()]
    if not verbs or not row.get("thing"):
        return "A rule that is not finished"
    deed = f"{_or(map(_inflected, verbs))} the {_or(row['thing'].split(','))}"
    if at := row.get("at", "").strip():
        word = VERBS[verbs[0]].takes_word if verbs[0] in VERBS else False
        deed += f" {_LINKS.get(verbs[0], 'with')} {'' if word else 'the '}{_or(at.split(','))}"
    facts = "".join(f" and {fact} is {value}" for fact, value in facts_of(row.get("when", "")).items())
    then = " and ".join(f"{fact} is {value}" for fact, value in facts_of(row.get("then", "")).items())
    happens = f"then {then}" if then else "nothing changes"
    final = ", and there is no way out any more" if row.get("final", "").strip() not in {"", "no"} else ""
    return f'When someone {deed}{facts}, {happens}{final}: "{row.get("say", "").strip()}"'


def _or(parts: Iterator[str] | list[str]) -> str:
    *first, last = (p.strip() for p in parts)
    return f"{', '.join(first)} or {last}" if first else last


def _inflected(verb: str) -> str:
    return f"{verb}es" if verb.endswith(("sh", "ch", "ss")) else f"{verb}s"


def lacking(draft: Draft) -> list[Row]:
    """Rules to begin with: one for each move of the solution and each red herring that no rule answers yet."""
    rows: list[Row] = []
    names = [r.get("thing", "") + "," + r.get("at", "") for r in draft.rules]
    for line in draft.moves.splitlines():
        verb, colon, things = line.partition(":")
        thing, _, second = (part.strip() for part in things.partition("->"))
        verb = verb.strip().casefold()
        if colon and verb in VERBS and not any(_answers(r, verb, thing) for r in draft.rules):
            rows.append({"verbs": verb, "thing": thing} | ({"at": second} if second else {}))
    for row in draft.herrings:
        item = row.get("item", "").strip()
        bare = item.partition("(")[0].strip()
        if item and not any(bare in n for n in names):
            rows.append({"verbs": "put, push", "thing": bare, "say": row.get("note", "")})
    return rows


def _answers(row: Row, verb: str, thing: str) -> bool:
    verbs = [v.strip() for v in row.get("verbs", "").split(",")]
    return verb in verbs and thing in [t.strip() for t in row.get("thing", "").split(",")]


def misnamed(draft: Draft) -> tuple[str, list[str]]:
    """Return a name that no thing has any more, and unused names that may be its new one. ("", []) if none."""
    names = {normalized_name(n): n for text in (draft.items, draft.things) for n in text.splitlines() if n.strip()}
    mentioned = [r.get("item", "") for r in draft.herrings]
    for row in draft.rules:
        mentioned += row.get("thing", "").split(",")
        if not any(v.strip() in _SAID for v in row.get("verbs", "").split(",")):  # else it is a word, not a thing
            mentioned += row.get("at", "").split(",")
    used = dict.fromkeys(normalized_name(n) for n in mentioned if n.strip())
    gone = [n for n in used if n not in names]
    if not gone:
        return "", []
    return gone[0], [line.partition("(")[0].strip() for n, line in names.items() if n not in used]


_SAID = {v.name for v in VERBS.values() if v.takes_word}


def renamed(draft: Draft, old: str, new: str) -> tuple[Draft, int]:
    """Return the draft with another name for a thing wherever it stands, and how often it stood there."""
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


_TEXTS = ("scenario", "items", "things", "names", "limits", "principles", "steps", "insights", "facts", "goal", "moves",
          "alternatives")  # fmt: skip
