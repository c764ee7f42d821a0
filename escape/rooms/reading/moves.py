"""One line of a plan read as moves, as a whole or not at all. Knows vocabulary, not physics.

One word that is neither verb, thing, link, number nor manner makes a line unread.

The form asked for is `VERB: THING` or `VERB: THING -> THING`. A line in the loose form begins with a verb and
names its things, with words such as `into`, `on` or `with` for the arrow: `pour the bottle of water into the
tube`. Several things before the arrow, joined by `and`, are several moves.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from escape.rooms.reading import marks
from escape.rooms.reading.amounts import HOW_OFTEN, TIMES, WINDING, aside, times
from escape.rooms.reading.names import GIVE_UP, MEANINGS, VERBS, Names, letters_and_digits
from escape.rooms.reading.plan_lines import BULLET, MAX_MOVE_LENGTH
from escape.types import Amount, normalized_name

# Words that change nothing about a move: who is meant, in which order, with what care.
CARE = frozenset(
    "then now next first finally lastly i we you please and again also both all together carefully slowly "
    "firmly quickly gradually steadily evenly fully completely tightly securely hard straight back away "
    "further just only directly immediately simply clean taut tight brim".split()
)
MANNERS = re.compile(
    r"\b(?:upside[- ]down|inside[- ]out|back to front|sideways|on (?:its|their) "
    r"(?:side|head|end|back)s?|head ?first|"
    r"half[- ]?way|(?:together )?as "
    r"one|partly|partially|lengthwise|lengthways|crosswise|crossways|diagonally|"
    r"backwards|in reverse|mirrored|(?:the )?(?:wrong|other) way (?:round|around|up)|"
    r"(?:a |one |two |some |a few )?(?:capful|drop|sip|splash|pinch|spoonful|thimbleful|teaspoon)s?(?= of\b)|"
    r"(?:a little|a bit|some|half|a third|a quarter)(?= of (?:the|its|it)\b))\b"
)
_WEAKLY = re.compile(r"\b(?:gently|softly|lightly)\b")
_BLOWS = frozenset({"hit", "throw"})  # where a weak one is another deed


def manner(text: str, verb: str) -> str:
    """Find the words for a manner that changes what is done, as written. "" if there are none."""
    match = MANNERS.search(text) or (_WEAKLY.search(text) if verb in _BLOWS else None)
    return match[0] if match else ""


def without_manner(text: str) -> str:
    return " ".join(_WEAKLY.sub(" ", MANNERS.sub(" ", text)).split())


ARROW = "→"  # how every arrow is written once a line has been cleaned
_MARK = re.compile(  # signs, a keycap, a number, a letter
    rf"^\s*(?:{BULLET}|\)+|\d\ufe0f?\u20e3|[\u2460-\u24ff\u2776-\u2793]|"
    r"[(\[]?\d{1,3}\s*(?:[.):\]]|[-–—](?=\s))|\(?[a-z]\s*[.)]|(?:step|move)\s*\d{1,3}\s*[.:)]?)\s*",
    re.I,
)
_QUOTES = dict.fromkeys(map(ord, '`*"“”„‟«»‹›「」『』[]{}<>'), None) | {ord("_"): " "}
_ARROWS = re.compile(
    r"\s*(?:[-–—=~]{1,4}>|\$?\\(?:long)?(?:right|Right)arrow\b\s?\$?|\$?\\to\b\s?\$?|(?<=\s)>(?=\s)|"
    "[→↝↠↣↦↪⇀⇁⇉⇒⇛⇝⇢⇥⇨⇰⇴-⇶⇸⇻⇾➔➘-➯➱-➾⟶⟹⟼⟾⟿⤏⤐⤑⤖⤳⬎⮕⭢⭬►▶▸]\ufe0f?)\\s*"
)


_THOUSANDS, _DECIMAL = re.compile(r"(?<=\d)[,\u202f](?=\d{3}\b)"), re.compile(r"(?<=\d),(?=\d)")
_LATEX = (
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname)\{([^{}\n]{0,80})\}"), r" \1"),
    (re.compile(r"\\[td]?frac\{(\d{1,3})\}\{(\d{1,3})\}"), r" \1/\2"),
    (re.compile(r"\^?\{?\\circ\}?"), "°"),
    (re.compile(r"\\[,;:! ]|~"), " "),
    (re.compile(r"(?<!\\)\$(?!\\)|\\[()]"), ""),
)


def _without_latex(line: str) -> str:
    """Replace the formulas of LaTeX in a line by plain text."""
    if "\\" in line or "$" in line:
        for pattern, plain in _LATEX:
            line = pattern.sub(plain, line)
    return line


def without_mark(line: str) -> str:
    """Remove up to three marks before a line: a number, a letter, a bullet, `>` or `Step 2:`."""
    for _ in range(3):
        line, cut = _MARK.subn("", line, count=1)
        if not cut:
            break
    return line


def cleaned(line: str) -> str:
    """Normalize a line: lower case, no marks of layout, decimal points, every arrow as ARROW."""
    plain = _ARROWS.sub(f" {ARROW} ", unicodedata.normalize("NFKC", _without_latex(without_mark(line))))
    plain = _DECIMAL.sub(".", _THOUSANDS.sub("", plain))
    return normalized_name(plain.translate(_QUOTES)).strip(" .!;,'").removeprefix(ARROW).strip()


LINKS = frozenset(
    "to into onto in inside on upon toward towards against at over across under underneath beneath through "
    "around round behind beside between below above near along off from out up down with using by via for of "
    "top next".split()
)
# where something else is than the thing
BESIDE = frozenset("beside behind between below above near off away".split())
TOOLS = frozenset({"with", "using", "by", "via"})
ARTICLES = frozenset("the a an its their his her my our your this that these those one".split())
# What stands between two things, and what it says.
_JOINS = {"and": "and", "&": "and", "+": "and", ",": ","}
# The player's own body, which is no thing of a room unless the room names it.
BODY = frozenset(
    "me hand hands finger fingers fingertips thumb thumbs arm arms mouth lips foot feet body "
    "breath end".split()
)
NO_VERB = "it does not begin with one of the verbs"
NO_END = ARTICLES | LINKS | CARE | _JOINS.keys() | TIMES.keys()  # words at which no name ends
MOST_MORE = 2  # things beside the first
MOST_WORDS = 6  # of a name
_REMARK = re.compile(r"[:;,.(–—]| - ")
_UNTIL = re.compile(r"[,;]|\b(?:until|till|for)\b")
_BRACKETS = re.compile(r"\(([^()\n]{0,200})\)")


@dataclass(frozen=True)
class Move:
    """One move as it was read.

    `swapped`: its things are named the other way round. `word`: what is entered or said. `amounts`: how much
    or how far; `number`: the same in older worlds, where it is a thing. `manner`: how. `others`: further
    things, one of which a rule may ask for. `fault`: why it cannot be read.
    """

    text: str
    verb: str = ""
    swapped: bool = False
    thing: str = ""
    second: str = ""
    others: tuple[str, ...] = ()
    word: str = ""
    amounts: tuple[Amount, ...] = ()
    number: str = ""
    manner: str = ""
    symmetric: bool = False
    gives_up: bool = False
    fault: str = ""


class UnreadError(Exception):
    """A line that cannot be read, with the reason."""


def gives_up(line: str) -> bool:
    words = [w for w in _REMARK.split(cleaned(line))[0].split() if w not in CARE]
    return " ".join(words) in GIVE_UP


@lru_cache(maxsize=4096)  # the plans for a room repeat one another's lines
def read(line: str, names: Names) -> tuple[Move, ...]:
    """Read a line as one move, or as several if it lists things or says how often. Never raises.

    A line that cannot be read is one move with a `fault`.
    """
    written = without_mark(line.strip()[:MAX_MOVE_LENGTH])
    if gives_up(written):
        return (Move(written, gives_up=True),)
    try:
        return _read_act(written, cleaned(_without_brackets(written, names)), names)
    except UnreadError as error:
        return (Move(written, fault=str(error)),)


def _without_brackets(line: str, names: Names) -> str:
    """Remove brackets that belong to a name, `ruler (30 cm)`, and turn other brackets into commas."""
    listed = [name.casefold() for name in names.listed]

    def opened(match: re.Match[str]) -> str:
        return " " if any(match[0].casefold() in name for name in listed) else f", {match[1]}, "

    return _BRACKETS.sub(opened, line)


def _read_act(written: str, text: str, names: Names) -> tuple[Move, ...]:
    verb, swapped, tail = _split_verb(text, names)
    if VERBS[verb].takes_word:
        return (_speech(written, verb, tail, names),)
    if verb == "wait":  # for whatever, as long as it takes
        return (Move(written, verb, thing=names.named(_UNTIL.split(tail)[0])),)
    how = manner(tail, verb)
    is_thing = names.named(how) if how else ""
    is_kept = how in names.amounts or bool(is_thing and names.units)
    far = marks.how_far(tail, names) if verb in WINDING else ""
    number = "" if names.units else marks.number(tail, names) or is_thing or far
    bare = tail if is_kept else without_manner(tail)
    pairs, by_tool, amounts = _paired_things(bare, names)
    if not pairs and not VERBS[verb].needs_no_thing:
        raise UnreadError("it does not name a thing")
    if swapped and not any(more for _, more in pairs):
        raise UnreadError("it does not say with what")
    to_each_other = VERBS[verb].symmetric
    # `tie: rope and hook`
    if to_each_other and ARROW not in bare and [more for _, more in pairs] == [(), ()]:
        pairs = [(pairs[0][0], (pairs[1][0],))]
    symmetric = by_tool or to_each_other
    moves = tuple(
        Move(
            written,
            verb,
            swapped,
            thing,
            *_first(more),
            amounts=amounts,
            number=number,
            manner="" if is_thing or is_kept else how,
            symmetric=symmetric,
        )
        for thing, more in pairs or [("", ())]
    )
    often = times(tail)
    # `wind the rope round it twice`
    if verb in WINDING and "turns" in names.units and often > 1 and not amounts:
        return tuple(replace(move, amounts=(Amount(often, "turns"),)) for move in moves)
    says_how_far = (
        far
        or names.is_mark(moves[0].second)
        or any(word[0] in names.amounts for word in HOW_OFTEN.finditer(tail))
    )
    if says_how_far or len(moves) > 1:
        return moves
    return moves * often


def _split_verb(text: str, names: Names) -> tuple[str, bool, str]:
    """Split a line into its verb, whether its things are swapped, and the rest. Raises UnreadError.

    A speaker may come first: `Ana: pour ...`.
    """
    head, colon, tail = text.partition(":")
    after_speaker = (tail.replace(":", " ", 1), "")
    cuts = [(head, tail), after_speaker] if colon else [(text, "")]
    for part, behind in cuts:
        words = part.split()
        while words and words[0].strip(",") in CARE:
            words = words[1:]
        if not words or words[0] not in MEANINGS:
            continue
        (verb, swapped), rest = MEANINGS[words[0]], f"{' '.join(words[1:])} {behind}".strip()
        if verb == "turn" and (way := {*rest.split()[:1], *rest.split()[-1:]} & {"on", "off"}):
            raise UnreadError(f"turning {way.pop()} may be switching, opening or unscrewing; say which")
        return verb, swapped, rest
    if head.isalpha() and names.named(tail.partition(ARROW)[0]):
        raise UnreadError(f"“{head}” is none of the verbs; say it with these")
    raise UnreadError(NO_VERB)


def _first(things: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return things[0] if things else "", things[1:]


def _paired_things(
    text: str, names: Names
) -> tuple[list[tuple[str, tuple[str, ...]]], bool, tuple[Amount, ...]]:
    """Pair each thing with what else takes part. Return also whether a tool does, and the amounts.

    Raises UnreadError.
    """
    first, arrow, second = text.partition(ARROW)
    amounts: dict[Amount, None] = {}
    pairs = _things(first, names, amounts)
    if amounts and not pairs:  # `13 cm -> ruler`
        raise UnreadError("it does not name a thing before the amount")
    behind = [(link or "to", name) for link, name in _things(second, names, amounts)] if arrow else []
    if len(behind) > 1:
        behind = [pair for pair in behind if not names.is_mark(pair[1])]
    pairs += behind if pairs or len(behind) != 1 else [("", behind[0][1])]  # `VERB: -> THING`
    listed = [name for n, (link, name) in enumerate(pairs) if n == 0 or link == "and"]
    further = [pair for n, pair in enumerate(pairs) if n and pair[0] != "and"]
    if len(further) > MOST_MORE or (len(further) > 1 and any(link in BESIDE for link, _ in further)):
        raise UnreadError("it names more than two things; write one move a line")
    if further and pairs.index(further[0]) < len(listed):  # `the rope with the hook and the bar`
        raise UnreadError("it is unclear which thing goes where; write one move a line")
    moves = [(name, tuple(other for _, other in further)) for name in listed]
    return moves, any(link in TOOLS for link, _ in further), tuple(amounts)


def _things(text: str, names: Names, amounts: dict[Amount, None]) -> list[tuple[str, str]]:
    """Find the things that a text names, each with its link: "", `and`, `into`. Raises UnreadError.

    The amounts in the text are added to `amounts`.
    """
    text = text.strip(" .,")
    if name := names.named(text):
        return [("", name)]
    words, mentions, link, n = re.sub(rf"[,{ARROW}]", " , ", text).split(), list[tuple[str, str]](), "", 0
    while n < len(words):
        word = words[n].strip(".()")
        size, name = _longest([w.strip(".()") for w in words[n : n + MOST_WORDS]], names)
        n_said, amount = names.amount_at(words[n:])
        n_aside = max(n_said, aside(" ".join(words[n:])))
        is_exact = bool(name and names.exactly(" ".join(words[n : n + size])))
        if name and size >= n_aside and (is_exact or (word not in LINKS and size > n_said)):
            if mentions and mentions[-1][1] != name and not link and not names.is_mark(name):
                raise UnreadError(f"it is unclear what “{name}” has to do with “{mentions[-1][1]}”")
            if not mentions or (mentions[-1][1] != name and link != "of"):
                mentions.append((link, name))
            link, n = "", n + size
        elif n_aside:
            n += n_aside
            amounts |= {amount: None} if amount else {}
        elif word in _JOINS:
            link, n = _JOINS[word] if mentions and link != "and" else link, n + 1
        elif word in LINKS:
            link = word if link not in TOOLS else link
            n += 1
        elif (
            not word
            or word in ARTICLES
            or word in CARE
            or word in BODY
            or (word.endswith("ly") and len(word) > 4)
        ):
            n += 1
        else:
            raise UnreadError(f"“{word[:60]}” is not in this room, or matches more than one thing")
    things = [pair for pair in mentions if not names.is_mark(pair[1])]
    if (
        len(mentions) > 1
        and things
        and (len(mentions) > 2 or mentions[0] not in things or mentions[1][0] in ("", ","))
    ):
        mentions = things  # an amount beside what it is said of, which `number` has read
    if any(link == "," for link, _ in mentions[1:]) and not any(link == "and" for link, _ in mentions):
        raise UnreadError("a comma does not say which thing goes where; write -> between them")
    return [("and" if link == "," else link, name) for link, name in mentions]


def _longest(words: Sequence[str], names: Names) -> tuple[int, str]:
    """Find the longest name at the start of some words: its length in words, and the thing.

    (0, "") if there is none.
    """
    most = next((n for n, word in enumerate(words) if word in _JOINS and word != "and"), len(words))
    for size in range(most, 0, -1):
        phrase = " ".join(words[:size])
        bounded = words[0] not in ARTICLES and words[size - 1] not in NO_END
        if name := names.exactly(phrase) or (names.named(phrase) if bounded else ""):
            return size, name
    return 0, ""


def _speech(written: str, verb: str, rest: str, names: Names) -> Move:
    """Read what is entered on or said to a thing, in either order. No thing: to whatever listens."""
    words = rest.split()
    cuts = [rest.partition(ARROW)[::2]] if ARROW in rest else [
        (" ".join(words[:n]), " ".join(words[n + 1 :])) for n, word in enumerate(words) if word in LINKS
    ]  # fmt: skip
    for first, second in cuts:
        for thing, word in ((first, second), (second, first)):
            if thing.strip() and word.strip() and (name := names.named(thing)):
                return Move(written, verb, thing=name, word=letters_and_digits(word))
    thing = names.named(rest.replace(ARROW, " "))
    return Move(written, verb, thing=thing, word="" if thing else letters_and_digits(rest))
