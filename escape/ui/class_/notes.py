"""The lessons' texts, read once from docs/lessons.md. The guide and the board show parts of them."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__)
# of an installed package, or of the project
FILE = next((f for n in (2, 3) if (f := HERE.parents[n] / "docs" / "lessons.md").is_file()), HERE / "none")


class SceneNotes(NamedTuple):
    """One scene: its name, its minutes (0 if not given), the board's text and the teacher's text."""

    name: str
    minutes: int
    board: str
    teacher: str


class LessonNotes(NamedTuple):
    """A lesson: its question, main idea, minutes with discussion, players, and a note for each scene."""

    question: str
    idea: str
    minutes: int
    players: str
    scenes: tuple[SceneNotes, ...]


_LESSON = re.compile(
    r"(?ms)^## (\w+)\. ([^\n]+)\n\n\*([^*]+)\* (\d+) minutes\.\n\nPlayers: (.+?)\n\n(.+?)(?=^## |\Z)"
)
_SCENE = re.compile(
    r"(?s)\*\*(?P<name>[^*]+?)\.?\*\*(?: \((?P<minutes>\d+) "
    r"min\)\.)?\s*(?:\*(?P<board>[^*]+)\*)?(?P<teacher>.*)"
)


@cache
def lessons() -> dict[str, LessonNotes]:
    """Parse docs/lessons.md into notes by the lesson's number, such as `4a`. Raises OSError."""
    found = _LESSON.findall(FILE.read_text("utf-8"))
    return {
        number: LessonNotes(question, idea, int(minutes), " ".join(players.split()), _scenes(items))
        for number, question, idea, minutes, players, items in found
    }


def _scenes(items: str) -> tuple[SceneNotes, ...]:
    notes = []
    for item in re.split(r"(?m)^\d+\. ", items)[1:]:
        parts = _SCENE.fullmatch(" ".join(item.split()))
        if parts:
            board = parts["board"] or ""
            notes.append(
                SceneNotes(parts["name"], int(parts["minutes"] or 0), board, parts["teacher"].strip())
            )
    return tuple(notes)
