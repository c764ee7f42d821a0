"""The reference beside an answer: each line met or not, pointing at the words of the answer that meet it."""

from __future__ import annotations

import streamlit as st

from escape.results import money
from escape.types import Checklist, Outcome, Puzzle, Result, Tick, Verdict
from escape.ui import text

WORKS = {"yes": "yes", "partly": "partly", "no": "no", "undecided": "undecided: this judge cannot tell"}
GROUPS = (("Principles", "met", "not met"), ("Steps", "done", "missing"), ("Red herrings", "used", "not used"))


def quotes(verdict: Verdict | None) -> dict[int, str]:
    """Return the words behind each met line of a verdict, by the line's number."""
    if verdict is None or verdict.checklist is None:
        return {}
    return {i: t.quote for i, t in enumerate(verdict.checklist.ticks, 1) if t.met and t.quote}


def render(puzzle: Puzzle, result: Result, of: str = "") -> None:
    """The reference of one answer, with its judge's words. `of` as in `text.marked`."""
    verdict = result.verdict
    text.heading("The reference")
    checklist = verdict.checklist if verdict else None
    if checklist is None:
        lines(puzzle)
    else:
        answer_text = result.answer.text if result.answer else ""
        _checked(checklist, result.outcome, {n for _, _, n in text.spans(answer_text, quotes(verdict))}, of)
    if puzzle.solution.key_insights:
        with st.expander("Insights behind the reference"):
            text.items("", puzzle.solution.key_insights)
    if verdict:
        _judge(verdict)


def lines(puzzle: Puzzle) -> None:
    text.items("Principles", puzzle.physical_principles)
    text.items("Steps", puzzle.solution.steps)
    text.items("Red herrings", puzzle.red_herrings)


def _checked(checklist: Checklist, outcome: Outcome | None, standing: set[int], of: str) -> None:
    first = 1
    for (name, yes, no), ticks in zip(GROUPS, (checklist.principles, checklist.steps, checklist.herrings), strict=True):
        if ticks:
            text.heading(name)
            st.html(
                "".join(
                    _tick(t, i, yes, no, bad=name == "Red herrings", points=of if i in standing else None)
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
        items.append(_item("not given", "bad", "invented", text.escaped(", ".join(checklist.invented_items))))
    text.heading("Would it work?")
    st.html("".join(items))


def _judge(verdict: Verdict) -> None:
    if verdict.feedback:
        text.heading("What the judge says")
        st.html(text.marked(verdict.feedback, {}))
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


def _tick(tick: Tick, number: int, yes: str, no: str, *, bad: bool, points: str | None) -> str:
    """One line. `points`: its quote stands in the answer, so the quote is a link to it there."""
    state = f"{yes} {number}" if tick.met else "evidence not found" if tick.evidence_missing else no
    kind = ("bad" if bad else "yes") if tick.met else "no"
    quote = f"“{tick.quote}”" if tick.met and tick.quote else ""
    quote_html = text.escaped(quote) if not quote or points is None else text.pointer(number, quote, points)
    return _item(state, kind, tick.text, f"{quote_html} {text.escaped(tick.reason)}".strip())


def _item(state: str, kind: str, what: str, why: str) -> str:
    """`why` is HTML already."""
    reason = f'<span class="why">{why}</span>' if why else ""
    return (
        f'<div class="esc-item"><span class="state {kind}">{text.escaped(state)}</span>'
        f"<span>{text.escaped(what)}</span>{reason}</div>"
    )
