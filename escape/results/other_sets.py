"""What stands beside the main figure: easy rooms, told rooms, and what chance gets out of."""

from __future__ import annotations

from escape.puzzles import EASY, ROOMS
from escape.results.digest import names, own_players, rooms
from escape.results.findings import results_sentence
from escape.results.pairs import twisted
from escape.results.ranking import Ranking
from escape.results.sets import CHANCE, by_chance, follows, main_set, of_set, sets
from escape.results.wording import join_and
from escape.types import Run


def run_sentence(run: Run, ranked: Ranking, remark: str = "") -> str:
    """Return the headline of a run, its easy and told rooms last. `remark` stands between."""
    lead = results_sentence(ranked) if sets(run) else ""
    return " ".join(filter(None, (lead, remark, easy_sentence(run), told_sentence(run))))


def easy_sentence(run: Run) -> str:
    """`Of the easy rooms: claude-haiku 20 of 24, gpt-4o-mini 9 of 24.`. "" where they are no set beside others."""
    easy = of_set(run, EASY) if main_set(run) != EASY else None
    outs = rooms(easy) if easy and easy.puzzles else {}
    each = [f"{names(run)[p]} {sum(outs[p].values()):.3g} of {len(outs[p])}" for p in own_players(run) if outs.get(p)]
    return f"Of the easy rooms: {join_and(each)}." if each else ""


def told_sentence(run: Run) -> str:
    """Return who follows the form, and what follows where somebody does not. "" if told rooms were not asked."""
    each = [
        f"{names(run)[player]} {follow.sentence}. {follow.doubt}".strip() for player, follow in follows(run).items()
    ]
    return " ".join(each)


def chance_sentence(run: Run) -> str:
    """`By chance: random moves get out of 1 of 24 easy, 0 of 30 rooms; ...`. "" where no room can be carried out."""
    each = [
        f"{CHANCE[control]} get{'s' if control == 'everything' else ''} out of "
        + ", ".join(f"{outs} of {of} {'rooms' if name == ROOMS else name}" for name, (outs, of) in shares.items())
        for control, shares in by_chance(run).items()
    ]
    return f"By chance: {'; '.join(each)}." if each else ""


def twists_sentence(run: Run) -> str:
    """`Originals, twists, both out: gpt-5 10, 4, 4 of 12.`. "" where nobody played both forms of a room."""
    lines = twisted(run)
    if not lines:
        return ""
    each = [f"{x.name} {_number(x.originals)}, {_number(x.twists)}, {_number(x.both)} of {x.of}" for x in lines]
    figures = f"Originals, twists and both right: {'; '.join(each)}."
    without = max(line.of_no_way for line in lines)
    given_up = "; ".join(f"{x.name} {_number(x.no_way)}" for x in lines)
    counted = f" {without} of the twists have no way out: {given_up}." if without else ""
    remember = [line.name for line in lines if line.remembers]
    memory = f" {', '.join(remember)} may know the originals by heart." if remember else ""
    return figures + counted + memory


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
