"""The lessons of docs/lessons.md in a real browser: a guide, a projector, and three phones.

On Postgres where one runs, else on SQLite.
"""

import contextlib
import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.browsing import (
    CHROMIUM,
    FLAGS,
    Page,
    at_rest,
    choose,
    expect,
    leave_by,
    run,
    saved_runs,
    scripted_players,
    settled,
    sync_api,
    tab,
    unfold,
)

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent
POSTGRES = os.environ.get("ESCAPE_TEST_POSTGRES", "")  # set by `make postgres-test`; SQLite without
NAMES = ("Ada", "Bob", "<b>Cy</b>")


def serve(port: int, **env: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
               "--server.address", "127.0.0.1"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    for _ in range(300):
        try:
            if urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).status == 200:
                return process
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("no page")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, the_five: Path) -> Iterator[SimpleNamespace]:
    from tools.bench.harness import free_port

    env = {"ESCAPE_DATA": str(tmp_path_factory.mktemp("class")), "ESCAPE_PUZZLES": str(the_five)}
    if POSTGRES:
        env["ESCAPE_DB_URL"] = POSTGRES
    port = free_port()
    running = SimpleNamespace(url=f"http://127.0.0.1:{port}", process=serve(port, **env))

    def restart() -> None:
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(10)
        running.process = serve(port, **env)

    running.restart = restart
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def people(site: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """A teacher at a wide screen, three students at phones."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def somebody(width: int, height: int) -> Page:
            return chromium.new_context(
                viewport={"width": width, "height": height}, accept_downloads=True
            ).new_page()

        teacher = somebody(1280, 900)
        teacher.goto(site.url)
        expect(teacher.get_by_text("careful gets out of")).to_be_visible()
        yield SimpleNamespace(teacher=teacher, students=[somebody(390, 844) for _ in NAMES])
        chromium.close()


def press_until(page: Page, key: str, picture: str) -> None:
    """Press a key until a picture is there: one pressed while the page is drawn may be lost."""
    drawn = page.get_by_role("img", name=re.compile(picture))
    for _ in range(3):
        settled(page)
        page.keyboard.press(key)
        with contextlib.suppress(AssertionError):
            expect(drawn).to_be_visible(timeout=10_000)
            return
    expect(drawn).to_be_visible()


def open_class(people: SimpleNamespace, site: SimpleNamespace, button: str = "Open a class") -> str:
    """Open a class on the run on show, or begin a lesson.

    Puts its board on the projector, and lets the students join.
    """
    teacher: Page = people.teacher
    teacher.get_by_role("button", name="Class", exact=True).click()
    teacher.get_by_role("button", name=button).click()
    link = teacher.get_by_role("link", name="Open the board")
    link.wait_for()
    for _ in range(300):  # the board is the teacher's by a cookie, which comes with the page
        if any(c["name"].startswith("escape_teach_") for c in teacher.context.cookies()):
            break
        teacher.wait_for_timeout(100)
    with teacher.context.expect_page() as projector:
        link.click()
    people.board = projector.value
    expect(people.board.get_by_role("img", name=re.compile("^QR code of"))).to_be_visible()
    code = people.board.locator(".esc-large .esc-code").inner_text()
    for student, name in zip(people.students, NAMES, strict=True):
        student.goto(f"{site.url}?class={code}")
        student.get_by_role("textbox", name="Nickname").fill(name)
        student.get_by_role("button", name="Join", exact=True).click()
        expect(student.get_by_text(f"Welcome, {name}.")).to_be_visible()
    for page in (teacher, people.board):
        expect(page.get_by_text("3 people here.").first).to_be_visible()
    expect(people.board.get_by_text("Ada")).to_have_count(0)  # names stand in the guide
    return code


def turn(teacher: Page) -> None:
    """Press Next in the guide, and wait for what it leads to."""
    settled(teacher)
    scene = teacher.locator(".st-key-turning")
    before = teacher.locator(".esc-small").inner_html()
    scene.get_by_role("button", name="Next").click()
    for _ in range(300):
        if teacher.locator(".esc-small").inner_html() != before:
            break
        teacher.wait_for_timeout(100)
    settled(teacher)


def next_step(teacher: Page) -> None:
    """Turn the scenes until the lesson's next round is open."""
    for _ in range(12):
        settled(teacher)
        opens = teacher.get_by_role("button", name=re.compile("^Next: open the round")).count()
        turn(teacher)
        if opens:
            break
    expect(teacher.get_by_role("button", name="Reveal now")).to_be_visible()


def the_board_shows(people: SimpleNamespace, words: str) -> None:
    """Turn the scene; the projector follows, and shows this."""
    turn(people.teacher)
    expect(people.board.locator(".esc-large")).to_contain_text(re.compile(words))


def everything(people: SimpleNamespace) -> None:
    """Have the guide show all of the round."""
    people.teacher.locator(".st-key-everything").get_by_text("Everything of this round").click()
    settled(people.teacher)


def other_round(teacher: Page) -> None:
    """Unfold the choice of any round."""
    settled(teacher)
    if not teacher.get_by_role("radiogroup", name="Next round").count():
        unfold(teacher, "Another round, or other settings")


def next_round(teacher: Page, kind: str) -> None:
    other_round(teacher)
    teacher.get_by_role("radiogroup", name="Next round").get_by_text(kind, exact=True).click()
    settled(teacher)
    teacher.get_by_role("button", name="Open the round", exact=True).click()
    expect(teacher.get_by_role("button", name="Reveal now")).to_be_visible()


def fill_number(teacher: Page, label: str, value: str) -> None:
    other_round(teacher)
    field = teacher.get_by_role("spinbutton", name=label)
    field.fill(value)
    field.press("Enter")
    settled(teacher)


def reveal(people: SimpleNamespace) -> None:
    """Press Reveal in the guide: the projector follows by itself."""
    people.teacher.get_by_role("button", name="Reveal now").click()
    expect(people.board.get_by_text("have handed in")).to_have_count(0)
    settled(people.board)
    settled(people.teacher)


def mark(student: Page, pus: str, sps: str) -> None:
    at_rest(student)  # the whole form is there
    for score, value in (("Physical Understanding", pus), ("Solution Path", sps)):
        student.get_by_role("radiogroup", name=re.compile(score)).get_by_text(value, exact=True).click()
    herrings = student.get_by_role("radiogroup", name=re.compile("Red Herring"))
    if herrings.count():
        herrings.get_by_text("1", exact=True).click()
    student.get_by_role("button", name="Save").click()


def show_made(teacher: Page, button: str) -> None:
    saved_runs(teacher)
    unfold(teacher, "Load a run")
    teacher.get_by_role("button", name=button).click()
    settled(teacher)


def slide(page: Page, name: str, key: str, times: int) -> None:
    handle = page.get_by_role("slider", name=name)
    handle.focus()
    for _ in range(times):
        page.keyboard.press(key)
    page.wait_for_timeout(400)
    settled(page)


def test_lesson_1_is_the_difference_real(people: SimpleNamespace, site: SimpleNamespace) -> None:
    teacher: Page = people.teacher
    open_class(people, site, "Start lesson 1")
    next_step(teacher)
    for student, who in zip(people.students, ("lark", "lark", "owl"), strict=True):
        expect(student.get_by_text("what will happen?")).to_be_visible()
        student.get_by_role("radiogroup", name="Who will do best?").get_by_text(who).click()
        student.get_by_role("radiogroup", name=re.compile("be enough to tell")).get_by_text("yes").click()
        student.get_by_role("button", name="Vote").click()
        expect(student.get_by_text("You have voted")).to_be_visible()
    expect(teacher.get_by_text("3 of 3 people have handed in 3")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text("too close to call")).to_be_visible()
    expect(people.board.get_by_text("3 of 3 expected enough rooms to tell.")).to_be_visible()
    the_board_shows(people, "does better")
    for n in range(1, 7):
        the_board_shows(people, f"Draw {n}")
    the_board_shows(people, "How much a difference is worth")
    teacher.get_by_role("button", name="Back to the page").click()
    teacher.get_by_role("button", name="To the class").click()
    expect(teacher.get_by_text("Scene 7 of 7: To take home")).to_be_visible()


LINK = "Use another device, or go on another day: your teacher link"


def test_lesson_2_can_you_trust_the_judge(
    people: SimpleNamespace, site: SimpleNamespace, tmp_path: Path
) -> None:
    teacher: Page = people.teacher
    code = open_class(people, site)
    fill_number(teacher, "How many answers", "2")
    next_round(teacher, "Mark answers")
    for student, (pus, sps) in zip(people.students, (("1", "1"), ("2", "0"), ("0.5", "2")), strict=True):
        for n in range(2):
            expect(student.get_by_text(f"{n} of 2 answers done")).to_be_visible()
            assert not student.get_by_text("the judge", exact=False).count()
            mark(student, pus, sps)
        expect(student.get_by_text("2 of 2 answers done")).to_be_visible()
    expect(teacher.get_by_text("3 of 3 people have handed in 6")).to_be_visible()
    expect(teacher.get_by_text("Judge: two readers")).to_be_visible()
    assert not people.board.get_by_text(re.compile("judge", re.IGNORECASE)).count()  # nothing is told before

    site.restart()  # kill -9 in the middle of the round
    ada: Page = people.students[0]
    ada.reload()
    expect(ada.get_by_text("2 of 2 answers done")).to_be_visible(timeout=30_000)
    mark(ada, "1.5", "1")
    expect(ada.get_by_text("Saved.")).to_be_visible()
    teacher.goto(f"{site.url}?guide={code}")
    expect(
        teacher.get_by_role("button", name="Reveal now")
    ).to_be_visible()  # the browser remembers who teaches
    unfold(teacher, LINK)
    with teacher.expect_download() as kept:
        teacher.get_by_role("button", name="Keep the link as a file").click()
    teacher.context.clear_cookies()
    file = tmp_path / "teacher.html"
    kept.value.save_as(file)
    teacher.goto(file.as_uri())  # a guide's browser that lost its cookie is back in with the file
    teacher.get_by_role("link", name="Open the guide").click()
    expect(teacher.get_by_role("button", name="Reveal now")).to_be_visible()
    expect(teacher).not_to_have_url(re.compile("#."))

    bob: Page = people.students[1]  # a shared computer: another pupil after the first
    unfold(bob, "Not Bob?")
    bob.get_by_text("I am somebody else, or done on this device").click()
    bob.get_by_role("button", name="Leave the class on this device").click()
    bob.get_by_role("textbox", name="Nickname").fill("Dora")
    bob.get_by_role("button", name="Join", exact=True).click()
    expect(bob.get_by_text("0 of 2 answers done")).to_be_visible()
    at_rest(bob)  # the browser has been told who she is
    bob.reload()
    expect(bob.get_by_text("Not Dora?")).to_be_visible()
    expect(teacher.get_by_text("Dora")).to_be_visible()

    teacher.context.clear_cookies()
    teacher.reload()
    expect(teacher.get_by_role("textbox", name=re.compile("^Your teacher's word"))).to_be_visible()
    # who has lost the link is not let in
    teacher.get_by_role("textbox", name=re.compile("^Your teacher's word")).fill("guessed")
    teacher.get_by_role("button", name="Come back").click()
    expect(teacher.get_by_text("not this class's teacher link")).to_be_visible()


def test_lesson_2_from_marks_to_the_board(people: SimpleNamespace, site: SimpleNamespace) -> None:
    teacher: Page = people.teacher
    open_class(people, site, "Start lesson 2")
    unfold(teacher, LINK)
    link = teacher.get_by_text(re.compile(r"\?guide=\w+#")).inner_text()
    teacher.goto(link)
    expect(teacher).not_to_have_url(re.compile("#."))  # the secret leaves the address at once
    next_step(teacher)
    for student in people.students:
        for n in range(6):
            expect(student.get_by_text(f"{n} of 6 answers done")).to_be_visible()
            mark(student, "1", "1")
        expect(student.get_by_text("6 of 6 answers done")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text(re.compile("You and the judge|The judge gives"))).to_be_visible()
    everything(people)
    expect(teacher.get_by_text("3 people marked 6 answers.")).to_be_visible()
    teacher.get_by_text(re.compile("Physical Understanding: class 1")).first.click()
    expect(teacher.get_by_text("The class's marks")).to_be_visible()
    the_board_shows(people, "Most disputed")
    the_board_shows(people, "Code carries the plan out|could be carried out")
    expect(people.students[1].get_by_text("You / the judge")).to_be_visible()
    unfold(teacher, "Download, run the class's puzzles, extend, delete")
    with teacher.expect_download() as download:
        teacher.get_by_role("button", name="Marks, plays and votes as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert sorted(r["student"] for r in rows) == ["S01"] * 6 + ["S02"] * 6 + ["S03"] * 6
    teacher.get_by_text("Delete this class").click()
    teacher.get_by_role("button", name="Yes, delete it").click()
    expect(people.students[0].get_by_text("this class was deleted")).to_be_visible()


def test_lesson_3_does_the_metric_decide_the_winner(people: SimpleNamespace) -> None:
    teacher: Page = people.teacher
    show_made(teacher, "Show a run in which the metric decides")
    expect(teacher.get_by_text(re.compile("^tinkerer gets out of 2"))).to_be_visible()
    unfold(teacher, "Details")
    choose(teacher, "Metric", "Standard")
    expect(teacher.get_by_text(re.compile("^scholar scores"))).to_be_visible()
    choose(teacher, "Part", "Pairs and other rooms")
    weighed = teacher.get_by_role("heading", name="Other weights").locator(
        "xpath=ancestor::*[@data-testid='stExpander']"
    )
    expect(weighed.get_by_text(re.compile("^scholar scores"))).to_be_visible()
    slide(teacher, "Weight of Solution Path", "End", 1)
    expect(weighed.get_by_text(re.compile("^tinkerer scores"))).to_be_visible()


def test_lesson_4_write_a_puzzle_that_separates(people: SimpleNamespace, site: SimpleNamespace) -> None:
    teacher: Page = people.teacher
    code = open_class(people, site, "Start lesson 4a")
    next_step(teacher)
    for n, student in enumerate(people.students, 1):
        expect(student.get_by_text("write a puzzle. 0 puzzles handed in")).to_be_visible()
        student.get_by_role("combobox", name="Start from").click()
        student.get_by_role("option", name="The tube", exact=True).click()
        student.get_by_role("button", name="Start with a copy").click()
        expect(student.get_by_role("textbox", name="Title")).to_have_value("The tube")
        unfold(student, "Id and kind")
        for label, value in (("Id: a short name", f"MINE_{n}"), ("Title", f"Tube <i>{n}</i>")):
            box = student.get_by_role("textbox", name=re.compile(f"^{label}"))
            box.fill(value)
            box.press("Tab")
            student.wait_for_timeout(300)
            at_rest(student)
        student.reload()  # the tab keeps the draft
        expect(student.get_by_role("textbox", name="Title")).to_have_value(f"Tube <i>{n}</i>")
        settled(student)
        student.get_by_role("button", name="Keep this puzzle").click()
        expect(student.get_by_text("Tried with 6 controls")).to_be_visible()
        student.get_by_role("button", name="Hand it in").click()
        expect(student.get_by_text(f"Tube <i>{n}</i> is handed in.")).to_be_visible()
    expect(teacher.get_by_text("3 of 3 people have handed in 3")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text("3 rooms, 3 proved")).to_be_visible()
    people.board.close()

    teacher.goto(f"{site.url}?lesson=4b")  # the second sitting
    teacher.get_by_role("button", name="Start lesson 4b").click()
    link = teacher.get_by_role("link", name="Open the board")
    link.wait_for()
    for _ in range(300):  # the board is the teacher's by a cookie, which comes with the page
        if any(c["name"].startswith("escape_teach_") for c in teacher.context.cookies()):
            break
        teacher.wait_for_timeout(100)
    with teacher.context.expect_page() as projector:
        link.click()
    people.board = projector.value
    next_step(teacher)
    for student in people.students:
        for n in range(2):
            expect(student.get_by_text(f"review. {n} of 2 rooms done")).to_be_visible()
            at_rest(student)
            # a title is known by its author
            expect(student.get_by_text(re.compile("Tube <i>"))).to_have_count(0)
            student.get_by_role("textbox", name=re.compile("^Your way out")).fill(
                "pour: bottle of water -> tube\ntake: ping pong ball"
            )
            student.get_by_role("radiogroup", name="How is this room?").get_by_text("clear").click()
            student.get_by_role("button", name="Save").click()
            if (student, n) == (people.students[0], 0):
                expect(student.get_by_text("review. 1 of 2 rooms done")).to_be_visible()
                site.restart()  # kill -9 in the middle of the review
                for page in (student, teacher, people.board):
                    page.reload()
                expect(teacher.get_by_role("button", name="Reveal now")).to_be_visible(timeout=30_000)
        expect(student.get_by_text("review. 2 of 2 rooms done")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text("Somebody got out of 3 of 3 rooms")).to_be_visible()
    everything(people)
    expect(teacher.get_by_text("3 rooms: 3 proved, 3 reviewed, 3 solved by somebody.")).to_be_visible()
    expect(teacher.get_by_text("No model was asked for these rooms")).to_be_visible()
    unfold(teacher, "Download, run the class's puzzles, extend, delete")
    teacher.get_by_role("button", name="Add them to the page").click()
    expect(teacher.get_by_text(f"You teach class {code}.")).to_be_visible()
    tab(teacher, "Test models")
    scripted_players(teacher, "reference", "kitchen_sink")
    run(teacher)
    settled(teacher)
    teacher.get_by_role("button", name="Use this run for the class").click()
    next_step(teacher)
    for student in people.students:
        expect(student.get_by_text("get out of the rooms. 0 of 2 rooms handed in")).to_be_visible()
        leave_by(student, "pour: bottle of water -> tube", "take: ping pong ball")
        student.get_by_role("textbox", name=re.compile("^Why does it work")).fill(
            "The ball floats: water is denser."
        )
        student.get_by_role("button", name="Hand it in").click()
        expect(student.get_by_text("1 of 2 rooms handed in")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text("people 3 of 3")).to_be_visible()


def test_lesson_5_how_far_can_a_model_get(people: SimpleNamespace, site: SimpleNamespace) -> None:
    teacher: Page = people.teacher
    open_class(people, site, "Start lesson 5")
    expect(teacher.get_by_text("Players: real language models")).to_be_visible()
    next_step(teacher)
    for student in people.students:
        expect(student.get_by_text("out or stuck? 0 of 5 plans called")).to_be_visible()
        for n in range(1, 6):
            student.get_by_role("button", name="It gets out" if n % 2 else "It gets stuck").first.click()
            expect(student.get_by_text(f"{n} of 5 plans called")).to_be_visible()
        expect(student.get_by_text("In the room")).to_have_count(0)  # nothing is told before the reveal
    expect(teacher.get_by_text("3 of 3 people have handed in 15")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text(re.compile(r"\d+ of your 15 bets are right"))).to_be_visible()
    everything(people)
    expect(
        teacher.get_by_text(re.compile(r"3 people called 5 plans: \d+ of 15 bets were right"))
    ).to_be_visible()
    expect(teacher.locator(".esc-bars")).to_have_count(5)
    the_board_shows(people, "you bet: out")
    turn(teacher)
    expect(people.board.get_by_role("img", name=re.compile("^Move 1 of"))).to_be_visible()
    people.board.bring_to_front()
    press_until(people.board, "PageDown", "^Move 2 of")  # a presenter's remote, at the projector
    press_until(people.board, "ArrowLeft", "^Move 1 of")
    for student in people.students:
        expect(student.get_by_text(re.compile(r"You called \d of 5"))).to_be_visible()

    next_step(teacher)
    for student in people.students:
        expect(student.get_by_text("get out of the rooms. 0 of 2 rooms handed in")).to_be_visible()
        student.get_by_role("button", name="Give up").first.click()
        student.get_by_role("button", name="Hand it in").click()
        expect(student.get_by_text("1 of 2 rooms handed in")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text("0 of your 3 plans get out")).to_be_visible()


def test_lesson_6_why_did_it_fail(people: SimpleNamespace, site: SimpleNamespace, tmp_path: Path) -> None:
    teacher: Page = people.teacher
    open_class(people, site, "Start lesson 6")
    other_round(teacher)
    teacher.get_by_role("radiogroup", name="Next round").get_by_text("What went wrong?", exact=True).click()
    settled(teacher)
    fill_number(teacher, "How many failed answers", "2")
    next_round(teacher, "What went wrong?")
    for student, name in zip(people.students, NAMES, strict=True):
        for n in range(2):
            expect(student.get_by_text(f"what went wrong? {n} of 2 answers read")).to_be_visible()
            expect(student.get_by_text(re.compile("answered by|demo:"))).to_have_count(0)  # blind means blind
            at_rest(student)
            student.get_by_role("textbox", name="In one line").fill(f"{name} says {n}: it forgot a step")
            student.get_by_role("button", name="Save").click()
            expect(student.get_by_text(f"{n + 1} of 2 answers read")).to_be_visible()
    expect(teacher.get_by_text("3 of 3 people have handed in 6")).to_be_visible()
    reveal(people)
    expect(people.board.get_by_text("6 lines on 2 failed answers")).to_be_visible()
    everything(people)
    expect(teacher.get_by_text("3 people wrote 6 lines on 2 failed answers.")).to_be_visible()
    expect(teacher.get_by_text("<b>Cy</b> says 0: it forgot a step").first).to_be_visible()
    kind = teacher.get_by_role("combobox", name="Kind").first
    kind.fill("knew the physics")  # by typing: a list that is open shuts where the page scrolls
    expect(teacher.get_by_role("option")).to_have_count(1)
    kind.press("Enter")
    expect(people.board.get_by_text("knew the physics, forgot a step")).to_be_visible()  # which counts along
    expect(teacher.get_by_role("row", name=re.compile("knew the physics, forgot a step"))).to_be_visible()
    the_board_shows(people, "One failure, read differently")
    # the text of a stranger
    assert people.board.locator(".esc-large").inner_html().count("&lt;b&gt;Cy&lt;/b&gt;")
    unfold(teacher, "Download, run the class's puzzles, extend, delete")
    with teacher.expect_download() as taken:
        teacher.get_by_role("button", name="Marks, plays and votes as CSV").click()
    rows = Path(taken.value.path()).read_text("utf-8").splitlines()
    assert len(rows) == 7
    assert sum("it forgot a step" in row for row in rows) == 6
    assert sum("knew the physics, forgot a step" in row for row in rows) == 1
