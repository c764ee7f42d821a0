"""Access to a class: opening, joining and rejoining it. Rules on top of the store. No page, no model.

A teacher is recognised by the teacher's secret, a member by the member's word. A nickname grants no access.
"""

import secrets
import time
from dataclasses import dataclass

from escape.classes.codes import CODE, DAY_S, joins_of, new_code, new_passphrase
from escape.classes.data import ClassData, packed_for_class
from escape.classes.nicknames import checked_nickname
from escape.classes.student import Student
from escape.classes.teacher import Teacher
from escape.store import KEPT_S, ClassRow, hashed
from escape.types import ClassError, Run, WrongCodeError, without_surrogates

MAX_CLASSES = 2_000  # on one server
MAX_MEMBERS = 200  # in one class
MAX_JOINED = 1_000  # in one class, including those who wait
SEATS = 100  # people who get in without the teacher's approval, unless the teacher sets another number
JOINS = 240  # per minute, for each code for newcomers
OPENED = 20  # classes per browser and hour


@dataclass(frozen=True)
class Opened:
    """A new class: its code for everyone, and the teacher's secret, shown only this once."""

    code: str
    secret: str


@dataclass(frozen=True)
class Joined:
    """A new member and the word to come back with, shown only this once."""

    student: Student
    passphrase: str


class ClassAccess:
    """Opens classes and admits their teachers and members. Raises ClassError for what is not allowed.

    A right code, word or secret is accepted however many wrong guesses came before: a whole school may share
    one address. There are 887 million codes, and guessing one yields no more than a seat in a class.
    """

    def __init__(self, data: ClassData) -> None:
        self._data, self._rows, self._store = data, data.rows, data.rows.store
        self._swept = float("-inf")

    def open(
        self, title: str, run: Run, visitor: str, run_code: str = "", *, an_hour: int = MAX_CLASSES
    ) -> Opened:
        """Open a class about a run; return its code and its teacher's secret.

        `run_code`: of the run's link, which stays closed until Reveal. `an_hour`: the most classes that all
        visitors together may open in an hour.
        """
        self._sweep()
        if not self._store.allow("open", an_hour, 3600):
            raise ClassError("too many classes were opened on this server in the last hour; try again later")
        if not self._store.allow(f"open {visitor}", OPENED, 3600):
            raise ClassError("too many classes were opened from here in the last hour; try again later")
        data = packed_for_class(run)
        now, secret = time.time(), secrets.token_urlsafe(18)
        for _ in range(20):
            code = new_code()
            row = ClassRow(
                code, hashed(secret), without_surrogates(title).strip()[:120], now, now + DAY_S, 1, SEATS
            )
            if self._rows.make(row, data, MAX_CLASSES):
                if run_code:
                    self._rows.link(code, run_code)
                return Opened(code, secret)
        raise ClassError("this server cannot take another class; try again later")

    def classes_about(self, run_code: str) -> dict[str, bool]:
        """Map each class about a run to whether its newest round is revealed and came after the run."""
        last = {
            code: (self._rows.last_round(code), since) for code, since in self._rows.about(run_code).items()
        }
        return {
            code: bool(now and now.state == "revealed" and now.number > since)
            for code, (now, since) in last.items()
        }

    def teach(self, code: str, secret: str) -> Teacher:
        row = self._found(code)
        if not secrets.compare_digest(hashed(secret.strip()), row.teacher):
            raise WrongCodeError("that is not this class's teacher link; open the link you were given")
        return Teacher(self._data, row.code)

    def join(self, code: str, nickname: str) -> Joined:
        row = self._found(code, joining=True)
        if time.time() > row.until:
            raise ClassError("nobody new can join this class any longer; its teacher can allow one more day")
        name, alike = checked_nickname(nickname)
        if self._store.times(joins_of(row)) >= JOINS:
            raise ClassError("too many people are joining right now; try again in a minute")
        word = new_passphrase()
        member = self._rows.join(row.code, name, alike, hashed(word), MAX_JOINED)
        if member is None:
            raise ClassError(
                "that nickname is taken, or the class is full; choose another, or come back with your word"
            )
        self._store.allow(joins_of(row), JOINS)  # counted last: a refused attempt does not count
        return Joined(Student(self._data, member), word)

    def code_behind(self, code: str) -> str:
        """Look up a class's own code by that code or its code for newcomers; "" if there is none."""
        try:
            return self._found(code).code
        except ClassError:
            return ""

    def rejoin(self, code: str, word: str) -> Student:
        row = self._found(code)
        member = self._rows.member(row.code, hashed("".join(word.split()).casefold()))
        if member is None:
            raise WrongCodeError("no one in this class has that word; check it, or join with a nickname")
        return Student(self._data, member)

    def _found(self, code: str, *, joining: bool = False) -> ClassRow:
        """Look up a class by its code, in any spelling. `joining`: accept the code for newcomers alone.

        Raises WrongCodeError for an unknown code or an expired class.
        """
        self._sweep()
        letters = "".join(c for c in without_surrogates(code).upper() if c.isalnum())[:8]
        row = None
        if len(letters) == CODE:
            if not joining:
                row = self._rows.get(letters)
            if row is None:
                row = self._rows.behind(letters)
        if row is None or time.time() > row.made + KEPT_S:
            raise WrongCodeError("there is no class with that code; check it: a code has six characters")
        return row

    def _sweep(self) -> None:
        if time.monotonic() - self._swept > 3600:
            self._swept = time.monotonic()
            self._rows.forget_old()
