"""The scenes of a class's board: which there are, in what order, and where a class is among them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from escape.classes.rounds import Round, RoundKind

SceneName = Literal[
    "join",
    "task",
    "count",
    "result",
    "differ",
    "draws",
    "word",
    "metric",
    "weights",
    "rooms",
    "film",
    "clause",
    "home",
]


class Place(NamedTuple):
    """Where a class's board is: a scene, the number of the round that it is about, and how far the scene has
    gone.

    A scene with several steps (draws, the moves of a plan, clauses) goes from 1 to their number.
    """

    name: SceneName
    number: int
    at: int = 1

    def __str__(self) -> str:
        return f"{self.name}.{self.number}.{self.at}"


def read_place(stored: str) -> Place | None:
    """Return a place as `str` wrote it. None for anything else."""
    name, _, rest = stored.partition(".")
    number, _, at = rest.partition(".")
    if name not in get_args(SceneName) or not (number.isdecimal() and at.isdecimal()):
        return None
    return Place(_scene(name), int(number), max(1, int(at)))


class Step(NamedTuple):
    """A round that a lesson plans."""

    kind: RoundKind
    checklist: bool = False


class Act(NamedTuple):
    """A round of a class, planned or `held`, under the number that it has or will have."""

    number: int
    step: Step
    held: Round | None


@dataclass(frozen=True)
class Script:
    """All acts and scenes of a class, in order. `lesson_of`: beside each scene its lesson's key, "" if
    none.
    """

    acts: tuple[Act, ...]
    places: tuple[Place, ...]
    lesson_of: tuple[str, ...]

    def act(self, place: Place) -> Act | None:
        return next((act for act in self.acts if act.number == place.number), None)

    def index(self, place: Place) -> int:
        return next((n for n, one in enumerate(self.places) if one[:2] == place[:2]), 0)

    def lesson(self, place: Place) -> str:
        return self.lesson_of[self.index(place)]

    def within(self, stored: str) -> Place:
        """Return the stored place. Where this script has no such scene, what follows the count of its round,
        which is what came of it; without such a round, the first scene.
        """
        place = read_place(stored)
        if place is None or any(one[:2] == place[:2] for one in self.places):
            return place or self.places[0]
        of_round = [one for one in self.places if one.number == place.number and one.name not in BEFORE]
        return of_round[0] if of_round else self.places[0]

    def after(self, place: Place, steps: int = 1) -> Place | None:
        """Return what comes next. None at the end. `steps`: how many the scene has."""
        if place.at < steps:
            return place._replace(at=place.at + 1)
        n = self.index(place) + 1
        return self.places[n] if n < len(self.places) else None

    def before(self, place: Place) -> Place | None:
        if place.at > 1:
            return place._replace(at=place.at - 1)
        n = self.index(place)
        return self.places[n - 1] if n else None


BEFORE: tuple[SceneName, ...] = ("join", "task", "count")  # the reveal: nothing that was written is on them
OF_ANY_ROUND: tuple[SceneName, ...] = ("count", "result", "differ")  # of a round that no lesson planned
Sitting = tuple[str, Sequence[str], Sequence[str]]  # a lesson's key, its rounds, its scenes


def script(sittings: Sequence[Sitting], rounds: Sequence[Round]) -> Script:
    """Join the scenes of a class's lessons, one sitting after another, and those of rounds that nobody
    planned.

    A round of a lesson is a kind of round, or `mark by checklist`. Each task begins the next of them. An
    unplanned round stands after those held before it.
    """
    spare = list(rounds)
    number = len(rounds)
    acts: list[Act] = []
    places: list[tuple[Place, str]] = []
    for key, planned, names in sittings:
        sitting: list[Act] = []
        for step in map(read_step, planned):
            held = next((one for one in spare if _step_of(one) == step), None)
            if held:
                spare.remove(held)
            number += held is None
            sitting.append(Act(held.number if held else number, step, held))
        tasks = 0
        for name in names:
            tasks += name == "task"
            act_number = sitting[max(0, tasks - 1)].number if sitting else 0
            places.append((Place(_scene(name), act_number), key))
        acts += sitting
    in_place = {act.number for act in acts if act.held}
    for one in spare:
        before = [
            n for n, (place, _) in enumerate(places)
            if place.number in in_place and place.number < one.number and place.name != "home"
        ]  # fmt: skip
        at = max(before, default=0) + 1
        shown = OF_ANY_ROUND[:2] if one.settings.kind == "write" else OF_ANY_ROUND
        places[at:at] = [(Place(name, one.number), places[at - 1][1]) for name in shown]
        in_place.add(one.number)
        acts.append(Act(one.number, _step_of(one), one))
    return Script(tuple(acts), tuple(place for place, _ in places), tuple(key for _, key in places))


def read_step(planned: str) -> Step:
    kind, _, how = planned.partition(" by ")
    return Step(next(known for known in get_args(RoundKind) if known == kind), how == "checklist")


def _step_of(one: Round) -> Step:
    return Step(one.settings.kind, one.settings.checklist)


def _scene(name: str) -> SceneName:
    return next(known for known in get_args(SceneName) if known == name)
