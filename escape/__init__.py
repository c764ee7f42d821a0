"""Escape: can a language model get out of the room? A benchmark of physical reasoning."""

__version__ = "1.0.0"
