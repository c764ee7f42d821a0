"""The workshop's form: a puzzle written or changed in four steps, with a verdict beside it."""

from dataclasses import fields, replace
from typing import Any

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from escape.puzzles import EMPTY, Draft, by_difficulty, draft_of, misnamed, renamed
from escape.results import pluralize
from escape.ui import text
from escape.ui.assets import asset
from escape.ui.session import Session, Workshop
from escape.ui.workshop import rules, verdict
from escape.ui.workshop.fields import ABOUT, FIELDS, STORY, TEMPTATIONS, WAY, named_after

MOST = 200_000  # characters of a draft that is taken back
_KEY = "draft"
_DRAFT = TypeAdapter(Draft)
_TAB = st.components.v2.component("escape_draft", html="<span hidden></span>", js=asset("draft.js"))


def render_keeping(state: Session) -> None:
    """Keep the draft in the browser tab; restore it if none was begun since the page opened."""
    work = state.workshop
    is_begun = work.draft != EMPTY or work.edition > 0

    def take_up() -> None:
        stored = st.session_state[_KEY].get("kept")
        if is_begun or not isinstance(stored, str) or len(stored) > MOST:
            return
        try:
            work.draft = _DRAFT.validate_json(stored)
        except ValidationError:  # of an earlier version of the form
            return
        work.edition += 1

    draft = _DRAFT.dump_json(work.draft).decode() if work.draft != EMPTY else ""
    me = state.seat.student  # two pupils may write in one tab, one after the other
    writer = f"{me.member.code} {me.member.number}" if me else ""
    _TAB(key=_KEY, data={"draft": draft, "begun": is_begun, "writer": writer}, on_kept_change=take_up)


def render(state: Session, *, by_hand: bool = True) -> None:
    """Draw the puzzle to start from, the fields of the current step, and the verdict.

    `by_hand`: with a button to try the puzzle under Play.
    """
    _render_start(state)
    work = state.workshop
    _take_fields(work)  # of a step that was left just now too
    left_half, right = st.columns([3, 2], gap="large")
    with left_half:
        step = st.segmented_control(
            "Step", list(ABOUT), key="work_step", default=STORY, required=True,
            format_func=lambda s: f"{list(ABOUT).index(s) + 1} {s}",
        )  # fmt: skip
        text.quiet(ABOUT[step])
        if step == STORY and work.twisting:
            _render_difference(work.draft, work.edition)
        for name, field in FIELDS.items():
            if field.step == step:
                key, value = f"work_{name}_{work.edition}", getattr(work.draft, name)
                if field.lines:
                    st.text_area(field.label, value, key=key, height="content")
                else:
                    st.text_input(field.label, value, key=key, autocomplete="off")
        if step == STORY:
            _render_naming(work.draft, work.edition)
        elif step == WAY:
            st.checkbox("There is a way out", work.draft.solvable, key=f"work_solvable_{work.edition}")
        elif step == TEMPTATIONS:
            _render_herrings(work.draft, work.edition)
        else:
            rules.render(work)
        names = list(ABOUT)
        following = names[names.index(step) + 1] if step != names[-1] else ""
        if following:
            st.button(f"Next: {following}", key="work_next", on_click=_go, args=(following,))
    with right, st.container():
        _render_renaming(state)
    with right, st.container(key="verdict"):
        verdict.render(state, work.draft, by_hand=by_hand)
    render_keeping(state)


def _render_renaming(state: Session) -> None:
    """Offer to rename a thing everywhere once it has another name: it may occur in forty places."""
    work = state.workshop
    old, offered = misnamed(work.draft)

    def carry(new: str) -> None:
        _take_fields(work)
        work.draft, _ = renamed(work.draft, old, new)
        work.edition += 1

    for new in offered[:3] if old else []:
        times = renamed(work.draft, old, new)[1]
        st.button(f"Rename {text.label(old)} to {text.label(new)} everywhere ({pluralize(times, 'place')})",
                  key=f"work_rename_{new}", on_click=carry, args=(new,))  # fmt: skip


def _go(step: str) -> None:
    st.session_state["work_step"] = step


def _render_start(state: Session) -> None:
    by_id, titles_by_id = (
        {p.problem_id: p for p in by_difficulty(state.puzzles)},
        state.labels_of(state.puzzles),
    )

    def begin(*, twisting: bool = False) -> None:
        work = state.workshop
        work.origin = by_id.get(st.session_state["work_from"])
        work.draft = draft_of(work.origin) if work.origin else EMPTY
        work.twisting = twisting
        if work.origin and twisting:
            work.draft = replace(
                work.draft,
                problem_id=f"{work.origin.problem_id[:50]}.twist-2",
                title=f"{work.origin.name}, twisted",
            )
        work.edition += 1
        work.rule, work.tried, work.kept = 0, [], ""
        _go(STORY)

    st.session_state.setdefault("work_from", next(iter(by_id), ""))  # the easiest there is, not an empty form
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Start from", ["", *by_id], key="work_from", width=320,
            format_func=lambda i: titles_by_id[i] if i else "nothing",
        )  # fmt: skip
        st.button(
            "Start with a copy" if st.session_state["work_from"] else "Start afresh",
            on_click=begin,
            key="work_begin",
            type="primary" if st.session_state["work_from"] else "secondary",
        )
        source = by_id.get(st.session_state["work_from"])
        if source and source.world and not source.twist_of:
            st.button("Make a twist", on_click=begin, kwargs={"twisting": True}, key="work_twist")


def _render_difference(draft: Draft, edition: int) -> None:
    text.quiet(
        "A twist is the same room with one fact changed, so that the known way fails and another works, or "
        "none does. Change the words below in which the two differ, then what the room answers, and the way "
        "out."
    )
    st.text_area("Which fact differs, and why does the known way fail? Players are told after they have "
                 "tried",
                 draft.differs, key=f"work_differs_{edition}",
                 placeholder="The ball is a golf ball: it sinks in water and floats in brine.", max_chars=500,
                 height="content")  # fmt: skip


def _render_naming(draft: Draft, edition: int) -> None:
    with st.expander("Id and kind"):
        st.text_input(
            "Id: a short name of letters, digits, _ . - (no spaces)",
            draft.problem_id,
            key=f"work_problem_id_{edition}",
            placeholder=named_after(draft.title),
            autocomplete="off",
        )
        st.text_input(
            "Kind of puzzle, such as fluids", draft.family, key=f"work_family_{edition}", autocomplete="off"
        )


def _render_herrings(draft: Draft, edition: int) -> None:
    items = [line.strip() for line in draft.items.splitlines() if line.strip()]
    if not items:
        text.quiet("Write the items first, under Story.")
        return
    notes = {row.get("item", ""): row.get("note", "") for row in draft.herrings}
    chosen = st.multiselect(
        "Which items are red herrings?",
        list(dict.fromkeys([*items, *filter(None, notes)])),
        [n for n in notes if n],
        key=f"work_tempting_{edition}",
        placeholder="Choose items",
    )
    for item in chosen:
        st.text_input(f"Why the {text.label(item)} cannot help, and why it tempts", notes.get(item, ""),
                      key=f"work_note_{edition}_{item}", autocomplete="off")  # fmt: skip


def _take_fields(work: Workshop) -> None:
    work.draft = _read_fields(work.draft, work.edition)
    rules.take(work)


def _read_fields(draft: Draft, edition: int) -> Draft:
    """Copy the draft with its fields' current values. Fields not on show keep what they held."""
    held: dict[str, Any] = {}
    for field in fields(Draft):
        if (key := f"work_{field.name}_{edition}") in st.session_state:
            held[field.name] = st.session_state[key]
    tempting = st.session_state.get(f"work_tempting_{edition}")
    if tempting is not None:
        notes = {row.get("item", ""): row.get("note", "") for row in draft.herrings}
        held["herrings"] = tuple(
            {"item": item, "note": st.session_state.get(f"work_note_{edition}_{item}", notes.get(item, ""))}
            for item in tempting
        )
    return replace(draft, **held)
