"""Which version of the program made a run: a hash over all of its files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent.parent  # the package
_SOURCES = {".py", ".toml", ".json", ".jsonl"}
_APART = {"__pycache__", "recorded"}  # what was recorded is data, and changes nothing that the program does


@cache
def program_hash() -> str:
    """SHA-256 over the package's sources and data, recorded runs aside, file by file, sorted by name."""
    hash_ = hashlib.sha256()
    for file in sorted(p for p in HERE.rglob("*") if p.suffix in _SOURCES and not _APART & {*p.parts}):
        hash_.update(file.relative_to(HERE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return hash_.hexdigest()
