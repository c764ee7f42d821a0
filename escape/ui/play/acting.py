"""Making moves in a room: choose a thing and a verb, or write the move as a line; the moves so far."""

import re
from collections.abc import Iterable, Sequence

import streamlit as st

from escape.results import drawings, pluralize
from escape.rooms import MEANINGS, VERBS, ByHand, Room, RoomEpisode, fitting, move_text, stands
from escape.types import MoveResult
from escape.ui import text
from escape.ui.pressing import bring
from escape.ui.session import Session

STYLE = """.st-key-play_thing button::before{content:"";flex:none;width:1.6rem;height:1.6rem;
  margin-right:.4rem;
 background:currentColor;opacity:.8;mask:var(--drawing) center/contain no-repeat}"""


def drawings_style(things: Iterable[str]) -> str:
    """Compose CSS that puts each thing's drawing on its button, by position, without any names."""
    rules = []
    for number, thing in enumerate(things, 1):
        where = f".st-key-play_thing button:nth-child({number})"
        rules.append(f"{where}{{--drawing:{drawings.url(drawings.drawing_of(thing) or drawings.box())}}}")
    return f"<style>{STYLE}{''.join(rules)}</style>"


def render_steps(moves: Sequence[MoveResult], lost_at: int | None, *, out: bool | None = None) -> None:
    """Draw moves and what the room said to each, and mark the one after which there was no way out.

    With `out`, they appear one after another, with drawings, and at the end the door opens or stays shut.
    Screen readers hear the result elsewhere, from an element that stays.
    """
    sheet, drawn = (
        drawings.of_moves(step.move for step in moves) if out is not None else ("", [""] * len(moves))
    )
    rows = []
    for number, step in enumerate(moves, 1):
        lost = ' <b class="state bad">from here on there was no way out</b>' if number == lost_at else ""
        idle = step.free and step.understood and step.move != "give up"
        free = ' <span class="esc-quiet">(costs no move)</span>' if idle else ""
        read = "" if step.understood else ' class="esc-quiet"'
        things = drawn[number - 1]
        rows.append(
            f"<li{read}>{things}<b>{text.escaped(step.move)}</b>{free}<br>"
            f"{text.escaped(step.said)}{lost}</li>"
        )
    kind = "esc-steps"
    if out is not None:
        rows.append(f'<li class="esc-end"><span class="esc-door{" out" if out else ""}"></span></li>')
        kind = "esc-steps esc-drawn"
    st.html(
        f'{sheet}<div role="region" aria-label="Moves so far"><ol class="{kind}">{"".join(rows)}</ol></div>'
    )


FIELDS = ("play_thing", "play_verb", "play_second")
WRITTEN = ("play_word", "play_amount")
END, VERB = "play_end_card", "play_verbs"  # keys of what the focus or the eye goes to
EXAMPLES = "look, take, put, pour, push, pull, press, turn, open and the like"
UNREAD = "play_unread"  # why the line that was typed last is no move


def clear() -> None:
    for key in FIELDS:
        st.session_state[key] = None
    for key in WRITTEN:
        st.session_state[key] = ""
    st.session_state["play_more"] = False
    st.session_state.pop(UNREAD, None)


def render(state: Session, playing: ByHand, play: RoomEpisode) -> None:
    verb, thing, second, field = _render_move_fields(state, play)

    def move() -> str:
        """Compose the move from its fields as they are now, with text typed just before a press."""
        written = str(st.session_state.get(field) or "").strip() if field else ""
        if not verb or not thing:
            return ""
        if field == "play_word":
            return move_text(verb, thing, written) if written else ""
        if re.fullmatch(r"[\d.,/ ]+", written):
            unit = play.room.unit(verb, thing, second or "")
            if unit and unit != "of it":  # a part of a thing is written without a unit
                written = f"{written} {unit}"
        line = move_text(verb, thing, second or "")
        between = ", " if second else " -> "
        return f"{line}{between}{written}" if written else line

    def do(line: str) -> None:
        playing.do(line)
        clear()
        happened(state, playing)

    def do_chosen() -> None:
        line = move()
        if not line:
            st.session_state[UNREAD] = "Choose a thing and what to do with it; then press Do it."
        elif why := play.fault(line):
            st.session_state[UNREAD] = f"{why[:1].upper()}{why[1:]}."
        else:
            do(line)

    with st.container(key="movebar"):
        render_last_move(playing)
        with st.container():
            if why := st.session_state.get(UNREAD):
                text.cause(why)
            elif play.lost_at:  # it changes no figure any more
                text.status("There is no way out from here any more. Start again, or give up.")
        line = text.label(move() or (f"{verb}: {thing}" if verb and thing else ""))
        with st.container(horizontal=True, vertical_alignment="center"):
            # never disabled, and always in the same place, so that a keyboard user keeps the focus on it
            st.button(
                f"Do it: {line}" if line else "Do it", on_click=do_chosen, key="play_do", type="primary"
            )
            st.button("Look around", on_click=do, args=("look",), key="play_look")
            st.button("Give up", on_click=do, args=("give up",), key="play_give_up")
        render_practice(playing)
    _render_line_form(state, playing)


def happened(state: Session, playing: ByHand) -> None:
    """Have the last move's result read out. At the end, focus the ending, as the old focus is gone."""
    if playing.play.steps:
        bring(state, END if playing.play.over else "", words=playing.play.steps[-1].said)


def _render_move_fields(state: Session, play: RoomEpisode) -> tuple[str | None, str | None, str | None, str]:
    """Draw the fields; return verb, thing, second thing, and the key of a word or amount field."""
    room, now, first = play.room, stands(play.room, play.state), stands(play.room, play.room.start)
    changed = {t: v for t, v in now.items() if first.get(t) != v}

    def tile(thing: str) -> str:
        return text.label(thing) + (f" · *{text.label(changed[thing])}*" if thing in changed else "")

    def touched() -> None:
        st.session_state["play_verb"] = st.session_state["play_second"] = None
        st.session_state["play_more"] = False
        st.session_state.pop(UNREAD, None)
        bring(state, VERB, look=True)

    st.html(drawings_style(room.things))
    thing = st.pills("Choose a thing", room.things, key="play_thing", format_func=tile, on_change=touched)
    verb = second = None
    field = ""
    # there before anything is in it, so that what follows keeps its place, and the focus
    with st.container(key=VERB):
        if thing:
            verb = _render_verbs(room, thing)
    with st.container():
        if verb and VERBS[verb].takes_word:
            field = "play_word"
            st.text_input("Which word or code?", key=field, max_chars=60, autocomplete="off")
        elif verb and thing and not VERBS[verb].free:
            others = [t for t in room.things if t != thing]
            second = st.pills(
                "To, on or with what? (if it matters)", others, key="play_second", format_func=tile
            )
            if unit := play.room.unit(verb, thing, second or ""):
                field, such = "play_amount", "such as 1/4" if unit == "of it" else f"in {unit}"
                st.text_input(f"How much or how far? ({such})", key=field, max_chars=20, autocomplete="off")
    return verb, thing, second, field


def _render_verbs(room: Room, thing: str) -> str | None:
    more = st.session_state.get("play_more", False)
    verbs = list(VERBS) if more else list(fitting(room, thing))
    verb = st.pills(f"What do you do with the {text.label(thing)}?", verbs, key="play_verb")

    def turn() -> None:
        st.session_state["play_more"], st.session_state["play_verb"] = not more, None

    st.button("Fewer verbs" if more else "More verbs", key="play_more_verbs", on_click=turn)
    return verb


def render_last_move(playing: ByHand) -> None:
    """Draw the last move and what the room said, beside the buttons.

    Hidden from screen readers, which get it from `happened`.
    """
    # there before the first move too, so that the buttons below keep their place, and the focus
    with st.container():
        if playing.play.steps:
            step = playing.play.steps[-1]
            st.html(
                f'<p class="esc-now" aria-hidden="true"><b>{text.escaped(step.move)}</b> '
                f"{text.escaped(step.said)}</p>"
            )


def render_practice(playing: ByHand) -> None:
    if not playing.practice:
        return

    def hint() -> None:
        playing.hints_taken = min(playing.hints_taken + 1, len(playing.hints))

    with st.container():  # there before the first hint, so that the buttons keep their place, and the focus
        for hint_text in playing.hints[: playing.hints_taken]:
            text.status(hint_text)
    hints_left = len(playing.hints) - playing.hints_taken
    with st.container(horizontal=True):
        st.button(
            "Undo the last move", on_click=playing.undo, key="play_undo", disabled=not playing.play.steps
        )
        st.button(f"Hint ({pluralize(hints_left, 'hint')} left)" if hints_left else "No hint left here",
                  on_click=hint, key="play_hint")  # fmt: skip


def _render_line_form(state: Session, playing: ByHand) -> None:
    """Draw a form for a move as a line. An unreadable line is no move and stays, to be corrected.

    It is a form because its value comes only with the press. A plain field sends its content with the page's
    next request, whatever that is, and would make a move twice where the server is slower than the page.
    """

    def typed() -> None:
        if line := st.session_state["play_line"].strip():
            if why := playing.do(line):
                verbs_hint = (
                    "" if line.partition(":")[0].strip().casefold() in MEANINGS else f" Verbs are {EXAMPLES}."
                )
                st.session_state[UNREAD], st.session_state["play_line"] = why + verbs_hint, line
            else:
                clear()
                happened(state, playing)

    with st.form("play_line_form", border=False, clear_on_submit=True):
        st.text_input("Or write a move and press Enter", key="play_line", max_chars=200,
                      placeholder="verb: thing -> second thing", autocomplete="off")  # fmt: skip
        st.form_submit_button("Do this move", on_click=typed)
