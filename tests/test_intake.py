"""Text from outside: linear time whatever it repeats, and letters that look like others hide nothing."""

import json
import time
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from escape import intake, prompts
from escape.judges.replies import find_json, is_quoted_from
from escape.results import csv
from escape.runs.file import AnswerLine
from escape.types import FileError, NotJudged, Puzzle, Verdict, normalized_name, redact, scrub
from escape.ui import text

# What a pattern can be made to look at again and again: each is repeated until the text is long enough.
PIECES = (
    "\n",
    " ",
    "\t",
    "\n ",
    "\r\n",
    "\xa0",
    "\u2028",
    "\x0b",
    "\u200b",
    "#",
    "*",
    ":",
    ";",
    "=",
    "(",
    ")",
    "{",
    "}",
    "[",
    "[a ",
    "[[",
    "<",
    "<a",
    "<<<",
    "<|",
    "<!--",
    "```",
    ":✓",
    "✓",
    " - ",
    "->",
    "→ ",
    '"',
    '\\"',
    "'",
    "\\",
    "|",
    "@",
    "-",
    "_",
    "cube ",
    "the ",
    ". ",
    "! ",
    "a, ",
    "not ",
    "all ",
    "without ",
    "ice cube would ",
    "steps\n",
    "plan: done\n",
    "1. ",
    "* ",
    "é",
    "се ",
    "ﬃ",
    "ﷺ",
    "😀",
    "x",
    "sk-",
    "key-",
    "bearer ",
    '{"a":{}} ',
    '{"a":',
    "System: ",
    "\ud800",
    "<think>",
)

LOOKERS: dict[str, Callable[[str], object]] = {
    "a CSV cell": csv.safe_cell,
    "an item's bare name": normalized_name,
    "JSON in a reply": lambda t: _or_refused(lambda: find_json(t)),
    "a quote in an answer": lambda t: is_quoted_from("pour the water ... into it", t),
    "an answer with its marks": lambda t: text.with_quotes_marked(
        t, {1: "pour the water", 2: t[:900], 3: t[:900] + "!"}
    ),
    "an answer within a prompt": lambda t: prompts.neutralize(t, "=" * 20),
    "a message without keys": lambda t: scrub(t, "sk-secret-0123456789"),
    "a text without a key": lambda t: redact(t, "sk-secret-0123456789"),
    "nesting": lambda t: intake.exceeds_depth(t.encode("utf-8", "replace"), 60),
    "halves of pairs": intake.replace_lone_surrogates,
    "look-alikes": intake.folded,
    "lines of records": lambda t: _or_refused(lambda: list(intake.parse_jsonl(t, Puzzle, "x", "y"))),
}


def _or_refused(act: Callable[[], object]) -> object:
    try:
        return act()
    except (NotJudged, FileError):
        return None


def took(look: Callable[[str], object], piece: str, length: int) -> float:
    given = (piece * (length // len(piece) + 1))[:length]
    began = time.thread_time()  # this thread's own work: how busy the machine is does not count
    look(given)
    return time.thread_time() - began


@pytest.mark.parametrize("name", LOOKERS)
@pytest.mark.proof
def test_no_text_is_looked_through_in_more_than_linear_time(name: str) -> None:
    look = LOOKERS[name]
    slow = []
    for piece in PIECES:
        short = max(took(look, piece, 5_000), 0.004)  # below this, chance is larger than growth
        if min(took(look, piece, 20_000) for _ in range(3)) > 8 * short:  # by squares it would be 16
            slow.append(piece)
    assert slow == []


def _each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda name: "".join(map(change, name))


LATIN, CYRILLIC = "aceopxyijs", "асеорхуіјѕ"
DISGUISES: dict[str, Callable[[str], str]] = {
    "none": lambda name: name,
    "zero-width spaces": lambda name: "\u200b".join(name),
    "soft hyphens": lambda name: "\u00ad".join(name),
    "word joiners": lambda name: "\u2060".join(name),
    "full-width letters": _each(lambda c: chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c),
    "combining marks": _each(lambda c: c + "\u0301" if c.isalpha() else c),
    "Cyrillic letters": lambda name: name.translate(str.maketrans(LATIN, CYRILLIC)),
    "capital letters": str.upper,
    "no-break spaces": lambda name: name.replace(" ", "\u00a0"),
}
SENTENCES = (
    "Then use the {} as well, the plan needs it.",
    "Without delay, put the {} to work.",
    "No doubt the {} does the rest, so push it in.",
    "Hold the {} in the left hand and press.",
    "Leave the room with the help of the {}.",
)


def test_real_words_of_another_script_stay_themselves() -> None:
    assert intake.folded("привет, café ½ m²") == "привет, cafe ½ m²"
    assert json.loads(intake.replace_lone_surrogates('"\\ud83d\\ude00 \\ud83d"')) == "😀 \ufffd"


def test_empty_lines_between_records_are_passed_over() -> None:
    line = '{"problem_id": "P", "answer": "a"}'
    made = list(intake.parse_jsonl(f"{line}\n\n  \n{line}\n", AnswerLine, "x", "y"))
    assert len(made) == 2
    with pytest.raises(FileError, match="line 3"):
        list(intake.parse_jsonl(f"{line}\n\n{{", AnswerLine, "x", "y"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xff{}", "is not UTF-8"),
        (b'{"a": 1, "a": 2}', "appears twice"),
        (b"[" * 61 + b"]" * 61, "nested too deeply"),
        (b'{"a": 1,}', "is not JSON"),
    ],
)
def test_json_that_cannot_be_read_says_why(text: bytes, why: str) -> None:
    with pytest.raises(intake.NotJsonError) as caught:
        intake.read_json(text)
    assert why in caught.value.why


def test_json_is_read_with_a_byte_order_mark_and_to_its_full_depth() -> None:
    assert intake.read_json(b"\xef\xbb\xbf{}") == {}
    assert intake.read_json(b"[" * 60 + b"]" * 60)
    assert not intake.exceeds_depth(b'{"a": "[[[["}', 1)
    assert intake.exceeds_depth(b"[[", 1)


def test_capital_letters_of_other_scripts_are_seen_through_too() -> None:
    assert intake.folded("\u0410\u0421\u0415 bucket") == "ace bucket"
    assert intake.folded("m\u0410gnet") == "magnet"
    assert intake.folded("\u0391bc").isascii()


def test_json_with_too_many_values_is_refused_before_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_VALUES", 8)
    assert intake.read_json("[1, 2, 3, 4]") == [1, 2, 3, 4]
    assert intake.read_json('"long but a single value"') == "long but a single value"
    # seven commas and a bracket
    assert intake.read_json("[1, 2, 3, 4, 5, 6, 7, 8]") == [1, 2, 3, 4, 5, 6, 7, 8]
    with pytest.raises(intake.NotJsonError, match="more than 8 values; split it"):
        intake.read_json("[1, 2, 3, 4, 5, 6, 7, 8, 9]")
    for many in ("[1, 2, 3, 4, 5, 6, 7, 8, 9]", b"[1, 2, 3, 4, 5, 6, 7, 8, 9]"):
        with pytest.raises(intake.NotJsonError, match="more than 8 values"):
            intake.validated(Puzzle, many)
    with pytest.raises(ValidationError):
        intake.validated(Puzzle, '{"problem_id": "no more than one value"}')


def test_depth_counts_what_is_open_and_not_what_was() -> None:
    assert not intake.exceeds_depth(b"[[]][[]][[]]", 2)
    assert intake.exceeds_depth(b"[[[", 2)
    assert not intake.exceeds_depth(b'{"a": "[[[["}', 2)
    with pytest.raises(intake.NotJsonError, match="nested too deeply"):
        intake.read_json("[" * 4 + "]" * 4, levels=3)
    assert intake.read_json("[" * 3 + "]" * 3, levels=3) == [[[]]]


def test_a_key_that_stands_twice_is_the_one_that_is_named() -> None:
    with pytest.raises(intake.NotJsonError) as caught:
        intake.read_json('{"a": 1, "b": 2, "c": 3, "b": 4}')
    assert caught.value.twice == "b"


def test_a_fault_names_its_field_and_shows_nothing_of_what_was_given() -> None:
    with pytest.raises(ValidationError) as caught:
        Puzzle.model_validate({"problem_id": 5, "setup": "secret"})
    assert intake.first_fault(caught.value).startswith("problem_id: ")
    with pytest.raises(intake.NotJsonError, match=r"is not JSON \("):
        intake.validated(Puzzle, "{no json")


def test_half_a_pair_costs_no_record() -> None:
    kept = intake.validated(Verdict, '{"judge": "a\\ud800", "scores": {"pus": 1, "sps": 1, "rhh": null}}')
    assert kept.judge == "a�"
    assert intake.replace_lone_surrogates('"\\ud83d\\ude00 \\ud83d"') == '"\\ud83d\\ude00 \\ufffd"'


def test_look_alikes_are_read_only_in_words_that_become_latin() -> None:
    assert intake.folded("ісе") == "ice"
    assert intake.folded("ісе cube и лёд").endswith("и лед")
    text, origin = intake.normalized_with_origin("aﬃb")
    assert (text, list(origin)) == ("affib", [0, 1, 1, 1, 2])
    assert list(intake.normalized_with_origin("plain")[1]) == []


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("localhost:8080", "http://localhost:8080/v1"),
        (" 192.168.0.7 ", "http://192.168.0.7/v1"),
        ("llm.school.example", "https://llm.school.example/v1"),  # a key goes to a public name by HTTPS only
        ("llm.school.example:8443", "https://llm.school.example:8443/v1"),
        ("192.168.0.7:8080/v1", "http://192.168.0.7:8080/v1"),
        ("workstation.local:8080", "http://workstation.local:8080/v1"),
        ("llm.school.example/api/v2/", "https://llm.school.example/api/v2"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("https://x.example/", "https://x.example/v1"),
        ("https://llm.school.example", "https://llm.school.example/v1"),
        ("", ""),
    ],
)
def test_an_address_is_made_whole_when_its_field_is_left(typed: str, asked: str) -> None:
    assert intake.whole_address(typed) == asked


def test_a_record_ends_with_its_line_and_not_at_a_separator_in_its_text() -> None:
    text = '{"problem_id": "P", "answer": "one\u2028two\x85three"}\n{"problem_id": "Q", "answer": "x"}'
    assert [r.problem_id for r in intake.parse_jsonl(text, AnswerLine, "a.jsonl", "y")] == ["P", "Q"]


def test_text_in_another_encoding_is_refused_and_a_few_bad_bytes_are_not() -> None:
    assert intake.decode_utf8(b"\xef\xbb\xbfa\xffb\xffc\xff", "a.csv") == "a\ufffdb\ufffdc\ufffd"
    for data in ("problem_id,answer".encode("utf-16"), b"\xffa\xffb\xffc\xff"):
        with pytest.raises(FileError, match=r"a\.csv: this is not UTF-8 text"):
            intake.decode_utf8(data, "a.csv")
