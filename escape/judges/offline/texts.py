"""A puzzle's own words, made ready for the offline judge: stems, weights, cues, what its principles sound like."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from escape.fields import bare
from escape.intake import folded
from escape.judges.offline.clauses import clauses
from escape.judges.offline.lexicon import CONCEPTS
from escape.judges.offline.tokens import kin, kin_all, stem, stems, words
from escape.schema import Puzzle

Kin = frozenset[str | int]
Weights = dict[str, float]

# what decides, by kind of item; fitted on labelled answers, see the file
WEIGHTS: dict[str, list[float]] = {
    name: values
    for name, values in tomllib.loads(Path(__file__).with_name("weights.toml").read_text("utf-8")).items()
    if isinstance(values, list)
}

GENERIC = frozenset(
    map(
        stem,
        "property effect principle law force physics mechanics detection behaviour difference use advantage system "
        "process action relation analysis nature concept physical simple basic".split(),
    )
)


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
    def pieces(self) -> list[set[str]]:
        """The clauses of each step, in their very words."""
        return [{bare(c.text).strip(" .") for c in clauses(folded(s))} for s in self.puzzle.solution.steps]

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

    def idea(self, principle: str) -> Weights:
        """A principle's stems, without those that name no idea ("effect", "law")."""
        every = self.weights(principle)
        return {s: w for s, w in every.items() if s not in GENERIC} or every

    def phrases(self, principle: str) -> list[list[str]]:
        """What an idea sounds like in an answer, as stems."""
        own = set(stems(principle)) - GENERIC or set(stems(principle))
        return [
            [stem(w) for w in phrase.replace("+", " ").split()]
            for names, evidence in CONCEPTS
            if own & {stem(n) for n in names.split()}
            for phrase in evidence.split(",")
        ]

    def insights(self, principle: str) -> list[Weights]:
        """The reference's insights that speak of a principle: by its words or by what the idea sounds like."""
        own = kin_all(stems(principle)) | {s for phrase in self.phrases(principle) for s in phrase}
        return [self.weights(i) for i in self.puzzle.solution.key_insights if own & set(stems(i))]


def share(weights: Weights, found: Kin) -> float:
    """How much of a line stands there, by meaning; 0 to 1."""
    return sum(w for s, w in weights.items() if not found.isdisjoint(kin(s))) / (sum(weights.values()) or 1.0)


def exact(weights: Weights, found: frozenset[str]) -> float:
    """The same by stems alone."""
    return sum(w for s, w in weights.items() if s in found) / (sum(weights.values()) or 1.0)


def runs(cue: Sequence[str], spoken: Sequence[str]) -> bool:
    """Whether a cue's words stand in order with at most two others between."""
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
