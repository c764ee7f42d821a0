"""The part of a judge's exam that is made afresh at each sitting, so that it cannot be learnt by heart.

Small houses with plans that open their doors or do not, explained by their own laws or by those of other mechanisms:
code knows which is which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from escape.environments import Dice, environment_of
from escape.environments.houses import HouseAttempt, houses, things_of
from escape.types import Puzzle, Trial, Verdict

FRESH, ANSWERS, DOORS = "fresh", 12, 2
_NUMBER = re.compile(r"-> (\d+)$")


@dataclass(frozen=True)
class FreshAnswer:
    """An answer whose truth code knows. `works`: its plan opens the doors; `understood`: its principles are the right
    ones.
    """

    text: str
    works: bool
    understood: bool

    def right(self, verdict: Verdict | None) -> int:
        """How many of the two a judge has told: whether the plan works, and whether the physics is right."""
        if verdict is None:
            return 0
        items = verdict.checklist
        says_works = items.works == "yes" if items and items.works != "undecided" else verdict.scores.sps >= 1.5
        return (says_works == self.works) + (((verdict.scores.pus or 0.0) >= 1) == self.understood)


def generated(seed: str) -> tuple[list[Puzzle], dict[Trial, FreshAnswer]]:
    """Twelve answers, three of each kind, and the puzzles that they answer, as a judge is given them."""
    houses_, dice = houses(f"exam-{seed}", ANSWERS, DOORS), Dice(f"exam {seed}")
    answers: dict[Trial, FreshAnswer] = {}
    for number, house in enumerate(houses_):
        works, understood = number % 2 == 0, number % 4 < 2
        plan = environment_of(house).reference(house)
        if not works:
            plan = next((p for p in _spoilt(house, plan, dice) if not _opens(house, p)), plan[:1])
        other = min((p for p in houses_ if p is not house), key=lambda p: len(_met(p) & _met(house)))
        explained = house if understood else other
        steps = "\n".join(f"{n}. {line}" for n, line in enumerate(plan, 1))
        text = (
            "Physical Principles:\n"
            + "\n".join(
                f"- {line.partition(': ')[2] or line}"
                for line in (*explained.physical_principles, *explained.solution.key_insights)
            )
            + f"\n\nSolution Steps:\n{steps}\n\nRequired Items:\n- what the steps name"
        )
        trial = Trial(problem_id=house.problem_id, player=FRESH, repeat=number + 1)
        answers[trial] = FreshAnswer(text, works, understood)
    return [p.model_copy(update={"house": None}) for p in houses_], answers


def _met(puzzle: Puzzle) -> set[str]:
    """The mechanisms of its doors."""
    return environment_of(puzzle).met(puzzle, DOORS)


def _opens(house: Puzzle, plan: list[str]) -> bool:
    episode = HouseAttempt(house)
    for line in plan:
        episode.do(line)
    return episode.outcome.out


def _spoilt(house: Puzzle, way: list[str], dice: Dice) -> Iterator[list[str]]:
    """The way with one thing wrong in it: another thing, another mark, a line left out."""
    names = [t.name for t in things_of(house)]
    places = dice.shuffled(range(len(way)))
    for n in places:
        for name in names:
            if name in way[n]:
                kind = name.split()[0]
                for other in dice.shuffled([x for x in names if x != name and x.startswith(kind)]):
                    yield [*way[:n], way[n].replace(name, other), *way[n + 1 :]]
        if number := _NUMBER.search(way[n]):
            yield [*way[:n], f"{way[n][: number.start(1)]}{int(number[1]) * 2 + 3}", *way[n + 1 :]]
    for n in places:
        yield way[:n] + way[n + 1 :]
