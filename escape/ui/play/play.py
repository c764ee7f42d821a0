"""The Play tab: a person plays a room by hand, and may join the results as a player."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

import streamlit as st

from escape.puzzles import files
from escape.results import display_name, outcome_sentence, pluralize, watching
from escape.rooms import ByHand, Dice, as_answer, measured, playable, shortest
from escape.runs.file import AnswerLine
from escape.types import PLAYED, Outcome, Puzzle, Run
from escape.ui import text, watch
from escape.ui.play import acting, call_it
from escape.ui.play.acting import render_steps
from escape.ui.pressing import bring, render_copy_text
from escape.ui.run import adding, example
from escape.ui.session import Session
from escape.ui.setup import Choice

Doors = Mapping[str, Outcome]  # by puzzle


def render_ending(
    state: Session, choice: Choice, playing: ByHand, following: Puzzle | None, enter: Callable[[str], None]
) -> None:
    """Draw the ending: outcome, explanation, shortest way, comparison, and a form to add the play.

    `following`: the next room, which `enter` goes to.
    """
    outcome, puzzle = playing.play.outcome, playing.puzzle
    text.lead(outcome_sentence(outcome, puzzle))
    acting.render_last_move(playing)
    if not playing.practice:
        state.tried.setdefault(puzzle.problem_id, outcome)  # the first end counts
    with st.container(horizontal=True, vertical_alignment="center"):
        if following:
            st.button(f"Next room: {text.label(following.name)}", key="play_next", type="primary",
                      on_click=enter, args=(following.problem_id,))  # fmt: skip
    text.items("Why it works" if puzzle.solvable else "Why there is no way out", puzzle.solution.key_insights)
    text.quiet(f"Principles: {'; '.join(puzzle.physical_principles)}.")
    if puzzle.solvable and not (outcome.out and outcome.moves <= outcome.shortest):
        with st.expander(f"A shortest way out ({pluralize(outcome.shortest, 'move')})"):
            text.items("", shortest(puzzle), ordered=True)
    if playing.practice:
        text.quiet(
            "This was practice, which counts in no table. Switch Practice off to play the room in earnest."
        )
        return
    _render_beside_players(state, puzzle)
    shared = share_line(state.tried, puzzle)
    with st.container(horizontal=True, vertical_alignment="center"):
        text.quiet(shared)
        render_copy_text("share_play", shared)
    with st.form("play_end"):
        who = st.text_input("Your name, or a nickname", max_chars=40, autocomplete="off", key="play_name")
        why = st.text_area(
            "Why does it work, or why not? (marked like any other answer)", max_chars=8000, key="play_why"
        )
        if st.form_submit_button(
            f"Add my play of {text.label(puzzle.name)} to the results", disabled=state.running
        ):
            answer = as_answer(puzzle, outcome, why)
            bring(state, "headline")
            line = AnswerLine(problem_id=puzzle.problem_id, answer=answer, player=who.strip() or "a visitor")
            adding.add_answers(state, choice, [line], PLAYED)


def _render_beside_players(state: Session, puzzle: Puzzle) -> None:
    """Draw a table of this visitor beside the players of the run on show, or of the example."""
    run = state.run or example.of_rooms()
    if run is None or not (rows := compare(state.tried, run, puzzle.problem_id)):
        return
    text.table(
        [
            ("Who", ""),
            ("This room", ""),
            (f"Out, of {pluralize(len(state.tried), 'room')} that you tried", ""),
        ],
        rows,
        f"You and the players of {'the example' if state.shows_example else 'the run you see'}",
    )


def compare(outcomes: Doors, run: Run, this: str) -> list[list[str]]:
    """Tabulate the visitor and the players: this room's result, and how many tried rooms each solved.

    A player counts only in rooms that the visitor tried, with the first answer to each.
    """
    theirs: dict[str, dict[str, Outcome]] = {}
    for result in run.results:
        if result.led_to and result.trial.problem_id in outcomes:
            theirs.setdefault(result.trial.player, {}).setdefault(result.trial.problem_id, result.led_to)
    everybody = [
        ("You", outcomes),
        *((display_name(p), theirs[p]) for p in (s.name for s in run.config.players) if p in theirs),
    ]
    return [
        [who, _own_result(d.get(this)), f"{sum(d[i].out for i in d if i in outcomes)} of {len(d)}"]
        for who, d in everybody
    ]


def _own_result(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not asked"
    return f"out in {pluralize(outcome.moves, 'move')}" if outcome.out else "not out"


def share_line(outcomes: Doors, puzzle: Puzzle) -> str:
    """Compose a line to share, such as:

    `Escape: ▮▮▯ got out of 2 of 3 rooms. The tube: 2 moves, shortest 2.`
    """
    outs = [o.out for o in outcomes.values()]
    here = outcomes[puzzle.problem_id]
    result_text = (
        f"{pluralize(here.moves, 'move')}, shortest {here.shortest}"
        if here.out and puzzle.solvable
        else _own_result(here)
    )
    doors_text = "".join("▮" if out else "▯" for out in outs)
    return (
        f"Escape: {doors_text} got out of {sum(outs)} of {pluralize(len(outs), 'room')}. {puzzle.name}: "
        f"{result_text}."
    )


TOLD = "play_told"  # the key of what a player is told of the room


def render(state: Session, choice: Choice) -> None:
    first = st.container()  # the sentence is what a screen reader meets first
    if _render_play_or_bet(state):
        with first:
            text.lead(call_it.lead_sentence(state))
        call_it.render(state)
        return
    rooms = [p for p in state.puzzles if playable(p)]
    if of_day := room_of_the_day([p for p in rooms if state.sets.get(p.problem_id) == files.EASY]):
        rooms.insert(0, rooms.pop(rooms.index(of_day)))
    playing = _render_room_choice(state, rooms)
    puzzle, play = playing.puzzle, playing.play
    with first:
        (text.quiet if play.over else text.lead)(LEAD)  # at the end its sentence leads
    text.render_message(state.page.said.pop("bring", None))
    left_half, right = st.columns([2, 3], gap="large")
    with left_half:
        render_room_text(puzzle)
    with right:
        if not play.over:
            acting.render(state, playing, play)
        else:
            with st.container(key=acting.END):
                following = _easiest(
                    [p for p in rooms if p.problem_id not in state.tried and p is not puzzle]
                )
                render_ending(state, choice, playing, following, lambda i: _enter(state, rooms, i))
            film = watching.frames(puzzle, play.outcome, "move by move")
            watch.render(f"play_{puzzle.problem_id}", film, puzzle.name)
        render_steps(play.steps, play.lost_at if play.over else None)


ENTER = "Play"
LEAD = "Can you get out?"


def room_of_the_day(puzzles: Sequence[Puzzle]) -> Puzzle | None:
    """Pick a solvable room by the date (UTC), the same for everybody with the same rooms."""
    rooms = sorted((p for p in puzzles if p.world and p.solvable), key=attrgetter("problem_id"))
    return Dice(f"room {call_it.today()}").pick(rooms) if rooms else None


def _render_play_or_bet(state: Session) -> bool:
    """Draw the switch between playing and betting; return True for betting."""

    def turn() -> None:
        if st.session_state["play_what"] == call_it.CALL and state.calling is None:
            call_it.begin_bets(state)

    st.session_state.setdefault("play_what", ENTER)
    what = st.segmented_control("What to do", [ENTER, call_it.CALL], key="play_what", required=True,
                                on_change=turn, label_visibility="collapsed")  # fmt: skip
    return bool(what == call_it.CALL)


def _enter(state: Session, rooms: Sequence[Puzzle], problem_id: str) -> None:
    practice = state.playing is not None and state.playing.practice
    state.playing = ByHand(next(p for p in rooms if p.problem_id == problem_id))
    state.playing.practice = practice
    acting.clear()
    bring(state, TOLD)


def _easiest(rooms: Sequence[Puzzle]) -> Puzzle | None:
    """Find the room with the fewest moves, then things. No way out counts as four moves."""

    def effort(room: Puzzle) -> tuple[int, int]:
        moves = len(room.world.moves) if room.world and room.solvable else 4
        return moves, len(room.setup.available_items) + len(room.world.things if room.world else ())

    return min(rooms, key=effort, default=None)


def render_room_text(puzzle: Puzzle) -> None:
    with st.container(key=TOLD):
        text.heading(puzzle.name)
        st.html(f'<div class="esc-text">{text.escaped(puzzle.setup.scenario)}</div>')
        if items := measured(puzzle):
            text.quiet(f"With measures: {', '.join(items)}.")
        if puzzle.setup.constraints:
            with st.expander("Limits"):
                text.items("", puzzle.setup.constraints)


def _render_room_choice(state: Session, rooms: Sequence[Puzzle]) -> ByHand:
    by_id, name_by_id = {p.problem_id: p for p in rooms}, state.labels_of(rooms)
    name_by_id[rooms[0].problem_id] = f"{rooms[0].name} · room of the day"

    def enter() -> None:
        _enter(state, rooms, st.session_state["play_room"])

    def again() -> None:
        if state.playing:
            state.playing = state.playing.again()
            acting.clear()

    def practise() -> None:
        """Switch practice. Switching it off restarts the room, as undo and hints were available."""
        if state.playing:
            state.playing.practice = st.session_state["play_practice"]
            if not state.playing.practice:
                again()

    if state.playing is None or state.playing.puzzle.problem_id not in by_id:
        state.playing = ByHand(_easiest([p for p in rooms if p.solvable]) or rooms[0])
    st.session_state["play_room"] = state.playing.puzzle.problem_id
    st.session_state["play_practice"] = state.playing.practice
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Room",
            list(by_id),
            key="play_room",
            format_func=name_by_id.__getitem__,
            on_change=enter,
            width=320,
        )
        st.button("Start again", on_click=again, key="play_again", disabled=not state.playing.play.steps)
        st.toggle("Practice", key="play_practice", on_change=practise,
                  help="With undo and hints; counts in no table. Switching it off starts the room "
                       "again.")  # fmt: skip
    if state.playing.starts > 1:
        text.quiet(f"Started {state.playing.starts} times.")
    return state.playing
