"""Bring your own answers: from any chat window, or from a file. They are judged like any other, marked as brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from escape import prompts, runfile
from escape.errors import EscapeError, FileError
from escape.evaluate import new_run
from escape.records import BROUGHT, Result, RunConfig, Trial
from escape.runfile import AnswerLine
from escape.schema import Answer
from escape.ui import text
from escape.ui.session import Session, start
from escape.ui.setup import Choice


def show(state: Session, choice: Choice) -> None:
    """Paste one, or load a file."""
    text.heading("Bring your own answers")
    text.quiet(
        "Ask any chat window, paste what it says, and have it judged here. No key is needed with the offline judge "
        "or a person."
    )
    left, right = st.columns(2, gap="large")
    with left, st.form("bring", clear_on_submit=True):
        by_id = {p.problem_id: p for p in state.puzzles}
        who = st.text_input(
            "Who answered", max_chars=60, autocomplete="off", placeholder="a model's or a person's name"
        )
        where = st.selectbox("Puzzle", list(by_id), format_func=lambda i: by_id[i].name)
        said = st.text_area("The answer", max_chars=40_000, height=160)
        if st.form_submit_button("Add and judge it", disabled=state.running):
            if not said.strip() or not who.strip():
                st.session_state["bring_problem"] = "Write who answered, and paste the answer."
            else:
                bring(state, choice, [AnswerLine(problem_id=where, answer=said, player=who.strip())])
    with right:
        with st.expander("The text to paste into the chat window"):
            chosen = st.selectbox("Puzzle to ask", list(by_id), format_func=lambda i: by_id[i].name, key="ask_puzzle")
            asked = prompts.player(by_id[chosen])
            st.code(f"{asked.system}\n\n{asked.user}", language=None, wrap_lines=True)
        file = st.file_uploader(
            "A file of answers (CSV or JSONL: problem_id, player, answer)",
            type=["csv", "jsonl"],
            key="bring_file",
            max_upload_size=16,
            disabled=state.running,
        )
        if file is not None and st.session_state.get("bring_file_seen") != file.file_id:
            st.session_state["bring_file_seen"] = file.file_id
            try:
                lines = runfile.answers_from(file.getvalue(), file.name)
            except FileError as error:
                st.session_state["bring_problem"] = str(error)
            else:
                bring(state, choice, lines)
    if problem := st.session_state.pop("bring_problem", ""):
        text.cause(problem)


def bring(state: Session, choice: Choice, lines: Sequence[AnswerLine]) -> None:
    """Add answers to the run on show, or to a new one, and have them judged."""
    known = {p.problem_id: p for p in state.puzzles}
    strangers = [x.problem_id for x in lines if x.problem_id not in known]
    if strangers or not lines:
        st.session_state["bring_problem"] = (
            f"There is no puzzle {strangers[0]!r}; upload it under Puzzles first."
            if strangers
            else "The file is empty."
        )
        return
    judge = choice.judge
    if judge is None:
        st.session_state["bring_problem"] = choice.lacking
        return
    shown = state.run
    published = shown is not None and any(p.provider == "published" for p in shown.config.players)
    base = new_run(RunConfig(judge=judge), []) if shown is None or published else shown
    times = Counter((r.trial.problem_id, r.trial.player) for r in base.results)
    brought = []
    for line in lines:
        key = (line.problem_id, f"{BROUGHT}{line.player or 'anonymous'}")
        times[key] += 1
        trial = Trial(problem_id=key[0], player=key[1], repeat=times[key])
        brought.append(Result(trial=trial, answer=Answer(text=line.answer, cost_usd=0.0)))
    there = {p.problem_id for p in base.puzzles}
    more = [known[i] for i in dict.fromkeys(x.problem_id for x in lines) if i not in there]
    puzzles = [*base.puzzles, *more]
    grown = base.model_copy(update={"puzzles": tuple(puzzles), "results": (*base.results, *brought)})
    own = base.config.judge
    marked = any(r.verdict and r.verdict.judge == own.name and r.answer for r in base.results)
    # one run, one judge: new answers are marked by the judge of those that are there
    if marked and {m.name for m in own.models} - {m.name for m in judge.models}:
        st.session_state["bring_problem"] = (
            f"The answers on show were marked by {own.name}. Choose that judge in the set-up, so that it marks this "
            "one too, or run anew."
        )
        return
    config = base.config.model_copy(
        update={"judge": judge if own.models or not marked else own, "max_cost_usd": choice.cap_usd, "concurrency": 8}
    )
    work = ([r.trial for r in brought], {r.trial: r.answer for r in brought if r.answer})
    try:
        start(state, config, puzzles, grown, only=work)
    except EscapeError as error:
        st.session_state["bring_problem"] = str(error)
        return
    st.session_state["next_view"] = "Results"
    st.rerun()
