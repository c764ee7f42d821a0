"""Uploads: a visitor's share of the memory, and that of all visitors, by real requests to a real server."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from escape.hosting import HOSTED_UPLOADS_MB, VISITORS_UPLOADS_MB
from escape.ui.visit import MB, Bounded


def file(name: str, megabytes: float) -> UploadedFileRec:
    return UploadedFileRec(file_id=name, name=name, type="x", data=bytes(int(megabytes * MB)))


def test_a_visitor_has_a_share_and_gets_it_back() -> None:
    store = Bounded("/upload")
    store.add_file("a", file("1", VISITORS_UPLOADS_MB - 1))
    with pytest.raises(HTTPException, match="413"):
        store.add_file("a", file("2", 2))
    store.add_file("b", file("3", 2))
    store.remove_file("a", "1")
    store.add_file("a", file("2", 2))
    assert [f.file_id for f in store.get_files("a", ["1", "2"])] == ["2"]


def test_all_visitors_together_fill_no_more_than_the_server_bears() -> None:
    store, kept = Bounded("/upload"), 0
    for visitor in range(20):
        try:
            store.add_file(str(visitor), file("1", VISITORS_UPLOADS_MB - 1))
        except HTTPException:
            continue
        kept += 1
    assert kept == HOSTED_UPLOADS_MB // (VISITORS_UPLOADS_MB - 1)


def test_streamlits_own_store_is_what_is_bounded() -> None:
    store = MemoryUploadedFileManager("/upload")
    store.__class__ = Bounded
    store.add_file("a", file("1", 1))
    assert len(store.get_files("a", ["1"])) == 1
