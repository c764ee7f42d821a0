"""A student's task in an open round. Whatever is handed in can be changed until the round closes."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import assert_never, get_args

import streamlit as st

from escape.classes import MAX_PUZZLES, Played, Review, Round, Student, classwork
from escape.puzzles import CONTROLS
from escape.results import outcome_sentence, pluralize, result_at, titles
from escape.rooms import VERBS, ByHand, as_answer
from escape.types import Puzzle, Trial, Verdict
from escape.ui import mending, text
from escape.ui.class_.rounds import handing_in, voting
from escape.ui.class_.rounds.handing_in import hand_in, render_item_choice
from escape.ui.judge import marking
from escape.ui.play import acting, play, render_steps
from escape.ui.pressing import bring, pressed
from escape.ui.session import Session
from escape.ui.workshop import form


def render(state: Session, me: Student, class_round: Round) -> None:
    message = st.container(key="task")  # what came of the last press, where the eye is after it
    match class_round.settings.kind:
        case "mark":
            _render_mark_task(state, me, class_round)
        case "play":
            _render_play_task(state, me, class_round)
        case "write":
            _render_write_task(state, me, class_round)
        case "review":
            _render_review_task(state, me, class_round)
        case "predict":
            voting.render_predict_task(state, me, class_round)
        case "bet":
            voting.render_bet_task(state, me, class_round)
        case "note":
            voting.render_note_task(state, me, class_round)
        case other:
            assert_never(other)
    with message:
        text.render_message(state.page.said.pop("task", None))


def _render_mark_task(state: Session, me: Student, class_round: Round) -> None:
    order = handing_in.in_order(me, class_round)
    own_marks = {
        Trial.model_validate_json(i): Verdict.model_validate_json(b) for i, b in me.mine(class_round).items()
    }
    key = f"mark_{class_round.id}"
    all_done = (
        " All done. You can change your marks until the round closes." if len(own_marks) == len(order) else ""
    )
    text.lead(f"Mark the answers. {len(own_marks)} of {pluralize(len(order), 'answer')} done.{all_done}")
    finished = {n for n, t in enumerate(order) if t in own_marks}
    at = render_item_choice("Answer", key, {n: str(n + 1) for n in range(len(order))}, finished)
    trial = order[at]
    run = me.run(class_round)
    puzzle = run.puzzle_by_id[trial.problem_id]
    result = result_at(run, trial.key)
    again = any(order[i].problem_id == puzzle.problem_id for i in range(at))
    handing_in.render(puzzle, result, len(order), again=again)
    # the key stands in the page's HTML, so it must not name the player
    name = f"mark_{class_round.id}_{class_round.settings.answers.index(trial)}"
    mark_form = marking.Form(puzzle, name, class_round.settings.checklist)

    def save() -> None:
        verdict = mark_form.read()
        if isinstance(verdict, str):
            state.say("task", verdict)
            bring(state, "task")
            return
        if hand_in(
            state,
            partial(me.mark, class_round, trial, verdict),
            "Saved. You can change it until the round closes.",
        ):
            st.session_state[key] = None  # on to the next answer

    with st.form(name):
        mark_form.render(own_marks.get(trial), brief=True)
        st.form_submit_button("Save", type="primary", on_click=save)


def _render_play_task(state: Session, me: Student, class_round: Round) -> None:
    by_id = {
        p.problem_id: p for p in me.run(class_round).puzzles if p.problem_id in class_round.settings.puzzles
    }
    handed_in = me.mine(class_round)
    titles_by_id = titles(list(by_id.values()))
    key = f"play_{class_round.id}"
    what = pluralize(len(by_id), "room")
    all_done = " All done. You can play on until the round closes." if len(handed_in) == len(by_id) else ""
    text.lead(
        f"Round {class_round.number}: get out of the rooms. {len(handed_in)} of {what} handed in.{all_done}"
    )
    puzzle = by_id[
        render_item_choice("Room", key, {i: text.label(titles_by_id[i]) for i in by_id}, handed_in)
    ]
    name = f"{class_round.id} {puzzle.problem_id}"
    if name != st.session_state.get("task_room"):
        acting.clear()
        st.session_state["task_room"] = name
    playing = state.seat.rooms.setdefault(name, ByHand(puzzle))

    def keep(played: Played) -> None:
        if hand_in(
            state, partial(me.play, class_round, puzzle.problem_id, played), f"{puzzle.name} is handed in."
        ):
            # on to the next room, unless lines of this one are to be written anew
            st.session_state[key] = puzzle.problem_id if mending.faults(puzzle, played.answer) else None

    def again() -> None:
        acting.clear()
        state.seat.rooms[name] = playing.again()

    play.render_room_text(puzzle)
    if not playing.play.over:
        acting.render(state, playing, playing.play)
    else:
        outcome = playing.play.outcome
        text.lead(outcome_sentence(outcome, puzzle))
        why = f"why_{name}"

        def hand_in_the_play() -> None:
            answer = as_answer(puzzle, outcome, st.session_state.get(why, ""))
            keep(Played(answer=answer, starts=min(playing.starts, 1000)))

        with st.container(key=acting.END), st.form(f"form {why}"):
            st.text_area("Why does it work, or why not?", max_chars=8000, key=why)
            st.form_submit_button("Hand it in", type="primary", on_click=hand_in_the_play)
    text.render_message(state.page.said.pop("task", None))  # above the list, which may be long
    render_steps(playing.play.steps, playing.play.lost_at if playing.play.over else None)
    if playing.play.steps:
        st.button("Start again", on_click=again, key="task_again")
    _render_words_form(puzzle, f"words_{name}", handed_in, keep)


def _render_words_form(
    puzzle: Puzzle, words: str, handed_in: Mapping[str, str], keep: Callable[[Played], None]
) -> None:
    """Draw a field for an answer in words, and fields to correct lines unreadable as moves.

    `words`: the key of the field. `keep` gets what was written.
    """

    def hand_in_the_words() -> None:
        if words_said := st.session_state.get(words, "").strip():
            keep(Played(answer=words_said))

    def mended(words_said: str) -> None:
        st.session_state[words] = words_said
        keep(Played(answer=words_said))

    with st.expander("Answer in words instead"), st.form(f"form {words}"):
        st.text_area("How do you get out, and why does it work?", max_chars=8000, key=words)
        st.form_submit_button("Hand in the words", on_click=hand_in_the_words)
    if puzzle.problem_id in handed_in and (
        words_said := Played.model_validate_json(handed_in[puzzle.problem_id]).answer
    ):
        mending.render(puzzle, words_said, f"mend {words}", mended)


def _render_write_task(state: Session, me: Student, class_round: Round) -> None:
    """Draw the workshop's form; below it, try a kept puzzle with controls and hand it in."""
    handed_in = me.mine(class_round)
    text.lead(
        f"Round {class_round.number}: write a puzzle. "
        f"{pluralize(len(handed_in), 'puzzle')} handed in, {MAX_PUZZLES} at most."
    )
    form.render(state, by_hand=False)
    own_puzzles = {i: Puzzle.model_validate_json(body) for i, body in handed_in.items()}
    own_puzzles |= {p.problem_id: p for p in state.puzzles if p.problem_id not in state.bundled}
    if not own_puzzles:
        text.quiet("Press Keep this puzzle first; then you can try it with controls and hand it in.")
        return
    titles_by_id = titles(list(own_puzzles.values()))
    ids, last = list(own_puzzles), state.workshop.kept  # whichever was kept last is chosen
    chosen = st.selectbox(
        "Your puzzle",
        ids,
        index=ids.index(last) if last in own_puzzles else len(ids) - 1,
        format_func=titles_by_id.__getitem__,
        key=f"own_puzzle_{len(ids)}_{last}",
    )
    puzzle = own_puzzles[chosen]
    with st.expander(
        f"Tried with {len(CONTROLS)} controls: answers whose right mark is known", expanded=True
    ):
        rows = classwork.tried_with_controls(puzzle, state.puzzles)
        text.table([("Answer", ""), ("In the room", "")], rows)

    if pressed(state, "Hand it in", "hand_in", type="primary"):
        hand_in(
            state,
            partial(me.hand_in, class_round, puzzle),
            f"{puzzle.name} is handed in. You can still change it.",
        )
        st.rerun()


WORDS = get_args(Review.model_fields["word"].annotation)


def _render_review_task(state: Session, me: Student, class_round: Round) -> None:
    """Draw a classmate's room with fields for a plan, a word for the room and a line to its author."""
    rooms, reviewed = me.to_review(class_round), me.mine(class_round)
    key = f"review_{class_round.id}"
    all_done = (
        " All done. You can change what you said until the round closes."
        if len(reviewed) == len(rooms)
        else ""
    )
    text.lead(
        f"Round {class_round.number}: review. {len(reviewed)} of {pluralize(len(rooms), 'room')} "
        f"done.{all_done}"
    )
    if not rooms:
        text.quiet("There is no room of a classmate to review.")
        return
    # by number: a title would tell who wrote the room
    chosen = render_item_choice("Room", key, {k: f"Room {n}" for n, k in enumerate(rooms, 1)}, reviewed)
    puzzle = rooms[chosen]
    before = Review.model_validate_json(reviewed[chosen]) if chosen in reviewed else None
    st.html(f'<div class="esc-text">{text.escaped(puzzle.setup.scenario)}</div>')
    text.items("Limits", puzzle.setup.constraints)
    text.items("Things", [*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ())])
    name = f"{key}_{chosen}"

    def save() -> None:
        fields = {field: st.session_state.get(f"{name}_{field}") or "" for field in ("moves", "word", "line")}
        if not fields["moves"].strip() or fields["word"] not in WORDS:
            state.say("task", "Write your plan, and choose a word for the room.")
            bring(state, "task")
            return
        review = Review.model_validate(fields)
        if hand_in(
            state,
            partial(me.review, class_round, chosen, review),
            "Saved. You can change it until the round closes.",
        ):
            st.session_state[key] = None  # on to the next room

    with st.expander("Verbs that rooms understand"):
        text.quiet(", ".join(sorted(VERBS)))
    with st.form(name):
        st.text_area(
            "Your way out, one move a line, such as “put: key -> lock”",
            before.moves if before else "",
            max_chars=4000,
            key=f"{name}_moves",
        )
        st.radio("How is this room?", WORDS, WORDS.index(before.word) if before else None, key=f"{name}_word",
                 horizontal=True)  # fmt: skip
        st.text_input(
            "One line to its author",
            before.line if before else "",
            max_chars=300,
            key=f"{name}_line",
            autocomplete="off",
        )
        st.form_submit_button("Save", type="primary", on_click=save)
