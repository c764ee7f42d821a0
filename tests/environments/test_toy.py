"""A fourth environment, registered by a test alone, is chosen, run, ranked, exported, played, published, verified."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from escape.__main__ import main
from escape.environments import ENVIRONMENTS, environment_in
from escape.extras import Env
from escape.extras.inspect.tasks import generated
from escape.extras.mcp.server import Plays
from escape.extras.publish import differences
from escape.results import csv, houses
from escape.runs.file import lines, load, loads
from escape.types import Run
from tests.environments.coins import Coins, coins
from tests.extras.agents.test_inspect import figures, played
from tests.small_runs import run_with
from tests.ui.test_page import open_tab, opened, press_run, texts


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    ENVIRONMENTS["coins"] = Coins()
    yield
    del ENVIRONMENTS["coins"]


@pytest.fixture
def run() -> Run:
    return run_with([coins("toy", n, 4) for n in range(1, 7)], ["control:teller", "control:heads"])


def test_it_is_run_ranked_and_exported(run: Run) -> None:
    found = houses.reach(run)
    assert (found.lines[0].player, found.lines[0].median) == ("control:teller", 4.0)
    assert found.what == ("coin game", "coin games")
    assert "teller opens 4 or more" in houses.reach_sentence(found)
    rows = [row for row in csv.rows(run) if row["player"] == "control:teller"]
    assert [row["doors_opened"] for row in rows] == 6 * [4]
    again = loads(b"".join(lines.lines(run)))
    assert list(again.results) == list(run.results)
    assert list(differences(again, {})) == []


def test_the_command_line_makes_it_runs_it_publishes_and_verifies_it(tmp_path: Path) -> None:
    file, site = tmp_path / "run.json", tmp_path / "site"
    command = ["run", "--model", "control:teller", "--model", "control:heads", "--coins", "6", "--doors", "4"]
    done = CliRunner().invoke(main, [*command, "--seed", "toy", "--json", str(file), "--quiet"])
    assert done.exit_code == 0, done.output
    assert environment_in(load(str(file))).name == "coins"
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 0
    made = CliRunner().invoke(main, ["publish", str(file), "--out", str(site)])
    assert made.exit_code == 0, made.output
    assert "teller opens 4 or more" in (site / "index.html").read_text("utf-8")
    assert CliRunner().invoke(main, ["verify", str(site)]).exit_code == 0


def test_it_is_played_through_env_mcp_and_inspect(tmp_path: Path) -> None:
    env = Env("coins", doors=3)
    assert "Write turn or leave" in env.reset("toy")
    moves = ENVIRONMENTS["coins"].reference(env.puzzle)
    assert sum(env.step(f"Move: {move}").reward for move in moves) == pytest.approx(1)
    plays = Plays("me")
    code = plays.enter("coins", "toy", 3).split()[1]
    for move in moves:
        said = plays.do(code, move)
    assert "You are out. 3 of 3 doors" in said

    log = played(generated("coins", 1, 3, "toy"), ["Moves:\n" + "\n".join(moves)], tmp_path)
    assert figures(log)["doors"] == 3


@pytest.mark.usefixtures("the_five")
def test_it_is_chosen_on_the_page_run_and_played_by_hand() -> None:
    page: AppTest = opened()
    page.segmented_control(key="kind").set_value("coins").run()
    assert not page.exception
    assert page.multiselect(key="players").value == ["control:teller", "control:heads"]
    press_run(page)
    assert "teller opens 4 or more" in texts(page)
    open_tab(page, "Answers")
    assert not page.exception
    stuck = 0
    for _ in page.session_state["escape"].run.results:
        stuck += "How the reference opens door" in texts(page)
        page.button(key="answer_next").click().run()
        assert not page.exception
    assert stuck
    open_tab(page, "Play")
    there = next(o for o in page.selectbox(key="play_room").options if o.startswith("Coin game of the day"))
    page.selectbox(key="play_room").select(there).run()
    assert not page.exception
    assert "Doors open where a coin shows heads" in texts(page)
    page.text_input(key="line_typed").set_value("turn")
    next(b for b in page.button if b.label == "Do this move").click().run()
    assert "It opens." in texts(page) or "Shut for good." in texts(page)
