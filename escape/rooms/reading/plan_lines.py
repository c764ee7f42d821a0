"""The lines of the plan in an answer, in any layout: a list, a table, JSON, calls or a fence.

A plan is at most 30 lines of 300 characters under the last heading "Moves". Every pattern takes linear time.
"""

import html
import re
from collections.abc import Iterator

from escape.types import MAX_MOVES

MAX_MOVE_LENGTH = 300
BULLET = r"[^\w\s\"'‘’“”„‟«»‹›「」『』()\[\]{}<]+"  # signs before a line, emoji among them

_HEADING = re.compile(
    r"(?im)^(?:[^\w\n]|_){0,12}(?:\d{1,2}[.)]?[ \t]{0,4})?(?:[^\w\n]|_){0,6}moves"
    r"[*_ \t\"']{0,8}(?:\([^()\n]{0,80}\))?[*_ \t]{0,8}"
    r"(?::[*_ \t]{0,8}([^\n]*))?\r?$"
)
_ONE = re.compile(
    r"(?im)^[^\w\n]{0,12}(?:next |my )?move(?: \d{1,4})?[*_ \t]{0,8}:[*_ \t]{0,8}([^\n]*\w[^\n]*)$"
)
_OTHER_HEADING = re.compile(
    r"(?i)^\W{0,12}(?:\d{1,2}\W{1,4})?(?:physical principles|solution steps|required items)\b"
)
_LINE = re.compile(r"(?m)^[^\n]{1,200}")
_WORD = re.compile(r"[^\W_]")
_FENCE = re.compile(r"^\s*(?:```|~~~)[\w-]{0,20}\s*$")
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_PAIR = re.compile(r'"[^"\\\n]{1,40}"\s*:\s*(?:"((?:[^"\\\n]|\\.)*)"|null)')
_CALL = re.compile(r"^([A-Za-z_ ]{2,30})\(([^\n]*)\)[.;,]?$")
# behind the mark of a list a sentence may have a remark in brackets; a call's name is one word that touches
# them
_MARKED_CALL = re.compile(
    rf"^(?:{BULLET}|\d\ufe0f?\u20e3|\d{{1,3}}[.)])\s+([A-Za-z_]{{2,30}})\(([^\n]*)\)[.;,]?$"
)
_RULE = re.compile(r"^[\s|:+=-]+$")
_TITLES = frozenset(
    "verb verbs action act thing things item object first second target on to with where how step no nr move "
    "moves # what do".split()
) | {"second thing", "first thing", "to what"}
_NONE = frozenset({"", "-", "–", "—", "none", "n/a", "null"})


def move_lines(answer: str, most: int = MAX_MOVES) -> list[str] | None:
    """Find the moves under the last heading "Moves", at most `most`. None without such a heading."""
    headings = list(_HEADING.finditer(answer))
    if not headings:
        return None
    last = headings[-1]
    lines_found = list(_moves_on_line(last[1])) if last[1] else []
    for line in answer[last.end() : last.end() + 3 * most * MAX_MOVE_LENGTH].splitlines():
        if _OTHER_HEADING.match(line) or len(lines_found) >= most:
            break
        lines_found += _moves_on_line(line[:MAX_MOVE_LENGTH])
    return lines_found[:most]


def one_move(answer: str) -> str:
    """Find the one move of a turn: after the last "Move:", else on the last line. "" if none."""
    matches = list(_ONE.finditer(answer))
    rows = [matches[-1][1]] if matches else reversed(answer[-3 * MAX_MOVE_LENGTH :].splitlines())
    return next((move for row in rows for move in _moves_on_line(row[:MAX_MOVE_LENGTH])), "")


def without(answer: str) -> str:
    """Remove the moves from an answer, for readers who want only the explanation."""
    headings = list(_HEADING.finditer(answer))
    if not headings:
        return answer
    last = headings[-1]
    after_heading = answer[last.end() :]
    after = next(
        (m.start() for m in _LINE.finditer(after_heading) if _OTHER_HEADING.match(m[0])), len(after_heading)
    )
    return answer[: last.start()] + after_heading[after:]


def _moves_on_line(line: str) -> Iterator[str]:
    """Yield the moves on one line, as `VERB: THING -> SECOND` if its layout shows which is which."""
    line = html.unescape(line).strip()
    if _FENCE.match(line) or not _WORD.search(line):
        return
    if line.startswith("|"):
        yield from _moves_in_row(line)
    elif line.lstrip("[ ,").startswith("{") and (pairs := _PAIR.findall(line)):
        yield _joined_move(pairs)
    elif line.lstrip("[ ,").startswith('"') and line.rstrip("], ").endswith('"'):
        yield from (text for text in _QUOTED.findall(line) if _WORD.search(text))
    elif call := _CALL.match(line) or _MARKED_CALL.match(line):
        yield _joined_move([call[1], *_arguments(call[2])])
    else:
        yield from (part for part in line.split(";") if _WORD.search(part))


def _moves_in_row(line: str) -> Iterator[str]:
    """Yield the move in a row of a table, without a column of numbers. Skip headings and rules."""
    cells = [c.strip() for c in line.strip("| ").split("|")]
    if _RULE.match(line) or all(c.casefold().strip("*_ ") in _TITLES for c in cells):
        return
    if len(cells) > 1 and re.fullmatch(r"\W*\d{0,3}\W*", cells[0]):
        cells = cells[1:]
    yield _joined_move(cells)


def _joined_move(parts: list[str]) -> str:
    """Join a verb, a thing and a second thing into one line. A lone first part is taken as it is."""
    verb, *things = [p.strip(" \t'\"`*_") for p in parts]
    things = [t for t in things if t.casefold() not in _NONE]
    return f"{verb}: {' -> '.join(things[:2])}" if things else verb


def _arguments(text: str) -> list[str]:
    parts, depth = [""], 0
    for char in text:
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [re.sub(r"^\s*\w{1,12}\s*=\s*", "", part) for part in parts]
