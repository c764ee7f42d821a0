"""A board for machines: our own record of it, and one a player in the format of Every Eval Ever (schema 0.2.1).

That format: https://github.com/evaleval/every_eval_ever, a record of one model's results with its source, settings and
uncertainty. Its free fields hold text only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from escape.environments import counts_doors, environment_of
from escape.extras.publish.boards import FORESIGHT, PAIRS, Board, Entry, Line
from escape.metrics import METRICS
from escape.results import facts
from escape.stats import Interval

RECORDED = {"foresight": FORESIGHT, "pairs": PAIRS}  # a figure's name in records -> on the page
MEANS = {
    FORESIGHT: "what is said rightly of what would happen, chance taken off: 0 is a guess, 1 all right",
    PAIRS: "the share of rooms left both as they are and with one fact changed",
}
FORMAT = "escape-board/1"
SCHEMA = "0.2.1"
Object = dict[str, JsonValue]


def board(boards: Sequence[Board], made_at: str) -> Object:
    """Everything that the page says in figures, and the files that it rests on."""
    entries = {e.file: e for b in boards for e in b.entries}
    return {
        "format": FORMAT,
        "made_at": made_at,
        "runs": [_run(e) for _, e in sorted(entries.items())],
        "boards": [{"title": b.title, "most": b.most, "players": [_line(x) for x in b.lines]} for b in boards],
    }


def _run(entry: Entry) -> Object:
    run = entry.run
    seeds = sorted({f"{r.seed} {r.number}" for p in run.puzzles if (r := environment_of(p).recipe(p))})
    return {
        "run_id": run.run_id,
        "file": entry.file,
        "sha256": entry.sha256,
        "origin": entry.origin,
        "started_at": run.started_at,
        "players": list(run.players),
        "seeds": list(seeds),
    }


def _line(line: Line) -> Object:
    return {
        "player": line.player,
        "value": line.value,
        "low": line.low,
        "high": line.high,
        "ranks": list(line.ranks) if line.ranks else None,
        "missing": line.missing,
        "answer_budget": line.budget,
        "beside": line.beside,
        **{key: _span(line.more.get(name)) for key, name in RECORDED.items() if name in line.more},
        "run": line.entry.file,
    }


def _span(span: Interval | None) -> Object | None:
    return None if span is None else {"value": span.mean, "low": span.low, "high": span.high, "puzzles": span.n}


def every_eval_ever(boards: Sequence[Board], made_at: str) -> Iterator[tuple[str, Object]]:
    """(file name, record) for each player of each board."""
    for n, one in enumerate(boards, 1):
        for m, line in enumerate(one.lines, 1):
            name = f"{line.entry.slug}-{n}-{m}"
            yield f"{name}.json", _record(one, line, made_at, name)


def _record(one: Board, line: Line, made_at: str, name: str) -> Object:
    run, spec = line.entry.run, next((s for s in one.run.config.players if s.name == line.player), None)
    provider, _, model = line.player.partition(":")
    when = _unix(made_at)
    score: Object = {"score": line.value}
    if line.low is not None and line.high is not None:
        span: Object = {"lower": line.low, "upper": line.high, "confidence_level": 0.95}
        score["uncertainty"] = {"confidence_interval": span, "num_samples": len(run.config.problem_ids)}
    by_doors = counts_doors(one.run)
    result: Object = {
        "evaluation_name": one.title,
        "evaluation_timestamp": _unix(run.started_at),
        "source_data": {
            "dataset_name": one.title,
            "source_type": "other",
            "additional_details": {name: value[:2000] for name, value in facts(run, METRICS["verified"])},
        },
        "metric_config": {
            "evaluation_description": "doors opened, in the median over houses"
            if by_doors
            else "the share of rooms that the moves lead out of, carried out by code",
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": one.most,
        },
        "score_details": score,
    }
    if spec is not None:
        settings: Object = {"max_tokens": spec.max_tokens}
        if spec.temperature is not None:
            settings["temperature"] = spec.temperature
        result["generation_config"] = {"generation_args": settings}
    return {
        "schema_version": SCHEMA,
        "evaluation_id": f"escape/{line.player}/{when}/{name}",
        "evaluation_timestamp": _unix(run.started_at),
        "retrieved_timestamp": when,
        "source_metadata": {
            "source_name": "Escape",
            "source_type": "evaluation_run",
            "source_organization_name": "Escape",
            "evaluator_relationship": "third_party" if line.entry.origin == "re-run" else "other",
            "additional_details": {"origin": line.entry.origin, "run_file_sha256": line.entry.sha256},
        },
        "eval_library": {"name": "escape", "version": run.versions.get("escape") or "unknown"},
        "model_info": {"name": model or line.player, "id": f"{provider}/{model}" if model else line.player},
        "evaluation_results": [result, *_more(result, line)],
    }


def _more(result: Object, line: Line) -> Iterator[Object]:
    """A result of its own for each further figure."""
    for name, span in line.more.items():
        score: Object = {"score": span.mean}
        if span.low is not None and span.high is not None:
            within: Object = {"lower": span.low, "upper": span.high, "confidence_level": 0.95}
            score["uncertainty"] = {"confidence_interval": within, "num_samples": span.n}
        metric: Object = {
            "evaluation_description": MEANS[name],
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": -1.0 if name == FORESIGHT else 0.0,
            "max_score": 1.0,
        }
        title = f"{result['evaluation_name']}: {name}"
        yield {**result, "evaluation_name": title, "metric_config": metric, "score_details": score}


def _unix(at: str) -> str:
    """A time as seconds since 1970, as text; "0" for what is no time."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return "0"
    try:
        return str(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
    except (ValueError, OverflowError):
        return "0"
