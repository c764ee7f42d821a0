"""Board scenes that put in question the result the class has just seen. Pure."""

from collections import Counter

from escape.classes import classwork
from escape.classes.shown import (
    MOST_ROWS,
    SceneContent,
    SceneData,
    first_two,
    most_disputed,
    most_fooled,
    shortened,
)
from escape.metrics import METRICS, Metric
from escape.results import (
    Ranking,
    display_name,
    headline_figure,
    or_dash,
    pluralize,
    ranking,
    sample_rooms,
    units,
    usual,
    watching,
    weighed,
)
from escape.types import Outcome, Puzzle, Result, Run

DRAWS, FEW = 6, 5  # the number of draws, and of rooms in each


def draws(run: Run, at: int) -> SceneContent:
    """Show who would have led with a few other rooms, draw by draw."""
    if len(units(run)) <= FEW:
        return SceneContent(
            "This run has too few rooms to draw from", ("Open the lesson on a page with all its puzzles.",)
        )
    metric, n = usual(run), min(at, DRAWS)
    leaders, rows = [], []
    for draw in range(1, n + 1):
        ranked = ranking(sample_rooms(run, FEW, draw), metric)
        two = [s for s in ranked.standings if s.headline][:2]
        level = len(two) == 2 and two[0].headline == two[1].headline
        leaders.append("" if level or not two else two[0].name)
        figures = ", ".join(f"{s.name} {headline_figure(s, ranked.basis)}" for s in two)
        rows.append((f"Draw {draw}", figures))
    counted = Counter(filter(None, leaders))
    title = f"Of {len(units(run))} rooms, {FEW} drawn by chance: who leads?"
    said = ", ".join(f"{name} leads in {k}" for name, k in counted.most_common())
    return SceneContent(title, (f"{said}." if n == DRAWS else "",), rows=tuple(rows))


def disputed_plan(seen: SceneData) -> SceneContent:
    """Show the most disputed plan that the room carried out: both marks beside the room's outcome."""
    marked = classwork.with_marks(seen.run, seen.entries)
    answers = classwork.answers(marked)
    trial = most_disputed(marked, answers)
    read = {r.trial: r.outcome for r in marked.results if r.outcome and not r.outcome.unread}
    if trial not in read:
        return SceneContent(
            "No plan of this round could be carried out", ("So marks alone say what would work.",)
        )
    one, outcome = next(a for a in answers if a.trial == trial and a.score == "sps"), read[trial]
    end = "it gets out" if outcome and outcome.out else "it gets stuck"
    rows = (
        ("Class, for Solution Path", f"{one.median:g} of 2"),
        ("The judge", f"{or_dash(one.judge)} of 2"),
        ("The room", end),
    )
    puzzle = seen.run.puzzle_by_id[trial.problem_id]
    name = f"{display_name(trial.player)}, {puzzle.name}"
    words = _lost(puzzle, outcome) if outcome else ""
    return SceneContent(f"Code carries the plan out: {end}", (name, words), rows=rows)


def _lost(puzzle: Puzzle, outcome: Outcome) -> str:
    if outcome.lost_at is None:
        return ""
    step = outcome.steps[outcome.lost_at - 1]
    return f"Lost at move {outcome.lost_at}: {shortened(step.said, 14)}"


def by_metric(run: Run) -> SceneContent:
    rows, leaders = [], set()
    for metric in METRICS.values():
        ranked = ranking(run, metric)
        leaders.update(first_two(ranked)[:1])
        rows.append((metric.label, _leader_text(ranked)))
    title = "Another metric, another winner" if len(leaders) > 1 else "Every metric names the same winner"
    return SceneContent(title, ("The same answers, counted in five ways:",), rows=tuple(rows))


def _leader_text(ranked: Ranking) -> str:
    two = first_two(ranked)
    if not two:
        return "nobody"
    name = display_name(two[0])
    if len(two) < 2:
        return name
    return f"{name}, clearly" if ranked.comparison(*two) == "ahead" else f"{name}, not clearly"


WEIGHTS = (1.0, 0.5, 0.25, 0.0)  # of Physical Understanding, where the other two marks have 1


def by_weight(run: Run, at: int) -> SceneContent:
    """Show who leads as the explanation counts less and less, with one more weight at each step."""
    rows, leaders = [], []
    for weight in WEIGHTS[:at]:
        ranked = ranking(run, weighed(METRICS["standard"], weight, 1, 1))
        two = first_two(ranked)
        leaders.append(display_name(two[0]) if two else "")
        rows.append((f"Explanation counts {weight:.0%}", _leader_text(ranked)))
    change = next((n for n in range(1, len(rows)) if leaders[n] != leaders[n - 1]), None)
    title = "How much should the explanation count?"
    if change is not None:
        title = f"The leader changes between {WEIGHTS[change - 1]:.0%} and {WEIGHTS[change]:.0%}"
    elif at >= len(WEIGHTS):
        title = "No weight of the explanation changes the leader"
    return SceneContent(title, ("Who should choose the weight?",), rows=tuple(rows))


def film(seen: SceneData, at: int) -> SceneContent:
    """Show the plan with the most wrong bets, carried out up to move `at`."""
    one = most_fooled(seen)
    if one is None or one.outcome is None or not one.outcome.steps:
        return SceneContent("No plan was carried out")
    puzzle = seen.run.puzzle_by_id[one.posed.problem_id]
    reel = watching.frames(puzzle, one.outcome)
    number = min(at, len(reel.frames))
    picture, words = watching.frame_svg(reel, number, wide=True), watching.describe_frame(reel, number)
    return SceneContent(puzzle.name, picture=picture, alt=words)


CLAUSES = ("sps_strict", "rhh_graded")


def clause(run: Run, at: int) -> SceneContent:
    """Show how many answers of each player get another sum of marks when one marking clause changes."""
    changed, usual_marks = METRICS[CLAUSES[min(at, len(CLAUSES)) - 1]], METRICS["standard"]
    moved: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for result in run.results:
        puzzle = run.puzzle_by_id[result.trial.problem_id]
        before, after = (_sum(metric, result, puzzle) for metric in (usual_marks, changed))
        if before is not None and after is not None:
            marked[result.trial.player] += 1
            moved[result.trial.player] += before != after
    bars = tuple((f"{display_name(p)}, of {marked[p]}", moved[p]) for p in run.players if p in marked)
    title = f"One clause changed: {moved.total()} of {pluralize(marked.total(), 'answer')} get another mark"
    return SceneContent(title, (changed.explanation,), bars[:MOST_ROWS])


def _sum(metric: Metric, result: Result, puzzle: Puzzle) -> float | None:
    return metric.value(result, puzzle) if result.verdict else None
