"""A run's file, held by this process and written line by line as answers arrive. Handles files only."""

from __future__ import annotations

from pathlib import Path

from escape.runs.file.lines import header_line, lines, opinion_line, pending_line, result_line
from escape.runs.file.on_disk import ResultsOnDisk
from escape.runs.file.reader import Reader, load
from escape.runs.file.safe import HeldFile, replacing_file, unwritable
from escape.types import Header, Opinion, Pending, Result, Run, Trial, TrialKey


class RunFile(HeldFile):
    """A run's file, held by this process and written line by line. If its place fails, it is saved elsewhere."""

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
        # what is there is read through a handle of its own; an incomplete line is cut off
        reader = Reader(path.open("rb"), str(path))
        self.run = reader.run()
        self._results = reader.results
        self._lost = dict(self._results.pending)  # what was pending when another program was killed stays spent
        self._end = reader.good_until
        self._file.truncate(self._end)
        self._file.seek(max(0, self._end - 1))
        if self._file.read(1) not in {b"", b"\n"}:
            self.write(b"\n")

    @classmethod
    def begin(cls, name: str, run: Run, *, force: bool) -> RunFile:
        """A new file with the start of a run in it. Raises SpecError if it is not empty or cannot be written."""
        return cls(Path(name), run, force=force)

    @classmethod
    def resume(cls, name: str) -> RunFile:
        """A file with a run to continue. Raises FileError or SpecError."""
        path = Path(name)
        run = load(path)
        if not isinstance(run.results, ResultsOnDisk) or str(path) != run.results.name:
            with HeldFile(path):  # nobody else is writing it
                try:
                    with replacing_file(path) as new_file:
                        new_file.writelines(lines(run))
                except OSError as error:
                    raise unwritable(path, error) from None
        return cls(path)

    def head(self, run: Header) -> None:
        """Write a new header, for a run that is continued with other settings."""
        self.write(header_line(run))
        self.run = self.run.model_copy(update={n: getattr(run, n) for n in Header.model_fields})

    def opinion(self, opinion: Opinion) -> None:
        """Write another rater's verdict."""
        self.write(opinion_line(opinion))

    def pending(self, trial: TrialKey, usd: float) -> None:
        """Write down what calls about a trial may cost, before they leave. Raises FileError if no place accepts it."""
        problem_id, player, repeat, budget = trial
        about = Trial(problem_id=problem_id, player=player, repeat=repeat, budget=budget)
        total = usd + self._lost.get(trial, 0.0)
        self.write(pending_line(Pending(trial=about, usd=total)))
        self._results.pending[trial] = total

    def add(self, result: Result) -> None:
        """Write one result in one go. Raises FileError if no place accepts it."""
        if self._results.knows(result):  # what earlier attempts cost is in their own lines
            result = result.model_copy(update={"earlier_usd": 0.0})
        if lost := self._lost.pop(result.trial.key, 0.0):
            result = result.model_copy(update={"earlier_usd": result.earlier_usd + lost})
        if result.foresight is not None and self._results.foresees(result):
            result = result.model_copy(update={"foresight": None})
        elif result.foresight is not None and self._results.knows(result):  # the rest is in its own lines, and charged
            result = Result(trial=result.trial, foresight=result.foresight, earlier_usd=result.earlier_usd)
        bare = self._results.has_answer(result)
        if bare and self._results.has_repair(result):
            result = result.model_copy(update={"repair": None})
        if result.turns:
            earlier_turns = self._results.turns(result)
            result = result.model_copy(update={"turns": tuple(t for t in result.turns if t.number > earlier_turns)})
        at = self.write(result_line(result, with_answer=not bare))
        self._results.index_line(result.model_copy(update={"answer": None}) if bare else result, at)

    def _rescue(self, reason: str) -> None:
        super()._rescue(reason)
        self._results.moved(Path(self.where).open("rb"))  # noqa: SIM115 - closed with the run
