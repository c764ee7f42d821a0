"""The HTML page that a class takes home: each revealed round, and what puts the result in question.

People are S01, S02 and so on. Like the report of a run, the page needs no other file.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from escape.classes import classwork, turns
from escape.classes.classwork import (
    Takers,
    answers,
    bets_by_plan,
    models_of,
    notes,
    votes,
    with_marks,
    with_plays,
)
from escape.classes.rounds import Round
from escape.judges.examined import agreement
from escape.metrics import LABELS, METRICS
from escape.results import (
    against_sentence,
    answer_name,
    card,
    display_name,
    judge_sentence,
    notes_table,
    or_dash,
    outcome_sentence,
    pluralize,
    ranking,
    results_sentence,
    sample_rooms,
    units,
    usual,
    watching,
)
from escape.store import Entry
from escape.types import Run, by_person, escaped

# a revealed round, what was written in it, the run that it was about
Held = tuple[Round, Sequence[Entry], Run]
DRAWS, ROOMS = 3, 5  # other rooms drawn, as lesson 1 does


def page(title: str, date: str, rounds: Sequence[Held]) -> str:
    """Build the page. `title`: the class's, which names its lesson. `date`: when the class was held."""
    people = {entry.member for _, entries, _ in rounds for entry in entries}
    who_wrote = pluralize(len(people), "person", "people")
    parts = [f"<p class=lead>{escaped(date)}, {who_wrote} wrote something.</p>"]
    for held in rounds:
        class_round, entries, _ = held
        who = len({entry.member for entry in entries})
        name = f"Round {class_round.number}: {ROUND_NAMES[class_round.settings.kind]}"
        parts.append(f"<h2>{escaped(name)}</h2><p>{pluralize(who, 'person', 'people')}.</p>")
        parts += SECTIONS[class_round.settings.kind](*held) if entries else ["<p>No submissions.</p>"]
    if rounds:
        parts += _second_look(title, rounds[-1][2])
    return card.whole_page(f"Escape: {title}", title, parts)


ROUND_NAMES = {
    "mark": "answers marked",
    "play": "rooms played",
    "write": "rooms written",
    "review": "rooms reviewed",
    "predict": "votes before the result",
    "bet": "bets on plans",
    "note": "why it failed",
}


def _said(*sentences: str) -> list[str]:
    return [f"<p>{escaped(sentence)}</p>" for sentence in sentences if sentence]


def _marks_section(class_round: Round, entries: Sequence[Entry], run: Run) -> list[str]:
    """Tabulate the class's marks and medians beside the judge's marks, and how far they agree."""
    marked = with_marks(run, entries)
    rows = answers(marked)
    people = {name: v for name, v in agreement.raters(marked).items() if by_person(name)}
    agreed = []
    for score in agreement.SCORES:
        alpha, apart, n = agreement.group(people, score)
        if apart is not None:
            agreed.append([LABELS[score], str(n), or_dash(alpha.value, ".2f"), f"{apart:.1f}"])
    figures = [
        [
            answer_name(run, a.trial),
            LABELS[a.score],
            ", ".join(f"{x:g}" for x in sorted(a.given)),
            f"{a.median:g}",
            or_dash(a.judge),
        ]
        for a in rows
    ]
    scale = "Alpha is 1 if everybody always gives the same mark, 0 if marks agree no better than chance."
    parts = _said(
        classwork.gap(rows) or "The judge has not marked these answers.", judge_sentence(run), scale
    )
    if agreed:
        parts.append(card.html_table(["Score", "Answers", "Alpha", "Highest minus lowest"], agreed, 1))
    return [*parts, card.html_table(["Answer", "Score", "The class's marks", "Median", "Judge"], figures, 3)]


def _votes_section(class_round: Round, entries: Sequence[Entry], run: Run) -> list[str]:
    guesses = classwork.guesses(entries)
    ranked, cast = ranking(run, usual(run)), votes(guesses)
    rows = [[display_name(s.player), str(cast[s.player])] for s in ranked.standings]
    enough = (
        f"{sum(g.enough for g in guesses)} of {len(guesses)} expected there to be enough puzzles to tell."
    )
    return [
        *_said(f"The result: {results_sentence(ranked)}", enough),
        card.html_table(["Player", "Votes"], rows, 1),
    ]


def _plays_section(class_round: Round, entries: Sequence[Entry], run: Run) -> list[str]:
    played = with_plays(run, entries)
    outs = classwork.played_by_room(run, entries)
    names = {p.problem_id: p.name for p in run.puzzles}
    takers = {i: Takers(of_room, models_of(run, i)) for i, of_room in outs.items()}
    return [
        *_said(results_sentence(ranking(played, METRICS["verified"]))),
        _takers_table([(names.get(i, i), takers[i]) for i in outs]),
    ]


def _takers_table(rows: Sequence[tuple[str, Takers]]) -> str:
    cells = [[name, t.people_out, t.models_out, t.verdict or "-"] for name, t in rows]
    return card.html_table(["Room", "People out", "Models out", "Verdict"], cells, 1)


def _written_section(class_round: Round, entries: Sequence[Entry], run: Run) -> list[str]:
    rows = [[p.problem_id.partition("-")[0], p.name] for p in classwork.puzzles(entries)]
    return [card.html_table(["By", "Room"], rows, 2)]


def _reviews_section(class_round: Round, entries: Sequence[Entry], run: Run) -> list[str]:
    """Tabulate the reviews of each room. Rooms are named by their authors, as on the board."""
    rows = []
    for entry in entries:
        row = classwork.row_of(class_round, entry, run)
        rows.append(
            [str(row["problem_id"]), "out" if row["out"] else "stuck", str(row["category"]), str(row["note"])]
        )
    return [card.html_table(["Room", "The reviewer got", "Remark", "In words"], sorted(rows), 4)]


def _bets_section(class_round: Round, entries: Sequence[Entry], run: Run) -> list[str]:
    """Show each plan with the bets on it, its outcome, and a replay."""
    parts = []
    for n, one in enumerate(bets_by_plan(class_round, entries, run), 1):
        puzzle = run.puzzle_by_id.get(one.posed.problem_id)
        if puzzle is None or one.outcome is None:
            continue
        ended = "it gets out" if one.outcome.out else "it gets stuck"
        parts.append(f"<h3>{escaped(f'{n}. {puzzle.name}, by {one.posed.by}: {ended}')}</h3>")
        parts += _said(
            f"Bets on out: {one.out}, on stuck: {one.stuck}. {outcome_sentence(one.outcome, puzzle)}"
        )
        parts.append(watching.reel(watching.frames(puzzle, one.outcome), "Watch"))
    return parts


def _notes_section(class_round: Round, entries: Sequence[Entry], run: Run) -> list[str]:
    lines = notes(class_round, entries)
    head, rows = notes_table(run, lines)
    told = [[answer_name(run, note.trial), note.by, note.text, note.category or "-"] for note in lines]
    return [
        card.html_table(head, rows, 1),
        card.html_table(["Answer", "Who", "What went wrong", "Kind"], told, 4),
    ]


SECTIONS: Mapping[str, Callable[[Round, Sequence[Entry], Run], list[str]]] = {
    "mark": _marks_section,
    "play": _plays_section,
    "write": _written_section,
    "review": _reviews_section,
    "predict": _votes_section,
    "bet": _bets_section,
    "note": _notes_section,
}


def _second_look(title: str, run: Run) -> list[str]:
    """Write the verdict and what may change it. Empty for other lessons than these four.

    Lesson 1 draws other rooms, 2 compares the judge with the rooms, 3 changes the metric, 6 changes marking
    clauses.
    """
    ranked = ranking(run, usual(run))
    number = found[1] if (found := re.match(r"Lesson (\d)", title)) else ""
    sentences = []
    if number == "1" and len(units(run)) > ROOMS:
        for n in range(1, DRAWS + 1):
            small = sample_rooms(run, ROOMS, n)
            sentences.append(f"{ROOMS} other rooms, draw {n}: {results_sentence(ranking(small, usual(run)))}")
    elif number == "2":
        sentences.append(against_sentence(run))
    elif number == "3":
        sentences += [
            f"{metric.label}: {results_sentence(ranking(run, metric))}" for metric in METRICS.values()
        ]
    elif number == "6":
        changed = [turns.clause(run, n) for n in range(1, len(turns.CLAUSES) + 1)]
        sentences += [f"{one.title}. {' '.join(one.words)}" for one in changed]
    verdict = results_sentence(ranked) if ranked.standings else ""
    return (
        ["<h2>The verdict, and what may change it</h2>", *_said(verdict, *sentences)]
        if verdict and any(sentences)
        else []
    )
