"""`python -m tools.bench NAME`: one measurement per file; without a name, all of them.

The options of each are the parameters of its `main`.
"""

import argparse
import importlib
import inspect
import pkgutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tools import bench

# These count and often wait, so that three of them may run at once. The longest come first.
COUNTING = ("caps", "outages", "conversations", "worlds", "sentences", "outputs", "reading")


def names() -> list[str]:
    """List every measurement there is."""
    return sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if not m.ispkg and m.name != "__main__"
    )


def run_all() -> int:
    """Run every measurement; return 1 if one of them failed."""
    began, failed = time.monotonic(), list[str]()
    timing = [name for name in names() if name not in COUNTING]
    for at_once, group in ((3, COUNTING), (1, timing)):
        with ThreadPoolExecutor(at_once) as pool:
            for name, (done, took) in zip(group, pool.map(_run_apart, group), strict=True):
                print(f"== {name}, {took:.0f} s", done.stdout, sep="\n", flush=True)
                failed += [name] * (done.returncode != 0)
    print(f"{len(names())} measurements in {(time.monotonic() - began) / 60:.1f} minutes")
    print(f"failed: {', '.join(failed)}" if failed else "none failed")
    return bool(failed)


def _run_apart(name: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run one measurement in a process of its own; return what it printed, and the seconds it took."""
    began, command = time.monotonic(), [sys.executable, "-m", "tools.bench", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done, time.monotonic() - began


def main() -> None:
    if len(sys.argv) == 1:
        sys.exit(run_all())
    p = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    p.add_argument("what", choices=names())
    if sys.argv[1] not in names():
        p.parse_args()
    measure = importlib.import_module(f"tools.bench.{sys.argv[1]}").main
    for name, option in inspect.signature(measure).parameters.items():
        p.add_argument("--" + name.replace("_", "-"), type=type(option.default), default=option.default)
    options = vars(p.parse_args())
    del options["what"]
    measure(**options)


if __name__ == "__main__":
    main()
