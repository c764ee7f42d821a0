"""One line of a plan as moves: in the form of moves, or as a plain sentence. Text in, moves out; no physics.

A line that cannot be read says so, so that a formatting error is never counted as wrong physics.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from escape.environments.rooms.reading import prose, remarks
from escape.environments.rooms.reading.forms import NO_VERB, Move, also, in_form, verb_and_rest, verb_forms
from escape.environments.rooms.reading.names import Names
from escape.environments.rooms.reading.phrases import ARROW, cleaned, gives_up, with_arrows, without_mark
from escape.environments.rooms.reading.plan_lines import MAX_MOVE_LENGTH
from escape.environments.rooms.reading.quantities import number, times
from escape.environments.rooms.reading.verbs import MEANINGS, VERBS

DENIED = "the remark beside it takes it back"
_SQUARE = re.compile(r"\[([^\[\]\n]{1,120})\]")  # around a name, or around a remark
_BARE = re.compile(r"(?!\w+ly$)\S+")  # one word, and not how something is done


@lru_cache(maxsize=4096)  # the plans for a room repeat one another's lines
def read(line: str, names: Names) -> tuple[Move, ...]:
    """One line as a move, or as several if it names several things: "take: A and B".

    A remark beside a move changes nothing, unless it takes the move back or names a number that the room knows.
    """
    shown = without_mark(line.strip()[:MAX_MOVE_LENGTH])
    shown = prose.LET_GO.sub("release", shown)
    text = with_arrows(_SQUARE.sub(lambda m: m[0] if names.named(m[1]) or _BARE.fullmatch(m[1]) else " ", shown))
    if gives_up(cleaned(text)):
        return (Move(shown, gives_up=True),)
    whole = _one(shown, text, (), names)
    told = remarks.parted(text, names)
    if _takes_word(whole):
        cuts = [told, *remarks.at_comma(told.move)]
        said = [_one(shown, cut.move, (), names)[0].word for cut in cuts if all(map(remarks.is_talk, cut.remarks))]
        return (replace(whole[0], others=tuple(word for word in dict.fromkeys(said) if word != whole[0].word)),)
    bare = _one(shown, told.move, told.remarks, names) if told.remarks else whole
    if _read(bare) or bare[0].fault == DENIED:
        return bare
    if _read(whole):
        return whole
    for cut in remarks.at_comma(told.move):
        if not remarks.is_an_act(cut.remarks[0]) and _read(found := _one(shown, cut.move, cut.remarks, names)):
            return found
    several = [_one(shown, act, (), names) for act in remarks.acts(told.move)]
    if len(several) > 1 and all(map(_read, several)):
        return tuple(move for found in several for move in found)
    return _sentence(shown, told, names) or bare


def _sentence(shown: str, told: remarks.Parted, names: Names) -> tuple[Move, ...]:
    """A line that is a plain sentence; none for one in the form of moves, and for one that does nothing to a thing."""
    if ARROW in told.move:
        return ()
    text = cleaned(told.move.replace(":", " ", 1))
    made = []
    for act in prose.acts(text, names):
        means = next(MEANINGS[form] for form in verb_forms(act.verb) if form in MEANINGS)
        thing, second, others, by_tool = prose.roles(act, means[0][0])
        how = remarks.manner(text, means[0][0])
        if not thing and not all(VERBS[v].needs_no_thing for v, _ in means):
            if act.stranger:  # one thing that is not here, and the line is not understood
                return ()
            continue
        made.append(
            Move(
                shown,
                means,
                thing,
                second,
                number=number(text, told.remarks, names) or (names.named(how) if how else ""),
                manner="" if names.named(how) else how,
                symmetric=by_tool or any(VERBS[v].symmetric for v, _ in means),
                others=others,
            )
        )
    if len(made) == 1:
        made *= times(text)
    return tuple(made)


def _read(made: tuple[Move, ...]) -> bool:
    return not any(move.fault for move in made)


def _takes_word(made: tuple[Move, ...]) -> bool:
    return any(VERBS[v].takes_word for v, _ in made[0].verbs)


def _one(shown: str, move: str, beside: tuple[str, ...], names: Names) -> tuple[Move, ...]:
    """A line's move, with the remarks beside it."""
    text = cleaned(move)
    text, further = also(text)
    means, rest = verb_and_rest(text, names)
    if not means:
        return (Move(shown, fault=NO_VERB),)
    how = remarks.manner(rest, means[0][0])
    known = names.named(how) if how else ""
    if how and not known:
        rest = remarks.without_manner(rest)
    made = in_form(shown, means, rest, names)
    if not _read(made):
        return made
    own = {made[0].thing, made[0].second} - {""}

    def is_own(words: str) -> bool:
        return names.find(words) in own or names.spotted(words.split())[1] in own

    if any(remarks.denies(said, is_own) for said in beside):
        return (Move(shown, fault=DENIED),)
    amount, times_said = number(move, beside, names) or known, " ".join((move, *beside))
    made = tuple(replace(m, number=amount, manner="" if known else how) for m in made)
    if len(made) == 1:
        made *= times(times_said)
    return (*made, Move(shown, further, made[-1].thing, by_the_way=True)) if further else made
