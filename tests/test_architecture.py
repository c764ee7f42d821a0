"""The house: who may import whom, how long a module may be, how it opens."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "escape"
VOCABULARY = {"errors", "fields", "rules", "schema", "records"}

# room -> rooms it may import from; errors, schema and records are everybody's vocabulary
MAY_IMPORT = {
    "errors": set(),
    "fields": set(),
    "rules": set(),
    "schema": set(),
    "records": set(),
    "metrics": set(),
    "stats": set(),
    "intake": set(),
    "files": set(),
    "pace": set(),
    "purse": set(),
    "controls": {"verbs", "world"},
    "verbs": set(),
    "moves": {"verbs"},
    "world": {"moves", "verbs"},
    "play": {"moves", "verbs", "world"},
    "mended": {"play"},
    "proof": {"play", "world", "verbs"},
    "puzzles": {"intake", "verbs", "world"},
    "drafts": {"puzzles"},
    "twins": {"digest", "metrics", "stats"},
    "variants": {"proof", "world"},
    "json_schema": set(),
    "prompts": {"json_schema", "metrics", "verbs"},
    "checklists": {"json_schema", "prompts"},
    "models": {"intake", "prompts", "controls"},
    "judges": {"checklists", "intake", "metrics", "moves", "prompts", "controls"},
    "hosting": {"models"},
    "lanes": {"pace"},
    "calls": {"lanes", "pace", "purse"},
    "trials": {"calls", "lanes", "play", "prompts"},
    "runlines": set(),
    "stored": {"files", "intake", "runlines"},
    "runfile": {"files", "runlines", "stored"},
    "brought": {"intake"},
    "published": {"intake"},
    "live": {"calls", "stored"},
    "shelf": {"live", "sentences"},
    "background": {"live", "shelf"},
    "store": set(),
    "keeping": {"background", "live", "runlines", "shelf", "store", "stored"},
    "rounds": set(),
    "what_if": {"digest", "metrics", "ranking"},
    "examples": {"assembly", "judges", "models", "play"},
    "classwork": {"agreement", "controls", "judges", "metrics", "play", "report", "rounds", "store"},
    "lessons": {"intake", "metrics", "rounds", "runlines", "store", "stored"},
    "digest": {"metrics", "stored"},
    "report": {"metrics"},
    "ranking": {"digest", "metrics", "stats"},
    "agreement": {"metrics", "stats"},
    "items": {"agreement", "digest", "metrics"},
    "exam": {"agreement", "controls", "intake", "metrics"},
    "sentences": {"digest", "metrics", "models", "report"},
    "findings": {"metrics", "ranking", "sentences", "stats"},
    "program": set(),
    "benchmark_card": {"digest", "exam", "findings", "frames", "metrics", "puzzles", "ranking", "sentences", "stats"},
    "drawing": set(),
    "charts": {"drawing", "metrics", "stats"},
    "frames": {"digest", "metrics", "stats", "ranking", "report", "sentences"},
    "assembly": {
        "checklists",
        "program",
        "calls",
        "lanes",
        "trials",
        "purse",
        "models",
        "judges",
        "prompts",
        "controls",
    },
}
ANYTHING = {"ui", "cli", "__main__", "__init__"}
OUTSIDE = {
    "streamlit": {"ui"},
    "openai": {"models"},
    "anthropic": {"models"},
    "httpx2": {"models"},
    "aiohttp": {"models"},
    "genai_prices": {"models"},
    "socket": {"models"},
    "plotly": {"charts", "drawing"},
    "pandas": {"report", "frames", "charts", "drawing", "ui"},
    "tenacity": {"calls"},
    "krippendorff": {"agreement"},
    "threading": {"background", "hosting", "keeping", "live", "models", "puzzles", "store", "stored"},
    "sqlalchemy": {"store"},
    "segno": {"ui"},
    "click": {"__main__", "cli"},
    "snowballstemmer": {"judges"},
    "tempfile": {"files", "stored", "models", "ui"},
    "subprocess": {"models"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{a.name}" for a in node.names]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_from_rooms_it_may(path: Path) -> None:
    mine = room(path)
    for name in imports(path):
        if not name.startswith("escape."):
            continue
        other = name.split(".")[1]
        known = other if (PACKAGE / other).exists() or (PACKAGE / f"{other}.py").exists() else "__init__"
        if mine in ANYTHING or known == mine or known in VOCABULARY:
            continue
        allowed = MAY_IMPORT[mine]
        assert known in allowed, f"{path.name} imports {name}; {mine} may import {sorted(allowed | VOCABULARY)}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_its_room_touches_an_outside_world(path: Path) -> None:
    for name in imports(path):
        rooms = OUTSIDE.get(name.split(".")[0])
        assert rooms is None or room(path) in rooms, f"{path.name} imports {name}, which belongs to {rooms}"


def test_the_page_knows_only_the_tables_of_models_and_judges() -> None:
    for path in (PACKAGE / "ui").rglob("*.py"):
        for name in imports(path):
            parts = name.split(".")
            if parts[:2] in (["escape", "models"], ["escape", "judges"]) and len(parts) > 3:
                raise AssertionError(f"{path.name} imports {name}; use the table in {parts[1]}/__init__.py")


@pytest.mark.parametrize("path", [*modules(), ROOT / "app.py"], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_short_and_opens_by_saying_what_lives_there(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= (150 if path.name == "app.py" else 300)
    said = ast.get_docstring(ast.parse(text))
    assert said, f"{path} has no docstring"


def test_vocabulary_imports_nothing_but_itself() -> None:
    for name in ("errors", "schema", "records"):
        for imported in imports(PACKAGE / f"{name}.py"):
            if imported.startswith("escape."):
                assert imported.split(".")[1] in VOCABULARY


def test_the_command_line_does_without_what_only_pages_need() -> None:
    heavy = {"pandas", "numpy", "plotly", "streamlit", "openai", "anthropic"}
    command = f"import sys, escape.__main__; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
