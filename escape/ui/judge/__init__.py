"""Checking the judge: its exam, other judges, marking by hand, and how far raters agree."""
