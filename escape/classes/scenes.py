"""The scenes of a class's board, their order, and the place of a class among them. Pure."""

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
    """A place on the board: a scene, the number of its round, and the step within the scene.

    The steps of a scene (draws, moves of a plan, clauses) count from 1.
    """

    name: SceneName
    number: int
    at: int = 1

    def __str__(self) -> str:
        return f"{self.name}.{self.number}.{self.at}"


def read_place(stored: str) -> Place | None:
    """Parse a place that `str` wrote. None for any other text."""
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
    """All acts and scenes of a class, in order. `lesson_of`: the lesson's key of each scene, or ""."""

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
        """Find the scene for a stored place.

        If this script has no such scene, take the first one after the count in the same round, which shows
        the result; if it has no such round, take the first scene of all.
        """
        place = read_place(stored)
        if place is None or any(one[:2] == place[:2] for one in self.places):
            return place or self.places[0]
        of_round = [
            one for one in self.places if one.number == place.number and one.name not in BEFORE_REVEAL
        ]
        return of_round[0] if of_round else self.places[0]

    def after(self, place: Place, steps: int = 1) -> Place | None:
        """Find the next place; None at the end. `steps`: how many steps the present scene has."""
        if place.at < steps:
            return place._replace(at=place.at + 1)
        n = self.index(place) + 1
        return self.places[n] if n < len(self.places) else None

    def before(self, place: Place) -> Place | None:
        if place.at > 1:
            return place._replace(at=place.at - 1)
        n = self.index(place)
        return self.places[n - 1] if n else None


BEFORE_REVEAL: tuple[SceneName, ...] = ("join", "task", "count")  # scenes that show no entries
UNPLANNED: tuple[SceneName, ...] = (
    "count",
    "result",
    "differ",
)  # the scenes of a round that no lesson planned
Sitting = tuple[str, Sequence[str], Sequence[str]]  # a lesson's key, its rounds, its scenes


def script(sittings: Sequence[Sitting], rounds: Sequence[Round]) -> Script:
    """Join the scenes of a class's lessons, in order, and insert those of rounds outside any lesson.

    A lesson's round is a kind of round, or `mark by checklist`. Each task scene begins the next round. A
    round outside any lesson comes after the rounds held before it.
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
                act_number = held.number
            else:
                number += 1
                act_number = number
            sitting.append(Act(act_number, step, held))
        tasks = 0
        for name in names:
            if name == "task":
                tasks += 1
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
        shown = UNPLANNED[:2] if one.settings.kind == "write" else UNPLANNED
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
