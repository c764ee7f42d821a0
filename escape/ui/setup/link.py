"""A set-up as a link: players, puzzles, judge, repeats; never a key, and never an address that a link could name."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from escape import models
from escape.errors import SpecError
from escape.judges import JUDGES
from escape.schema import ModelSpec
from escape.ui import text
from escape.ui.session import Session
from escape.ui.setup.panel import ALL, OWN, Choice, sets

MAX_LENGTH = 2000  # characters of a link that any browser takes
NAMES = ("players", "puzzles", "judge", "judge_model", "repeats")


def take(state: Session) -> None:
    """Fill the set-up in as a link says, once, before its widgets are drawn; invalid values are ignored."""
    given = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    for name in given:
        del st.query_params[name]
    if not given:
        return
    players = [spec for name in given.get("players", "").split(",")[:50] if (spec := _spec(name))]
    if players:
        known = {p.name for p in state.players}
        state.players += [p for p in players if p.name not in known]
        st.session_state["players"] = [p.name for p in players]
    wanted = given.get("puzzles", "")
    ids = [i for i in wanted.split(",") if i in {p.problem_id for p in state.puzzles}]
    if wanted in sets(state):
        st.session_state["puzzle_set"] = wanted
    elif ids:
        st.session_state["puzzle_set"], st.session_state["puzzles"] = OWN, ids
    design, judge = given.get("judge", ""), _spec(given.get("judge_model", ""))
    if design in JUDGES and not JUDGES[design].joint and (judge or not JUDGES[design].asks_model):
        st.session_state["judge"] = design
        if judge:
            st.session_state["judge_provider"], st.session_state["judge_model"] = judge.provider, judge.model
    if given.get("repeats", "").isdecimal():
        st.session_state["repeats"] = min(20, max(1, int(given["repeats"])))


def _spec(name: str) -> ModelSpec | None:
    """A model by its name; None for what is no model, or one at an address of the link's own choosing."""
    try:
        spec = models.parse(name.strip()[:200]) if name.strip() else None
    except SpecError:
        return None
    return None if spec is None or spec.base_url else spec


def show(state: Session, choice: Choice) -> None:
    """The link to the set-up as it is."""
    if choice.config is None:
        return
    config, name = choice.config, st.session_state.get("puzzle_set", ALL)
    told = {
        "players": ",".join(p.name for p in config.players if not p.base_url),
        "puzzles": ",".join(config.problem_ids) if name == OWN else str(name),
        "judge": config.judge.design,
        "judge_model": config.judge.model.name if config.judge.model and not config.judge.model.base_url else "",
        "repeats": str(config.repeats),
    }
    link = f"{(st.context.url or '').partition('?')[0]}?{urlencode({k: v for k, v in told.items() if v}, safe=':,')}"
    with st.expander("Link to this set-up"):
        if len(link) > MAX_LENGTH:
            text.quiet("That many puzzles make the link too long: choose all, or a family.")
            return
        text.quiet("Anyone who opens it finds these players, puzzles and judge chosen. It holds no key and no address.")
        st.code(link, language=None, wrap_lines=True)
