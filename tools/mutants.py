"""`make mutants FILES="escape/metrics.py"`: do the tests notice when a line is changed?

cosmic-ray changes one operator, number or condition at a time in a copy of the project, in the lines that
differ from a commit (`SINCE`, the last one by default), or in all lines of files in which none does. Each
time the quick tests of the file's own package run. What survives is printed with its change: a test is
missing, or the change makes no difference.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
TIMEOUT_S = 120.0


def tests_of(file: str) -> str:
    """Find the tests of a module's own package: `tests/runs` for `escape/runs/plan.py`."""
    parts = Path(file).with_suffix("").parts
    return f"tests/{parts[1]}" if len(parts) > 2 else f"tests/test_{parts[1]}.py"


def git(where: Path, *command: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        ["git", *command], cwd=where, input=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout


def copy_to(folder: Path) -> None:
    """Clone the project, with what is not committed yet."""
    git(ROOT, "clone", "-q", "--shared", str(ROOT), str(folder))
    if changes := git(ROOT, "diff", "HEAD", "--binary"):
        git(folder, "apply", stdin=changes)


def survivors(folder: Path, file: str, since: str) -> tuple[int, list[str]]:
    """Change a file's lines one by one; return how many mutants ran, and the diffs that no test noticed."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not proof and not browser", tests_of(file)]
    lines = {
        "module-path": file,
        "timeout": TIMEOUT_S,
        "excluded-modules": [],
        "test-command": " ".join(f'"{part}"' if " " in part else part for part in command),
    }
    config, session = folder / "mutants.toml", folder / "mutants.sqlite"
    settings = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())
    local = '[cosmic-ray.distributor]\nname = "local"\n'
    changed = git(folder, "diff", "--name-only", since, "--", file).strip()
    here = f'[cosmic-ray.filters.git-filter]\nbranch = "{since}"\n' if changed else ""
    config.write_text(f"[cosmic-ray]\n{settings}\n{local}\n{here}", "utf-8")
    session.unlink(missing_ok=True)
    steps = [["cosmic-ray", "init", config, session]]
    steps += [["cr-filter-git", "--config", config, session]] if changed else []
    steps += [["cosmic-ray", "exec", config, session]]
    for program, *rest in steps:
        subprocess.run(
            [BIN / str(program), *map(str, rest)], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
    return read(session)


def read(session: Path) -> tuple[int, list[str]]:
    dumped = subprocess.run(
        [BIN / "cosmic-ray", "dump", session], capture_output=True, text=True, check=True
    ).stdout
    ran, alive = 0, list[str]()
    for row in dumped.splitlines():
        _, result = json.loads(row)
        if result is None or result["worker_outcome"] == "skipped":
            continue
        ran += 1
        if result["test_outcome"] == "survived":
            alive.append(result["diff"])
    return ran, alive


def main(arguments: Sequence[str]) -> int:
    p = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    p.add_argument("files", nargs="+", help="modules below escape/")
    p.add_argument("--since", default="HEAD", help="mutate the lines that differ from this commit")
    o = p.parse_args(arguments)
    left = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "copy")
        copy_to(folder)
        since = git(ROOT, "rev-parse", o.since).strip()
        for file in o.files:
            ran, alive = survivors(folder, file, since)
            print(f"{file}: {ran - len(alive)} of {ran} mutants were noticed by {tests_of(file)}", flush=True)
            print(*alive, sep="\n", end="\n" if alive else "")
            left += len(alive)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
