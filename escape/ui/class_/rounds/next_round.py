"""What a class does next: the kinds of round, and what each is about."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import assert_never

import streamlit as st

from escape.classes import Posed, RoundKind, RoundSettings, Teacher
from escape.puzzles import bets
from escape.results import count, short, titles
from escape.rooms import playable
from escape.types import Run, Trial
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Session

ROUND_LABELS: dict[RoundKind, str] = {
    "mark": "Mark answers",
    "play": "Play rooms",
    "bet": "Call it",
    "note": "What went wrong?",
    "write": "Write puzzles",
    "review": "Review rooms",
    "predict": "Predict",
}


def show(state: Session, teacher: Teacher, do: Callable[..., None]) -> None:
    """Choose and open the next round. `do`: carry out one of the teacher's rights, or say why not."""
    run = teacher.run()
    st.session_state.setdefault("next_kind", "mark")  # a lesson has its own first round
    kind: RoundKind | None = st.segmented_control(
        "Next round", list(ROUND_LABELS), format_func=ROUND_LABELS.__getitem__, key="next_kind", required=True
    )
    if kind is None or kind == "mark":
        plan = _marking(teacher.code, run)
    elif kind == "play":
        rooms = [p for p in run.puzzles if playable(p)]
        titles_by_id = titles(rooms)
        if not rooms:
            text.quiet(
                "This class's run has no rooms that people play: choose some under Test models, and open a class."
            )
        chosen = st.multiselect(
            "Rooms",
            list(titles_by_id),
            default=list(titles_by_id)[:2],
            format_func=titles_by_id.__getitem__,
            key="next_rooms",
        )
        plan = RoundSettings(kind="play", puzzles=tuple(chosen[:30]))
    elif kind == "predict":
        players = st.multiselect("Players to choose from", run.players, default=run.players[:6], format_func=short,
                                 key="next_players")  # fmt: skip
        plan = RoundSettings(kind="predict", players=tuple(players))
    elif kind == "bet":
        text.quiet("Everybody reads the same five plans, some of which lead out, and bets on each: out or stuck?")
        plan = RoundSettings(kind="bet", bets=_posed(teacher, run))
    elif kind == "note":
        plan = _reading(teacher.code, run)
    elif kind == "review":
        plan = _reviewing(teacher)
    elif kind == "write":
        text.quiet(
            "Everybody writes a puzzle in the form, tries it with control answers, whose right mark is known, and "
            "hands it in."
        )
        plan = RoundSettings(kind="write")
    else:
        assert_never(kind)

    if pressed(state, "Open the round", "open_round", type="primary"):
        do(state, teacher.start, plan)
        st.rerun()


def _reviewing(teacher: Teacher) -> RoundSettings:
    """The rooms of the last round in which some were written."""
    written = [r for r in teacher.rounds() if r.plan.kind == "write" and r.state != "open"]
    if not written:
        text.quiet("Rooms come first: open the round Write puzzles, and reveal it when they are handed in.")
        return RoundSettings(kind="review")
    rooms = teacher.rooms(written[-1].id)
    proved = [room for room in rooms if not room.missing]
    text.quiet(
        f"{len(proved)} of {count(len(rooms), 'room')} are proved. Everybody gets two of classmates', writes a plan "
        "without the reference, and says whether the room is clear. Titles and authors are not shown with them."
    )
    return RoundSettings(kind="review", written=written[-1].id)


def _posed(teacher: Teacher, run: Run) -> tuple[Posed, ...]:
    """Five plans for the class's rooms, others in each round."""
    seed = f"class {teacher.code} {len(teacher.rounds())}"
    drawn = bets.drawn(bets.pool(run.puzzles), seed)
    return tuple(Posed(problem_id=b.puzzle.problem_id, by=b.by, lines=b.lines, why=b.why[:2000]) for b in drawn)


def _reading(code: str, run: Run) -> RoundSettings:
    failed = [r.trial for r in run.results if r.answer and r.answer.text.strip() and r.outcome and not r.outcome.out]
    if not failed:
        text.quiet("This class's run has no answer that failed in its room.")
        return RoundSettings(kind="note")
    most = min(20, len(failed))
    number = st.number_input("How many failed answers", 1, most, min(6, most), key="next_notes")
    text.quiet(
        "Everybody reads them and writes one line on each: what went wrong? The class then puts the lines into kinds."
    )
    return RoundSettings(kind="note", answers=_drawn(code, failed, int(number)))


def _marking(code: str, run: Run) -> RoundSettings:
    answered = [r.trial for r in run.results if r.answer and r.answer.text.strip()]
    if not answered:
        text.quiet("This class's run has no answers to mark.")
        return RoundSettings(kind="mark")
    left_half, right = st.columns(2)
    most = min(20, len(answered))
    number = left_half.number_input("How many answers", 1, most, min(8, most), key="next_answers")
    way = right.segmented_control("How", ["Just the marks", "Checklist"], key="next_way", default="Just the marks",
                                  required=True)  # fmt: skip
    return RoundSettings(kind="mark", answers=_drawn(code, answered, int(number)), checklist=way == "Checklist")


def _drawn(code: str, answered: Sequence[Trial], number: int) -> tuple[Trial, ...]:
    """By chance, but always the same of one class; of one puzzle no second answer before each has one."""
    order = list(answered)
    random.Random(code).shuffle(order)  # noqa: S311 - chance, not secrets
    seen: dict[str, int] = {}
    turns = []
    for trial in order:
        seen[trial.problem_id] = seen.get(trial.problem_id, 0) + 1
        turns.append((seen[trial.problem_id], trial))
    return tuple(t for _, t in sorted(turns, key=lambda x: x[0])[:number])
