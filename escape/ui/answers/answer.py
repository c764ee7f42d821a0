"""One judged answer: its marks, its words, and its moves as the room took them."""

from __future__ import annotations

import streamlit as st

from escape.metrics import LABELS, Metric
from escape.results import marks_of, money, names, outcome_sentence, pluralize, seconds
from escape.rooms import playable
from escape.types import Puzzle, Result, Run, Turn
from escape.ui import text
from escape.ui.answers import reference
from escape.ui.play import steps


def marks(result: Result, puzzle: Puzzle, metric: Metric) -> None:
    scores = marks_of(result, puzzle, metric)
    if scores is None:
        return
    herrings = (
        "none here"
        if scores.rhh is None
        else f"{scores.rhh:.2g} of 1, {'none used' if scores.rhh == 1 else 'used some'}"
    )
    room = [("In the room", result.result)] if result.result else []
    parts = [
        *room,
        (LABELS["pus"], "not marked" if scores.pus is None else f"{scores.pus:.1f} of 2"),
        (LABELS["sps"], f"{scores.sps:.1f} of 2"),
        (LABELS["rhh"], herrings),
    ]
    st.html(
        '<div class="esc-marks">'
        + "".join(f"<span>{text.escaped(name)}<br><b>{text.escaped(value)}</b></span>" for name, value in parts)
        + "</div>"
    )


def render_text(result: Result, heading: str = "The answer", of: str = "") -> None:
    """Draw what was answered, with the words that caused each tick marked. `of` as in `text.marked`."""
    if heading:
        text.heading(heading)
    answer, verdict = result.answer, result.verdict
    if answer is None:
        if result.failure:
            text.cause(f"{result.failure.message} (attempts: {result.failure.attempts})")
        elif verdict:
            text.quiet("Only the marks of this run were published, not its answers.")
        else:
            text.quiet("Not asked yet.")
        return
    if result.failure:
        text.cause(f"Not judged: {result.failure.message}")
    if answer.cut_off:
        text.cause(
            "The answer was cut off at the answer budget and counts as it is; allow more under Test models, More."
        )
    if result.repair:
        with st.expander(f"{pluralize(result.repair.lines, 'line')} could not be read; its player wrote them anew"):
            st.html(text.marked(result.repair.answer.text, {}))
    body = f'<div class="esc-answer">{text.marked(answer.text, reference.quotes(verdict), of)}</div>'
    st.html(body if answer.text.strip() else '<p class="esc-quiet">(an empty answer)</p>')
    if answer.reasoning:
        with st.expander("Reasoning (not judged)"):
            st.html(text.marked(answer.reasoning, {}))
    facts = [
        f"answered by {answer.model}" if answer.model else "",
        seconds(answer.latency_s) if answer.latency_s else "",
        f"{answer.output_tokens} tokens" if answer.output_tokens else "",
        money(result.player_usd) if answer.output_tokens else "",
        f"{answer.attempts} attempts" if answer.attempts > 1 else "",
    ]
    text.quiet(", ".join(f for f in facts if f))


def replay(puzzle: Puzzle, result: Result) -> None:
    if not playable(puzzle) or result.answer is None:
        return
    text.heading("In the room")
    if result.outcome is None:
        text.quiet("Not tried: the answer has no moves.")
        return
    text.quiet(outcome_sentence(result.outcome, puzzle, result.result))
    if result.turns:
        with st.expander(f"What was said in {pluralize(len(result.turns), 'turn')}"):
            st.html("".join(map(_turn, result.turns)))
    steps(result.outcome.steps, result.outcome.lost_at)


def _turn(turn: Turn) -> str:
    text_said = text.escaped(turn.answer.text.strip() or "(nothing)")
    return f'<div class="esc-text">{text_said}</div><p class="esc-now">{text.escaped(turn.reply)}</p>'


def render(run: Run, first: Result, second: Result, metric: Metric) -> None:
    puzzle, name_by_player = run.puzzle_by_id[first.trial.problem_id], names(run)
    for column, result, of in zip(st.columns(2, gap="large"), (first, second), ("a", "b"), strict=True):
        with column:
            repeat = f", repeat {result.trial.repeat}" if run.config.repeats > 1 else ""
            text.heading(name_by_player[result.trial.player] + repeat)
            marks(result, puzzle, metric)
            render_text(result, "", of)
            replay(puzzle, result)
            reference.render(puzzle, result, of)
