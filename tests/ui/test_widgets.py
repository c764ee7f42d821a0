"""Values of fields that no browser would send, over the page's own protocol: a sentence, and never a traceback."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.Common_pb2 import StringArray
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tools.bench.tools import page
from tools.bench.visitor import Visitor

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

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.tracebacks: list[str] = []

    def _element(self, element: Any) -> None:
        if element.WhichOneof("type") == "exception":
            self.tracebacks.append(element.exception.message)
        super()._element(element)

    async def send(self, key: str, **value: Any) -> None:
        """One value of one field, as it is."""
        await asyncio.wait_for(self._run(self.values | {key: WidgetState(id=self.ids[key], **value)}), 20)


@pytest.fixture(scope="module")
def site(the_five: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    where = {"ESCAPE_DATA": str(tmp_path_factory.mktemp("data")), "ESCAPE_PUZZLES": str(the_five)}
    with page(**where) as (url, _):
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
