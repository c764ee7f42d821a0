"""The browser's files: style sheets, scripts, the lines of drawings.

Each is a file here, in its own language.
"""

import functools
from pathlib import Path


@functools.cache
def asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8").rstrip("\n")
