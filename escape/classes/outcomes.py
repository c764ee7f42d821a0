"""The result of a round on the board, and one disagreement within it. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from escape.classes import classwork
from escape.classes.rounds import RoundKind, member_label
from escape.classes.shown import (
    MOST_ROWS,
    NOTHING,
    SceneContent,
    SceneData,
    escapes_by_room,
    first_two,
    most_disputed,
    most_fooled,
    room,
    shortened,
    verdict,
)
from escape.judges.examined import agreement
from escape.metrics import LABELS
from escape.results import (
    MIN_PUZZLES,
    Ranking,
    display_name,
    headline_figure,
    pluralize,
    ranking,
    result_at,
    usual,
)
from escape.rooms import without_mark
from escape.rooms.reading import plan_lines
from escape.stats import mean_interval
from escape.types import Result, Trial, by_person


def _votes(seen: SceneData) -> SceneContent:
    guesses = classwork.guesses(seen.entries)
    cast = classwork.votes(guesses)
    ranked = ranking(seen.run, usual(seen.run))
    enough = sum(guess.enough for guess in guesses)
    expected = f"{enough} of {len(guesses)} expected enough rooms to tell." if guesses else "Nobody voted."
    rows = [
        (s.name, f"{headline_figure(s, ranked.basis)}, {pluralize(cast[s.player], 'vote')}")
        for s in ranked.standings if s.headline
    ]  # fmt: skip
    return SceneContent(verdict(ranked), (_likely(ranked), expected), rows=tuple(rows[:MOST_ROWS]))


def _likely(ranked: Ranking) -> str:
    """State the likely range (95 %) of the difference between the first two; "" if it is unknown."""
    two = first_two(ranked)
    pair = ranked.pair(*two) if len(two) == 2 else None
    span = pair.paired.difference if pair else None
    if span is None or span.low is None or span.high is None:
        return ""
    unit = ranked.basis.metric.unit
    return f"The difference is likely {unit.size(span.low)} to {unit.gap(span.high)}."


def _marks(seen: SceneData) -> SceneContent:
    """Compare the judge's marks with the class's, score by score, and show how far the class differs."""
    marked = classwork.with_marks(seen.run, seen.entries)
    answers = classwork.answers(marked)
    if not answers:
        return NOTHING
    now = _apart(seen)
    before = _apart(seen.earlier) if seen.earlier else {}
    rows = []
    for score in agreement.SCORES:
        of_score = [a for a in answers if a.score == score]
        judge = [a.judge for a in of_score if a.judge is not None]
        if not of_score:
            continue
        said = f"you {fmean(a.median for a in of_score):.1f}" + (
            f", judge {fmean(judge):.1f}" if judge else ""
        )
        if score in now:
            said += f"; {now[score].mean:.1f} apart"
            said += f" ({before[score].mean:.1f} before)" if score in before else ""
        rows.append((LABELS[score], said))
    words = "Average marks. Apart: your highest minus your lowest." if now else "Average marks."
    return SceneContent(_compared(classwork.gaps(answers)), (words,), rows=tuple(rows))


def _compared(gaps: Sequence[float]) -> str:
    """State whether the judge's marks differ from the class's. `gaps`: judge minus class, per answer."""
    if not gaps:
        return "No judge has marked these answers"
    span, n = mean_interval(gaps), pluralize(len(gaps), "answer")
    if len(gaps) < MIN_PUZZLES or span.low is None or span.high is None:
        return f"You and the judge: {n} are too few to compare"
    if span.low <= 0 <= span.high:
        return f"You and the judge: no difference that {n} can show"
    return (
        f"The judge gives {abs(span.mean):.1f} marks {'more' if span.mean > 0 else 'fewer'} than you, "
        "per answer"
    )


class Apart(NamedTuple):
    """The mean gap between a class's highest and lowest mark of an answer, over `answers` answers."""

    mean: float
    answers: int


def _apart(seen: SceneData) -> dict[str, Apart]:
    """Compute `Apart` for each score that two or more people marked on two or more answers."""
    marked = classwork.with_marks(seen.run, seen.entries)
    people = {name: v for name, v in agreement.raters(marked).items() if by_person(name)}
    found: dict[str, Apart] = {}
    for score in agreement.SCORES:
        _, mean, answers = agreement.group(people, score)
        if mean is not None and answers > 1:
            found[score] = Apart(mean, answers)
    return found


def _plays(seen: SceneData) -> SceneContent:
    """Show how many of the class got out, beside each model."""
    tried = escapes_by_room(seen)
    if not tried:
        return NOTHING
    outs = [out for takers in tried.values() for out in takers.people]
    rooms = set(tried)
    bars = [_share_bar("you", sum(outs), len(outs), 0)]
    for player in seen.run.players:
        ends = [r.outcome for r in seen.run.results
                if r.trial.player == player and r.trial.problem_id in rooms and r.outcome]  # fmt: skip
        if ends:
            unread = sum(end.unread for end in ends)
            bars.append(_share_bar(display_name(player), sum(end.out for end in ends), len(ends), unread))
    return SceneContent(
        f"{sum(outs)} of your {len(outs)} plans get out",
        ("In the same rooms, in %:",),
        tuple(bars[:MOST_ROWS]),
    )


def _share_bar(name: str, out: int, of: int, unread: int) -> tuple[str, int]:
    """Format a bar: its label with counts, and a percentage. `unread`: plans whose end is unknown."""
    return f"{name}, {out} of {of}{f' ({unread} not read)' if unread else ''}", round(100 * out / of)


def _written(seen: SceneData) -> SceneContent:
    rooms = classwork.rooms_handed_in("", seen.entries)
    if not rooms:
        return NOTHING
    proved = sum(not one.missing for one in rooms)
    rows = [(member_label(one.member), one.puzzle.name) for one in rooms[:MOST_ROWS]]
    more = f"and {len(rooms) - MOST_ROWS} more" if len(rooms) > MOST_ROWS else ""
    words = ("Proved: code has found a way out, and tempting things fail.", more)
    return SceneContent(
        f"{pluralize(len(rooms), 'room')}, {proved} proved", tuple(filter(None, words)), rows=tuple(rows)
    )


def _reviews(seen: SceneData) -> SceneContent:
    findings = [one for one in classwork.reviewed(seen.rooms, seen.entries) if not one.room.missing]
    words = Counter(word for one in findings for word, _ in one.remarks)
    if not words:
        return NOTHING
    left = sum(any(one.outs) for one in findings)
    return SceneContent(
        f"Somebody got out of {left} of {pluralize(len(findings), 'room')}", bars=tuple(words.most_common())
    )


def _bets(seen: SceneData) -> SceneContent:
    plans = classwork.bets_by_plan(seen.held, seen.entries, seen.run)
    cast = sum(one.out + one.stuck for one in plans)
    if not cast:
        return NOTHING
    right = sum(one.right for one in plans)
    bars = [(f"{n}. {room(seen.run, one)}: right", one.right) for n, one in enumerate(plans, 1)]
    return SceneContent(f"{right} of your {cast} bets are right", bars=tuple(bars))


def _notes(seen: SceneData) -> SceneContent:
    notes = classwork.notes(seen.held, seen.entries)
    if not notes:
        return NOTHING
    kinds = Counter(note.category or "not yet put into a kind" for note in notes)
    answers = len({note.trial for note in notes})
    title = f"{pluralize(len(notes), 'line')} on {pluralize(answers, 'failed answer')}"
    first = kinds.most_common(MOST_ROWS if len(kinds) <= MOST_ROWS else MOST_ROWS - 1)
    others = kinds.total() - sum(n for _, n in first)
    return SceneContent(title, bars=(*first, *([("other kinds", others)] if others else [])))


def _room_by_room(seen: SceneData) -> SceneContent:
    """Show in how many puzzles each of the first two players does better."""
    metric = usual(seen.run)
    ranked = ranking(seen.run, metric)
    two = first_two(ranked)
    lines = {s.player: s.values for s in ranked.standings}
    if len(two) < 2:
        return NOTHING
    first, second = (lines[player] for player in two)
    gaps = {i: first[i] - second[i] for i in first if i in second}
    names = [display_name(player) for player in two]
    wins = sum(gap > 0 for gap in gaps.values()), sum(gap < 0 for gap in gaps.values())
    bars = ((f"{names[0]} does better", wins[0]), (f"{names[1]} does better", wins[1]),
            ("no difference", len(gaps) - sum(wins)))  # fmt: skip
    against = min(gaps, key=lambda i: gaps[i], default="")
    if not any(wins):
        return SceneContent(f"No room tells {names[0]} and {names[1]} apart", bars=bars)
    if not wins[1]:
        return SceneContent(f"{names[0]} does better in every room where they differ", bars=bars)
    words = f"“{seen.run.puzzle_by_id[against].name}” is one for {names[1]}."
    return SceneContent("Room by room, it goes both ways", (words,), bars)


def _furthest_apart(seen: SceneData) -> SceneContent:
    """Show the answer on which judge and class differ most, with both marks and a quote from it."""
    marked = classwork.with_marks(seen.run, seen.entries)
    trial = most_disputed(marked, classwork.answers(marked))
    if trial is None:
        return NOTHING
    of_this = [a for a in classwork.answers(marked) if a.trial == trial]
    rows = [
        (LABELS[a.score], f"class {a.median:g}, judge {'-' if a.judge is None else f'{a.judge:.2g}'}")
        for a in of_this
    ]
    name = f"Most disputed: {display_name(trial.player)}, {seen.run.puzzle_by_id[trial.problem_id].name}"
    result, worst = result_at(marked, trial.key), max(of_this, key=lambda a: a.apart)
    quote = _explanation(result) if worst.score == "pus" else _plan(result)
    return SceneContent(name, rows=tuple(rows), quote=quote)


def _explanation(result: Result) -> str:
    """Quote the first words of an answer, leaving out its moves."""
    return shortened(plan_lines.without(result.answer.text if result.answer else ""))


def _plan(result: Result) -> str:
    """Quote the first words of an answer's moves, or of its text if it has no moves."""
    answer = result.answer.text if result.answer else ""
    moves = [without_mark(line) for line in plan_lines.move_lines(answer) or ()]
    return shortened("; ".join(moves) if moves else answer, 18)


def _most_misjudged(seen: SceneData) -> SceneContent:
    """Show the plan with the most wrong bets."""
    one = most_fooled(seen)
    if one is None or one.outcome is None:
        return NOTHING
    ended = "gets out" if one.outcome.out else "gets stuck"
    bars = (("you bet: out", one.out), ("you bet: stuck", one.stuck))
    plan = shortened("; ".join(one.posed.lines))
    return SceneContent(f"{room(seen.run, one)}: it {ended}", bars=bars, quote=plan)


def _two_readings(seen: SceneData) -> SceneContent:
    """Show the failed answer whose notes fall into the most categories, with up to three of them."""
    notes = classwork.notes(seen.held, seen.entries)
    if not notes:
        return NOTHING
    kinds: dict[Trial, set[str]] = {}
    for note in notes:
        kinds.setdefault(note.trial, set()).add(note.category)
    trial = max(kinds, key=lambda one: len(kinds[one]))
    lines = [(note.by, shortened(note.text, 10)) for note in notes if note.trial == trial][:3]
    puzzle = seen.run.puzzle_by_id[trial.problem_id]
    how = "One failure, read differently" if len(kinds[trial]) > 1 else "One failure"
    return SceneContent(f"{how}: {puzzle.name}", rows=tuple(lines))


def _most_contested(seen: SceneData) -> SceneContent:
    """Show the room on which reviewers differ most: in whether they got out, then in their remarks."""
    findings = [one for one in classwork.reviewed(seen.rooms, seen.entries) if one.outs]
    if not findings:
        return NOTHING
    one = max(
        findings, key=lambda f: (min(sum(f.outs), len(f.outs) - sum(f.outs)), len({w for w, _ in f.remarks}))
    )
    rows = [(word, shortened(line, 10)) for word, line in one.remarks][:3]
    title = f"{one.room.puzzle.name}: {sum(one.outs)} of {len(one.outs)} got out"
    return SceneContent(title, rows=tuple(rows))


def who_left_which_room(seen: SceneData) -> SceneContent:
    tried = escapes_by_room(seen)
    if not tried:
        return NOTHING
    telling = [problem_id for problem_id, one in tried.items() if one.verdict.startswith("some")]
    rows = []
    for problem_id in sorted(tried, key=lambda i: i not in telling)[:4]:
        one = tried[problem_id]
        models = f", models {sum(one.models)} of {len(one.models)}" if one.models else ""
        rows.append(
            (seen.run.puzzle_by_id[problem_id].name, f"people {sum(one.people)} of {len(one.people)}{models}")
        )
    title = f"{len(telling)} of {pluralize(len(tried), 'room')}: some got out and others did not"
    return SceneContent(
        title,
        (f"With {classwork.ENOUGH} or more test-takers, such a room tells them apart.",),
        rows=tuple(rows),
    )


RESULTS: Mapping[RoundKind, Callable[[SceneData], SceneContent]] = {
    "mark": _marks,
    "play": _plays,
    "write": _written,
    "review": _reviews,
    "predict": _votes,
    "bet": _bets,
    "note": _notes,
}
DIFFERENCES: Mapping[RoundKind, Callable[[SceneData], SceneContent]] = {
    "mark": _furthest_apart,
    "play": who_left_which_room,
    "review": _most_contested,
    "predict": _room_by_room,
    "bet": _most_misjudged,
    "note": _two_readings,
}
