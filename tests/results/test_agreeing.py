"""Whatever a run holds: headline, doors, the CSV's pivot, report and `table` say the same of it."""

import csv
import io
from collections import Counter, defaultdict
from random import Random

import pytest

from escape.cli import printed
from escape.metrics import METRICS
from escape.puzzles import files
from escape.results import card, digest, doors, findings, of_set, ranking, sets, wording
from escape.results.csv import plain_csv
from escape.types import Ended, ModelSpec, Puzzle, Run, Trial
from tests.distinct import ending
from tests.small_runs import run_of

NOT_READ: tuple[Ended, ...] = ("unread", "cut off", "empty", "refused")  # the truth, from outside
WORDS: tuple[Ended, ...] = ("out", "stuck", "gave up", *NOT_READ, "failed", "not asked")
ROOMS = METRICS["verified"]
PLAYERS = tuple(ModelSpec(provider="openai", model=f"m{n}") for n in range(3))


def drawn(random: Random) -> Run:
    """A run in which each player is better at some ends than at others."""
    rooms: list[Puzzle] = []
    for name in (files.EASY, files.ROOMS):
        rooms += random.sample(list(files.shared_set(name)), random.randint(1, 9))
    players = PLAYERS[: random.randint(1, 3)]
    results = []
    for player in players:
        likely = random.choices(WORDS, k=random.randint(1, 5))
        for room in rooms:
            trial = Trial(problem_id=room.problem_id, player=player.name)
            if made := ending(random.choice(likely), trial):
                results.append(made)
    return run_of(rooms, results, players)


def pivot(run: Run) -> dict[tuple[str, str], Counter[str]]:
    """By player and set, how often the plain CSV has each result."""
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in csv.DictReader(io.StringIO(plain_csv(run))):
        counted[row["player"], row["set"]][row["result"]] += 1
        assert row["out"] == {"out": "1", "failed": "", "not asked": ""}.get(row["result"], "0")
    return counted


def agree(run: Run) -> None:
    counted = pivot(run)
    for name in sets(run):
        subset = of_set(run, name)
        (band,) = [b for b in doors.doors(run, ROOMS, reference=False) if b.name == name]
        rows = {row.player: row for row in band.rows}
        lines = {line.player: line for line in ranking(subset, ROOMS).standings}
        table = {row[0]: row for row in printed._of_set(run, name)}
        for player in PLAYERS[: len(run.config.players)]:
            ends = counted[player.name, name]
            carried_out = sum(ends[w] for w in WORDS if w not in ("failed", "not asked"))
            row = rows[player.name]
            assert row.figure == (f"{ends['out']} of {carried_out}" if carried_out else "")
            for word in NOT_READ:
                assert (wording.counted(ends[word], word) in row.beside) is bool(ends[word])
            tally = digest(subset).tallies[player.name]
            assert {w: tally.ended[w] for w in WORDS if w in ("out", *NOT_READ, "failed", "not asked")} == {
                w: ends[w] for w in WORDS if w in ("out", *NOT_READ, "failed", "not asked")
            }
            if carried_out:
                line = lines[player.name]
                told = dict(zip(printed.HEAD, table[line.name], strict=True))
                assert {w: told[w] for w in printed.NOT_THERE} == {w: str(ends[w]) for w in printed.NOT_THERE}
                basis = ranking(subset, ROOMS).basis
                said = findings.headline_figure(line, basis)
                if not line.unranked and "%" not in said:  # on the rooms that all have
                    rooms = [
                        r for r in csv.DictReader(io.StringIO(plain_csv(run))) if r["room"] in basis.puzzles
                    ]
                    out = sum(r["out"] == "1" for r in rooms if r["player"] == player.name)
                    assert said.startswith(f"{out} of {len(basis.puzzles)}")
    headline = findings.run_sentence(run, ranking(run, ROOMS))
    for player in run.config.players:
        assert player.model in headline  # nobody vanishes
    page = card.page(run, ROOMS)
    for (_, name), ends in counted.items():
        if name in sets(run) and ends["empty"]:
            assert f"{ends['empty']} empty" in page


@pytest.mark.parametrize("seed", range(40))
def test_every_surface_says_the_same_of_a_run(seed: int) -> None:
    agree(drawn(Random(seed)))


@pytest.mark.proof
def test_every_surface_says_the_same_of_a_thousand_runs() -> None:
    for seed in range(1_000):
        agree(drawn(Random(seed)))
