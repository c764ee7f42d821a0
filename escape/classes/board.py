"""The content of each scene of the board, as a value. Pure.

A scene has a sentence or two, and bars, rows, a quote or a picture. One idea a scene, in 60 words at most, to
be read from eight metres.
"""

from escape.classes import outcomes, turns
from escape.classes.scenes import Place
from escape.classes.shown import NOTHING, SceneContent, SceneData, most_fooled


def shown(place: Place, seen: SceneData) -> SceneContent:
    """Build what a scene shows, in any lesson. Raises ValueError for a scene that shows no entries.

    Those are the scenes before the reveal (join, task, count) and the last one (home).
    """
    kind, run = seen.held.settings.kind, seen.run
    if place.name == "result":
        return outcomes.RESULTS[kind](seen)
    if place.name == "differ":
        return outcomes.DIFFERENCES[kind](seen) if kind in outcomes.DIFFERENCES else NOTHING
    if place.name == "draws":
        return turns.draws(run, place.at)
    if place.name == "word":
        return turns.disputed_plan(seen)
    if place.name == "metric":
        return turns.by_metric(run)
    if place.name == "weights":
        return turns.by_weight(run, place.at)
    if place.name == "rooms":
        return outcomes.who_left_which_room(seen)
    if place.name == "film":
        return turns.film(seen, place.at)
    if place.name == "clause":
        return turns.clause(run, place.at)
    raise ValueError(place.name)


def steps(place: Place, seen: SceneData | None) -> int:
    """Count a scene's steps: draws, weights, clauses, or moves of the plan that is carried out."""
    if place.name == "draws":
        return turns.DRAWS
    if place.name == "weights":
        return len(turns.WEIGHTS)
    if place.name == "clause":
        return len(turns.CLAUSES)
    if place.name == "film" and seen:
        fooling = most_fooled(seen)
        if fooling and fooling.outcome:
            return max(1, len(fooling.outcome.steps))
    return 1
