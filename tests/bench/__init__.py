"""Measurements, not tests: `python -m tests.bench NAME`. Each compares within one run and prints what it found."""
