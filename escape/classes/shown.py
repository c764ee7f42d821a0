"""The content of a scene as a value, the data it is made from, and shared helpers. Pure."""

from collections import Counter
from collections.abc import Sequence
from itertools import starmap
from typing import NamedTuple

from escape.classes import classwork
from escape.classes.classwork import Answered, Bets, Handed, Takers, models_of
from escape.classes.rounds import Round
from escape.results import Ranking, compared_lines, display_name, headline_figure
from escape.store import Entry
from escape.types import Run, Trial

MOST_WORDS = 60  # on a scene, including the line for latecomers
MOST_ROWS = 5
QUOTED = 24  # words of somebody's text


class SceneContent(NamedTuple):
    """The content of a scene. `bars`: names with counts. `rows`: names with text.

    `quote`: words from an entry or an answer. `picture`: an SVG made here, described by `alt`.
    """

    title: str
    words: tuple[str, ...] = ()
    bars: tuple[tuple[str, int], ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    picture: str = ""
    alt: str = ""

    @property
    def text(self) -> str:
        """All text of the scene, one piece a line."""
        bars = [f"{name} {n}" for name, n in self.bars]
        return "\n".join([self.title, *self.words, *bars, *starmap("{} {}".format, self.rows), self.quote])


class SceneData(NamedTuple):
    """The data for a scene: a revealed round, its entries, its run, and the rooms of a review round.

    `earlier`: the previous revealed round of the same kind, for comparison.
    """

    held: Round
    entries: Sequence[Entry]
    run: Run
    rooms: Sequence[Handed] = ()
    earlier: "SceneData | None" = None


NOTHING = SceneContent("No submissions yet.")


def shortened(text: str, most: int = QUOTED) -> str:
    words = text.split()
    return " ".join(words[:most]) + (" …" if len(words) > most else "")


def first_two(ranked: Ranking) -> list[str]:
    """The first two of those that a headline compares: no scripted player beside a model."""
    return [s.player for s in compared_lines(ranked)][:2]


def verdict(ranked: Ranking) -> str:
    """Say in one line who leads and whether that is clear: `lark 55%, owl 51%: too close to call`."""
    two = first_two(ranked)
    lines = [s for s in ranked.standings if s.player in two]
    figures = ", ".join(f"{s.name} {headline_figure(s, ranked.basis)}" for s in lines)
    if not ranked.basis.metric.needs_judge and lines:
        first = headline_figure(lines[0], ranked.basis)
        figures = figures.replace(first, f"{first} rooms" if " of " in first else f"{first} of rooms", 1)
    pair = ranked.pair(*two) if len(two) == 2 else None
    if pair is None:
        return figures or "No answer has been marked yet."
    if pair.comparison == "ahead":
        return f"{figures}: {display_name(pair.first)} is clearly better"
    return f"{figures}: too close to call"


def escapes_by_room(seen: SceneData) -> dict[str, Takers]:
    """Collect, for each room that the class played, which people and models got out."""
    outs = classwork.played_by_room(seen.run, seen.entries)
    return {
        problem_id: Takers(people, models_of(seen.run, problem_id)) for problem_id, people in outs.items()
    }


def most_fooled(seen: SceneData) -> Bets | None:
    """Find the plan with the most wrong bets; of equals, one that gets stuck, then the longest."""
    plans = [one for one in classwork.bets_by_plan(seen.held, seen.entries, seen.run) if one.outcome]

    def fooled(one: Bets) -> tuple[int, bool, int]:
        outcome = one.outcome
        if outcome is None:
            return 0, False, 0
        return one.out + one.stuck - one.right, not outcome.out, len(outcome.steps)

    return max(plans, key=fooled, default=None)


def most_disputed(run: Run, answers: Sequence[Answered]) -> Trial | None:
    """Find the answer on which judge and class differ most, if possible one the room carried out."""
    read = {r.trial for r in run.results if r.outcome and not r.outcome.unread}
    answers = [one for one in answers if one.trial in read] or answers
    apart: Counter[Trial] = Counter()
    for one in answers:
        apart[one.trial] += one.apart  # type: ignore[assignment] # a Counter adds any numbers
    return apart.most_common(1)[0][0] if apart else None


def room(run: Run, one: Bets) -> str:
    puzzle = run.puzzle_by_id.get(one.posed.problem_id)
    return puzzle.name if puzzle else one.posed.problem_id
