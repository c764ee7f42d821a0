"""Quantities: how often, how many and how far, as a line of a plan says in passing."""

from __future__ import annotations

import re

from escape.rooms.reading.names import Names
from escape.types import normalized_name

MAX_TIMES = 12
_WORDS = "one two three four five six seven eight nine ten eleven twelve"
_TIMES = {word: n for n, word in enumerate(_WORDS.split(), 1)} | dict.fromkeys(
    (*"twenty thirty forty fifty hundred several many dozens repeatedly".split(), "again and again", "over and over"),
    MAX_TIMES,
)
_COUNTS = {*_TIMES, "half", "quarter", "full", "once", "twice"}
_HOW_OFTEN = re.compile(
    r"(?i)\btwice\b|\b(\d{1,3}|[a-z]{3,8}) (?:more )?times\b|\b(again and again|over and over|repeatedly)\b|"
    r"\b(several|many|dozens) (?:of )?(?:[a-z]{3,10} )?(?:times|stabs|strokes|blows|pushes|pulls|taps)\b"
)


_AMOUNT = rf"(?P<amount>\d+(?:[.,]\d+)?|{'|'.join(_WORDS.split())}|half|quarter)[ -]?(?P<unit>[a-z°]{{1,12}})"
_PLACE = re.compile(rf"(?i)(?:^|\bat |\bto )(?:the |about |exactly )*{_AMOUNT}(?: mark)?\s*(?:$|[,;.)→])")
_TURNS = re.compile(rf"(?i)\b{_AMOUNT}\b")
_SAID = re.compile(
    rf"(?i)(?:about |exactly |at least )?(?:{_HOW_OFTEN.pattern[4:]}|once\b|all of (?:it|them)\b|"
    rf"(?:second|third|fourth|fifth) time\b|(?:an?|some|several|[a-z]+ty) (?:second|minute|hour|moment|while)s?\b|"
    rf"{_AMOUNT}(?: (?:mark|long|wide|deep|each))?)(?=$|[ ,.)])"
)


# rooms name turns in words
_FIGURE = re.compile(r"(?i)(?<![\w.,])([1-9]|1[0-2])(?:[.,]0)?(?=[ -](?:(?!half|quarter)[a-z]{2,12} )?turns?\b)")
WINDING = frozenset({"turn", "tie", "bend"})  # verbs of which `twice` may say how far


def _in_words(figure: re.Match[str]) -> str:
    return _WORDS.split()[int(figure[1]) - 1]


def number(move: str, names: Names) -> str:
    """Return the thing that says how many or how far, a number as written if unknown, "" if none or several."""
    text = _FIGURE.sub(_in_words, move)
    words = _words(text)
    every = {name: _words(normalized_name(name)) - {"mark"} for name in names.listed}
    amounts = {name: tokens for name, tokens in every.items() if is_amount(name)}
    enough = {n: tokens for n, tokens in amounts.items() if tokens <= words}
    longest = [name for name, tokens in enough.items() if not any(tokens < other for other in enough.values())]
    if longest:  # a room may say what two marks mean together
        return longest[0] if len(longest) == 1 else names.exactly(" + ".join(sorted(map(normalized_name, longest))))
    for spoken_of, pattern in ((False, _TURNS), (True, _PLACE)):
        units = {w for name, tokens in amounts.items() for w in tokens if ("mark" in name) is spoken_of}
        for match in pattern.finditer(text):
            if (unit := _words(match["unit"])) and unit <= units - _COUNTS:
                written = f"{match['amount']} {match['unit']}"
                return names.named(written) or written
    return ""


def how_far(text: str, names: Names) -> str:
    """Return the amount that a word for how often names, as `twice` does two turns in some rooms."""
    often = _HOW_OFTEN.search(text)
    thing = names.exactly(often[0]) if often else ""
    return thing if thing and is_amount(thing) else ""


def is_amount(name: str) -> bool:
    """Return whether a thing's name says how many or how far: `two turns`, `18 cm mark`."""
    return any(word.isdecimal() or word in _COUNTS for word in _words(normalized_name(name)))


def amount_at(text: str) -> int:
    """Return how many words of a number, with its unit, or of how often, a text begins with."""
    match = _SAID.match(text)
    return len(match[0].split()) if match else 0


def _words(text: str) -> set[str]:
    return {w.removesuffix("s") if len(w) > 3 else w for w in re.findall(r"[^\W_]+", text.casefold())}


def times(line: str) -> int:
    """Return how often a line says that its move is made. At most MAX_TIMES."""
    match = _HOW_OFTEN.search(line)
    if not match:
        return 1
    word = (match[1] or match[2] or match[3] or "two").casefold()
    often = int(word) if word.isdecimal() else _TIMES.get(word, 1)
    return max(1, min(often, MAX_TIMES))


# Words that change nothing about a move: who is meant, in which order, with what care.
CARE = frozenset(
    "then now next first finally lastly i we you please and again also both all together carefully slowly firmly "
    "quickly gradually steadily evenly fully completely tightly securely hard straight back away further just only "
    "directly immediately simply clean taut tight brim".split()
)
MANNERS = re.compile(
    r"\b(?:upside[- ]down|inside[- ]out|back to front|sideways|on (?:its|their) (?:side|head|end|back)s?|head ?first|"
    r"half[- ]?way|(?:together )?as one|partly|partially|lengthwise|lengthways|crosswise|crossways|diagonally|"
    r"backwards|in reverse|mirrored|(?:the )?(?:wrong|other) way (?:round|around|up)|"
    r"(?:a |one |two |some |a few )?(?:capful|drop|sip|splash|pinch|spoonful|thimbleful|teaspoon)s?(?= of\b)|"
    r"(?:a little|a bit|some|half|a third|a quarter)(?= of (?:the|its|it)\b))\b"
)
_WEAKLY = re.compile(r"\b(?:gently|softly|lightly)\b")
_BLOWS = frozenset({"hit", "throw"})  # where a weak one is another deed


def manner(text: str, verb: str) -> str:
    """Return the manner of a move that changes what is done, as it is written. "" if there is none."""
    match = MANNERS.search(text) or (_WEAKLY.search(text) if verb in _BLOWS else None)
    return match[0] if match else ""


def without_manner(text: str) -> str:
    return " ".join(_WEAKLY.sub(" ", MANNERS.sub(" ", text)).split())
