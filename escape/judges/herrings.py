"""Whether an answer puts a red herring to use or merely names it, clause by clause. Gives quotes, not marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from escape.judges.matching import Texts
from escape.judges.reading import Clause, stems
from escape.schema import bare

_DISMISSAL = re.compile(
    r"(?i)\b(?:not|no|never|cannot|neither|nor|none|nothing|without|avoid\w*|\w+n't|instead of|rather than|forget|"
    r"ignor\w+|skip|useless|unnecessary|irrelevant|distract\w*|herrings?|decoys?|decorat\w*|dressing|leave|left|leaving|"
    r"stays?|remain\w*|unused|unneeded|pointless|too (?:\w+ )?(?:thick|big|small|short|weak|soft|wide|heavy|large|light|"
    r"little|much|stiff|long|thin|hot|cold|few)|far too|no use|of no|aside|alone|only distract|excluded?|beside the point|"
    r"fails?|hardly|out of place|red|dead weight|bait|tempt\w*|would only|could only|waste|lures?)\b"
)
_NOT_REQUIRED = re.compile(
    r"(?i)^\W*(?:items? )?(?:not (?:required|needed|used|necessary|useful)|unused|unneeded|unnecessary|ignored?|left out|"
    r"red herrings?|distractors?|distractions?|irrelevant|leave (?:behind|out)|don't need|no need)\b[^:]*:"
)


def _names(texts: Texts, herring: str) -> list[frozenset[str]]:
    """Ways to name a herring: its whole name, or its telling words alone where nothing else in the puzzle has them."""
    own = stems(bare(herring)) or tuple(bare(herring).split())
    puzzle = texts.puzzle
    elsewhere = Counter(
        s
        for text in (
            *puzzle.solution.steps,
            *puzzle.physical_principles,
            *(i for i in puzzle.setup.available_items if bare(i) != bare(herring)),
        )
        for s in set(stems(bare(text)))
    )
    bracketed = herring[herring.find("(") :] if "(" in herring else ""
    extra = [frozenset([s]) for s in stems(bracketed.replace("etc", "")) if not elsewhere[s]]
    alone = [frozenset([s]) for s in own if not elsewhere[s]]
    return [frozenset(own), *alone, *extra]


def used(texts: Texts, herring: str, parts: Sequence[Clause]) -> str:
    """The clause in which the herring is used or required without being dismissed, or ""."""
    names = _names(texts, herring)
    reference = {
        bare(t)
        for t in (*texts.puzzle.solution.steps, *texts.puzzle.solution.key_insights, *texts.puzzle.physical_principles)
    }
    unwanted = False
    for i, part in enumerate(parts):
        unwanted = bool(_NOT_REQUIRED.search(part.text)) or (unwanted and part.section == parts[i - 1].section)
        if part.section == "principles" or unwanted or bare(part.text) in reference:
            continue
        if not any(name <= set(part.stems) for name in names):
            continue
        if not _DISMISSAL.search(part.text):
            return part.text
    return ""
