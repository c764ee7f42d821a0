"""Who plays: keys of the providers, at one press every model that they may ask, and those that were chosen."""

from __future__ import annotations

import streamlit as st

from escape import models
from escape.models import PROVIDERS
from escape.puzzles import RECORDED
from escape.results import count
from escape.types import ModelSpec
from escape.ui import text
from escape.ui.session import Session
from escape.ui.setup import keys

FIRST_PLAYERS = ("demo:careful", "demo:hasty", "demo:hoarder")
FIRST = ("openai", "anthropic")  # whose key fields stand there from the beginning
PICKED = "quick_models"


def show(state: Session) -> None:
    """A key for each provider, the button that reads their lists, and the models to choose from."""
    rows: list[str] = st.session_state.setdefault("key_rows", list(FIRST))
    columns = st.columns(2)
    for n, name in enumerate(rows):
        with columns[n % 2]:
            keys.key_field(state, name)
    rest = [n for n, p in PROVIDERS.items() if p.key_env and not p.any_address and n not in rows]

    def another() -> None:
        if chosen := st.session_state["key_another"]:
            st.session_state["key_rows"] = [*rows, chosen]
            st.session_state["key_another"] = None

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Find their models", key="find_models", on_click=_find, args=(state,),
                  help="Asks each provider for its list: free. A key goes to its provider only.")  # fmt: skip
        st.selectbox("Another key", rest, index=None, key="key_another", on_change=another, width=260,
                     format_func=lambda n: PROVIDERS[n].label, placeholder="another provider")  # fmt: skip
    text.said(state.page.said.get("find_models"))
    offered = {
        f"{name}:{model}": f"{label} ({PROVIDERS[name].label})"
        for (name, _), listed in state.keys.lists.items()
        if name in rows
        for model, label in listed.items()
    }
    if offered:

        def take() -> None:
            _take(state, st.session_state[PICKED])

        st.multiselect("Models", list(offered), key=PICKED, format_func=offered.__getitem__, on_change=take,
                       placeholder="Search the lists; several are possible")  # fmt: skip


def _find(state: Session) -> None:
    typed = {name for (name, _), key in keys.typed_keys(state).items() if key}
    there = [name for name in st.session_state["key_rows"] if name in typed]
    if not there:
        state.say("find_models", "Paste a key first; its provider then says which models it may ask.")
        return
    found = sum(keys.read_list(state, name, "") for name in there)
    if found:  # what a provider said of its key stands under the key
        state.say("find_models", f"{count(found, 'model')} found. Choose which ones play.", good=True)
    else:
        state.unsay("find_models")


def _take(state: Session, chosen: list[str]) -> None:
    specs = {name: models.parse(name) for name in chosen}
    there = {p.name for p in state.players}
    state.players += [spec for name, spec in specs.items() if name not in there]
    listed = _listed(state)
    now = beside(state, st.session_state.get("players", []), list(specs))
    st.session_state["players"] = [n for n in now if n in specs or n not in listed]


def beside(state: Session, now: list[str], names: list[str]) -> list[str]:
    """The players once models of one's own join them: the first one takes the place of the scripted players, and the
    recorded models stand beside it, which costs nothing. Who took everybody away is alone.
    """
    if now and not any(map(is_own, now)):
        now = [p.name for p in state.players if p.provider == RECORDED]
    return list(dict.fromkeys([*now, *names]))


def is_own(player: str) -> bool:
    """Whether a player is a model that is asked."""
    return not models.is_scripted(player) and not player.startswith(f"{RECORDED}:")


def chosen(state: Session, able: list[str]) -> list[str]:
    """Who plays: of those that are `able` to, the ones that were chosen. Who has no answer to what is chosen now comes
    back with what it can answer.
    """
    page, now = state.page, st.session_state.get("players")
    if now is not None and now != page.shown_players:  # chosen since the page was last drawn
        hidden = [n for n in page.others or [] if n not in page.shown_players]
        page.own_players = [n for n in now if is_own(n)]
        page.others = [*hidden, *(n for n in now if not is_own(n) and n not in hidden)]
    first = [] if page.own_players else list(FIRST_PLAYERS)
    others = first if page.others is None else page.others
    page.shown_players = [n for n in [*others, *page.own_players] if n in able]
    return page.shown_players


def _listed(state: Session) -> set[str]:
    return {
        ModelSpec(provider=name, model=model).name for (name, _), listed in state.keys.lists.items() for model in listed
    }
