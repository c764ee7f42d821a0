"""Our runs as logs of Inspect, one a player, which `inspect view` opens. Needs the extra `inspect`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalLog,
    EvalMetric,
    EvalResults,
    EvalSample,
    EvalScore,
    EvalSpec,
    EvalStats,
    write_eval_log,
)
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ModelOutput, ModelUsage
from inspect_ai.scorer import Score

from escape import prompts
from escape.environments import ENVIRONMENTS, attempt
from escape.environments.foresight import score as foreseen
from escape.extras.inspect.tasks import messages, target_of
from escape.extras.publish import slug
from escape.metrics import LABELS
from escape.results import count
from escape.stats import Interval, bounded_interval
from escape.types import FileError, ModelSpec, Puzzle, Result, Run


def write(run: Run, folder: Path) -> list[Path]:
    """Write a log for each player of a run; returns the files. Raises FileError."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, log in enumerate(logs(run), 1):
            file = folder / f"escape-{slug(run.run_id)}-{number}.eval"
            write_eval_log(log, str(file), format="eval")
            written.append(file)
    except (OSError, ValueError, OverflowError) as error:
        raise FileError(f"{folder}: the log cannot be written ({type(error).__name__}); name another folder") from None
    return written


def logs(run: Run) -> Iterator[EvalLog]:
    """A log for each player with answers."""
    by_id = run.puzzle_by_id
    specs = {s.name: s for s in run.config.players}
    for player in run.players:
        results = [r for r in run.results if r.trial.player == player and (r.answer or r.turns)]
        if not results:
            continue
        spec = specs.get(player) or ModelSpec(provider="person", model=player[:200])
        samples = [_sample(r, by_id[r.trial.problem_id], spec, moves=run.config.moves) for r in results]
        yield EvalLog(
            status="success",
            eval=_spec(run, player, spec, results),
            results=EvalResults(
                total_samples=len(samples), completed_samples=len(samples), scores=list(_scores(samples))
            ),
            stats=EvalStats(
                started_at=_time(run.started_at),
                completed_at=_time(max((r.ended_at for r in results), default="") or run.started_at),
                model_usage={player: sum((s.output.usage for s in samples if s.output.usage), start=ModelUsage())},
            ),
            samples=samples,
        )


def _spec(run: Run, player: str, spec: ModelSpec, results: Sequence[Result]) -> EvalSpec:
    ids = list(dict.fromkeys(r.trial.problem_id for r in results))
    kinds = {p.kind for p in run.puzzles if p.problem_id in set(ids)}
    return EvalSpec(
        eval_id=f"{run.run_id}-{player}"[:100],
        run_id=run.run_id,
        created=_time(run.started_at),
        task=f"escape/{kinds.pop() if len(kinds) == 1 else next(iter(ENVIRONMENTS))}",
        task_id=run.run_id,
        dataset=EvalDataset(name="escape", samples=len(ids), sample_ids=list(ids), shuffled=False),
        model=player,
        model_base_url=spec.base_url,
        config=EvalConfig(epochs=run.config.repeats),
        packages={"escape": run.versions.get("escape", "")},
        metadata={"how they play": run.config.protocol, "judge": run.config.judge.name, **dict(run.versions)},
    )


def _time(at: str) -> str:
    """A time as Inspect takes it; the beginning of 1970 for what is none."""
    try:
        moment = datetime.fromisoformat(at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return "1970-01-01T00:00:00+00:00"


def _sample(result: Result, puzzle: Puzzle, spec: ModelSpec, *, moves: bool) -> EvalSample:
    if result.turns:
        most = attempt(puzzle, "move by move").max_lines
        first = prompts.move_by_move(puzzle, most, spec).model_copy(update={"turns": result.turns})
        conversation = messages(first)
        prompt_messages: list[ChatMessage] = messages(first.model_copy(update={"turns": ()}))
    else:
        prompt_messages = messages(prompts.player(puzzle, moves=moves))
        conversation = [*prompt_messages, ChatMessageAssistant(content=result.answer.text if result.answer else "")]
    answer = result.answer
    output = ModelOutput.from_content(spec.name, answer.text if answer else "")
    if answer:
        sent, came = answer.input_tokens or 0, answer.output_tokens or 0
        output.usage = ModelUsage(input_tokens=sent, output_tokens=came, total_tokens=sent + came)
    return EvalSample(
        id=puzzle.problem_id,
        epoch=result.trial.repeat,
        input=prompt_messages,
        target=target_of(puzzle),
        messages=conversation,
        output=output,
        scores=dict(_marks(result)),
        metadata={"title": puzzle.name},
    )


def _marks(result: Result) -> Iterator[tuple[str, Score]]:
    outcome = result.led_to
    if outcome and outcome.doors:
        explanation = f"{outcome.doors.opened} of {count(outcome.doors.total, 'door')}"
        yield "doors", Score(value=float(outcome.doors.opened), explanation=explanation)
    elif outcome:
        explanation = f"{'out' if outcome.out else 'not out'} in {count(outcome.moves, 'move')}"
        yield "out", Score(value=float(outcome.out), explanation=explanation)
    if result.verdict:
        for name, label in LABELS.items():
            value = getattr(result.verdict.scores, name, None)
            if value is not None:
                yield name, Score(value=float(value), explanation=f"{label}, by {result.verdict.judge}")
    if result.foresight and result.foresight.items:
        right = sum(x.right for x in result.foresight.items)
        explanation = f"{right} of {len(result.foresight.items)} right"
        yield "foresight", Score(value=foreseen(result.foresight.items) or 0.0, explanation=explanation)


def _scores(samples: Sequence[EvalSample]) -> Iterator[EvalScore]:
    """Each score's mean over the samples that have it."""
    scores: dict[str, list[float]] = {}
    for sample in samples:
        for name, score in (sample.scores or {}).items():
            scores.setdefault(name, []).append(float(score.as_float()))
    for name, values in scores.items():
        span: Interval = bounded_interval(values, max(1.0, *values))
        yield EvalScore(
            name=name,
            scorer=name,
            scored_samples=len(values),
            metrics={"mean": EvalMetric(name="mean", value=span.mean)},
        )
