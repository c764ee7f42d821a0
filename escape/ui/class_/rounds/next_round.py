"""Setting up a class's next round: the kinds of round, their default settings, and their forms."""

from collections.abc import Sequence
from typing import assert_never

import streamlit as st

from escape.classes import Round, RoundKind, RoundSettings, Step, StoredBet, Teacher, classwork
from escape.puzzles import bets
from escape.results import display_name, pluralize, titles
from escape.rooms import playable
from escape.types import Result, Run, Trial
from escape.ui import text
from escape.ui.class_.rounds import handing_in
from escape.ui.class_.way_in import act
from escape.ui.pressing import pressed
from escape.ui.session import Session

ROUND_LABELS: dict[RoundKind, str] = {
    "mark": "Mark answers",
    "play": "Play rooms",
    "bet": "Would this plan work?",
    "note": "What went wrong?",
    "write": "Write puzzles",
    "review": "Review rooms",
    "predict": "Predict",
}


def round_name(plan: RoundSettings | Step) -> str:
    return f"{ROUND_LABELS[plan.kind]}{' by checklist' if plan.checklist else ''}"


def progress(teacher: Teacher, now: Round, n_members: int) -> str:
    wrote, things, n_things = count_handed_in(teacher, now, n_members)
    of = f" of {n_things}" if n_things else ""
    return f"{wrote} of {n_members} people have handed in {things}{of}."


def count_handed_in(teacher: Teacher, now: Round, n_members: int) -> tuple[int, int, int]:
    """Count people who handed in, things handed in, and things expected (0 if open-ended)."""
    wrote, things = teacher.counts(now)
    plan = now.settings
    each = len(plan.answers or plan.bets or plan.puzzles) or int(plan.kind == "predict")
    if plan.kind == "review":  # of few rooms some students get one
        rooms = teacher.rooms(plan.written)
        n_things = sum(
            len(classwork.assigned(rooms, m.number)) for m in teacher.members() if m.standing == "in"
        )
    else:
        n_things = n_members * each
    return wrote, things, n_things


MARKED, NOTED = 6, 6  # answers in a round, as few as are read within it
ROOMS = 2


def settings(teacher: Teacher, kind: RoundKind, *, checklist: bool = False) -> RoundSettings:
    run = teacher.run()
    match kind:
        case "mark":
            answered = _answered(run)
            chosen = _short(run, answered, MARKED)
            if checklist:  # answers whose marks nobody has seen
                unseen = [r for r in answered if r.trial not in chosen]
                chosen = _short(run, unseen if len(unseen) >= MARKED else answered, MARKED, checklist=True)
            return RoundSettings(kind="mark", answers=chosen, checklist=checklist)
        case "note":
            return RoundSettings(kind="note", answers=_short(run, _failed(run), NOTED))
        case "play":
            return RoundSettings(
                kind="play", puzzles=tuple(p.problem_id for p in run.puzzles if playable(p))[:ROOMS]
            )
        case "predict":
            return RoundSettings(kind="predict", players=tuple(run.players[:6]))
        case "bet":
            sampled = bets.sample_bets(
                bets.pool(run.puzzles), f"class {teacher.code} {len(teacher.rounds())}"
            )
            posed = (
                StoredBet(problem_id=b.puzzle.problem_id, by=b.by, lines=b.lines, why=b.why[:2000])
                for b in sampled
            )
            return RoundSettings(kind="bet", bets=tuple(posed))
        case "review":
            written = [r.id for r in teacher.rounds() if r.settings.kind == "write" and r.state != "open"]
            return RoundSettings(kind="review", written=written[-1] if written else 0)
        case "write":
            return RoundSettings(kind="write")
        case _:
            assert_never(kind)


def render(state: Session, teacher: Teacher) -> None:
    st.session_state.setdefault("next_kind", "mark")
    # radios, whose arrow keys are their own and turn no scene
    kind: RoundKind = st.radio(
        "Next round",
        list(ROUND_LABELS),
        format_func=ROUND_LABELS.__getitem__,
        key="next_kind",
        horizontal=True,
    )
    plan = _render_settings(teacher, settings(teacher, kind))
    if pressed(state, "Open the round", "open_round"):
        act(state, teacher.start, plan)
        st.rerun()


def _render_settings(teacher: Teacher, plan: RoundSettings) -> RoundSettings:
    run = teacher.run()
    if plan.kind == "mark" and (answered := _answered(run)):
        left_half, right = st.columns(2)
        most = min(20, len(answered))
        number = left_half.number_input("How many answers", 1, most, min(MARKED, most), key="next_answers")
        way = right.radio("How", ["Just the marks", "Checklist"], key="next_way", horizontal=True)
        by_list = way == "Checklist"
        chosen_answers = _short(run, answered, int(number), checklist=by_list)
        return RoundSettings(kind="mark", answers=chosen_answers, checklist=by_list)
    if plan.kind == "note" and (failed := _failed(run)):
        most = min(20, len(failed))
        number = st.number_input("How many failed answers", 1, most, min(NOTED, most), key="next_notes")
        return RoundSettings(kind="note", answers=_short(run, failed, int(number)))
    if plan.kind == "play" and plan.puzzles:
        titles_by_id = titles([p for p in run.puzzles if playable(p)])
        chosen = st.multiselect("Rooms", list(titles_by_id), default=list(plan.puzzles),
                                format_func=titles_by_id.__getitem__, key="next_rooms")  # fmt: skip
        return RoundSettings(kind="play", puzzles=tuple(chosen[:30]))
    if plan.kind == "predict":
        players = st.multiselect("Players to choose from", run.players, default=list(plan.players),
                                 format_func=display_name, key="next_players")  # fmt: skip
        return RoundSettings(kind="predict", players=tuple(players))
    text.quiet(_about(teacher, plan))
    return plan


def _about(teacher: Teacher, plan: RoundSettings) -> str:
    if plan.kind == "bet":
        return "Everybody reads the same five plans, some of which lead out, and bets on each: out or stuck?"
    if plan.kind == "write":
        return "Everybody writes a room in the form, tries it with control answers, and hands it in."
    if plan.kind == "review":
        if not plan.written:
            return "Rooms come first: open the round Write puzzles, and reveal it when they are handed in."
        rooms = teacher.rooms(plan.written)
        return (
            f"{sum(not room.missing for room in rooms)} of {pluralize(len(rooms), 'room')} are proved. "
            "Everybody gets two by classmates, writes a plan without the reference, and says whether the "
            "room is clear. Titles and authors are hidden."
        )
    return {
        "mark": "This class's run has no answers to mark.",
        "note": "This class's run has no answer that failed in its room.",
        "play": "This class's run has no rooms that people play: choose some under Test models, and open a "
        "class.",
    }[plan.kind]


def _answered(run: Run) -> list[Result]:
    return [r for r in run.results if r.answer and r.answer.text.strip()]


def _failed(run: Run) -> list[Result]:
    return [r for r in _answered(run) if r.outcome and not r.outcome.out]


def _short(run: Run, results: Sequence[Result], number: int, *, checklist: bool = False) -> tuple[Trial, ...]:
    """Choose answers from the rooms with least to read per answer; unplayable rooms come last."""
    by_room: dict[str, list[Result]] = {}
    for result in results:
        by_room.setdefault(result.trial.problem_id, []).append(result)

    def reading_load(problem_id: str) -> tuple[bool, float]:
        puzzle, results_here = run.puzzle_by_id[problem_id], by_room[problem_id]
        n_words = sum(
            len(handing_in.excerpt(r.answer.text, handing_in.words_each(NOTED)).split())
            for r in results_here
            if r.answer
        )
        n_asked = (
            len(" ".join((*puzzle.physical_principles, *puzzle.solution.steps)).split()) if checklist else 0
        )
        return not playable(puzzle), (len(puzzle.setup.scenario.split()) + n_asked + n_words) / len(
            results_here
        )

    quickest = sorted(by_room, key=reading_load)
    return tuple(r.trial for problem_id in quickest for r in by_room[problem_id])[:number]
