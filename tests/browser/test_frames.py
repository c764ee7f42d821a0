"""The page inside another site's frame, over HTTPS: an upload, a run, a reload and a class of three."""

import http.server
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.browser.browsing import CHROMIUM, FLAGS, expect, settled, sync_api
from tools.bench.harness import ROOT, free_port, process

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, cert


@contextmanager
def framing(inside: str, key: Path, cert: Path) -> Iterator[str]:
    """Another site, which shows a page in a frame."""

    class Page(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            body = (
                f'<!doctype html><title>A course</title><iframe src="{inside}" width=1200 '
                "height=880></iframe>"
            ).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_upload_run_reload_and_a_class_work_inside_another_sites_frame(
    certificate: tuple[Path, Path], tmp_path: Path, the_five: Path
) -> None:
    key, cert = certificate
    port = free_port()
    url = f"https://localhost:{port}"
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.sslCertFile",
        str(cert),
        "--server.sslKeyFile",
        str(key),
        "--server.enableXsrfProtection",
        "false",
    ]
    env = {
        "ESCAPE_DATA": str(tmp_path),
        "ESCAPE_PUZZLES": str(the_five),
        "SSL_CERT_FILE": str(cert),
        "ESCAPE_FRAMED_BY": "https://127.0.0.1:*",
    }
    with ExitStack() as held:
        held.enter_context(process(command, f"{url}/_stcore/health", **env))
        playwright = held.enter_context(sync_api.sync_playwright())
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = chromium.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 950})
        page = context.new_page()
        page.goto(held.enter_context(framing(url, key, cert)))
        inside = page.frame_locator("iframe")
        expect(inside.get_by_text("careful gets out of")).to_be_visible()

        inside.get_by_role("button", name="Saved runs").click()
        inside.get_by_text("Load a run", exact=True).click()
        run = (ROOT / "escape" / "recorded" / "frontier-hard.jsonl").read_bytes()
        inside.locator("input[type=file]").first.set_input_files(
            {"name": "run.json", "mimeType": "application/json", "buffer": run}
        )
        expect(inside.get_by_text("gets out of 6 of 6")).to_be_visible()  # it was not refused with 403

        frame = page.frames[1]
        settled(frame)  # type: ignore[arg-type]
        frame.wait_for_function("location.search.includes('run=')")
        page.wait_for_timeout(500)  # the script that keeps it runs once the page is drawn
        mine = next(c for c in context.cookies() if c["name"] == "escape_mine")
        assert (mine["secure"], mine["sameSite"], mine["httpOnly"]) == (True, "None", True)
        page.reload()
        expect(inside.get_by_text("careful gets out of")).to_be_visible()
        frame = page.frames[1]
        settled(frame)  # type: ignore[arg-type]
        inside.get_by_role("button", name="Saved runs").click()
        expect(inside.get_by_text("6 of 6")).to_be_visible()  # its cookie was kept in the frame
        page.keyboard.press("Escape")

        settled(page.frames[1])  # type: ignore[arg-type]
        inside.get_by_role("button", name="Class", exact=True).click()
        inside.get_by_role("button", name="Open a class").click()
        inside.get_by_role(
            "button", name="Show it here"
        ).click()  # another window has none of the frame's cookies
        code = inside.locator(".esc-large .esc-code").inner_text()
        for name in ("Ada", "Bob", "Cy"):
            own = chromium.new_context(
                ignore_https_errors=True, viewport={"width": 390, "height": 844}
            ).new_page()
            own.goto(held.enter_context(framing(f"{url}?class={code}", key, cert)))
            pupil = own.frame_locator("iframe")
            pupil.get_by_role("textbox", name="Nickname").fill(name)
            pupil.get_by_role("button", name="Join", exact=True).click()
            expect(pupil.get_by_text(f"Welcome, {name}.")).to_be_visible()
            own.wait_for_timeout(500)
            own.reload()  # the address in the frame is the course's, and the cookie brings the pupil back
            expect(pupil.get_by_text(f"Welcome, {name}.")).to_be_visible()
        expect(inside.get_by_text("3 people here.")).to_be_visible()
        chromium.close()
