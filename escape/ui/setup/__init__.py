"""What is to be run: players, puzzles, judge, numbers. In: a visitor's clicks. Out: a `Choice`."""

from escape.ui.setup.keys import key_of, show_missing, typed_keys
from escape.ui.setup.panel import Choice
from escape.ui.setup.who import is_own
