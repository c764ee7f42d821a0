"""Bets: does somebody's plan get out of a room? About half of the plans that are drawn do not.

On 30 November 2026 two readers (language models) judged 784 plans, 95 % of them correctly. `misleading.json`
holds, by room, the plans that one or both of them misjudged; most bets are drawn from these. Plans that were
added later were not read.
"""

import functools
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from escape.puzzles import files
from escape.puzzles.bands import band_of, is_told
from escape.puzzles.recorded import recorded_answer, recorded_players
from escape.puzzles.sample_plans import load_plans
from escape.puzzles.written import written_for
from escape.rooms import Dice, RoomEpisode, plans, room_of, without_mark
from escape.rooms.reading import moves, plan_lines
from escape.types import MoveResult, Outcome, Puzzle, normalized_name

_LAYOUT = re.compile(r"[*`]+")  # marks that some put round a move
FEWEST, MOST = 1, 6  # lines of a plan that somebody reads through on a phone
EASY_ENOUGH = 10  # easy rooms, of which five in a row are drawn
PROBER = "prober"  # whose plans try every rule, as nobody would


@dataclass(frozen=True)
class Bet:
    """A plan to bet on. `by`: its writer, in a few words. `why`: a reader's reason, "" without one."""

    puzzle: Puzzle
    by: str
    lines: tuple[str, ...]
    outcome: Outcome
    why: str = ""

    @property
    def out(self) -> bool:
        return self.outcome.out

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def misleads(self) -> bool:
        """In an easy room, true if it gets out or `is_near`; elsewhere, if a reader misjudged it."""
        if self.puzzle.world and self.puzzle.world.is_easy:
            return self.out or self.is_near
        return self.hash[:16] in misleading_plans().get(self.puzzle.problem_id, ())

    @property
    def is_near(self) -> bool:
        """True if it fails although it takes no other items than the reference does."""
        world = self.puzzle.world
        return (
            world is not None
            and not self.out
            and _items_used(self.puzzle, self.lines) <= _items_used(self.puzzle, world.moves)
        )

    @property
    def text(self) -> str:
        return "\n".join((self.puzzle.problem_id, *self.lines))

    @property
    def steps(self) -> tuple[MoveResult, ...]:
        return self.outcome.steps


@dataclass
class Calling:
    """A visitor's round of bets. `called`: the answers so far, true for out. `at`: the bet on show."""

    bets: list[Bet]
    seed: str
    called: list[bool] = field(default_factory=list)
    at: int = 0

    @property
    def right(self) -> list[bool]:
        return [bet_out == bet.out for bet_out, bet in zip(self.called, self.bets, strict=False)]

    def call(self, *, out: bool) -> bool:
        """Record a bet on the plan on show. Return whether it counts, which a second press does not."""
        first = len(self.called) == self.at
        if first:
            self.called.append(out)
        return first


def outcome_of(puzzle: Puzzle, lines: Sequence[str]) -> Outcome:
    return plans.carry_out(RoomEpisode(room_of(puzzle)), lines).outcome


def pool(puzzles: Sequence[Puzzle]) -> list[Puzzle]:
    """Choose the rooms for bets: the easy ones if there are EASY_ENOUGH, else all but told ones."""
    easy = [p for p in puzzles if band_of(p) == files.EASY]
    return easy if len(easy) >= EASY_ENOUGH else [p for p in puzzles if not is_told(p)]


def sample_bets(puzzles: Sequence[Puzzle], seed: str, n: int = 5) -> list[Bet]:
    """Draw `n` bets on different rooms, about half of them stuck, the same for everybody with one seed.

    Fewer if there are not enough plans.
    """
    dice = Dice(f"bets {seed}")
    stuck_next = dice.below(2) == 0
    rooms = [*dice.in_turn([p for p in puzzles if p.world and p.solvable and not p.twist_of])]
    bets: list[Bet] = []
    # one of five is any plan, then come those that mislead readers, then any where there are too few of these
    for misleading, most in ((False, n // 5), (True, n), (False, n)):
        for puzzle in rooms:
            if len(bets) == most:
                break
            if any(b.puzzle is puzzle for b in bets) or (misleading and not _misleads(puzzle)):
                continue
            fits = (b for b in _plans(puzzle, dice) if b.out != stuck_next and (b.misleads or not misleading))
            bet = next(fits, None)
            if bet:
                bets.append(bet)
                stuck_next = not stuck_next
    return [*dice.in_turn(bets)]  # else every second one would be stuck, and the first an easy one


def _items_used(puzzle: Puzzle, lines: Sequence[str]) -> set[str]:
    items, names = {normalized_name(i) for i in puzzle.setup.available_items}, room_of(puzzle).names
    return items & {
        normalized_name(t) for line in lines for m in moves.read(line, names) for t in (m.thing, m.second)
    }


@functools.lru_cache(maxsize=256)
def _misleads(puzzle: Puzzle) -> bool:
    if puzzle.world and puzzle.world.is_easy:
        return any(bet.is_near for bet in _plans(puzzle, Dice("near")))
    return puzzle.problem_id in misleading_plans()


@functools.cache
def misleading_plans() -> Mapping[str, frozenset[str]]:
    """Load the plans that a reader misjudged: by room, the first 16 digits of their hashes."""
    stored = json.loads(Path(__file__).with_name("misleading.json").read_bytes())
    return {room: frozenset(hashes) for room, hashes in stored.items()}


def _plans(puzzle: Puzzle, dice: Dice) -> Iterator[Bet]:
    """Carry out the plans written for a room and yield those fit for a bet, in a random order.

    Fit are plans of FEWEST to MOST lines that are read in full and do not give up.
    """
    for by, text, why in dice.in_turn([*_known_plans(puzzle)]):
        lines = tuple(
            without_mark(_LAYOUT.sub("", line)) for line in plan_lines.move_lines(f"Moves:\n{text}") or ()
        )
        if FEWEST <= len(lines) <= MOST:
            outcome = outcome_of(puzzle, lines)
            if not outcome.not_understood and not outcome.gave_up:
                yield Bet(puzzle, by, lines, outcome, why)


def _known_plans(puzzle: Puzzle) -> Iterator[tuple[str, str, str]]:
    """Yield each known plan for a room as (writer, moves, a reader's reason or "").

    Plans beside the puzzle's file (without the prober's and those played move by move), demo and recorded
    players' answers.
    """
    folders = files.sets_in(files.BUNDLED).values()
    file = next((f for path in folders if (f := path / f"{puzzle.problem_id}.json").is_file()), None)
    for plan in load_plans(file, puzzle) if file else ():
        if plan.writer != PROBER and not plan.move_by_move:
            yield "a reader who saw only the prompt", "\n".join(plan.lines(puzzle)), plan.why
    for name, written in written_for(puzzle.problem_id).items():
        yield f"{name}, a scripted player", _moves_text(written.answer), ""
    for name, about in recorded_players().items():
        result = recorded_answer(name, puzzle)
        if result and result.answer:
            yield about.label, _moves_text(result.answer.text), ""


def _moves_text(answer: str) -> str:
    return "\n".join(plan_lines.move_lines(answer) or ())


def line_to_share(right: Sequence[bool], day: str) -> str:
    """Write a line to share, without the answers: `Escape 2026-12-01 ▮▮▯▮▯ 4 of 5: ...`."""
    marks = "".join("▮" if hit else "▯" for hit in right)
    return f"Escape {day} {marks} {sum(right)} of {len(right)}: would this plan work?"


WORDS = 60  # of a room that a bet shows


def beginning(text: str) -> str:
    """Cut a text after its last sentence that ends within WORDS words, or after WORDS words."""
    if len(text.split()) <= WORDS:
        return text
    ends = [m.end() for m in re.finditer(r"[.!?](?=\s)", text)]
    complete = [end for end in ends if len(text[:end].split()) <= WORDS]
    return text[: complete[-1]] if complete else " ".join(text.split()[:WORDS]) + " …"
