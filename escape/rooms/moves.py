"""The moves in a plan's text, parsed leniently. Text in, moves out. Knows vocabulary, not physics.

A move is `VERB: THING` or `VERB: THING -> THING`. A line that cannot be read says so, so that a formatting error is
never counted as wrong physics. Every pattern is linear, and at most 30 moves of 300 characters are read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from escape.fields import normalized_name
from escape.rooms.verbs import GIVE_UP, MEANINGS, VERBS

Means = tuple[tuple[str, bool], ...]

MAX_MOVES = 30
MAX_MOVE_LENGTH = 300

_HEADING = re.compile(
    r"(?im)^(?:[^\w\n]|_){0,12}(?:\d{1,2}[.)]?[ \t]{0,4})?(?:[^\w\n]|_){0,6}moves"
    r"[*_ \t]{0,8}(?:\([^()\n]{0,80}\))?[*_ \t]{0,8}"
    r"(?::[*_ \t]{0,8}([^\n]*))?\r?$"
)
_OTHER_HEADING = re.compile(r"(?i)^\W{0,12}(?:\d{1,2}\W{1,4})?(?:physical principles|solution steps|required items)\b")
_MARK = re.compile(
    r"^\s*(?:[-*+•·–—>▪#]+|\(?\d{1,3}\s*[.):\]]|\(?[a-z]\s*[.)]|(?:step|move)\s*\d{1,3}\s*[.:)]?)\s*", re.I
)
_QUOTES = dict.fromkeys(map(ord, '`*_"“”„‟«»‹›「」『』[]{}<>'), None)
_ARROW = re.compile(r"\s*(?:[-–—=~]{1,4}>|[→⇒➔➜⟶⇨↦])\s*")
_LINE = re.compile(r"(?m)^[^\n]{1,200}")
_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(
    r"\s+(?:into|onto|inside|in|on|to|toward|towards|with|using|by|at|against|over|through|from|under|beneath|below|"
    r"behind|around|across|between|beside|near|along|above|down|round|off|and|for|via|as)\s+|\s*,\s+"
)
_ROW = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*\+\s*|\s*&\s*")
_LEADING = frozenset(
    "into onto inside in on to toward towards with using at against over through from under behind around up down off "
    "out away back together carefully gently slowly firmly both all of it".split()
)
_BEFORE = frozenset(
    "then i we you now next finally first carefully gently slowly firmly quickly please and try to".split()
)
_IMPLIED_VERBS: Means = (("put", False), ("join", False))  # what "A -> B" without a verb means
_EMPTY = frozenset(
    "the a an some my your our its this that these those of one two both all more left right other".split()
)


@dataclass(frozen=True)
class Move:
    """One move. `verbs`: what its word may mean, each with whether that swaps the things; empty if `fault` says what
    could not be read. `unknown`: a second thing that is not in this room. `word`: what is entered or said.
    """

    text: str
    verbs: Means = ()
    thing: str = ""
    second: str = ""
    unknown: str = ""
    word: str = ""
    symmetric: bool = False
    gives_up: bool = False
    fault: str = ""


class Names:
    """The things in one room, found by the names people give them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [(n, frozenset(_tokens(n))) for n in names]
        self._exact = {normalized_name(n): n for n, _ in reversed(self._names)}

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Every name, once."""
        return tuple(dict.fromkeys(n for n, _ in self._names))

    def find(self, said: str, *, loose: bool = True) -> str:
        """The one thing meant; "" if nothing matches or several things could. `loose`: other words may surround the
        name.
        """
        said = normalized_name(said)
        if said in self._exact:
            return self._exact[said]
        words = frozenset(_tokens(said))
        if not words:
            return ""
        same = [n for n, tokens in self._names if tokens == words]
        if same:
            return same[0]
        within = [n for n, tokens in self._names if words < tokens]
        if len(within) == 1:
            return within[0]
        if within or not loose:
            return ""
        around = sorted(((len(tokens), n) for n, tokens in self._names if tokens and tokens < words), reverse=True)
        if around and (len(around) == 1 or around[0][0] > around[1][0]):
            return around[0][1]
        return ""


def _tokens(name: str) -> Iterator[str]:
    for word in _WORD.findall(normalized_name(name)):
        if word not in _EMPTY:
            yield word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def spoken(word: str) -> str:
    """A code or word for comparison: letters and digits only."""
    return "".join(_WORD.findall(word.casefold()))


def lines(answer: str) -> list[str] | None:
    """The lines under the last Moves heading, at most 30; None if there is no such heading."""
    headings = list(_HEADING.finditer(answer))
    if not headings:
        return None
    last = headings[-1]
    found = [last[1]] if last[1] and last[1].strip() else []
    for line in answer[last.end() : last.end() + 3 * MAX_MOVES * MAX_MOVE_LENGTH].splitlines():
        if _OTHER_HEADING.match(line) or len(found) >= MAX_MOVES:
            break
        found += [part for part in line[:MAX_MOVE_LENGTH].split(";") if _WORD.search(part)]
    return found[:MAX_MOVES]


def without(answer: str) -> str:
    """An answer without its moves, for readers who want only the explanation."""
    headings = list(_HEADING.finditer(answer))
    if not headings:
        return answer
    last = headings[-1]
    rest = answer[last.end() :]
    after = next((m.start() for m in _LINE.finditer(rest) if _OTHER_HEADING.match(m[0])), len(rest))
    return answer[: last.start()] + rest[after:]


def read(line: str, names: Names) -> tuple[Move, ...]:
    """One line as a move, or as several moves if it names several things: "take: A and B"."""
    shown = line.strip()[:MAX_MOVE_LENGTH]
    for _ in range(3):
        shown, cut = _MARK.subn("", shown, count=1)
        if not cut:
            break
    text = unicodedata.normalize("NFKC", shown)
    text = (
        normalized_name(_ARROW.sub(" -> ", text).replace("->", "\0").translate(_QUOTES))
        .replace("\0", "->")
        .strip(" .!;'")
    )
    if text.startswith(GIVE_UP):
        return (Move(shown, gives_up=True),)
    head, colon, rest = text.partition(":")
    if not colon or len(head.split()) > 3:
        head, rest = text, ""
    means, moves_left = _verb(head.replace(":", " "))
    if not means and "->" in text and names.find(text.partition("->")[0], loose=False):
        means, moves_left, rest = _IMPLIED_VERBS, text, ""
    if not means:
        return (Move(shown, fault="it does not start with one of the verbs"),)
    rest = f"{moves_left} {rest}".strip()
    if any(VERBS[v].takes_word for v, _ in means):
        return (_speech(shown, means, rest, names),)
    return _several(shown, means, rest, names) or (_act(shown, means, rest, names),)


def _several(shown: str, means: Means, rest: str, names: Names) -> tuple[Move, ...]:
    """One move for each of several things listed before the arrow; none if there is only one or it is unclear."""
    first, arrow, second = rest.partition("->")
    symmetric = any(VERBS[v].symmetric for v, _ in means)
    if names.find(_bare_start(first), loose=False) or (symmetric and not arrow):
        return ()
    things = [names.find(_bare_start(part), loose=False) for part in _ROW.split(first) if part.strip()]
    if len(things) < 2 or not all(things):
        return ()
    at = names.find(second := _bare_start(second.strip())) if second.strip() else ""
    return tuple(Move(shown, means, thing, at, "" if at else second.strip(), symmetric=symmetric) for thing in things)


def _verb(text: str) -> tuple[Means, str]:
    """What the first verb may mean, and the text after it."""
    words = text.split()
    for i, word in enumerate(words[:4]):
        for form in _forms(word.strip(",.'")):
            if form in MEANINGS:
                return MEANINGS[form], " ".join(words[i + 1 :])
        if word.strip(",.'") not in _BEFORE:
            break
    return (), ""


def _forms(word: str) -> Iterator[str]:
    yield word
    for ending, instead in (("ing", ""), ("ing", "e"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e")):
        if word.endswith(ending):
            stem = word[: -len(ending)] + instead
            yield stem
            if stem[-1:] == stem[-2:-1]:
                yield stem[:-1]


def _bare_start(text: str) -> str:
    words = text.split()
    while words and words[0].strip(",") in _LEADING:
        words = words[1:]
    return " ".join(words)


def _cuts(text: str) -> Iterator[tuple[str, str, bool]]:
    """Ways to split a text into two things, likeliest first, and whether the second is the tool."""
    if "->" in text:
        first, _, second = text.partition("->")
        yield first.strip(), _bare_start(second.partition("->")[0].strip()), False
        return
    for cut in _BETWEEN.finditer(text):
        yield text[: cut.start()], text[cut.end() :], cut[0].strip() in {"with", "using", "by", "via"}


def _act(shown: str, means: Means, rest: str, names: Names) -> Move:
    symmetric = any(VERBS[v].symmetric for v, _ in means)
    if "->" not in rest and (
        thing := names.find(_bare_start(rest), loose=False)
    ):  # whole text first: a name may contain "on" or "with"
        return Move(shown, means, thing)
    spare = None
    for first, second, tool in _cuts(rest):
        if not (thing := names.find(_bare_start(first))):
            continue
        at = names.find(second)
        made = Move(shown, means, thing, at, "" if at else second, symmetric=symmetric or tool)
        if at:
            return made
        spare = spare or made
    if spare:
        return spare
    if thing := names.find(_bare_start(rest.replace("->", " "))):
        return Move(shown, means, thing)
    if all(VERBS[v].needs_no_thing for v, _ in means):
        return Move(shown, means)
    if not rest:
        return Move(shown, fault="it does not name a thing")
    what = rest.partition("->")[0].strip()
    return Move(shown, fault=f"“{what[:60]}” is not in this room, or matches more than one thing")


def _speech(shown: str, means: Means, rest: str, names: Names) -> Move:
    for first, second, _ in _cuts(rest):
        for thing, word in ((first, second), (second, first)):
            if thing and word and (found := names.find(_bare_start(thing))):
                return Move(shown, means, found, word=spoken(word))
    thing = names.find(_bare_start(rest))
    return Move(shown, means, thing, word="" if thing else spoken(rest))
