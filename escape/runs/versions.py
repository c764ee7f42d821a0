"""The start of a run: its id, and the versions that decide what it measures.

A continued run keeps those of its earlier answers too.
"""

import hashlib
import importlib.metadata
import platform
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from escape import __version__
from escape.judges import checklist
from escape.prompts import VERSIONS
from escape.rooms import READING
from escape.types import EARLIER, Puzzle, Run, RunConfig

PROMPTS = VERSIONS | checklist.VERSIONS
READING_OF = "reading of moves"  # among a run's versions
PACKAGES = ("openai", "anthropic", "genai-prices", "tenacity", "pydantic", "streamlit")

ROOT = Path(__file__).parent.parent  # of this package's files
_SOURCES = {".py", ".toml", ".json", ".jsonl", ".txt"}
_LEFT_OUT = {"__pycache__", "recorded"}  # recorded answers do not change what the program does


@cache
def program_hash() -> str:
    """Hash the package's sources and data with SHA-256, file by file, sorted by path.

    Recorded runs are left out.
    """
    sha256 = hashlib.sha256()
    for file in sorted(
        p for p in ROOT.rglob("*") if p.suffix in _SOURCES and not _LEFT_OUT & {*p.relative_to(ROOT).parts}
    ):
        sha256.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return sha256.hexdigest()


def now() -> str:
    """Format the current time as runs store it: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_run(config: RunConfig, puzzles: Sequence[Puzzle], title: str = "") -> Run:
    return Run(
        run_id=secrets.token_hex(6),
        title=title,
        started_at=now(),
        config=config,
        versions=_versions(),
        puzzles=tuple(puzzles),
    )


@cache
def _packages() -> dict[str, str]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue  # not every install has every package, and a run does not need them all
    return versions


def _versions() -> dict[str, str]:
    program = {"python": platform.python_version(), "escape": __version__, "program sha256": program_hash()}
    prompts = {f"prompt {name}": str(version) for name, version in PROMPTS.items()}
    return program | _packages() | {READING_OF: str(READING)} | prompts


def stamp_versions(run: Run) -> Run:
    """Give a continued run today's versions, and keep those of its earlier answers beside them."""
    current = _versions()
    decides = [name for name in current if name.startswith("prompt ") or name == READING_OF]
    before = {name: version for name, version in run.versions.items() if name.startswith(EARLIER)}
    if run.results:
        older = {name: run.versions.get(name, "0") for name in decides}
        for name, version in older.items():
            if version != current[name]:
                versions = before.get(f"{EARLIER}{name}", "").split(", ")
                before[f"{EARLIER}{name}"] = ", ".join(dict.fromkeys(filter(None, (*versions, version))))
    return run.model_copy(update={"versions": current | before})
