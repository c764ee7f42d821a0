"""Whether an answer puts a red herring to use or merely names it, clause by clause. Gives quotes, not marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from escape.fields import bare
from escape.judges.offline.clauses import Clause
from escape.judges.offline.speech import asks
from escape.judges.offline.texts import Texts
from escape.judges.offline.tokens import kin_all, stem, stems, words

_DISMISSAL = re.compile(
    r"(?i)\b(?:not|no|never|cannot|neither|nor|none|nothing|without|avoid\w*|\w+n't|instead of|rather than|forget|"
    r"ignor\w+|skip|useless|unnecessary|irrelevant|distract\w*|herrings?|decoys?|decorat\w*|dressing|scenery|props?|"
    r"leave|left|leaving|stays?|remains?|unused|unneeded|pointless|too|far from|no use|of no|aside|alone|excluded?|"
    r"beside the point|fails?|hardly|merely|out of place|dead weight|bait|tempt\w*|waste|lures?|as for|first thought|"
    r"at first|looks? (?:useful|helpful|handy)|mislead\w*|fool|trick|make you think|superfluous|redundant|optional|"
    r"nice to have|does nothing|do nothing|worthless|discard|spare|keep .{0,30} away|put .{0,30} away|reject\w*)\b"
)
_AFTERWARDS = re.compile(
    r"(?:\W+\w+){0,6}?\W+(?:would|could|might|may|only|just|merely|is there|are there|is here|are here)\b"
)
# What somebody else might do with it, or would if: told of, not done.
_SUPPOSED = re.compile(
    r"(?i)\b(?:if (?:one|you|we|i|somebody|someone|anybody|it|they)\b|whoever|anyone who|anybody who|somebody (?:will|may|might|"
    r"could|would)|someone (?:will|may|might|could|would)|one (?:may|might|could) (?:think|hope|believe|want|be tempted)|"
    r"people (?:will|may|might|would)|(?:some|any)(?:one|body) (?:suggest|propos|sa[yi])\w*|you (?:may|might) (?:feel|think|want|hope|be "
    r"tempted)|i hear you|mistakes?|worst|suppose|at first sight|beginners?|you'd think|looks? (?:like|as if|inviting)|sounds like)\b"
)
# The harm it does or what it lacks, told of in the sentence after.
_HARM = re.compile(
    r"(?i)\b(?:too (?:\w+)|(?:far|much|way) (?:less|short|below)|lose|lost|breaks?|snaps?|bursts?|tears?|spoils?|ruins?|spills?|melts? away|"
    r"falls? (?:off|short|apart)|cannot|doesn't|does not|don't|do not|isn't|is not|won't|will not|would|wouldn't|never|nothing|no |"
    r"only|merely|just|fails?|weaker|worse|blocks?|costs?|wastes?|scatters?|swallows?|dead|stuck|wrong|short of)"
)
_POINTING = re.compile(
    r"(?i)^\W*(?:it|its|they|them|their|this|that|these|those|but|however|yet|sure|only|there|here|with it|which|neither|both)\b"
)
_NOT_REQUIRED = re.compile(
    r"(?i)^\W*(?:items? |things? )?(?:not (?:required|needed|used|necessary|useful)|unused|unneeded|unnecessary|ignored?|"
    r"left (?:out|over|behind)|red herrings?|distractors?|distractions?|irrelevant|leave (?:behind|out)|don't need|"
    r"no need|useless|no use|superfluous)\b[^:]*(?::|$)"
)
# What sounds like a dismissal and is none: "without delay", "no doubt", "in the left hand".
_IN_PASSING = re.compile(
    r"(?i)\b(?:without (?:a |any |further )?(?:delay|doubt|hesitation|question|fail|trouble|difficulty|effort|problem|"
    r"haste|hurry|ado|pause|pausing|stopping|waiting|spilling|dropping|breaking|losing|rushing|mercy|warning)|"
    r"no (?:doubt|problem|matter|wonder|question|later than|less than|more than|trouble|hurry|sooner)|not only|nothing but|"
    r"never mind|"
    r"(?:my |your |the |our |a |one )?left[- ](?:hand\w*|side|end|arm|foot|wall|corner|half|edge|pocket|thumb|palm|pan|shelf)|"
    r"(?:on|to|at|in|from) (?:my |your |the |our )?left|leave (?:the|this|that) (?:room|cell|cellar|vault|tower|place|prison)|"
    r"all (?:that )?remains? is|too,?$)(?!\w)"
)
# A material or a look does not name a thing: "plastic-coated wire" is no plastic comb.
_DESCRIBING = frozenset(
    map(
        stem,
        "plastic wooden wood metal metallic brass steel iron copper rubber glass paper cardboard wool woollen cotton "
        "leather stone silver gold aluminium aluminum tin red blue green yellow white black clear big small large little "
        "long short old new thin thick heavy light empty full wet dry hot cold soft hard squishy safety drinking "
        "magnifying kitchen bathroom pocket hand electric digital round flat pair piece bag box bottle jar pack set roll "
        "sheet cup can tube bar bit lump block single spare loose folded broken".split(),
    )
)
_UNIT = frozenset("mm cm m km g kg mg ml cl dl l s min h v w a n pa kpa mpa hz deg x etc inch in ft".split())


def names(texts: Texts, herring: str) -> list[frozenset[str]]:
    """Ways to name a herring, as stems that must stand together.

    Its whole name; its head word (what it is: "carton" of "milk carton", "sand" of "bag of sand"), a telling modifier,
    and words of a bracketed remark, each alone only where nothing else in the puzzle goes by that word.
    """
    whole = bare(herring)
    own = [stem(w) for w in words(whole) if w not in {"of", "the", "a", "an", "with", "for"}]
    puzzle = texts.puzzle
    elsewhere = kin_all(
        s
        for text in (
            *puzzle.solution.steps,
            *puzzle.physical_principles,
            *(i for i in puzzle.setup.available_items if bare(i) != whole),
        )
        for s in stems(bare(text))
    )
    told = stems("\n".join([puzzle.setup.scenario, *puzzle.setup.constraints]))
    elsewhere |= {s for s in own if told.count(s) > _mentions(own, told)}  # "the beam is level" is no bubble level
    remark = herring[herring.find("(") :] if "(" in herring else ""
    noted = [w for w in words(remark) if w.isalpha() and len(w) > 3 and w not in _UNIT]
    alone = [s for s in own if s not in _DESCRIBING] or own[-1:]
    extra = [stem(w) for w in noted if stem(w) not in _DESCRIBING]
    return [frozenset(own), *(frozenset([s]) for s in (*alone, *extra) if s not in elsewhere)]


def _mentions(name: Sequence[str], told: Sequence[str]) -> int:
    """How often a whole name stands in a text."""
    size = len(name)
    return sum(tuple(told[i : i + size]) == tuple(name) for i in range(len(told) - size + 1))


def used(texts: Texts, herring: str, parts: Sequence[Clause]) -> str:
    """The clause in which the herring is used or required without being dismissed, or an empty text."""
    called = names(texts, herring)
    puzzle = texts.puzzle
    reference = {bare(t) for t in (*puzzle.solution.steps, *puzzle.solution.key_insights, *puzzle.physical_principles)}
    unwanted = False
    for i, part in enumerate(parts):
        fresh = i == 0 or part.section != parts[i - 1].section
        unwanted = bool(_NOT_REQUIRED.search(part.text)) or (unwanted and not fresh)
        said = frozenset(stem(w) for w in words(part.text))
        if part.section == "principles" or unwanted or bare(part.text) in reference:
            continue
        if any(name <= said for name in called) and not _dismissed(part, called, parts[i + 1 : i + 3]):
            return part.text
    return ""


def _dismissed(part: Clause, called: Sequence[frozenset[str]], after: Sequence[Clause]) -> bool:
    """Set aside in the same clause, by what it "would" or "only" does, or by what is said of it next."""
    text = _IN_PASSING.sub(" ", part.text.replace("’", "'"))
    if _DISMISSAL.search(text) or _SUPPOSED.search(text) or asks(part.text):
        return True
    for match in re.finditer(r"\w+", text):
        if any(stem(match[0].casefold()) in name for name in called) and _AFTERWARDS.match(text, match.end()):
            return True
    if part.tells and not part.open:  # an order stands, whatever follows, unless it is taken back at once
        return any(re.match(r"(?i)\W*(?:but|however|yet)\b", a.text) and _DISMISSAL.search(a.text) for a in after[:1])
    for later in after:
        again = any(name <= frozenset(map(stem, words(later.text))) for name in called)
        if (again or _POINTING.match(later.text)) and (_DISMISSAL.search(later.text) or _HARM.search(later.text)):
            return True
    return False
