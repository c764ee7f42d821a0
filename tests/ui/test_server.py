"""What stands around the page: headers, previews of links, cookies, uploads, counters."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from escape.hosting import HOSTED_UPLOADS_MB, VISITORS_UPLOADS_MB, framed_by
from escape.types import SpecError
from escape.ui import server, visit
from escape.ui.server import MB, PROMISES, app_arguments
from tests.ui.test_page import opened, texts

UPLOAD = "/_stcore/upload_file/{session}/{file}"


async def taken(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A server like Streamlit's, with what Escape puts around it."""
    given = app_arguments()
    inside = [
        Route("/", lambda request: HTMLResponse("<head><title>Streamlit</title></head>")),
        Route("/_stcore/metrics", lambda request: PlainTextResponse("sessions 3")),
        Route(UPLOAD, taken, methods=["PUT"]),
    ]
    app = Starlette(routes=[*given["routes"], *inside], middleware=given["middleware"])
    yield TestClient(app, base_url="http://escape.example", client=("127.0.0.1", 5000))
    PROMISES.has_routes = False


def test_every_response_says_what_a_browser_may_do_with_it(page: TestClient) -> None:
    for path in ("/", "/preview.png", "/none", "/remember/none"):
        told = page.get(path).headers
        assert "frame-ancestors 'self'" in told["content-security-policy"]
        assert "object-src 'none'" in told["content-security-policy"]
        assert told["referrer-policy"] == "no-referrer"
        assert told["x-content-type-options"] == "nosniff"


def test_a_link_shows_what_it_is(page: TestClient) -> None:
    html = page.get("/").text
    assert "<title>Escape</title>" in html
    assert "Streamlit" not in html
    told = dict(re.findall(r'property="(og:[a-z:]+)" content="([^"]*)"', html))
    assert told["og:title"].startswith("Escape")
    picture = page.get(told["og:image"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("host", ['x"><script>alert(1)</script>', "a b", ""])
def test_a_host_that_is_none_gives_no_address_of_a_picture(page: TestClient, host: str) -> None:
    html = page.get("/", headers={"host": host}).text
    assert "og:image" not in html
    assert "alert" not in html


def test_counters_are_for_this_machine_alone(page: TestClient) -> None:
    assert page.get("/_stcore/metrics").text == "sessions 3"
    assert page.get("/_stcore/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    far = TestClient(page.app, client=("203.0.113.9", 5000))
    assert far.get("/_stcore/metrics").status_code == 404


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    kept = MemoryUploadedFileManager("/upload")
    runtime = SimpleNamespace(
        exists=lambda: True, get_instance=lambda: SimpleNamespace(uploaded_file_mgr=kept)
    )
    monkeypatch.setattr(server, "runtime", runtime)
    return kept


def upload(page: TestClient, visitor: str, megabytes: float) -> int:
    """Ask to upload so much, without sending it: what is refused is refused by its length."""
    length = str(int(megabytes * MB))
    path = UPLOAD.format(session=visitor, file="1")
    return page.put(path, content=b"x", headers={"content-length": length}).status_code


def keep(store: MemoryUploadedFileManager, visitor: str, name: str, megabytes: float) -> None:
    store.add_file(
        visitor, UploadedFileRec(file_id=name, name=name, type="x", data=bytes(int(megabytes * MB)))
    )


def test_a_visitor_has_a_share_and_gets_it_back(page: TestClient, store: MemoryUploadedFileManager) -> None:
    keep(store, "a", "1", VISITORS_UPLOADS_MB - 1)
    assert upload(page, "a", 2) == 413
    assert upload(page, "b", 2) == 200
    store.remove_file("a", "1")
    assert upload(page, "a", 2) == 200


def test_all_visitors_together_fill_no_more_than_the_server_bears(
    page: TestClient, store: MemoryUploadedFileManager
) -> None:
    kept = 0
    for visitor in range(20):
        if upload(page, str(visitor), VISITORS_UPLOADS_MB - 1) == 200:
            keep(store, str(visitor), "1", VISITORS_UPLOADS_MB - 1)
            kept += 1
    assert kept == HOSTED_UPLOADS_MB // (VISITORS_UPLOADS_MB - 1)


def test_uploads_on_their_way_count_too(store: MemoryUploadedFileManager) -> None:
    """Two at once, each of which would fit alone."""
    codes: list[int] = []

    async def inner(scope: object, receive: object, send: object) -> None:
        codes.append(upload(client, "a", VISITORS_UPLOADS_MB - 1))  # a second while the first is still coming
        await PlainTextResponse("taken")(scope, receive, send)  # type: ignore[arg-type]

    client = TestClient(server.Gate(inner))  # type: ignore[arg-type]
    assert upload(client, "a", 2) == 200
    assert codes[-1] == 413


def test_an_upload_of_unknown_length_is_refused(page: TestClient, store: MemoryUploadedFileManager) -> None:
    assert page.put(UPLOAD.format(session="a", file="1"), content=iter([b"x"])).status_code == 411


def test_a_promised_cookie_is_set_where_no_script_can_read_it(page: TestClient) -> None:
    word = PROMISES.give("mine", "a-secret", None)
    told = page.post(f"/remember/{word}").headers["set-cookie"]
    assert told == "escape_mine=a-secret; Path=/; HttpOnly; SameSite=Strict"
    long = PROMISES.give("mine", "a-secret", 60)
    assert "Max-Age=60" in page.post(f"/remember/{long}").headers["set-cookie"]
    over_https = {"X-Forwarded-Proto": "https"}
    assert (
        page.post(f"/remember/{word}", headers=over_https)
        .headers["set-cookie"]
        .endswith("SameSite=Strict; Secure")
    )
    framed = page.post(f"/remember/{word}?framed", headers=over_https).headers["set-cookie"]
    assert framed.endswith("SameSite=None; Secure; Partitioned")


def test_a_secret_behind_the_address_is_added_to_what_was_promised(page: TestClient) -> None:
    word = PROMISES.give("try", "ABCDEF.", 60, takes=True)
    assert (
        "escape_try=ABCDEF.secret_1;"
        in page.post(f"/remember/{word}", content="secret_1").headers["set-cookie"]
    )
    for wrong in ("a b", "a;b", "a\r\nSet-Cookie: x=y", "x" * 500):
        answer = page.post(f"/remember/{word}", content=wrong)
        assert answer.status_code in (404, 413)
        assert "set-cookie" not in answer.headers


def test_a_link_may_be_pasted_into_a_page_that_has_been_open_for_long(
    page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = PROMISES.give("try", "ABCDEF.", 60, takes=True)
    later = server.time.monotonic() + 20 * server.WAIT_S
    monkeypatch.setattr(server.time, "monotonic", lambda: later)
    assert page.post(f"/remember/{word}", content="secret_1").status_code == 204


def test_what_a_browser_adds_is_not_read_without_an_end(page: TestClient) -> None:
    word = PROMISES.give("try", "ABCDEF.", 60, takes=True)
    assert page.post(f"/remember/{word}", content=iter([b"x"] * 10)).status_code == 413


def test_the_routes_are_below_the_path_that_a_server_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.streamlit, "get_option", lambda name: "/escape/")
    paths = [route.path for route in app_arguments()["routes"]]
    PROMISES.has_routes = False
    assert paths == ["/escape/remember/{word}", "/escape/preview.png"]


def test_no_cookie_for_strangers(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    word = PROMISES.give("mine", "a-secret", None)
    assert page.post("/remember/guessed").status_code == 404
    assert page.get(f"/remember/{word}").status_code == 405
    assert page.post(f"/remember/{word}", headers={"origin": "https://evil.example"}).status_code == 403
    assert page.post(f"/remember/{word}", headers={"origin": "http://escape.example"}).status_code == 204
    # whatever host a proxy names
    for site, status in (("same-origin", 204), ("cross-site", 403), ("none", 403)):
        headers = {"origin": "https://school.example", "sec-fetch-site": site}
        assert page.post(f"/remember/{word}", headers=headers).status_code == status
    later = server.time.monotonic() + 2 * server.WAIT_S
    monkeypatch.setattr(server.time, "monotonic", lambda: later)
    assert page.post(f"/remember/{word}").status_code == 404


def test_in_a_frame_it_is_told_whether_the_browser_kept_it(page: TestClient) -> None:
    word = PROMISES.give("mine", "a-secret", None)
    assert page.post(f"/remember/{word}?framed&kept").status_code == 410
    page.cookies.set("escape_mine", "a-secret")
    assert page.post(f"/remember/{word}?framed&kept").status_code == 204


def test_the_page_holds_no_secret_that_its_server_sets(page: TestClient) -> None:
    at = opened()
    visit_state = at.session_state["escape"]
    at.button(key="open_class").click().run()
    drawn = texts(at)
    words = re.findall(r'data-fetch="([^"]+)"', drawn)
    assert 'data-keep="' not in drawn
    values = {promise.name: promise.value for word in words if (promise := PROMISES.of(word))}
    code = visit_state.seat.teacher.code
    assert values[f"teach_{code}"]
    assert values[f"teach_{code}"] not in re.sub(r"\?guide=\w+#\S+", "", drawn)
    at.run()
    assert re.findall(r'data-fetch="([^"]+)"', texts(at)) == words  # the same script is not run again


def test_promises_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST", 3)
    promises = server.Promises()
    words = [promises.give("mine", str(n), None) for n in range(5)]
    assert [promises.of(word) is None for word in words] == [True, True, False, False, False]


def test_the_owner_names_the_sites_that_frame_the_page() -> None:
    assert framed_by({}) == "'self'"
    assert framed_by({"ESCAPE_FRAMED_BY": "https://a.example, https://b.example:8443"}) == (
        "'self' https://a.example https://b.example:8443"
    )
    assert "https://*.hf.space" in framed_by({"SPACE_ID": "x"})
    for wrong in ("a.example", "https://a.example/x;y", "*"):
        with pytest.raises(SpecError, match="write https:"):
            framed_by({"ESCAPE_FRAMED_BY": wrong})


def test_a_plain_script_has_its_cookies_set_by_the_page() -> None:
    assert not PROMISES.has_routes
    at = opened()
    at.button(key="open_class").click().run()
    assert 'data-keep="teach_' in texts(at)
    assert "document.cookie = `escape_${name}=" in visit.SCRIPT
