"""Where a quote stands: its ends, its pieces, and how short it may be."""

from __future__ import annotations

import pytest

from escape.judges.replies import SHORTEST, is_quoted_from

ANSWER = "Fill the tube with water. The ball rises to the rim, then take it out. Done."


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("the ball rises", True),
        ("he ball rises", False),  # words, not letters
        ("the ball rise", False),
        ("ball rises", False),  # two words
        ("Done", True),  # a whole sentence
        ("out", False),
        ("fill the tube ... take it out", True),
        ("take it out ... fill the tube", False),
        ("fill the tube [...] the rim", True),
        ("rises to the rim … the rim", False),  # what was used is used
    ],
)
def test_a_quote_is_words_of_the_answer_in_their_order(quote: str, found: bool) -> None:
    assert SHORTEST == 3
    assert is_quoted_from(quote, ANSWER) is found


@pytest.mark.parametrize(
    ("answer", "quote", "other"),
    [
        ("把水倒进管子里,球就会浮上来。然后把它拿出来。", "球就会浮上来", "球就会沉下去"),
        ("管に水を入れると、球が浮きます。それを取り出します。", "球が浮きます", "球が沈みます"),
        ("เติมน้ำลงในหลอด ลูกบอลจะลอยขึ้น แล้วหยิบออก", "ลูกบอลจะลอยขึ้น", "ลูกบอลจะจมลง"),
    ],
)
def test_where_no_spaces_stand_between_words_a_clause_is_quoted_too(answer: str, quote: str, other: str) -> None:
    assert is_quoted_from(quote, answer)
    assert not is_quoted_from(other, answer)
    assert not is_quoted_from(quote[:2], answer)
