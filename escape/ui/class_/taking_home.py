"""The end of a class: downloads, the class's own set, one more day for joining, deletion."""

import time
from collections.abc import Sequence
from functools import partial

import streamlit as st

from escape.classes import Round, Teacher, classwork, report, reviewed
from escape.puzzles import files
from escape.results import titles
from escape.runs import new_run
from escape.runs.file import jsonl
from escape.store import Entry
from escape.types import Mark, Puzzle, RunConfig
from escape.ui import text, visit
from escape.ui.class_ import scene
from escape.ui.class_.way_in import act
from escape.ui.pressing import pressed
from escape.ui.session import Session
from escape.ui.workshop import verdict


def render(state: Session, teacher: Teacher) -> None:
    st.button("Back to the page", key="to_page", on_click=st.query_params.clear)
    with st.expander("Download, run the class's puzzles, extend, delete"):
        text.quiet("People are S01, S02 and so on in these files. Only revealed rounds are in them.")
        revealed = _revealed(teacher)
        latest = {
            p.problem_id: p for r, e in revealed if r.settings.kind == "write" for p in classwork.puzzles(e)
        }
        written = list(latest.values())  # of two with one id, the later
        marked: dict[int, list[Mark]] = {}  # by the run that the round was about
        for r, e in revealed:
            marked.setdefault(r.settings.content, []).extend(
                classwork.entered_marks(e) if r.settings.kind == "mark" else ()
            )
        with st.container(horizontal=True):
            st.download_button(
                "Marks, plays and votes as CSV",
                partial(_to_csv, teacher),
                f"class-{teacher.code}.csv",
                "text/csv",
                key="class_csv",
                on_click="ignore",
            )
            st.download_button("The class's report", partial(_report, teacher), f"class-{teacher.code}.html",
                               "text/html", key="class_report", on_click="ignore")  # fmt: skip
            for content, opinions in (marked or {0: []}).items():
                number = f" {content}" if len(marked) > 1 else ""
                st.download_button(
                    f"The run{number} with all marks",
                    partial(_with_marks, teacher, content, opinions),
                    f"class-{teacher.code}{number.strip()}.json.gz",
                    "application/gzip",
                    key=f"class_run{number}",
                    on_click="ignore",
                )
        st.button(
            "Let people join for one more day",
            on_click=act,
            args=(state, teacher.extend_joining),
            key="extend_joining",
        )
        if written:
            _render_class_set(state, teacher, written, _admitted(teacher, revealed))
        if st.checkbox("Delete this class", key="delete_ask"):
            text.quiet("This deletes all marks, plays and puzzles of this class, for everybody.")

            def delete() -> None:
                teacher.delete()
                state.seat.teacher = None
                visit.remember(f"teach_{teacher.code}", "")
                st.query_params.clear()

            st.button("Yes, delete it", on_click=act, args=(state, delete), key="delete_class")


def _to_csv(teacher: Teacher) -> str:
    return classwork.to_csv([(r, entries, teacher.run(r)) for r, entries in _revealed(teacher)])


def _report(teacher: Teacher) -> str:
    now = scene.stage(teacher)
    held = [(r, entries, teacher.run(r)) for r, entries in _revealed(teacher)]
    return report.page(now.title, time.strftime("%Y-%m-%d", time.gmtime(now.about.made)), held)


def _with_marks(teacher: Teacher, content: int, marks: Sequence[Mark]) -> bytes:
    """Pack a run of the class as a file, with the class's marks added. `content`: the run's number."""
    run = teacher.data.run(teacher.code, content)
    return jsonl.packed_file(run.model_copy(update={"opinions": (*run.opinions, *marks)}))


def _revealed(teacher: Teacher) -> list[tuple[Round, Sequence[Entry]]]:
    """Load the revealed rounds with their entries, as they are now.

    Another window may have changed the kinds of lines since this page was drawn.
    """
    return [(r, teacher.entries(r)) for r in teacher.rounds() if r.state == "revealed"]


def _admitted(teacher: Teacher, revealed: Sequence[tuple[Round, Sequence[Entry]]]) -> set[str] | None:
    """Collect the ids of proved rooms whose latest reviews mention no shortcut. None without reviews."""
    reviews = [(r, e) for r, e in revealed if r.settings.kind == "review"]
    if not reviews:
        return None
    class_round, entries = reviews[-1]
    ids = set()
    for one in reviewed(teacher.rooms(class_round.settings.written), entries):
        has_shortcut = any(word == "there is a shortcut" for word, _ in one.remarks)
        if not one.room.missing and not has_shortcut:
            ids.add(one.room.room_id)
    return ids


def _render_class_set(
    state: Session, teacher: Teacher, written: Sequence[Puzzle], admitted: set[str] | None
) -> None:
    """Draw a choice of the class's puzzles: to download, to be played by the class, or to run."""
    titles_by_id = titles(written)
    usual = [i for i in titles_by_id if admitted is None or i in admitted]
    chosen = st.multiselect(
        "The class's set",
        list(titles_by_id),
        default=usual,
        format_func=titles_by_id.__getitem__,
        key=f"class_chosen_{len(usual)}",
    )
    rooms = [p for p in written if p.problem_id in chosen]
    st.download_button(
        "The set as one file",
        lambda: files.share(rooms),
        f"class-{teacher.code}-puzzles.json",
        "application/json",
        key="class_puzzles",
        on_click="ignore",
        disabled=not rooms,
    )
    st.button(
        "Let the class play this set",
        key="class_set",
        disabled=not chosen,
        on_click=act,
        args=(state, teacher.set_run, new_run(RunConfig(problem_ids=tuple(chosen)), rooms)),
    )

    if pressed(state, "Add them to the page and choose players", "class_take", disabled=not chosen):
        verdict.add(state, rooms)
        st.query_params.clear()
        st.rerun()
