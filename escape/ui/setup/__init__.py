"""What is to be run: players, puzzles, judge, numbers. In: a visitor's clicks. Out: a `Choice`."""

from escape.ui.setup.panel import Choice
