"""Teacher and student: what each may see and write, in any kind of round. Each object has only its own rights."""

import re
import secrets
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from escape.classes.data import ClassData, packed
from escape.classes.results import Handed, Reviewed, assigned, gets_out, handed_in, reviewed
from escape.classes.rounds import MAX_ENTRY_LENGTH, Called, Guess, Played, Remark, Review, Round, RoundSettings, label
from escape.classes.scenes import Place
from escape.intake import folded
from escape.metrics import marks, validated_scores
from escape.rooms import playable
from escape.store import ClassRow, Entry, MemberRow, RoundRow, hashed
from escape.types import ClassError, EscapeError, Puzzle, Run, Trial, Verdict, without_surrogates

# signs and letters of another alphabet that look like letters
_LOOKS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "i"}
    | dict(zip("аеорсухіѕ", "aeopcyxis", strict=True))
)
_TEACHER = re.compile(r"teacher|professor|lehrer|instructor|^(?:the)?board$")  # a Boardman may join
_TITLES = {"prof", "dr", "mr", "mrs", "ms", "miss", "mx", "sir", "herr", "frau", "tutor", "admin"}
_LABEL = re.compile(r"[s5$][0-9oil]{1,3}")  # `S01` is what somebody is called on the board
_ADDRESS = re.compile(r"://|www\.|\.(?:com|net|org|de|fr|io)\b|@\w+\.|(?:\d[ -]?){7}")
_APART = re.compile(r"[\W_]+")
_SPELT = re.compile(r"(?<=\b[^\W_])[\W_]+(?=[^\W_]\b)")  # between letters that stand alone: P r o f


def unfit(folded: str) -> bool:
    """Return whether a folded nickname is an address, or passes for the teacher or for a label of the board.

    There is no list of rude words: the teacher sees every name, and renames or removes whom they like.
    """
    words = _APART.split(_SPELT.sub("", folded.translate(_LOOKS)))
    passes = _TEACHER.search("".join(words)) or _TITLES & {*words, "".join(words)}
    return bool(passes or _LABEL.fullmatch(_APART.sub("", folded)) or _ADDRESS.search(folded))


DAY_S = 86_400.0
# for class codes; without letters that look alike: I L O 0 1
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # pragma: allowlist secret
CODE = 6
BURST, BURST_S = 10, 5.0  # so many people within so many seconds: from the last of them on it is a burst
MAX_ENTRIES = 40  # of one member in one round
MAX_PUZZLES = 5  # of one member


@dataclass(frozen=True)
class Teacher:
    """Whoever has the secret of a class: steers its rounds, and reads them once revealed."""

    data: ClassData
    code: str

    def about(self) -> ClassRow:
        """Return the class. Raises ClassError once it is deleted."""
        row = self.data.rows.get(self.code)
        if row is None:
            raise ClassError("this class was deleted")
        return row

    def run(self, class_round: Round | None = None) -> Run:
        """Return the run that the class is about, with its puzzles, or the one that a round was about."""
        return self.data.run(self.code, class_round.plan.content if class_round else 0)

    def set_run(self, run: Run, run_code: str = "") -> None:
        """Switch the class to another run, such as one over its own puzzles. `run_code`: of its link."""
        rounds, now = self.rounds(), self.about().content
        if any(r.state == "open" for r in rounds):
            raise ClassError("an open round is about the previous run; close or reveal it first")
        self.data.rows.set_run(self.code, packed(run), keep=any(r.plan.content == now for r in rounds))
        if run_code:
            self.data.rows.link(self.code, run_code)

    def members(self) -> list[MemberRow]:
        return self.data.rows.members(self.code)

    def rounds(self) -> list[Round]:
        return [_round(r) for r in self.data.rows.rounds(self.code)]

    def start(self, plan: RoundSettings) -> Round:
        """Open a round. An open one is closed. Raises ClassError for a plan that does not fit this class's run."""
        run = self.run()
        answered_trials = {r.trial for r in run.results if r.answer}
        if plan.kind in ("mark", "note") and (not plan.answers or set(plan.answers) - answered_trials):
            raise ClassError("choose answers from this class's run")
        rooms = {p.problem_id for p in run.puzzles if playable(p)}
        if plan.kind == "play" and (not plan.puzzles or set(plan.puzzles) - rooms):
            raise ClassError("choose at least one room to play")
        if plan.kind == "predict" and len(plan.players) < 2:
            raise ClassError("choose at least two players for the prediction")
        if plan.kind == "bet" and (
            not plan.bets or {b.problem_id for b in plan.bets} - {p.problem_id for p in run.puzzles}
        ):
            raise ClassError("there is no plan to bet on in this class's rooms; open the class on bundled rooms")
        if plan.kind == "review" and len({room.member for room in self.rooms(plan.written) if not room.missing}) < 2:
            raise ClassError("rooms of two students at least have to be proved before they can be reviewed")
        plan = plan.model_copy(update={"content": self.about().content, "opened_at": time.time()})
        body = plan.model_dump_json(exclude_defaults=True)
        return _round(self.data.rows.open_round(self.code, body, "count.{number}.1"))

    def show(self, place: Place) -> None:
        """Have the board show a scene."""
        self.data.rows.set_scene(self.code, str(place))

    def rooms(self, written: int) -> list[Handed]:
        """Return what was handed in in a writing round, once it is no longer open."""
        class_round = next((r for r in self.rounds() if r.id == written and r.plan.kind == "write"), None)
        if class_round is None or class_round.state == "open":
            raise ClassError("close the round in which the rooms are written first")
        return handed_in(self.about().teacher, self.data.rows.entries(written))

    def counts(self, class_round: Round) -> tuple[int, int]:
        return self.data.rows.counts(class_round.id)

    def close(self, class_round: Round) -> None:
        self.data.rows.set_state(self.code, class_round.id, "closed")

    def reopen(self, class_round: Round) -> None:
        """Let everyone continue, unless the round is revealed."""
        if class_round.state == "revealed":
            raise ClassError("a revealed round stays closed; open a new one")
        if any(r.number > class_round.number for r in self.rounds()):
            raise ClassError("a later round was opened; only the newest one can be opened again")
        self.data.rows.set_state(self.code, class_round.id, "open")

    def reveal(self, class_round: Round) -> None:
        """Show what came of the round, which also closes it: for a prediction, of the run that the class has now."""
        if class_round.plan.kind == "predict":
            plan = class_round.plan.model_copy(update={"content": self.about().content})
            self.data.rows.set_plan(self.code, class_round.id, plan.model_dump_json(exclude_defaults=True))
        self.data.rows.set_state(self.code, class_round.id, "revealed", str(Place("result", class_round.number)))

    def entries(self, class_round: Round) -> list[Entry]:
        """Return what was written. Raises ClassError before the round is revealed."""
        now = next((r for r in self.rounds() if r.id == class_round.id), None)
        if now is None or now.state != "revealed":
            raise ClassError("nobody sees the entries before the round is revealed; reveal it first")
        return self.data.rows.entries(class_round.id)

    def group(self, class_round: Round, key: str, category: str) -> None:
        now = next(
            (r for r in self.rounds() if r.id == class_round.id), class_round
        )  # another board may have put some already
        plan = now.plan.model_copy(update={"groups": {**now.plan.groups, key: category}})
        self.data.rows.set_plan(self.code, class_round.id, plan.model_dump_json(exclude_defaults=True))

    def rename(self, member: MemberRow, nickname: str) -> None:
        if not self.data.rows.rename(self.code, member.id, *checked_nickname(nickname, seen=True)):
            raise ClassError("that nickname is taken; choose another")

    def remove(self, *these: MemberRow) -> None:
        """Take members out, with all that they wrote. Their places among those who join in a minute are free again."""
        self.data.rows.remove(self.code, [member.id for member in these])
        self.data.rows.store.forget_tries(joins_of(self.about()))

    def readmit(self, member: MemberRow) -> str:
        """Return a new word with which a member comes back as who they were. The earlier one stops working."""
        word = new_passphrase()
        self.data.rows.set_secret(self.code, member.id, hashed(word))
        return word

    def burst(self) -> list[MemberRow]:
        """Those who came faster than a class does, and have written nothing. Empty if nobody did."""
        wrote = self.data.rows.writers(self.code)
        return [m for m in came_at_once(self.members()) if m.id not in wrote]

    def silent_since(self, at: float) -> list[MemberRow]:
        """Return who joined since a moment (seconds since 1970) and has written nothing, such as a slow flood."""
        wrote = self.data.rows.writers(self.code)
        return [m for m in self.members() if m.at >= at and m.id not in wrote]

    def remove_silent(self, these: Sequence[MemberRow]) -> None:
        """Take out those of these who have still written nothing."""
        wrote = self.data.rows.writers(self.code)
        self.remove(*(m for m in these if m.id not in wrote))

    def let_in(self, member: MemberRow | None = None) -> None:
        """Let somebody in who waits, or those who came first. Never more than there are seats. Raises ClassError."""
        if not self.data.rows.let_in(self.code, member.id if member else None):
            raise ClassError("all seats are taken; say that you expect more people, or take somebody out first")

    def new_code(self) -> None:
        """Give newcomers another code. The one so far ends for them. Who is in stays in."""
        for _ in range(20):
            if self.data.rows.set_door(self.code, new_code()):
                return
        raise ClassError("no code was free; try again")

    def expect(self, people: int) -> None:
        """Say how many people may come in without a nod."""
        self.data.rows.set_seats(self.code, people)

    def close_door(self) -> None:
        self.data.rows.extend_joining(self.code, time.time())

    def extend_joining(self) -> None:
        self.data.rows.extend_joining(self.code, time.time() + DAY_S)

    def delete(self) -> None:
        self.data.rows.delete(self.code)
        self.data.forget(self.code)


@dataclass(frozen=True)
class Student:
    """A member: sees the current round and only their own entries. Writes while it is open."""

    data: ClassData
    member: MemberRow

    def round(self) -> Round | None:
        """Return the newest round. Raises ClassError if the class is gone."""
        standing = self.data.rows.standing(self.member.id)
        if standing is None:
            gone = self.data.rows.get(self.member.code) is None
            raise ClassError("this class was deleted" if gone else "your teacher has taken you out of this class")
        row = self.data.rows.last_round(self.member.code) if standing == "in" else None
        return _round(row) if row else None

    def waits(self) -> bool:
        return self.data.rows.standing(self.member.id) == "waiting"

    def run(self, class_round: Round | None = None) -> Run:
        return self.data.run(self.member.code, class_round.plan.content if class_round else 0)

    def mine(self, class_round: Round) -> dict[str, str]:
        return self.data.rows.mine(class_round.id, self.member.id)

    def mark(self, class_round: Round, trial: Trial, verdict: Verdict) -> None:
        """Mark an answer, or change a mark. The mark is validated here, whichever page it comes from."""
        if class_round.plan.kind != "mark" or trial not in class_round.plan.answers:
            raise ClassError("this answer is not one of those to mark; choose another")
        puzzle = self.run(class_round).puzzle_by_id[trial.problem_id]
        checked = _checked(verdict, puzzle, f"human:{label(self.member.number)}")
        self._write(class_round, trial.model_dump_json(), checked.model_dump_json(exclude_defaults=True), MAX_ENTRIES)

    def play(self, class_round: Round, problem_id: str, played: Played) -> None:
        if class_round.plan.kind != "play" or problem_id not in class_round.plan.puzzles:
            raise ClassError("this room is not one of those to play; choose another")
        self._write(class_round, problem_id, played.model_dump_json(), MAX_ENTRIES)

    def call(self, class_round: Round, number: int, bet: Called) -> None:
        """Bet on a plan, by its place in the round from 0."""
        if class_round.plan.kind != "bet" or not 0 <= number < len(class_round.plan.bets):
            raise ClassError("this plan is not one of those to bet on; choose another")
        self._write(class_round, str(number), bet.model_dump_json(), MAX_ENTRIES)

    def remark(self, class_round: Round, trial: Trial, remark: Remark) -> None:
        if class_round.plan.kind != "note" or trial not in class_round.plan.answers:
            raise ClassError("this answer is not one of those to read; choose another")
        self._write(class_round, trial.model_dump_json(), remark.model_dump_json(), MAX_ENTRIES)

    def to_review(self, class_round: Round) -> dict[str, Puzzle]:
        """Return the two rooms of classmates that this student reviews. Nothing says whose they are."""
        return {room.key: room.puzzle for room in self._assigned(class_round)}

    def _rooms(self, class_round: Round) -> list[Handed]:
        row = self.data.rows.get(self.member.code)
        return handed_in(row.teacher if row else "", self.data.rows.entries(class_round.plan.written))

    def _assigned(self, class_round: Round) -> list[Handed]:
        return assigned(self._rooms(class_round), self.member.number) if class_round.plan.kind == "review" else []

    def review(self, class_round: Round, key: str, review: Review) -> None:
        room = next((r for r in self._assigned(class_round) if r.key == key), None)
        if room is None:
            raise ClassError("this room is not one of those to review; choose another")
        from_room = {"room": room.room_id, "out": gets_out(room.puzzle, review)}
        self._write(class_round, key, review.model_copy(update=from_room).model_dump_json(), MAX_ENTRIES)

    def reviews_of_mine(self, class_round: Round) -> list[Reviewed]:
        """Return what classmates said of this student's rooms. Raises ClassError before the round is revealed."""
        now = self.round()
        if now is None or now.id != class_round.id or now.state != "revealed":
            raise ClassError("nobody sees the reviews before they are revealed")
        own_rooms = [room for room in self._rooms(class_round) if room.member == self.member.number]
        return reviewed(own_rooms, self.data.rows.entries(class_round.id))

    def hand_in(self, class_round: Round, puzzle: Puzzle) -> None:
        """Hand in a puzzle, or a later version of it under the same id."""
        if class_round.plan.kind != "write":
            raise ClassError("puzzles are not being collected right now; wait for your teacher to open a round")
        self._write(class_round, puzzle.problem_id, puzzle.model_dump_json(exclude_defaults=True), MAX_PUZZLES)

    def predict(self, class_round: Round, guess: Guess) -> None:
        if class_round.plan.kind != "predict" or guess.winner not in class_round.plan.players:
            raise ClassError("choose one of the players")
        self._write(class_round, "guess", guess.model_dump_json(), 1)

    def _write(self, class_round: Round, item: str, body: str, most: int) -> None:
        if len(body) > MAX_ENTRY_LENGTH or len(item) > 300:
            raise ClassError(f"that is too long; {MAX_ENTRY_LENGTH} characters at most")
        if not self.data.rows.write(class_round.id, self.member.id, item, body, most):
            raise ClassError(f"this round is closed, or you have already handed in {most}; wait for the next one")


def joins_of(row: ClassRow) -> str:
    """Return under what the people are counted who join a class by its present code."""
    return f"join {row.joining}"


def new_passphrase() -> str:
    """Return a word to come back with, one of 80 to the power of 7."""
    return "".join(secrets.choice("bdfghklmnprstvwz") + secrets.choice("aeiou") for _ in range(7))


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE))


def came_at_once(members: Sequence[MemberRow]) -> list[MemberRow]:
    """Return everybody who joined as the BURST-th or later within BURST_S seconds."""
    by_time = sorted((m for m in members if m.at), key=attrgetter("at"))
    return [
        member
        for n, member in enumerate(by_time)
        if n + 1 >= BURST and member.at - by_time[n + 1 - BURST].at <= BURST_S
    ]


def checked_nickname(nickname: str, *, seen: bool = False) -> tuple[str, str]:
    """Return a nickname as shown, and as compared: by its letters and figures. `seen`: the teacher gave it.

    Raises ClassError.
    """
    # invisible characters do not count
    visible = (c for c in without_surrogates(nickname) if unicodedata.category(c) != "Cf")
    name = " ".join("".join(c if c.isprintable() else " " for c in visible).split())
    if not 1 <= len(name) <= 24:
        raise ClassError("write a nickname of 1 to 24 characters")
    plain = folded(name).casefold()
    if not seen and unfit(plain):
        raise ClassError("choose another nickname: this one could be taken for somebody else's, or is an address")
    return name, (_APART.sub("", plain) or plain)[:64]  # A d a is Ada; a name of signs alone is what it is


def _round(row: RoundRow) -> Round:
    return Round(row.id, row.number, row.state, RoundSettings.model_validate_json(row.plan))  # type: ignore[arg-type]


def _checked(verdict: Verdict, puzzle: Puzzle, rater: str) -> Verdict:
    """Return a person's verdict, with marks that this puzzle allows, recomputed from its checklist if there is one."""
    items = verdict.checklist
    try:
        if items is None:
            s = verdict.scores
            scores = validated_scores(s.pus, s.sps, s.rhh, puzzle)
        else:
            lines = [t.text for t in items.ticks]
            if lines != [*puzzle.physical_principles, *puzzle.solution.steps, *puzzle.red_herrings]:
                raise ClassError("the checklist does not belong to this puzzle; reload the page")
            scores = marks(items, puzzle)
    except EscapeError as error:
        raise ClassError(str(error)) from None
    return Verdict(judge=rater, prompt="class/1", scores=scores, checklist=items,
                   feedback=verdict.feedback[:300])  # fmt: skip
