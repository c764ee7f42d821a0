"""Other people's tools play our rooms: a gym-like environment, and an MCP server.

In: a seed and moves as text. Out: what the room says, and how far it was got. `env` needs nothing but pydantic, so that
an adapter can install it without the page's packages; `server` needs the library that it is for.
"""

from escape.extras.env import Env, State, Step
