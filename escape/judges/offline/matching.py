"""The offline judge's eye for principles and steps: features of how an answer speaks of each, and a fitted decision.

A principle is looked for where something is explained, a step where somebody is told to do something. The weights were
fitted by logistic regression on labelled answers (see weights.toml); a judgement is a weighted sum, nothing else. A
puzzle's own cues, and its own words repeated, decide by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from escape.fields import bare
from escape.judges.offline.clauses import Clause
from escape.judges.offline.speech import denies, rejects
from escape.judges.offline.texts import WEIGHTS, Kin, Texts, Weights, exact, runs, share
from escape.judges.offline.tokens import kin, stem, stems, words


class Sighting(NamedTuple):
    """How an answer speaks of one item: features for the decision, the clause that speaks most of it, and its place."""

    features: tuple[float, ...]
    quote: str
    place: int
    certain: bool


@dataclass(frozen=True)
class Manner:
    """How an answer speaks as a whole, each 0 to 1.

    `theory`: clauses that explain, for each principle; `about`: statements about the puzzle, for each principle; `depth`:
    meaning words of those; `wavering`, `denial`, `formulas`: shares of clauses; `orders`: clauses that tell what to do, for each
    step; `headed`: it has a part for its principles; `mute`: that part only names them, or nothing is explained at all.
    """

    theory: float
    about: float
    depth: float
    wavering: float
    denial: float
    formulas: float
    orders: float
    headed: float
    mute: float


def manner(texts: Texts, parts: Sequence[Clause]) -> Manner:
    """How the answer speaks."""
    told = [p for p in parts if p.section != "items" and p.stems]
    doing = [p for p in told if p.section in ("steps", "prose")]
    principles, steps_ = len(texts.puzzle.physical_principles), len(texts.puzzle.solution.steps)
    full = [p for p in told if p.explains == 1]
    stated = [p for p in told if p.explains]
    about = [p for p in stated if len({s for s in p.stems if kin(s) & texts.vocabulary}) >= 2]
    theory = [p for p in told if p.section == "principles"]
    orders = sum(p.tells and not p.negated and not p.open for p in doing)
    return Manner(
        theory=min(len(full) / principles, 2) / 2,
        about=min(len(about) / principles, 2) / 2,
        depth=min(sum(len(p.stems) for p in stated) / (6 * principles), 2) / 2,
        wavering=min(1.0, 3 * sum(p.open for p in told) / max(3, len(told))),
        denial=sum(p.negated for p in doing) / max(1, len(doing)),
        formulas=sum(p.formula for p in told) / max(1, len(told)),
        orders=min(orders / steps_, 1.5) / 1.5,
        headed=float(bool(theory)),
        mute=float(not full or (bool(theory) and not any(p.explains for p in theory))),
    )


def _said(text: str, cues: Sequence[tuple[str, ...]], part: Clause) -> bool:
    """The item's own words repeated, or one of its cues."""
    if bare(text) in bare(part.text) and (not part.negated or denies(text)) and not part.open:
        return True
    spoken = [stem(w) for w in words(part.text)]
    return not part.negated and not part.open and any(runs(cue, spoken) for cue in cues if cue)


def steps(texts: Texts, parts: Sequence[Clause], how: Manner) -> list[Sighting]:
    """One sighting for each reference step."""
    usable = [p for p in parts if p.section in ("steps", "prose")] or [p for p in parts if p.section != "items"]
    meant = [p for p in usable if not p.negated and not p.open]
    whole: Kin = frozenset().union(*(p.kin for p in meant)) if meant else frozenset()
    every = [texts.weights(s) for s in texts.puzzle.solution.steps]
    overall = sum(share(w, whole) for w in every) / len(every)
    length = min(len(meant) / len(every), 1.5) / 1.5  # a plan tells about as many things as the reference has steps
    found = []
    for step, weights in zip(texts.puzzle.solution.steps, every, strict=True):
        own, place, certain = _step(texts, step, weights, usable)
        features = (*own, share(weights, whole), overall, length, how.wavering, how.denial, how.orders, how.formulas)
        found.append(Sighting(features, usable[place].text if place >= 0 else "", place, certain))
    return found


def _step(texts: Texts, step: str, weights: Weights, parts: Sequence[Clause]) -> tuple[tuple[float, ...], int, bool]:
    """What the clause that speaks most of a step says of it, where it stands, and whether that is beyond doubt."""
    cues, verb = texts.cues(step), next(iter(weights), "")
    best, place, certain = 0.0, -1, False
    pair = same = denied = 0.0
    for i, part in enumerate(parts):
        said = _said(step, cues, part)
        near = share(weights, part.kin)
        if (part.negated or part.open) and not said:
            denied = max(denied, near)
            continue
        terse = part.section == "steps" and not part.explains
        doing = 1.0 if part.tells else 0.9 if terse else 0.5  # an explanation alone carries nothing out
        following = parts[i + 1].kin if i + 1 < len(parts) and not parts[i + 1].negated else frozenset()
        pair = max(pair, share(weights, part.kin | following))
        same = max(same, doing * exact(weights, frozenset(part.stems)))
        if (said and not certain) or (doing * near > best and (said or not certain)):
            best, place, certain = max(best, doing * near), i, certain or said
    chosen = parts[place] if place >= 0 else None
    acted = float(chosen is not None and bool(kin(verb) & chosen.kin))
    return (best, same, pair, denied, acted, float(chosen is not None and not chosen.tells)), place, certain


def principles(texts: Texts, parts: Sequence[Clause], how: Manner, done: float) -> list[Sighting]:
    """One sighting for each principle. `done`: the share of steps that the answer carries out."""
    usable = [p for p in parts if p.section != "items"]
    explained: Kin = frozenset().union(*(p.kin for p in usable if p.explains and not p.open))
    every = [share(texts.idea(p), explained) for p in texts.puzzle.physical_principles]
    overall = sum(every) / len(every)
    return [_principle(texts, p, usable, how, done, overall) for p in texts.puzzle.physical_principles]


def _principle(
    texts: Texts, principle: str, parts: Sequence[Clause], how: Manner, done: float, overall: float
) -> Sighting:
    idea, cues = texts.idea(principle), texts.cues(principle)
    phrases, insights = texts.phrases(principle), texts.insights(principle)
    best, place, certain = -1.0, -1, False
    named = akin = anywhere = insight = 0.0
    heard: set[int] = set()
    for i, part in enumerate(parts):
        near, stems_ = share(idea, part.kin), frozenset(part.stems)
        if rejects(part.text):
            if near > REJECTED:
                return Sighting((0.0,) * (len(WEIGHTS["principles"]) - 1), "", -1, certain=False)
            continue
        anywhere = max(anywhere, near)
        hits = {n for n, phrase in enumerate(phrases) if all(s in stems_ for s in phrase)}
        said = _said(principle, cues, part)
        score = exact(idea, stems_) + 0.5 * near + 0.4 * len(hits) + 0.5 * part.explains
        if part.explains and not part.open:
            heard |= hits
            named = max(named, part.explains * exact(idea, stems_))
            akin = max(akin, part.explains * near)
            insight = max([insight, *(part.explains * share(w, part.kin) for w in insights)])
        if (said and not certain) or (score > best and (said or not certain)):
            best, place, certain = score, i, certain or said
    features = (
        named,
        akin,
        anywhere,
        min(len(heard), 3) / 3,
        insight,
        done,
        overall,
        anywhere * how.theory,
        how.theory,
        how.about,
        how.depth,
        how.wavering,
        how.denial,
        how.formulas,
        how.headed,
        how.mute,
    )
    return Sighting(features, parts[place].text if place >= 0 else "", place, certain)


REJECTED = 0.6  # how much of a principle a clause must say to set it aside: "buoyancy has nothing to do with it"
WORDS_AN_ITEM = 3  # meaning words
ACTED = 4  # the place of "has the step's verb" among the features of a step


def decide(kind: str, sighting: Sighting) -> bool:
    """Whether the item counts as shown. `kind` is "principles" or "steps"."""
    if sighting.certain:
        return True
    bias, *weights = WEIGHTS[kind]
    return sighting.place >= 0 and bias + sum(w * f for w, f in zip(weights, sighting.features, strict=True)) > 0


def places(kind: str, told: Sequence[Sighting]) -> tuple[int, ...]:
    """Where each item that counts is told; -1: nowhere. A clause pays for one item, and for further ones with words
    enough for each or, where they are steps, with their verbs.
    """
    paid: Counter[int] = Counter()
    made = [-1] * len(told)
    for i in sorted(range(len(told)), key=lambda i: -told[i].features[0]):
        own = told[i]
        enough = len(stems(own.quote)) > WORDS_AN_ITEM * paid[own.place]
        acted = kind == "steps" and own.features[ACTED] > 0
        if decide(kind, own) and (own.certain or acted or enough):
            made[i] = own.place
            paid[own.place] += 1
    return tuple(made)


def in_order(places: Sequence[int]) -> set[int]:
    """Indices of the longest run of told steps whose places do not go back; a place below 0 is not told."""
    runs: list[list[int]] = []
    for i, place in enumerate(places):
        if place >= 0:
            before = [run for run in runs if places[run[-1]] <= place]
            longest: list[int] = max(before, key=len) if before else []
            runs.append([*longest, i])
    found: list[int] = max(runs, key=len) if runs else []
    return set(found)
