"""The Answers tab: the choice of an answer, beside the reference or another answer, and notes on it."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from escape import rooms
from escape.metrics import Metric
from escape.results import (
    CATEGORIES,
    answer_sentence,
    digest,
    first_to_read,
    names,
    notes_table,
    order,
    pluralize,
    result_at,
    titles,
)
from escape.runs import LiveRun
from escape.types import PERSON, Note, Result, Run, Trial, TrialKey
from escape.ui import text
from escape.ui.answers import answer
from escape.ui.pressing import pressed, render_copy_link
from escape.ui.session import CONTRADICTED, Session, answer_code
from escape.ui.tables import render_raters_marks

ME = f"{PERSON}reader"


def render_notes(state: Session, run: Run, result: Result, following: str) -> None:
    """Draw the note on a failed answer, folded until it is wanted.

    `following`: the key of the button that goes on to the next answer, pressed when a note is saved.
    """
    live = state.own_live
    if result.answer is None or result.outcome is None or result.outcome.out or live is None:
        return
    own_notes = [note for note in run.notes if note.by == ME]
    fold = st.expander("What went wrong?", key="noting", on_change="rerun", expanded=bool(own_notes))
    if fold.open:
        with fold:
            _render_note_fields(state, live, own_notes, result, following)
            if own_notes:
                head, rows = notes_table(run, own_notes)
                text.table([(name, "n" if n else "") for n, name in enumerate(head)], rows,
                           f"{pluralize(len(own_notes), 'answer')} read so far")  # fmt: skip
                text.quiet("Your notes are in the CSV and in the saved run.")


def _render_note_fields(
    state: Session, live: LiveRun, own_notes: list[Note], result: Result, following: str
) -> None:
    before = next((note for note in own_notes if note.trial == result.trial), None)
    last = own_notes[-1] if own_notes else None
    key = _note_key(live, result.trial)
    line = st.text_input("What went wrong? One line", before.text if before else "", key=key, max_chars=300,
                         autocomplete="off")  # fmt: skip
    has_category = before and before.category in CATEGORIES
    kind = st.pills(
        "What kind?",
        CATEGORIES,
        key=f"{key} kind",
        default=before.category if has_category and before else None,
    )

    def put(category: str) -> None:
        live.put_note(Note(trial=result.trial, text=line.strip(), category=category, by=ME))
        state.remember(live)  # what is added to the example is kept like a run of one's own
        state.page.presses.add(following)
        st.rerun()

    with st.container(horizontal=True):
        if pressed(state, "Save and go on", "note_save", type="primary", shortcut="Ctrl+Enter"):
            put(kind or "")
        if (
            last
            and last.category
            and pressed(state, f"Same again: {text.label(last.category)}", "note_same", shortcut="Alt+S")
        ):
            put(last.category)
        if last and pressed(state, "Undo the last", "note_undo", shortcut="Alt+Z"):
            live.put_note(last.model_copy(update={"text": "", "category": ""}))
            for field in (_note_key(live, last.trial), f"{_note_key(live, last.trial)} kind"):
                st.session_state.pop(field, None)
            state.chosen = last.trial.key
            st.rerun()


def _note_key(live: LiveRun, trial: Trial) -> str:
    return f"note {live.code} {'-'.join(map(str, trial.key))}"


def groups(run: Run, keys: Sequence[TrialKey]) -> dict[str, list[TrialKey]]:
    """Group answers by kind, in their order. Kinds without answers are left out, except all.

    One failed repeat puts all of a player's answers to that room under what went wrong.
    """
    counts = digest(run)
    stuck: set[tuple[str, str]] = set()  # (player, puzzle)
    for player, plays in counts.rooms.items():
        stuck.update((player, i) for i, repeats in plays.items() if not all(x.out for x in repeats))
    with_room = {p.problem_id for p in run.puzzles if p.world} if counts.rooms else set()
    for player, marks in counts.marks["standard"].items():
        played = counts.rooms.get(player, {})
        stuck.update((player, i) for i in marks if i in with_room and i not in played)
    against_room = set(counts.contradicted)
    by_group = {
        "all": list(keys),
        "went wrong": [k for k in keys if (k[1], k[0]) in counts.failed or (k[1], k[0]) in stuck],
        CONTRADICTED: [k for k in keys if k in against_room],
    }
    return {name: group for name, group in by_group.items() if group or name == "all"}


def render_filter(state: Session, run: Run, keys: Sequence[TrialKey]) -> Sequence[TrialKey]:
    """Draw the filter; return the answers it leaves.

    An answer opened from elsewhere is always among them: the filter is reset for it.
    """
    by_group = groups(run, keys)

    def choose() -> None:
        keys_of_group = by_group.get(st.session_state["answer_filter"], by_group["all"])
        if state.chosen not in keys_of_group:
            state.chosen = keys_of_group[0]

    if st.session_state.get("answer_filter") not in by_group or (
        state.chosen and state.chosen not in by_group[st.session_state["answer_filter"]]
    ):
        st.session_state["answer_filter"] = "all"
    name = st.segmented_control(
        "Show", list(by_group), key="answer_filter", required=True, on_change=choose,
        format_func=lambda n: f"{n} ({len(by_group[n])})",
    )  # fmt: skip
    return by_group[name or "all"]


NEXT = "answer_next"


def render(state: Session, run: Run, metric: Metric) -> None:
    keys = state.worked_out(run, "order", partial(order, run))
    if not keys:
        text.lead("No answer to show yet.")
        return
    first = st.container()  # the sentence is what a screen reader meets first
    if state.chosen not in keys:
        state.chosen = state.worked_out(run, "first lost", partial(first_to_read, run)) or keys[0]
    result = result_at(run, _render_choice(state, run, keys))
    puzzle = run.puzzle_by_id[result.trial.problem_id]
    with first, st.container(key="answer"):
        text.lead(answer_sentence(result, puzzle, metric))
    with st.expander("The room, as the player read it"):
        st.html(f'<div class="esc-text">{text.escaped(rooms.text(puzzle))}</div>')
    if (other := st.session_state.get("answer_other")) in keys:
        answer.render(run, result, result_at(run, other), metric)
        return
    answer.render_marks(result, puzzle, metric)
    left_half, right = st.columns(2, gap="large")
    with left_half:
        answer.render_text(result)
        answer.render_replay(puzzle, result)
    with right:
        answer.render_reference(puzzle, result)
    render_notes(state, run, result, NEXT)
    if any(o.trial == result.trial for o in run.opinions):
        text.heading("All marks on this answer")
        render_raters_marks(run, result)


def _render_choice(state: Session, run: Run, every: Sequence[TrialKey]) -> TrialKey:
    """Draw the filter, the choice of an answer, and buttons to compare and link. Return the chosen one.

    The choice is kept in `state.chosen`.
    """
    nav = st.container(horizontal=True, vertical_alignment="bottom", key="answer_nav")
    with nav, st.popover("Filter", key="filter"):
        keys = render_filter(state, run, every)
    places = {key: i for i, key in enumerate(keys)}
    here = places.get(state.chosen or keys[0], 0)
    state.chosen = chosen = keys[here]
    puzzle, player, repeat = chosen

    def step(by: int) -> None:
        state.chosen = keys[(here + by) % len(keys)]

    def pick(changed: int) -> None:
        """Choose the answer that the fields name, or the nearest that exists.

        `changed`: the index of the changed field, which the nearest one must match.
        """
        place = (st.session_state["answer_room"], st.session_state["answer_player"])
        same = (*place, int(st.session_state.get("answer_repeat", 1)))
        fits = [
            *(k for k in keys if k[:3] == same),
            *(k for k in keys if k[:2] == place),
            *(k for k in keys if k[changed] == same[changed]),
        ]
        state.chosen = fits[0] if fits else state.chosen

    st.session_state["answer_room"], st.session_state["answer_player"] = puzzle, player
    repeats = [k[2] for k in keys if k[:2] == (puzzle, player)]
    with nav:
        st.button("Previous", on_click=step, args=(-1,), key="answer_prev", shortcut="Shift+Left")
        for n, (label, name_by_key) in enumerate((("Room", titles(run.puzzles)), ("Player", names(run)))):
            st.selectbox(
                label,
                list(dict.fromkeys(k[n] for k in keys)),
                key=f"answer_{label.lower()}",
                on_change=pick,
                args=(n,),
                format_func=name_by_key.__getitem__,
                width=190,
            )
        if len(repeats) > 1:
            st.session_state["answer_repeat"] = repeat
            st.selectbox("Repeat", repeats, key="answer_repeat", on_change=pick, args=(2,), width=110,
                         format_func=lambda n: f"{n} of {len(repeats)}")  # fmt: skip
        st.button("Next", on_click=step, args=(1,), key=NEXT, shortcut="Shift+Right")
    with nav:
        with st.popover("Compare", key="compare"):
            _render_comparison_choice(run, every, chosen)
        query = {"answer": answer_code(chosen)}
        if state.live and not state.shows_example:
            query["run"] = state.live.code
        render_copy_link(f"copy_{query['answer']}", query)
    if NEXT in state.page.presses:  # a note was written: on to the next answer
        state.page.presses.discard(NEXT)
        step(1)
        st.rerun()
    return chosen


def _render_comparison_choice(run: Run, keys: Sequence[TrialKey], here: TrialKey) -> None:
    name_by_player = names(run)
    offered = [k for k in keys if k[0] == here[0] and k != here]
    repeats = max((k[2] for k in offered), default=1) > 1
    labels = {k: name_by_player[k[1]] + (f", repeat {k[2]}" if repeats else "") for k in offered}
    if st.session_state.get("answer_other") not in (None, *offered):
        st.session_state["answer_other"] = None
    st.selectbox("Compare with", offered, index=None, key="answer_other", format_func=labels.__getitem__,
                 placeholder="another answer to this room")  # fmt: skip
