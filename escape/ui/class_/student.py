"""A student's page: joining, the task of the current round, and afterwards the student's own results."""

import statistics
from collections.abc import Callable

import streamlit as st

from escape.classes import BetEntry, Played, Prediction, Round, RoundKind, Student, classwork, member_label
from escape.judges import SCORES
from escape.metrics import LABELS, SCALE
from escape.results import (
    display_name,
    generosity_sentence,
    outcome_sentence,
    ranking,
    results_sentence,
    usual,
)
from escape.rooms import plans
from escape.types import ClassError, StoreError, Trial, Verdict
from escape.ui import text, visit
from escape.ui.class_ import way_in
from escape.ui.class_.rounds import handing_in, tasks
from escape.ui.pressing import every
from escape.ui.session import Session

LOOK_S = 3.0  # how often a waiting page looks whether something has begun


def render(state: Session) -> None:
    code = st.query_params.get("class", "")
    me = state.seat.student
    class_code = code.upper()
    if me is None or me.member.code != class_code:
        # the projector may show one for newcomers
        class_code = way_in.class_access().code_behind(code) or class_code
    if me is None or me.member.code != class_code:
        me = _render_return(state, class_code) or _render_entrance(state, code)
        state.seat.student = me
    if me is None:
        return
    st.title(f"Class {me.member.code}", anchor=False)
    class_round = me.round()
    waits = me.waits()
    every(
        LOOK_S, _render_watch, me, _round_state(class_round), waits, at_once=False
    )  # what is drawn now shows it already
    if waits:
        text.lead(
            f"Welcome, {me.member.nickname}. All seats are taken; this page goes on once your teacher lets "
            "you in."
        )
    elif class_round is None:
        text.lead(
            f"Welcome, {me.member.nickname}. The first round starts soon; this page will show it by itself."
        )
    elif class_round.state == "open":
        tasks.render(state, me, class_round)
    elif class_round.state == "closed":
        text.lead(f"Round {class_round.number} is closed. Look at the board.")
        text.render_message(state.page.said.pop("task", None))  # such as that something came too late
    else:
        text.lead(f"Round {class_round.number} is over. The results are on the board.")
        text.render_message(state.page.said.pop("task", None))
        if class_round.settings.kind in _LABELLED:
            text.quiet(f"On the board you are {member_label(me.member.number)}.")
        if class_round.settings.kind in _AFTER:
            _AFTER[class_round.settings.kind](me, class_round)
    _render_who(state, me)


def _render_who(state: Session, me: Student) -> None:
    """Draw, folded, the word to come back with, and the way out for whoever is not this student."""
    with st.expander(f"Not {text.label(me.member.nickname)}?"):
        text.quiet(
            "To come back on another device, or in a browser that was closed, enter the code and this word:"
        )
        st.code(state.seat.passphrase, language=None)
        if st.checkbox("I am somebody else, or done on this device", key="leave_ask"):
            text.quiet(
                f"This device forgets {me.member.nickname}. What was handed in stays; the word above leads "
                "back."
            )
            st.button("Leave the class on this device", key="leave", on_click=_leave, args=(state, me))


def _leave(state: Session, me: Student) -> None:
    """Forget the student on this device: the word, every field, and the shelf unless it holds runs."""
    visit.remember(f"me_{me.member.code}", "")
    if not state.shelf.runs:
        visit.remember("mine", "")
    for name in [name for name in st.session_state if name != visit.PENDING]:
        del st.session_state[name]


def _round_state(class_round: Round | None) -> tuple[int, str] | None:
    return (class_round.id, class_round.state) if class_round else None


def _render_watch(me: Student, seen: tuple[int, str] | None, waited: bool) -> None:  # noqa: FBT001 - called by the page
    """Redraw the page once the student is let in or taken out, or the round's state has changed."""
    try:
        changed = _round_state(me.round()) != seen or me.waits() != waited
    except StoreError as error:
        text.cause(str(error))
        return
    except ClassError:  # said by the page that is drawn next
        changed = True
    if changed:
        st.rerun()


def _render_return(state: Session, code: str) -> Student | None:
    word = visit.recalled(f"me_{code.upper()}")
    if not word:
        return None
    try:
        me = way_in.class_access().rejoin(code, word)
    except ClassError as error:
        text.cause(str(error))
        return None
    state.seat.passphrase = word
    return me


def _render_entrance(state: Session, code: str) -> Student | None:
    st.title("Join a class", anchor=False)
    with st.form("join", border=False):
        typed = st.text_input("Code", value=code, max_chars=12, autocomplete="off", key="join_code")
        name = st.text_input("Nickname", max_chars=24, autocomplete="off", key="join_name",
                             placeholder="not your full name")  # fmt: skip
        pressed = st.form_submit_button("Join", type="primary")
    with st.expander("I was here before"), st.form("come_back", border=False):
        word = st.text_input("Your word", max_chars=40, autocomplete="off", key="join_word")
        again = st.form_submit_button("Come back")
    try:
        if pressed:
            joined = way_in.enter(state.seat, lambda: way_in.class_access().join(typed, name))
            return _in(state, joined.student, joined.passphrase)
        if again:
            me = way_in.enter(state.seat, lambda: way_in.class_access().rejoin(typed, word))
            return _in(state, me, "".join(word.split()).casefold())
    except ClassError as error:
        text.cause(str(error))
    return None


def _in(state: Session, me: Student, word: str) -> Student:
    st.query_params["class"] = me.member.code
    visit.remember(f"me_{me.member.code}", word)
    state.seat.student, state.seat.passphrase = me, word
    st.rerun()
    return me


def _render_own_plays(me: Student, class_round: Round) -> None:
    by_id = me.run(class_round).puzzle_by_id
    rows = []
    for item, body in me.mine(class_round).items():
        puzzle, played = by_id[item], Played.model_validate_json(body)
        outcome = plans.outcome(puzzle, played.answer, requested=True)
        rows.append(
            [puzzle.name, outcome_sentence(outcome, puzzle) if outcome else "In words, which a judge marks."]
        )
    if rows:
        text.table([("Room", ""), ("What came of it", "")], rows, "What you handed in")


def _render_vote(me: Student, class_round: Round) -> None:
    before = me.mine(class_round).get("guess")
    if before is None:
        return
    guess, run = Prediction.model_validate_json(before), me.run(class_round)
    enough = "enough" if guess.enough else "not enough"
    text.quiet(f"Your vote: {display_name(guess.winner)} does best, and the puzzles are {enough} to tell.")
    text.quiet(f"What came out: {results_sentence(ranking(run, usual(run)))}")


def _render_reviews_of_own(me: Student, class_round: Round) -> None:
    for one in me.reviews_of_mine(class_round):
        text.heading(f"{one.room.puzzle.name}: {sum(one.outs)} of {len(one.outs)} got out")
        text.items("", [f"{word}: {line}" if line else word for word, line in one.remarks])


def _render_own_bets(me: Student, class_round: Round) -> None:
    own_bets = {int(i): BetEntry.model_validate_json(b).out for i, b in me.mine(class_round).items()}
    rows, right = [], []
    for n, one in enumerate(classwork.bets_by_plan(class_round, [], me.run(class_round))):
        if n in own_bets and one.outcome:
            right.append(own_bets[n] == one.outcome.out)
            ended = "out" if one.outcome.out else "stuck"
            bet = "out" if own_bets[n] else "stuck"
            rows.append(
                [f"{n + 1}. {me.run(class_round).puzzle_by_id[one.posed.problem_id].name}", bet, ended]
            )
    if rows:
        text.quiet(f"You called {sum(right)} of {len(right)} right.")
        text.table([("Plan", ""), ("Your bet", ""), ("What came of it", "")], rows, "Your bets")


def _render_own_marks(me: Student, class_round: Round) -> None:
    """Draw the student's own marks beside the judge's, and nobody else's."""
    run = me.run(class_round)
    judge = {r.trial: classwork.judged(run, r) for r in run.results}
    order = handing_in.in_order(me, class_round)
    rows, gaps = [], []
    for item, body in me.mine(class_round).items():
        trial, scores = Trial.model_validate_json(item), Verdict.model_validate_json(body).scores
        theirs = judge.get(trial, {})
        cells = []
        for score in SCORES:
            a, b = getattr(scores, score), theirs.get(score)
            cells.append(f"{'-' if a is None else f'{a:.2g}'} / {'-' if b is None else f'{b:.2g}'}")
            if a is not None and b is not None:
                gaps.append(b - a)
        rows.append([f"{order.index(trial) + 1}. {run.puzzle_by_id[trial.problem_id].name}", *cells])
    rows.sort(key=lambda row: int(row[0].partition(".")[0]))
    if rows:
        text.table(
            [("Answer to", ""), *((f"{LABELS[s]}, of {SCALE[s][-1]:g}", "n") for s in SCORES)],
            rows,
            "You / the judge",
        )
    if gaps:
        text.quiet(generosity_sentence(statistics.fmean(gaps)))


_LABELLED: tuple[RoundKind, ...] = ("write", "note")  # of which the board shows who is who by label

# what a student sees of a revealed round beside the board
_AFTER: dict[RoundKind, Callable[[Student, Round], None]] = {
    "mark": _render_own_marks,
    "play": _render_own_plays,
    "predict": _render_vote,
    "bet": _render_own_bets,
    "review": _render_reviews_of_own,
}
