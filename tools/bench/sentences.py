"""Random runs: sentence, table, picture, report, and CSV of one view must say the same.

500 runs of all kinds, and 300 runs in real rooms with unread, cut-off, filtered, missing, and failed trials.
The figures are worked out once more from the CSV alone, or from the lines of the run's file. Exits with 1 at
the first contradiction, with the run's seed.
"""

import html
import random
import re
import sys
from collections import Counter, defaultdict
from statistics import fmean

from escape.metrics import METRICS, Metric
from escape.puzzles import files
from escape.results import Ranking, Standing, csv, findings, ranking
from escape.results.card import page
from escape.results.tables import standings
from escape.results.wording import counted
from escape.rooms import plans, playable
from escape.runs.file import jsonl
from escape.types import NOT_READ, Answer, Failure, FailureKind, Finish, ModelSpec, Puzzle, Result, Run, Trial
from tests.small_runs import checklist, outcome, puzzle, result, run_of, verdict

PARTS = ("pus", "sps", "rhh", "out")


def random_run(dice: random.Random) -> Run:
    """Draw a run: players of some skill, failures, silence, and repeats.

    Some puzzles have no herrings, or no rooms.
    """
    players = [
        ModelSpec(provider=dice.choice(["openai", "groq"]), model=m) for m in "abcd"[: dice.randint(1, 4)]
    ]
    known = [puzzle(f"P{i}", herrings=dice.random() < 0.8) for i in range(dice.randint(1, 12))]
    repeats, rooms = dice.choice([1, 1, 2]), dice.random() < 0.7
    results = []
    for spec in players:
        skill = dice.random()
        for where in known:
            for repeat in range(1, repeats + 1):
                if dice.random() < 0.06:
                    trial = Trial(problem_id=where.problem_id, player=spec.name, repeat=repeat)
                    lost = Failure(stage="player", kind=FailureKind.TIMEOUT, message="no answer in time")
                    results.append(Result(trial=trial, failure=lost))
                    continue
                out = dice.random() < skill
                marks = [
                    min(2.0, max(0.0, round(2 * (2 * skill + dice.gauss(0, 0.6))) / 2)) for _ in range(2)
                ]
                herring = float(dice.random() < skill) if where.red_herrings else None
                said = verdict(*marks, herring, checklist(works=dice.choice(["yes", "no", "undecided"])))
                left = outcome(out=out, progress=dice.random(), unread=dice.randint(0, 2) if not out else 0)
                results.append(result(where.problem_id, spec, said, left if rooms else None, repeat=repeat))
    return run_of(known, results, tuple(players), repeats=repeats)


def contradiction(run: Run, metric: Metric) -> str:
    """Say what two of the five tell differently; "" if nothing."""
    found = ranking(run, metric)
    said = findings.run_sentence(run, found)
    if html.escape(said, quote=True) not in page(run, metric):
        return "the report has another sentence"
    lines = [s for s in found.standings if s.headline is not None and not s.unranked]
    for line in lines[:2]:
        shown = findings.headline_figure(line, found.basis)
        short = f"{line.name} of {shown.partition(' of ')[0]}"  # as of the second in a sentence
        if not {shown in said, short in said, f"{line.headline.mean:.0%}" in said} & {True}:
            return f"{line.name} has {shown} in the table, not in: {said}"
    if len(lines) > 1 and said.index(lines[0].name) > said.index(lines[1].name):
        return "the first in the table is the second in the sentence"
    if gap := re.search(r"gap of (\d+\.\d\d) marks", said):
        a, b = (float(x) for x in re.findall(r"\d+\.\d\d", said)[:2])
        if abs(abs(a - b) - float(gap[1])) > 1e-9:
            return f"{a} and {b} do not give the gap in: {said}"
    drawn = standings(run, metric).set_index("name")["value"].to_dict()
    for line in found.standings:
        if line.headline is not None and abs(drawn[line.name] - line.headline.mean) > 1e-9:
            return f"the picture has {drawn[line.name]} for {line.name}, the table {line.headline.mean}"
    return next((x for line in lines if (x := _against_csv(run, metric, found, line))), "")


def _against_csv(run: Run, metric: Metric, found: Ranking, line: Standing) -> str:
    values: dict[str, dict[str, list[float]]] = {part: defaultdict(list) for part in PARTS}
    for row in csv.rows(run, metric):
        if row["player"] == line.player and row["problem_id"] in found.basis.puzzles:
            for part in PARTS:
                if isinstance(value := row[part], int | float):
                    values[part][str(row["problem_id"])].append(value)
    for part in PARTS:
        shown = getattr(line, part)
        worked = [fmean(x) for x in values[part].values()]
        if shown is not None and worked and abs(shown.mean - fmean(worked)) > 1e-3:
            return f"{part} of {line.name} is {shown.mean:.4f} in the table, {fmean(worked):.4f} by the CSV"
    return ""


FAULTY: tuple[tuple[str, Finish], ...] = (
    ("", "length"),
    ("", "filter"),
    ("", "stop"),
    ("", "tool_call"),
    ("I would think about it.", "stop"),
)


def played_run(dice: random.Random, rooms: list[Puzzle]) -> Run:
    """Draw a run in real rooms: out, stuck, read in part, silent, failed, missing."""
    given = dice.sample(rooms, dice.randint(2, 5))
    players = [ModelSpec(provider="openai", model=m) for m in "abc"[: dice.randint(2, 3)]]
    results = []
    for spec in players:
        for room in given:
            trial = Trial(problem_id=room.problem_id, player=spec.name)
            way = "Moves:\n" + "\n".join(room.world.moves if room.world else ())
            fate = dice.randrange(7)
            if fate == 0:
                continue
            if fate == 1:
                lost = Failure(stage="player", kind=FailureKind.TIMEOUT, message="no answer in time")
                results.append(Result(trial=trial, failure=lost))
                continue
            text, finish = dice.choice(FAULTY) if fate == 2 else (way, "stop")
            text = "Moves:\nlook" if fate == 3 else f"{way}\nso it ends here" if fate == 4 else text
            answer = Answer(text=text, finish_reason=finish, cost_usd=0.0)
            results.append(
                Result(trial=trial, answer=answer, outcome=plans.outcome(room, text, requested=True))
            )
    return run_of(given, results, tuple(players))


def recounted(run: Run) -> dict[str, Counter[str]]:
    """Count how each player's answers ended, by the lines of the run's file."""
    back, found = jsonl.loads(b"".join(jsonl.run_lines(run))), defaultdict[str, Counter[str]](Counter)
    for one in back.results:
        found[one.trial.player][one.result] += 1
    return found


def miscounted(run: Run) -> str:
    """Say where page, report, or CSV of a run in rooms differs from its file; "" if nowhere."""
    found, true = ranking(run, METRICS["verified"]), recounted(run)
    shown = page(run, METRICS["verified"])
    if html.escape(findings.reading_sentence(found), quote=True) not in shown:
        return "the report leaves out what stands beside the figures"
    table = defaultdict[str, Counter[str]](Counter)
    for row in csv.rows(run):
        table[row["player"]][row["result"]] += 1
    for line in found.standings:
        told = findings.remarks(line.tally)
        for what in NOT_READ:
            count = re.search(rf"(\d+){counted(0, what)[1:]}(?:,|$)", told)
            said = int(count[1]) if count else 0
            if not said == true[line.player][what] == table[line.player][what]:
                return f"{what} of {line.name}: {said} in words, {table[line.player][what]} by the CSV"
        if line.headline and line.player in found.basis.players:
            shared = [r["out"] for r in csv.rows(run) if r["player"] == line.player
                      and r["problem_id"] in found.basis.puzzles and r["out"] is not None]  # fmt: skip
            if abs(line.headline.mean - fmean(shared)) > 1e-9:
                return f"{line.name}: {line.headline.mean} in the table, {fmean(shared)} by the CSV"
    return ""


def main(room_runs: int = 300, runs: int = 500) -> None:
    rooms = [p for p in files.load(files.BUNDLED) if playable(p) and p.solvable]
    for seed in range(room_runs):
        if fault := miscounted(played_run(random.Random(seed), rooms)):
            sys.exit(f"run {seed} in rooms: {fault}")
    print(f"{room_runs} runs in rooms: sentence, table, report, and CSV say what the file says")
    for seed in range(runs):
        run = random_run(random.Random(seed))
        for metric in METRICS.values():
            if fault := contradiction(run, metric):
                sys.exit(f"run {seed}, {metric.name}: {fault}")
    print(f"{runs} runs by {len(METRICS)} metrics: sentence, table, picture, report and CSV say the same")
