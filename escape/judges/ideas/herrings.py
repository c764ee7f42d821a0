"""Whether an answer puts a red herring to use or merely names it, clause by clause."""

from __future__ import annotations

from collections.abc import Sequence

from escape.judges.ideas.clauses import Clause
from escape.judges.ideas.own import PuzzleWords
from escape.judges.ideas.words import DISMISSES, IN_PASSING, POINTS, SUPPOSES, stem, words
from escape.types import normalized_name


def used(own: PuzzleWords, herring: str, parts: Sequence[Clause]) -> str:
    """The clause in which a herring is used or required without being dismissed, or an empty text."""
    p, names_, unwanted = own.puzzle, own.names(herring), False
    reference = {normalized_name(t) for t in (*p.solution.steps, *p.solution.key_insights, *p.physical_principles)}
    for i, part in enumerate(parts):
        fresh = i == 0 or part.section != parts[i - 1].section
        head = words(part.text.partition(":")[0])
        unwanted = (":" in part.text and head in DISMISSES) or (unwanted and not fresh)
        if part.section == "principles" or unwanted or normalized_name(part.text) in reference:
            continue
        if any(name <= {stem(w) for w in part.said} for name in names_) and not _dismissed(
            part, names_, parts[i + 1 : i + 3]
        ):
            return part.text
    return ""


def _dismissed(part: Clause, names_: Sequence[frozenset[str]], after: Sequence[Clause]) -> bool:
    """Set aside in the same clause, or by what is said of it next; an instruction counts unless the next clause
    withdraws it.
    """
    words_ = IN_PASSING.without(part.said)
    if words_ in DISMISSES or words_ in SUPPOSES or part.text.rstrip(" )\"'*_").endswith("?"):
        return True
    for later in after[:1] if part.tells and not part.open else after:
        again = any(name <= {stem(w) for w in later.said} for name in names_) and not part.tells
        if (again or later.said[:1] in POINTS) and later.said in DISMISSES:
            return True
    return False
