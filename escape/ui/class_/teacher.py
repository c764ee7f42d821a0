"""The teacher's page: the code on the projector, one round after another, the board, what is taken home."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

import streamlit as st

from escape.classes import Round, Teacher, results, reviewed
from escape.puzzles import files
from escape.results import count, titles
from escape.runs import new_run
from escape.runs.file import lines
from escape.store import Entry
from escape.types import ClassError, EscapeError, Puzzle, RunConfig, StoreError
from escape.ui import remembered, text
from escape.ui.class_ import board, here, lessons, people, way_in
from escape.ui.class_.rounds import next_round
from escape.ui.polling import every
from escape.ui.pressing import pressed
from escape.ui.session import Session
from escape.ui.workshop import own

SHOWING, JOINING = "The result", "How to join"
LIVE_S = 2.0  # how often the board looks how many have joined and handed in


def show(state: Session) -> None:
    teacher = _teacher(state)
    if teacher is None:
        return
    about = teacher.about()
    st.title(text.label(about.title) or "A class", anchor=False)
    rounds = teacher.rounds()
    now = rounds[-1] if rounds else None
    revealed = [r for r in rounds if r.state == "revealed"]
    if revealed and _face(now) == SHOWING:
        drawer = st.toggle("My controls: the next round, people, downloads", key="drawer")
        controls = st.container()
        way_in.in_a_corner(about.joining)
        with st.container(key="board"):  # in large type, for the last row
            _board(teacher, revealed)
        if drawer:
            with controls:
                every(LIVE_S, _live, teacher, now)
                _steer(state, teacher, now)
                _rest(state, teacher, rounds)
    else:
        left_half, right = st.columns([3, 2], gap="large")
        with left_half:
            every(LIVE_S, _live, teacher, now)
            _steer(state, teacher, now)
        with right:
            way_in.show(about.joining)
        _rest(state, teacher, rounds)


def _rest(state: Session, teacher: Teacher, rounds: Sequence[Round]) -> None:
    if state.seat.secret[0] == teacher.code:
        way_in.once(state, teacher.code)
    text.said(state.page.said.pop("board", None))
    lessons.guide(teacher.about().title)
    people.show(state, teacher, _do)
    _home(state, teacher, rounds)


def _face(now: Round | None) -> str:
    """Which face the board has: a round that was just revealed shows its result, whatever else is going on lets people
    join; the teacher may turn it.
    """
    seen = (now.id, now.state) if now else None
    if st.session_state.get("board_seen") != seen:
        st.session_state["board_seen"] = seen
        st.session_state["board_face"] = SHOWING if now and now.state == "revealed" else JOINING
        st.session_state["drawer"] = False
    face = st.segmented_control("The board shows", [SHOWING, JOINING], key="board_face", required=True,
                                     label_visibility="collapsed")  # fmt: skip
    return face or SHOWING


def _teacher(state: Session) -> Teacher | None:
    """The teacher who comes with the secret, which the browser remembers and no address shows for long."""
    code = st.query_params.get("board", "").upper()
    own = f"teach_{code}"
    if code.isalnum():
        remembered.take_fragment("try", f"{code}.")
    if state.seat.teacher and state.seat.teacher.code == code:
        return state.seat.teacher
    whose, _, tried = remembered.recalled("try").partition(".")
    if tried:  # what followed the # of the link; it is kept for longer only once it has opened this class
        remembered.remember("try", "")
        with contextlib.suppress(ClassError):
            if whose == code:
                state.seat.teacher = here.doors().teach(code, tried)
                remembered.remember(own, tried)
                return state.seat.teacher
        text.cause("That link is not this class's teacher link, so nothing was changed. Open the link you were given.")
    if secret_ := remembered.recalled(own):
        with contextlib.suppress(ClassError):  # of a class that was deleted: ask
            state.seat.teacher = here.doors().teach(code, secret_)
            return state.seat.teacher
    st.title("The board of a class", anchor=False)
    with st.form("teach", border=False):
        secret = st.text_input("Your teacher's word (what follows the # in your teacher link)", type="password",
                               autocomplete="off", max_chars=60)  # fmt: skip
        if st.form_submit_button("Come back", type="primary"):
            state.seat.teacher = me = here.tried(state.seat, lambda: here.doors().teach(code, secret))
            remembered.remember(f"teach_{me.code}", secret.strip())
            st.query_params["board"] = me.code  # however it was written
            st.rerun()
    return None


def _live(teacher: Teacher, now: Round | None) -> None:
    """Who is there and how many have handed in; never what."""
    try:
        members = [m for m in teacher.members() if m.standing == "in"]
        handed = teacher.counts(now) if now and now.state == "open" else (0, 0)
    except (ClassError, StoreError) as error:
        text.cause(str(error))
        return
    sentence = f"{count(len(members), 'person', 'people')} here."
    if now and now.state == "open":
        people, things = handed
        count_text = f"{people} of {len(members)} people have handed in something, {things} in all."
        label = next_round.ROUND_LABELS[now.plan.kind].lower()
        sentence = f"Round {now.number}, {label}: {count_text if members else 'nobody is here yet.'}"
    st.html(f'<p class="esc-big" role="status">{text.escaped(sentence)}</p>')
    if members and (now is None or now.state == "revealed"):
        text.quiet(", ".join(m.nickname for m in members))


def _steer(state: Session, teacher: Teacher, now: Round | None) -> None:
    if now is None or now.state == "revealed":
        next_round.show(state, teacher, _do)
        return
    with st.container(horizontal=True):
        st.button("Reveal", type="primary", key="reveal", on_click=_do, args=(state, teacher.reveal, now),
                  help="Closes the round and shows the results.")  # fmt: skip
        if now.state == "open":
            st.button("Close", key="close_round", on_click=_do, args=(state, teacher.close, now))
        else:
            st.button("Open it again", key="reopen", on_click=_do, args=(state, teacher.reopen, now))


def _do(state: Session, act: Callable[..., object], *about: object) -> None:
    try:
        act(*about)
    except EscapeError as error:
        state.say("board", str(error))


def _board(teacher: Teacher, revealed: Sequence[Round]) -> None:
    by_id = {r.id: r for r in revealed}
    chosen = st.session_state.get("board_round")
    if chosen not in by_id or st.session_state.get("board_newest") != revealed[-1].id:
        st.session_state["board_round"] = st.session_state["board_newest"] = revealed[-1].id
    if len(by_id) > 1:
        st.segmented_control(
            "On the board", list(by_id), key="board_round", required=True,
            format_func=lambda i: f"{by_id[i].number}. {next_round.ROUND_LABELS[by_id[i].plan.kind]}",
        )  # fmt: skip
    round_ = by_id[st.session_state["board_round"]]
    board.show(teacher, round_, teacher.entries(round_))


def _home(state: Session, teacher: Teacher, rounds: Sequence[Round]) -> None:
    """Export, another run, more time, deletion."""
    run = teacher.run()
    st.button("To the page and its runs", key="to_page", on_click=st.query_params.clear)
    with st.expander("Download, run the class's puzzles, extend, delete"):
        text.quiet("People are S01, S02 and so on in these files. Only revealed rounds are in them.")
        revealed = [(r, teacher.entries(r)) for r in rounds if r.state == "revealed"]
        latest = {p.problem_id: p for r, e in revealed if r.plan.kind == "write" for p in results.puzzles(e)}
        written = list(latest.values())  # of two with one id, the later
        marked = [o for r, e in revealed if r.plan.kind == "mark" for o in results.marks(e)]
        with st.container(horizontal=True):
            st.download_button("Marks, plays and votes as CSV", lambda: results.to_csv(revealed, run),
                               f"class-{teacher.code}.csv", "text/csv", key="class_csv", on_click="ignore")  # fmt: skip
            st.download_button(
                "The run with all marks",
                lambda: lines.packed(run.model_copy(update={"opinions": (*run.opinions, *marked)})),
                f"class-{teacher.code}.json.gz", "application/gzip", key="class_run", on_click="ignore",
            )  # fmt: skip
            if written:
                st.download_button("The class's puzzles", lambda: files.share(written),
                                   f"class-{teacher.code}-puzzles.json", "application/json", key="class_puzzles",
                                   on_click="ignore")  # fmt: skip
        st.button(
            "Let people join for one more day", on_click=_do, args=(state, teacher.extend_joining), key="extend_joining"
        )
        if written:
            _run_them(state, teacher, written, _admitted(teacher, revealed))
        if st.checkbox("Delete this class", key="delete_ask"):
            text.quiet("This deletes all marks, plays and puzzles of this class, for everybody.")

            def delete() -> None:
                teacher.delete()
                state.seat.teacher = None
                remembered.remember(f"teach_{teacher.code}", "")
                st.query_params.clear()

            st.button("Yes, delete it", on_click=delete, key="delete_class")


def _admitted(teacher: Teacher, revealed: Sequence[tuple[Round, Sequence[Entry]]]) -> set[str] | None:
    """The ids of the rooms that are proved and in which nobody found a shortcut; None where nothing was reviewed."""
    reviews = [(r, e) for r, e in revealed if r.plan.kind == "review"]
    if not reviews:
        return None
    round_, entries = reviews[-1]
    return {
        one.room.room_id
        for one in reviewed(teacher.rooms(round_.plan.written), entries)
        if not one.room.missing and all(word != "there is a shortcut" for word, _ in one.remarks)
    }


def _run_them(state: Session, teacher: Teacher, written: Sequence[Puzzle], admitted: set[str] | None) -> None:
    """The class's set: played by the class itself, or taken to the page and run there with any player."""
    titles_by_id = titles(written)
    usual = [i for i in titles_by_id if admitted is None or i in admitted]
    chosen = st.multiselect("The class's set", list(titles_by_id), default=usual,
                            format_func=titles_by_id.__getitem__, key=f"class_chosen_{len(usual)}")  # fmt: skip
    rooms = [p for p in written if p.problem_id in chosen]
    st.button(
        "Let the class play this set", key="class_set", disabled=not chosen, on_click=_do,
        args=(state, teacher.set_run, new_run(RunConfig(problem_ids=tuple(chosen)), rooms)),
    )  # fmt: skip

    if pressed(state, "Add them to the page and choose players", "class_take", disabled=not chosen):
        own.add(state, [p for p in written if p.problem_id in chosen])
        st.query_params.clear()
        st.rerun()
