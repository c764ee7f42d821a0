"""What is said of the rooms' own error is what the bench counts, everywhere it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from escape.results import card
from tools.bench.reading import cases

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.proof
def test_the_figures_beside_a_result_are_those_that_the_bench_counts() -> None:
    sealed = [c for c in cases() if c.half == "sealed"]
    for style, told in zip(("form", "loose", "prose"), card.WRITING_STYLES, strict=True):
        mine = [c for c in sealed if c.style == style]
        assert told[1:] == (
            sum(c.sound for c in mine),
            sum(c.sound and not c.out for c in mine),
            sum(c.sound and not c.mended_out for c in mine),
            sum(not c.sound for c in mine),
            sum(not c.sound and c.mended_out for c in mine),
        )


def test_readme_and_page_say_the_same() -> None:
    sound, kept_in, mended_in = (
        sum(getattr(s, n) for s in card.WRITING_STYLES) for n in ("sound", "kept_in", "kept_in_repaired")
    )
    (told,) = re.findall(r"[Oo]f (\d+) sound plans .*?,\s+(\d+) were refused \(", card.error_sentence(), re.DOTALL)
    assert list(told) == [str(sound), str(kept_in)]
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert (
        f"Of {sound} valid plans by language models that saw only the prompt, {sound - kept_in} got out as written"
        in readme
    )
    assert f"and {sound - mended_in} after the one repair" in readme
    unsound, out, mended = (str(sum(getattr(s, n) for s in card.WRITING_STYLES))
                            for n in ("unsound", "let_out", "kept_in_repaired"))  # fmt: skip
    said = card.error_sentence()
    assert re.findall(r"[Oo]f (\d+) unsound plans (\d+) got out", said) == [(unsound, out)]
    assert f"{mended} were still refused" in said


def test_the_docs_have_the_same_table() -> None:
    table = (ROOT / "docs/judging.md").read_text("utf-8")
    for style in card.WRITING_STYLES:
        row = next(line for line in table.splitlines() if line.startswith(f"| {style.name} |"))
        told = [tuple(map(int, pair)) for pair in re.findall(r"(\d+) of (\d+) \(", row)]
        assert told == [
            (style.sound - style.kept_in, style.sound),
            (style.sound - style.kept_in_repaired, style.sound),
            (style.let_out, style.unsound),
        ]
