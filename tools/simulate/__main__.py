"""`python -m tools.simulate [intervals | judges | better | took]`: all of them, or one."""

import argparse

from tools.simulate import better, intervals, judges, took

PARTS = {"intervals": intervals.main, "judges": judges.main, "better": better.main, "took": took.main}


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m tools.simulate", description=__doc__)
    p.add_argument("part", nargs="?", choices=list(PARTS))
    p.add_argument("--draws", type=int, default=1000)
    o = p.parse_args()
    for name, part in PARTS.items():
        if o.part in (None, name):
            part(o.draws)


if __name__ == "__main__":
    main()
