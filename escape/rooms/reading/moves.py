"""One line of a plan as moves: in the form of moves, or as a plain sentence. Text in, moves out; no physics.

A line that cannot be read says so, so that a formatting error is never counted as wrong physics.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from escape.rooms.reading import prose, remarks
from escape.rooms.reading.forms import NO_VERB, Move, also, in_form, verb_and_rest
from escape.rooms.reading.idioms import LET_GO, switches
from escape.rooms.reading.names import Names
from escape.rooms.reading.phrases import ARROW, cleaned, gives_up, unmarked, with_arrows, without_mark
from escape.rooms.reading.plan_lines import MAX_MOVE_LENGTH
from escape.rooms.reading.quantities import WINDING, how_far, is_amount, number, times
from escape.rooms.reading.verbs import MEANINGS, VERBS, verb_forms

DENIED = "the remark beside it takes it back"
_IT_NAMED = re.compile(r"\b(?:it|them) \(([^()\n]{1,60})\)")  # `plug it (screw plug)`
_SQUARE = re.compile(r"\[([^\[\]\n]{1,120})\]")  # around a name, or around a remark
_SURE = re.compile(r"(?i)^(?:be sure|make sure|remember|take care|be careful) to (?!not\b)")
# A warning is no act; behind its end the line goes on
_WARNING = re.compile(
    r"(?i)(?:(?:do not|don['’]t|never|avoid)\b|(?:be careful|take care|make sure|be sure|remember)\b(?! to (?!not\b)))"
    r"[^:.;]*?(?:[.;]\s*|,\s*(?:and )?then\s+|$)"
)
MAX_WORDS_OF_FORM = 6  # `put the ladder against the fence`
_BARE = re.compile(r"(?!\w+ly$)\S+")  # one word, and not how something is done


@lru_cache(maxsize=4096)  # the plans for a room repeat one another's lines
def read(line: str, names: Names, last: str = "") -> tuple[Move, ...]:
    """One line as a move, or as several if it names several things: "take: A and B". `last`: the thing that the line
    before was about, which this one may call `it`.

    A remark beside a move changes nothing, unless it takes the move back or names a number that the room knows.
    """
    text_line = without_mark(line.strip()[:MAX_MOVE_LENGTH])
    text_line = _SURE.sub("", LET_GO.sub("release", text_line))
    text_line = _IT_NAMED.sub(lambda m: m[1] if names.named(m[1]) else m[0], text_line)
    text = with_arrows(_SQUARE.sub(lambda m: m[0] if names.named(m[1]) or _BARE.fullmatch(m[1]) else " ", text_line))
    if ARROW not in text and (warning := _WARNING.match(text_line)):
        rest = text_line[warning.end() :]
        return read(rest, names, last) if re.search(r"\w", rest) else (Move(text_line, (("wait", False),)),)
    if gives_up(cleaned(text)):
        return (Move(text_line, gives_up=True),)
    move_whole = _one(text_line, text, (), names)
    parts = remarks.parted(text, names)
    if any(VERBS[v].takes_word for v, _ in move_whole[0].verbs):
        cuts = [parts, *remarks.at_comma(parts.move)]
        words = [_one(text_line, cut.move, (), names)[0].word for cut in cuts if all(map(remarks.is_talk, cut.remarks))]
        return (
            replace(move_whole[0], others=tuple(word for word in dict.fromkeys(words) if word != move_whole[0].word)),
        )
    bare = _one(text_line, parts.move, parts.remarks, names) if parts.remarks else move_whole
    if bare[0].fault == DENIED:
        return bare
    if said := _sentence(text_line, parts, names, last) if _is_plain(text) else ():
        return _with_what_else(said, bare)
    if _read(bare):
        return bare
    if _read(move_whole):
        return move_whole
    for cut in remarks.at_comma(parts.move):
        if not remarks.is_an_act(cut.remarks[0]) and _read(moves := _one(text_line, cut.move, cut.remarks, names)):
            return moves
    acts = remarks.acts(parts.move)
    several = [_one(text_line, act, (), names) for act in acts]
    # `keep everything else away` asks for nothing in the room
    several = [moves for act, moves in zip(acts, several, strict=True) if _read(moves) or not act.startswith("keep ")]
    if len(acts) > 1 and several and all(map(_read, several)):
        return tuple(move for moves in several for move in moves)
    return _sentence(text_line, parts, names, last) or bare


def _is_plain(text: str) -> bool:
    """Whether a line is written as a person talks: neither an arrow nor a colon, and more than a few words."""
    return ARROW not in text and ":" not in text and len(text.split()) > MAX_WORDS_OF_FORM


def _with_what_else(said: tuple[Move, ...], bare: tuple[Move, ...]) -> tuple[Move, ...]:
    """A sentence's one act, with what the line names when it is read as a form."""
    if len(said) != 1 or not _read(bare) or {said[0].thing, *said[0].others}.isdisjoint({bare[0].thing}):
        return said
    (act,), more = said, (n for m in bare for n in (m.second, m.thing, *m.others) if n and not said[0].second)
    others = tuple(dict.fromkeys((*act.others, *(n for n in more if n not in (act.thing, act.second)))))
    return (replace(act, others=others, number=act.number or bare[0].number),)


def _sentence(line: str, parts: remarks.Parted, names: Names, last: str) -> tuple[Move, ...]:
    """A line that is a plain sentence; none for one in the form of moves, and for one that does nothing to a thing."""
    if ARROW in parts.move:
        return ()
    text = unmarked(parts.move.replace(":", " ", 1))
    moves: list[Move] = []
    for act in prose.acts(text, names, last):
        means = next(MEANINGS[form] for form in verb_forms(act.verb) if form in MEANINGS)
        if means[0][0] == "turn" and switches(text):
            means = (*means, ("switch", False))
        thing, second, others, by_tool = prose.roles(act, means[0][0])
        how = remarks.manner(text, means[0][0])
        if not thing and not all(VERBS[v].needs_no_thing for v, _ in means):
            ongoing = moves and means[0][0] == "hold"  # `..., and keep up the pressure`
            if act.stranger and not ongoing:  # one thing that is not here, and the line is not understood
                return ()
            continue
        moves.append(
            Move(
                line,
                means,
                thing,
                second,
                number=number(text, parts.remarks, names) or (names.named(how) if how else ""),
                manner="" if names.named(how) else how,
                symmetric=by_tool or any(VERBS[v].symmetric for v, _ in means),
                others=others,
                aims=act.aims,
            )
        )
    if len(moves) == 1 and not is_amount(moves[0].second):  # `twice round` is one act of two turns
        far = "" if WINDING.isdisjoint(v for v, _ in moves[0].verbs) else how_far(text, names)
        moves = [replace(moves[0], number=moves[0].number or far)] if far else moves * times(text)
    return tuple(moves)


def _read(moves: tuple[Move, ...]) -> bool:
    return not any(move.fault for move in moves)


def _one(line: str, move: str, beside: tuple[str, ...], names: Names) -> tuple[Move, ...]:
    text = cleaned(move)
    text, further = also(text)
    means, rest = verb_and_rest(text, names)
    if not means:
        return (Move(line, fault=NO_VERB),)
    if means[0][0] == "turn" and switches(f"turn {rest}"):
        means = (*means, ("switch", False))
    how = remarks.manner(rest, means[0][0])
    is_thing = names.named(how) if how else ""
    if how and not is_thing:
        rest = remarks.without_manner(rest)
    moves = in_form(line, means, rest, names)
    if not _read(moves):
        return moves
    own = {moves[0].thing, moves[0].second} - {""}

    def is_own(words: str) -> bool:
        return names.find(words) in own or names.spotted(words.split())[1] in own

    if any(remarks.denies(remark, is_own) for remark in beside):
        return (Move(line, fault=DENIED),)
    amount, times_said = number(move, beside, names) or is_thing, " ".join((move, *beside))
    far = (
        "" if WINDING.isdisjoint(v for v, _ in means) else how_far(move, names)
    )  # of a remark it may be how far things are by now
    amount = amount or far
    moves = tuple(replace(m, number=amount, manner="" if is_thing else how) for m in moves)
    if len(moves) == 1 and not far and not is_amount(moves[0].second):
        moves *= times(times_said)
    return (*moves, Move(line, further, moves[-1].thing, by_the_way=True)) if further else moves
