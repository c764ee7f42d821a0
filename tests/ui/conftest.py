"""Every page that a test of the page sees is kept: labels, helps, options and texts, as `tests.approved` says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Dataframe, Element, Node

from escape.ui.setup import generated
from tests.approved import Approved

_TOLD = (
    "label",
    "body",
    "text",
    "codeText",
    "help",
    "placeholder",
    "disabled",
    "min",
    "max",
    "step",
    "url",
    "maxChars",
)
_ENDS_BY_CHANCE = ("The run has ended", "The judging has ended")  # said by the page that finds it so, first or second
_CHOSEN = {"checkbox", "toggle", "radio", "selectbox", "number_input", "text_area", "slider", "button_group"}
_MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<(?!/?[a-z]+\b[^>]*(?:aria-label|alt|title|href)=)[^>]*>", re.S)
_SPOKEN = re.compile(r"<[^>]*?(?:aria-label|alt|title|href)=\"([^\"]*)\"[^>]*>")
_ENDS = re.compile(r"</(?:p|div|li|td|th|tr|h\d|text|button|summary|section|ul|table)>|<br>")


@pytest.fixture(autouse=True)
def pages_seen(approved: Approved, the_same_chance: None, monkeypatch: pytest.MonkeyPatch) -> None:
    run = AppTest._run
    monkeypatch.setattr(generated, "today", lambda: "2026-11-30")

    def seen(at: AppTest, *args: Any, **kwargs: Any) -> AppTest:
        before, quiet = _jobs(at), not _running(at)
        after = run(at, *args, **kwargs)
        began = any(job and job not in before for job in _jobs(at))
        if quiet and not began and not _running(at):  # what a page shows of work under way is by chance
            for line in _lines(at._tree):
                if not line.startswith(_ENDS_BY_CHANCE):
                    approved.add(line)
        return after

    monkeypatch.setattr(AppTest, "_run", seen)


def _jobs(at: AppTest) -> list[Any]:
    """The run and the work beside it."""
    if "escape" not in at.session_state:
        return []
    state = at.session_state["escape"]
    return [state.live, state.side]


def _running(at: AppTest) -> bool:
    return any(job and job.running for job in _jobs(at))


def _lines(node: Node) -> Iterator[str]:
    if isinstance(node, Element):
        if node.type != "progress":
            yield from _of_element(node)
    elif isinstance(node, Block):
        if label := getattr(node, "label", ""):
            yield f"{node.type}: {label}"
        for child in node.children.values():
            yield from _lines(child)


def _of_element(node: Element) -> Iterator[str]:
    if node.type == "html":
        yield from _words(node.proto.body)
    elif node.type == "bidi_component":
        data = json.loads(node.proto.json or '""')
        yield from _words(data) if isinstance(data, str) else [f"{k}: {v}" for k, v in data.items()]
    elif isinstance(node, Dataframe):
        yield from node.value.to_csv(index=False).splitlines()
    else:
        proto = MessageToDict(node.proto)
        told = [f"{k} {proto[k]}" for k in _TOLD if k in proto]
        if node.type in _CHOSEN:
            told.append(f"= {node.value}")
        yield f"{node.type}: " + "; ".join(told).replace("\n", " ")
        yield from (f"{node.type}, one of {label}" for label in proto.get("options", ()) if isinstance(label, str))


def _words(markup: str) -> Iterator[str]:
    """What markup says to eyes and ears, a line for a paragraph."""
    spoken = _ENDS.sub("\n", _SPOKEN.sub(r" [\1] ", markup))
    return (unescape(" ".join(line.split())) for line in _MARKUP.sub(" ", spoken).splitlines())
