"""Results of a run of houses: how far everybody gets, how sure that is, and where they end."""

from __future__ import annotations

import streamlit as st

from escape.environments.houses import DEMO_HABITS
from escape.metrics import METRICS
from escape.results import count, facts, houses, spending
from escape.types import PLAYED, Run
from escape.ui import text
from escape.ui.results import opening, pictures
from escape.ui.run import shelf
from escape.ui.session import Session

CONTROL_HABITS = {
    "control:reference": "knows the way out",
    "control:greedy": "takes the first thing that fits and looks at 100 states at most",
    "control:guesser": "draws every move at random",
    "control:experimenter": "knows every disturbance, measures what tells most, and fits by least squares",
    "control:textbook": "believes in no disturbance, and measures nothing",
    "control:random": "guesses a reading, and measures nothing",
}


def first(state: Session, run: Run) -> st.delta_generator.DeltaGenerator:
    """The sentence and the next step; returns the place between them."""
    reach = _reach(state, run)
    text.lead(houses.reach_sentence(reach))
    text.quiet(houses.budget_sentence(reach))
    place = st.container()
    if state.opened_on:
        opening.show(state)
    return place


def _reach(state: Session, run: Run) -> houses.Reach:
    return state.worked_out(run, "reach", lambda: houses.reach(run))


def show(state: Session, run: Run) -> None:
    """The rest of the view."""
    reach = _reach(state, run)
    if not reach.lines:
        return
    _pictures(reach)
    pictures.understanding_shown(state, run)
    shelf.beside(state, run, METRICS["verified"])
    one, many = reach.what
    with st.expander("How far to trust this"):
        text.quiet(
            f"Each {one} has doors of its own numbers, so {many} are the units: the interval is that of a median "
            f"over {count(reach.houses, one, many)}, and two players are compared on the {many} that both played. Code "
            f"makes the {many}, proves that they can be left, and carries every move out: no judge and no opinion is "
            f"involved. A {one} says how far a player gets with {reach.environment.skill}, not how clever it is."
        )
    with st.expander("What exactly was run"):
        text.table([("", ""), ("", "")], [list(fact) for fact in facts(run, METRICS["verified"])])


def of_class(run: Run) -> None:
    """The figures alone, on a class's board: the class as one player beside the scripted ones."""
    people = {r.trial.player for r in run.results if r.trial.player.startswith(PLAYED)}
    reach = houses.reach(houses.as_one(run))
    text.lead(houses.class_sentence(reach, len(people)))
    _pictures(reach)


def _pictures(reach: houses.Reach) -> None:
    _curve(reach)
    head, rows = houses.players_table(reach)
    kinds = ["", "n", "n", *["nw"] * (len(head) - 3)]
    text.table(list(zip(head, kinds, strict=True)), rows)
    _habits(reach)
    _spent(reach)
    _ended(reach)


def _curve(reach: houses.Reach) -> None:
    """The curve: one for wide screens, one for phones."""
    for kind, shape in (("esc-wide", houses.WIDE), ("esc-narrow", houses.NARROW)):
        text.image(houses.curve(reach, shape), houses.curve_said(reach), f"esc-curve {kind}")


def _spent(reach: houses.Reach) -> None:
    """Doors against tokens and money, if that is known of two players or more."""
    if seen := spending.pictures(reach):
        text.heading("Doors against tokens")
        text.quiet("What an attempt opened, in the median, and what it took: thinking buys doors.")
        for (svg, said), column in zip(seen, st.columns(2), strict=False):
            with column:
                text.image(svg, said)
        with st.expander("In numbers"):
            head, rows = spending.table(reach)
            text.table([(name, "n" if n else "") for n, name in enumerate(head)], rows)


def _habits(reach: houses.Reach) -> None:
    """What the scripted players do, since no model was asked."""
    habits = {f"demo:{h.name}": h.habit for h in DEMO_HABITS.values()} | CONTROL_HABITS
    sentences = [f"{line.name} {habits[line.player]}" for line in reach.lines if line.player in habits]
    if sentences:
        text.quiet(f"Scripted, by code: {'; '.join(sentences)}.")


def _ended(reach: houses.Reach) -> None:
    text.heading("Where they end")
    text.quiet("Attempts that ended at a mechanism, of those that came as far as one of its doors.")
    head, rows = houses.ended_table(reach)
    kinds = ["", "n", *["nw"] * (len(head) - 2)]  # on a phone all players together
    text.table(list(zip(head, kinds, strict=True)), rows)
