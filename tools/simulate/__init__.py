"""Seeded simulations of what the figures promise: coverage of intervals, and false differences."""
