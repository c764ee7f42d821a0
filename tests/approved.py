"""What the program says in a test, line by line, beside what it said when somebody last looked.

A line stands with the first test of a file that says it. One that is no longer said turns the test red; a new one does
not, so a new provider, room, metric or chart breaks nothing, as long as no line lists all there are.

After a change that is meant, `APPROVE=new pytest -n 0 FILE` writes the lines of tests that have none or lost some, and
`APPROVE=steady` drops those that are not said every time (what depends on the clock, or on what ran before); look at
the difference before you commit it. A test whose section is deleted is written anew.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

CHANGES = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:\+00:00|Z| UTC)?)?"  # days and times
    r"|(?<![.\d])\b[0-9a-f]{8,64}\b|\b[\w-]{22,}\b(?=[\"'&]|$)"  # ids, hashes and secrets
    r"|\b\d\d:\d\d\b|[?&](?:class|board)=[\w-]+"
    r"|/tmp/\S+|127\.0\.0\.1:\d+|localhost:\d+|\b0x[0-9a-f]+"
    r"|\b\d+(?:\.\d+)? ?(?:s|ms|min|seconds?|minutes?|hours?|h|KB|MB)\b"
    r"|\b\d+\.\d+\.\d+\b"  # versions
    r"|of the \d+ rooms"  # a new one changes it
    r"|\b[A-Z2-9]{6}\b|(?<=codeText )[a-z]{14}$"  # of a class: its code, the word to come back with
)
LONG = 300  # characters
LONG_NUMBER = re.compile(r"\d+\.\d{9,}(?:e[+-]?\d+)?")  # its last digits differ between versions of Python


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Approved:
    """The lines of one test."""

    def __init__(self, file: Path, test: str) -> None:
        self._file = file.parent / "approved" / f"{file.stem.removeprefix('test_')}.txt"
        self._test = test
        self._said: dict[str, None] = {}  # in the order in which they were said

    def add(self, text: str) -> None:
        """Lines of text; of a long one its beginning is kept, and a hash."""
        rounded = LONG_NUMBER.sub(lambda m: f"{float(m[0]):.7g}", text)
        lines = (CHANGES.sub("#", line).rstrip() for line in rounded.splitlines() if line.strip())
        self._said |= dict.fromkeys(line if len(line) <= LONG else f"{line[:LONG]} {_hash(line)}" for line in lines)

    def check(self) -> None:
        sections = self._sections()
        kept = sections.get(self._test, [])
        missing = [line for line in kept if line not in self._said]
        match os.environ.get("APPROVE", ""):
            case "new" if kept and not missing:
                pass
            case "new":
                others = {line for test, lines in sections.items() if test != self._test for line in lines}
                self._write(sections | {self._test: [line for line in self._said if line not in others]})
            case "steady":
                self._write(sections | {self._test: [line for line in kept if line in self._said]})
            case _:
                assert not missing, "no longer said:\n" + "\n".join(missing[:20])

    def _sections(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        if self._file.exists():
            for line in self._file.read_text("utf-8").splitlines():
                if line.startswith("## "):
                    lines = found.setdefault(line[3:], [])
                elif line:
                    lines.append(line)
        return found

    def _write(self, sections: dict[str, list[str]]) -> None:
        texts = ("\n".join([f"## {test}", *lines]) for test, lines in sections.items() if lines)
        if text := "\n\n".join(texts):
            self._file.parent.mkdir(exist_ok=True)
            self._file.write_text(text + "\n", "utf-8")
