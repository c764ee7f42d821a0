"""The number that a prediction says. A wrong reading would end an attempt, so what is open is asked for again."""

from __future__ import annotations

import re
import unicodedata

_PLAIN = r"(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_NUMBER = re.compile(
    rf"(?<![\w.,])([-+−]?{_PLAIN})"
    r"(?:\s?[x×*·]\s?10\s?(?:\^|\*\*)?\s?[{(]?([-+−]?\d{1,2})[)}]?|e([-+]?\d{1,2}))?",
    re.I,
)
_UNIT_WORDS = {
    "A": "amps?|amperes?",
    "s": "secs?|seconds?",
    "C": "c|deg(?:rees?)?(?: c(?:elsius)?)?|celsius",
}
_UNSURE = re.compile(r"(?:±|\+/-)\s*[\d.,]*\d")
_BRACKETS = re.compile(r"(?<!\^)(?<!\^ )\([^()]*\)")  # but for those of an exponent
_BETWEEN = r"(?:\b(?:up )?to\b|\band\b|\bor\b|–|—|-|\.\.)"  # of a range


def predicted(text: str, unit: str) -> float | None:
    """The one number in the text that has the unit, or that stands alone, if need be behind the last `=` or `:`; of
    several with the unit the one behind the last `=`. None for a range, for another
    scale of the unit, and where it is open which one is meant.
    """
    text = _UNSURE.sub(" ", unicodedata.normalize("NFKC", text))  # 10⁻³ is 10 with a small number behind it
    outside = _BRACKETS.sub(" ", text)
    text = outside if re.search(r"\d", outside) else text.strip(" ()")
    has_unit = rf"[\s*_°º]*(?:{re.escape(unit)}|(?i:{_UNIT_WORDS.get(unit, re.escape(unit))}))(?!\w)"

    def in_the_unit(part: str) -> set[float]:
        return {_value(m) for m in _NUMBER.finditer(part) if re.match(has_unit, part[m.end() :])}

    result, last = text.rpartition("=")[2], re.split("[=:]", text)[-1]
    if re.search(rf"{_PLAIN}(?:{has_unit})?\s*{_BETWEEN}\s*{_PLAIN}(?:{has_unit}|\s*$)", result):
        return None
    numbers = list(_NUMBER.finditer(last))
    scaled = rf"\s?[mkcdnuµμM]{re.escape(unit)}\b"  # as milliamperes are
    alone = {_value(m) for m in numbers if len(numbers) == 1 and not re.match(scaled, last[m.end() :])}
    said = in_the_unit(result)
    if len(said) != 1:
        said = in_the_unit(text) | alone
    return said.pop() if len(said) == 1 else None


def _value(match: re.Match[str]) -> float:
    plain = match[1].replace(",", ".").replace("−", "-")
    return float(f"{plain}e{(match[2] or match[3] or '0').replace('−', '-')}")
