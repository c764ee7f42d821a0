"""Answers that people bring from any chat window or program, as CSV, JSONL or pasted text.

Text in, records out.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, ValidationError

from escape.intake import MAX_LINE_LENGTH, decode_utf8, first_fault, parse_jsonl
from escape.types import FileError, LongText, Name, Puzzle, Record, normalized_name, without_surrogates

MAX_ANSWERS = 200_000
MIN_NAMED = 3  # things of another puzzle that an answer must name to seem to belong to it


def _whole(value: object) -> object:
    if isinstance(value, str):
        return without_surrogates(value)
    return "" if value is None else value


class AnswerLine(Record):
    """One imported answer. Files come from other tools, so extra columns are ignored."""

    model_config = ConfigDict(extra="ignore")

    problem_id: Name
    answer: LongText
    player: Annotated[Name, BeforeValidator(_whole)] = ""
    case_id: str | int | None = None  # returned as given


def answers_from(data: bytes, name: str, most: int | None = None) -> list[AnswerLine]:
    """Read imported answers from a file: CSV if its name ends so, else JSONL. Raises FileError.

    `most`: MAX_ANSWERS if None.
    """
    text, most = decode_utf8(data, name), MAX_ANSWERS if most is None else most
    if not name.casefold().endswith(".csv"):
        return answer_lines(text, name, most)
    csv.field_size_limit(MAX_LINE_LENGTH)
    rows = csv.DictReader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")))
    found_rows: list[AnswerLine] = []
    line = 2  # of the file, on which a row begins: an answer may have several
    try:
        if lacking := {"problem_id", "answer"} - set(rows.fieldnames or ()):
            raise FileError(
                f"{name}: no column {sorted(lacking)[0]!r}; the first line must name problem_id, answer, "
                "player"
            )
        for row in itertools.islice(rows, most + 1):
            fields = {k: v for k, v in row.items() if k in AnswerLine.model_fields and isinstance(v, str)}
            found_rows.append(AnswerLine.model_validate(fields))
            line = rows.line_num + 1
    except csv.Error as error:
        raise FileError(f"{name}: not a CSV file ({error}); save it again as CSV, UTF-8") from None
    except ValidationError as error:
        raise FileError(f"{name}: line {line}: {first_fault(error)}") from None
    return _few_enough(found_rows, name, most)


def answer_lines(text: str, name: str = "answers", most: int | None = None) -> list[AnswerLine]:
    """Read imported answers from JSONL. Raises FileError with the line and the remedy."""
    most = MAX_ANSWERS if most is None else most
    lines = parse_jsonl(text, AnswerLine, name, "each line needs problem_id and answer")
    rows = list(itertools.islice(lines, most + 1))
    return _few_enough(rows, name, most)


def _few_enough(rows: list[AnswerLine], name: str, most: int) -> list[AnswerLine]:
    if len(rows) > most:
        raise FileError(f"{name}: more than {most} answers; split it")
    return rows


def _spaced_words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


_WORD = re.compile(r"\w+")


def find_likely_puzzle(answer: str, here: Puzzle, puzzles: Iterable[Puzzle]) -> Puzzle | None:
    """Find the other puzzle that an answer seems to belong to. None if it seems to belong here.

    That is one of which it names at least MIN_NAMED things, and more than twice as many as of `here`.
    """
    spoken = _spaced_words(answer)

    def named(puzzle: Puzzle) -> int:
        things = (*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ()))
        return sum(_spaced_words(normalized_name(thing)) in spoken for thing in things)

    columns = named(here)
    most, _, other = max(((named(p), -i, p) for i, p in enumerate(puzzles)), default=(0, 0, here))
    return other if most >= MIN_NAMED and most > 2 * columns else None
