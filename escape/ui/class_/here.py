"""The classes of this server, and who is asking for them."""

from __future__ import annotations

import streamlit as st

from escape.classes import ClassData, Doors
from escape.store import address, store


@st.cache_resource(show_spinner=False)
def _doors(where: str) -> Doors:
    return Doors(ClassData(store()))


def doors() -> Doors:
    """All classes of this server. Raises StoreError where their database cannot be used."""
    return _doors(address())


def visitor() -> str:
    """Who asks, for counting wrong guesses: the address that the server sees."""
    return st.context.ip_address or "here"
