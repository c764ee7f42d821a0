"""How far to trust a result: all that a reader must know before believing it, in one box."""

from __future__ import annotations

import streamlit as st

from escape import models
from escape.judges import JUDGES, doubts, kept
from escape.metrics import LABELS
from escape.puzzles import RECORDED
from escape.results import (
    Ranking,
    basis_sentence,
    card_sentence,
    count,
    digest,
    error_sentence,
    listed,
    names,
    places_sentence,
    reading_sentence,
    silence_sentence,
)
from escape.types import Run
from escape.ui import text
from escape.ui.session import EXAMPLE

HOW_MARKED = (
    "A judge goes through the answer with a list made from the reference: each principle, each step, each red herring, "
    "and whether the plan would work. Every yes must quote the answer. "
    f"{LABELS['pus']} (PUS) is 2 times the share of principles shown. {LABELS['sps']} (SPS) adds the share of steps "
    f"done, up to 1, and whether the plan works, up to 1. {LABELS['rhh']} (RHH) is 1 where no red herring is used. "
    "Where an answer has moves, the room carries them out, and decides whether the plan works. Where neither room nor "
    "judge can tell, the steps count twice."
)


def show(run: Run, ranking: Ranking) -> None:
    """What must stand beside the headline, and the box with the rest."""
    in_full = reading_sentence(ranking)
    long = sum(bool(s.tally.silent) for s in ranking.standings) > 1 and not any(
        s.tally.unasked for s in ranking.standings
    )
    beside = [
        run.title + "." if run.title and run.title != EXAMPLE else "",
        _scripted(run),
        basis_sentence(ranking),
        silence_sentence(ranking) if long else in_full,
    ]
    text.quiet(" ".join(filter(None, beside)))
    with st.expander("How far to trust this", key="trust"):
        rooms = error_sentence() if digest(run).tallies and any(t.plans for t in digest(run).tallies.values()) else ""
        for line in filter(None, [in_full if long else "", places_sentence(ranking), rooms, *_judged(run), _card(run)]):
            text.quiet(line)
        text.heading("How is this marked?")
        text.quiet(HOW_MARKED)


def _scripted(run: Run) -> str:
    players = digest(run).players
    recorded = [names(run)[p] for p in players if p.startswith(f"{RECORDED}:")]
    scripted = [p for p in players if models.is_scripted(p)]
    others = len(players) - len(recorded) - len(scripted)
    alone = len(scripted) == len(players) and not kept(digest(run).judges)  # readers were models
    sentences = []
    if recorded:
        real = "recorded answers of real models."
        sentences.append(f"{listed(recorded)}: {real}" if others or len(scripted) > 1 else real.capitalize())
    if scripted != ["control:by-heart"] and scripted:
        no_model = "no model was asked" if alone else "their answers come from no model"
        sentences.append(f"Demo and control players are scripted: {no_model}.")
    if "control:by-heart" in scripted:
        sentences.append("by-heart is a script that recites known ways.")
    return " ".join(sentences)


def _judged(run: Run) -> list[str]:
    """What the judge cannot do, and what it met."""
    design = JUDGES.get(run.config.judge.design)
    sentences = [design.explanation] if design and design.by_words else []
    return sentences + [f"{flag} ({count(n, 'answer')})." for flag, n in digest(run).flags.most_common(3)]


def _card(run: Run) -> str:
    """The judge's report card in a line, beside every result that it marked."""
    judges = list(digest(run).judges)
    cards = {c.judge: c for c in run.cards}
    sentences = [card_sentence(cards[j], doubts(cards[j])) for j in judges if j in cards]
    if sentences:
        return " ".join(sentences)
    if whose := kept(judges):
        return whose.worth
    return (
        "This judge has not been tested here; you can test it below, under How good is the judge?"
        if judges and digest(run).answers
        else ""
    )
