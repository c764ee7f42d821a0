"""MECHANISMS: everything that can keep a door shut, one file each, in folders by family.

In: a level and a thing. Out: an obstacle with its numbers, its texts, its solver. A new one is a file and an entry
here.
"""

from escape.environments.houses.mechanisms.electricity import Branches, Coils, Relays
from escape.environments.houses.mechanisms.fluids import Jugs, Tubes, Valves
from escape.environments.houses.mechanisms.heat import Basins
from escape.environments.houses.mechanisms.motion import Ice, Pendulums
from escape.environments.houses.mechanisms.statics import Lamps, Mobile, Slabs, Springs, Stacks
from escape.environments.houses.obstacles import Obstacle

MECHANISMS: dict[str, type[Obstacle]] = {
    m.mechanism: m
    for m in (
        Tubes, Basins, Branches, Coils, Mobile, Springs, Pendulums, Lamps, Ice, Slabs, Relays, Jugs, Stacks, Valves
    )
}  # fmt: skip
