"""How often the intervals of marks and shares cover, and how often equals are called better.

Each player has a true mean on each puzzle; a mark is drawn around it in steps, cut to the scale, as real
marks are. The truth that an interval must cover is the mean over all puzzles there could be.
"""

import itertools
import random
from statistics import fmean

from escape.stats import bounded_interval, holm, paired, puzzles_needed, share_interval

# mean and spread, as shares of the scale
KINDS = {"floor": (0.05, 0.1), "middle": (0.55, 0.25), "good": (0.8, 0.2), "ceiling": (0.95, 0.1)}
TOPS = {"overall": 5.0, "pus": 2.0, "sps": 2.0}


def mark(rng: random.Random, puzzle: float, top: float, noise: float = 0.1) -> float:
    """Draw one mark: the puzzle's own mean, some noise, in steps of a quarter point."""
    raw = top * min(1.0, max(0.0, puzzle + rng.gauss(0, noise)))
    return round(raw * 4) / 4


def puzzle_mean(rng: random.Random, kind: str) -> float:
    mean, spread = KINDS[kind]
    return min(1.0, max(0.0, rng.gauss(mean, spread)))


def truth(kind: str, top: float) -> float:
    """Average over very many puzzles, with a seed of its own."""
    rng = random.Random(99)
    return fmean(mark(rng, puzzle_mean(rng, kind), top) for _ in range(200_000))


def coverage(kind: str, top: float, n: int, repeats: int, draws: int, true: float) -> float:
    rng, hits = random.Random(7), 0
    for _ in range(draws):
        values = []
        for _ in range(n):
            mean = puzzle_mean(rng, kind)
            values.append(fmean(mark(rng, mean, top) for _ in range(repeats)))
        span = bounded_interval(values, top)
        hits += span.low is not None and span.high is not None and span.low - 1e-9 <= true <= span.high + 1e-9
    return hits / draws


def coverage_of_shares(p: float, n: int, draws: int) -> float:
    rng, hits = random.Random(8), 0
    for _ in range(draws):
        span = share_interval(sum(rng.random() < p for _ in range(n)), n)
        hits += (span.low or 0) - 1e-9 <= p <= (span.high or 1) + 1e-9
    return hits / draws


def false_better(players: int, n: int, kind: str, missing: float, draws: int) -> float:
    """Return the share of runs between equals in which anybody is called better than anybody."""
    rng, said = random.Random(9), 0
    for _ in range(draws):
        puzzles = [puzzle_mean(rng, kind) for _ in range(n)]
        marks = [
            [mark(rng, m, 5.0, 0.2) if rng.random() >= missing else None for m in puzzles]
            for _ in range(players)
        ]
        shared = [i for i in range(n) if all(row[i] is not None for row in marks)]
        if len(shared) < 2:
            continue
        pairs = [
            paired([(a[i] or 0.0) - (b[i] or 0.0) for i in shared], 5.0)
            for a, b in itertools.combinations(marks, 2)
        ]
        corrected = holm([1.0 if x.p is None else max(x.p, x.sign_flip_p) for x in pairs])
        said += any(p < 0.05 and x.decided for p, x in zip(corrected, pairs, strict=True))
    return said / draws


def coverage_of_gaps(first: str, second: str, n: int, draws: int) -> float:
    """Return how often the interval of a paired difference of marks covers the true one.

    A puzzle that is hard for one is hard for both, so that their means on it go together.
    """
    true, rng, hits = truth(first, 5.0) - truth(second, 5.0), random.Random(10), 0
    for _ in range(draws):
        gaps = []
        for _ in range(n):
            hard = rng.gauss(0, 1)
            means = [
                min(1.0, max(0.0, KINDS[k][0] + KINDS[k][1] * (0.5 * hard + 0.75**0.5 * rng.gauss(0, 1))))
                for k in (first, second)
            ]
            gaps.append(mark(rng, means[0], 5.0) - mark(rng, means[1], 5.0))
        span = paired(gaps, 5.0).difference
        hits += (span.low or 0) - 1e-9 <= true <= (span.high or 0) + 1e-9
    return hits / draws


def coverage_of_room_gaps(p: float, q: float, n: int, draws: int) -> float:
    """Return how often it covers, for two players who get out of each room with these probabilities."""
    rng, hits = random.Random(11), 0
    for _ in range(draws):
        span = paired([float(rng.random() < p) - float(rng.random() < q) for _ in range(n)], 1.0).difference
        hits += (span.low or 0) - 1e-9 <= p - q <= (span.high or 0) + 1e-9
    return hits / draws


def power(players: int, gap: float, draws: int) -> tuple[int, float]:
    """Return the advised number of puzzles, and how often it finds a real gap.

    The first player is ahead of all others by `gap`.
    """
    n = puzzles_needed(1.0, gap, players * (players - 1) // 2)
    rng, found = random.Random(12), 0
    for _ in range(draws):
        marks = [
            [(gap if p == 0 else 0.0) + rng.gauss(0, 0.5**0.5) for _ in range(n)] for p in range(players)
        ]
        every = itertools.combinations(range(players), 2)
        pairs = {
            (a, b): paired([x - y for x, y in zip(marks[a], marks[b], strict=True)], 5.0) for a, b in every
        }
        corrected = holm([1.0 if x.p is None else max(x.p, x.sign_flip_p) for x in pairs.values()])
        found += corrected[0] < 0.05 and pairs[0, 1].decided
    return n, found / draws


def main(draws: int) -> None:
    print("coverage of the 95 % interval            n=5 x1  n=5 x5 n=10 x1 n=10 x5 n=30 x1 n=30 x5")
    for score, top in TOPS.items():
        for kind in KINDS:
            true = truth(kind, top)
            cells = [coverage(kind, top, n, r, draws, true) for n in (5, 10, 30) for r in (1, 5)]
            print(f"{score:10} {kind:10} true {true:4.2f}           " + "  ".join(f"{c:6.3f}" for c in cells))
    for share in (0.5, 0.8, 0.95):
        cells = [coverage_of_shares(share, n, draws) for n in (5, 10, 30)]
        print(
            f"0/1 score, true {share:4.2f}                 " + "          ".join(f"{c:6.3f}" for c in cells)
        )
    print("coverage of a paired difference                    n=6    n=10    n=30")
    for first, second in (
        ("floor", "floor"),
        ("middle", "middle"),
        ("ceiling", "ceiling"),
        ("ceiling", "middle"),
    ):
        cells = [coverage_of_gaps(first, second, n, draws) for n in (6, 10, 30)]
        print(f"marks, {first} and {second:30}      " + "   ".join(f"{c:5.3f}" for c in cells))
    for p, q in ((0.05, 0.05), (0.5, 0.5), (0.95, 0.95), (1.0, 0.8), (0.95, 0.7)):
        cells = [coverage_of_room_gaps(p, q, n, draws) for n in (6, 10, 30)]
        print(
            f"rooms, {p:4.2f} and {q:4.2f}                               "
            + "   ".join(f"{c:5.3f}" for c in cells)
        )
    print("the advised number of puzzles finds a real gap in      (80 % is asked for)")
    for players in (2, 3, 6):
        cells_ = [power(players, gap, draws) for gap in (0.8, 0.6)]
        print(
            f"{players} players                        "
            + "   ".join(f"n={n}: {found:.3f}" for n, found in cells_)
        )
    print('"better" between equals                  n=6     n=10    n=14   with 20 % missing: n=10')
    for players in (2, 3, 6, 10):
        cells = [false_better(players, n, "good", 0.0, draws) for n in (6, 10, 14)]
        cells.append(false_better(players, 10, "good", 0.2, draws))
        print(f"{players:2} players                                " + "  ".join(f"{c:6.3f}" for c in cells))
