"""The set-up of a run: models, rooms, marks, limits. In: a visitor's clicks. Out: a `Choice`."""

from escape.ui.setup.panel import Choice
from escape.ui.setup.players import key_of, render_missing_keys, typed_keys
