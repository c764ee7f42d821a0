"""The offline judge from many threads at once, as runs and visitors use it: each stem and mark as in one thread."""

from __future__ import annotations

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import snowballstemmer

from escape.judges.examined import exam
from escape.judges.ideas import Rubric, words
from escape.types import NotJudged, Puzzle, Scores


def vocabulary() -> list[str]:
    """Every word of the labelled answers."""
    files = (Path(words.__file__).parent.parent).rglob("*.jsonl")
    text = " ".join(line for file in files for line in file.read_text("utf-8").splitlines())
    return sorted(set(words.words(text)))


def test_eight_threads_stem_every_word_as_one_does() -> None:
    every = vocabulary()
    assert len(every) > 2_000
    alone = snowballstemmer.stemmer("english")
    expected = {w: alone.stemWord(w) if w != "glasses" else w for w in every}

    def all_of_them(seed: int) -> dict[str, str]:
        order = random.Random(seed).sample(every, len(every))
        return {word: words.stem.__wrapped__(word) for word in order}

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # as if many cores were at it
    try:
        with ThreadPoolExecutor(8) as pool:
            for found in pool.map(all_of_them, range(8)):
                assert found == expected
    finally:
        sys.setswitchinterval(before)


@pytest.mark.proof
def test_marks_from_eight_threads_are_those_of_a_serial_pass(every: list[Puzzle]) -> None:
    cases = exam.labelled_answers(exam.BUNDLED.read_text("utf-8"))[:120]
    by_id = {p.problem_id: p for p in every}

    def marks(_: int = 0) -> list[Scores | None]:
        judge = Rubric(every)
        made: list[Scores | None] = []
        for case in cases:
            try:
                made.append(judge.verdict(by_id[case.problem_id], case.answer).scores)
            except NotJudged:
                made.append(None)
        return made

    alone = marks()
    words.stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert all(found == alone for found in pool.map(marks, range(8)))
