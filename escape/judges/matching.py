"""The offline judge's eye for principles and steps: which words of an answer show them. Gives quotes, not marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from escape.judges.lexicon import CONCEPTS
from escape.judges.reading import Clause, kin, stem, stems, words
from escape.schema import Puzzle, bare

STEP_SHARE = 0.55  # of a step's weight that one or two neighbouring clauses must carry
NAME_SHARE = 0.66  # of a principle's own words
GENERIC = frozenset(
    map(
        stem,
        [
            "property",
            "properties",
            "effect",
            "principle",
            "law",
            "force",
            "forces",
            "physics",
            "mechanics",
            "detection",
            "behaviour",
            "difference",
            "differences",
            "use",
            "advantage",
            "system",
            "process",
            "action",
            "relation",
            "analysis",
            "nature",
            "concept",
            "physical",
            "simple",
            "basic",
        ],
    )
)

Kin = frozenset[str | int]


class Texts:
    """A puzzle's own words, made ready once."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle = puzzle

    @cached_property
    def given(self) -> str:
        """What the player was told, as one text."""
        setup = self.puzzle.setup
        return "\n".join([setup.scenario, *setup.available_items, *setup.constraints])

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Stems of everything that belongs to this puzzle, the reference included."""
        solution = self.puzzle.solution
        whole = [
            self.given,
            *self.puzzle.physical_principles,
            *solution.steps,
            *solution.key_insights,
            *self.puzzle.accepted_alternatives,
        ]
        return frozenset(s for text in whole for s in stems(text))

    @cached_property
    def items(self) -> frozenset[str]:
        """Stems of the items' names."""
        return frozenset(s for item in self.puzzle.setup.available_items for s in stems(bare(item)))

    @cached_property
    def steps(self) -> list[dict[str, float]]:
        """For each step its stems with weights: a word that every step has tells little."""
        all_stems = [list(dict.fromkeys(step_stems(s))) for s in self.puzzle.solution.steps]
        common = Counter(s for step in all_stems for s in step)
        return [{s: 1 / common[s] ** 0.5 for s in step} for step in all_stems]

    def cues(self, text: str) -> list[Kin]:
        """The author's cues for a principle, step or herring, each as the kin its words need."""
        return [frozenset(stems(c)) for c in self.puzzle.cues.get(text, ()) if stems(c)]


def step_stems(step: str) -> tuple[str, ...]:
    """A step's meaning stems; where everything is filler, all of its words."""
    return stems(step) or tuple(stem(w) for w in words(step))


def _holds(clause_kin: Kin, stems_: Sequence[str] | frozenset[str]) -> bool:
    return all(kin(s) & clause_kin for s in stems_)


def _concept_phrases(principle: str) -> list[list[str]]:
    own = set(stems(principle)) - GENERIC or set(stems(principle))
    phrases: list[list[str]] = []
    for names, evidence in CONCEPTS:
        if own & {stem(n) for n in names.split()}:
            phrases += [[stem(w) for w in p.replace("+", " ").split()] for p in evidence.split(",")]
    return phrases


def principle_quote(texts: Texts, principle: str, parts: Sequence[Clause]) -> str:
    """The first clause that shows a principle, or "": its own words, its cues, or what the idea sounds like."""
    own = [s for s in dict.fromkeys(stems(principle)) if s not in GENERIC] or list(step_stems(principle))
    cues = texts.cues(principle)
    phrases = _concept_phrases(principle)
    best, quote = 0.0, ""
    for part in parts:
        if part.section == "items":
            continue
        exact = set(part.stems)
        named = sum(s in exact for s in own) / len(own)
        cued = any(c <= exact for c in cues)
        hits = sum(all(s in exact for s in phrase) for phrase in phrases)
        score = max(
            named,
            1.0 if cued else 0.0,
            min(1.0, 0.5 * hits + (0.5 if part.section == "principles" else 0.0) if hits else 0.0),
        )
        if score > best:
            best, quote = score, part.text
    return quote if best >= NAME_SHARE else ""


def step_quotes(texts: Texts, parts: Sequence[Clause]) -> list[str]:
    """For each step the words that carry it out, or ""; steps told in the wrong order do not count as carried out."""
    usable = [p for p in parts if p.section in ("steps", "prose")] or [p for p in parts if p.section != "items"]
    told = [_best(texts, i, usable) for i in range(len(texts.steps))]
    kept = _in_order([place for place, _ in told])
    return [quote if i in kept else "" for i, (_, quote) in enumerate(told)]


def _best(texts: Texts, index: int, parts: Sequence[Clause]) -> tuple[int, str]:
    step = texts.puzzle.solution.steps[index]
    weights = texts.steps[index]
    cues = texts.cues(step)
    best: tuple[float, int, str] = (0.0, -1, "")
    for i, part in enumerate(parts):
        if part.negated and bare(step) not in bare(part.text):
            continue
        window = part.kin | (parts[i + 1].kin if i + 1 < len(parts) and not parts[i + 1].negated else frozenset())
        share = max(_share(weights, part.kin), 0.9 * _share(weights, window))
        if bare(step) in bare(part.text) or any(c <= set(part.stems) for c in cues):
            share = 2.0
        if share > best[0] + 1e-9:
            best = (share, i, part.text)
    return (best[1], best[2]) if best[0] >= STEP_SHARE else (-1, "")


def _share(weights: dict[str, float], found: Kin) -> float:
    return sum(w for s, w in weights.items() if kin(s) & found) / sum(weights.values())


def _in_order(places: Sequence[int]) -> set[int]:
    """Indices of the longest run of told steps whose places do not go back."""
    best: list[list[int]] = []
    for i, place in enumerate(places):
        if place >= 0:
            before = [run for run in best if places[run[-1]] <= place]
            longest: list[int] = max(before, key=len) if before else []
            best.append([*longest, i])
    found: list[int] = max(best, key=len) if best else []
    return set(found)
