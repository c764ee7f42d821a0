"""The command that serves the page: its address and port, and Streamlit's settings."""

import os
import sys
import tempfile
from pathlib import Path

from escape import models
from escape.hosting import framed_by
from escape.ui.visit import ALONE

HERE = Path(__file__).parent
# a wheel's settings, or ours
SETTINGS = next(
    f for f in (HERE / "settings/config.toml", HERE.parents[1] / ".streamlit/config.toml") if f.is_file()
)
# what app.py is in the project
SCRIPT = """
import streamlit as st
from escape.ui.page import page
from escape.ui.server import app_arguments

if __name__ == "__main__":
    page()
else:
    app = st.App(__file__, **app_arguments())
"""
PORT, TRIED = 8501, 20  # the usual port, and how many from it on are tried
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only where --network asks for it


def serve(port: int | None, *, network: bool = False) -> None:
    """Serve the page until Ctrl-C.

    `port`: by default STREAMLIT_SERVER_PORT, else the first free one from PORT on. `network`: for other
    devices too. Raises SpecError if no port is free, or if ESCAPE_FRAMED_BY is invalid.

    Streamlit expects its settings beside its script, so both are written to a temporary folder.
    """
    from streamlit import net_util
    from streamlit.web import cli

    framed_by()
    net_util.get_external_ip = lambda: None  # which it asks of a stranger's server
    host = EVERYWHERE if network else LOOPBACK
    wish = os.environ.get("STREAMLIT_SERVER_PORT", "")
    port = port or (int(wish) if wish.isdecimal() else 0)
    port = models.free_port(host, [port] if port else range(PORT, PORT + TRIED))
    own = net_util.get_internal_ip() if network else None  # None without a network
    others = f", http://{own}:{port} in its network" if own else ""
    sys.stdout.write(f"Escape: http://localhost:{port} on this machine{others}. Ctrl-C stops it.\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="escape-") as folder:
        script = Path(folder, "app.py")
        script.write_text(SCRIPT, "utf-8")
        Path(folder, ".streamlit").mkdir()
        Path(folder, ".streamlit/config.toml").write_text(SETTINGS.read_text("utf-8"), "utf-8")
        where = ["--server.address", host, "--logger.hideWelcomeMessage", "true", "--logger.level", "warning"]
        # shown in another site's frame, where browsers keep no cookie to check uploads by
        if "SPACE_ID" in os.environ:
            where += ["--server.enableXsrfProtection", "false"]
        os.environ[ALONE] = "" if network else "1"
        sys.argv = ["streamlit", "run", str(script), "--server.port", str(port), *where]
        cli.main()
