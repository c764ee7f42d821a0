"""problems/*.json -> Puzzles, or a PuzzleError with file, field and a remedy that names what to write instead.

Also the sets, and the order of rooms in one: by the shortest way, never by anybody's results. Reads from disk, writes
nothing.
"""

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from pydantic import JsonValue, ValidationError

from escape.intake import NotJsonError, read_json
from escape.rooms import MAX_WORK, MEANINGS, VERBS, TooLargeError, guesser_chance, room_of, said_exactly
from escape.types import CANARY, Puzzle, PuzzleError, Rule, Setup, Solution, World, normalized_name

_FIELDS = {
    "": list(Puzzle.model_fields),
    "setup": list(Setup.model_fields),
    "solution": list(Solution.model_fields),
    "world": list(World.model_fields),
    "world.rules": list(Rule.model_fields),
}


def faults_of(puzzle: Puzzle) -> Iterator[tuple[str, str]]:
    """Every fault of a puzzle that has the right form: its field, and the remedy."""
    yield from _remedies(puzzle)
    yield from _world_remedies(puzzle)


def explain(error: ValidationError) -> tuple[str, str]:
    """Return the most helpful error: a misspelt field explains the missing one next to it."""
    first = min(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    path = [str(p) for p in first["loc"]]
    field = ".".join(path) or "puzzle"
    if first["type"] == "extra_forbidden":
        names = _FIELDS.get(".".join(p for p in path[:-1] if not p.isdigit()), [])
        if path[-1] in names:
            return field, "is written here and belongs elsewhere; see problems/README.md"
        near = get_close_matches(path[-1], names, 1, 0.6)
        return field, f"is not a known field; did you mean {near[0]!r}?" if near else "is not a known field; remove it"
    if first["type"] == "missing":
        empty = path[-1] in {"red_herrings", "constraints", "key_insights"}
        return field, "is missing; add it" + (" ([] if there are none)" if empty else "")
    if first["type"].startswith("too_short") or first["type"] == "string_too_short":
        return field, "needs at least one; add it" if field == "world.rules" else "is empty; fill it in or remove it"
    if first["type"] == "string_pattern_mismatch":
        return field, "may have letters, digits and _ . - and no spaces; write another"
    return field, f"{first['msg'][0].lower()}{first['msg'][1:]}; see problems/README.md"


def _remedies(puzzle: Puzzle) -> Iterable[tuple[str, str]]:
    lists = {
        "setup.available_items": puzzle.setup.available_items,
        "setup.constraints": puzzle.setup.constraints,
        "physical_principles": puzzle.physical_principles,
        "red_herrings": puzzle.red_herrings,
        "solution.steps": puzzle.solution.steps,
        "solution.key_insights": puzzle.solution.key_insights,
        "accepted_alternatives": puzzle.accepted_alternatives,
    }
    if not puzzle.setup.scenario.strip():
        yield "setup.scenario", "is empty; fill it in"
    for field, lines in lists.items():
        for i, line in enumerate(lines):
            if not normalized_name(line):
                yield f"{field}.{i}", "is empty; fill it in or remove it"
        twice = [x for x, n in Counter(map(normalized_name, lines)).items() if n > 1]
        if twice:
            yield field, f"{twice[0]!r} appears twice; keep one"
    items = [normalized_name(i) for i in puzzle.setup.available_items]
    for i, herring in enumerate(puzzle.red_herrings):
        if normalized_name(herring) not in items:
            near = get_close_matches(normalized_name(herring), items, 1, 0.4)
            hint = f"write it as in available_items: {near[0]!r}" if near else "add it to available_items or remove it"
            yield f"red_herrings.{i}", f"{herring!r} is not one of the items; {hint}"
    herrings = {normalized_name(h) for h in puzzle.red_herrings}
    for key in puzzle.herring_notes:
        if normalized_name(key) not in herrings:
            yield f"herring_notes.{key}", "is not in red_herrings; spell it as there or remove the note"


def _world_remedies(puzzle: Puzzle) -> Iterable[tuple[str, str]]:
    """Faults that make a world unusable. Its quality is checked by `solver`."""
    world = puzzle.world
    if world is None:
        return
    names = [normalized_name(t) for t in (*world.things, *puzzle.setup.available_items)]
    yield from _name_remedies(world, names)
    for field, facts in (
        ("goal", world.goal),
        *((f"rules.{n}", {**r.when, **r.then}) for n, r in enumerate(world.rules)),
    ):
        for fact in facts:
            if fact not in world.start:
                yield f"world.{field}", f"{fact!r} has no value in world.start; {_near(fact, list(world.start))}"
    for n, rule in enumerate(world.rules):
        yield from _rule_remedies(n, rule, world, names)
    for fact, totals in world.totals.items():
        if fact not in world.start or world.start[fact] not in totals:
            yield "world.totals", f"{fact!r} needs a value in world.start that has a total here; add it"
    try:
        room_of(puzzle).graph  # noqa: B018 - computed once here, used by every plan
    except TooLargeError as error:
        yield "world", str(error)


def _name_remedies(world: World, names: list[str]) -> Iterable[tuple[str, str]]:
    if twice := [t for t, n in Counter(names).items() if n > 1]:
        yield "world.things", f"{twice[0]!r} appears twice, or is already one of the items; keep one"
    if strange := [thing for thing in world.kinds if normalized_name(thing) not in names]:
        yield "world.kinds", f"{strange[0]!r} is not one of the items or things; {_near(strange[0], names)}"
    for thing, words in world.names.items():
        if normalized_name(thing) not in names and not said_exactly(thing):
            yield "world.names", f"{thing!r} is not one of the items or things; {_near(thing, names)}"
        if taken := [w for w in words if normalized_name(w) in names]:
            yield "world.names", f"{taken[0]!r} is the name of a thing already; leave it out"


def _rule_remedies(n: int, rule: Rule, world: World, names: list[str]) -> Iterable[tuple[str, str]]:
    if rule.adds and (rule.adds not in world.totals or not rule.amount):
        yield (
            f"world.rules.{n}.adds",
            "needs an amount in the rule, and the totals of its fact in world.totals; add both",
        )
    for verb in rule.verbs:
        if verb not in VERBS:
            reading = f"is not a verb; {_near(verb, list(VERBS))}"
            if verb in MEANINGS:
                name, swapped = MEANINGS[verb]
                reading = f"is read as {name!r}{' with the things the other way round' if swapped else ''}; write that"
            yield f"world.rules.{n}.verbs", f"{verb!r} {reading}"
    speech = any(v in VERBS and VERBS[v].takes_word for v in rule.verbs)
    for name in (*rule.thing, *(() if speech else rule.at or ())):
        if normalized_name(name) not in names:
            near = _near(normalized_name(name), names)
            remedy = f"{name!r} is not one of the items or things; {near}, or add it to world.things"
            yield f"world.rules.{n}", remedy


EARLIER = Path(__file__).with_name("earlier.txt")


@lru_cache(maxsize=1)
def _earlier() -> frozenset[str]:
    return frozenset(line.split()[0] for line in EARLIER.read_text("utf-8").splitlines() if line[:1] not in {"", "#"})


def fingerprint(puzzle: Puzzle) -> str:
    """Return the SHA-256 of a puzzle with its room, by which a file of an earlier release is known."""
    document = json.dumps(puzzle.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(document.encode()).hexdigest()


def of_today(puzzle: Puzzle, today: Puzzle | None) -> Puzzle:
    """Return today's puzzle of the same name, if it tells the same of itself as this one and has the same things."""
    if today is None or today.setup != puzzle.setup or not (today.world and puzzle.world):
        return puzzle
    return today if today.world.things == puzzle.world.things else puzzle


def is_earlier(puzzle: Puzzle) -> bool:
    """Return whether a puzzle is one that an earlier release had under this name."""
    return fingerprint(puzzle) in _earlier()


def _near(word: str, words: list[str]) -> str:
    near = get_close_matches(word, words, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(words[:40])}"


_HERE = Path(__file__).parent.parent
BUNDLED = next((p for p in (_HERE / "problems", _HERE.parent / "problems") if p.is_dir()), _HERE)  # wheel or repository
TWIST = ".twist.json"  # the end of the name of a twist's file
SETS = EASY, ROOMS, HARD, TWISTS, TOLD = "easy", "rooms", "hard", "twists", "told"  # of puzzles; `told` is in no share
MAX_PUZZLES = 2000
MAX_BYTES = 16 * 2**20
MAX_DEPTH = 8


def standard() -> Path:
    """Return the puzzles that the page and the command line use: ESCAPE_PUZZLES if set, else the bundled ones."""
    folder = os.environ.get("ESCAPE_PUZZLES")
    return Path(folder) if folder else BUNDLED


def sets(path: Path) -> dict[str, Path]:
    """Return a folder's sets by name as paths: `rooms`, `twists` (*.twist.json), and one for each folder in it."""
    changes = path / f"*{TWIST}"
    twists = {TWISTS: changes} if next(path.glob(changes.name), None) else {}
    return {ROOMS: path} | {n: path / n for n in (EASY, HARD, TOLD) if (path / n).is_dir()} | twists


def shared(path: Path) -> tuple[Puzzle, ...]:
    """Return the puzzles of a file or folder, read and explored once for all visitors of this process.

    This also holds when a whole class opens a server that has just started: later visitors wait for the first.
    """
    with _LOADING:
        return _loaded(path)


def shared_set(name: str) -> tuple[Puzzle, ...]:
    """Return the bundled puzzles of a set. None where it is not there."""
    path = sets(BUNDLED).get(name)
    return shared(path) if path else ()


_LOADING = threading.Lock()


@lru_cache(maxsize=16)  # all sets of two folders
def _loaded(path: Path) -> tuple[Puzzle, ...]:
    return tuple(load(path))


def load(*paths: str | Path) -> list[Puzzle]:
    """Puzzles from files and folders (every *.json of a folder, by name). Raises PuzzleError."""
    return [puzzle for puzzle, _ in load_with_origin(*paths)]


def in_set(path: Path, name: str) -> list[Puzzle]:
    """Return the puzzles of a set, twists with their originals. Raises PuzzleError or KeyError."""
    puzzles = load(sets(path)[name])
    pairs = {p.twist_of for p in puzzles if p.twist_of}
    return [*(p for p in load(sets(path)[ROOMS]) if p.problem_id in pairs), *puzzles] if pairs else puzzles


def with_ids(ids: Sequence[str]) -> list[Puzzle]:
    """Return the standard puzzles with these ids, of any set. Raises PuzzleError."""
    paths = sets(standard()).values()
    by_name = {file.stem: file for folder in paths if folder.is_dir() for file in folder.glob("*.json")}
    return load(*dict.fromkeys(by_name[i] for i in ids) if all(i in by_name for i in ids) else paths)


def did_you_mean(problem_id: str, known: Iterable[str]) -> str:
    """Return the remedy for an id that no puzzle has: the nearest of those there are, or how to list them."""
    by_name = {i.casefold(): i for i in known}
    near = get_close_matches(problem_id.casefold(), by_name, 1, 0.7)
    return f"did you mean {by_name[near[0]]!r}?" if near else "`escape list` prints all"


def find(name: str) -> Path:
    """Return the path that is meant: as it stands, or of a bundled set or room by its name, where no such path is."""
    path, bundled = Path(name), sets(BUNDLED)
    if os.path.exists(path):
        return path
    by_id = {file.stem: file for file in _files(bundled.values())}
    return bundled.get(name) or by_id.get(name) or path


def load_with_origin(*paths: str | Path) -> list[tuple[Puzzle, Path]]:
    """The same puzzles, each with the file it is from. Raises PuzzleError."""
    by_id: dict[str, tuple[Puzzle, Path]] = {}
    for file in _files(paths):
        for puzzle in parse(_read(file), str(file)):
            if earlier := by_id.get(puzzle.problem_id):
                raise PuzzleError(
                    str(file),
                    "problem_id",
                    f"{puzzle.problem_id!r} is also in {earlier[1]}; give one of them another id",
                )
            by_id[puzzle.problem_id] = puzzle, file
    return list(by_id.values())


def _read(file: Path) -> bytes:
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
                raise PuzzleError(str(path), "folder", "contains no .json file; name a folder or file with puzzles")
            files_found += inside
        elif os.path.exists(path):
            files_found.append(path)
        else:
            raise PuzzleError(str(path), "file", "does not exist; check the path")
    return files_found


def parse(data: bytes | str, file: str = "upload") -> list[Puzzle]:
    """Puzzles from JSON text: one puzzle, a list, or an object keyed by id. Raises PuzzleError."""
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
        raise PuzzleError(file, "file", f"contains {len(entries)} puzzles; the maximum is {MAX_PUZZLES}; split it")
    puzzles = [_puzzle(entry, file, where) for where, entry in entries]
    work = sum(room_of(p).exploration_size for p in puzzles if p.world)
    if work > 2 * MAX_WORK:
        raise PuzzleError(file, "world", "the rooms of this file are too large together; split it")
    for problem_id, times in Counter(p.problem_id for p in puzzles).items():
        if times > 1:
            raise PuzzleError(file, "problem_id", f"{problem_id!r} appears {times} times; give each puzzle its own id")
    return puzzles


def _entries(document: JsonValue, file: str) -> list[tuple[str, JsonValue]]:
    if isinstance(document, list):
        return [(f"puzzle {i}", entry) for i, entry in enumerate(document, 1)]
    if not isinstance(document, dict):
        raise PuzzleError(file, "file", "must contain a puzzle, a list of puzzles, or an object keyed by id")
    shared = document.get("puzzles")
    if isinstance(shared, list) and "canary" in document:
        if document.get("sha256") not in (None, set_hash(shared)):
            raise PuzzleError(
                file,
                "sha256",
                "does not match: the puzzles were changed; if you changed them on purpose, remove this field",
            )
        return [(f"puzzle {i}", entry) for i, entry in enumerate(shared, 1)]
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
    """Return puzzles as one file, with the canary against training and a hash."""
    listed = [p.model_dump(mode="json", exclude_defaults=True) for p in puzzles]
    return json.dumps({"canary": CANARY, "sha256": set_hash(listed), "puzzles": listed}, ensure_ascii=False, indent=1)


def set_hash(listed: Sequence[JsonValue]) -> str:
    text = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=4)
def _of_their_own(*paths: Path) -> dict[str, str]:
    """Return the set of each room that is in a folder of its own, by its id."""
    folders = [(n, folder) for path in paths for n, folder in sets(path).items() if folder.name == n]
    return {file.stem: name for name, folder in folders for file in folder.glob("*.json")}


def band_of(puzzle: Puzzle) -> str:
    return TWISTS if puzzle.twist_of else _of_their_own(BUNDLED, standard()).get(puzzle.problem_id, ROOMS)


def is_told(puzzle: Puzzle) -> bool:
    """Return whether it says what to do, so that only the form is tried: it counts in no share and gets no mark."""
    return band_of(puzzle) == TOLD


@lru_cache(maxsize=2048)
def _difficulty(puzzle: Puzzle) -> tuple[bool, bool, int, float, str]:
    """Rooms without a way out come behind the others, puzzles without a room last."""
    if puzzle.world is None:
        return True, True, 0, 0.0, puzzle.problem_id
    room = room_of(puzzle)
    shortest = room.graph.moves_left.get(room.start, 0)
    return False, not puzzle.solvable, shortest, -guesser_chance(puzzle), puzzle.problem_id


def by_difficulty(puzzles: Iterable[Puzzle]) -> list[Puzzle]:
    """Sort the easiest first: by the proven shortest way, then by the chance of guessing among the room's rules."""
    return sorted(puzzles, key=_difficulty)


def banded(puzzles: Iterable[Puzzle]) -> dict[str, list[Puzzle]]:
    ordered = by_difficulty(puzzles)
    every = {name: [p for p in ordered if band_of(p) == name] for name in SETS}
    return {name: members for name, members in every.items() if members}


def spread(puzzles: Iterable[Puzzle], n: int) -> list[Puzzle]:
    """`n` of the puzzles, spread evenly over difficulty and the same for everybody. All where there are no more."""
    ordered = by_difficulty(puzzles)
    if len(ordered) <= n:
        return ordered
    return [ordered[round(i * (len(ordered) - 1) / (n - 1))] for i in range(n)]
