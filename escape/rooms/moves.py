"""One line of a plan as moves, parsed leniently. Text in, moves out. Knows vocabulary, not physics.

A move is `VERB: THING` or `VERB: THING -> THING`. A line that cannot be read says so, so that a formatting error is
never counted as wrong physics: with one name that is not in the room it is not understood as a whole. Every pattern is
linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from escape.fields import normalized_name
from escape.rooms.names import Names, spoken
from escape.rooms.plan_lines import MAX_MOVE_LENGTH
from escape.rooms.quantities import number, times
from escape.rooms.verbs import GIVE_UP, MEANINGS, VERBS

Means = tuple[tuple[str, bool], ...]

_MARK = re.compile(
    r"^\s*(?:[-*+•·–—>▪#]+|\(?\d{1,3}\s*[.):\]]|\(?[a-z]\s*[.)]|(?:step|move)\s*\d{1,3}\s*[.:)]?)\s*", re.I
)
_QUOTES = dict.fromkeys(map(ord, '`*"“”„‟«»‹›「」『』[]{}<>'), None) | {ord("_"): " "}
ARROW = "→"  # how every arrow is written once a line has been cleaned
_ARROWS = re.compile(
    r"\s*(?:[-–—=~]{1,4}>|\$?\\(?:long)?(?:right|Right)arrow\b\s?\$?|\$?\\to\b\s?\$?|(?<=\s)>(?=\s)|"
    "[→↝↠↣↦↪⇀⇁⇉⇒⇛⇝⇢⇥⇨⇰⇴-⇶⇸⇻⇾➔➘-➯➱-➾⟶⟹⟼⟾⟿⤏⤐⤑⤖⤳⬎⮕⭢⭬►▶▸]\ufe0f?)\\s*"
)
_BETWEEN = re.compile(
    r"\s+(?:out of|on top of|next to|into|onto|inside|in|on|to|toward|towards|with|using|by|at|against|over|through|from|under|beneath|below|"
    r"behind|around|across|between|beside|near|along|above|down|round|off|and|for|via|as)\s+|\s*,\s+"
)
_ROW = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*\+\s*|\s*&\s*")
# What leads up to an act or says what it is for, by what a thing is held, and how it then lies
_ASIDE = re.compile(
    r"^(?:then,? |now,? )?(?:once|when|after|while|meanwhile|as soon as)\b[^,\n]{0,80},\s*|"
    r"\s(?:until|till|so that|in order to|because|with (?:its|their)|by (?:its|their|his|her))\s[^\n]*$"
)
_AND_IT = re.compile(
    r"\s*(?:,|&|\band\b)\s*(?:and |then |keep |keeps )*(\w{2,20})(?: (?:it|them|on|up|down|out|in|back|there|still|again|"
    r"the pressure))*(?: (?:for )?[\w.]{1,10} (?:seconds?|minutes?|s))?$"
)
_RUBBED = re.compile(r"^[^→]{1,60}?\soff\s")
_TOOL = re.compile(r"\s+(?:with|using)\s+")
_LEADING = frozenset(
    "into onto inside in on to toward towards with using at against over through from under behind around up down off "
    "out away back together both all of it straight sideways upwards downwards outwards inwards further again".split()
)
_BEFORE = frozenset(
    "then i we you now next finally first carefully gently slowly firmly quickly please and try to together both all "
    "us let's lets".split()
)
_IMPLIED_VERBS: Means = (("put", False), ("join", False))  # what "A -> B" without a verb means
# What a second part may be that is no thing of a room: the player's own body, and how, how long or how often.
_NO_THING = re.compile(
    r"(?:(?:my|your|our|own|the|a|an|both|one|two|bare|left|right|other) )*(?:me|myself|yourself|ourselves|us|hands?|"
    r"fingers?(?: and thumb)?|fingertips?|thumbs?|arms?|mouth|lips|(?:full )?breath|feet|foot|body|air|brim|(?:\w+ )?care|force|strength|place|position|"
    r"(?:far )?(?:end|side|top|bottom|middle|centre|center|edge|half|inside|outside)|turn|way|while|moment|once|itself|"
    r"\w+ly|each other|one another|above|below|long|now|good|need)"
    r"|(?:about |for )?(?:\d|a few |several |some |half |one |two |three |four |five |ten )[\w .,½°%/-]{0,40}"
    r"|(?:until|till|so that|while|when|because|since|as|if|far enough|long enough) [^\n]{0,200}"
)


@dataclass(frozen=True)
class Move:
    """One move. `verbs`: what its word may mean, each with whether that swaps the things; empty if `fault` says what
    could not be read. `word`: what is entered or said; `number`: a thing named in passing that says how many or how far,
    such as "two turns". `by_the_way`: passed over if no rule answers it.
    """

    text: str
    verbs: Means = ()
    thing: str = ""
    second: str = ""
    word: str = ""
    number: str = ""
    symmetric: bool = False
    by_the_way: bool = False
    gives_up: bool = False
    fault: str = ""


def read(line: str, names: Names) -> tuple[Move, ...]:
    """One line as a move, or as several moves if it names several things: "take: A and B"."""
    shown = line.strip()[:MAX_MOVE_LENGTH]
    for _ in range(3):
        shown, cut = _MARK.subn("", shown, count=1)
        if not cut:
            break
    text = _cleaned(shown)
    if gives_up(text):
        return (Move(shown, gives_up=True),)
    text, also = _also(text)
    means, rest = _verb_and_rest(text, names)
    if not means:
        return (Move(shown, fault="it does not start with one of the verbs"),)
    made = tuple(replace(m, number=number(shown, names)) for m in _moves(shown, means, rest, names))
    if len(made) == 1 and not made[0].fault:
        made *= times(shown)
    if also and not made[-1].fault:
        made = (*made, Move(shown, also, made[-1].thing, by_the_way=True))
    return made


def _moves(shown: str, means: Means, rest: str, names: Names) -> tuple[Move, ...]:
    if any(v == "rub" for v, _ in means) and _named(rest.partition(" off ")[0], names) is None:
        rest = _RUBBED.sub("", rest)  # `rub the chalk off the pane` is about the pane
    if any(VERBS[v].takes_word for v, _ in means):
        return (_speech(shown, means, rest, names),)
    return _several(shown, means, rest, names) or _act(shown, means, rest, names)


def _cleaned(shown: str) -> str:
    """A line without marks of its layout, every arrow written as ARROW."""
    text = _ARROWS.sub(f" {ARROW} ", unicodedata.normalize("NFKC", shown)).translate(_QUOTES)
    return _ASIDE.sub("", normalized_name(text).strip(" .!;'").removeprefix(ARROW).strip())


def _also(text: str) -> tuple[str, Means]:
    """A line without a second act on the same thing at its end, and what that may be: `fill: jug, then close it`."""
    if found := _AND_IT.search(text):
        means, rest = _verb(found[1])
        if means and not rest:
            return text[: found.start()], means
    return text, ()


def gives_up(line: str) -> bool:
    """Whether a line is a giving up, and nothing else."""
    words = _cleaned(_MARK.sub("", line)).replace(":", " ").split()
    while words and words[0] in _BEFORE:
        words = words[1:]
    return " ".join(words).rstrip(" .,!") in GIVE_UP or " ".join(words[:2]).rstrip(",.") in GIVE_UP


def _verb_and_rest(text: str, names: Names) -> tuple[Means, str]:
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
    """What the first verb may mean, and the text after it."""
    words = text.split()
    for i, word in enumerate(words[:4]):
        for form in _forms(word.strip(",.'")):
            if form in MEANINGS:
                return MEANINGS[form], " ".join(words[i + 1 :])
        if word.strip(",.'") not in _BEFORE:
            break
    else:
        return (), ""
    if i + 1 < len(words) and words[i + 1].endswith("s"):  # `Ana pours`
        return next(((MEANINGS[f], " ".join(words[i + 2 :])) for f in _forms(words[i + 1]) if f in MEANINGS), ((), ""))
    return (), ""


def _forms(word: str) -> Iterator[str]:
    yield word
    for ending, instead in (("ing", ""), ("ing", "e"), ("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e")):
        if word.endswith(ending):
            stem = word[: -len(ending)] + instead
            yield stem
            if stem[-1:] == stem[-2:-1]:
                yield stem[:-1]


def _several(shown: str, means: Means, rest: str, names: Names) -> tuple[Move, ...]:
    """One move for each of several things listed before the arrow; none if there is only one."""
    first, arrow, second = rest.partition(ARROW)
    symmetric = any(VERBS[v].symmetric for v, _ in means)
    split = _ROW.split(_without_leading(first))
    parts = [part for part in split if part.strip() and not _NO_THING.fullmatch(_without_leading(part))]
    if len(parts) < 2 or names.find(_without_leading(first), loose=False) or (symmetric and not arrow):
        return ()
    things = [names.find(_without_leading(part), loose=False) for part in parts]
    if not all(things):
        if not any(things) or any(_BETWEEN.search(f" {part} ") for part in parts):
            return ()
        return (_unknown(shown, parts[things.index("")]),)
    at = _named(second, names)
    if at is None:
        return (_unknown(shown, second),)
    return tuple(Move(shown, means, thing, at, symmetric=symmetric) for thing in things)


def _act(shown: str, means: Means, rest: str, names: Names) -> tuple[Move, ...]:
    symmetric = any(VERBS[v].symmetric for v, _ in means)
    first, arrow, second = rest.partition(ARROW)
    if arrow:
        return _with_arrow(shown, means, first, second, names, symmetric=symmetric)
    whole = names.find(_without_leading(rest), loose=False)
    if whole:  # a name may contain "on" or "with"
        return (Move(shown, means, whole),)
    if all(VERBS[v].needs_no_thing for v, _ in means):
        return (Move(shown, means, names.find(_without_leading(rest))),)
    lacking = ""
    for cut in _BETWEEN.finditer(rest):
        thing, at = _named(rest[: cut.start()], names), _named(rest[cut.end() :], names)
        if thing and at is not None:
            tool = cut[0].strip() in {"with", "using", "by", "via"}
            return (Move(shown, means, thing, at, symmetric=symmetric or tool),)
        lacking = lacking or (rest[cut.end() :] if thing else rest[: cut.start()])
    if lacking:
        return (_unknown(shown, lacking),)
    loose = names.find(_without_leading(rest))
    return (Move(shown, means, loose),) if loose else (_unknown(shown, rest),)


def _with_arrow(
    shown: str, means: Means, first: str, second: str, names: Names, *, symmetric: bool
) -> tuple[Move, ...]:
    """`A -> B`; `A with B -> C` joins A and B first, if the room knows that."""
    first, joined = _without_leading(first.strip()), ""
    if not first:  # `VERB: -> THING`
        first, second = second, ""
    if not names.find(first, loose=False) and len(both := _TOOL.split(first)) == 2 and all(map(names.find, both)):
        first, joined = both
    thing, at = _named(first, names), _named(second, names)
    if not thing:
        return (_unknown(shown, first),)
    if at is None:
        return (_unknown(shown, second),)
    act = Move(shown, means, thing, at, symmetric=symmetric)
    if not joined:
        return (act,)
    return Move(shown, (("join", False),), thing, names.find(joined), symmetric=True, by_the_way=True), act


def _named(text: str, names: Names) -> str | None:
    """The thing a text names; "" for none, for one's own body, or for how and how long; None for an unknown one."""
    text = _without_leading(text.strip(" .,"))
    if not text:
        return ""
    if found := names.find(text, loose=False):
        return found
    cuts = list(_BETWEEN.finditer(text))
    part, of, whole = text.partition(" of ")
    if of and not cuts:  # `lid of the column` is the lid, `loop of paper` the paper
        return names.find(part, loose=False) or names.find(text) or names.find(whole) or None
    if not cuts or _NO_THING.fullmatch(text):
        return names.find(text) or ("" if _NO_THING.fullmatch(text) else None)
    known, between = _named(text[: cuts[0].start()], names), cuts[0][0].strip()
    if between == ",":  # a remark, such as "brim full", unless it names a thing of its own
        return None if names.find(text[cuts[0].end() :]) else known
    beside = _named(text[cuts[0].end() :], names)
    return None if beside is None or (beside and between in {"with", "using"}) else known


def _unknown(shown: str, what: str) -> Move:
    what = what.strip(" .,→")
    if not what:
        return Move(shown, fault="it does not name a thing")
    return Move(shown, fault=f"“{what[:60]}” is not in this room, or matches more than one thing")


def _without_leading(text: str) -> str:
    words = text.split()
    while words and (words[0].strip(",") in _LEADING or words[0].endswith("ly")):
        words = words[1:]
    while len(words) > 1 and (words[-1].strip(",") in _LEADING or words[-1].endswith("ly")):
        words = words[:-1]
    return " ".join(words)


def _speech(shown: str, means: Means, rest: str, names: Names) -> Move:
    """What is entered on or said to a thing, whichever stands first; without a thing, to whatever listens."""
    cuts = [rest.partition(ARROW)[::2]] if ARROW in rest else [
        (rest[: cut.start()], rest[cut.end() :]) for cut in _BETWEEN.finditer(rest)
    ]  # fmt: skip
    for first, second in cuts:
        for thing, word in ((first, second), (second, first)):
            if thing.strip() and word.strip() and (found := names.find(_without_leading(thing))):
                return Move(shown, means, found, word=spoken(word))
    thing = names.find(_without_leading(rest.replace(ARROW, " ")))
    return Move(shown, means, thing, word="" if thing else spoken(rest))
