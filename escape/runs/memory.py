"""Returning free memory to the system, where the C library can."""

import ctypes
import gc
import sys
from functools import cache
from typing import Any

# mallopt's M_ARENA_MAX: with one arena a thread, pages drawn by many threads keep holes
_ARENAS, _MOST_ARENAS = (-8, 2)


@cache
def _glibc() -> Any:
    """The C library with its ways to bound and return memory. None where it has none."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


@cache
def limit_arenas() -> None:
    """Let threads share a few arenas. Called once, early."""
    if library := _glibc():
        library.mallopt(_ARENAS, _MOST_ARENAS)


def release_memory() -> None:
    """Collect what refers only to itself, and return what is free. It takes some 100 ms, in which nobody else
    draws.
    """
    gc.collect()
    if library := _glibc():
        library.malloc_trim(0)
