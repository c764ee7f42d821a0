"""A small line drawing for each thing of a room, by its kind: a bottle, a rope, a tube. Only shapes and words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

# a kind's words, and its lines on a field of 24 by 24
_KINDS = (
    ("bottle flask canister canisters vodka spirit petrol", "M10 2h4v4l2 3v12H8V9l2-3zM8 14h8"),
    ("jug urn carton", "M6 4h9v17H6zM15 8h4v7h-4M6 10h9"),
    ("beaker cup pan plate trough basin tray moat sump pit well", "M5 6h14l-2 14H7zM6 12h12"),
    ("can tin drum column cylinder bell pillar post jar housing",
     "M7 5c0-3 10-3 10 0v14c0 3-10 3-10 0zM7 5c0 3 10 3 10 0"),
    ("pot tub bucket", "M4 9h16l-2 11H6zM6 9c0-7 12-7 12 0"),
    ("bag sack sandbag sleeve", "M8 8c-4 5-5 13 0 13h8c5 0 4-8 0-13zM8 8h8M9 3l-1 5M15 3l1 5"),
    ("rope string cord line loop thread leads", "M3 6c5-5 8 4 4 6s-3 7 2 7 3-10 7-10 4 5 5 9"),
    ("chain net link", "M6 7a3 3 0 0 1 6 0v3a3 3 0 0 1-6 0zM12 14a3 3 0 0 1 6 0v3a3 3 0 0 1-6 0zM9 9v3a3 3 0 0 0 6 0"),
    ("wire coils spring motor transformer capacitor", "M2 12h3c0-8 4-8 4 0s4 8 4 0 4-8 4 0h5"),
    ("tube pipe shaft neck spigot spout gutter drain", "M9 4v16c0 2 6 2 6 0V4M9 4c0 2 6 2 6 0s-6-2-6 0"),
    ("hose", "M4 21V9a4 4 0 0 1 8 0v6a4 4 0 0 0 8 0V3"),
    ("stick pole rod rods cane bar crowbar lever arm broom foot prong graphite", "M4 20L19 5M6 21L21 6M19 5l2 1"),
    ("ruler scale mark notch strip", "M2 9h20v6H2zM6 9v3M10 9v3M14 9v3M18 9v3"),
    ("plank beam ramp rails rail sill", "M2 10h20v4H2zM5 12h5M14 12h4"),
    ("magnet compass", "M5 4v8a7 7 0 0 0 14 0V4h-4v8a3 3 0 0 1-6 0V4zM5 8h4M15 8h4"),
    ("lamp bulb light lights flash house",
     "M12 3a6 6 0 0 1 4 10c-1 1-1 3-1 3H9s0-2-1-3a6 6 0 0 1 4-10zM9 19h6M10 21h4"),
    ("torch", "M2 9h5l4-3h3v12h-3l-4-3H2zM18 8l3-2M18 12h4M18 16l3 2"),
    ("candle wax", "M9 10h6v11H9zM12 10V8M12 3c3 3 1 5 0 5s-3-2 0-5z"),
    ("key", "M7 8a4 4 0 1 0 .1 0zM11 12h10v4M17 12v3"),
    ("door exit gate shutter hatch cell cells passage grille locker", "M6 21V3h12v18M3 21h18M15 12v1"),
    ("window pane slide frame blind card board", "M4 4h16v16H4zM12 4v16M4 12h16"),
    ("wall ceiling slab", "M3 5h18v14H3zM3 12h18M9 5v7M15 12v7"),
    ("floor ground ledge rim edge bench", "M2 16h20M5 16l-3 4M11 16l-3 4M17 16l-3 4M22 16l-3 4"),
    ("shelf table bracket rack stair gallery", "M3 8h18M6 8v12M18 8v12M6 14h12"),
    ("box block cube crate case cabinet drawer equipment chock tower", "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8"),
    ("ball bead float lemon lumps stone pebble bob", "M12 4a8 8 0 1 0 .1 0zM8 9c1-2 3-2 4-2"),
    ("weight weights", "M9 8a3 3 0 1 1 6 0M6 8h12l2 12H4z"),
    ("hook eye clip latch", "M12 2v10a4 4 0 1 1-4 4"),
    ("lock bolt pin plug cork stopper cap lid bung", "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4M12 15v2"),
    ("button buttons keypad switch digits terminals terminal",
     "M6 3h12v18H6zM10 8h.1M14 8h.1M10 12h.1M14 12h.1M10 16h.1M14 16h.1"),
    ("dial ring rings wheel pulley disc crank handle dynamo washer coin thermometer ammeter",
     "M12 3a9 9 0 1 0 .1 0zM12 12l4-5M12 12h.1"),
    ("lens glass goggles film", "M12 3c6 5 6 13 0 18c-6-5-6-13 0-18z"),
    ("mirror", "M12 3a6 7 0 1 0 .1 0zM12 17v4M8 21h8"),
    ("cloth rag blanket mat felt sheet scarf mittens sandpaper bellows rubber",
     "M4 6c3-2 5 2 8 0s5-2 8 0v12c-3-2-5 2-8 0s-5-2-8 0z"),
    ("paper sheets notebook message reference letter roll", "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7"),
    ("ice", "M12 3v18M4 7l16 10M20 7L4 17"),
    ("water oil glycerine liquid", "M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z"),
    ("salt rice sand chalk dust sugar beads grains models",
     "M3 20c4 0 5-9 9-9s5 9 9 9zM9 8h.1M13 6h.1M15 9h.1M10 17h.1M14 16h.1"),
    ("fingers hand hands palm breath mouth mouthpiece whistle fan feather",
     "M7 21v-6l-3-4 2-1 3 3V5h2v7V3h2v9V5h2v9l2-4 2 1-3 6v4z"),
    ("team player partner person", "M12 4a4 4 0 1 0 .1 0zM5 21c0-10 14-10 14 0"),
    ("spanner pliers pincers hammer mallet tool wrench roller",
     "M4 20l9-9M13 11a5 5 0 0 1 5-7l-2 3 1 2 3-1a5 5 0 0 1-7 3z"),
    ("nut screw centre", "M8 4h8l4 8-4 8H8l-4-8zM12 9a3 3 0 1 0 .1 0z"),
    ("funnel", "M3 5h18l-7 8v8l-4-2v-6z"),
    ("battery pair", "M3 8h16v8H3zM19 11h2v2h-2M7 10v4M5 12h4"),
    ("pump", "M8 9h8v12H8zM12 9V3M8 3h8M8 14h8"),
    ("balloon", "M12 3a6 7 0 1 0 .1 0zM12 17l-2 2h4zM12 19c0 1 1 1 1 3"),
    ("fork feeler comb", "M8 3v8a4 4 0 0 0 8 0V3M12 15v7"),
    ("clamp knife tap flap", "M5 4h12v4H9v8h8v4H5zM13 8v3M13 16v-2"),
    ("slot slots hole gap groove niche recess hollow opening", "M4 5h16v14H4zM8 11h8v3H8z"),
    ("grating grid bars", "M4 4h16v16H4zM8 4v16M12 4v16M16 4v16M4 12h16"),
    ("cart", "M3 7h18v8H3zM7 19a1.5 1.5 0 1 0 .1 0zM17 19a1.5 1.5 0 1 0 .1 0z"),
    ("turn turns degrees front end side", "M18 7a8 8 0 1 0 2 6M18 2v5h-5"),
)  # fmt: skip
_BOX = next(lines for words, lines in _KINDS if words.startswith("box"))
_LINES = {word: lines for words, lines in _KINDS for word in words.split()}
STYLE = """.st-key-play_thing button::before{content:"";flex:none;width:1.6rem;height:1.6rem;margin-right:.4rem;
 background:currentColor;opacity:.8;mask:var(--drawing) center/contain no-repeat}"""


def lines_of(thing: str) -> str:
    """The lines of a thing's drawing; "" if its kind is not known. The noun decides: the last word before `of`."""
    for part in (thing.partition(" of ")[0], thing):
        for word in reversed(re.findall(r"[a-z]+", part.casefold())):
            if word in _LINES:
                return _LINES[word]
    return ""


def style(things: Iterable[str]) -> str:
    """The drawings beside the names of a row of buttons, in their order, as CSS. Nothing of a name is in it."""
    rules = []
    for number, thing in enumerate(things, 1):
        shape = quote(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='black' stroke-width='1.7' "
            f"stroke-linecap='round' stroke-linejoin='round'><path d='{lines_of(thing) or _BOX}'/></svg>"
        )
        where = f".st-key-play_thing button:nth-child({number})"
        rules.append(f'{where}{{--drawing:url("data:image/svg+xml,{shape}")}}')
    return f"<style>{STYLE}{''.join(rules)}</style>"
