"""What a student does in a round: mark, play, write, predict. Whatever is handed in can be changed until it closes."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar, assert_never

import streamlit as st

from escape.classes import MAX_PUZZLES, Called, Guess, Played, Remark, Round, Student, results
from escape.environments import ByHand, as_answer, environment_of, is_marked
from escape.environments.rooms import Play
from escape.puzzles import CONTROLS
from escape.results import CATEGORIES, count, outcome_sentence, short, titles
from escape.runs.file import result_of
from escape.types import EscapeError, Puzzle, Run, Trial, Verdict
from escape.ui import text
from escape.ui.answers import answer, reference
from escape.ui.judge import marking
from escape.ui.play import acting, call_it, play, steps
from escape.ui.pressing import bring, pressed
from escape.ui.session import Session
from escape.ui.setup import mending
from escape.ui.workshop import form as workshop

T = TypeVar("T")


def show(state: Session, me: Student, round_: Round) -> None:
    """The task of an open round."""
    message = st.container(key="task")  # what came of the last press, where the eye is after it
    kind = round_.plan.kind
    if kind == "mark":
        _mark(state, me, round_)
    elif kind == "play" or kind == "day":
        _play(state, me, round_)
    elif kind == "write":
        _write(state, me, round_)
    elif kind == "predict":
        _predict(state, me, round_)
    elif kind == "bet":
        _bet(state, me, round_)
    elif kind == "note":
        _note(state, me, round_)
    else:
        assert_never(kind)
    with message:
        text.said(state.page.said.pop("task", None))


def _hand_in(state: Session, write: Callable[[], None], thanks: str) -> bool:
    """Whether it was taken."""
    bring(state, "task")  # on a phone the button stands two screens below
    try:
        write()
    except EscapeError as error:
        state.say("task", str(error))
        return False
    state.say("task", thanks, good=True)
    return True


def _pick(label: str, key: str, name_by_item: Mapping[T, str], finished: Collection[T]) -> T:
    """What a student is at: the first that is not done yet, until they choose another."""
    if st.session_state.get(key) is None:
        st.session_state[key] = next((i for i in name_by_item if i not in finished), next(iter(name_by_item)))
    st.pills(label, list(name_by_item), key=key, required=True,
             format_func=lambda i: f"{name_by_item[i]}{' ✓' if i in finished else ''}")  # fmt: skip
    chosen: T = st.session_state[key]
    return chosen


def _mark(state: Session, me: Student, round_: Round) -> None:
    """One answer at a time, in a different order for each student."""
    order = list(round_.plan.answers)
    random.Random(f"{round_.id} {me.member.number}").shuffle(order)  # noqa: S311 - chance, not secrets
    marks_ = {Trial.model_validate_json(i): Verdict.model_validate_json(b) for i, b in me.mine(round_).items()}
    key = f"mark_{round_.id}"
    all_done = " You are done, and may change your marks until the round closes." if len(marks_) == len(order) else ""
    text.lead(
        f"Round {round_.number}: mark the answers. {len(marks_)} of {count(len(order), 'answer')} done.{all_done}"
    )
    finished = {n for n, t in enumerate(order) if t in marks_}
    trial = order[_pick("Answer", key, {n: str(n + 1) for n in range(len(order))}, finished)]
    run = me.run(round_)
    puzzle = run.puzzle_by_id[trial.problem_id]
    result = result_of(run, trial)
    text.heading(puzzle.name)
    st.html(f'<div class="esc-text">{text.escape(puzzle.setup.scenario)}</div>')
    with st.expander("Limits, and the reference solution"):
        text.items("", puzzle.setup.constraints)
        reference.lines(puzzle)
    text.heading("The answer")
    st.html(text.marked(result.answer.text if result.answer else "", {}))
    name = f"mark_{round_.id}_{round_.plan.answers.index(trial)}"  # on the page, so it says nothing of the player
    form = marking.Form(puzzle, name, round_.plan.checklist)

    def save() -> None:
        verdict = form.read()
        if isinstance(verdict, str):
            state.say("task", verdict)
            bring(state, "task")
            return
        if _hand_in(state, lambda: me.mark(round_, trial, verdict), "Saved. You can change it until the round closes."):
            st.session_state[key] = None  # on to the next answer

    with st.form(name):
        form.draw(marks_.get(trial))
        st.form_submit_button("Save", type="primary", on_click=save)


def _play(state: Session, me: Student, round_: Round) -> None:
    """Leave the rooms by moves, or say in words how."""
    by_id = {p.problem_id: p for p in me.run(round_).puzzles if p.problem_id in round_.plan.puzzles}
    handed_in, titles_by_id, key = me.mine(round_), titles(list(by_id.values())), f"play_{round_.id}"
    kinds = {environment_of(p) for p in by_id.values()}
    by_doors, (one, many) = all(e.counts == "doors" for e in kinds), min(e.nouns for e in kinds)
    aim = "open as many doors as you can" if by_doors else "get out of the rooms"
    what = count(len(by_id), *((one, many) if len(kinds) == 1 else ("room",)))
    all_done = " You are done, and may play on until the round closes." if len(handed_in) == len(by_id) else ""
    text.lead(f"Round {round_.number}: {aim}. {len(handed_in)} of {what} handed in.{all_done}")
    puzzle = by_id[
        _pick(
            one.capitalize() if len(kinds) == 1 else "Room",
            key,
            {i: text.label(titles_by_id[i]) for i in by_id},
            handed_in,
        )
    ]
    name = f"{round_.id} {puzzle.problem_id}"
    playing = state.seat.rooms.setdefault(name, ByHand(puzzle))

    def hand_in(play_: Played) -> None:
        if _hand_in(state, lambda: me.play(round_, puzzle.problem_id, play_), f"{puzzle.name} is handed in."):
            # on to the next room, unless lines of this one are to be written anew
            st.session_state[key] = puzzle.problem_id if mending.faults(puzzle, play_.answer) else None

    def again() -> None:
        state.seat.rooms[name] = playing.again()

    if is_marked(puzzle):
        play.told(puzzle)

    if not playing.play.over and not isinstance(playing.play, Play):
        play.hand_of(puzzle).show(playing, playing.play)
    elif isinstance(playing.play, Play) and not playing.play.over:
        acting.show(state, playing, playing.play)
    else:
        outcome = playing.play.outcome
        text.lead(outcome_sentence(outcome, puzzle))
        why = f"why_{name}"

        def hand_in_the_play() -> None:
            answer = as_answer(puzzle, outcome, st.session_state.get(why, ""))
            hand_in(Played(answer=answer, starts=min(playing.starts, 1000)))

        with st.container(key=acting.END), st.form(f"form {why}"):
            st.text_area("Why does it work, or why not?", max_chars=8000, key=why)
            st.form_submit_button("Hand it in", type="primary", on_click=hand_in_the_play)
    text.said(state.page.said.pop("task", None))  # above the list, which may be long
    steps(playing.play.steps, playing.play.lost_at if playing.play.over else None)
    if playing.play.steps:
        st.button("Start again", on_click=again, key="task_again")
    if "plan" in environment_of(puzzle).protocols:
        _in_words(puzzle, f"words_{name}", handed_in, hand_in)


def _in_words(puzzle: Puzzle, words: str, handed_in: Mapping[str, str], hand_in: Callable[[Played], None]) -> None:
    """A field for an answer in words, as `words`, and for those of its lines that could not be read as moves."""

    def hand_in_the_words() -> None:
        if words_said := st.session_state.get(words, "").strip():
            hand_in(Played(answer=words_said))

    def mended(words_said: str) -> None:
        st.session_state[words] = words_said
        hand_in(Played(answer=words_said))

    with st.expander("Answer in words instead"), st.form(f"form {words}"):
        st.text_area("How do you get out, and why does it work?", max_chars=8000, key=words)
        st.form_submit_button("Hand in the words", on_click=hand_in_the_words)
    if puzzle.problem_id in handed_in and (
        words_said := Played.model_validate_json(handed_in[puzzle.problem_id]).answer
    ):
        mending.show(puzzle, words_said, f"mend {words}", mended)


def _write(state: Session, me: Student, round_: Round) -> None:
    """The workshop's form; what is kept there can be tried with controls and handed in."""
    handed_in = me.mine(round_)
    text.lead(
        f"Round {round_.number}: write a puzzle. {count(len(handed_in), 'puzzle')} handed in, {MAX_PUZZLES} at most."
    )
    workshop.show(state, by_hand=False)
    own = {i: Puzzle.model_validate_json(body) for i, body in handed_in.items()}
    own |= {p.problem_id: p for p in state.puzzles if p.problem_id not in state.bundled}
    if not own:
        text.quiet("Press Keep this puzzle first; then you can try it with controls and hand it in.")
        return
    titles_by_id = titles(list(own.values()))
    chosen = st.selectbox(
        "Your puzzle", list(own), index=len(own) - 1, format_func=titles_by_id.__getitem__, key="own_puzzle"
    )
    puzzle = own[chosen]
    _controls(puzzle, state.puzzles)

    if pressed(state, "Hand it in", "hand_in", type="primary"):
        _hand_in(state, lambda: me.hand_in(round_, puzzle), f"{puzzle.name} is handed in. You can still change it.")
        st.rerun()


def _controls(puzzle: Puzzle, puzzles: list[Puzzle]) -> None:
    """What the controls would get on it: full marks for the reference, none for the blank."""
    with st.expander(f"Tried with {len(CONTROLS)} controls: answers whose right mark is known", expanded=True):
        rows = results.tried_with_controls(puzzle, puzzles)
        text.table([("Answer", ""), ("Marks", "n"), ("In the room", "")], rows)


def _bet(state: Session, me: Student, round_: Round) -> None:
    """Somebody's plan for a room: out or stuck? Nothing is told before the reveal."""
    said = {int(i): Called.model_validate_json(b).out for i, b in me.mine(round_).items()}
    n, key = len(round_.plan.bets), f"bet_{round_.id}"
    all_done = " You are done, and may change your bets until the round closes." if len(said) == n else ""
    text.lead(f"Round {round_.number}: out or stuck? {len(said)} of {count(n, 'plan')} called.{all_done}")
    number = _pick("Plan", key, {i: str(i + 1) for i in range(n)}, said)
    posed = round_.plan.bets[number]
    puzzle = me.run(round_).puzzle_by_id[posed.problem_id]
    play.told(puzzle)
    text.heading(f"The plan, by {text.label(posed.by)}")
    call_it.plan(posed.lines)

    def call(out: bool) -> None:  # noqa: FBT001 - the bet is a truth value
        if _hand_in(state, lambda: me.call(round_, number, Called(out=out)), "Your bet is in."):
            st.session_state[key] = None  # on to the next plan

    with st.container(horizontal=True):
        for out, words in ((True, "It gets out"), (False, "It gets stuck")):
            chosen = said.get(number) is out
            st.button(f"{words} ✓" if chosen else words, key=f"{key}_{out}", on_click=call, args=(out,),
                      type="primary" if chosen else "secondary")  # fmt: skip


def _note(state: Session, me: Student, round_: Round) -> None:
    """A failed answer, and one line: what went wrong?"""
    order = list(round_.plan.answers)
    random.Random(f"{round_.id} {me.member.number}").shuffle(order)  # noqa: S311 - chance, not secrets
    mine = {Trial.model_validate_json(i): Remark.model_validate_json(b) for i, b in me.mine(round_).items()}
    n, key = len(order), f"note_{round_.id}"
    all_done = " You are done, and may change your lines until the round closes." if len(mine) == n else ""
    text.lead(f"Round {round_.number}: what went wrong? {len(mine)} of {count(n, 'answer')} read.{all_done}")
    at = _pick("Answer", key, {i: str(i + 1) for i in range(n)}, {i for i, t in enumerate(order) if t in mine})
    trial = order[at]
    run = me.run(round_)
    puzzle, result, before = run.puzzle_by_id[trial.problem_id], result_of(run, trial), mine.get(trial)
    text.heading(puzzle.name)
    st.html(f'<div class="esc-text">{text.escape(puzzle.setup.scenario)}</div>')
    with st.expander("Limits, and the reference solution"):
        text.items("", puzzle.setup.constraints)
        reference.lines(puzzle)
    answer.said(result, "The answer, which did not get out")
    if result.outcome:
        with st.expander("What the room said"):
            steps(result.outcome.steps, result.outcome.lost_at)
    name = f"{key}_{round_.plan.answers.index(trial)}"

    def save() -> None:
        remark = Remark(text=st.session_state[name].strip(), category=st.session_state[f"{name}_kind"] or "")
        if not remark.text:
            state.say("task", "Write one line first: what went wrong?")
        elif _hand_in(
            state, lambda: me.remark(round_, trial, remark), "Saved. You can change it until the round closes."
        ):
            st.session_state[key] = None  # on to the next answer

    with st.form(f"form {name}"):
        st.text_input("What went wrong? One line", before.text if before else "", key=name, max_chars=300,
                      autocomplete="off")  # fmt: skip
        kind = CATEGORIES.index(before.category) if before and before.category in CATEGORIES else None
        st.selectbox("Of which kind? (you may leave it to the class)", CATEGORIES, index=kind, key=f"{name}_kind")
        st.form_submit_button("Save", type="primary", on_click=save)


def _read_one_of_each(run: Run, players: Sequence[str]) -> None:
    """One answer by each player to the same puzzle, without any mark: a vote on a phone is then more than a guess."""
    texts: dict[str, dict[str, str]] = {}
    for result in run.results:
        if result.answer and result.answer.text.strip() and result.trial.repeat == 1:
            texts.setdefault(result.trial.problem_id, {})[result.trial.player] = result.answer.text
    shared = next((i for i, own in texts.items() if all(p in own for p in players)), None)
    if shared is None:
        return
    with st.expander("Read one answer by each"):
        puzzle = run.puzzle_by_id[shared]
        text.quiet(f"{puzzle.name}: {puzzle.setup.scenario}")
        for player in players:
            text.heading(text.label(short(player)))
            st.html(f'<div class="esc-text">{text.escape(texts[shared][player])}</div>')


def _predict(state: Session, me: Student, round_: Round) -> None:
    """Before a run: who will win, and whether anybody can tell."""
    before = me.mine(round_).get("guess")
    old = Guess.model_validate_json(before) if before else None
    players = list(round_.plan.players)
    run = me.run(round_)
    n = count(len(run.config.problem_ids), "puzzle")
    text.lead(f"Round {round_.number}: what will happen?{' You have voted; you can change it.' if old else ''}")
    _read_one_of_each(run, players)
    with st.form(f"predict_{round_.id}"):
        who = st.radio("Who will do best?", players, format_func=lambda p: text.label(short(p)),
                       index=players.index(old.winner) if old and old.winner in players else None)  # fmt: skip
        enough = st.radio(f"Will {n} be enough to tell?", ["yes", "no"], horizontal=True,
                          index=None if old is None else int(not old.enough))  # fmt: skip
        if st.form_submit_button("Vote", type="primary"):
            if who is None or enough is None:
                text.cause("Answer both questions.")
                return
            guess = Guess(winner=who, enough=enough == "yes")
            _hand_in(state, lambda: me.predict(round_, guess), "Your vote is in.")
            st.rerun()
