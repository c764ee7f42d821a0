"""A site: a folder with a board, the run files that it rests on, replays and records; written, and checked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, ValidationError

from escape.extras.publish import game, page, records, replays
from escape.extras.publish.boards import Entry, Origin, boards, slug
from escape.extras.publish.verifying import differences
from escape.intake import NotJsonError, first_fault, validated
from escape.puzzles import files
from escape.runs.file import lines, load
from escape.types import FileError, Name, Puzzle, Record, Run, SpecError

RECORD, WORKFLOW = "board.json", ".github/workflows/verify.yml"
MADE = ("replays", "every_eval_ever")  # folders that hold nothing but what is made from the runs
GAME = "play/index.html"
PUBLISHED = ("CIPHER_001", "COLLAB_001", "FLUID_001", "UV_001", "VAC_001")  # the five of 2025
MAX_RECORD = 16 * 2**20  # bytes
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
      - run: test -n "${{ vars.ESCAPE }}" || { echo "set the repository variable ESCAPE"; exit 1; }
      - run: pip install "${{ vars.ESCAPE }}"
      - run: escape verify .
"""


class KeptRun(Record):
    """A run as a site's record names it."""

    model_config = ConfigDict(extra="ignore")

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}\.json\.gz$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    origin: Origin


class Site(Record):
    """A site's record, as far as it is needed to make the site again."""

    model_config = ConfigDict(extra="ignore")

    format: Name
    made_at: Name
    runs: tuple[KeptRun, ...] = Field(max_length=2000)


def publish(runs: Sequence[tuple[Run, Origin]], out: Path, made_at: str, *, incomplete: bool = False) -> list[str]:
    """Write a site; returns the names of its files. Where there is one already, a run that was called re-run stays so,
    and what was made from runs is made anew. Raises SpecError without runs, for a run that `verify` refuses (except,
    with `incomplete`, for what it lacks), or if one of that site's is not among them, and FileError if it cannot be
    written.
    """
    if not runs:
        raise SpecError("name a run to publish, as run --json saves it")
    for run, _ in runs:
        _refuse(run, incomplete=incomplete)
    before = _site(out) if (out / RECORD).is_file() else None
    reran = {k.sha256 for k in before.runs if k.origin == "re-run"} if before else set()
    entries, packs = [], {}
    for run, origin in runs:
        data = _packed(run)
        sha = hashlib.sha256(data).hexdigest()
        name = f"{slug(run.run_id)}-{sha[:8]}.json.gz"
        if f"runs/{name}" not in packs:
            entries.append(Entry(run, name, sha, "re-run" if sha in reran else origin))
            packs[f"runs/{name}"] = data
    missing = (
        [k.file for k in before.runs if f"runs/{k.file}" not in packs and (out / "runs" / k.file).exists()]
        if before
        else []
    )
    if missing:  # it would stand on no board, or be gone
        raise SpecError(
            f"{out}: runs/{missing[0]} is on the board there and was not named; name it too, or remove it first"
        )
    entries.sort(key=lambda e: e.file)  # as the record has them, by which the site is made again
    files_ = _files(entries, made_at) | packs
    try:
        for name, data in files_.items():
            _write(out, name, data)
        for name in {n for n in _there(out) if n.startswith(MADE)} - set(files_) if before else ():
            (out / name).unlink()
    except OSError as error:
        raise FileError(f"{out}: cannot be written ({error.strerror}); name another folder with --out") from None
    return sorted(files_)


def write_game(out: Path, live: str) -> str:
    """Write the page that is played without a server, in a folder of its own; returns its name. Raises FileError."""
    rooms = list(files.shared(files.BUNDLED))
    text = game.page([p for p in rooms if p.problem_id in PUBLISHED], rooms, live)
    try:
        _write(out, GAME, text.encode())
    except OSError as error:
        raise FileError(f"{out}: cannot be written ({error.strerror}); name another folder with --out") from None
    return GAME


def _refuse(run: Run, *, incomplete: bool) -> None:
    bundled = {p.problem_id: p for path in files.sets(files.BUNDLED).values() for p in files.shared(path)}
    for difference in differences(run, bundled):
        if difference.kind == "wrong":
            raise SpecError(
                f"run {run.run_id}: {difference.text}; a board takes only what `verify` finds nothing wrong with"
            )
        if difference.kind == "missing" and not incomplete:
            raise SpecError(
                f"run {run.run_id}: {difference.text}; complete it with run --resume, or publish it with --incomplete, "
                "which counts them as not out"
            )


def _write(out: Path, name: str, data: bytes) -> None:
    """Write one file in a folder, and never through a link, which may lead out of it."""
    file = out / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.parent.resolve().is_relative_to(out.resolve()):
        raise FileError(f"{file.parent}: is a link that leads out of {out}; remove it")
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    beside.write_bytes(data)
    beside.replace(file)


def _there(folder: Path) -> set[str]:
    """The files of a folder that `publish` has a say about: runs, what is made from them, and pages."""
    own = (f for name in ("runs", *MADE) for f in (folder / name).rglob("*") if f.is_symlink() or not f.is_dir())
    return {str(f.relative_to(folder)) for f in (*own, *folder.glob("*.html"))}


def _packed(run: Run) -> bytes:
    """A run file, the same bytes for the same run: without the time at which it was packed."""
    data = lines.packed(run)
    return data[:4] + b"\0\0\0\0" + data[8:]


def _files(entries: Sequence[Entry], made_at: str) -> dict[str, bytes]:
    """What a site says of its runs."""
    every_board = boards(entries)
    texts = {
        "index.html": page.page(every_board, made_at),
        RECORD: _json(records.board(every_board, made_at)),
        **{f"every_eval_ever/{name}": _json(record) for name, record in records.every_eval_ever(every_board, made_at)},
        **{f"replays/{e.slug}.html": replays.page(e) for e in entries},
        WORKFLOW: _STEPS,
    }
    return {name: text.encode("utf-8", "replace") for name, text in texts.items()}


def _json(record: records.Object) -> str:
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def _site(folder: Path) -> Site:
    """A site's record. Raises SpecError."""
    try:
        return validated(Site, (folder / RECORD).read_bytes()[:MAX_RECORD])
    except OSError:
        raise SpecError(f"{folder}: has no {RECORD}; name a folder that `publish` made, or run files") from None
    except (ValidationError, NotJsonError) as error:
        why = first_fault(error) if isinstance(error, ValidationError) else str(error)
        raise SpecError(f"{folder}/{RECORD}: {why}; remove it and publish again") from None


def check(folder: Path, bundled: Mapping[str, Puzzle]) -> Iterator[str]:
    """One line for each thing in a site that is not what its runs say. Raises SpecError for what is no site."""
    site = _site(folder)
    entries, expected = [], set()
    for kept_run in site.runs:
        name, file = f"runs/{kept_run.file}", folder / "runs" / kept_run.file
        expected.add(name)
        try:
            if not file.is_file() or file.is_symlink():
                raise FileError("is no file")
            run, data = load(file), file.read_bytes()
        except (OSError, FileError):
            yield f"{name}: is missing, or is no run"
            continue
        if hashlib.sha256(data).hexdigest() != kept_run.sha256:
            yield f"{name}: is not the file whose hash the record has"
        # what is missing counts as not out there, and is counted beside the figure
        yield from (f"{name}: {d.text}" for d in differences(run, bundled) if d.kind == "wrong")
        entries.append(Entry(run, kept_run.file, kept_run.sha256, kept_run.origin))
    for name, data in _files(entries, site.made_at).items():
        expected.add(name)
        file = folder / name
        if not file.is_file() or file.is_symlink() or file.read_bytes() != data:
            yield f"{name}: is not what the runs say"
    for name in sorted(_there(folder) - expected):
        yield f"{name}: stands on no board; make the site anew with publish"
