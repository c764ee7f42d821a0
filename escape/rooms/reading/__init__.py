"""A line of a plan as moves. In: text, and the names of a room's things. Out: moves, or why not. No physics."""
