"""Plans to watch: each is carried out again, with one frame per move, and each frame is drawn as SVG.

Items are "yours", things are "in the room"; "changed" lists the facts that a move changed. Where carrying a
move out again gives another text, as in a run read by other rules, its frame has only the stored text.
"""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from escape.results.drawings import box, drawing_of
from escape.rooms import RoomEpisode, attempt, playable
from escape.types import MoveResult, Outcome, PlayedBy, Puzzle, escaped, normalized_name

Facts = tuple[tuple[str, str], ...]  # (fact, its value)


class Frame(NamedTuple):
    """One move of a plan, its reply, the things that it names and the facts that it changed.

    `number`: from 1. `lost`: this move left no way out. `over`: there is no way out from here on. `out`: the
    door is open. `known`: carrying the move out again gave the same reply; else `changed` is empty.
    """

    number: int
    move: str
    said: str
    moved: frozenset[str] = frozenset()
    changed: Facts = ()
    lost: bool = False
    over: bool = False
    out: bool = False
    known: bool = True


class Film(NamedTuple):
    """The frames of a plan, and the things in each: the player's (`yours`) and the room's (`room`)."""

    yours: tuple[str, ...]
    room: tuple[str, ...]
    frames: tuple[Frame, ...]

    @property
    def lost_at(self) -> int:
        """The number of the frame after which there was no way out. 0 if there is none."""
        return next((frame.number for frame in self.frames if frame.lost), 0)


def frames(puzzle: Puzzle, outcome: Outcome, protocol: PlayedBy = "plan") -> Film:
    """Carry a stored plan out again, and record a frame for each of its steps."""
    episode = attempt(puzzle, protocol) if playable(puzzle) else None
    made = []
    for number, step in enumerate(outcome.steps, 1):
        changed = None if episode is None else _changed_facts(episode, step)
        if changed is None:
            episode = None  # nothing after it can be known either
        over = outcome.lost_at is not None and number >= outcome.lost_at
        last = number == len(outcome.steps)
        moved = _named(puzzle, step.move) if step.understood else frozenset()
        made.append(
            Frame(number, step.move, step.said, moved, changed or (), number == outcome.lost_at, over,
                  last and outcome.out and puzzle.solvable, changed is not None)
        )  # fmt: skip
    things = puzzle.world.things if puzzle.world else ()
    return Film(puzzle.setup.available_items, things, tuple(made))


def _changed_facts(episode: RoomEpisode, step: MoveResult) -> Facts | None:
    """Carry a step out; return the facts that it changes. None if the room replies differently today.

    The reply to a free move is not compared, since what looking reveals depends on who looks.
    """
    before, told = episode.state, len(episode.steps)
    if not step.understood:  # nothing was done
        return ()
    episode.do(step.move)
    again = episode.steps[told:]
    if len(again) != 1 or again[0].changed != step.changed or not (step.free or again[0].said == step.said):
        return None
    pairs = zip(episode.room.facts, before, episode.state, strict=True)
    return tuple((fact, value) for fact, was, value in pairs if was != value)


def _named(puzzle: Puzzle, move: str) -> frozenset[str]:
    """Find the items and things that a move names."""
    words = f" {normalized_name(move)} "
    every = [*puzzle.setup.available_items, *(puzzle.world.things if puzzle.world else ())]
    return frozenset(thing for thing in every if _plain(thing) in words)


def _plain(thing: str) -> str:
    """Normalize a thing's name, without a remark in brackets behind it."""
    return normalized_name(thing.partition("(")[0])


class Layout(NamedTuple):
    """Measures of a drawing in its own pixels.

    `field`: the width of a thing. `in_a_row`: how many things. `row`: its height. `move`, `said`, `name`: the
    font size and the characters per line of the move, the reply and a thing's name.
    """

    width: int
    field: int
    in_a_row: int
    row: int
    move: tuple[int, int]
    said: tuple[int, int]
    name: tuple[int, int]


PHONE = Layout(480, 112, 4, 76, (19, 38), (16, 54), (14, 15))
BOARD = Layout(960, 116, 8, 84, (25, 62), (20, 84), (17, 12))  # drawn twice as large: 32 pixels are the least
INK, QUIET, BRASS, RED, PAPER = "#2b2620", "#6d6558", "#8b5a00", "#b3321b", "#fbf8f1"
XMLNS = ' xmlns="http://www.w3.org/2000/svg"'  # of a file of its own; inside HTML it is not needed


def frame_svg(film: Film, number: int, *, wide: bool = False) -> str:
    """Draw one frame as SVG: the move, the door, the room's reply, rows of things, and what changed.

    `wide`: for a projector instead of a phone.
    """
    frame, by = film.frames[number - 1], BOARD if wide else PHONE
    parts, y = _wrapped_text(f"{number} of {len(film.frames)}: {frame.move}", 32, by.move, weight=600)
    parts.append(_door(by.width - 56, 16, by.name[0], is_open=frame.out))
    drawn, y = _wrapped_text(frame.said, max(y, 100) + 6, by.said)
    parts += drawn
    if frame.lost or frame.over:
        words = "From here on there was no way out." if frame.lost else "There is no way out any more."
        drawn, y = _wrapped_text(words, y + 4, by.said, fill=RED, weight=600)
        parts += drawn
    for name, things in (("yours", film.yours), ("in the room", film.room)):
        drawn, y = _row_of_things(
            name, [(thing.partition("(")[0].strip(), thing in frame.moved) for thing in things], y, by
        )
        parts += drawn
    if frame.known:
        changed = [(f"{fact}: {value}", True) for fact, value in frame.changed]
        drawn, y = _row_of_things("changed" if changed else "changed: nothing", changed, y, by)
        parts += drawn
    return (
        f'<svg{XMLNS} viewBox="0 0 {by.width} {y}" role="img" font-family="system-ui, '
        f'sans-serif"><title>{escaped(describe_frame(film, number))}</title><rect width="100%" height="100%" '
        f'rx="8" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


MOST_FILMS, MOST_FRAMES = 200, 60  # in one page, and of one plan in it
STYLE = (
    ".film{margin:.5rem 0}.reel{display:flex;overflow-x:auto;scroll-snap-type:x "
    "mandatory;max-width:30rem}.reel svg{flex:0 0 100%;scroll-snap-align:start;height:auto}.film "
    "button{font:inherit;padding:.2rem .8rem}@media(prefers-reduced-motion:reduce){.reel{display:block}.film "
    "button{display:none}}@media print{.reel{display:block}.film button{display:none}}"
)
SCRIPT = """
for (const film of document.querySelectorAll('.film')) {
  const reel = film.querySelector('.reel'), button = film.querySelector('button');
  let clock = 0;
  const stop = () => { clearInterval(clock); clock = 0; button.textContent = 'Play'; };
  button.hidden = false;
  button.onclick = () => {
    if (clock) return stop();
    if (reel.scrollLeft + reel.clientWidth > reel.scrollWidth - 5) reel.scrollLeft = 0;
    button.textContent = 'Pause';
    clock = setInterval(() => {
      reel.scrollLeft += reel.clientWidth;
      if (reel.scrollLeft + reel.clientWidth > reel.scrollWidth - 5) stop();
    }, 1800);
  };
}
"""


def reel(film: Film, name: str) -> str:
    """Render the frames of a film, at most MOST_FRAMES, as HTML to scroll sideways or to play by SCRIPT.

    On paper, and for those who prefer reduced motion, the frames stand one below another.
    """
    shown = min(len(film.frames), MOST_FRAMES)
    pictures = "".join(frame_svg(film, number) for number in range(1, shown + 1)).replace(XMLNS, "")
    return (
        f"<details class=film><summary>{escaped(name)}</summary><div class=reel tabindex=0 role=group "
        f'aria-label="{len(film.frames)} frames">{pictures}</div><button type=button '
        "hidden>Play</button></details>"
    )


def describe_frame(film: Film, number: int) -> str:
    frame = film.frames[number - 1]
    changed = ", ".join(f"{fact}: {value}" for fact, value in frame.changed)
    parts = [
        f"Move {number} of {len(film.frames)}: {frame.move}",
        frame.said,
        f"Changed: {changed}" if changed else "",
    ]
    if frame.lost:
        parts.append("From here on there was no way out")
    elif frame.out:
        parts.append("The door is open")
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _row_of_things(
    name: str, things: Sequence[tuple[str, bool]], y: int, by: Layout
) -> tuple[list[str], int]:
    """Draw a row of things under its name. Return the SVG parts, and the y below them.

    `things`: pairs of a name and whether to highlight it.
    """
    size, fit = by.name
    parts = [_text(16, y + size, name, size, QUIET)]
    y += size + 8
    shapes, labels = [], []
    for n, (thing, moved) in enumerate(things):
        x, top = 12 + by.field * (n % by.in_a_row), y + by.row * (n // by.in_a_row)
        noun = thing.partition(":")[0]  # of a fact, its thing
        stroke, fill = (f' stroke="{BRASS}" stroke-width="2.4"', f' fill="{BRASS}"') if moved else ("", "")
        at = f"translate({x + by.field // 2 - 18} {top}) scale(1.5)"
        shapes.append(f'<path d="{drawing_of(noun) or box()}" transform="{at}"{stroke}/>')
        for k, line in enumerate(textwrap.wrap(thing, fit)[:2]):
            labels.append(
                f'<text x="{x + by.field // 2}" y="{top + 50 + (size + 1) * k}"{fill}>{escaped(line)}</text>'
            )
    parts.append(
        f'<g fill="none" stroke="{INK}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">'
        f"{''.join(shapes)}</g>"
        f'<g font-size="{size}" fill="{QUIET}" text-anchor="middle">{"".join(labels)}</g>'
    )
    return parts, y + by.row * -(-len(things) // by.in_a_row)


def _door(x: int, y: int, size: int, *, is_open: bool) -> str:
    frame = (
        f'<rect x="{x}" y="{y}" width="34" height="54" fill="{"none" if is_open else "#8a8171"}" '
        'stroke="#8a8171"/>'
    )
    leaf = f'<path d="M{x} {y}l25 7v47h-25z" fill="#c98a1b"/>' if is_open else ""
    said = f'<text x="{x + 17}" y="{y + 56 + size}" font-size="{size}" fill="{QUIET}" text-anchor="middle">'
    return f"<g>{frame}{leaf}{said}{'open' if is_open else 'door shut'}</text></g>"


def _wrapped_text(
    words: str, y: int, size: tuple[int, int], *, fill: str = INK, weight: int = 400, most: int = 5
) -> tuple[list[str], int]:
    """Draw a text in lines, at most `most`. Return the SVG parts, and the y below them.

    `size`: the font size and the characters per line.
    """
    points, fit = size
    lines = textwrap.wrap(words, fit)[:most]
    return [
        _text(16, y + n * (points + 6), line, points, fill, weight=weight) for n, line in enumerate(lines)
    ], (y + len(lines) * (points + 6))


def _text(x: int, y: int, words: str, size: int, fill: str = INK, *, weight: int = 400) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return f'<text x="{x}" y="{y}" font-size="{size}"{bold} fill="{fill}">{escaped(words)}</text>'
