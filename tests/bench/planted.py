"""Planted faults: each is put into a copy of the project, and the tests of its own room must notice.

Half of them are those that an audit planted in the first version, the others were written for the engine built since.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.bench.tools import ROOT


class Fault(NamedTuple):
    """`old` becomes `new` in `file`, once; `tests` are those of its room."""

    file: str
    old: str
    new: str
    tests: str


FAULTS = [
    # the audit's: marks, statistics, judges
    Fault("metrics", "if items is None or not items.herrings or not items.attempted or", "if items is None or not items.herrings or", "metrics"),
    Fault("metrics", "update={\"rhh\": float(attempted)}", "update={\"rhh\": 1.0}", "metrics"),
    Fault("metrics", "return Scores(pus=0, sps=0, rhh=0 if applies else None)", "return Scores(pus=0, sps=0, rhh=1 if applies else None)", "metrics"),
    Fault("metrics", "path = 2 * done", "path = done", "metrics"),
    Fault("stats", "if self.sd == 0 and self.sign_flip_p > 0.05:", "if False:", "stats"),
    Fault("stats", "int(0.975 * len(values))", "int(0.9 * len(values))", "stats"),
    Fault("stats", "return (hits + 1) / (draws + 1)", "return hits / draws", "stats"),
    Fault("stats", "(low > 0 or high < 0)", "(low > 0)", "stats"),
    Fault("stats", "t_quantile(0.975, n - 1)", "t_quantile(0.95, n - 1)", "stats"),
    Fault("stats", "z2 / (4 * n * n)", "z2 / (4 * n)", "stats"),
    Fault("report", "grouped[puzzles[problem_id].parent or problem_id]", "grouped[problem_id]", "report"),
    Fault("report", "weight = len(scores) / len(applicable)", "weight = 1.0", "report"),
    Fault("report", "shared = [p for p in marks[first] if p in marks[second]]", "shared = list(marks[first])", "report"),
    Fault("judges/panel", "2 * sum(votes) > len(votes)", "2 * sum(votes) >= len(votes)", "judges"),
    Fault("judges/panel", "_ORDER[median_low(votes)]", "_ORDER[max(votes)]", "judges"),
    Fault("judges/panel", "if c.works != \"undecided\"]", "if True]", "judges"),
    Fault("judges/llm", "len(value) >= len(best)", "len(value) > len(best)", "judges"),
    Fault("judges/llm", "met=yes and found", "met=yes", "judges"),
    Fault("judges/llm", "cost, doubtful = total([r.cost_usd for r in replies])", "cost, doubtful = 0.0", "judges"),
    Fault("judges/llm", "error.doubtful_usd + spent", "error.doubtful_usd", "judges"),
    Fault("judges/quotes", "if len(_SIGNS.sub(\"\", quote)) < _SHORTEST:", "if not quote:", "judges"),
    Fault("records", "return total([x.cost_usd for x in (self.answer, self.verdict, self.failure) if x])", "return total([x.cost_usd for x in (self.answer, self.verdict) if x])", "runfile report cli purse"),
    Fault("background", "CALLS_OF_ONE = 32", "CALLS_OF_ONE = 64", "background"),
    Fault("background", "i < surplus or", "i >= len(ended) - surplus or", "background"),
    Fault("background", "(True, MOST_RUNS), (False, MOST_LOADED)", "(True, 10**9), (False, MOST_LOADED)", "background"),
    Fault("background", "elif now - began > LONGEST_RUN_S:", "elif False:", "background"),
    Fault("background", "for made_here, most in", "for made_here, most in reversed", "background"),
    Fault("hosting", "and not parts.username", "", "hosting"),
    Fault("hosting", "session_cap_usd=None if local else chosen.session_cap_usd", "session_cap_usd=chosen.session_cap_usd", "hosting"),
    Fault("hosting", "origin.casefold() == self.host.casefold()", "True", "hosting"),
    Fault("models/network", "not all(map(is_public, addresses))", "not any(map(is_public, addresses))", "keys_and_lists"),
    Fault("models/network", "follow_redirects=False)\n\n\ndef", "follow_redirects=True)\n\n\ndef", "keys_and_lists"),
    Fault("assembly", "else 2 * one.most", "else one.most", "purse"),
    Fault("stored", "if kept.tell() > most:", "if False:", "runfile"),
    Fault("ui/starting", "c.purse.spent + c.purse.doubtful for c in", "c.purse.spent for c in", "app keys_and_lists"),
    # calls, lanes, pace
    Fault("calls", "ATTEMPTS = 3", "ATTEMPTS = 4", "trials"),
    Fault("calls", "tries.made -= 1\n                        money", "money", "trials"),
    Fault("calls", "if self.stopping:\n                break", "if False:\n                break", "trials"),
    Fault("calls", "if (wish or 0) > LONGEST_WISH_S or", "if", "trials"),
    Fault("lanes", "if self.bad_requests[model] >= REFUSED_ALIKE:", "if True:", "trials"),
    Fault("lanes", "return 1 if not self.proven else", "return", "trials"),
    Fault("lanes", "elif error.kind.closes_model:", "elif False:", "trials"),
    Fault("pace", "self._vain, self._vain_since = 0, None", "pass", "pace"),
    Fault("pace", "(self._accepted + self._refused) / 2 if known else wider", "wider", "pace"),
    Fault("pace", "2 ** min(10, self._vain - 1)", "1", "pace"),
    # money
    Fault("purse", "self.spent + self.doubtful + self._aside + usd > self.cap", "self.spent + self._aside + usd > self.cap", "purse trials"),
    Fault("purse", "larger = (max(in_, answer.input_tokens", "larger = (min(in_, answer.input_tokens", "purse"),
    Fault("purse", "if used is None:\n            used = self._doubt()", "if used is None:\n            used = 0.0", "purse"),
    Fault("purse", "await self._take(usd, alone=lambda: self._aside <= _ATOM)", "pass", "purse"),
    Fault("purse", "self.spent - self._before + self.doubtful", "self.spent + self.doubtful", "purse"),
    Fault("models/openai_chat", "max(", "min(", "models"),
    # files
    Fault("runfile", "if not force and os.fstat(made.fileno()).st_size:", "if False:", "runfile"),
    Fault("files", "fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass", "runfile"),
    Fault("runfile", "if os.fstat(self._file.fileno()).st_nlink == 0:", "if False:", "runfile"),
    Fault("runfile", "self._file.truncate(self._end)  # half a line", "pass", "runfile"),
    Fault("runfile", "result.model_copy(update={\"answer\": None}) if bare else result, at", "result, at", "runfile"),
    Fault("stored", "if newest.answer is None and first >= 0:", "if False:", "runfile"),
    Fault("stored", "self.header.check_known([result.trial.problem_id])", "pass", "runfile"),
    Fault("files", "os.replace(name, path)", "pass", "cli runfile"),
    # doors
    Fault("intake", "if depth > levels:", "if False:", "runfile puzzles"),
    Fault("intake", "return _WORD.sub(_latin, whole), origin", "return whole, origin", "hostile_text"),
    Fault("errors", "flags=re.IGNORECASE", "flags=0", "models"),
    Fault("models/providers", "if spec.base_url and not self.any_address:", "if False:", "models keys_and_lists"),
    Fault("hosting", "self.cap_usd if self.running() else self.spent_usd()", "self.spent_usd()", "hosting"),
    Fault("models/failures", "words = BLOCKED if status in", "words = BLOCKED if status not in", "models"),
    Fault("report", "'{before[at:]}", "{before[at:]}", "report"),
    # trials and live runs
    Fault("trials", "calls.stop()", "pass", "trials"),
    Fault("trials", "if result.verdict or (result.failure and not failed_too):", "if result.verdict:", "trials"),
    Fault("live", "self._failed += result.failure is not None", "self._failed += 1", "background app"),
    Fault("live", "self._results[result.trial] = result.after(self._results.get(result.trial))", "self._results[result.trial] = result", "background app trials"),
    Fault("records", "spent = max(self.earlier_usd, earlier.earlier_usd) + superseded", "spent = superseded", "runfile purse background"),
    Fault("digest", "made.failed.add((player, result.trial.problem_id))", "pass", "report"),
    Fault("digest", "made.cut_off += answer.cut_off", "pass", "report cli app"),
    Fault("exam", "passed = control.expected == \"zero\" and gave_none", "passed = gave_none", "exam"),
]  # fmt: skip


def caught(fault: Fault, number: int) -> str:
    """How the tests took it: "" where nobody noticed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "*cache*"))
        path = copy / "escape" / f"{fault.file}.py"
        text = path.read_text("utf-8")
        if fault.old not in text:
            return "NOT FOUND"
        path.write_text(text.replace(fault.old, fault.new, 1), "utf-8")
        files = [f"tests/test_{name}.py" for name in fault.tests.split()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files]
        done = subprocess.run(
            command, cwd=copy, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONPATH": str(copy)}
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return lines[0][:110] if lines else "" if done.returncode == 0 else f"exit {done.returncode}"


def main(o: argparse.Namespace) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(caught, FAULTS, range(len(FAULTS))))
    for fault, how in zip(FAULTS, found, strict=True):
        if not how or how == "NOT FOUND":
            print(f"{how or 'SURVIVED':10} {fault.file}: {fault.old!r} -> {fault.new!r} ({fault.tests})")
    good = sum(bool(how) and how != "NOT FOUND" for how in found)
    print(f"{good} of {len(FAULTS)} planted faults were caught ({good / len(FAULTS):.0%})")
