"""Limits on what a browser sends: the size of uploads, by visitor and in all, and values that fit their field."""

from __future__ import annotations

import contextlib
from typing import Any

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.state.session_state import Serialized, Value, WStates
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from escape.hosting import HOSTED_UPLOADS_MB, VISITORS_UPLOADS_MB

MB = 2**20
_read = WStates.__getitem__


class Bounded(MemoryUploadedFileManager):
    """Streamlit's own store with bounds. Files of sessions that are over are dropped by Streamlit."""

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file. Raises HTTPException(413) where it is more than fits."""
        from starlette.exceptions import HTTPException

        n_bytes = sum(len(f.data) for f in self.file_storage.get(session_id, {}).values())
        total = sum(len(f.data) for files in list(self.file_storage.values()) for f in list(files.values()))
        if n_bytes + len(file.data) > VISITORS_UPLOADS_MB * MB or total + len(file.data) > HOSTED_UPLOADS_MB * MB:
            raise HTTPException(413, "this server cannot take more uploads; remove a file, or come back later")
        super().add_file(session_id, file)


def bound() -> None:
    """Put the bounds in force, once for a server.

    Streamlit reads a field's value by the form it came in, not by the form of its field, and does so before the script
    runs, so that neither the script nor a handler of its errors could refuse one.
    """
    WStates.__getitem__ = _checked  # type: ignore[method-assign]
    if not runtime.exists():
        return
    store = runtime.get_instance().uploaded_file_mgr
    if type(store) is MemoryUploadedFileManager:
        # the store is handed around from the start, so that it is its class that changes, and not the object
        store.__class__ = Bounded


def _checked(states: WStates, widget: str) -> Any:
    """Return a field's value. Its default where what came is of another form or cannot be read."""
    came, field = states.states.get(widget), states.widget_metadata.get(widget)
    if not isinstance(came, Serialized) or field is None:
        return _read(states, widget)
    if _form(came.value.WhichOneof("value")) == _form(field.value_type):
        with contextlib.suppress(Exception):  # whatever Streamlit's readers make of what they were not written for
            return _read(states, widget)
    states.states[widget] = Value(field.deserializer(None))
    return states.states[widget].value


def _form(name: str | None) -> str | None:
    """Return a form of value. Browsers send whole numbers for fields of either kind of number."""
    return "double_value" if name == "int_value" else name
