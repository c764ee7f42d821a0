"""The choice of players: keys, the models that they open, and the ones that are chosen. A suggestion is chosen at
first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

import streamlit as st

from escape import models
from escape.models import PROVIDERS, Offer
from escape.types import ModelSpec, SpecError
from escape.ui import text
from escape.ui.session import Session
from escape.ui.setup import keys

FIRST = ("openai", "anthropic")  # whose key fields stand there from the beginning
FIELD = "players"


def render(state: Session) -> list[ModelSpec]:
    rows: list[str] = st.session_state.setdefault("key_rows", list(FIRST))
    others = [n for n, p in PROVIDERS.items() if p.key_env and not p.any_address and n not in rows]

    def another() -> None:
        if name := st.session_state["key_another"]:
            st.session_state["key_rows"] = [*rows, name]
            st.session_state["key_another"] = None

    columns = st.columns(3)
    for n, name in enumerate(rows):
        scope = keys.scope_of(name)
        state.keys.drawn.add(scope)
        with columns[n % 3]:
            keys.field(state, scope)
    columns[len(rows) % 3].selectbox("Another provider", others, index=None, key="key_another", on_change=another,
                                     format_func=lambda n: PROVIDERS[n].label, placeholder="choose")  # fmt: skip
    offered = _offered(state)
    _suggest(state, offered)
    labels = {n: o.label for n, o in offered.items()}
    chosen = st.multiselect(
        "Models", list(labels), key=FIELD, format_func=lambda n: labels.get(n, n), on_change=_resolve, args=(state,),
        accept_new_options=True, select_all=False,
        placeholder="Search; several are possible" if offered else "Paste a key first, or take another way",
        help="Newest first; beside each the price of a million tokens, in and out.",
    )  # fmt: skip
    text.render_message(state.page.said.get(FIELD))
    st.button("Another way", key="add", on_click=state.open_door, args=("a server",), type="tertiary",
              help="Your own server, a chat window, this machine, recorded or scripted answers, yourself.")  # fmt: skip
    return [offered[n].spec for n in chosen if n in offered]


def _offered(state: Session) -> dict[str, Offer]:
    """Return everybody who can be chosen, by name: the lists, then who was added in another way."""
    listed = {o.spec.name: o for offers in state.keys.lists.values() for o in offers}
    return listed | {p.name: Offer(p) for p in state.players}


def _suggest(state: Session, offered: Mapping[str, Offer]) -> None:
    """Choose the suggestion, as long as nobody has chosen otherwise. Who is no longer offered is taken away."""
    now = [n for n in st.session_state.get(FIELD, []) if n in offered]
    with_keys = [offers for (name, _), offers in state.keys.lists.items() if not PROVIDERS[name].here]
    suggestion = [o.spec.name for o in models.suggested(with_keys)]
    if now == [n for n in state.page.suggested if n in offered]:
        now = suggestion
        state.page.suggested = suggestion
    st.session_state[FIELD] = now


_OPTIONS = re.compile(r"(\[\w+\])*$")


def _resolve(state: Session) -> None:
    """Make names that were typed into players: a listed model with an effort or an answer budget in brackets."""
    offered = _offered(state)
    chosen: list[str] = []
    state.unsay(FIELD)
    for name in st.session_state[FIELD]:
        resolved = name if name in offered else _added(state, offered, name)
        chosen += [resolved] if resolved else []
    st.session_state[FIELD] = list(dict.fromkeys(chosen))


def _added(state: Session, offered: Mapping[str, Offer], typed: str) -> str:
    """Return the name of a typed player, or say the nearest names and return ""."""
    base = _OPTIONS.sub("", typed.strip())
    listed = next((o.spec for n, o in offered.items() if base in (n, o.spec.model)), None)
    try:
        spec = models.parse(f"{listed.provider}:{listed.model}{typed.strip()[len(base) :]}") if listed else None
    except SpecError as error:
        state.say(FIELD, str(error))
        return ""
    if spec is None or listed is None:
        near = get_close_matches(base, [o.spec.model for o in offered.values()], 3, 0.4)
        closest = f" The closest are {', '.join(near)}." if near else " Paste a key first."
        state.say(FIELD, f"There is no model {typed[:80]!r} on the lists.{closest}")
        return ""
    spec = spec.model_copy(update={"base_url": listed.base_url})
    state.players = [*(p for p in state.players if p.name != spec.name), spec]
    return spec.name


def choose(state: Session, *specs: ModelSpec) -> None:
    """Add players, and choose them when the page is drawn next."""
    names = [spec.name for spec in specs]
    state.players = [p for p in state.players if p.name not in names] + [*specs]
    state.page.next_fields[FIELD] = list(dict.fromkeys([*st.session_state.get(FIELD, []), *names]))
