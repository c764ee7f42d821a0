"""Field values that no browser would send get a sentence, never a traceback."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.Common_pb2 import StringArray
from streamlit.proto.WidgetStates_pb2 import WidgetState

from escape.classes.access import ClassAccess
from escape.classes.data import ClassData
from escape.classes.rounds import RoundSettings
from escape.runs import examples
from escape.store.database import Store
from escape.types import Puzzle
from tools.bench.harness import Visitor, page

FOREIGN: dict[str, dict[str, Any]] = {
    "a number for a choice": {"key": "judge_design", "int_value": 999},
    "a text for a list of players": {"key": "players", "string_value": "nobody"},
    "a text for a number": {"key": "repeats", "string_value": "many"},
    "a text for an amount": {"key": "cap", "string_value": "much"},
    "a number for a text": {"key": "class_title", "int_value": 7},
    "half a JSON for a press": {"key": "add", "json_value": "{"},
    "a number for a tab": {"key": "view", "int_value": 3},
    "a choice that is not offered": {"key": "judge_design", "string_value": "nobody"},
    "players that are not offered": {"key": "players", "string_array_value": StringArray(data=["nobody"])},
    "a number beyond its bounds": {"key": "repeats", "int_value": 10**12},
    "a text for a row of buttons": {"key": "protocol", "string_value": "none of them"},
    "a text for a tick": {"key": "set_rooms", "string_value": "on"},
}


class Crafty(Visitor):
    """A visitor who notes every traceback that the page shows."""

    def __init__(self, url: str, query: str = "") -> None:
        super().__init__(url, query)
        self.tracebacks: list[str] = []

    def _element(self, element: Any) -> None:
        if element.WhichOneof("type") == "exception":
            self.tracebacks.append(element.exception.message)
        super()._element(element)

    async def send(self, key: str, **value: Any) -> None:
        """One value of one field, as it is."""
        await asyncio.wait_for(self._run(self.values | {key: WidgetState(id=self.ids[key], **value)}), 20)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def site(the_five: Path, data: Path) -> Iterator[str]:
    with page(ESCAPE_DATA=str(data), ESCAPE_PUZZLES=str(the_five)) as (url, _):
        yield url


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.proof
def test_a_value_of_another_type_is_taken_for_no_value(site: str, what: str) -> None:
    async def visit() -> list[str]:
        me = Crafty(site)
        await me.open()
        await me.send(**FOREIGN[what])
        await me.close()
        return me.tracebacks

    assert asyncio.run(visit()) == []


@pytest.mark.proof
def test_a_mark_that_is_on_no_scale_is_refused_in_words(site: str, data: Path, bundled: list[Puzzle]) -> None:
    doors = ClassAccess(ClassData(Store(f"sqlite:///{data}/escape.sqlite3")))
    opened = doors.open("forged", examples.make_run("metric", bundled), "somebody")
    teacher = doors.teach(opened.code, opened.secret)
    answers = tuple(r.trial for r in teacher.run().results if r.answer)[:1]
    round_ = teacher.start(RoundSettings(kind="mark", answers=answers))

    async def forge() -> list[str]:
        me = Crafty(site, f"class={opened.code}")
        await me.open()
        await me.press("Join", code=me.typed("Code", opened.code), name=me.typed("Nickname", "Eve"))
        marks = {name: me.picked(name, "9") for name in ("Physical Understanding", "Solution Path")}
        if any(label.startswith("Red Herring") for label in me.labels):
            marks["rhh"] = me.picked("Red Herring", "-1")
        await me.press("Save", **marks)
        await me.close()
        assert any("Choose a mark on every line" in text for text in me.texts)
        return me.tracebacks

    assert asyncio.run(forge()) == []
    assert teacher.counts(round_) == (0, 0)
