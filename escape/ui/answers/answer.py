"""One judged answer beside the reference: its marks, its text, its moves in the room.

Each line of the reference is met or not; a line that is met points to the words that meet it.
"""

import streamlit as st

from escape.metrics import LABELS, Metric, herrings_used
from escape.results import (
    display_name,
    join_and,
    marks_of,
    money,
    names,
    outcome_sentence,
    pluralize,
    seconds,
    watching,
)
from escape.rooms import playable
from escape.types import Checklist, Outcome, Puzzle, Result, Run, Tick, Verdict
from escape.ui import text, watch
from escape.ui.play import render_steps
from escape.ui.session import answer_code

WORKS = {"yes": "yes", "partly": "partly", "no": "no", "undecided": "undecided: this judge cannot tell"}
GROUPS = (
    ("Principles", "met", "not met"),
    ("Steps", "done", "missing"),
    ("Red herrings", "used", "not used"),
)


def quotes(verdict: Verdict | None) -> dict[int, str]:
    """Collect the quoted words behind each met line of a verdict, by the line's number."""
    if verdict is None or verdict.checklist is None:
        return {}
    return {i: t.quote for i, t in enumerate(verdict.checklist.ticks, 1) if t.met and t.quote}


def render_reference(puzzle: Puzzle, result: Result, of: str = "") -> None:
    """Draw the reference of an answer, with the judge's ticks and comment. `of`: as in `text.marked`."""
    verdict = result.verdict
    text.heading("The reference")
    checklist = verdict.checklist if verdict else None
    if checklist is None:
        render_reference_lines(puzzle)
    else:
        answer_text = result.answer.text if result.answer else ""
        _render_checklist(
            checklist, result.outcome, {n for _, _, n in text.spans(answer_text, quotes(verdict))}, of
        )
    if puzzle.solution.key_insights:
        with st.expander("Insights behind the reference"):
            text.items("", puzzle.solution.key_insights)
    if verdict:
        _render_judge(verdict)


def render_reference_lines(puzzle: Puzzle) -> None:
    text.items("Principles", puzzle.physical_principles)
    text.items("Steps", puzzle.solution.steps)
    text.items("Red herrings", puzzle.red_herrings)


def _render_checklist(checklist: Checklist, outcome: Outcome | None, standing: set[int], of: str) -> None:
    first = 1
    for (name, yes, no), ticks in zip(
        GROUPS, (checklist.principles, checklist.steps, checklist.herrings), strict=True
    ):
        if ticks:
            text.heading(name)
            st.html(
                "".join(
                    _tick_html(
                        t,
                        i,
                        yes,
                        no,
                        bad=name == "Red herrings",
                        points=of if i in standing else None,
                        room=_touch(outcome, t.text) if name == "Red herrings" else "",
                    )
                    for i, t in enumerate(ticks, first)
                )
            )
            first += len(ticks)
    items = [_item("the judge", "", WORKS[checklist.works], text.escaped(checklist.works_reason))]
    if outcome and outcome.unread:
        items.append(_item("the room", "", "could not read it", "so the judge's own word counts"))
    elif outcome:
        kind = "yes" if outcome.out else "bad"
        items.append(_item("the room", kind, WORKS[outcome.works], "from its moves; this verdict counts"))
    if checklist.complete_alternative:
        items.append(_item("complete", "yes", "another way", "a complete plan, different from the reference"))
    if checklist.invented_items:
        items.append(
            _item("thing used", "bad", "not in the room", text.escaped(", ".join(checklist.invented_items)))
        )
    text.heading("Would it work?")
    st.html("".join(items))


def _render_judge(verdict: Verdict) -> None:
    if verdict.feedback:
        text.heading("What the judge says")
        st.html(text.with_quotes_marked(verdict.feedback, {}))
    text.quiet(
        ", ".join(
            x
            for x in (
                f"Judge: {verdict.judge}",
                verdict.prompt,
                money(verdict.cost_usd) if verdict.calls else "",
                *verdict.flags,
            )
            if x
        )
        + "."
    )
    if verdict.raw:
        with st.expander("The judge's reply, unedited"):
            st.code(verdict.raw, language=None, wrap_lines=True)


def _touch(outcome: Outcome | None, herring: str) -> str:
    """Say whether a red herring was touched in the room, beside the judge's tick. "" without moves."""
    if outcome is None or outcome.unread or not outcome.moves:
        return ""
    return "In the room: touched." if herring in outcome.herrings_touched else "In the room: not touched."


def _tick_html(
    tick: Tick, number: int, yes: str, no: str, *, bad: bool, points: str | None, room: str = ""
) -> str:
    """Compose the HTML of one line of the checklist.

    `points`: the `of` of the answer's marks, where the quote stands in the answer and becomes a link to it;
    else None. `room`: what the room says.
    """
    if tick.met:
        state, kind = f"{yes} {number}", "bad" if bad else "yes"
    elif tick.evidence_missing:
        state, kind = "evidence not found", "no"
    else:
        state, kind = no, "no"
    quote = f"“{tick.quote}”" if tick.met and tick.quote else ""
    quote_html = text.escaped(quote) if not quote or points is None else text.pointer(number, quote, points)
    return _item(state, kind, tick.text, f"{room} {quote_html} {text.escaped(tick.reason)}".strip())


def _item(state: str, kind: str, what: str, why: str) -> str:
    """Compose the HTML of one line. `why` is HTML already; `state` and `what` are escaped here."""
    reason = f'<span class="why">{why}</span>' if why else ""
    return (
        f'<div class="esc-item"><span class="state {kind}">{text.escaped(state)}</span>'
        f"<span>{text.escaped(what)}</span>{reason}</div>"
    )


def render_marks(result: Result, puzzle: Puzzle, metric: Metric) -> None:
    scores = marks_of(result, puzzle, metric)
    if scores is None:
        return
    used = join_and(herrings_used(result.verdict, result.outcome))
    if scores.rhh is None:
        herrings = "none here"
    else:
        herrings = f"{scores.rhh:.2g} of 1"
        if used:
            herrings += f" (used: {used})"
        elif scores.rhh == 1:
            herrings += " (used none)"
    room = [("In the room", result.result)] if result.result else []
    parts = [
        *room,
        (LABELS["pus"], "not marked" if scores.pus is None else f"{scores.pus:.1f} of 2"),
        (LABELS["sps"], f"{scores.sps:.1f} of 2"),
        (LABELS["rhh"], herrings),
    ]
    st.html(
        '<div class="esc-marks">'
        + "".join(
            f"<span>{text.escaped(name)}<br><b>{text.escaped(value)}</b></span>" for name, value in parts
        )
        + "</div>"
    )


def render_text(result: Result, heading: str = "The answer", of: str = "") -> None:
    """Draw the answer with the words behind each tick marked, or why it is missing.

    `of`: as in `text.marked`.
    """
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
        text.cause(f"{'Not marked' if result.mark_failure else 'Failed'}: {result.failure.message}")
    if answer.cut_off:
        text.cause(
            "The answer was cut off at the answer budget and counts as it is; allow more under Test models, "
            "More."
        )
    if result.repair:
        unread = pluralize(result.repair.lines, "line")
        with st.expander(f"{unread} that could not be read, which the player wrote again"):
            st.html(text.with_quotes_marked(result.repair.answer.text, {}))
    body = f'<div class="esc-answer">{text.with_quotes_marked(answer.text, quotes(verdict), of)}</div>'
    st.html(body if answer.text.strip() else '<p class="esc-quiet">(an empty answer)</p>')
    if answer.reasoning:
        with st.expander("Reasoning (not marked)"):
            st.html(text.with_quotes_marked(answer.reasoning, {}))
    facts = [
        f"answered by {answer.model}" if answer.model else "",
        seconds(answer.latency_s) if answer.latency_s else "",
        f"{answer.output_tokens} tokens" if answer.output_tokens else "",
        money(result.player_usd) if answer.output_tokens else "",
        f"{answer.attempts} attempts" if answer.attempts > 1 else "",
    ]
    text.quiet(", ".join(f for f in facts if f))


def render_replay(puzzle: Puzzle, result: Result) -> None:
    if not playable(puzzle) or result.answer is None:
        return
    text.heading("In the room")
    if result.outcome is None:
        text.quiet("Not tried: the answer has no moves.")
        return
    text.quiet(outcome_sentence(result.outcome, puzzle, result.result))
    if result.turns:
        with st.expander(f"What was said in {pluralize(len(result.turns), 'turn')}"):
            for turn in result.turns:
                words = text.escaped(turn.answer.text.strip() or "(nothing)")
                st.html(
                    f'<div class="esc-text">{words}</div><p class="esc-now">{text.escaped(turn.reply)}</p>'
                )
    film = watching.frames(puzzle, result.outcome, "move by move" if result.turns else "plan")
    watch.render(answer_code(result.trial.key), film, f"{display_name(result.trial.player)} on {puzzle.name}")
    render_steps(result.outcome.steps, result.outcome.lost_at)


def render(run: Run, first: Result, second: Result, metric: Metric) -> None:
    puzzle, name_by_player = run.puzzle_by_id[first.trial.problem_id], names(run)
    for column, result, of in zip(st.columns(2, gap="large"), (first, second), ("a", "b"), strict=True):
        with column:
            repeat = f", repeat {result.trial.repeat}" if run.config.repeats > 1 else ""
            text.heading(name_by_player[result.trial.player] + repeat)
            render_marks(result, puzzle, metric)
            render_text(result, "", of)
            render_replay(puzzle, result)
            render_reference(puzzle, result, of)
