"""Words the offline judge knows, read from lexicon.toml: small words, a thesaurus, physical ideas, verbs."""

from __future__ import annotations

import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text("utf-8"))


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


FUNCTION: frozenset[str] = frozenset(_DATA["function"].split())
SILENT: frozenset[str] = frozenset(_DATA["silent"].split())
FILLER: frozenset[str] = frozenset(_DATA["filler"].split())
FOREIGN: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _DATA["foreign"].items()}
GROUPS: tuple[str, ...] = tuple(_lines(_DATA["thesaurus"]["groups"]))
CONCEPTS: tuple[tuple[str, str], ...] = tuple(
    (names.strip(), evidence.strip())
    for names, _, evidence in (line.partition("|") for line in _lines(_DATA["physics"]["concepts"]))
)
ACTIONS, LAWS, AUXILIARIES, LEADING, PERSONS, MODALS, PAST, ABSTRACT = (
    frozenset(_DATA["speech"][name].split())
    for name in ("actions", "laws", "auxiliaries", "leading", "persons", "modals", "past", "abstract")
)
