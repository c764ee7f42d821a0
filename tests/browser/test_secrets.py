"""What leaves and reaches a browser.

No secret is in an address or a Referer, and no name is in what a marker's page is sent.
"""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.browser.browsing import CHROMIUM, FLAGS, Page, expect, run, settled, sync_api, unfold

pytestmark = pytest.mark.browser
PLAYERS = ("careful", "hasty", "hoarder")  # whose answers are marked


@pytest.fixture
def people(site: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """A teacher with a new class, and a student whose requests and messages are all noted."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        teacher, student = (chromium.new_context().new_page() for _ in range(2))
        asked: list[str] = []
        received: list[bytes] = []

        def note(request: sync_api.Request) -> None:
            asked.extend((request.url, request.headers.get("referer", "")))

        def listen(socket: sync_api.WebSocket) -> None:
            socket.on(
                "framereceived",
                lambda data: received.append(data if isinstance(data, bytes) else data.encode()),
            )

        for page in (teacher, student):
            page.on("request", note)
        student.on("websocket", listen)
        teacher.goto(site.url)
        teacher.get_by_role("button", name="Class", exact=True).click()
        teacher.get_by_role("button", name="Open a class").click()
        expect(teacher).to_have_url(re.compile("guide="))
        code = teacher.url.partition("guide=")[2]
        student.goto(f"{site.url}?class={code}")
        student.get_by_role("textbox", name="Nickname").fill("Ada")
        student.get_by_role("button", name="Join", exact=True).click()
        expect(student.get_by_text("Welcome, Ada.")).to_be_visible()
        yield SimpleNamespace(teacher=teacher, student=student, code=code, asked=asked, received=received)
        chromium.close()


def test_no_message_and_no_mark_of_a_markers_page_names_the_player(people: SimpleNamespace) -> None:
    teacher: Page = people.teacher
    student: Page = people.student
    unfold(teacher, "Another round, or other settings")
    teacher.get_by_role("button", name="Open the round").click()
    expect(student.get_by_text("0 of 6 answers done")).to_be_visible()
    settled(student)
    told = b"".join(people.received)
    page = student.content()
    assert not [name for name in PLAYERS if f"demo:{name}".encode() in told or f"demo-{name}" in page]


def test_a_students_word_is_in_no_request(people: SimpleNamespace) -> None:
    student: Page = people.student
    unfold(student, "Not Ada?")
    word = student.get_by_test_id("stCode").inner_text().strip()
    assert re.fullmatch("[a-z]{14}", word)
    student.reload()
    expect(student.get_by_text("Welcome, Ada.")).to_be_visible()
    assert not [address for address in people.asked if word in address]


def test_a_teachers_secret_is_in_no_request(people: SimpleNamespace) -> None:
    teacher: Page = people.teacher
    unfold(teacher, "Use another device, or go on another day: your teacher link")
    link = teacher.get_by_text(re.compile(r"\?guide=\w+#")).inner_text()
    teacher.goto(link)
    expect(teacher.get_by_text("1 person here.").first).to_be_visible()
    secret = link.rpartition("#")[2]
    assert not [address for address in people.asked if secret in address]
    expect(teacher).not_to_have_url(re.compile("#."))  # the page loads anew without it
    settled(teacher)
    kept = {c["name"]: c for c in teacher.context.cookies()}[f"escape_teach_{people.code}"]
    assert (kept["value"], kept["httpOnly"], kept["sameSite"]) == (secret, True, "Strict")
    assert "escape_" not in teacher.evaluate("document.cookie")  # no script reads it


def test_the_secret_of_ones_runs_is_in_no_request(people: SimpleNamespace, site: SimpleNamespace) -> None:
    page: Page = people.teacher
    page.goto(site.url)
    run(page)
    expect(page).to_have_url(re.compile("run="))
    settled(page)
    secret = {c["name"]: c["value"] for c in page.context.cookies()}["escape_mine"]
    page.goto(site.url)  # a bare address: the browser remembers whose runs these are
    expect(page.get_by_text("careful gets out of").first).to_be_visible()
    assert not [address for address in people.asked if secret in address]
