"""Answers: one judged answer beside the reference, tick by tick, with the words that caused each tick marked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from escape.digest import order, result_at
from escape.frames import names
from escape.metrics import LABELS, Metric
from escape.prompts import told
from escape.records import Key, Result, Run
from escape.report import marks_of
from escape.rules import Outcome
from escape.schema import Checklist, Puzzle, Tick, Verdict
from escape.sentences import answer_sentence, money, outcome_sentence, seconds, titles
from escape.ui import text
from escape.ui.play import steps
from escape.ui.session import Session
from escape.ui.sifting import sifted

WORKS = {"yes": "yes", "partly": "partly", "no": "no", "undecided": "undecided: this judge cannot tell"}


def show(state: Session, run: Run, metric: Metric) -> None:
    """The whole view."""
    keys = state.worked_out(run, "order", lambda: order(run))
    if not keys:
        text.lead("No answer to show yet.")
        return
    result = result_at(run, _choose(state, run, sifted(state, run, keys)))
    puzzle = run.puzzle_by_id[result.trial.problem_id]
    text.lead(answer_sentence(result, puzzle, metric))
    _marks(result, puzzle, metric)
    left, right = st.columns(2, gap="large")
    with left:
        _answer(result)
        _replay(puzzle, result)
    with right:
        with st.expander("The room, as the player was told"):
            st.html(f'<div class="esc-text">{text.escape(told(puzzle))}</div>')
        _reference(puzzle, result.verdict, result.outcome)
    _others(run, result)


def _choose(state: Session, run: Run, keys: Sequence[Key]) -> Key:
    """Previous, the three choices, next. The chosen trial is the state; the widgets follow it."""
    places = {key: i for i, key in enumerate(keys)}
    here = places.get(state.chosen or keys[0], 0)
    state.chosen = chosen = keys[here]
    puzzle, player, repeat = chosen

    def step(by: int) -> None:
        state.chosen = keys[(here + by) % len(keys)]

    def pick() -> None:
        wanted = (st.session_state["answer_puzzle"], st.session_state["answer_player"])
        same = (*wanted, int(st.session_state.get("answer_repeat", 1)))
        state.chosen = same if same in places else next((k for k in keys if k[:2] == wanted), state.chosen)

    st.session_state["answer_puzzle"], st.session_state["answer_player"] = puzzle, player
    called = titles(run.puzzles)
    repeats = [k[2] for k in keys if k[:2] == (puzzle, player)]
    with st.container(horizontal=True, vertical_alignment="bottom", key="answer_nav"):
        st.button("Previous", on_click=step, args=(-1,), key="answer_prev", shortcut="Shift+Left")
        st.selectbox(
            "Puzzle",
            list(dict.fromkeys(k[0] for k in keys)),
            key="answer_puzzle",
            on_change=pick,
            format_func=called.__getitem__,
            width=240,
        )
        st.selectbox(
            "Player",
            list(dict.fromkeys(k[1] for k in keys)),
            key="answer_player",
            on_change=pick,
            format_func=names(run).__getitem__,
            width=240,
        )
        if len(repeats) > 1:
            st.session_state["answer_repeat"] = repeat
            st.selectbox(
                "Repeat",
                repeats,
                key="answer_repeat",
                on_change=pick,
                width=110,
                format_func=lambda n: f"{n} of {len(repeats)}",
            )
        st.button("Next", on_click=step, args=(1,), key="answer_next", shortcut="Shift+Right")
    return chosen


def _marks(result: Result, puzzle: Puzzle, metric: Metric) -> None:
    scores = marks_of(result, puzzle, metric)
    if scores is None:
        return
    herrings = (
        "not applicable: this puzzle has none"
        if scores.rhh is None
        else f"{scores.rhh:.2g} of 1, {'kept away' if scores.rhh == 1 else 'used some'}"
    )
    parts = [
        *_room_mark(result),
        (LABELS["pus"], f"{scores.pus:.1f} of 2"),
        (LABELS["sps"], f"{scores.sps:.1f} of 2"),
        (LABELS["rhh"], herrings),
    ]
    st.html(
        '<div class="esc-marks">'
        + "".join(f"<span>{text.escape(name)}<br><b>{text.escape(value)}</b></span>" for name, value in parts)
        + "</div>"
    )


def _room_mark(result: Result) -> list[tuple[str, str]]:
    if result.outcome is None or not result.outcome.tried:
        return []
    return [("In the room", "out" if result.outcome.out else "stuck")]


def _quotes(checklist: Checklist | None) -> dict[int, str]:
    if checklist is None:
        return {}
    return {i: t.quote for i, t in enumerate(checklist.ticks, 1) if t.met and t.quote}


def _answer(result: Result) -> None:
    text.heading("The answer")
    answer, verdict = result.answer, result.verdict
    if answer is None:
        if result.failure:
            text.cause(f"{result.failure.message} ({result.failure.attempts} tried)")
        elif verdict:
            text.quiet("Only the marks of this run were published, not its answers.")
        else:
            text.quiet("Not asked yet.")
        return
    if result.failure:
        text.cause(f"Not judged: {result.failure.message}")
    if answer.cut_off:
        text.cause(
            "The answer was cut off at the longest length allowed, and marked for what is there; allow more under More "
            "in the set-up."
        )
    body = text.marked(answer.text, _quotes(verdict.checklist if verdict else None))
    st.html(body if answer.text.strip() else '<p class="esc-quiet">(an empty answer)</p>')
    if answer.reasoning:
        with st.expander("Its thinking, which is not judged"):
            st.html(text.marked(answer.reasoning, {}))
    facts = [
        f"answered by {answer.model}" if answer.model else "",
        seconds(answer.latency_s) if answer.latency_s else "",
        f"{answer.output_tokens} tokens" if answer.output_tokens else "",
        money(result.cost_usd) if answer.output_tokens else "",
        f"{answer.attempts} attempts" if answer.attempts > 1 else "",
    ]
    text.quiet(", ".join(f for f in facts if f))


def _replay(puzzle: Puzzle, result: Result) -> None:
    """The moves, one after the other, with what the room said to each."""
    if puzzle.world is None or result.answer is None:
        return
    text.heading("In the room")
    if result.outcome is None:
        text.quiet("Not tried: the answer has no moves.")
        return
    text.quiet(outcome_sentence(result.outcome, puzzle))
    steps(result.outcome.steps, result.outcome.lost_at)


def _reference(puzzle: Puzzle, verdict: Verdict | None, outcome: Outcome | None) -> None:
    text.heading("The reference")
    checklist = verdict.checklist if verdict else None
    if checklist is None:
        _untouched(puzzle)
    else:
        _checked(checklist, outcome)
    if puzzle.solution.key_insights:
        with st.expander("Insights behind the reference"):
            st.html("<ul>" + "".join(f"<li>{text.escape(i)}</li>" for i in puzzle.solution.key_insights) + "</ul>")
    if verdict:
        _judge(verdict)


def _checked(checklist: Checklist, outcome: Outcome | None) -> None:
    first = 1
    for name, ticks, yes, no in (
        ("Principles", checklist.principles, "met", "not met"),
        ("Steps", checklist.steps, "done", "missing"),
        ("Red herrings", checklist.herrings, "used", "not used"),
    ):
        if ticks:
            text.heading(name)
            st.html("".join(_tick(t, i, yes, no, bad=name == "Red herrings") for i, t in enumerate(ticks, first)))
            first += len(ticks)
    whole = [_item("the judge", "", WORKS[checklist.works], checklist.works_reason)]
    if outcome and outcome.tried:
        kind = "yes" if outcome.out else "bad"
        whole.append(_item("the room", kind, WORKS[outcome.works], "by its moves; where there are some, this counts"))
    if checklist.complete_alternative:
        whole.append(_item("complete", "yes", "another way", "a complete plan of another kind than the reference"))
    if checklist.invented_items:
        whole.append(_item("not given", "bad", "invented", ", ".join(checklist.invented_items)))
    text.heading("Would it work?")
    st.html("".join(whole))


def _others(run: Run, result: Result) -> None:
    """What other judges and people gave this answer, mark by mark."""
    opinions = [o for o in run.opinions if o.trial == result.trial]
    if not opinions:
        return
    text.heading("All marks on this answer")
    mine = [(result.verdict.judge, result.verdict, None)] if result.verdict else []
    rows = []
    for rater, verdict, failure in [*mine, *((o.rater, o.verdict, o.failure) for o in opinions)]:
        if verdict is None:
            rows.append([rater, "not judged", "", "", failure.message if failure else ""])
            continue
        s = verdict.scores
        rows.append([rater, f"{s.pus:.1f}", f"{s.sps:.1f}", "-" if s.rhh is None else f"{s.rhh:.2g}", verdict.feedback])
    text.table(
        [
            ("Who", ""),
            (f"{LABELS['pus']}, of 2", "n"),
            (f"{LABELS['sps']}, of 2", "n"),
            (f"{LABELS['rhh']}, of 1", "n"),
            ("In words", "w"),
        ],
        rows,
    )


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
        with st.expander("The judge's reply as it came"):
            st.code(verdict.raw, language=None, wrap_lines=True)


def _tick(tick: Tick, number: int, yes: str, no: str, *, bad: bool) -> str:
    state = f"{yes} {number}" if tick.met else "evidence not found" if tick.evidence_missing else no
    kind = ("bad" if bad else "yes") if tick.met else "no"
    quote = f"“{tick.quote}” " if tick.met and tick.quote else ""
    return _item(state, kind, tick.text, f"{quote}{tick.reason}".strip())


def _item(state: str, kind: str, what: str, why: str) -> str:
    reason = f'<span class="why">{text.escape(why)}</span>' if why else ""
    return (
        f'<div class="esc-item"><span class="state {kind}">{text.escape(state)}</span>'
        f"<span>{text.escape(what)}</span>{reason}</div>"
    )


def _untouched(puzzle: Puzzle) -> None:
    for name, lines in (
        ("Principles", puzzle.physical_principles),
        ("Steps", puzzle.solution.steps),
        ("Red herrings", puzzle.red_herrings),
    ):
        if lines:
            text.heading(name)
            st.html("<ul>" + "".join(f"<li>{text.escape(x)}</li>" for x in lines) + "</ul>")
