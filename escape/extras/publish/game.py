"""A page to play without a server: rooms that a small script steps through, and bets on others' plans.

A room is written out as its rules, a plan with what the room said to each line. Nothing is typed and nothing is sent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from escape.environments.rooms import NOTHING, VERBS, room_of
from escape.puzzles import bets
from escape.results import whole_page
from escape.types import Puzzle, escaped

BETS = 8  # rows of five
_STYLE = """body{max-width:44rem}button{font:inherit;min-height:2.4rem;padding:.3rem .8rem;margin:.15rem;cursor:pointer;
border:1px solid #8a8171;border-radius:.4rem;background:transparent;color:inherit}
button[aria-pressed=true],button.main{background:#8a5a00;color:#fff;border-color:#8a5a00}
button:focus-visible{outline:3px solid #c98a1b;outline-offset:2px}ol{padding-left:1.4rem}[hidden]{display:none}"""
_SCRIPT = Path(__file__).with_name("game.js")


def page(rooms: Sequence[Puzzle], every: Sequence[Puzzle], live: str = "") -> str:
    """The whole page. `rooms`: to be left by hand; `every`: whose plans are bet on; `live`: the address of a page where
    models are tested, "" for none.
    """
    data = {
        "rooms": [_room(p) for p in rooms],
        "bets": [[_bet(b) for b in bets.drawn(list(every), f"static {n}")] for n in range(BETS)],
        "nothing": NOTHING,
        "free": [name for name, verb in VERBS.items() if verb.free],
    }
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    link = f'<p><a href="{escaped(live)}">Test a model of your own on the live page</a></p>' if live else ""
    parts = [
        "<p class=lead>Can you get out? And can you tell whether somebody's plan does?</p>",
        f"{link}<h2>Out or stuck?</h2><p id=bet role=status></p><p id=bet_told></p><p id=bet_limits></p>",
        '<ol id=plan aria-label="The plan"></ol><p id=why role=status></p><div id=calls></div>',
        "<h2>Get out of a room</h2><div id=rooms role=group aria-label=Rooms></div><p id=told></p><p id=limits></p>",
        '<div id=things role=group aria-label="Touch a thing"></div>'
        '<div id=verbs role=group aria-label="What do you do with it?"></div>'
        '<div id=seconds role=group aria-label="To, on or with what?"></div>',
        '<ol id=said aria-label="Moves so far" aria-live=polite></ol><p id=end class=lead role=status></p>',
        f'<script type="application/json" id=data>{packed}</script>',
    ]
    script = _SCRIPT.read_text("utf-8")
    return whole_page("Escape: play without a server", "Escape, to play", parts, _STYLE, script)


def _room(puzzle: Puzzle) -> dict[str, Any]:
    room = room_of(puzzle)

    def where(facts: object) -> list[list[object]]:
        return [[room.facts.index(fact), value] for fact, value in dict(facts).items()]  # type: ignore[call-overload]

    return {
        **_told(puzzle),
        "things": [t for t in room.things if any(act[1] == t for act in room.acts)],
        "start": list(room.start),
        "goal": where(room.world.goal),
        "rules": [{"when": where(r.when), "then": where(r.then), "say": r.say} for r in room.world.rules],
        "acts": [[*act, list(room.rules_for(act))] for act in room.acts],
        "shortest": room.graph.moves_left[room.start],
    }


def _told(puzzle: Puzzle) -> dict[str, str]:
    return {"name": puzzle.name, "told": puzzle.setup.scenario, "limits": " ".join(puzzle.setup.constraints)}


def _bet(bet: bets.Bet) -> dict[str, Any]:
    return {
        **_told(bet.puzzle),
        "by": bet.by,
        "lines": list(bet.lines),
        "said": [step.said for step in bet.steps],
        "out": bet.out,
        "why": bet.why,
    }
