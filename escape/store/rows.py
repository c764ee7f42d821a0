"""The tables of the store, and records for the rows of a class. No logic."""

from dataclasses import dataclass

from sqlalchemy import column, table


@dataclass(frozen=True)
class ClassRow:
    """A class without its run; the fields are those of `classes` below. Times in seconds since 1970."""

    code: str
    teacher: str
    title: str
    made: float
    until: float
    content: int
    seats: int = 200
    door: str = ""
    scene: str = ""

    @property
    def joining(self) -> str:
        return self.door or self.code


@dataclass(frozen=True)
class MemberRow:
    """Someone who joined. `number` from 1, `standing` in or waiting, `at` in seconds since 1970."""

    id: int
    code: str
    number: int
    nickname: str
    standing: str = "in"
    at: float = 0.0


@dataclass(frozen=True)
class RoundRow:
    """A round. `state`: open, closed or revealed. `plan`: its settings, as JSON."""

    id: int
    code: str
    number: int
    state: str
    plan: str


@dataclass(frozen=True)
class Entry:
    """A member's entry for one item in a round."""

    member: int  # the member's number in the class
    item: str
    body: str


# stored runs by run code, as compressed run files; `at`: when last written or requested
runs = table("runs", column("code"), column("packed"), column("at"))

# the lines of runs that go on, numbered, and who may write them, until when
run_lines = table("run_lines", *map(column, "code number line at".split()))
run_leases = table("run_leases", *map(column, "code token until".split()))

# a visitor's runs, by a hash of the secret in the visitor's cookie
shelves = table("shelves", column("secret"), column("body"), column("at"))

# `until`: when joining ends; `content`: increases with each new run; `seats`: people the teacher expects;
# `door`: the code for newcomers, "" for the class's own; `scene`: what its board shows
classes = table("classes", *map(column, "code teacher title made until content run seats door scene".split()))

# `folded`: the nickname for comparison; `secret`: a hash of the word they come back with; `standing`: in or
# waiting; `at`: when they joined
members = table("members", *map(column, "id code number nickname folded secret standing at".split()))

rounds = table("rounds", *map(column, "id code number state plan".split()))

# what members wrote: one per round, member and item; the last one counts
entries = table("entries", *map(column, "round member item body at".split()))

# how often someone did something in a time window
tries = table("tries", column("who"), column("slot"), column("times"))

# how many visitors bet on a plan, and how many of them rightly
bets = table("bets", column("plan"), column("bets"), column("hits"))

# what the owner's keys were lent for, and what of it was spent; `visitor`: a hash; `until`: when it is
# renewed at the latest while its run goes on
loans = table("loans", *map(column, "loan day visitor lent spent until".split()))

# how judges did in their exams; `judge`: its name, and the address it was asked at; `exam`: a hash of the
# exam's answers; `cases`: how many of them it marked
cards = table("cards", *map(column, "judge prompt exam cases body at".split()))

# those that refer to others first
TABLES = (entries, rounds, members, classes, runs, run_lines, run_leases, shelves, tries, bets, loans, cards)
