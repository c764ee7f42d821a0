"""A new kind of round: mypy names every place that does not know it, since each ends in `assert_never`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ESCAPE = Path(__file__).parent.parent.parent / "escape"


@pytest.mark.parametrize("module", ["rounds/tasks", "guide"])
def test_no_page_of_a_class_looks_a_kind_of_round_up_where_mypy_does_not_miss_it(module: str) -> None:
    tree = ast.parse((ESCAPE / "ui" / "class_" / f"{module}.py").read_text("utf-8"))
    looked_up = [
        node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict)
    ]
    assert not [n.lineno for n in looked_up if isinstance(n.slice, ast.Attribute) and n.slice.attr == "kind"]
