"""The film of a plan: one frame per move, to play, pause and step through.

Where motion is unwanted, all frames are shown at once.
"""

from urllib.parse import quote

import streamlit as st

from escape.results import watching
from escape.ui import text
from escape.ui.text import escaped

MOST = 60  # frames drawn one under another
EVERY_S = 1.8  # a frame, while it plays


def render(key: str, film: watching.Film, name: str) -> None:
    """Draw a button that opens the film, and the film while it is open.

    `key`: of this place on the page. `name`: of the plan, for the downloaded file.
    """
    if not film.frames:
        return
    key = f"{key}_{hash(film) & 0xFFFFFFFF:08x}"  # another plan in the same place begins anew
    shown = f"watched_{key}"
    label = "Stop watching" if shown in st.session_state else "Watch"
    tip = f"{text.label(name)}, a frame a move"
    st.button(label, key=f"watch_{key}", on_click=_toggle_film, args=(key, film), help=tip)
    if shown not in st.session_state:
        return
    playing = st.session_state[f"clock_{key}"] = st.session_state.get(f"playing_{key}", False)
    st.fragment(_render_frame, run_every=EVERY_S if playing else None)(key, film, name)


def _toggle_film(key: str, film: watching.Film) -> None:
    """Open the film at the frame where the room was lost, else at the first. If it is open, close it."""
    if st.session_state.pop(f"watched_{key}", None) is None:
        st.session_state[f"watched_{key}"] = film.lost_at or 1
    st.session_state[f"playing_{key}"] = False


def _image(film: watching.Film, number: int) -> str:
    words = escaped(watching.describe_frame(film, number))
    return f'<img alt="{words}" src="data:image/svg+xml,{quote(watching.frame_svg(film, number))}">'


def _render_frame(key: str, film: watching.Film, name: str) -> None:
    at, playing, n = f"watched_{key}", f"playing_{key}", len(film.frames)
    if at not in st.session_state:
        return
    if st.session_state.get(playing) and st.session_state.get(f"drawn_{key}") == st.session_state[at]:
        st.session_state[at] = min(n, st.session_state[at] + 1)  # a tick of the clock, not a press
        st.session_state[playing] = st.session_state[at] < n
    number = st.session_state[f"drawn_{key}"] = min(n, st.session_state[at])

    def go(to: int) -> None:
        st.session_state[at], st.session_state[playing] = to, False

    def turn() -> None:
        st.session_state[playing] = not st.session_state.get(playing)
        if st.session_state[playing] and st.session_state[at] == n:
            st.session_state[at] = 1
        st.session_state.pop(f"drawn_{key}", None)

    # all of them for whoever wants no motion, but not at every tick of the clock
    every = (
        "" if st.session_state.get(playing) else "".join(_image(film, k) for k in range(1, min(n, MOST) + 1))
    )
    st.html(f'<div class="esc-frame">{_image(film, number)}</div><div class="esc-frames">{every}</div>')
    with st.container(horizontal=True, key=f"reel_{key}"):
        st.button("Back", key=f"back_{key}", on_click=go, args=(number - 1,), disabled=number == 1)
        st.button("Pause" if st.session_state.get(playing) else "Play", key=f"play_{key}", on_click=turn)
        st.button("Next", key=f"next_{key}", on_click=go, args=(number + 1,), disabled=number == n)
        st.download_button(
            "Frame as SVG",
            watching.frame_svg(film, number),
            f"{name}, move {number}.svg",
            "image/svg+xml",
            key=f"take_{key}",
            on_click="ignore",
        )
    if st.session_state[f"clock_{key}"] != st.session_state.get(playing, False):
        st.rerun()  # which starts the clock, or stops it
