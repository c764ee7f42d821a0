"""Export: the table as CSV, the whole run as JSON, and both ways back in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from escape import puzzles, report, runfile
from escape.errors import FileError
from escape.metrics import Metric
from escape.records import Run
from escape.ui import bring, text
from escape.ui.session import Session, go_to
from escape.ui.setup import Choice
from escape.words import count

PUBLISHED = Path(__file__).parent.parent / "published_2025.json"


def show(state: Session, choice: Choice, run: Run | None, metric: Metric) -> None:
    """The whole view."""
    if run is None:
        text.lead("Nothing to take home yet: run something, or load a run.")
    else:
        text.lead(f"{count(len(report.in_order(run)), 'answer')} of {count(len(run.players), 'player')} to take home.")
        _save(run, metric)
    _load(state)
    bring.show(state, choice)


def _save(run: Run, metric: Metric) -> None:
    name = f"escape-{run.run_id}"
    with st.container(horizontal=True, key="downloads"):
        st.download_button(
            "CSV",
            lambda: report.to_csv(run, metric),
            f"{name}.csv",
            "text/csv",
            key="csv",
            on_click="ignore",
            type="primary",
            help="One row per answer.",
        )
        st.download_button(
            "CSV for Excel",
            lambda: report.to_csv(run, metric, excel=True),
            f"{name}-excel.csv",
            "text/csv",
            key="csv_excel",
            on_click="ignore",
            help="The same, marked as UTF-8.",
        )
        st.download_button(
            "Whole run (JSON)",
            lambda: runfile.dumps(run),
            f"{name}.json",
            "application/json",
            key="json",
            on_click="ignore",
            help="Restores everything: load it below.",
        )
    text.quiet("No key is in any of these files.")
    with st.expander("The columns of the CSV"):
        text.quiet(", ".join(report.COLUMNS) + ".")
    look = st.expander("Look at the table", key="look_at_table", on_change="rerun")
    if look.open:
        shown = report.table(run, metric).drop(columns=["answer", "reference_solution", "feedback"])
        look.dataframe(shown.map(report.safe_cell), hide_index=True)


def _load(state: Session) -> None:
    text.heading("Load")
    if state.run is not None:
        text.quiet("What is loaded takes the place of the run on show: save that first.")
    left, right = st.columns(2, gap="large")
    with left:
        file = st.file_uploader(
            "A run saved here (JSON)", type="json", key="run_file", max_upload_size=16, disabled=state.running
        )
        if file is not None and st.session_state.get("run_file_seen") != file.file_id:
            st.session_state["run_file_seen"] = file.file_id
            try:
                loaded = runfile.loads(file.getvalue(), file.name)
            except FileError as error:
                st.session_state["run_problem"] = str(error)
            else:
                st.session_state["run_problem"] = ""
                state.show(loaded)
                st.session_state["next_view"] = "Results"
            st.rerun()
        if problem := st.session_state.get("run_problem"):
            text.cause(problem)
    with right:
        text.quiet(
            "The experiment this began with, published in February 2025: two players, five puzzles, "
            "GPT-4 as its own judge. Figures only."
        )

        def published() -> None:
            state.show(runfile.published(PUBLISHED.read_bytes(), puzzles.load(puzzles.BUNDLED)))
            go_to("Results")

        st.button("Show the published run", on_click=published, key="published", disabled=state.running)
