"""Rounds of a class: which comes next, what a student does in it, what is handed in."""
