"""A puzzle's vocabulary, computed once: its words, their weights, and phrases that express its principles."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from escape.intake import folded
from escape.judges.ideas.clauses import clauses
from escape.judges.ideas.words import (
    DESCRIBING,
    GENERIC,
    IDEAS,
    Synonyms,
    stem,
    stems,
    synonyms,
    synonyms_of_all,
    words,
)
from escape.types import Puzzle, normalized_name

Weights = dict[str, float]


class PuzzleWords:
    """See above."""

    def __init__(self, puzzle: Puzzle) -> None:
        self.puzzle = puzzle

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Stems of what the player was told, in order."""
        setup = self.puzzle.setup
        return stems("\n".join([setup.scenario, *setup.available_items, *setup.constraints]))

    @cached_property
    def vocabulary(self) -> Synonyms:
        """Kin of everything that belongs to this puzzle, the reference included."""
        p = self.puzzle
        lines = (*p.physical_principles, *p.solution.steps, *p.solution.key_insights, *p.accepted_alternatives)
        return synonyms_of_all(self.given) | synonyms_of_all(s for line in lines for s in stems(line))

    @cached_property
    def _commonness(self) -> Counter[str]:
        p = self.puzzle
        lines = (*p.solution.steps, *p.physical_principles, *p.setup.available_items)
        return Counter(s for line in lines for s in set(stems(line)))

    def weights(self, line: str) -> Weights:
        """A line's stems, rarer ones heavier: what stands in every line of a puzzle tells little."""
        own = dict.fromkeys(stems(line) or tuple(stem(w) for w in words(line)))
        return {s: 1 / (1 + self._commonness[s]) ** 0.5 for s in own}

    def idea(self, principle: str) -> Weights:
        """A principle's stems, without those that name no idea ("effect", "law")."""
        every = self.weights(principle)
        return {s: w for s, w in every.items() if s not in GENERIC} or every

    def phrases(self, principle: str) -> list[frozenset[str]]:
        """What a principle sounds like in an answer: stems that stand together in a clause."""
        own = set(self.idea(principle))
        return [phrase for names, phrases in IDEAS if own & names for phrase in phrases]

    def cues(self, line: str) -> list[set[str]]:
        """The author's cues for a line, each as stems that stand together."""
        return [{stem(w) for w in words(cue)} for cue in self.puzzle.cues.get(line, ())]

    @cached_property
    def pieces(self) -> list[frozenset[str]]:
        """The clauses of each reference step, in their very words."""
        steps = self.puzzle.solution.steps
        return [frozenset(normalized_name(c.text).strip(" .") for c in clauses(folded(s))) for s in steps]

    def names(self, herring: str) -> list[frozenset[str]]:
        """Ways to name a herring, as stems that stand together: its whole name, and each word of it, a bracketed remark
        included, by which nothing else in the puzzle goes.
        """
        p, name = self.puzzle, normalized_name(herring)
        own = [stem(w) for w in words(name) if w not in {"of", "the", "a", "an", "with", "for"}]
        others = (
            *p.solution.steps,
            *p.physical_principles,
            *(i for i in p.setup.available_items if normalized_name(i) != name),
        )
        taken = synonyms_of_all(s for line in others for s in stems(normalized_name(line)))
        word_stems = stems("\n".join([p.setup.scenario, *p.setup.constraints]))
        times = sum(word_stems[i : i + len(own)] == tuple(own) for i in range(len(word_stems)))
        remark = [stem(w) for w in words(herring[len(herring.partition("(")[0]) :]) if w.isalpha() and len(w) > 3]
        alone = [
            s
            for s in (*own, *remark)
            if s not in DESCRIBING and s not in taken and word_stems.count(s) <= max(times, 1)
        ]
        return [frozenset(own), *(frozenset([s]) for s in alone)]


def share(weights: Weights, synonyms_: Synonyms) -> float:
    """How much of a line is spoken of, by meaning, 0 to 1."""
    return sum(w for s, w in weights.items() if not synonyms_.isdisjoint(synonyms(s))) / (sum(weights.values()) or 1.0)
