"""A new kind of round: mypy names every place that does not know it, since each ends in `assert_never`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ESCAPE = Path(__file__).parent.parent.parent / "escape"


@pytest.mark.parametrize("module", ["rounds/tasks", "guide"])
def test_no_kind_of_round_is_looked_up_unseen_by_mypy(module: str) -> None:
    tree = ast.parse((ESCAPE / "ui" / "class_" / f"{module}.py").read_text("utf-8"))
    looked_up = [
        node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict)
    ]
    assert not [n.lineno for n in looked_up if isinstance(n.slice, ast.Attribute) and n.slice.attr == "kind"]
