"""Values that no browser would send for a field count as no value, before anything reads them."""

from __future__ import annotations

import contextlib
from typing import Any

from streamlit.runtime.state.session_state import Serialized, Value, WStates

_read = WStates.__getitem__


def refuse() -> None:
    """Put the check in force, once for a server.

    Streamlit reads a value by the form it came in, not by the form of its field, and does so before the script runs, so
    that neither the script nor a handler of its errors could refuse one.
    """
    WStates.__getitem__ = _checked  # type: ignore[method-assign]


def _checked(states: WStates, widget: str) -> Any:
    """A field's value; its default where what came is of another form or cannot be read."""
    came, field = states.states.get(widget), states.widget_metadata.get(widget)
    if not isinstance(came, Serialized) or field is None:
        return _read(states, widget)
    if _form(came.value.WhichOneof("value")) == _form(field.value_type):
        with contextlib.suppress(Exception):  # whatever Streamlit's readers make of what they were not written for
            return _read(states, widget)
    states.states[widget] = Value(field.deserializer(None))
    return states.states[widget].value


def _form(name: str | None) -> str | None:
    """A form of value; browsers send whole numbers for fields of either kind of number."""
    return "double_value" if name == "int_value" else name
