"""Returning free memory to the system, where the C library can."""

import ctypes
import gc
import sys
from functools import cache
from typing import Any


@cache
def _glibc() -> Any:
    """Load the C library, if it can return free memory to the system."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None


def release_memory() -> None:
    """Collect garbage and return free memory to the system.

    It takes some 100 ms, in which no page is drawn.
    """
    gc.collect()
    if library := _glibc():
        library.malloc_trim(0)
