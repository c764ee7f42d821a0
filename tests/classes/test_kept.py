"""What is made of a class's work: its table to take home, its boards, its notes and votes."""

from __future__ import annotations

from random import Random

from escape.classes import results as classwork
from escape.classes.rounds import Called, Guess, Played, Posed, Remark, Round, RoundSettings, label
from escape.metrics import METRICS
from escape.puzzles import bets
from escape.results import ranking
from escape.results.sentences import CATEGORIES
from escape.store import Entry
from escape.types import Puzzle, Scores, Verdict
from tests.approved import Approved
from tests.every_kind import every_kind


def test_a_class_s_work_stays_as_it_is(approved: Approved, bundled: list[Puzzle]) -> None:
    run, random = every_kind()["everything goes wrong"], Random(4)
    answered = [r.trial for r in run.results if r.answer and r.verdict][:6]
    rooms = [p.problem_id for p in bundled[:3]]
    players = run.config.players
    marked = [
        Entry(m, t.model_dump_json(), Verdict(
            judge=f"human:{label(m)}",
            scores=Scores(pus=random.choice([0, 0.5, 1, 2]), sps=random.choice([0, 1, 2]), rhh=random.choice([0, 1])),
        ).model_dump_json())
        for m in range(1, 5) for t in answered if random.random() < 0.8
    ]  # fmt: skip
    guessed = [
        Entry(m, "guess", Guess(winner=random.choice(players).name, enough=random.random() < 0.5).model_dump_json())
        for m in range(1, 9)
    ]
    lines = ["wait", "look", "give up"]
    plays = [
        Entry(m, room, Played(answer=f"Moves:\n1. {random.choice(lines)}", starts=m).model_dump_json())
        for m in range(1, 5) for room in rooms
    ]  # fmt: skip
    noted = [
        Entry(m, t.model_dump_json(), Remark(text=f"note {m}", category=random.choice(CATEGORIES)).model_dump_json())
        for m in range(1, 5) for t in answered if random.random() < 0.7
    ]  # fmt: skip
    posed = [Entry(m, "X", p.model_dump_json()) for m, p in enumerate(bundled[:2], 1)]
    drawn = bets.drawn(bundled, "class")
    offered = tuple(Posed(problem_id=bet.puzzle.problem_id, by=bet.by, lines=bet.lines) for bet in drawn)
    called = [
        Entry(m, str(n), Called(out=random.random() < 0.5).model_dump_json())
        for m in range(1, 5) for n in range(len(offered))
    ]  # fmt: skip
    groups = {classwork.group_key(e): CATEGORIES[i % 3] for i, e in enumerate(noted[:5])}
    rounds = [
        (Round(1, 1, "revealed", RoundSettings(kind="mark", answers=tuple(answered))), marked),
        (Round(2, 2, "revealed", RoundSettings(kind="predict", players=tuple(p.name for p in players))), guessed),
        (Round(3, 3, "revealed", RoundSettings(kind="play", puzzles=tuple(rooms))), plays),
        (Round(4, 4, "revealed", RoundSettings(kind="note", answers=tuple(answered), groups=groups)), noted),
        (Round(5, 5, "revealed", RoundSettings(kind="write")), posed),
        (Round(6, 6, "revealed", RoundSettings(kind="bet", bets=offered)), called),
    ]
    for taken in (rounds, rounds[:1], rounds[4:]):
        approved.add(classwork.to_csv(taken, run))
    with_marks, with_plays = classwork.with_marks(run, marked), classwork.with_plays(run, plays)
    for found in classwork.answers(with_marks):
        approved.add(repr(found))
    approved.add(classwork.generosity(classwork.answers(with_marks)))
    for metric in METRICS.values():
        approved.add("\n".join(map(repr, ranking(with_plays, metric).standings)))
    approved.add("\n".join(map(repr, classwork.notes(rounds[3][0], noted))))
    approved.add(f"{classwork.votes(classwork.guesses(guessed))}")
    approved.add("\n".join(f"{p.problem_id}: {classwork.tried_with_controls(p, bundled)}" for p in bundled))
    approved.add("\n".join(p.problem_id for p in classwork.puzzles(posed)))
    approved.add("\n".join(map(repr, classwork.called(rounds[5][0], called, run))))
