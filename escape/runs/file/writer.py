"""A run's file, held by this process and written line by line as answers arrive. Handles files only."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from escape.intake import GZIP
from escape.runs.file.lines import header_line, lines, opinion_line, pending_line, result_line
from escape.runs.file.reader import Reader, load
from escape.runs.file.safe import HeldFile, replacing_file, unwritable
from escape.types import Header, Opinion, Pending, Result, Run, Trial, TrialKey


class RunFile(HeldFile):
    """A run's file, held by this process and written line by line. If its place fails, it is saved elsewhere.

    `run`: as the file has it, results included.
    """

    def __init__(self, path: Path, start: Run | None = None, *, force: bool = False) -> None:
        """The file as it is, or with the `start` of a run in it. Raises SpecError or FileError."""
        super().__init__(path)
        if start is not None:
            self.clear(force=force, instead=f"continue it with --resume {path}, name another file")
            try:
                for line in lines(start):
                    self._put(line)
            except OSError as error:
                self._file.truncate(0)
                self._file.close()
                raise unwritable(path, error) from None
        with path.open("rb") as file:
            reader = Reader(file, str(path))
            self._start = reader.run()
        self._results = {r.trial: r for r in self._start.results}
        self._lost = {p.trial: p.usd for p in self._start.lost}  # of another program, which was killed
        self._at_stake: dict[Trial, float] = {}  # of this one
        self._end = reader.good_until
        self._file.truncate(self._end)  # an incomplete line is cut off
        self._file.seek(max(0, self._end - 1))
        if self._file.read(1) not in {b"", b"\n"}:
            self.write(b"\n")

    @classmethod
    def begin(cls, name: str, run: Run, *, force: bool) -> RunFile:
        """Return a new file with the start of a run in it. Raises SpecError if it is not empty or cannot be written."""
        return cls(Path(name), run, force=force)

    @classmethod
    def resume(cls, name: str) -> RunFile:
        """Return a file with a run to continue. Raises FileError or SpecError."""
        path = Path(name)
        run = load(path)
        with path.open("rb") as file:
            packed = file.read(len(GZIP)) == GZIP
        if packed:
            with HeldFile(path):  # nobody else is writing it
                try:
                    with replacing_file(path) as new_file:
                        new_file.writelines(lines(run))
                except OSError as error:
                    raise unwritable(path, error) from None
        return cls(path)

    @property
    def run(self) -> Run:
        stakes = Counter(self._lost) + Counter(self._at_stake)
        lost = tuple(Pending(trial=trial, usd=usd) for trial, usd in stakes.items())
        return self._start.model_copy(update={"results": tuple(self._results.values()), "lost": lost})

    def head(self, run: Header) -> None:
        """Write a new header, for a run that is continued with other settings."""
        self.write(header_line(run))
        self._start = self._start.model_copy(update={n: getattr(run, n) for n in Header.model_fields})

    def opinion(self, opinion: Opinion) -> None:
        self.write(opinion_line(opinion))

    def pending(self, trial: TrialKey, usd: float) -> None:
        """Write down what calls about a trial may cost, before they leave. Raises FileError if no place accepts it."""
        problem_id, player, repeat = trial
        about = Trial(problem_id=problem_id, player=player, repeat=repeat)
        self._at_stake[about] = usd
        self.write(pending_line(Pending(trial=about, usd=usd + self._lost.get(about, 0.0))))

    def add(self, result: Result) -> None:
        """Write one result; skip an unfinished conversation. Raises FileError if no place accepts it."""
        if result.status == "begun":
            return
        self._at_stake.pop(result.trial, None)
        before = self._results.get(result.trial)
        merged = result.after(before)
        if lost := self._lost.pop(result.trial, 0.0):
            merged = merged.model_copy(update={"earlier_usd": merged.earlier_usd + lost})
        before_fields = (before.answer, before.repair) if before else (None, None)
        is_known = before_fields[0] is not None and before_fields == (merged.answer, merged.repair)
        self.write(result_line(merged, with_answer=not is_known))
        self._results[result.trial] = merged
