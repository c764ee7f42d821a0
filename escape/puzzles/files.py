"""Puzzles on disk: problems/*.json -> `Puzzle` records, or a PuzzleError with file, field and a remedy.

Reads, and writes nothing.
"""

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from pydantic import JsonValue, ValidationError

from escape.intake import NotJsonError, read_json
from escape.puzzles.faults import explain, faults_of
from escape.rooms import MAX_WORK, room_of
from escape.types import CANARY, Puzzle, PuzzleError

_HERE = Path(__file__).parent.parent
# wheel or repository
BUNDLED = next((p for p in (_HERE / "problems", _HERE.parent / "problems") if p.is_dir()), _HERE)
TWIST = ".twist.json"  # the end of the name of a twist's file
# of puzzles; `told` is in no share
SETS = EASY, ROOMS, HARD, TWISTS, TOLD = ("easy", "rooms", "hard", "twists", "told")

MAX_PUZZLES = 2000
MAX_BYTES = 16 * 2**20
MAX_DEPTH = 8


def set_label(name: str) -> str:
    """Name a set for a reader: `rooms`, the older word in files and options, is the standard set."""
    return "standard" if name == ROOMS else name


def standard() -> Path:
    """Locate the puzzles of the page and the command line: $ESCAPE_PUZZLES, else the bundled ones."""
    folder = os.environ.get("ESCAPE_PUZZLES")
    return Path(folder) if folder else BUNDLED


def sets_in(path: Path) -> dict[str, Path]:
    """Map a folder's sets to paths: `rooms`, and `easy`, `hard`, `told` and `twists` if they are there.

    The path of `rooms` is the folder itself, that of `twists` the pattern `*.twist.json` in it.
    """
    changes = path / f"*{TWIST}"
    twists = {TWISTS: changes} if next(path.glob(changes.name), None) else {}
    return {ROOMS: path} | {n: path / n for n in (EASY, HARD, TOLD) if (path / n).is_dir()} | twists


def shared(path: Path) -> tuple[Puzzle, ...]:
    """Load the puzzles of a file or folder, read and explored once for all visitors of this process.

    When a whole class opens a server that has just started, later visitors wait for the first.
    """
    with _LOADING:
        return _loaded(path)


def shared_set(name: str) -> tuple[Puzzle, ...]:
    """Load the bundled puzzles of a set, once for all visitors. Empty if there is no such set."""
    path = sets_in(BUNDLED).get(name)
    return shared(path) if path else ()


_LOADING = threading.Lock()


@lru_cache(maxsize=16)  # all sets of two folders
def _loaded(path: Path) -> tuple[Puzzle, ...]:
    return tuple(load(path))


def load(*paths: str | Path) -> list[Puzzle]:
    """Load puzzles from files and folders (*.json by name, without twists). Raises PuzzleError."""
    return [puzzle for puzzle, _ in load_with_origin(*paths)]


def in_set(path: Path, name: str) -> list[Puzzle]:
    """Load the puzzles of a set, twists after all their originals. Raises PuzzleError or KeyError."""
    puzzles = load(sets_in(path)[name])
    pairs = {p.twist_of for p in puzzles if p.twist_of}
    return [*(p for p in load(sets_in(path)[ROOMS]) if p.problem_id in pairs), *puzzles] if pairs else puzzles


def with_ids(ids: Sequence[str]) -> list[Puzzle]:
    """Load the files named after these ids, or every standard puzzle if one id has no such file.

    The result may hold other puzzles, in any order: pick by id. Raises PuzzleError.
    """
    paths = sets_in(standard()).values()
    by_name = {file.stem: file for folder in paths if folder.is_dir() for file in folder.glob("*.json")}
    return load(*dict.fromkeys(by_name[i] for i in ids) if all(i in by_name for i in ids) else paths)


def did_you_mean(problem_id: str, known: Iterable[str]) -> str:
    """Suggest the nearest known id for one that no puzzle has, or the command that lists them."""
    by_name = {i.casefold(): i for i in known}
    near = get_close_matches(problem_id.casefold(), by_name, 1, 0.7)
    return f"did you mean {by_name[near[0]]!r}?" if near else "`escape list` prints all"


def find(name: str) -> Path:
    """Resolve a path, or, where nothing is at it, the name of a bundled set or room."""
    path, bundled = Path(name), sets_in(BUNDLED)
    if os.path.exists(path):
        return path
    by_id = {file.stem: file for file in _files(bundled.values())}
    return bundled.get(name) or by_id.get(name) or path


def load_with_origin(*paths: str | Path) -> list[tuple[Puzzle, Path]]:
    """Load puzzles as `load` does, each with its file. Raises PuzzleError, also for an id twice."""
    by_id: dict[str, tuple[Puzzle, Path]] = {}
    for file in _files(paths):
        for puzzle in parse(_read_bytes(file), str(file)):
            if earlier := by_id.get(puzzle.problem_id):
                raise PuzzleError(
                    str(file),
                    "problem_id",
                    f"{puzzle.problem_id!r} is also in {earlier[1]}; give one of them another id",
                )
            by_id[puzzle.problem_id] = puzzle, file
    return list(by_id.values())


def _read_bytes(file: Path) -> bytes:
    try:
        if not file.is_file():  # a pipe or a device may never end
            raise PuzzleError(str(file), "file", "is not a regular file; name a .json file")
        if file.stat().st_size > MAX_BYTES:
            raise PuzzleError(str(file), "file", f"is larger than {MAX_BYTES // 2**20} MB; split it")
        return file.read_bytes()
    except OSError as error:
        raise PuzzleError(str(file), "file", f"cannot be read ({error.strerror}); check the path") from None


def _files(paths: Iterable[str | Path]) -> list[Path]:
    files_found: list[Path] = []
    for path in map(Path, paths):
        if path.name == f"*{TWIST}":
            files_found += sorted(path.parent.glob(path.name))
        elif os.path.isdir(path):  # Path.is_dir raises for a name that is too long for the disk
            inside = sorted(file for file in path.glob("*.json") if not file.name.endswith(TWIST))
            if not inside:
                raise PuzzleError(
                    str(path), "folder", "contains no .json file; name a folder or file with puzzles"
                )
            files_found += inside
        elif os.path.exists(path):
            files_found.append(path)
        else:
            raise PuzzleError(str(path), "file", "does not exist; check the path")
    return files_found


def parse(data: bytes | str, file: str = "upload") -> list[Puzzle]:
    """Parse JSON: a puzzle, a list, an object keyed by id, or a file of `share`. Raises PuzzleError."""
    if len(data) > MAX_BYTES:
        raise PuzzleError(file, "file", f"is larger than {MAX_BYTES // 2**20} MB; split it")
    try:
        document = read_json(data, MAX_DEPTH)
    except NotJsonError as error:
        where = error.twice or (f"line {error.line}" if error.line else "file")
        deep = "; use the form in problems/README.md" if error.why.endswith("deeply") else ""
        raise PuzzleError(file, where, error.why + deep) from None
    entries = _entries(document, file)
    if not entries:
        raise PuzzleError(file, "file", "contains no puzzle; add at least one")
    if len(entries) > MAX_PUZZLES:
        raise PuzzleError(
            file, "file", f"contains {len(entries)} puzzles; the maximum is {MAX_PUZZLES}; split it"
        )
    puzzles = [_puzzle(entry, file, where) for where, entry in entries]
    work = sum(room_of(p).exploration_size for p in puzzles if p.world)
    if work > 2 * MAX_WORK:
        raise PuzzleError(file, "world", "the rooms of this file are too large together; split it")
    for problem_id, times in Counter(p.problem_id for p in puzzles).items():
        if times > 1:
            raise PuzzleError(
                file, "problem_id", f"{problem_id!r} appears {times} times; give each puzzle its own id"
            )
    return puzzles


def _entries(document: JsonValue, file: str) -> list[tuple[str, JsonValue]]:
    if isinstance(document, list):
        return [(f"puzzle {i}", entry) for i, entry in enumerate(document, 1)]
    if not isinstance(document, dict):
        raise PuzzleError(file, "file", "must contain a puzzle, a list of puzzles, or an object keyed by id")
    listed = document.get("puzzles")
    if isinstance(listed, list) and "canary" in document:
        if document.get("sha256") not in (None, set_hash(listed)):
            raise PuzzleError(
                file,
                "sha256",
                "does not match: the puzzles were changed; if you changed them on purpose, remove this field",
            )
        return [(f"puzzle {i}", entry) for i, entry in enumerate(listed, 1)]
    if set(document) & (set(Puzzle.model_fields) | {"answer"}):
        return [("", document)]
    entries: list[tuple[str, JsonValue]] = []
    for key, entry in document.items():
        if isinstance(entry, dict):
            puzzle_id = entry.get("problem_id", key)
            if puzzle_id != key:
                raise PuzzleError(
                    file, f"{key}.problem_id", f"is {puzzle_id!r} but its key is {key!r}; make them equal"
                )
            entry = {"problem_id": key, **entry}
        entries.append((key, entry))
    return entries


def _puzzle(entry: JsonValue, file: str, where: str) -> Puzzle:
    if isinstance(entry, dict) and "answer" in entry and "solution" not in entry:
        entry = {("solution" if k == "answer" else k): v for k, v in entry.items()}
    prefix = f"{where}." if where else ""
    try:
        puzzle = Puzzle.model_validate(entry, strict=False)
    except ValidationError as error:
        field, remedy = explain(error)
        raise PuzzleError(file, f"{prefix}{field}", remedy) from None
    for field, remedy in faults_of(puzzle):
        raise PuzzleError(file, f"{prefix}{field}", remedy)
    return puzzle


def share(puzzles: Iterable[Puzzle]) -> str:
    """Write puzzles as one JSON file, with the canary against training and a hash."""
    listed = [p.model_dump(mode="json", exclude_defaults=True) for p in puzzles]
    return json.dumps(
        {"canary": CANARY, "sha256": set_hash(listed), "puzzles": listed}, ensure_ascii=False, indent=1
    )


def set_hash(listed: Sequence[JsonValue]) -> str:
    text = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
