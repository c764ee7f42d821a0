"""A move in the form that the prompt asks for, read leniently: `VERB: THING`, `VERB: THING -> THING`, and what is like
it. Text in, moves out. Knows vocabulary, not physics.

With one name that is not in the room a line is not understood as a whole. Every pattern is linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from escape.rooms.reading import prose
from escape.rooms.reading.idioms import ARTICLES, PERSONS
from escape.rooms.reading.names import Names, spoken
from escape.rooms.reading.phrases import ARROW, BEFORE, NO_THING, without_leading
from escape.rooms.reading.quantities import without_amounts
from escape.rooms.reading.verbs import MEANINGS, ONGOING, VERBS, verb_forms

Means = tuple[tuple[str, bool], ...]

_BETWEEN = re.compile(
    r"\s+(?:out of|on top of|next to|into|onto|inside|in|on|to|toward|towards|with|using|by|at|against|over|through|"
    r"from|under|beneath|below|behind|around|across|between|beside|near|along|above|down|round|off|and|for|via|as)\s+|\s*,\s+"
)
_INTO = re.compile(r"\s+(?:into|onto|in|on|to|over|under|through)\s+")
_ROW = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*\+\s*|\s*&\s*")
_AND_IT = re.compile(
    r"\s*(?:,|&|\band\b)\s*(?:and |then |keep |keeps )*(\w{2,20})(?: (?:it|them|on|up|down|out|in|back|there|"
    r"still|again|the pressure))*(?: (?:for )?[\w.]{1,10} (?:seconds?|minutes?|s))?$"
)
_WITHIN = frozenset("in on at to into onto inside from out of".split())
_RUBBED = re.compile(r"^[^→]{1,60}?\soff\s")
_ON_THE_WAY = frozenset({"from", "out of", "with", "across", "over", "through", "along"})  # before where it ends
_TOOL = re.compile(r"\s+(?:with|using)\s+")
MAX_CUTS = 12  # places of a line at which its first thing may end
_DENYING = re.compile(r"not|never|nobody|neither|no|cannot|dont|\w+n['’]t")
NO_VERB = "it does not start with one of the verbs"
_IMPLIED_VERBS: Means = (("put", False), ("join", False))  # what "A -> B" without a verb means


@dataclass(frozen=True)
class Move:
    """One move. `verbs`: what its word may mean, each with whether that swaps the things; empty if `fault` says what
    could not be read. `word`: what is entered or said; `number`: a thing, such as "two turns", that says in passing how
    many or how far; `manner`: how it is done, where that may be another deed; `others`: what a sentence names besides,
    or what is said without the remark behind it; `aims`: what a sentence says it is to come to; `by_the_way`: passed
    over if no rule answers it.
    """

    text: str
    verbs: Means = ()
    thing: str = ""
    second: str = ""
    word: str = ""
    number: str = ""
    manner: str = ""
    others: tuple[str, ...] = ()
    aims: tuple[str, ...] = ()
    symmetric: bool = False
    by_the_way: bool = False
    gives_up: bool = False
    fault: str = ""


def in_form(line: str, means: Means, rest: str, names: Names) -> tuple[Move, ...]:
    """The moves of a line by its verb's meanings and the `rest` of it."""
    if any(v == "rub" for v, _ in means) and _named(rest.partition(" off ")[0], names) is None:
        rest = _RUBBED.sub("", rest)  # `rub the chalk off the pane` is about the pane
    if any(VERBS[v].takes_word for v, _ in means):
        return (_speech(line, means, rest, names),)
    return _several(line, means, rest, names) or _act(line, means, rest, names)


def also(text: str) -> tuple[str, Means]:
    """A line without a second act on the same thing at its end, and what that may be: `fill: jug, then close it`."""
    if match := _AND_IT.search(text):
        means, rest = _verb(match[1])
        if means and not rest:
            return text[: match.start()], means
    return text, ()


def verb_and_rest(text: str, names: Names) -> tuple[Means, str]:
    """What the verb of a line may mean, and the line without it: `VERB: ...`, `Ana: VERB ...`, `THING: VERB`, or an
    arrow alone.
    """
    head, colon, tail = text.partition(":")
    if colon and len(head.split()) <= 5:
        means, after = _verb(head)
        if means:  # what stands between verb and colon tells how, unless it names a thing: `push again: lever`
            return means, f"{after} {tail}".strip() if names.find(after) or not tail.strip() else tail.strip()
        means, after = _verb(tail.replace(":", " "))
        if means:
            return means, f"{head} {after}" if not after or after.startswith(ARROW) else after
    means, after = _verb(text.replace(":", " "))
    if not means and ARROW in text:
        first = text.partition(ARROW)[0]
        if names.find(first, loose=False) or all(names.find(part, loose=False) for part in _ROW.split(first)):
            return _IMPLIED_VERBS, text
    return means, after


def _verb(text: str) -> tuple[Means, str]:
    words = text.split()
    lead = next((n for n, word in enumerate(words[:4]) if word.strip(",.'") not in BEFORE), 0)
    if words[lead + 1 :] and words[lead] in ONGOING and words[lead + 1].endswith("ing"):
        words = words[lead + 1 :]
    for i, word in enumerate(words[:4]):
        for form in verb_forms(word.strip(",.'")):
            if form in MEANINGS:
                return MEANINGS[form], " ".join(words[i + 1 :])
        if word.strip(",.'") not in BEFORE:
            break
    else:
        return (), ""
    if _denies(words[i]):
        return (), ""
    for n in range(i + 1, min(i + 4, len(words))):  # `Ana pours`, `the west team pulls`, but not `the lever presses`
        if _denies(words[n]):
            break
        if words[i] in ARTICLES and PERSONS.isdisjoint(words[i:n]):
            continue
        forms = verb_forms(words[n].strip(",.':")) if words[n].strip(",.':").endswith("s") else ()
        if meaning := next((MEANINGS[form] for form in forms if form in MEANINGS), None):
            return meaning, " ".join(words[n + 1 :])
    return (), ""


def _denies(word: str) -> bool:
    return _DENYING.fullmatch(word.strip(",.:;'’")) is not None


def _several(line: str, means: Means, rest: str, names: Names) -> tuple[Move, ...]:
    """One move for each of several things listed before the arrow; none if there is only one."""
    first, arrow, second = rest.partition(ARROW)
    symmetric = any(VERBS[v].symmetric for v, _ in means)
    split = _ROW.split(without_leading(first))
    parts = [part for part in split if part.strip() and not NO_THING.fullmatch(without_leading(part))]
    if len(parts) < 2 or names.find(without_leading(first), loose=False) or (symmetric and not arrow):
        return ()
    things = [names.find(without_leading(part), loose=False) for part in parts]
    if not all(things):
        if not any(things) or any(_BETWEEN.search(f" {part} ") for part in parts):
            return ()
        return (_unknown(line, parts[things.index("")]),)
    at = _named(second, names)
    if at is None:
        return (_unknown(line, second),)
    return tuple(Move(line, means, thing, at, symmetric=symmetric) for thing in things)


def _act(line: str, means: Means, rest: str, names: Names) -> tuple[Move, ...]:
    symmetric = any(VERBS[v].symmetric for v, _ in means)
    first, arrow, second = rest.partition(ARROW)
    if arrow:
        return _with_arrow(line, means, first, second, names, symmetric=symmetric)
    name = names.find(without_leading(rest), loose=False)
    if name:  # a name may contain "on" or "with"
        return (Move(line, means, name),)
    if all(VERBS[v].needs_no_thing for v, _ in means):
        return (Move(line, means, prose.first(rest, names)),)
    lacking = ""
    for cut in islice(_BETWEEN.finditer(rest), MAX_CUTS):
        thing, at = _named(rest[: cut.start()], names), _named(rest[cut.end() :], names)
        if name_pair := _from_to(rest, cut, names):
            return (Move(line, means, name_pair[0], name_pair[1], symmetric=symmetric),)
        if thing and at is not None:
            tool = cut[0].strip() in {"with", "using", "by", "via"}
            return (Move(line, means, thing, at, symmetric=symmetric or tool),)
        lacking = lacking or (rest[cut.end() :] if thing else rest[: cut.start()])
    if lacking:
        return (_unknown(line, lacking),)
    loose = names.find(without_leading(rest))
    return (Move(line, means, loose),) if loose else (_unknown(line, rest),)


def _from_to(rest: str, cut: re.Match[str], names: Names) -> tuple[str, str] | None:
    """`water from the flask into the jug`: the flask and the jug; `A with B into C`: A and C."""
    between = cut[0].strip()
    onward = _INTO.search(rest, cut.end()) if between in _ON_THE_WAY else None
    if onward is None:
        return None
    first = names.find(without_leading(rest[: cut.start()]))
    middle, last = (names.find(without_leading(x)) for x in (rest[cut.end() : onward.start()], rest[onward.end() :]))
    if not (middle and last) or (between not in ("from", "out of", "with") and not names.named(
        without_leading(rest[cut.end() : onward.start()])
    )):  # fmt: skip
        return None
    return (middle if between in ("from", "out of") and first in ("", middle) else first or middle, last)


def _with_arrow(line: str, means: Means, first: str, second: str, names: Names, *, symmetric: bool) -> tuple[Move, ...]:
    """`A -> B`; `A with B -> C` joins A and B first, if the room knows that."""
    first, joined = without_leading(first.strip()), ""
    if not first:  # `VERB: -> THING`
        first, second = second, ""
    if not names.find(first, loose=False) and len(both := _TOOL.split(first)) == 2 and all(map(names.find, both)):
        first, joined = both
    thing, at = _named(first, names), _named(second, names)
    if not thing:
        return (_unknown(line, first),)
    if at is None:
        return (_unknown(line, second),)
    act = Move(line, means, thing, at, symmetric=symmetric)
    if not joined:
        return (act,)
    return Move(line, (("join", False),), thing, names.find(joined), symmetric=True, by_the_way=True), act


def _named(text: str, names: Names) -> str | None:
    """The thing a text names; "" for none, for one's own body, or for how and how long; None for an unknown one."""
    text = without_leading(text.strip(" .,"))
    if not text:
        return ""
    if name := names.find(text, loose=False) or names.find(without_amounts(text), loose=False):
        return name
    cuts = list(_BETWEEN.finditer(text))
    part, of, full = text.partition(" of ")
    if of and not cuts:  # `lid of the column` is the lid, `loop of paper` the paper
        lead, owner = names.named(part), names.find(full)
        return owner if owner and lead not in ("", *names.in_full(part)) else lead or names.find(text) or owner or None
    if not cuts or NO_THING.fullmatch(text):
        return names.find(text) or ("" if NO_THING.fullmatch(text) else None)
    first_name, between = _named(text[: cuts[0].start()], names), cuts[0][0].strip()
    if between == ",":  # a remark, such as "brim full", unless it names a thing of its own
        return None if names.named(text[cuts[0].end() :]) else first_name
    beside = _named(text[cuts[0].end() :], names)
    # where something is beside another thing may decide: with both named, the line says more than can be carried out
    return None if beside is None or (beside and between not in _WITHIN) else first_name


def _unknown(line: str, what: str) -> Move:
    what = what.strip(" .,→")
    if not what:
        return Move(line, fault="it does not name a thing")
    return Move(line, fault=f"“{what[:60]}” is not in this room, or matches more than one thing")


def _speech(line: str, means: Means, rest: str, names: Names) -> Move:
    """What is entered on or said to a thing, whichever stands first; without a thing, to whatever listens."""
    cuts = [rest.partition(ARROW)[::2]] if ARROW in rest else [
        (rest[: cut.start()], rest[cut.end() :]) for cut in _BETWEEN.finditer(rest)
    ]  # fmt: skip
    for first, second in cuts:
        for thing, word in ((first, second), (second, first)):
            if thing.strip() and word.strip() and (name := names.find(without_leading(thing))):
                return Move(line, means, name, word=spoken(word))
    thing = names.find(without_leading(rest.replace(ARROW, " ")))
    return Move(line, means, thing, word="" if thing else spoken(rest))
