"""The command line's own part: what is served to whom, and how wrong use ends."""

import pytest
from click.testing import CliRunner

from escape import __main__
from escape.types import RunConfig


@pytest.mark.parametrize(
    ("arguments", "served"), [([], (None, False)), (["--network", "--port", "9000"], (9000, True))]
)
def test_the_page_is_served_to_a_network_only_where_that_is_asked_for(
    arguments: list[str], served: tuple[int, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("escape.ui.serve.serve", lambda port, *, network: seen.append((port, network)))
    assert CliRunner().invoke(__main__.main, ["serve", *arguments]).exit_code == 0
    assert seen == [served]


def test_a_value_that_no_run_may_have_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "main", lambda prog_name: RunConfig(players=(), problem_ids=(), repeats=0))
    with pytest.raises(SystemExit) as ended:
        __main__.command_line()
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: repeats: ")
