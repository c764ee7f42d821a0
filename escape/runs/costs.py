"""Costs in USD: an estimate for a run, and the most that one of its trials can cost.

Calls nobody, builds no model.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from escape import prompts
from escape.calls import Budget
from escape.judges import checklist, is_markable
from escape.models import PROVIDERS, Bill, prices
from escape.puzzles import controls
from escape.rooms import attempt, playable
from escape.types import Answer, JudgeSpec, ModelSpec, Puzzle, RunConfig, Trial

BYTES_A_TOKEN = 5  # in an answer as long as its limit allows: a word and its space
REPAIR_BYTES = 4_000  # of the lines that a player is shown again
_MARKER = "=" * 20  # as long as the random fence around an answer in a judge's prompt


def estimate_bills(
    config: RunConfig,
    puzzles: Sequence[Puzzle],
    to_ask: Collection[Trial] | None = None,
    to_mark: Collection[Trial] | None = None,
) -> tuple[Bill, Bill]:
    """Estimate what a run will cost, for its players and for its judge, or for the given trials only.

    Prompts are the real ones, and a player's answer has a typical length. In the judge's prompt an answer is
    as long as the reference, and at most as long as the players' limits allow.
    """
    by_id = {p.problem_id: p for p in puzzles}
    if to_ask is None:
        to_ask = [t for t in config.trials() if t.problem_id in by_id]
    if to_mark is None:
        to_mark = [
            t for t in to_ask if config.marks(t) and is_markable(config.judge, by_id[t.problem_id], t.player)
        ]
    asked_counts = Counter((t.player, t.problem_id) for t in to_ask)
    marked = Counter(t.problem_id for t in to_mark)
    players = judge = prices.NOTHING
    if config.in_turns:
        players = _conversations(config, by_id, asked_counts)
    else:
        for spec in config.players:
            priced_prompts = [
                (prompts.player(by_id[p], moves=config.moves), n)
                for (player, p), n in asked_counts.items()
                if player == spec.name
            ]
            players += prices.bill(spec, priced_prompts, prices.TYPICAL_ANSWER)
    longest = BYTES_A_TOKEN * max((s.max_tokens for s in config.players), default=0)
    if config.in_turns:
        marked.clear()  # no judge reads a conversation
    judge_prompts = [
        (checklist.checklist(by_id[p], controls.reference(by_id[p]), _MARKER), n) for p, n in marked.items()
    ]
    for spec in config.judge.models:
        one = prices.bill(spec, judge_prompts, prices.TYPICAL_VERDICT, longest_bytes=longest)
        # it may be asked again for its form, and for quotes
        most = None if one.most is None else 3 * one.most
        judge += replace(one, most=most)
    return players, judge


def _conversations(
    config: RunConfig, by_id: Mapping[str, Puzzle], times_by_cell: Mapping[tuple[str, str], int]
) -> Bill:
    bill = prices.NOTHING
    for spec in config.players:
        priced_prompts = []
        for (player, problem_id), times in times_by_cell.items():
            if player == spec.name and playable(puzzle := by_id[problem_id]):
                episode = attempt(puzzle, "move by move")
                first = prompts.move_by_move(puzzle, episode.max_lines, spec)
                priced_prompts.append((first, max(1, episode.outcome.shortest), episode.max_lines, times))
        bill += prices.conversations(spec, priced_prompts)
    return bill


@dataclass(frozen=True)
class TrialCosts:
    """Upper bounds in USD for asking and marking one answer, adjusted to the usage seen so far."""

    budget: Budget
    config: RunConfig

    def max_usd(self, puzzle: Puzzle, player: ModelSpec | None, answer: Answer | None) -> float:
        """Bound what asking a player can cost, the repair of its plan included.

        For an answer that is already there, only the repair counts. 0 for a conversation, which books turn by
        turn.
        """
        if player is None or self.config.in_turns:
            return 0.0
        usd = 0.0
        if answer is None:
            usd = self.budget.ceiling(player, prompts.player(puzzle, moves=self.config.moves)) or 0.0
        # lines may be written anew within the same answer budget; asking for it comes on top
        if playable(puzzle):
            again = prompts.repair(puzzle, (), {}).model_copy(update={"limit": 1})
            usd += self.budget.ceiling(player, again, REPAIR_BYTES) or 0.0
        return usd

    def mark_usd(self, judge: ModelSpec, puzzle: Puzzle, answer: str) -> float:
        """Bound what one reply of a judge about an answer can cost, in USD."""
        return self.budget.ceiling(judge, checklist.checklist(puzzle, answer, _MARKER)) or 0.0

    def usually(self, puzzle: Puzzle, player: ModelSpec | None, answer: Answer | None) -> str:
        """Format what asking a player usually costs, in brackets. "" if unknown or already answered."""
        if player is None or player.provider not in PROVIDERS or answer is not None:
            return ""
        config = self.config.model_copy(update={"players": (player,), "repeats": 1, "judge": JudgeSpec()})
        usual = estimate_bills(config, [puzzle])[0].high
        return f" (usually about {usual:.4f})" if usual else ""
