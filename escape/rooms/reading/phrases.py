"""What in a line of a plan is neither verb nor thing: marks, arrows, asides, how and how long. No names, no meaning."""

from __future__ import annotations

import re
import unicodedata

from escape.rooms.reading.verbs import GIVE_UP
from escape.types import normalized_name

_MARK = re.compile(
    r"^\s*(?:[-*+•·–—>▪#]+|\(?\d{1,3}\s*[.):\]]|\(?[a-z]\s*[.)]|(?:step|move)\s*\d{1,3}\s*[.:)]?)\s*", re.I
)
_QUOTES = dict.fromkeys(map(ord, '`*"“”„‟«»‹›「」『』[]{}<>'), None) | {ord("_"): " "}
ARROW = "→"  # how every arrow is written once a line has been cleaned
_ARROWS = re.compile(
    r"\s*(?:[-–—=~]{1,4}>|\$?\\(?:long)?(?:right|Right)arrow\b\s?\$?|\$?\\to\b\s?\$?|(?<=\s)>(?=\s)|"
    "[→↝↠↣↦↪⇀⇁⇉⇒⇛⇝⇢⇥⇨⇰⇴-⇶⇸⇻⇾➔➘-➯➱-➾⟶⟹⟼⟾⟿⤏⤐⤑⤖⤳⬎⮕⭢⭬►▶▸]\ufe0f?)\\s*"
)
# What leads up to an act or says what it is for, by what a thing is held, and how it then lies
_ASIDE = re.compile(
    r"^(?:then,? |now,? )?(?:once|when|after|while|meanwhile|as soon as)\b[^,\n]{0,80},\s*|"
    r"\s(?:until|till|so that|in order to|because)\s[^\n]*$|"
    r"\s(?:with|by) (?:its|their|his|her)(?: \w+){1,2}"
    r"(?=\s(?:into|onto|in|on|to|against|over|under|through|at|from)\b|$)"
)
_LEADING = frozenset(
    "into onto inside in on to toward towards with using at against over through from under behind around up down off "
    "out away back together both all of it straight upwards downwards outwards inwards further again".split()
)
BEFORE = frozenset(
    "then i we you now next finally first carefully gently slowly firmly quickly please and try to together both all "
    "us let's lets".split()
)
# What a second part may be that is no thing of a room: the player's own body, and how, how long or how often.
NO_THING = re.compile(
    r"(?:(?:my|your|our|own|the|a|an|both|one|two|bare|left|right|other) )*(?:me|myself|yourself|ourselves|us|hands?|"
    r"fingers?(?: and thumb)?|fingertips?|thumbs?|arms?|mouth|lips|(?:full )?breath|feet|foot|body|air|brim|"
    r"(?:\w+ )?care|force|strength|place|position|turn|way|while|moment|once|itself|"
    r"(?:far )?(?:end|side|top|bottom|middle|centre|center|edge|half|inside|outside)|"
    r"\w+ly|each other|one another|above|below|long|now|good|need)"
    r"|(?:about |for )?(?:\d|a few |several |some |half |one |two |three |four |five |ten )[\w .,½°%/-]{0,40}"
    r"|(?:until|till|so that|while|when|because|since|as|if|far enough|long enough) [^\n]{0,200}"
)


def without_mark(line: str) -> str:
    """A line without its number, bullet or quotation mark."""
    for _ in range(3):
        line, cut = _MARK.subn("", line, count=1)
        if not cut:
            break
    return line


def with_arrows(line: str) -> str:
    return _ARROWS.sub(f" {ARROW} ", unicodedata.normalize("NFKC", line))


def cleaned(line: str) -> str:
    """A line without marks of its layout, every arrow written as ARROW."""
    return _ASIDE.sub("", unmarked(line))


def unmarked(line: str) -> str:
    """Like `cleaned`, with what leads up to the act and what it is for."""
    return normalized_name(with_arrows(line).translate(_QUOTES)).strip(" .!;'").removeprefix(ARROW).strip()


def gives_up(line: str) -> bool:
    """Whether a line is a giving up, and nothing else."""
    words = cleaned(without_mark(line)).replace(":", " ").split()
    while words and words[0] in BEFORE:
        words = words[1:]
    return " ".join(words).rstrip(" .,!") in GIVE_UP or " ".join(words[:2]).rstrip(",.") in GIVE_UP


def without_leading(text: str) -> str:
    """A text without prepositions and adverbs at its ends."""
    words = text.split()
    while words and (words[0].strip(",") in _LEADING or words[0].endswith("ly")):
        words = words[1:]
    while len(words) > 1 and (words[-1].strip(",") in _LEADING or words[-1].endswith("ly")):
        words = words[:-1]
    return " ".join(words)
