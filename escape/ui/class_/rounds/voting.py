"""Tasks about others' work: bets on plans, remarks on failed answers, predictions of who does best."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from escape.classes import BetEntry, Prediction, Remark, Round, Student
from escape.results import CATEGORIES, display_name, pluralize, result_at
from escape.types import Run, Trial
from escape.ui import text
from escape.ui.class_.rounds import handing_in
from escape.ui.class_.rounds.handing_in import hand_in, render_item_choice
from escape.ui.play import call_it, play
from escape.ui.pressing import bring
from escape.ui.session import Session


def render_bet_task(state: Session, me: Student, class_round: Round) -> None:
    """Draw somebody's plan for a room, and buttons to bet on it. Its outcome stays hidden."""
    own_bets = {int(i): BetEntry.model_validate_json(b).out for i, b in me.mine(class_round).items()}
    n, key = len(class_round.settings.bets), f"bet_{class_round.id}"
    all_done = " All done. You can change your bets until the round closes." if len(own_bets) == n else ""
    text.lead(
        f"Round {class_round.number}: out or stuck? {len(own_bets)} of {pluralize(n, 'plan')} "
        f"called.{all_done}"
    )
    number = render_item_choice("Plan", key, {i: str(i + 1) for i in range(n)}, own_bets)
    posed = class_round.settings.bets[number]
    puzzle = me.run(class_round).puzzle_by_id[posed.problem_id]
    play.render_room_text(puzzle)
    in_room = puzzle.world.things if puzzle.world else ()
    text.quiet(f"Things: {', '.join((*puzzle.setup.available_items, *in_room))}.")
    text.heading("Somebody's plan")  # whose it is would say much of how it ends
    call_it.render_plan(posed.lines)

    def call(out: bool) -> None:  # noqa: FBT001 - the bet is a truth value
        if hand_in(state, lambda: me.call(class_round, number, BetEntry(out=out)), "Your bet is in."):
            st.session_state[key] = None  # on to the next plan

    with st.container(horizontal=True):
        for out, words in ((True, "It gets out"), (False, "It gets stuck")):
            chosen = own_bets.get(number) is out
            st.button(f"{words} ✓" if chosen else words, key=f"{key}_{out}", on_click=call, args=(out,),
                      type="primary" if chosen else "secondary")  # fmt: skip


def render_note_task(state: Session, me: Student, class_round: Round) -> None:
    order = handing_in.in_order(me, class_round)
    own_lines = {
        Trial.model_validate_json(i): Remark.model_validate_json(b) for i, b in me.mine(class_round).items()
    }
    n, key = len(order), f"note_{class_round.id}"
    all_done = " All done. You can change your lines until the round closes." if len(own_lines) == n else ""
    text.lead(f"What went wrong? {len(own_lines)} of {pluralize(n, 'answer')} read.{all_done}")
    at = render_item_choice(
        "Answer", key, {i: str(i + 1) for i in range(n)}, {i for i, t in enumerate(order) if t in own_lines}
    )
    trial = order[at]
    run = me.run(class_round)
    puzzle, result, before = (
        run.puzzle_by_id[trial.problem_id],
        result_at(run, trial.key),
        own_lines.get(trial),
    )
    again = any(order[i].problem_id == puzzle.problem_id for i in range(at))
    handing_in.render(puzzle, result, n, again=again, room_s_words=True)
    name = f"{key}_{class_round.settings.answers.index(trial)}"

    def save() -> None:
        remark = Remark(text=st.session_state[name].strip(), category=st.session_state[f"{name}_kind"] or "")
        if not remark.text:
            state.say("task", "Write one line first: what went wrong?")
            bring(state, "task")
        elif hand_in(
            state,
            partial(me.remark, class_round, trial, remark),
            "Saved. You can change it until the round closes.",
        ):
            st.session_state[key] = None  # on to the next answer

    with st.form(f"form {name}"):
        st.text_input("In one line", before.text if before else "", key=name, max_chars=300,
                      autocomplete="off")  # fmt: skip
        kind = CATEGORIES.index(before.category) if before and before.category in CATEGORIES else None
        st.selectbox(
            "Of which kind?", CATEGORIES, index=kind, key=f"{name}_kind", placeholder="left to the class"
        )
        st.form_submit_button("Save", type="primary", on_click=save)


def render_predict_task(state: Session, me: Student, class_round: Round) -> None:
    before = me.mine(class_round).get("guess")
    old = Prediction.model_validate_json(before) if before else None
    players = list(class_round.settings.players)
    run = me.run(class_round)
    n = pluralize(len(run.config.problem_ids), "puzzle")
    text.lead(
        f"Round {class_round.number}: what will happen?{' You have voted; you can change it.' if old else ''}"
    )
    _render_one_of_each(run, players)
    key = f"predict_{class_round.id}"

    def vote() -> None:
        who, enough = st.session_state[f"{key}_who"], st.session_state[f"{key}_enough"]
        if who is None or enough is None:
            state.say("task", "Answer both questions.")
            bring(state, "task")
            return
        guess = Prediction(winner=who, enough=enough == "yes")
        hand_in(state, partial(me.predict, class_round, guess), "Your vote is in.")

    with st.form(key):
        st.radio(
            "Who will do best?",
            players,
            format_func=lambda p: text.label(display_name(p)),
            key=f"{key}_who",
            index=players.index(old.winner) if old and old.winner in players else None,
        )
        options = ["yes", "no"]
        earlier = None if old is None else options.index("yes" if old.enough else "no")
        st.radio(f"Will {n} be enough to tell?", options, index=earlier, horizontal=True, key=f"{key}_enough")
        st.form_submit_button("Vote", type="primary", on_click=vote)


def _render_one_of_each(run: Run, players: Sequence[str]) -> None:
    """Draw one answer by each player to the same puzzle, unmarked, so that a vote is more than a guess.

    Nothing is drawn unless all players have answered some puzzle, and not all alike.
    """
    texts: dict[str, dict[str, str]] = {}
    for result in run.results:
        if result.answer and result.answer.text.strip() and result.trial.repeat == 1:
            texts.setdefault(result.trial.problem_id, {})[result.trial.player] = result.answer.text
    everybodys = {
        i: [by_player[p] for p in players]
        for i, by_player in texts.items()
        if all(p in by_player for p in players)
    }
    shared = next((i for i, answers in everybodys.items() if len(set(answers)) > 1), None)
    if shared is None:
        return
    with st.expander("Read one answer by each"):
        puzzle = run.puzzle_by_id[shared]
        text.quiet(f"{puzzle.name}: {puzzle.setup.scenario}")
        for player in players:
            text.heading(display_name(player))
            st.html(f'<div class="esc-text">{text.escaped(texts[shared][player])}</div>')
