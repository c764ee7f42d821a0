"""A run as one JSON document: grows by a line as each result arrives, restores everything. Touches files only."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import overload

from pydantic import ConfigDict, ValidationError

from escape.errors import FileError
from escape.records import Result, Run, RunConfig, Trial
from escape.schema import JudgeSpec, ModelSpec, Puzzle, Record, Scores, Verdict

MAX_BYTES = 64 * 2**20
_OPEN, _CLOSE = '"results":[', "\n]}"


def dumps(run: Run) -> str:
    """The document, one result a line, so that a file cut short can still be read."""
    return "".join(_pieces(run))


def _pieces(run: Run) -> Iterator[str]:
    yield run.model_copy(update={"results": ()}).model_dump_json()[:-2]
    packed = run.results.lines if isinstance(run.results, Packed) else None
    lines = (line.decode() for line in packed) if packed is not None else (r.model_dump_json() for r in run.results)
    for number, line in enumerate(lines):
        yield f"{',' if number else ''}\n{line}"
    yield _CLOSE


def loads(text: str | bytes, name: str = "run file") -> Run:
    """The run in a document, also of one whose last line is torn. Of a trial's results the last counts.

    Raises FileError.
    """
    if len(text) > MAX_BYTES:
        raise FileError(f"{name}: larger than {MAX_BYTES // 2**20} MB; load a smaller run")
    try:
        document = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise FileError(f"{name}: not UTF-8 text; choose a run that was saved here") from None
    try:
        run = Run.model_validate_json(document)
    except ValidationError as error:
        if not error.errors()[0]["type"].startswith("json"):
            raise FileError(f"{name}: {_first(error)}; choose a run that was saved here") from None
        run = _salvage(document, name)
    return run.model_copy(update={"results": tuple({r.trial: r for r in run.results}.values())})


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def _salvage(document: str, name: str) -> Run:
    """A run whose writer was killed between two lines or within one."""
    head, opened, tail = document.partition(_OPEN)
    try:
        run = Run.model_validate_json(head + _OPEN + "]}")
    except ValidationError as error:
        raise FileError(f"{name}: not a run ({_first(error)}); choose a JSON file that was saved here") from None
    results: list[Result] = []
    for line in tail.split("\n") if opened else []:
        try:
            results.append(Result.model_validate_json(line.strip().rstrip(",")))
        except ValidationError:
            continue  # the torn line, or the closing bracket
    return run.model_copy(update={"results": tuple(results)})


def load(path: str | Path) -> Run:
    """The run in a file. Raises FileError."""
    try:
        return loads(Path(path).read_bytes(), str(path))
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check the path") from None


class Packed(Sequence[Result]):
    """Results kept as the lines they are saved as, a tenth of their size as objects; each is read when looked at."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.lines = tuple(lines)

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> Packed: ...
    def __getitem__(self, index: int | slice) -> Result | Packed:
        if isinstance(index, slice):
            return Packed(self.lines[index])
        return Result.model_validate_json(self.lines[index])

    def __iter__(self) -> Iterator[Result]:
        return map(Result.model_validate_json, self.lines)


class RunFile:
    """A file that is a whole, valid document after every result, so that a killed process loses nothing paid."""

    def __init__(self, path: str | Path, run: Run) -> None:
        self.path = Path(path)
        self._first = not run.results
        try:
            replace(self.path, _pieces(run))
            self._file = self.path.open("r+b", buffering=0)
        except OSError as error:
            raise FileError(f"{path}: cannot be written ({error.strerror}); choose another place") from None
        self._end = self._file.seek(0, os.SEEK_END) - len(_CLOSE)

    def add(self, packed: bytes) -> None:
        """Write one result, as JSON, over the closing brackets, and the brackets behind it, in one write."""
        line = (b"\n" if self._first else b",\n") + packed + _CLOSE.encode()
        self._file.seek(self._end)
        self._file.write(line)
        self._end += len(line) - len(_CLOSE)
        self._first = False

    def __enter__(self) -> RunFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._file.close()


def pack(result: Result) -> bytes:
    """A result as the line it is saved as."""
    return result.model_dump_json().encode()


def save(path: str | Path, run: Run) -> None:
    """Write a run's file whole."""
    replace(Path(path), _pieces(run))


def replace(path: Path, pieces: Iterable[str]) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)
    os.replace(part, path)


class _PublishedMark(Record):
    player: str
    problem_id: str
    pus: float
    sps: float
    rhh: float


class _Published(Record):
    title: str
    judge: str
    players: tuple[str, ...]
    marks: tuple[_PublishedMark, ...]


def published(text: str | bytes, puzzles: list[Puzzle]) -> Run:
    """Figures of a published run (marks only, no answers) as a run. A mark outside its scale is kept and flagged."""
    try:
        data = _Published.model_validate_json(text)
    except ValidationError as error:
        raise FileError(f"published figures: {_first(error)}") from None
    design, _, model = data.judge.partition(":")

    def verdict(mark: _PublishedMark) -> Verdict:
        off = ("Red Herring Handling outside the scale: 0 or 1",) if mark.rhh not in (0, 1) else ()
        return Verdict(
            judge=data.judge,
            model=model,
            flags=off,
            cost_usd=None,
            scores=Scores(pus=mark.pus, sps=mark.sps, rhh=mark.rhh),
        )

    ids = dict.fromkeys(m.problem_id for m in data.marks)
    return Run(
        run_id="published-2025",
        title=data.title,
        started_at="2025-02-01T00:00:00+00:00",
        config=RunConfig(
            players=tuple(ModelSpec(provider="published", model=p) for p in data.players),
            judge=JudgeSpec(design=design, model=ModelSpec(provider="openai", model=model)),
            problem_ids=tuple(ids),
        ),
        puzzles=tuple(p for p in puzzles if p.problem_id in ids),
        results=tuple(
            Result(trial=Trial(problem_id=m.problem_id, player=f"published:{m.player}"), verdict=verdict(m))
            for m in data.marks
        ),
    )


class AnswerLine(Record):
    """One brought answer. Files come from other tools, so columns of theirs are passed over."""

    model_config = ConfigDict(extra="ignore")

    problem_id: str
    answer: str
    player: str = ""
    case_id: str = ""


def answers_from(data: bytes, name: str) -> list[AnswerLine]:
    """Brought answers from a CSV or JSONL file, by the ending of its name. Raises FileError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(f"{name}: not UTF-8 text; save it as UTF-8") from None
    if not name.casefold().endswith(".csv"):
        return answer_lines(text, name)
    rows = csv.DictReader(io.StringIO(text))
    lacking = {"problem_id", "answer"} - set(rows.fieldnames or ())
    if lacking:
        raise FileError(
            f"{name}: no column {sorted(lacking)[0]!r}; the first line must name problem_id, answer, player"
        )
    made = []
    csv.field_size_limit(MAX_BYTES)
    for number, row in enumerate(_csv_rows(rows, name), 2):
        given = {k: v for k, v in row.items() if k in AnswerLine.model_fields and isinstance(v, str)}
        try:
            made.append(AnswerLine.model_validate(given))
        except ValidationError as error:
            raise FileError(f"{name}: line {number}: {_first(error)}") from None
    return made


def _csv_rows(rows: csv.DictReader[str], name: str) -> Iterator[dict[str, str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise FileError(f"{name}: not a CSV file ({error}); save it again as CSV, UTF-8") from None


def answer_lines(text: str, name: str = "answers") -> list[AnswerLine]:
    """Brought answers from JSONL. Raises FileError naming the line and the remedy."""
    made: list[AnswerLine] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            made.append(AnswerLine.model_validate(json.loads(line)))
        except json.JSONDecodeError as error:
            raise FileError(f"{name}: line {number} is not JSON ({error.msg}); one object a line") from None
        except ValidationError as error:
            raise FileError(f"{name}: line {number}: {_first(error)}; each line needs problem_id and answer") from None
        except (RecursionError, ValueError):  # such as a number of thousands of digits
            raise FileError(f"{name}: line {number} cannot be read; one plain object a line") from None
    return made


__all__ = [
    "AnswerLine",
    "Packed",
    "RunFile",
    "answer_lines",
    "answers_from",
    "dumps",
    "load",
    "loads",
    "pack",
    "published",
    "save",
]
