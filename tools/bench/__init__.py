"""Measurements, not tests: `python -m tools.bench NAME`.

Each compares within one run and prints what it found.
"""
