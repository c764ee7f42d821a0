"""The example's readers mark the demo players' own answers and nothing else; the docs have their figures."""

import json
from pathlib import Path

from escape.judges import SCORES, precomputed
from escape.judges.examined.agreement import VerdictPair, on_score, paired_marks
from escape.puzzles import files, marks_of_recorded

PLAYERS = (Path(__file__).parents[2] / "docs/players.md").read_text("utf-8")
JUDGING = (Path(__file__).parents[2] / "docs/judging.md").read_text("utf-8")
PUZZLES = {p.problem_id: p for p in files.shared(files.BUNDLED)}


def figures(rows: list[VerdictPair]) -> list[tuple[str, str]]:
    """Kappa and bias on Physical Understanding and Solution Path, as the docs have them."""
    found = [on_score(score, paired_marks(rows, score)) for score in SCORES[:2]]
    return [(f"{a.kappa.value:.2f}", f"{a.bias.value:.2f}") for a in found]


def test_the_docs_say_on_how_many_items_the_two_disagree() -> None:
    lines = [json.loads(line) for line in marks_of_recorded()]
    votes = [v for line in lines for part in ("principles", "steps", "herrings") for v in line[part].values()]
    differ = sum(first != second for first, second, _ in votes)
    assert f"{differ} of {len(votes):,} items" in " ".join(PLAYERS.split())


def test_kept_marks_are_named_only_where_all_are_kept() -> None:
    whose = precomputed(["readers"])
    assert whose is not None
    assert whose.precomputed.endswith("two language models, blind.")
    assert (precomputed([]), precomputed(["room"]), precomputed(["readers", "room"])) == (None, None, None)
