"""The offline judge's eye for principles and steps: features of how an answer speaks of each, and a fitted decision.

The weights were fitted by logistic regression on labelled answers (see weights.toml); a judgement is a weighted sum of
word overlaps, nothing else. A puzzle's own cues, and its own words repeated, decide by themselves.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from escape.fields import bare
from escape.judges.offline.clauses import Clause, kin, kin_all, stem, stems, words
from escape.judges.offline.lexicon import CONCEPTS
from escape.schema import Puzzle

Kin = frozenset[str | int]

GENERIC = frozenset(
    map(
        stem,
        "property effect principle law force physics mechanics detection behaviour difference use advantage system "
        "process action relation analysis nature concept physical simple basic".split(),
    )
)
_WEIGHTS: dict[str, list[float]] = {
    name: values
    for name, values in tomllib.loads(Path(__file__).with_name("weights.toml").read_text("utf-8")).items()
    if isinstance(values, list)
}


class Sighting(NamedTuple):
    """How an answer speaks of one item: features for the decision, the clause that speaks most of it, and its place."""

    features: tuple[float, ...]
    quote: str
    place: int
    certain: bool


class Texts:
    """A puzzle's own words, made ready once."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle = puzzle

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Stems of what the player was told, in order."""
        setup = self.puzzle.setup
        return stems("\n".join([setup.scenario, *setup.available_items, *setup.constraints]))

    @cached_property
    def vocabulary(self) -> Kin:
        """Kin of everything that belongs to this puzzle, the reference included."""
        solution = self.puzzle.solution
        own = [*self.puzzle.physical_principles, *solution.steps, *solution.key_insights]
        return kin_all(self.given) | kin_all(
            s for text in (*own, *self.puzzle.accepted_alternatives) for s in stems(text)
        )

    @cached_property
    def items(self) -> frozenset[str]:
        """Stems of the items' names."""
        return frozenset(s for item in self.puzzle.setup.available_items for s in stems(bare(item)))

    @cached_property
    def commonness(self) -> Counter[str]:
        """In how many of the puzzle's own lines a stem stands: what stands in all of them tells little."""
        puzzle = self.puzzle
        lines = (*puzzle.solution.steps, *puzzle.physical_principles, *puzzle.setup.available_items)
        return Counter(s for line in lines for s in set(stems(line)))

    def weights(self, text: str) -> dict[str, float]:
        """A line's stems, rarer ones heavier."""
        own = dict.fromkeys(stems(text) or tuple(stem(w) for w in words(text)))
        return {s: 1 / (1 + self.commonness[s]) ** 0.5 for s in own}

    def cues(self, text: str) -> list[tuple[str, ...]]:
        """The author's cues for a principle or step, each as the stems of all its words."""
        return [tuple(map(stem, words(c))) for c in self.puzzle.cues.get(text, ())]


def _share(weights: dict[str, float], found: Kin) -> float:
    return sum(w for s, w in weights.items() if kin(s) & found) / (sum(weights.values()) or 1.0)


def _exact(weights: dict[str, float], found: frozenset[str]) -> float:
    return sum(w for s, w in weights.items() if s in found) / (sum(weights.values()) or 1.0)


def _said(text: str, cues: Sequence[tuple[str, ...]], part: Clause) -> bool:
    """The item's own words repeated, or one of its cues: its words in order with at most two others between."""
    if bare(text) in bare(part.text):
        return True
    spoken = [stem(w) for w in words(part.text)]
    return not part.negated and any(_runs(cue, spoken) for cue in cues if cue)


def _runs(cue: tuple[str, ...], spoken: Sequence[str]) -> bool:
    for start, word in enumerate(spoken):
        place = start
        if word == cue[0]:
            for wanted in cue[1:]:
                near = spoken[place + 1 : place + 4]
                if wanted not in near:
                    break
                place += 1 + near.index(wanted)
            else:
                return True
    return False


def steps(texts: Texts, parts: Sequence[Clause]) -> list[Sighting]:
    """One sighting for each reference step."""
    usable = [p for p in parts if p.section in ("steps", "prose")] or [p for p in parts if p.section != "items"]
    whole = frozenset().union(*(p.kin for p in usable)) if usable else frozenset()
    every = [texts.weights(s) for s in texts.puzzle.solution.steps]
    overall = sum(_share(w, whole) for w in every) / len(every)
    length = min(len(usable) / len(every), 1.5) / 1.5  # a plan tells about as many things as the reference has steps
    return [
        _step(texts, step, weights, usable, whole, overall, length)
        for step, weights in zip(texts.puzzle.solution.steps, every, strict=True)
    ]


def _step(
    texts: Texts,
    step: str,
    weights: dict[str, float],
    parts: Sequence[Clause],
    whole: Kin,
    overall: float,
    length: float,
) -> Sighting:
    cues = texts.cues(step)
    verb = next(iter(weights), "")
    best, place, certain, pair, exact = -1.0, -1, False, 0.0, 0.0
    for i, part in enumerate(parts):
        said = _said(step, cues, part)
        share = _share(weights, part.kin) - (0.3 if part.negated and not said else 0.0)
        after = parts[i + 1].kin if i + 1 < len(parts) else frozenset()
        pair = max(pair, _share(weights, part.kin | after))
        exact = max(exact, _exact(weights, frozenset(part.stems)))
        if (said and not certain) or (share > best and (said or not certain)):
            best, place, certain = share, i, certain or said
    chosen = parts[place] if place >= 0 else None
    features = (
        max(best, 0.0),
        exact,
        pair,
        _share(weights, whole),
        float(chosen is not None and bool(kin(verb) & chosen.kin)),
        float(chosen is not None and chosen.negated),
        overall,
        length,
    )
    return Sighting(features, chosen.text if chosen else "", place, certain)


def principles(texts: Texts, parts: Sequence[Clause], step_overall: float) -> list[Sighting]:
    """One sighting for each principle."""
    usable = [p for p in parts if p.section != "items"]
    return [_principle(texts, p, usable, step_overall) for p in texts.puzzle.physical_principles]


def _principle(texts: Texts, principle: str, parts: Sequence[Clause], step_overall: float) -> Sighting:
    weights = {s: w for s, w in texts.weights(principle).items() if s not in GENERIC} or texts.weights(principle)
    cues, phrases = texts.cues(principle), _phrases(principle)
    insights = [texts.weights(i) for i in _insights(texts, principle)]
    best, place, certain = -1.0, -1, False
    named = akin = insight = 0.0
    heard: set[int] = set()
    for i, part in enumerate(parts):
        exact = frozenset(part.stems)
        hits = {n for n, phrase in enumerate(phrases) if all(s in exact for s in phrase)}
        heard |= hits
        name, near = _exact(weights, exact), _share(weights, part.kin)
        named, akin = max(named, name), max(akin, near)
        insight = max([insight, *(_share(w, part.kin) for w in insights)])
        said = _said(principle, cues, part)
        score = name + 0.5 * near + 0.4 * len(hits) + (0.3 if part.section == "principles" else 0.0)
        if (said and not certain) or (score > best and (said or not certain)):
            best, place, certain = score, i, certain or said
    quote = parts[place].text if place >= 0 else ""
    in_theory = [p for p in parts if p.section == "principles"]
    spoken = frozenset(s for p in in_theory for s in p.stems)
    features = (
        named,
        akin,
        min(len(heard), 4) / 4,
        float(bool(heard)),
        insight,
        _exact(weights, spoken),
        float(bool(in_theory)),
        step_overall,
    )
    return Sighting(features, quote, place, certain)


def _phrases(principle: str) -> list[list[str]]:
    """What the idea sounds like in an answer, as stems."""
    own = set(stems(principle)) - GENERIC or set(stems(principle))
    return [
        [stem(w) for w in phrase.replace("+", " ").split()]
        for names, evidence in CONCEPTS
        if own & {stem(n) for n in names.split()}
        for phrase in evidence.split(",")
    ]


def _insights(texts: Texts, principle: str) -> list[str]:
    """The reference's insights that speak of a principle: by its words or by what the idea sounds like."""
    own = kin_all(stems(principle)) | {s for phrase in _phrases(principle) for s in phrase}
    return [i for i in texts.puzzle.solution.key_insights if own & set(stems(i))]


def decide(kind: str, sighting: Sighting) -> bool:
    """Whether the item counts as shown. `kind` is "principles" or "steps"."""
    if sighting.certain:
        return True
    bias, *weights = _WEIGHTS[kind]
    return sighting.place >= 0 and bias + sum(w * f for w, f in zip(weights, sighting.features, strict=True)) > 0


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
