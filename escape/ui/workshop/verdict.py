"""The verdict on a draft: what is missing, whether its room works, trying moves, and keeping it."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from escape.prompts import player
from escape.puzzles import Draft, files, is_told, puzzle_of
from escape.results import pluralize
from escape.rooms import ByHand, TooLargeError, leaves_both, room_of, solver
from escape.types import Puzzle, PuzzleError
from escape.ui import text
from escape.ui.pressing import pressed
from escape.ui.session import Session
from escape.ui.setup import panel
from escape.ui.workshop.fields import FIELDS, NEEDED, in_words, label_of, named_after


def render(state: Session, draft: Draft, *, by_hand: bool) -> None:
    text.heading("The verdict")
    if lacking := [FIELDS[f].label.partition(",")[0] for f in NEEDED if not getattr(draft, f).strip()]:
        text.quiet(f"Still missing: {'; '.join(lacking)}.")
        return
    if not draft.problem_id.strip():
        draft = replace(draft, problem_id=named_after(draft.title))
    elif state.workshop.kept and draft.problem_id.strip() in state.bundled:
        draft = replace(draft, problem_id=state.workshop.kept)
    try:
        puzzle = puzzle_of(draft, state.workshop.origin)
    except PuzzleError as error:
        text.cause(f"{label_of(error.field)}: {in_words(error.remedy)}")
        return
    faults = False
    if puzzle.world:
        faults = _render_proof(puzzle)
        if state.workshop.twisting:
            faults = _render_twist(puzzle, state.workshop.origin) or faults
        _render_trying(state, puzzle)
    else:
        text.quiet("Without facts and rules this is a puzzle that only a judge can mark.")
    with st.expander("Exactly what a player will read"):
        st.code(player(puzzle).user, language=None, wrap_lines=True)
    _render_keeping(state, puzzle, by_hand=by_hand, faults=faults)


def _render_proof(puzzle: Puzzle) -> bool:
    """Draw what exploring the room found; return True if it has faults."""
    proved = solver.prove(puzzle)
    faults: Sequence[solver.Fault] = proved.faults
    for fault in faults[:3]:
        text.cause(f"{label_of(fault.where)}: {in_words(fault.remedy)}")
    if len(faults) > 3:
        text.quiet(f"And {len(faults) - 3} more like these.")
    if not faults:
        text.status(
            f"Proved: the room works. The shortest way out takes {pluralize(proved.shortest, 'move')}."
        )
        text.quiet(
            f"It can be in {pluralize(proved.states, 'state')}; {proved.lost} of them are dead ends. A "
            f"player who makes moves at random gets out in {proved.random:.2%} of plays."
        )
    for remark in proved.too_easy[:3]:
        text.quiet(
            f"Too easy for a benchmark, though fine for playing. {label_of(remark.where)}: {remark.remedy}."
        )
    return bool(faults)


def _render_twist(puzzle: Puzzle, original: Puzzle | None) -> bool:
    """Draw whether one way leads out of both the original and the twist; return True for any fault.

    It is a fault too if the draft is not a twist yet, or the two rooms are too large to compare.
    """
    if not puzzle.twist_of or original is None:
        text.cause("Not a twist yet: under Story, say which fact differs.")
        return True
    try:
        way = leaves_both(room_of(original), room_of(puzzle), puzzle.renamed)
    except TooLargeError as error:
        text.cause(f"The twist {error}")
        return True
    if way:
        text.cause(f"The original's way still works here: {way}. Add rules that say why it fails.")
    else:
        text.status(f"No way out of {original.name} without a wasted move also works in this twist.")
    return bool(way)


def _render_trying(state: Session, puzzle: Puzzle) -> None:
    """Draw a field to try moves in the room, and the last six. All are replayed after each change."""
    work = state.workshop
    me, why = ByHand(puzzle), ""
    for line in work.tried:
        why = me.do(line)  # of the last line: one that cannot be read is no step

    def typed() -> None:
        if line := st.session_state["work_line"].strip():
            work.tried.append(line)

    with st.form("work_trying", border=False, clear_on_submit=True):
        st.text_input("Try a move in it", key="work_line", max_chars=200, autocomplete="off",
                      placeholder="pour: jug -> basin")  # fmt: skip
        st.form_submit_button("Do this move", on_click=typed)
    if work.tried:
        if why:
            text.status(why)
        first = max(0, len(me.play.steps) - 6)
        lines = "".join(
            f"<li><b>{text.escaped(s.move)}</b><br>{text.escaped(s.said)}</li>" for s in me.play.steps[first:]
        )
        out = "<p>You are out.</p>" if me.play.outcome.out else ""
        steps = f'<ol class="esc-steps" start="{first + 1}">{lines}</ol>'
        st.html(f'<div role="log" aria-live="polite">{steps}{out}</div>')
        st.button("Try from the beginning", key="work_again", on_click=work.tried.clear)


def _render_keeping(state: Session, puzzle: Puzzle, *, by_hand: bool, faults: bool) -> None:
    with st.container(horizontal=True):
        if pressed(state, "Keep this puzzle", "work_keep", type="primary"):
            if puzzle.problem_id in state.bundled and puzzle in state.puzzles:
                state.say(
                    "workshop",
                    "This is still the bundled puzzle. Change something, then press Keep this puzzle.",
                )
            else:
                (puzzle_kept,) = add(state, [puzzle])
                state.workshop.kept = puzzle_kept.problem_id
                place = f"Kept as {puzzle_kept.problem_id}, and chosen for the next run."
                still = " The verdict above still finds faults in it." if faults else ""
                state.say("workshop", place + still, good=not faults)
            st.rerun()
        if by_hand and pressed(state, "Try it by hand", "work_try", disabled=puzzle.world is None):
            (puzzle_kept,) = add(state, [puzzle])
            state.workshop.kept = puzzle_kept.problem_id
            state.playing = ByHand(puzzle_kept)
            sentence = (
                f"{puzzle_kept.name} is kept among your puzzles, and chosen for the next run. Try it "
                "by hand here."
            )
            state.say("bring", sentence, good=True)
            state.go_to("Play")
            st.rerun()
    text.render_message(state.page.said.pop("workshop", None))
    if puzzle not in state.puzzles:
        text.quiet("Unsaved changes are lost when you close the page.")


def add(state: Session, new: Sequence[Puzzle]) -> list[Puzzle]:
    """Add puzzles to the visitor's, choose them for the next run, and return them as added.

    A changed puzzle that would replace a bundled one gets a new id.
    """
    by_id = {p.problem_id: p for p in state.puzzles}
    taken, brought = {*by_id, *(p.problem_id for p in new)}, []
    for added in new:
        puzzle = added
        bundled = puzzle.problem_id in state.bundled or is_told(puzzle)
        if bundled and by_id.get(puzzle.problem_id) != puzzle:
            stem = re.sub(r"-\d+$", "", puzzle.problem_id)[:58]
            name = next(f"{stem}-{n}" for n in itertools.count(2) if f"{stem}-{n}" not in taken)
            taken.add(name)
            puzzle = puzzle.model_copy(update={"problem_id": name})
        by_id[puzzle.problem_id] = puzzle
        brought.append(puzzle)
    state.puzzles = list(by_id.values())
    state.workshop.to_choose = tuple(p.problem_id for p in brought)
    return brought


def choose_added(state: Session) -> None:
    """Choose the puzzles that were just added. Must be called before the set-up draws its widgets."""
    if state.workshop.to_choose:
        st.session_state[panel.BY_HAND] = False
        for name in (*files.SETS, panel.YOURS):
            st.session_state[f"set_{name}"] = name == panel.YOURS
        st.session_state["read_puzzle"] = state.workshop.to_choose[0]
        state.workshop.to_choose = ()
