"""A site: a folder with a board, the run files that it rests on, replays and records; written, and checked again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ConfigDict, Field, ValidationError

from escape.errors import FileError, SpecError
from escape.fields import Name, Record
from escape.intake import NotJsonError, first_fault, validated
from escape.publish import page, records, replays
from escape.publish.boards import Entry, Origin, boards, slug
from escape.records import Run
from escape.runs import differences
from escape.runs.file import lines, load
from escape.schema import Puzzle

RECORD, WORKFLOW = "board.json", ".github/workflows/verify.yml"
_STEPS = """# Verifies every run of this board whenever somebody proposes a change. Set the repository variable ESCAPE
# to what pip installs Escape from, such as git+https://HOST/OWNER/escape.
name: verify
on: [pull_request, push]
permissions:
  contents: read
jobs:
  verify:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install "${{ vars.ESCAPE || 'escape' }}"
      - run: python -m escape verify .
"""


class KeptRun(Record):
    """A run as a site's record names it."""

    model_config = ConfigDict(extra="ignore")

    file: Name
    sha256: Name
    origin: Origin


class Site(Record):
    """A site's record, as far as it is needed to make the site again."""

    model_config = ConfigDict(extra="ignore")

    format: Name
    made_at: Name
    runs: tuple[KeptRun, ...] = Field(max_length=2000)


def publish(runs: Sequence[tuple[Run, Origin]], out: Path, made_at: str) -> list[str]:
    """Write a site; returns the names of its files. Raises SpecError without runs and FileError if it cannot be
    written.
    """
    if not runs:
        raise SpecError("name a run to publish, as run --json saves it")
    entries, packs = [], {}
    for number, (run, origin) in enumerate(runs, 1):
        data = _packed(run)
        name = f"{slug(run, number)}.json.gz"
        entries.append(Entry(run, name, hashlib.sha256(data).hexdigest(), origin))
        packs[f"runs/{name}"] = data
    made = _files(entries, made_at) | packs | {WORKFLOW: _STEPS.encode()}
    try:
        for name, data in made.items():
            file = out / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    except OSError as error:
        raise FileError(f"{out}: cannot be written ({error.strerror}); name another folder with --out") from None
    return sorted(made)


def _packed(run: Run) -> bytes:
    """A run file, the same bytes for the same run: without the time at which it was packed."""
    data = lines.packed(run)
    return data[:4] + b"\0\0\0\0" + data[8:]


def _files(entries: Sequence[Entry], made_at: str) -> dict[str, bytes]:
    """What a site says of its runs."""
    made = boards(entries)
    told = {
        "index.html": page.page(made, made_at),
        RECORD: _json(records.board(made, made_at)),
        **{f"every_eval_ever/{name}": _json(record) for name, record in records.every_eval_ever(made, made_at)},
        **{f"replays/{e.slug}.html": replays.page(e) for e in entries},
    }
    return {name: text.encode("utf-8", "replace") for name, text in told.items()}


def _json(record: records.Object) -> str:
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def check(folder: Path, bundled: Mapping[str, Puzzle]) -> Iterator[str]:
    """One line for each thing in a site that is not what its runs say. Raises SpecError for what is no site."""
    try:
        site = validated(Site, (folder / RECORD).read_bytes())
    except OSError:
        raise SpecError(f"{folder}: has no {RECORD}; name a folder that `publish` made, or run files") from None
    except (ValidationError, NotJsonError) as error:
        why = first_fault(error) if isinstance(error, ValidationError) else str(error)
        raise SpecError(f"{folder}/{RECORD}: {why}; make the site anew with publish") from None
    entries = []
    for kept in site.runs:
        name = os.path.basename(kept.file)
        file = folder / "runs" / name
        try:
            data = file.read_bytes()
            run = load(file)
        except (OSError, FileError):
            yield f"runs/{name}: is missing, or is no run"
            continue
        if hashlib.sha256(data).hexdigest() != kept.sha256:
            yield f"runs/{name}: is not the file whose hash the record has"
        yield from (f"runs/{name}: {line}" for line in differences(run, bundled))
        entries.append(Entry(run, name, kept.sha256, kept.origin))
    strangers = {f.name for f in (folder / "runs").glob("*")} - {os.path.basename(k.file) for k in site.runs}
    yield from (f"runs/{name}: stands nowhere on the board; make it anew with publish" for name in sorted(strangers))
    for name, data in _files(entries, site.made_at).items():
        try:
            same = (folder / name).read_bytes() == data
        except OSError:
            same = False
        if not same:
            yield f"{name}: is not what the runs say"
