"""What stands beside a move on its line: remarks, which change nothing, and manners, which may. Text only, no rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from escape.rooms.reading.names import Names
from escape.rooms.reading.phrases import ARROW
from escape.rooms.reading.verbs import MEANINGS, VERBS

_BRACKET = re.compile(r"\s*\(((?:[^()]|\([^()]*\))*)\)")
_DASH = re.compile(r"\s+(?:[-–—]{1,3}|//|#)\s+|\s*—\s*")
_REASON = re.compile(r"[\s,;]+(?:because|so that|in order to|so as to|in order that|which|as this|since this)\s")
_COMMA = re.compile(r"\s*[,.]\s+")

# Manners that change what is done. Those of care (slowly, firmly) change nothing and are passed over.
_MANNER = re.compile(
    r"\b(?:upside[- ]down|inside[- ]out|back to front|sideways|on (?:its|their) (?:side|head|end|back)s?|head ?first|"
    r"half[- ]?way|(?:together )?as one|partly|partially|lengthwise|lengthways|crosswise|crossways|diagonally|"
    r"backwards|in reverse|mirrored|(?:the )?(?:wrong|other) way (?:round|around|up)|"
    r"(?:a |one |two |some |a few )?(?:capful|drop|sip|splash|pinch|spoonful|thimbleful|teaspoon)s?(?= of\b)|"
    r"(?:a little|a bit|some|half|a third|a quarter)(?= of (?:the|its|it)\b))\b"
)
_WEAKLY = re.compile(r"\b(?:gently|softly|lightly)\b")
_BLOWS = frozenset({"hit", "throw"})  # where a weak one is another deed

_AUXILIARY = frozenset(
    "do does did is are was were be been am will would shall should can could may might must need has have had it they "
    "cannot".split()
)
_SELF = re.compile(r"^(?:this|that|these|those)\b(?: (?:one|way|thing))?|^(?:yet|now|here|there|really|at all)\b|^$")
_AT_A_PLACE = frozenset("in on at into onto to with from by over under through against inside".split())


@dataclass(frozen=True)
class Parted:
    """A line as its move and the remarks beside it, in the order of the line."""

    move: str
    remarks: tuple[str, ...] = ()


def parted(line: str, names: Names) -> Parted:
    """A line without what stands in brackets, behind a dash, or behind a word that begins a reason. Brackets and dashes
    that belong to a name stay: `thick lens (30 cm)`.
    """
    remarks: list[str] = []

    def dropped(match: re.Match[str]) -> str:
        if names.named(match[1]) or any(match[0].strip() in name.casefold() for name in names.listed):
            return match[0]
        remarks.append(match[1])
        return " "

    move = _BRACKET.sub(dropped, line)
    for between in (_DASH, _REASON):
        for match in between.finditer(move):
            head, tail = move[: match.start()], move[match.end() :]
            if head.strip() and tail.strip() and ARROW not in tail and not names.named(tail):
                remarks.append(tail)
                move = head
                break
    return Parted(move.strip(), tuple(r.strip(" .,;!") for r in remarks))


def at_comma(line: str) -> list[Parted]:
    """A line cut at each of its commas: what stands before it as the move, the rest as a remark."""
    return [Parted(line[: c.start()], (line[c.end() :],)) for c in list(_COMMA.finditer(line))[:3] if c.start()]


_NEXT = re.compile(
    r"\s*(?:[,.;]|\band\b|\bthen\b|\bnext\b|\bafterwards\b)(?:\s*(?:,|and|then|next|afterwards|now)\b)*\s+(?=(\w+))"
)


def acts(line: str) -> list[str]:
    """The several acts of a line that says more than one: `take the bottle and pour the water into the tube`."""
    cuts = [c for c in _NEXT.finditer(line) if c[1].casefold() in MEANINGS and c.start()]
    starts = [0, *(c.end() for c in cuts)]
    ends = [*(c.start() for c in cuts), len(line)]
    return [line[a:b].strip() for a, b in zip(starts, ends, strict=True)]


def is_talk(remark: str) -> bool:
    """Whether a remark beside a spoken word is no part of it, as the rest of a code or of a row of colours may be."""
    words = re.findall(r"[^\W\d_]{2,}", remark)
    manners = bool(words) and all(w.casefold().endswith("ly") for w in words)
    return manners or (len(words) > 2 and remark.count(",") < len(words) - 1)


def is_an_act(text: str) -> bool:
    """Whether a text begins as an order to do something that counts, and so is no remark."""
    first = re.match(r"(?:(?:and|then|next|now|also|finally)\s+)*(\w+)", text.casefold().strip())
    return bool(first and first[1] in MEANINGS and not all(VERBS[v].free for v, _ in MEANINGS[first[1]]))


def denies(remark: str, is_own: Callable[[str], bool]) -> bool:
    """Whether a remark takes back the move beside it: `not this one`, `the floor instead`, `the wrong way round`.

    `is_own`: whether some words name the move's own thing, place or manner. What is said of anything else (`not the
    floor`), and what says what will happen (`the ball does not sink`), takes nothing back.
    """
    words = re.findall(r"[\w'’-]+", remark.casefold())
    for n, word in enumerate(words):
        before, after = words[:n], words[n + 1 :]
        if word in ("not", "never", "don't", "don’t") and not (before[1:] and before[-1] in _AUXILIARY):
            rest = [w for w in after if w not in _AT_A_PLACE]
            denied = " ".join(rest)
            ordered = word != "not" or before == ["do"]
            if (
                _SELF.match(denied)
                or is_own(" ".join(rest[:4]))
                or is_own(" ".join(after[:4]))
                or (ordered and rest[:2] in (["do", "this"], ["do", "it"]))
            ):
                return True
        if word == "instead" and (after[:1] != ["of"] or is_own(" ".join(after[1:5]))):
            return True
        if word == "rather" and after[:1] == ["than"] and is_own(" ".join(after[1:5])):
            return True
    text = " ".join(words)
    return bool(
        re.search(r"(?<!not )(?<!not the )\bthe (?:other one|wrong (?:one|way|side))\b|^other way (?:a)?round\b", text)
    )


def manner(move: str, verb: str) -> str:
    """The manner of a move that changes what is done, as it is written; "" if there is none."""
    match = _MANNER.search(move) or (_WEAKLY.search(move) if verb in _BLOWS else None)
    if match is None or (match[0].startswith("length") and re.match(r"rolls?\b", move)):  # as one rolls a sheet
        return ""
    return match[0]


def without_manner(move: str) -> str:
    return " ".join(_MANNER.sub(" ", move).split())
