"""Runs that others report: verified, and made into the table of docs/reported.md.

`python -m tools.reported` writes the table. `--check FILE ...` verifies these files, prints their rows and
writes nothing; it exits with 1 where `escape verify` would report something.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from escape.metrics import METRICS
from escape.puzzles import files
from escape.results import of_set, ranking, sets
from escape.runs import differences, read_otherwise
from escape.runs.file import load
from escape.types import EscapeError, Run

ROOT = Path(__file__).parent.parent
FOLDER, TABLE = ROOT / "reported", ROOT / "docs" / "reported.md"
HEAD = (
    "player",
    "set",
    "out",
    "95 % interval",
    "answers unread",
    "answers missing",
    "prompt",
    "asked",
    "Escape",
    "reported by",
)
ABOUT = """# Reported runs

Figures that others report, made by code (`python -m tools.reported`) from the run files in
[reported/](../reported/README.md), each a row a player and set. *Report a run* in
[CONTRIBUTING](../CONTRIBUTING.md) says how to add yours.

**What is checked**: `escape verify` carries every plan out again, computes every mark from its checklist, and finds
answers that are missing, doubled or of another player. **What it cannot prove**: that a text came from the model named
beside it, that it is the first and only answer to its prompt, and that nothing was added to the prompt on the way. For
that there is the name of whoever reports it, and everybody who asks the same model again.

"""
EMPTY = "Nobody has reported a run yet.\n"


def runs(folder: Path = FOLDER) -> list[Path]:
    """List the reported files, each in the folder of whoever reported it."""
    return sorted(
        file for file in folder.glob("*/*") if file.name.endswith((".jsonl", ".jsonl.gz", ".json.gz"))
    )


def rows(run: Run, by: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each player and set."""
    version = run.versions.get("prompt player with moves", "?")
    for name in sets(run):
        for line in ranking(of_set(run, name), METRICS["verified"]).standings:
            if (share := line.headline) is None:
                continue
            span = "" if line.tally.missing or share.low is None else f"{share.low:.0%} to {share.high:.0%}"
            out, unread = f"{share.mean * share.n:g} of {share.n}", str(line.tally.unknown())
            asked, program = run.started_at[:10], run.versions.get("escape", "?")
            yield (line.player, name, out, span, unread, str(line.tally.missing), version, asked, program, by)


def faults(file: Path) -> list[str]:
    """List what is wrong with a reported file."""
    bundled = {p.problem_id: p for p in files.load(*files.sets_in(files.BUNDLED).values())}
    try:
        run = load(file)
        otherwise = read_otherwise(run, bundled)
        decided = (f"read otherwise today: {line}" for line, is_decided in otherwise if is_decided)
        return [*run.damaged, *differences(run, bundled), *decided]
    except EscapeError as error:
        return [str(error)]


def table(every: Sequence[tuple[str, ...]]) -> str:
    if not every:
        return EMPTY
    lines = [
        " | ".join(cell.replace("|", "\\|") for cell in row) for row in (HEAD, ("---",) * len(HEAD), *every)
    ]
    return "".join(f"| {line} |\n" for line in lines)


def page(folder: Path = FOLDER) -> str:
    """Build docs/reported.md from the folder."""
    every = [row for file in runs(folder) for row in rows(load(file), file.parent.name)]
    return ABOUT + table(sorted(every))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", nargs="*", metavar="FILE", help="verify these, and print their rows")
    given = options.parse_args().check
    if given is None:
        TABLE.write_text(page(), "utf-8")
        return
    wrong = 0
    for name in given:
        found = faults(Path(name))
        wrong += len(found)
        print("\n".join(f"{name}: {line}" for line in found) or f"{name}: nothing differs")
        if not found:
            print(table([*rows(load(name), Path(name).parent.name)]))
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
