"""A house in words: what a player is told, room by room, with every form of move."""

from __future__ import annotations

from escape.environments.houses.obstacles import Choice, at_door, listed
from escape.environments.houses.scene import HouseScene
from escape.environments.houses.things import told
from escape.types import Thing


def opening(scene: HouseScene) -> str:
    """What holds in the whole house."""
    n = len(scene.doors)
    lines = [
        f"A house of {n} rooms in a row, and you are in room 1. Door 1 leads from room 1 to room 2, and so on; behind "
        f"door {n} you are out. The doors are of glass, so that all rooms can be seen from the start; but what stands "
        "at a door can be worked only from the room before it, once every earlier door is open. A door opens by "
        "itself when everything that keeps it shut is overcome.",
        "What lies in a room that you have reached is at hand there and in every later room, and need not be taken "
        "up. There is one of each thing, and the move that uses it uses it up, so that it serves one door only.",
        f"All numbers are exact. You have {scene.limit} moves in all; where the moves at a door are limited, "
        "that many or fewer must do. Every door you open counts, whether you get out or not.",
    ]
    if any(isinstance(x, Choice) for x in scene.obstacles):
        lines += [
            "A move marked final is judged at once, with the settings that its own lock then has: set them before it. "
            "If the thing falls short or any setting is wrong, the door stays shut for good, and you have come as far "
            "as you will.",
            "A setting is right if it is the mark nearest to the exact value, or, of two equally near, the lower one. "
            "Where no step is given, marks are 1 apart. A setting that already stands right need not be set. Every "
            "setting and every bound is judged by the exact values, never by what other settings were rounded to.",
        ]
    return "\n".join(lines)


def laws(scene: HouseScene) -> tuple[str, ...]:
    """The law of each mechanism in the house, once."""
    return tuple(dict.fromkeys(type(x).law for x in scene.obstacles))


def lying(scene: HouseScene, room: int) -> tuple[Thing, ...]:
    """What lies in a room at the start."""
    return tuple(t for t in scene.house.things if t.room == room)


def room_text(scene: HouseScene, room: int) -> str:
    """One room with its door, and the moves that can be made there."""
    here = [told(t) for t in lying(scene, room)]
    parts = zip(scene.house.doors[room - 1].parts, scene.doors[room - 1], strict=True)
    name_of = at_door(room)
    texts = [obstacle.text(part.wording, name_of) for part, obstacle in parts]
    contents = (
        f"Here lie {listed(here)}." if len(here) > 1 else f"Here lies {here[0]}." if here else "Nothing lies here."
    )
    several = f"{len(texts)} locks keep door {room} shut; each must be opened, in any order:" if texts[1:] else ""
    moves = f"Moves: {'; '.join(_forms(scene, room))}"
    return "\n".join(filter(None, [f"ROOM {room}", contents, several, *texts, moves]))


def moves_text(scene: HouseScene) -> str:
    """Every form of move, door by door, and the names of all things."""
    doors = [f"Door {n}: {'; '.join(_forms(scene, n))}" for n in range(1, len(scene.doors) + 1)]
    things = [f"Things: {listed([t.name for t in scene.house.things])}"] if scene.house.things else []
    return "\n".join([*doors, *things])


def _forms(scene: HouseScene, room: int) -> list[str]:
    return [form for obstacle in scene.doors[room - 1] for form in obstacle.forms(at_door(room))]


def house_text(scene: HouseScene) -> str:
    """The whole house as a player is told it, without the laws."""
    return "\n\n".join([opening(scene), *(room_text(scene, n) for n in range(1, len(scene.doors) + 1))])
