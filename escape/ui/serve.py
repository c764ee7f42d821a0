"""The page from an installed package, with the settings from `.streamlit`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
# a wheel's settings, or ours
SETTINGS = next(f for f in (HERE / "settings/config.toml", HERE.parents[1] / ".streamlit/config.toml") if f.is_file())


def serve(port: int, *, network: bool = False) -> None:
    """Serve the page until Ctrl-C, to this machine alone, or to its `network` too. Streamlit reads settings beside its
    script, so both are written to a temporary folder.
    """
    from streamlit.web import cli

    with tempfile.TemporaryDirectory(prefix="escape-") as folder:
        script = Path(folder, "app.py")
        script.write_text("from escape.ui.page import page\n\npage()\n", "utf-8")
        Path(folder, ".streamlit").mkdir()
        Path(folder, ".streamlit/config.toml").write_text(SETTINGS.read_text("utf-8"), "utf-8")
        where = [] if network else ["--server.address", "127.0.0.1"]
        if "SPACE_ID" in os.environ:  # shown in another site's frame, where browsers keep no cookie to check uploads by
            where += ["--server.enableXsrfProtection", "false"]
        sys.argv = ["streamlit", "run", str(script), "--server.port", str(port), *where]
        cli.main()
