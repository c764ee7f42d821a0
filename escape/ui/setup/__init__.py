"""The set-up of a run: models, rooms, marks, limits. In: a visitor's clicks. Out: a `Choice`."""

from escape.ui.setup.keys import key_of, show_missing, typed_keys
from escape.ui.setup.panel import Choice
