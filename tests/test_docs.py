"""README and docs cannot drift: providers, judges, commands, dependencies and house are those of the code."""

import ast
import importlib.metadata
import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from escape.__main__ import main
from escape.judges.designs import JUDGES
from escape.models.providers import PROVIDERS
from tests import installed

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = (ROOT / "docs/command-line.md").read_text("utf-8")


def part(name: str) -> str:
    found = re.search(rf"<!-- {name} -->(.*?)<!-- /{name} -->", COMMANDS, re.DOTALL)
    assert found is not None
    return found[1]


def required() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    # so that free hosts, which read this file alone, install these versions
    assert lines[0] == "-c constraints.txt"
    return lines[1:]


def test_every_provider_is_named() -> None:
    assert set(PROVIDERS) <= set(re.findall(r"`(\w+)[`:]", part("providers")))


def test_every_judge_is_named() -> None:
    judging = (ROOT / "docs/judging.md").read_text("utf-8")
    assert all(f"`{name}`" in judging for name in JUDGES)


def test_every_command_and_option_is_named() -> None:
    for name, command in main.commands.items():
        assert f"python -m escape {name}" in COMMANDS
        if name == "run":
            for option in command.params:
                assert option.opts[0] in COMMANDS, option.opts


def test_every_dependency_earns_its_line() -> None:
    table = README.partition("## Dependencies")[2]
    assert all(re.split(r"[<>=\[]", line)[0] in table for line in required())


def test_every_licence_is_named_as_its_package_has_it() -> None:
    for names, _, licences in re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", README, re.MULTILINE)[1:]:
        for name, licence in zip(names.split(", "), licences.split(", "), strict=True):
            try:
                about = importlib.metadata.metadata(name)
            except importlib.metadata.PackageNotFoundError:
                assert name == "xllamacpp"  # the one that tests do without
                continue
            classifiers = " ".join(c for c in about.get_all("Classifier") or [] if c.startswith("License"))
            told = f"{about.get('License-Expression') or ''} {about.get('License') or ''} {classifiers}"
            assert licence.replace("Apache-2.0", "Apache") in told.replace("Apache-2.0", "Apache"), name


def test_an_installed_package_needs_what_a_clone_needs() -> None:
    assert (
        required() == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    )


def test_every_dependency_has_one_exact_version_on_each_python() -> None:
    """Made by `make constraints`: what it leaves out is installed as it happens to be that day."""
    pinned = [
        line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line[:1].isalnum()
    ]
    assert all(re.fullmatch(r"[a-z0-9-]+==[^ ;]+( ; .+)?", line) for line in pinned)
    names = {line.partition("==")[0] for line in pinned}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for line in [*required(), *itertools.chain(*extras.values())]:
        assert re.split(r"[<>=\[]", line)[0].replace("_", "-") in names


def test_every_import_is_declared() -> None:
    ours = {re.split(r"[<>=\\[]", line)[0].replace("-", "_").casefold() for line in required()}
    optional = {"xllamacpp", "mcp", "inspect_ai"}
    for path in [*(ROOT / "escape").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                found.append(node.module)
            for name in (
                {f.partition(".")[0] for f in found} - {"escape"} - sys.stdlib_module_names - optional
            ):
                assert name in ours, f"{path.name} imports {name}, which requirements.txt does not name"


def test_every_room_stands_in_the_contributing_guide() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for path in (ROOT / "escape").iterdir():
        if not path.stem.startswith("__"):
            assert re.search(rf"(?m)^  .*\b{path.stem}\b", guide), path.stem


def test_every_command_of_the_readme_is_run() -> None:
    """By `python -m tests.installed`, which CI runs."""
    assert installed.commands() == set(installed.RUNS)


@pytest.mark.parametrize("sends", [r"log_format [^;]*\$uri|access_log off"])
def test_the_proxy_logs_no_query(sends: str) -> None:
    conf = (ROOT / "docs/nginx.conf").read_text("utf-8")
    assert re.search(sends, conf)
    assert not re.search(r"log_format [^;]*\$(request|request_uri|args|query_string|http_referer)\b", conf)


def test_a_measurement_asserts_ratios_and_no_seconds_or_megabytes() -> None:
    tree = ast.parse((ROOT / "tools" / "bench" / "click.py").read_text("utf-8"))
    asserted = [node.test for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    below = [t for t in asserted if isinstance(t, ast.Compare) and isinstance(t.ops[0], ast.Lt)]
    assert not [t.lineno for t in below if isinstance(t.comparators[0], ast.Constant)]


@pytest.mark.proof
def test_contributing_lists_the_files_of_a_run_as_the_tracer_prints_them() -> None:
    listed = re.findall(r"(?m)^ ?\d+\. \S+\.py +\S+$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    printed = subprocess.run(
        [sys.executable, "-m", "tools.trace"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert listed == [line.rstrip() for line in printed.stdout.splitlines()]
