"""A laboratory played by a person, door by door: sliders, readings as a table and a plot, and the prediction."""

from __future__ import annotations

import streamlit as st

from escape.environments import ByHand
from escape.environments.laboratories import APPARATUSES, Choice, LabAttempt, door_text
from escape.environments.laboratories.apparatus import Apparatus, At
from escape.ui import text
from escape.ui.play.acting import UNREAD, last
from escape.ui.play.lines import give_up, share, way_on

WIDTH, HEIGHT, EDGE = 420, 220, 44  # px of the plot


def show(playing: ByHand, lab: LabAttempt) -> None:
    """The door that is shut: what may be at work, the settings, the readings so far, and the prediction."""
    door, number = lab.door, lab.opened + 1
    apparatus = APPARATUSES[door.apparatus]
    key = f"lab_{lab.puzzle.problem_id}_{number}"  # another laboratory's door has other settings under the same names
    text.heading(f"Door {number} of {len(lab.lab.doors)}: {apparatus.name}")
    text.quiet(apparatus.told)
    st.html(f'<div class="esc-text">{text.escaped(door_text(door, number).partition(chr(10))[2])}</div>')
    last(playing)
    if why := st.session_state.get(UNREAD):
        text.cause(why)

    def do(line: str) -> None:
        st.session_state[UNREAD] = playing.do(line)

    def measure() -> None:
        at = {name: st.session_state[f"{key}_{name}"] for name in apparatus.knobs}
        do(f"measure: {apparatus.written(at)}")

    def predict() -> None:
        named = ", ".join(st.session_state.get(f"{key} named") or ["none"])
        do(f"predict: {st.session_state[f'{key} value']} {apparatus.unit} | {named}")

    with st.form("lab_measure", border=False):
        _knobs(apparatus, key)
        st.form_submit_button(f"Measure ({lab.left} left)", on_click=measure, type="primary", disabled=not lab.left)
    _readings(lab, apparatus, key)
    with st.form("lab_predict", border=False):
        left, right = st.columns([2, 3])
        left.number_input(f"Prediction ({apparatus.unit})", value=0.0, format="%.4f", key=f"{key} value")
        names = [*door.listed, *(["other"] if door.others else [])]
        right.pills("At work", names, selection_mode="multi", key=f"{key} named")
        st.form_submit_button(f"Predict: this decides door {number}", on_click=predict)
    give_up(playing, f" at door {number}")


def _knobs(apparatus: Apparatus, key: str) -> None:
    """A field for each setting, their keys beginning with `key`."""
    for name, knob in apparatus.knobs.items():
        if isinstance(knob, Choice):
            st.segmented_control(
                name.capitalize(), knob.words, key=f"{key}_{name}", default=knob.words[0], required=True
            )
        else:
            label = f"{name.capitalize()} ({knob.unit})" if knob.unit else name.capitalize()
            st.slider(label, float(knob.low), float(knob.high), step=float(knob.step), key=f"{key}_{name}", format="%g")


def _readings(lab: LabAttempt, apparatus: Apparatus, key: str) -> None:
    """The readings of this door: a table, and a plot against one of the settings."""
    if not lab.readings:
        return
    names = list(apparatus.knobs)
    rows = [[*(f"{at[n]:g}" if isinstance(at[n], float) else str(at[n]) for n in names), apparatus.shown(y)]
            for at, y in lab.readings]  # fmt: skip
    text.table([*((n.capitalize(), "") for n in names), (apparatus.quantity.capitalize(), "n")], rows, "Readings")
    numeric = [n for n, knob in apparatus.knobs.items() if not isinstance(knob, Choice)]
    across = st.segmented_control("Plot against", numeric, default=numeric[0], required=True, key=f"{key} plot")
    words = f"{apparatus.quantity} against {across}: {len(lab.readings)} readings"
    text.image(plot(lab.readings, across, apparatus, lab.door.target), words)


def plot(readings: list[tuple[At, float]], across: str, apparatus: Apparatus, target: At) -> str:
    """Readings against one setting as SVG, with a line where the prediction is asked for."""
    values = [(float(at[across]), y) for at, y in readings]
    right = max(float(target[across]), *(x for x, _ in values))
    left = min(float(target[across]), *(x for x, _ in values))
    low, high = min(y for _, y in values), max(y for _, y in values)
    wide, tall = (right - left) or 1.0, (high - low) or 1.0

    def at(x: float) -> float:
        return EDGE + (x - left) / wide * (WIDTH - 2 * EDGE)

    def up(y: float) -> float:
        return HEIGHT - EDGE - (y - low) / tall * (HEIGHT - 2 * EDGE)

    dots = "".join(f'<circle cx="{at(x):.1f}" cy="{up(y):.1f}" r="4" fill="currentColor"/>' for x, y in values)
    asked, ground = at(float(target[across])), HEIGHT - EDGE + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" '
        f'font-size="12" fill="currentColor"><style>svg{{color:#2b2620}}@media(prefers-color-scheme:dark)'
        f"{{svg{{color:#e9e4d9}}}}</style>{dots}"
        f'<line x1="{asked:.1f}" x2="{asked:.1f}" y1="{EDGE / 2}" y2="{HEIGHT - EDGE}" stroke="currentColor" '
        f'stroke-dasharray="4 4" opacity=".6"/>'
        f'<text x="{asked:.1f}" y="{EDGE / 2 - 4}" text-anchor="middle">asked</text>'
        f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{ground}" y2="{ground}" stroke="currentColor" '
        f'opacity=".4"/><text x="{EDGE}" y="{HEIGHT - 14}">{left:g}</text><text x="{WIDTH - EDGE}" y="{HEIGHT - 14}" '
        f'text-anchor="end">{right:g} {text.escaped(across)}</text><text x="4" y="{up(high) + 4:.1f}">{high:.3g}</text>'
        f'<text x="4" y="{up(low) + 4:.1f}">{low:.3g}</text></svg>'
    )


def end(playing: ByHand, lab: LabAttempt) -> None:
    """What was at work, how the next door would have opened, and a line to share."""
    if lab.opened < len(lab.lab.doors):
        with st.expander(f"What would have opened door {lab.opened + 1}"):
            way_on(lab.puzzle, lab.opened)
    share(playing, lab)
