"""`python -m tools.bench NAME`: a measurement a file. The options of each are the parameters of its
`main`.
"""

import argparse
import importlib
import inspect
import pkgutil
import sys

from tools import bench


def names() -> list[str]:
    """Every measurement there is."""
    return sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if not m.ispkg and m.name != "__main__"
    )


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    p.add_argument("what", choices=names())
    if len(sys.argv) < 2 or sys.argv[1] not in names():
        p.parse_args()
    measure = importlib.import_module(f"tools.bench.{sys.argv[1]}").main
    for name, option in inspect.signature(measure).parameters.items():
        p.add_argument("--" + name.replace("_", "-"), type=type(option.default), default=option.default)
    options = vars(p.parse_args())
    del options["what"]
    measure(**options)


if __name__ == "__main__":
    main()
