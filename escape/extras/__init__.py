"""For other people's tools: `env` (a gym-like environment), `mcp` (a server), `inspect` (tasks and logs), `publish`
(boards as static pages).

`env` needs nothing but pydantic, so that an adapter can install it without the page's packages; `mcp` and `inspect`
need the libraries that they are for.
"""

from escape.extras.env import Env, State, Step
