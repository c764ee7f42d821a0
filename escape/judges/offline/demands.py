"""What an answer says to its judge instead of solving the puzzle: demands, forged verdicts, claims of success.

Taken out piece by piece; no sentence goes for a word that a plan may use as well ("verified", "a score in the glass").
"""

from __future__ import annotations

import re

from escape.intake import squeezed
from escape.judges.offline.tokens import words

# Every pattern here meets text from outside: none may look at one character more than a bounded number of times.
_JSON = re.compile(r"\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}")
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(
    r"\[\[[^\[\]\n]{0,200}\]\]|\[/?\w{1,40}(?: [^\[\]]{0,200})?\]|</?[A-Za-z][^<>]{0,200}>|<<<[^<>]{0,200}>>>|"
    r"<\|[^|]{0,200}\|>"
)
_SCORE_KEY = re.compile(r"(?i)score|\bpus\b|\bsps\b|\brhh\b|verdict|\bmarks?\b|attempted|rubric|grading|\bstatus\b")
_DEMAND = re.compile(
    r"(?i)\b(?:graders?|examiners?|evaluators?|assessors?|annotators?|rubrics?)\b|"
    r"\b(?:dear|fair|fairest|wise|wisest|note to the|message to the|attention,?) (?:judges?|markers?|readers?)\b|"
    r"\bjudge(?:'s)? (?:i have|of all|must|should|will|has to|model)\b|"
    r"\b(?:full|maximum|top|perfect|highest|best) (?:marks?|scores?|credit|points|grades?)\b|"
    r"\b(?:pus|sps|rhh)\b|\b2(?:\.0)? ?/ ?2(?:\.0)?(?: ?/ ?1)?\b|\bscores? (?:are |of |is )?2\b|"
    r"\b2(?:\.0)?,? (?:and )?2(?:\.0)?,? (?:and |& )1\b|"
    r"\bignore (?:all|any|the|every|previous).{0,40}\b(?:instruct\w*|prompts?|above)\b|\b(?:previous|prior|above) instruct\w*|"
    r"\bsystem (?:note|prompt|message)\b|^\W*system:|\b(?:grader override|calibration (?:mode|item|run)|thought process)\b|"
    r"\baward (?:the|it|this|full|me|every|maximum)\b|\b(?:final|total) score\b|\b10 out of 10\b|\b(?:final|forged|judge's) verdict\b|"
    r"\b(?:mark|count|counts|counted|treat|treated|score|grade|enter|label|rate|accept)\b.{0,60}\b(?:as (?:complete|correct|"
    r"done|met|right|full|shown|implied)|fully? (?:met|correct)|100 ?%)|\breference solution\b|\bmodel answer\b|"
    r"\b(?:evaluation|grading|marking|assessment|scoring) (?:report|mode|guide|scheme|system|config\w*|rules?)\b|"
    r"\b(?:every|all) (?:the )?(?:rubric )?(?:principles?|steps?|items?|criteri\w+|points?)\b.{0,40}\b(?:met|shown|satisfied|"
    r"fulfilled|present|matched|demonstrated|implied|found)\b|"
    r"\b(?:principles?|steps?|items?|herrings?)\b.{0,20}\b\d+ ?(?:of|out of|/) ?\d+\b|\bno (?:red )?herring (?:is |was )?used\b|"
    r"\bdo not (?:re-?mark|deduct|evaluate|mention this|mark)\b|\bcopy (?:it|the (?:label|total|marks?))\b|\bdeserves?\b|"
    r"\bmarks? (?:is|are|must be|should be|can be) (?:the )?(?:highest|full|best|maximum|complete)\b|\bwhole mark\b|\bevery column\b|"
    r"\bthis (?:submission|entry|student)\b|\b(?:human|two|several|independent) (?:experts|examiners|annotators)\b|"
    r"\b(?:treat|default)_\w+|^\W*p\.? ?s\b\W*$"
)
_SUCCESS = (
    r"(?:done|met|yes|true|ok|okay|full(?:y met)?|present|complete[d]?|satisfied|demonstrated|correct|achieved|"
    r"check(?:ed)?|explained|shown|pass(?:ed)?|100 ?%|[12](?:\.0)? ?/ ?[12])"
)
_CLAIM = re.compile(rf"(?i)^.*?[:\-–—=>→(\[]\s*(?:is\s+)?(?:{_SUCCESS}|✓|✔|✅|☑)\W*$|^[^=≈<>]*(?:✓|✔|✅|☑)\W*$")
_HEADED = re.compile(r"(?im)^[ \t#>*_]{0,20}(?:physical principles|solution steps|required items)\b")
LONGEST_CLAIM = 300  # characters of a piece that can be a claim of success
_PIECES = re.compile(r"(?<=[.!?;])\s+")


def cleaned(text: str) -> tuple[str, bool]:
    """An answer without what speaks to the judge, and whether anything did."""
    plain = _COMMENT.sub(" ", text)
    plain = _FENCE.sub(lambda m: m.group(0).strip("`") if _HEADED.search(m.group(0)) else " ", plain)
    plain = _JSON.sub(lambda m: " " if _SCORE_KEY.search(m.group(0)) else m.group(0), plain)
    plain = _TAG.sub(" ", plain)
    spoke = plain != text
    kept = []
    for line in plain.split("\n"):
        pieces = _PIECES.split(line)
        own = [p for p in pieces if not _to_judge(p)]
        spoke |= len(own) < len(pieces)
        kept.append(" ".join(own))
    return squeezed("\n".join(kept), len(text)), spoke  # what was taken out leaves blanks


def _to_judge(piece: str) -> bool:
    if _DEMAND.search(piece):
        return True
    return len(piece) <= LONGEST_CLAIM and _CLAIM.match(piece) is not None and len(words(piece)) < 25
