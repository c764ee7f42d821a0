"""`python -m tools.bench NAME`: measurements, each in a file of its own; every figure stands beside its yardstick."""

import argparse
import importlib
import pkgutil

from tools import bench

HELPERS = {"__main__", "mock", "talk", "tools", "visitor"}


def names() -> list[str]:
    """Every measurement there is."""
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name not in HELPERS)


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    p.add_argument("what", choices=names())
    p.add_argument("--cells", type=int, default=1000)
    p.add_argument("--at-once", type=int, default=50)
    p.add_argument("--latency", type=float, default=0.2)
    p.add_argument("--jitter", type=float, default=0.0)
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--trials", type=int, default=0)
    p.add_argument("--n", type=int, default=30)
    p.add_argument("--joins", type=int, default=450)
    p.add_argument("--think", type=float, default=4.0)
    p.add_argument("--replicas", type=int, default=2)
    p.add_argument("--faults", type=int, default=40)
    p.add_argument("--memory", type=int, default=512)
    p.add_argument("--kind", default="")
    p.add_argument("--file", default="")
    p.add_argument("--puzzle", default="")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--told", choices=("none", "openai", "anthropic"), default="none")
    p.add_argument("--wait", type=int, default=110)
    p.add_argument("--most-s", type=float, default=600.0)
    o = p.parse_args()
    importlib.import_module(f"tools.bench.{o.what}").main(o)


if __name__ == "__main__":
    main()
