"""What keeps a door shut: what every mechanism says of itself, the levels that are the same for all, and the two sorts.

In: numbers that were drawn. Out: an `Obstacle` with its texts, what a deed does to it, how it is overcome, and how hard
it is by a guesser's chance and a search's work. A `Choice` is decided by numbers, a `Machine` has states to think
through.
"""

from escape.environments.houses.obstacles.choice import THINGS, Choice, Exact, Many, root
from escape.environments.houses.obstacles.machine import Machine
from escape.environments.houses.obstacles.obstacle import Called, Deed, Obstacle, State, at_door, lettered, listed
from escape.environments.houses.obstacles.search import Act, Aim
