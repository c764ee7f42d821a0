"""The estimate of what a run will cost, and the most that one of its trials can. USD. Asks nobody, builds no model."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from escape import prompts
from escape.calls import Budget
from escape.judges import checklist
from escape.models import Bill, prices
from escape.puzzles import RECORDED, controls, is_told
from escape.rooms import attempt, playable
from escape.types import Answer, ModelSpec, Puzzle, RunConfig, Trial

BYTES_A_TOKEN = 5  # in an answer as long as its limit allows: a word and its space
REPAIR_BYTES = 4_000  # of the lines that a player is shown again
_MARKER = "=" * 20


def estimate_bills(
    config: RunConfig,
    puzzles: Sequence[Puzzle],
    todo: Collection[Trial] | None = None,
    answered: Collection[Trial] = (),
) -> tuple[Bill, Bill]:
    """Return what a run will probably cost: its players, its judge. `todo`: only these trials. Those `answered` need
    only a judge.

    Prompts are the real ones. Answers are assumed to be as long as the reference, and at most as long as their limit.
    """
    by_id = {p.problem_id: p for p in puzzles}
    if todo is None:
        asked_counts = {(s.name, p): config.repeats for s in config.players for p in by_id}
        marked = Counter(dict.fromkeys(by_id, config.repeats * sum(s.provider != RECORDED for s in config.players)))
    else:
        asked_counts = Counter((t.player, t.problem_id) for t in todo if t not in answered)
        marked = Counter(t.problem_id for t in todo if not t.player.startswith(f"{RECORDED}:"))
    marked = Counter({i: n for i, n in marked.items() if not is_told(by_id[i])})
    players = judge = prices.NOTHING
    in_turns = config.protocol == "move by move"
    for spec in () if in_turns else config.players:
        priced_prompts = [
            (prompts.player(by_id[p], moves=config.moves), n)
            for (player, p), n in asked_counts.items()
            if player == spec.name
        ]
        players += prices.bill(spec, priced_prompts, prices.TYPICAL_ANSWER)
    if in_turns:
        players = _conversations(config, by_id, asked_counts)
    longest = BYTES_A_TOKEN * max((s.max_tokens for s in config.players), default=0)
    read = [
        (checklist.checklist(by_id[p], controls.reference(by_id[p]), _MARKER), n)
        for p, n in ({} if in_turns else marked).items()
    ]
    for spec in config.judge.models:
        one = prices.bill(spec, read, prices.TYPICAL_VERDICT, longest_bytes=longest)
        most = None if one.most is None else 3 * one.most  # it may be asked again for its form, and for quotes
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
    """What the trials of one run can cost, by what its calls have cost so far."""

    budget: Budget
    config: RunConfig

    def max_usd(self, puzzle: Puzzle, player: ModelSpec | None, answer: Answer | None) -> float:
        """Return the most that a trial can cost: its player's call, if still needed, and one to each judge."""
        if self.config.max_cost_usd is None or self.config.protocol == "move by move":
            return 0.0  # a conversation reserves turn by turn
        asks = player is not None and answer is None
        usd = 0.0
        if player and asks:
            usd = self.budget.ceiling(player, prompts.player(puzzle, moves=self.config.moves)) or 0.0
            if playable(puzzle):  # lines may be written anew within the same answer budget; asking for it comes on top
                again = prompts.repair(puzzle, (), {}).model_copy(update={"limit": 1})
                usd += self.budget.ceiling(player, again, REPAIR_BYTES) or 0.0
        if judging := () if is_told(puzzle) else self.config.judge.models:
            longest = BYTES_A_TOKEN * player.max_tokens if player and asks else 0
            prompt = checklist.checklist(puzzle, answer.text if answer else "", _MARKER)
            # the most, not what judging has cost so far: else answers are paid for that cannot be marked any more
            usd += sum(self.budget.ceiling(spec, prompt, longest) or 0.0 for spec in judging)
        return usd

    def describe(self, puzzle: Puzzle, player: ModelSpec | None, answer: Answer | None) -> str:
        """Return what part of the most that a trial can cost is its judge's, and what one usually costs."""
        config = self.config.model_copy(update={"players": (player,) if player and not answer else (), "repeats": 1})
        trial = Trial(problem_id=puzzle.problem_id, player=player.name if player else "")
        player_bill, judged = estimate_bills(config, [puzzle], [trial])
        usual = (player_bill + judged).high
        judge = self.max_usd(puzzle, None, answer or Answer(text=""))
        words = f", {judge:.4f} of it for the judge" if judge else ""
        return f"{words} (usually about {usual:.4f})" if usual else words
