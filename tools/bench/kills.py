"""A page's server killed (kill -9) at random moments of a run of two models, in a browser; then Go on at a new one.

Of each kill: whether an answer was lost that the models' server had given a second before, whether anything was asked
twice but what was in flight, and whether the bill is at least what that server counts.
"""

import argparse
import contextlib
import random
import re
import shutil
import signal
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from escape.models import prices
from escape.models.specs import parse
from escape.puzzles import files
from escape.runs.file import loads
from escape.store import LEASE_S, Store
from escape.store.rows import runs
from tests.browser.browsing import CHROMIUM, FLAGS, KEY, expect, run_button, settled, tab, unfold
from tests.conftest import PUBLISHED
from tests.postgres import postgres
from tools.bench.tools import KEYS, mock, page, stats

AT_ONCE = 8
SECOND = ("gpt-4o-a",)
REPEATS = 3


def paid(url: str) -> float:
    """USD by the model server's own count of tokens."""
    seen, usd = stats(url), 0.0
    for model in {name.partition(" ")[2] for name in seen if name.startswith("in ")}:
        in_, out = prices.per_token(parse(f"openai:{model}")) or (0.0, 0.0)
        usd += seen[f"in {model}"] * in_ + seen[f"out {model}"] * out
    return usd


def killed(browser: Browser, dice: random.Random, puzzles: str, database: str, *, asleep: bool) -> str:
    """One kill. Returns what is wrong, or "". `database`: Postgres, for two replicas. `asleep`: stopped, and woken."""
    with ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory())
        url = held.enter_context(mock("--latency", "1", "--jitter", "0.5"))
        env = {"ESCAPE_DATA": folder, "ESCAPE_PUZZLES": puzzles, "OPENAI_BASE_URL": f"{url}/v1", **KEYS}
        env |= {"ESCAPE_DB_URL": database} if database else {}
        first, process = held.enter_context(page(**env))
        second = held.enter_context(page(**env))[0] if database else ""
        tab_of = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        tab_of.goto(first)
        tab(tab_of, "Test models")
        field = tab_of.get_by_role("textbox", name="OpenAI key")
        field.fill(KEY)
        field.press("Enter")
        chosen = tab_of.locator(".st-key-players [data-tag]")
        expect(chosen.first).to_be_visible()  # one is suggested
        settled(tab_of)
        models = tab_of.get_by_role("combobox", name="Models")
        for name in SECOND:
            if chosen.count() < 2:
                models.fill(name)
                tab_of.get_by_role("option", name=re.compile(f"^{re.escape(name)}( |$)")).first.click()
                models.press("Tab")
                settled(tab_of)
        expect(chosen).to_have_count(2)
        tab_of.get_by_text("Mark the explanations, by").click()
        settled(tab_of)
        unfold(tab_of, "More: repeats, a cap on the cost, limits, instructions")
        repeats = tab_of.get_by_role("spinbutton", name="Repeats")
        repeats.fill(str(REPEATS))
        repeats.press("Enter")
        settled(tab_of)
        run_button(tab_of).click()
        total = 5 * REPEATS * 2
        expect(tab_of.get_by_text(re.compile(rf"answers [1-9]\d* of {total}"))).to_be_visible(timeout=30_000)
        time.sleep(dice.uniform(0.2, 3.0))
        before = stats(url)["answers"]
        time.sleep(1.0)
        at_last = stats(url)["answers"]
        process.send_signal(signal.SIGSTOP if asleep else signal.SIGKILL)
        time.sleep(2.0)  # what was in flight is counted by the models' server
        sent = stats(url)["calls"]
        store = Store(database or f"sqlite:///{Path(folder) / 'escape.sqlite3'}")
        if asleep:
            time.sleep(LEASE_S + 1)
        else:  # nobody waits half a minute for each kill
            with store.writing() as db:
                db.exec_driver_sql("update run_leases set until = 0")
        second = second or held.enter_context(page(**env))[0]
        tab_of.goto(second)
        tab(tab_of, "Test models")
        said = tab_of.get_by_text(re.compile(r"^Interrupted\. \d+ of \d+ answers are saved\.$")).locator("visible=true")
        saved = int(re.findall(r"\d+", said.first.inner_text(timeout=30_000))[0])
        tab_of.get_by_role("button", name="Go on", exact=True).click()
        expect(tab_of.get_by_role("heading", name=re.compile(f"Done: {total} of {total}"))).to_be_visible(
            timeout=90_000
        )
        time.sleep(1.5)
        if asleep:
            process.send_signal(signal.SIGCONT)  # it wakes, and has lost the run
            time.sleep(8.0)
        code = store.value(select(runs.c.code).order_by(runs.c.at.desc()))
        run = loads(store.run(str(code)) or b"")
        billed, by_server = run.charged_usd, paid(url)
        tab_of.context.close()
        faults = [] if len(run.results) == total else [f"{len(run.results)} of {total} answers in the end"]
        if saved < before:
            faults.append(f"{before - saved} answers that were a second old are lost")
        if stats(url)["calls"] > total + AT_ONCE + max(0, at_last - saved):  # in flight, or on its way to the store
            faults.append(f"{stats(url)['calls']} calls for {total} answers")
        if billed < 0.999 * by_server:
            faults.append(f"{billed:.6f} billed, {by_server:.6f} by the server's count")
        print(f"{saved} saved ({before} a second before), {sent} calls before, {stats(url)['calls']} in all, "
              f"{billed / by_server:.2f} of the server's bill", flush=True)  # fmt: skip
        return ", ".join(faults)


def main(o: argparse.Namespace) -> None:
    """Kill a page's server so many times. `--kind replica`: a second one is there, on Postgres. `--kind asleep`: the
    first one is stopped in place of being killed, and woken.
    """
    dice = random.Random(o.seed)
    with sync_playwright() as play, tempfile.TemporaryDirectory() as five:
        for name in PUBLISHED:
            shutil.copy(files.BUNDLED / f"{name}.json", five)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with postgres() if o.kind else contextlib.nullcontext("") as database:
            faults = [killed(browser, dice, five, database, asleep=o.kind == "asleep") for _ in range(o.rounds)]
    wrong = [fault for fault in faults if fault]
    assert not wrong, wrong
    print(f"{len(faults)} kills, nothing lost")
