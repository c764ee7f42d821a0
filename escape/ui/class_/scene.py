"""The scene on a class's board: its content, its drawing, and the buttons that turn it."""

from typing import Literal, NamedTuple
from urllib.parse import quote

import streamlit as st

from escape.classes import (
    Act,
    Place,
    Round,
    SceneContent,
    SceneData,
    SceneName,
    Script,
    Teacher,
    shown,
    steps,
)
from escape.results import pluralize
from escape.store import ClassRow
from escape.types import EscapeError
from escape.ui import text
from escape.ui.class_ import lessons, notes, way_in
from escape.ui.class_.rounds import next_round
from escape.ui.session import Session

# of others: SECOND_LOOK
NAMES: dict[SceneName, str] = {
    "join": "Join",
    "task": "The task",
    "count": "The count",
    "result": "The result",
    "differ": "One disagreement",
    "home": "To take home",
}
SECOND_LOOK = "A second look"
AGAIN: dict[SceneName, str] = {
    "draws": "draw again",
    "weights": "a smaller weight",
    "film": "the next move",
    "clause": "another clause",
}


class Stage(NamedTuple):
    """A class as it is now: its row, its rounds, its script, and the place where the board is."""

    about: ClassRow
    rounds: list[Round]
    script: Script
    place: Place

    @property
    def act(self) -> Act | None:
        return self.script.act(self.place)

    @property
    def lesson(self) -> str:
        return self.script.lesson(self.place)

    @property
    def title(self) -> str:
        return lessons.title_of(self.lesson, self.about.title)


def stage(teacher: Teacher) -> Stage:
    about, rounds = teacher.about(), teacher.rounds()
    class_script = lessons.script_of(about.title, rounds)
    return Stage(about, rounds, class_script, class_script.within(about.scene))


def scene_name(scene: SceneName) -> str:
    return NAMES.get(scene, SECOND_LOOK)


def note(now: Stage) -> notes.SceneNotes | None:
    """Find the lesson's note for the current scene. None for a round that no lesson planned."""
    told = notes.lessons()[now.lesson].scenes if now.lesson else ()
    planned = lessons.LESSONS[now.lesson].scenes.split() if now.lesson else []
    of_lesson = [
        p for p, key in zip(now.script.places, now.script.lesson_of, strict=True) if key == now.lesson
    ]
    same = [p for p in of_lesson if p.name == now.place.name]
    nth = next((n for n, p in enumerate(same) if p.number == now.place.number), 0)
    places = [n for n, scene in enumerate(planned) if scene == now.place.name]
    return told[places[nth]] if nth < len(places) and len(told) == len(planned) else None


def seen(teacher: Teacher, now: Stage) -> SceneData | None:
    """Collect what was written in the scene's round, and in the last revealed one of its kind before it.

    None until the round is revealed.
    """
    act = now.act
    if act is None or act.held is None or act.held.state != "revealed":
        return None
    held = act.held
    rooms = teacher.rooms(held.settings.written) if held.settings.kind == "review" else ()
    run = teacher.run(None if held.settings.kind == "write" else held)
    before = [r for r in now.rounds if r.settings.kind == held.settings.kind and r.number < held.number]
    earlier = next((r for r in reversed(before) if r.state == "revealed"), None)
    compared = SceneData(earlier, teacher.entries(earlier), teacher.run(earlier)) if earlier else None
    return SceneData(held, teacher.entries(held), run, rooms, compared)


def content(teacher: Teacher, now: Stage) -> SceneContent:
    place, act, told = now.place, now.act, note(now)
    if place.name == "join":
        n = sum(m.standing == "in" for m in teacher.members())
        return SceneContent(now.title, (f"{pluralize(n, 'person', 'people')} here.",))
    if place.name == "home":
        idea = notes.lessons()[now.lesson].idea if now.lesson else "Thank you."
        return SceneContent(idea, (told.board if told else "",))
    if act is None:
        return SceneContent(now.title)
    task = next_round.round_name(act.step)
    if place.name == "task":
        return SceneContent(told.board, (task,)) if told and told.board else SceneContent(task)
    written = seen(teacher, now)
    if written is None or place.name == "count":
        asked = note(now._replace(place=Place("task", act.number)))
        return _count_scene(teacher, act, task, asked.board if asked else "")
    return shown(place, written)


def _count_scene(teacher: Teacher, act: Act, task: str, question: str) -> SceneContent:
    if act.held is None:
        return SceneContent(question or task, ("The round has not begun.",))
    n_members = sum(m.standing == "in" for m in teacher.members())
    wrote, things, n_things = next_round.count_handed_in(teacher, act.held, n_members)
    over = "" if act.held.state == "open" else ", closed"
    people = (
        f"{wrote} of {pluralize(n_members, 'person', 'people')} {'have' if wrote != 1 else 'has'} handed in"
    )
    each_hands_in_one = n_things in (0, n_members)
    title = f"{people}{over}" if each_hands_in_one else f"{things} of {n_things} handed in{over}"
    bars = (("in", things), ("to come", max(0, n_things - things))) if n_things else (("in", things),)
    return SceneContent(title, (question or task, "" if each_hands_in_one else f"{people} something."), bars)


def n_steps(teacher: Teacher, now: Stage) -> int:
    return steps(now.place, seen(teacher, now)) if now.place.name in AGAIN else 1


def backward(teacher: Teacher, now: Stage) -> Place | None:
    """Find where *Back* leads: a step back, or the last step of the scene before. None at the start."""
    to = now.script.before(now.place)
    if to is None or to.name not in AGAIN or to[:2] == now.place[:2]:
        return to
    return to._replace(at=n_steps(teacher, now._replace(place=to)))


def forward(teacher: Teacher, now: Stage) -> tuple[Place | None, str]:
    """Find where *Next* leads, and word what it does there. (None, "") at the end of all scenes.

    While a round is not revealed, the count leads to itself: the press opens, closes or reveals the round.
    """
    act = now.act
    if now.place.name == "count" and act and (act.held is None or act.held.state != "revealed"):
        if act.held is None:
            return now.place, _opening(now, act)
        return now.place, "close the round" if act.held.state == "open" else "reveal"
    to = now.script.after(now.place, n_steps(teacher, now))
    if to is None:
        return None, ""
    coming = now.script.act(to)
    if to.name == "count" and coming and coming.held is None:
        return to, _opening(now, coming)
    if to[:2] == now.place[:2]:
        return to, AGAIN.get(to.name, "")
    return to, scene_name(to.name).lower()


def _opening(now: Stage, act: Act) -> str:
    """Word the opening of a round, with the minutes that its lesson plans for it."""
    told = note(now._replace(place=Place("task", act.number)))
    return f"open the round ({told.minutes} min)" if told and told.minutes else "open the round"


def turn(state: Session, teacher: Teacher, was: Stage, to: Place) -> None:
    """Turn the board to a scene; at the count, also open, close or reveal the round.

    Do nothing if another window has turned it meanwhile: the scene that the press was meant for is over.
    """
    try:
        now = stage(teacher)
        if (now.place, _states(now)) == (was.place, _states(was)):
            _turn_to(teacher, now, to)
    except EscapeError as error:
        state.say("board", str(error))


def _states(now: Stage) -> list[tuple[int, str]]:
    return [(one.id, one.state) for one in now.rounds]


def _turn_to(teacher: Teacher, now: Stage, to: Place) -> None:
    act = now.script.act(to)
    back = now.script.index(to) < now.script.index(now.place)
    if to.name != "count" or act is None or back:
        teacher.show(to)
    elif act.held is None:
        teacher.start(next_round.settings(teacher, act.step.kind, checklist=act.step.checklist))
    elif to != now.place:
        teacher.show(to)
    elif act.held.state == "open":
        teacher.close(act.held)
    else:
        teacher.reveal(act.held)


def render_buttons(state: Session, teacher: Teacher, now: Stage, *, on_board: bool) -> None:
    """Draw *Back* and *Next*, which the arrow keys and a presenter's remote press too.

    `on_board`: without saying what *Next* does.
    """
    to, does = forward(teacher, now)
    back = backward(teacher, now)
    label = "Next" if on_board or not does else f"Next: {does}"
    quiet: Literal["tertiary", "secondary"] = "tertiary" if on_board else "secondary"
    with st.container(horizontal=True, key="turning"):
        st.button("Back", key="back", type=quiet, disabled=back is None, on_click=turn, shortcut="Left",
                  args=(state, teacher, now, back or now.place))  # fmt: skip
        st.button(
            label,
            key="next",
            type=quiet if on_board else "primary",
            disabled=to is None,
            on_click=turn,
            shortcut="Right",
            args=(state, teacher, now, to or now.place),
        )
    with st.container(key="remote"):  # not drawn: a button has one key, and a remote sends others
        st.button("Back", key="back_remote", disabled=back is None, on_click=turn, shortcut="PageUp",
                  args=(state, teacher, now, back or now.place))  # fmt: skip
        st.button("Next", key="next_remote", disabled=to is None, on_click=turn, shortcut="PageDown",
                  args=(state, teacher, now, to or now.place))  # fmt: skip


def render(what: SceneContent, code: str, *, joining: bool = False, small: bool = False) -> None:
    """Draw a scene over the whole width, or small. class.css sizes it in shares of that width (cqw).

    `joining`: with a QR code for the class's address, else with the address in a corner.
    """
    e = text.escaped
    tag = "p" if small else "h1"
    parts = [
        f'<{tag} class="t">{e(what.title)}</{tag}>',
        *(f"<p>{e(words)}</p>" for words in what.words if words),
    ]
    if what.bars:
        most = max(n for _, n in what.bars) or 1
        bars = "".join(
            f'<span>{e(b)}</span><i style="width:{100 * n / most:.0f}%"></i><b>{n}</b>' for b, n in what.bars
        )
        parts.append(f'<div class="bars">{bars}</div>')
    if what.rows:
        rows = "".join(f"<dt>{e(row)}</dt><dd>{e(said)}</dd>" for row, said in what.rows)
        parts.append(f"<dl>{rows}</dl>")
    if what.quote:
        parts.append(f"<blockquote>{e(what.quote)}</blockquote>")
    if what.picture:
        parts.append(f'<img alt="{e(what.alt)}" src="data:image/svg+xml,{quote(what.picture)}">')
    late = way_in.invitation(code, small=small) if joining else way_in.in_a_corner(code)
    size = f"{'esc-small' if small else 'esc-large'}{' esc-pictured' if what.picture else ''}"
    role = 'role="group" aria-label="The board now"' if small else 'role="status"'
    st.html(f'<section class="esc-scene {size}" {role}><div>{"".join(parts)}{late}</div></section>')
