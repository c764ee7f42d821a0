"""Laboratories made and played by the controls: seconds each takes, refusals, and how far each control gets."""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter

from escape.environments.laboratories import LAB_WAYS, LabAttempt, LabError, as_puzzle, check, laboratory


def main(o: argparse.Namespace) -> None:
    took, refused = [], 0
    opened: dict[str, list[int]] = {name: [] for name in LAB_WAYS}
    ended: dict[str, Counter[str]] = {name: Counter() for name in LAB_WAYS}
    for number in range(1, o.n + 1):
        began = time.perf_counter()
        try:
            puzzle = as_puzzle(laboratory(f"bench-{o.seed}", number, 10))
        except LabError:
            refused += 1
            continue
        took.append(time.perf_counter() - began)
        check(puzzle)
        for name, way in LAB_WAYS.items():
            tried = LabAttempt(puzzle)
            for line in way(puzzle):
                tried.do(line)
            opened[name].append(tried.opened)
            if tried.opened < 10:
                ended[name][tried.door.apparatus] += 1
    print(f"{len(took)} laboratories of 10 doors, {refused} refused; {statistics.median(took):.1f} s each")
    for name, doors in opened.items():
        where = ", ".join(f"{kind} {n}" for kind, n in ended[name].most_common())
        print(
            f"{name:13} opens {statistics.median(doors):.0f} in the median ({min(doors)} to {max(doors)}); ends "
            f"at: {where}"
        )
    assert refused <= o.n // 20
    assert statistics.median(opened["experimenter"]) == 10, "doors cannot be decided within their trials"
    assert statistics.median(opened["random"]) == 0
