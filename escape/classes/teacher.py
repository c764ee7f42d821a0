"""What a teacher may see and do: steer the rounds of a class, and read them once revealed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from escape.classes.classwork import Handed, rooms_handed_in
from escape.classes.codes import DAY_S, joins_of, new_code, new_passphrase
from escape.classes.data import ClassData, packed_for_class, round_of
from escape.classes.nicknames import checked_nickname
from escape.classes.rounds import Round, RoundSettings
from escape.classes.scenes import Place
from escape.rooms import playable
from escape.store import ClassRow, Entry, MemberRow, hashed
from escape.types import ClassError, Run

BURST, BURST_S = 10, 5.0  # this many joins within this many seconds are a burst


@dataclass(frozen=True)
class Teacher:
    """The holder of a class's secret: steers its rounds, and reads their entries once revealed."""

    data: ClassData
    code: str

    def about(self) -> ClassRow:
        """Load the class's row. Raises ClassError once the class is deleted."""
        row = self.data.rows.get(self.code)
        if row is None:
            raise ClassError("this class was deleted")
        return row

    def run(self, class_round: Round | None = None) -> Run:
        """Load the run that the class is about, or the one that a round was about."""
        return self.data.run(self.code, class_round.settings.content if class_round else 0)

    def set_run(self, run: Run, run_code: str = "") -> None:
        """Switch the class to another run, such as one over its own puzzles. `run_code`: of its link.

        Raises ClassError while a round is open.
        """
        rounds, now = self.rounds(), self.about().content
        if any(r.state == "open" for r in rounds):
            raise ClassError("an open round is about the previous run; close or reveal it first")
        self.data.rows.set_run(
            self.code, packed_for_class(run), keep=any(r.settings.content == now for r in rounds)
        )
        if run_code:
            self.data.rows.link(self.code, run_code)

    def members(self) -> list[MemberRow]:
        return self.data.rows.members(self.code)

    def rounds(self) -> list[Round]:
        return [round_of(r) for r in self.data.rows.rounds(self.code)]

    def start(self, plan: RoundSettings) -> Round:
        """Open a round, closing one that is open, and have the board show its count.

        Raises ClassError for settings that do not fit.
        """
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
            raise ClassError(
                "there is no plan to bet on in this class's rooms; open the class on bundled rooms"
            )
        if (
            plan.kind == "review"
            and len({room.member for room in self.rooms(plan.written) if not room.missing}) < 2
        ):
            raise ClassError("at least two students must have a proved room before rooms can be reviewed")
        plan = plan.model_copy(update={"content": self.about().content, "opened_at": time.time()})
        body = plan.model_dump_json(exclude_defaults=True)
        return round_of(self.data.rows.open_round(self.code, body, "count.{number}.1"))

    def show(self, place: Place) -> None:
        """Have the board show a scene."""
        self.data.rows.set_scene(self.code, str(place))

    def rooms(self, written: int) -> list[Handed]:
        """Read the rooms handed in during a writing round. Raises ClassError while it is still open."""
        class_round = next((r for r in self.rounds() if r.id == written and r.settings.kind == "write"), None)
        if class_round is None or class_round.state == "open":
            raise ClassError("close the round in which the rooms are written first")
        return rooms_handed_in(self.about().teacher, self.data.rows.entries(written))

    def counts(self, class_round: Round) -> tuple[int, int]:
        return self.data.rows.counts(class_round.id)

    def close(self, class_round: Round) -> None:
        self.data.rows.set_state(self.code, class_round.id, "closed")

    def reopen(self, class_round: Round) -> None:
        """Reopen a closed round. Raises ClassError if it is revealed or not the newest one."""
        if class_round.state == "revealed":
            raise ClassError("a revealed round stays closed; open a new one")
        if any(r.number > class_round.number for r in self.rounds()):
            raise ClassError("a later round was opened; only the newest one can be opened again")
        self.data.rows.set_state(self.code, class_round.id, "open")

    def reveal(self, class_round: Round) -> None:
        """Close the round and show its result. A prediction is compared with the run the class has now."""
        if class_round.settings.kind == "predict":
            plan = class_round.settings.model_copy(update={"content": self.about().content})
            self.data.rows.set_plan(self.code, class_round.id, plan.model_dump_json(exclude_defaults=True))
        self.data.rows.set_state(
            self.code, class_round.id, "revealed", str(Place("result", class_round.number))
        )

    def entries(self, class_round: Round) -> list[Entry]:
        """Read the entries of a round. Raises ClassError before it is revealed."""
        now = next((r for r in self.rounds() if r.id == class_round.id), None)
        if now is None or now.state != "revealed":
            raise ClassError("nobody sees the entries before the round is revealed; reveal it first")
        return self.data.rows.entries(class_round.id)

    def group(self, class_round: Round, key: str, category: str) -> None:
        # read again: another window may have set categories meanwhile
        now = next((r for r in self.rounds() if r.id == class_round.id), class_round)
        plan = now.settings.model_copy(update={"groups": {**now.settings.groups, key: category}})
        self.data.rows.set_plan(self.code, class_round.id, plan.model_dump_json(exclude_defaults=True))

    def rename(self, member: MemberRow, nickname: str) -> None:
        if not self.data.rows.rename(self.code, member.id, *checked_nickname(nickname, by_teacher=True)):
            raise ClassError("that nickname is taken; choose another")

    def remove(self, *these: MemberRow) -> None:
        """Remove members with their entries, and reset the count of recent joins so that others can join."""
        self.data.rows.remove(self.code, [member.id for member in these])
        self.data.rows.store.forget_tries(joins_of(self.about()))

    def readmit(self, member: MemberRow) -> str:
        """Give a member a new word to come back with, and return it. The earlier word stops working."""
        word = new_passphrase()
        self.data.rows.set_secret(self.code, member.id, hashed(word))
        return word

    def burst(self) -> list[MemberRow]:
        """Find the members who joined faster than a class does and have written nothing."""
        wrote = self.data.rows.writers(self.code)
        return [m for m in came_at_once(self.members()) if m.id not in wrote]

    def silent_since(self, at: float) -> list[MemberRow]:
        """Find who joined since `at` (seconds since 1970) and has written nothing, to catch a slow flood."""
        wrote = self.data.rows.writers(self.code)
        return [m for m in self.members() if m.at >= at and m.id not in wrote]

    def remove_silent(self, these: Sequence[MemberRow]) -> None:
        """Remove those of these members who have still written nothing."""
        wrote = self.data.rows.writers(self.code)
        self.remove(*(m for m in these if m.id not in wrote))

    def let_in(self, member: MemberRow | None = None) -> None:
        """Admit one waiting member, or by default the earliest, while seats are free.

        Raises ClassError if nobody could come in.
        """
        if not self.data.rows.let_in(self.code, member.id if member else None):
            raise ClassError(
                "all seats are taken; say that you expect more people, or take somebody out first"
            )

    def new_code(self) -> None:
        """Replace the code for newcomers. The present one stops working for them; members stay in."""
        for _ in range(20):
            if self.data.rows.set_door(self.code, new_code()):
                return
        raise ClassError("no code was free; try again")

    def expect(self, people: int) -> None:
        """Set how many people may join without the teacher's approval."""
        self.data.rows.set_seats(self.code, people)

    def close_joining(self) -> None:
        self.data.rows.extend_joining(self.code, time.time())

    def extend_joining(self) -> None:
        self.data.rows.extend_joining(self.code, time.time() + DAY_S)

    def delete(self) -> None:
        self.data.rows.delete(self.code)
        self.data.forget(self.code)


def came_at_once(members: Sequence[MemberRow]) -> list[MemberRow]:
    """Find the members who were at least the BURST-th to join within BURST_S seconds."""
    by_time = sorted((m for m in members if m.at), key=attrgetter("at"))
    return [
        member
        for n, member in enumerate(by_time)
        if n + 1 >= BURST and member.at - by_time[n + 1 - BURST].at <= BURST_S
    ]
