"""Upload limits: per visitor, and for all visitors together."""

from __future__ import annotations

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from escape.hosting import HOSTED_UPLOADS_MB, VISITORS_UPLOADS_MB

MB = 2**20


class Bounded(MemoryUploadedFileManager):
    """Streamlit's own store with bounds. Files of sessions that are over are dropped by Streamlit."""

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file. Raises HTTPException(413) where it is more than fits."""
        from starlette.exceptions import HTTPException

        own = sum(len(f.data) for f in self.file_storage.get(session_id, {}).values())
        whole = sum(len(f.data) for files in list(self.file_storage.values()) for f in list(files.values()))
        if own + len(file.data) > VISITORS_UPLOADS_MB * MB or whole + len(file.data) > HOSTED_UPLOADS_MB * MB:
            raise HTTPException(413, "this server cannot take more uploads; remove a file, or come back later")
        super().add_file(session_id, file)


def bound() -> None:
    """Put the bounds in force, once for a server."""
    if not runtime.exists():
        return
    store = runtime.get_instance().uploaded_file_mgr
    if type(store) is MemoryUploadedFileManager:
        # the store is handed around from the start, so that it is its class that changes, and not the object
        store.__class__ = Bounded
