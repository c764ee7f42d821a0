"""Downloads of a run (CSV, report, figure, whole run), and the runs that can be loaded."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from escape.metrics import Metric
from escape.puzzles import files
from escape.results import card, csv, doors, figure_caption, pluralize
from escape.runs import examples
from escape.runs.file import jsonl, published
from escape.types import FileError, Run
from escape.ui import pressing, text
from escape.ui.results.pictures import bands_of
from escape.ui.run import example
from escape.ui.session import RESULTS, TEST, Session
from escape.ui.visit import host
from escape.unpacking import BUDGET, MB

SVG = "image/svg+xml"
HOSTED_RUN_MB = 64  # of a run file once it is unpacked, on a page that strangers use


def render(state: Session, run: Run, metric: Metric, *, primary: bool) -> None:
    st.download_button("Download CSV", partial(csv.plain_csv, run), f"escape-{run.run_id}.csv", "text/csv",
                       key="save_CSV", on_click="ignore", help=f"A row per answer, {len(csv.PLAIN)} columns.",
                       type="primary" if primary else "secondary")  # fmt: skip
    with st.popover("More formats", key="more_formats", on_change="rerun") as more:
        if more.open:
            _render_downloads(state, run, metric)


def _render_downloads(state: Session, run: Run, metric: Metric) -> None:
    offered: tuple[tuple[str, str, str, Callable[[], str | bytes], str], ...] = (
        (
            "CSV for Excel",
            "-excel.csv",
            "text/csv",
            partial(csv.plain_csv, run, excel=True),
            f"The {len(csv.PLAIN)} columns, marked as UTF-8.",
        ),
        (
            "CSV with all columns",
            "-all.csv",
            "text/csv",
            partial(csv.to_csv, run, metric),
            "Everything about each answer: tokens, moves, quotes, versions.",
        ),
        (
            "Report",
            ".html",
            "text/html",
            partial(card.page, run, metric),
            "One page to read, print or send: results, intervals, what exactly was run.",
        ),
        (
            "Whole run (compressed)",
            ".json.gz",
            "application/gzip",
            partial(jsonl.packed_file, run),
            "Restores everything: load it under Saved runs, or with --resume. Inside: JSON, an answer or "
            "mark a line.",
        ),
    )
    caption = figure_caption(run)
    svg = doors.doors_svg(bands_of(state, run, metric), caption)
    if svg:
        offered += (
            ("Figure for a paper (SVG)", "-figure.svg", SVG, lambda: svg, "Doors, intervals and a caption."),
        )
    with st.container(horizontal=True, key="downloads"):
        for label, ending, kind, make, about in offered:
            st.download_button(
                label,
                make,
                f"escape-{run.run_id}{ending}",
                kind,
                key=f"save_{label}",
                on_click="ignore",
                help=about,
            )
    if svg:
        pressing.render_png_buttons({f"escape-{run.run_id}-figure.png": ("Figure for a paper (PNG)", svg)})
        text.quiet("Its caption, to paste:")
        st.code(" ".join(caption), language=None, wrap_lines=True)
    text.quiet("None of these files contains a key.")


def render_load(state: Session) -> None:
    """Draw the runs to load: from a file, the published one, those made for lessons.

    Folded, since few want them.
    """
    fold = st.expander("Load a run", key="load_fold", on_change="rerun")
    if fold.open:
        with fold:
            _render_load(state)


def _render_load(state: Session) -> None:
    text.quiet(
        "A whole run, as More formats saves it; the CSV is for spreadsheets. A loaded run is added to your "
        "other runs."
    )
    left_half, right = st.columns(2, gap="large")
    with left_half:
        file = st.file_uploader(
            "A run saved here", type=["json", "gz"], key="run_file", disabled=state.running
        )
        if file is not None and state.take_in(file.file_id):
            most = jsonl.MAX_BYTES if host().local else min(HOSTED_RUN_MB * MB, BUDGET.most)
            _take_in_run(state, lambda: jsonl.loads(file.getvalue(), file.name, most, host().most_answers))
        if host().local:  # a file by its path, of any size, since nothing is sent
            with st.form("run_path_form", border=False):
                path = st.text_input(
                    "Or its path on this machine", key="run_path", autocomplete="off", max_chars=1000
                )
                if st.form_submit_button("Open it", key="open_path", disabled=state.running) and path.strip():
                    _take_in_run(state, lambda: jsonl.load(path.strip()))
        text.render_message(state.page.said.get("run_file"))
    with right:
        text.quiet(
            "The experiment this project began with, published in February 2025: two players, five puzzles, "
            "GPT-4 as its own judge. Figures only."
        )

        def show_published() -> None:
            state.show(published(files.shared(files.BUNDLED)))
            state.go_to(RESULTS)

        st.button("Show the published run", on_click=show_published, key="published", disabled=state.running)
        text.quiet("Runs for lessons, put together from the demo players' texts; no model was asked.")

        def show_made(which: str) -> None:
            state.show(examples.make_run(which, files.shared(files.BUNDLED)))
            if examples.EXAMPLES[which].predicted:
                state.say("made", "It is open now. Open a class under Class: the class predicts first.")
                state.go_to(TEST)
            else:
                state.go_to(RESULTS)

        def show_script() -> None:
            if run := example.of_script():
                state.open_on(run)
                state.go_to(RESULTS)

        st.button("Show the demo players, marked by readers", on_click=show_script, key="made_script",
                  disabled=state.running)  # fmt: skip
        for which, (label, *_) in examples.EXAMPLES.items():
            st.button(label, on_click=show_made, args=(which,), key=f"made_{which}", disabled=state.running)
        text.render_message(state.page.said.pop("made", None))


def _take_in_run(state: Session, load: Callable[[], Run]) -> None:
    try:
        loaded = load()
    except FileError as error:
        state.say("run_file", str(error))
    else:
        state.page.said.pop("run_file", None)
        if aside := loaded.damaged:
            state.say(
                "run_file", f"{pluralize(len(aside), 'line')} of the file could not be read: {aside[0]}."
            )
        state.show(loaded)
        state.go_to(RESULTS)
    st.rerun()
