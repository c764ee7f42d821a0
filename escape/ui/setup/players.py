"""The choice of players: keys and where they go, the models that they open, and those that are chosen.

A suggestion is chosen at first.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from difflib import get_close_matches

import streamlit as st
from pydantic import SecretStr

from escape import models
from escape.models import PROVIDERS, Offer
from escape.results import display_name, join_and, pluralize
from escape.runs import LOOP
from escape.types import ModelError, ModelSpec, SpecError
from escape.ui import text
from escape.ui.pressing import announce
from escape.ui.session import TEST, KeyScope, Session, Swap
from escape.ui.visit import host

WAIT_S = 20.0
LOOK_S = 4.0  # for lists that nobody pressed for


def typed_keys(state: Session) -> models.ApiKeys:
    typed = {scope: st.session_state.get(widget) for scope, widget in state.keys.fields.items()}
    return {scope: SecretStr(value.strip()) for scope, value in typed.items() if value and value.strip()}


def key_of(state: Session, spec: ModelSpec) -> models.ApiKey:
    """Find the key for a model: typed, or the server's if the visitor may use it. None if not needed.

    Raises SpecError if a key is missing, or if the model's address may not be called.
    """
    allowed = host()
    allowed.check_address(spec)
    if spec.base_url and (spec.provider, spec.base_url) not in state.keys.own_addresses:
        raise SpecError(
            f"{spec.name} would be asked at {spec.base_url}, an address that came with a file; add it "
            "yourself under Test models, Another way, if you trust it"
        )
    return models.key_for(spec, typed_keys(state), allowed.env_for_visitor(os.environ))


def key_problem(state: Session, spec: ModelSpec) -> str:
    """Say why a model cannot be asked yet. "" if it can."""
    try:
        key_of(state, spec)
    except SpecError as error:
        return str(error)
    return ""


def render_missing_keys(state: Session, specs: Sequence[ModelSpec]) -> None:
    """Draw a field for every key that is needed to continue a run.

    If the set-up has the field already, draw a button that leads there.
    """
    hosted = [
        s for s in specs if s.provider in PROVIDERS and PROVIDERS[s.provider].key_env and not s.base_url
    ]
    for scope in dict.fromkeys(key_scope(s) for s in hosted if key_problem(state, s)):
        if scope not in state.keys.drawn:
            render_key_field(state, scope)
        else:
            label = PROVIDERS[scope[0]].label
            st.button(f"Type the {label} key, under Test models", key=f"to_key_{scope[0]}",
                      on_click=state.go_to, args=(TEST,))  # fmt: skip


def key_scope(spec: ModelSpec) -> KeyScope:
    try:
        return models.key_scope(spec, os.environ)
    except SpecError:  # a file's player with an address that its provider does not take
        return spec.provider, ""


def scope_of(provider: str, address: str = "") -> KeyScope:
    return key_scope(ModelSpec(provider=provider, model="list", base_url=address or None))


def render_key_field(state: Session, scope: KeyScope) -> None:
    """Draw the field of one key, with the address that gets it.

    Leaving the field, or Enter, reads the list of models, which is free.
    """
    name, address = scope
    provider = PROVIDERS[name]
    widget = _widget(scope)
    state.keys.fields[scope] = widget
    owner_has_key = bool(host().env_for_visitor(os.environ).get(provider.key_env))

    def typed() -> None:
        state.keys.lists.pop(scope, None)
        state.unsay(widget)
        if st.session_state[widget].strip():
            read_list(state, name, address if provider.any_address else "")

    st.text_input(
        "Key for this address" if provider.any_address else f"{provider.label} key",
        type="password",
        key=widget,
        autocomplete="off",
        placeholder="the server has one" if owner_has_key and not provider.any_address else "paste it here",
        persist_state="session",
        on_change=typed,
        help=f"From {provider.keys_at}. Goes to {address} only."
        if provider.keys_at
        else f"Goes to {address} only.",
    )
    text.render_message(state.page.said.get(widget))


def _widget(scope: KeyScope) -> str:
    name, address = scope
    return f"key_{name}@{address}" if PROVIDERS[name].any_address else f"key_{name}"


def read_list(state: Session, provider: str, address: str = "") -> None:
    scope = scope_of(provider, address)
    try:
        offers = LOOP.ask(_offers(state, provider, address, WAIT_S), WAIT_S + 5)
    except (ModelError, SpecError) as error:
        state.say(_widget(scope), str(error))
    except TimeoutError:
        state.say(_widget(scope), "no answer in time; check the network and try again")
    else:
        state.keys.lists[scope] = offers
        if not offers:
            state.say(_widget(scope), "The key works, but the provider lists no chat model for it.")
        elif address:
            state.say(_widget(scope), f"{pluralize(len(offers), 'model')} found.", good=True)


def _offers(state: Session, provider: str, address: str, wait_s: float) -> Coroutine[None, None, list[Offer]]:
    """Prepare the request for a list of models, to be awaited on the loop. Raises SpecError.

    The key is read here, on the page's own thread; the loop makes only the call.
    """
    spec = ModelSpec(provider=provider, model="list", base_url=address or None, timeout_s=wait_s)
    return _fetch_offers(spec, key_of(state, spec), public_only=not host().local)


async def _fetch_offers(spec: ModelSpec, key: models.ApiKey, *, public_only: bool) -> list[Offer]:
    models_listed = await models.list_models(spec, key, public_only=public_only)
    return [
        Offer(spec.model_copy(update={"model": m.id, "timeout_s": 120.0}), m.created, m.label)
        for m in models_listed
    ]


def list_keyless(state: Session) -> None:
    """List once the models that need no key from the visitor.

    Those of local servers, and of providers whose key the server shares.
    """
    if state.keys.looked:
        return
    state.keys.looked = True
    allowed, env = host(), host().env_for_visitor(os.environ)
    names = [n for n, p in PROVIDERS.items() if p.key_env and not p.any_address and env.get(p.key_env)]
    names += [n for n in ("ollama", "lmstudio") if allowed.local]

    questions = {}
    for name in names:
        # a key or address of this server that cannot be used: its owner finds out when a run says why
        with contextlib.suppress(SpecError):
            questions[name] = _offers(state, name, "", LOOK_S)

    async def every() -> list[list[Offer] | BaseException]:
        return await asyncio.gather(*questions.values(), return_exceptions=True)

    try:
        lists = LOOP.ask(every(), LOOK_S + 1) if questions else []
    except TimeoutError:
        lists = []
    for name, offers in zip(questions, lists, strict=False):
        if isinstance(offers, list) and offers:
            state.keys.lists.setdefault(scope_of(name), offers)


FIRST = ("openai", "anthropic")  # whose key fields stand there from the beginning
PLAYERS = "players"  # the key of the choice of models


def render(state: Session) -> list[ModelSpec]:
    rows: list[str] = st.session_state.setdefault("key_rows", list(FIRST))
    others = [n for n, p in PROVIDERS.items() if p.key_env and not p.any_address and n not in rows]

    def another() -> None:
        if name := st.session_state["key_another"]:
            st.session_state["key_rows"] = [*rows, name]
            st.session_state["key_another"] = None

    columns = st.columns(3)
    for n, name in enumerate(rows):
        scope = scope_of(name)
        state.keys.drawn.add(scope)
        with columns[n % 3]:
            render_key_field(state, scope)
    columns[len(rows) % 3].selectbox(
        "Another provider",
        others,
        index=None,
        key="key_another",
        on_change=another,
        format_func=lambda n: PROVIDERS[n].label,
        placeholder="choose",
    )
    offered = _all_offers(state)
    _suggest(state, offered)
    labels = {n: o.label for n, o in offered.items()}
    chosen = st.multiselect(
        "Models",
        list(labels),
        key=PLAYERS,
        format_func=lambda n: labels.get(n, n),
        on_change=_resolve,
        args=(state,),
        accept_new_options=True,
        select_all=False,
        placeholder="Search; several are possible" if offered else "Paste a key first, or press Another way",
        help="Newest first; beside each the price of a million tokens, in and out.",
    )
    text.render_message(state.page.said.get(PLAYERS))

    def chosen_by_hand() -> None:
        state.page.suggested = []

    render_swap(state, PLAYERS, chosen_by_hand)
    st.button("Another way", key="add", on_click=state.open_way, args=("a server",), type="tertiary",
              help="Your own server, a chat window, this machine, recorded or scripted answers, "
                   "yourself.")  # fmt: skip
    return [offered[n].spec for n in chosen if n in offered]


def _all_offers(state: Session) -> dict[str, Offer]:
    """Collect everybody who can be chosen, by name: listed models, then players added another way."""
    listed = {o.spec.name: o for offers in state.keys.lists.values() for o in offers}
    return listed | {p.name: Offer(p) for p in state.players}


def _suggest(state: Session, offered: Mapping[str, Offer]) -> None:
    """Choose the suggestion until the visitor chooses otherwise. Remove who is no longer offered."""
    before = st.session_state.get(PLAYERS, [])
    now = [n for n in before if n in offered]
    remote = [offers for (name, _), offers in state.keys.lists.items() if not PROVIDERS[name].here]
    suggestion = [o.spec.name for o in models.suggested(remote)]
    if now == [n for n in state.page.suggested if n in offered]:
        came = [n for n in suggestion if n not in now]
        gone = [n for n in now if n not in suggestion]
        if came and gone:
            plays = "plays" if len(came) == 1 else "play"
            coming, leaving = join_and([*map(display_name, came)]), join_and([*map(display_name, gone)])
            state.page.swaps[PLAYERS] = Swap(f"{coming} {plays} instead of {leaving}.", now)
        now = suggestion
        state.page.suggested = suggestion
    st.session_state[PLAYERS] = now
    if remote and now != before and now == suggestion:
        listed = pluralize(sum(map(len, remote)), "model")
        announce(
            state, f"{listed} listed. Chosen: {join_and([offered[n].spec.model for n in now]) or 'none'}."
        )


def render_swap(state: Session, field: str, keep: Callable[[], None]) -> None:
    """Draw what the page has changed in a field by itself, with Undo.

    Undo calls `keep`: from then on the choice is the visitor's.
    """
    swap = state.page.swaps.get(field)
    if swap is None:
        return

    def undo() -> None:
        state.page.next_fields[field] = swap.before
        del state.page.swaps[field]
        keep()

    with st.container(horizontal=True, vertical_alignment="center"):
        text.quiet(swap.words)
        st.button(
            "Undo", key=f"undo_{field}", type="tertiary", on_click=undo, help=f"Back to before: {swap.words}"
        )


_OPTIONS = re.compile(r"(\[\w+\])*$")


def _resolve(state: Session) -> None:
    """Turn typed names into players: a listed model, with an effort or an answer budget in brackets."""
    offered = _all_offers(state)
    chosen: list[str] = []
    state.unsay(PLAYERS)
    state.page.swaps.pop(PLAYERS, None)
    for name in st.session_state[PLAYERS]:
        resolved = name if name in offered else _add_typed(state, offered, name)
        if resolved:
            chosen.append(resolved)
    st.session_state[PLAYERS] = list(dict.fromkeys(chosen))


def _add_typed(state: Session, offered: Mapping[str, Offer], typed: str) -> str:
    """Add a typed player and return its name. If there is none, say the nearest names and return ""."""
    base = _OPTIONS.sub("", typed.strip())
    listed = next((o.spec for n, o in offered.items() if base in (n, o.spec.model)), None)
    if listed is None:
        near = get_close_matches(base, [o.spec.model for o in offered.values()], 3, 0.4)
        closest = "" if state.keys.lists else " Paste a key first."
        if near:
            closest = f" The closest are {', '.join(near)}."
        state.say(PLAYERS, f"There is no model {typed[:80]!r} on the lists.{closest}")
        return ""
    options = typed.strip()[len(base) :]
    try:
        spec = models.parse(f"{listed.provider}:{listed.model}{options}")
    except SpecError as error:
        state.say(PLAYERS, str(error))
        return ""
    spec = spec.model_copy(update={"base_url": listed.base_url})
    state.players = [*(p for p in state.players if p.name != spec.name), spec]
    return spec.name


def choose(state: Session, *specs: ModelSpec) -> None:
    """Add players, and choose them when the page is drawn next."""
    names = [spec.name for spec in specs]
    state.players = [p for p in state.players if p.name not in names] + [*specs]
    state.page.next_fields[PLAYERS] = list(dict.fromkeys([*st.session_state.get(PLAYERS, []), *names]))
