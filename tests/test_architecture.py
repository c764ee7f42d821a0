"""The house: arrows only point up the list, and packages speak through their `__init__`."""

import ast
import importlib
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = (
    "__init__ types metrics stats intake unpacking rooms puzzles prompts models hosting calls judges store "
    "runs results classes extras ui cli __main__"
).split()
OUTSIDE = {
    "streamlit": "ui",
    "sqlalchemy": "store",
    "alembic": "store",
    "segno": "ui",
    "click": "cli __main__",
    "mcp": "extras",
    "inspect_ai": "extras",
} | dict.fromkeys(("openai", "anthropic", "httpx2", "aiohttp", "genai_prices", "socket"), "models")
HEAVY = {"pandas", "numpy", "plotly", "streamlit", "openai", "anthropic", "sqlalchemy", "genai_prices"}


def modules() -> dict[str, Path]:
    files = sorted((ROOT / "escape").rglob("*.py"))
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


def imported(path: Path) -> set[tuple[str, str]]:
    """Every import as (module, name), those inside functions included."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    plain = {(alias.name, "") for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    return plain | {(n.module or "", a.name) for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}


def place(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_arrows_point_up_the_list_and_packages_are_entered_by_their_door() -> None:
    every = modules()
    for importer, path in every.items():
        for module, name in imported(path):
            if module.startswith("escape"):
                target = f"{module}.{name}" if f"{module}.{name}" in every else module
                assert ORDER.index(place(target)) <= ORDER.index(place(importer)), (
                    f"{importer} imports {target}"
                )
                room = target.rpartition(".")[0]
                inside = importer == room or importer.startswith(f"{room}.")
                at_the_door = module in {"escape", room} or every[module].name == "__init__.py"
                assert inside or at_the_door, f"{importer} reaches into {module}; import it from {room}"
            else:
                assert module.split(".")[0] not in {"tests", "tools"}, f"{importer} imports {module}"
                owner = OUTSIDE.get(module.split(".")[0], place(importer))
                assert place(importer) in owner.split(), (
                    f"{importer} imports {module}, which belongs to {owner}"
                )


def test_no_module_imports_itself_by_a_detour() -> None:
    every = modules()
    graph = {
        importer: {f"{a}.{b}" if f"{a}.{b}" in every else a for a, b in imported(path)}
        & every.keys() - {importer}
        for importer, path in every.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError with the modules in it


def test_every_module_says_what_it_is_for() -> None:
    for name, path in modules().items():
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), name


def test_an_installed_escape_has_every_package() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    there = {name for name, path in modules().items() if path.name == "__init__.py"}
    assert there == set(told) - {"escape.docs", "escape.problems", "escape.ui.settings"}


@pytest.mark.parametrize(
    ("module", "there"), [("escape.__main__", "sys"), ("escape.ui.page", "streamlit, plotly")]
)
def test_what_is_not_needed_at_first_is_imported_late(module: str, there: str) -> None:
    """`there`: what has been imported already. The page adds neither the database nor SDKs to Streamlit."""
    command = f"import sys, {there}; before = set(sys.modules); import {module}; " + (
        f"print(sorted({HEAVY!r} & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_bench_can_be_started() -> None:
    """Nobody runs them all after a change; a name that has gone is found here."""
    for path in (ROOT / "tools").rglob("*.py"):
        if path.name != "__main__.py":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
