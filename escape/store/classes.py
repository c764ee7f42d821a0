"""Rows of classes: created, joined, opened round by round, written to, deleted.

Each write is one transaction.
"""

import time
from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from escape.store.database import KEPT_S, OF_A_CLASS, Store
from escape.store.rows import ClassRow, Entry, MemberRow, RoundRow, classes, entries, members, rounds, runs


class Classes:
    """The rows of all classes in a store. Every method raises StoreError if the database does not answer."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def make(self, row: ClassRow, run: bytes, most: int) -> bool:
        """Create a class. False if the code is taken or there are too many classes."""
        with self.store.writing() as db:
            self._forget_old(db)
            n_classes = db.execute(select(func.count()).select_from(classes)).scalar_one()
            if _taken(db, row.code) or n_classes >= most:
                return False
            db.execute(insert(classes).values(**vars(row), run=run))
            return True

    def get(self, code: str) -> ClassRow | None:
        return self._one(classes.c.code == code)

    def behind(self, door: str) -> ClassRow | None:
        return self._one((classes.c.door == door) | ((classes.c.code == door) & (classes.c.door == "")))

    def _one(self, condition: ColumnElement[bool]) -> ClassRow | None:
        columns = [c for c in classes.c if c.name != "run"]
        rows = self.store.rows(select(*columns).where(condition))
        return ClassRow(**rows[0]) if rows else None

    def set_door(self, code: str, door: str) -> bool:
        """Give a class another code for newcomers. False if that is taken."""
        with self.store.writing() as db:
            if _taken(db, door):
                return False
            db.execute(update(classes).where(classes.c.code == code).values(door=door))
            return True

    def run(self, code: str) -> bytes | None:
        return self.store.value(select(classes.c.run).where(classes.c.code == code))

    def set_run(self, code: str, run: bytes, *, keep: bool = True) -> None:
        """Replace the class's run. `keep`: store the earlier one, for the rounds that were about it."""
        with self.store.writing() as db:
            condition = classes.c.code == code
            old = db.execute(
                select(classes.c.content, classes.c.run).where(condition).with_for_update()
            ).first()
            if old:
                if keep:
                    row = {"code": _earlier_run_code(code, old.content), "packed": old.run, "at": time.time()}
                    self.store.put(db, runs, 1, row)
                db.execute(update(classes).where(condition).values(run=run, content=old.content + 1))

    def link(self, code: str, run_code: str) -> None:
        """Record that a class is about a run, from its newest revealed round on.

        The record is deleted with the class.
        """
        revealed = (rounds.c.code == code) & (rounds.c.state == "revealed")
        with self.store.writing() as db:
            since = db.execute(select(func.max(rounds.c.number)).where(revealed)).scalar() or 0
            row = {
                "code": f"{OF_A_CLASS}{code}-{_IS}{run_code}",
                "packed": str(since).encode(),
                "at": time.time(),
            }
            self.store.put(db, runs, 1, row)

    def about(self, run_code: str) -> dict[str, int]:
        """Find the classes about this run, each with its newest round revealed before it was linked.

        By class code; 0 if no round was revealed then.
        """
        pattern = runs.c.code.startswith(OF_A_CLASS, autoescape=True) & runs.c.code.endswith(
            f"-{_IS}{run_code}", autoescape=True
        )
        rows = self.store.rows(select(runs.c.code, runs.c.packed).where(pattern))
        return {r["code"].removeprefix(OF_A_CLASS).partition("-")[0]: int(r["packed"] or 0) for r in rows}

    def earlier_run(self, code: str, content: int) -> bytes | None:
        return self.store.value(select(runs.c.packed).where(runs.c.code == _earlier_run_code(code, content)))

    def extend_joining(self, code: str, until: float) -> None:
        self.store.change(update(classes).where(classes.c.code == code).values(until=until))

    def delete(self, code: str) -> None:
        with self.store.writing() as db:
            self._delete(db, [code])

    def set_seats(self, code: str, seats: int) -> None:
        """Set how many people may join without waiting for the teacher's consent."""
        self.store.change(update(classes).where(classes.c.code == code).values(seats=seats))

    def join(self, code: str, nickname: str, folded: str, secret: str, most: int) -> MemberRow | None:
        """Add a member, waiting once all seats are taken. None if the name is taken or there are too many."""
        with self.store.writing() as db:
            # the class's row is locked first, so that two people who join at once get different numbers
            seats = _lock_seats(db, code)
            query = select(members.c.number, members.c.folded, members.c.standing).where(
                members.c.code == code
            )
            seat_rows = db.execute(query).all()
            if len(seat_rows) >= most or any(m.folded == folded for m in seat_rows):
                return None
            number = max((m.number for m in seat_rows), default=0) + 1
            standing = "in" if sum(m.standing == "in" for m in seat_rows) < seats else "waiting"
            now = time.time()
            row = {
                "code": code,
                "number": number,
                "nickname": nickname,
                "folded": folded,
                "secret": secret,
                "at": now,
            }
            new = insert(members).values(**row, standing=standing)
            new_id = db.execute(new.returning(members.c.id)).scalar_one()
            return MemberRow(new_id, code, number, nickname, standing, now)

    def let_in(self, code: str, member: int | None = None) -> int:
        """Let in one waiting member, or the first of them, as far as seats allow; return how many."""
        with self.store.writing() as db:
            seats = _lock_seats(db, code)
            of_class = members.c.code == code
            inside = select(func.count()).select_from(members).where(of_class & (members.c.standing == "in"))
            free = max(0, seats - db.execute(inside).scalar_one())
            who = of_class & (members.c.standing == "waiting")
            if member is not None:
                who &= members.c.id == member
            first = select(members.c.id).where(who).order_by(members.c.number).limit(free)
            chosen = db.execute(first).scalars().all()
            db.execute(update(members).where(members.c.id.in_(chosen)).values(standing="in"))
            return len(chosen)

    def rename(self, code: str, member: int, nickname: str, folded: str) -> bool:
        """Give a member another nickname. False if it is taken."""
        with self.store.writing() as db:
            db.execute(select(classes.c.code).where(classes.c.code == code).with_for_update()).first()
            others = (members.c.code == code) & (members.c.folded == folded) & (members.c.id != member)
            if db.execute(select(members.c.id).where(others)).first():
                return False
            condition = (members.c.code == code) & (members.c.id == member)
            db.execute(update(members).where(condition).values(nickname=nickname, folded=folded))
            return True

    def set_secret(self, code: str, member: int, secret: str) -> None:
        condition = (members.c.code == code) & (members.c.id == member)
        self.store.change(update(members).where(condition).values(secret=secret))

    def remove(self, code: str, these: Collection[int]) -> None:
        """Remove members with everything they wrote."""
        with self.store.writing() as db:
            condition = (members.c.code == code) & members.c.id.in_(these)
            query = select(members.c.id).where(condition)
            db.execute(delete(entries).where(entries.c.member.in_(query)))
            db.execute(delete(members).where(condition))

    def writers(self, code: str) -> set[int]:
        of_class = select(members.c.id).where(members.c.code == code)
        rows = self.store.rows(select(entries.c.member).where(entries.c.member.in_(of_class)).distinct())
        return {row["member"] for row in rows}

    def standing(self, member: int) -> str | None:
        """Look up whether a member is in or waiting. None for one who was removed."""
        return self.store.value(select(members.c.standing).where(members.c.id == member))

    def member(self, code: str, secret: str) -> MemberRow | None:
        condition = (members.c.code == code) & (members.c.secret == secret)
        rows = self.store.rows(select(*_MEMBER).where(condition))
        return MemberRow(**rows[0]) if rows else None

    def members(self, code: str) -> list[MemberRow]:
        rows = self.store.rows(select(*_MEMBER).where(members.c.code == code).order_by(members.c.number))
        return [MemberRow(**row) for row in rows]

    def rounds(self, code: str) -> list[RoundRow]:
        rows = self.store.rows(select(rounds).where(rounds.c.code == code).order_by(rounds.c.number))
        return [RoundRow(**row) for row in rows]

    def last_round(self, code: str) -> RoundRow | None:
        newest = select(rounds).where(rounds.c.code == code).order_by(rounds.c.number.desc()).limit(1)
        rows = self.store.rows(newest)
        return RoundRow(**rows[0]) if rows else None

    def open_round(self, code: str, plan: str, scene: str) -> RoundRow:
        """Start a new round and close an open one.

        `scene`: what the board then shows, with {number} for the new round's number.
        """
        with self.store.writing() as db:
            db.execute(select(classes.c.code).where(classes.c.code == code).with_for_update()).first()
            still = (rounds.c.code == code) & (rounds.c.state == "open")
            db.execute(update(rounds).where(still).values(state="closed"))
            last = db.execute(select(func.max(rounds.c.number)).where(rounds.c.code == code)).scalar() or 0
            new = insert(rounds).values(code=code, number=last + 1, state="open", plan=plan)
            new_id = db.execute(new.returning(rounds.c.id)).scalar_one()
            db.execute(
                update(classes).where(classes.c.code == code).values(scene=scene.format(number=last + 1))
            )
            return RoundRow(new_id, code, last + 1, "open", plan)

    def set_plan(self, code: str, round_id: int, plan: str) -> None:
        condition = (rounds.c.code == code) & (rounds.c.id == round_id)
        self.store.change(update(rounds).where(condition).values(plan=plan))

    def set_scene(self, code: str, scene: str) -> None:
        self.store.change(update(classes).where(classes.c.code == code).values(scene=scene))

    def set_state(self, code: str, round_id: int, state: str, scene: str = "") -> None:
        """Close, reopen or reveal a round. A revealed one stays so, and only the newest can be open.

        `scene`: what the board shows from then on; "" leaves it as it is.
        """
        condition = (rounds.c.code == code) & (rounds.c.id == round_id) & (rounds.c.state != "revealed")
        with self.store.writing() as db:
            db.execute(select(classes.c.code).where(classes.c.code == code).with_for_update()).first()
            if state == "open":
                last = db.execute(select(func.max(rounds.c.number)).where(rounds.c.code == code)).scalar()
                condition &= rounds.c.number == last
            db.execute(update(rounds).where(condition).values(state=state))
            if scene:
                db.execute(update(classes).where(classes.c.code == code).values(scene=scene))

    def write(self, round_id: int, member: int, item: str, body: str, most: int) -> bool:
        """Write a member's entry, or replace the one for the same item.

        False if the round is not open, is another class's, or the member is still waiting, or has `most`
        items already.
        """
        with self.store.writing() as db:
            # the round's row is locked, so that nobody can close it in between
            whose = select(members.c.code).where((members.c.id == member) & (members.c.standing == "in"))
            theirs = (rounds.c.id == round_id) & (rounds.c.code == whose.scalar_subquery())
            if db.execute(select(rounds.c.state).where(theirs).with_for_update(read=True)).scalar() != "open":
                return False
            condition = (entries.c.round == round_id) & (entries.c.member == member)
            items = set(db.execute(select(entries.c.item).where(condition)).scalars())
            if item not in items and len(items) >= most:
                return False
            row = {"round": round_id, "member": member, "item": item, "body": body, "at": time.time()}
            self.store.put(db, entries, 3, row)
            return True

    def mine(self, round_id: int, member: int) -> dict[str, str]:
        of_member = (entries.c.round == round_id) & (entries.c.member == member)
        return {
            row["item"]: row["body"]
            for row in self.store.rows(select(entries.c.item, entries.c.body).where(of_member))
        }

    def counts(self, round_id: int) -> tuple[int, int]:
        """Count the members who have written in a round, and their entries."""
        with self.store.reading() as db:
            counted = select(func.count(entries.c.member.distinct()), func.count()).where(
                entries.c.round == round_id
            )
            people, all_entries = db.execute(counted).one()
        return people, all_entries

    def entries(self, round_id: int) -> list[Entry]:
        joined = entries.join(members, entries.c.member == members.c.id)
        query = select(members.c.number.label("member"), entries.c.item, entries.c.body).select_from(joined)
        order = (members.c.number, entries.c.at, entries.c.item)
        return [
            Entry(**row) for row in self.store.rows(query.where(entries.c.round == round_id).order_by(*order))
        ]

    def forget_old(self) -> None:
        """Delete classes that are older than a month."""
        with self.store.writing() as db:
            self._forget_old(db)

    def _forget_old(self, db: Connection) -> None:
        old = db.execute(select(classes.c.code).where(classes.c.made < time.time() - KEPT_S)).scalars().all()
        if old:
            self._delete(db, list(old))

    def _delete(self, db: Connection, codes: list[str]) -> None:
        for code in codes:
            db.execute(delete(runs).where(runs.c.code.like(f"{OF_A_CLASS}{code}-%")))
        theirs = select(rounds.c.id).where(rounds.c.code.in_(codes))
        db.execute(delete(entries).where(entries.c.round.in_(theirs)))
        for table in (rounds, members, classes):
            db.execute(delete(table).where(table.c.code.in_(codes)))


_IS = "is-"  # before the code of the run, in the note of the class that is about it


def _earlier_run_code(code: str, content: int) -> str:
    return f"{OF_A_CLASS}{code}-{content}"


def _taken(db: Connection, code: str) -> bool:
    same = select(classes.c.code).where((classes.c.code == code) | (classes.c.door == code))
    return db.execute(same).first() is not None


def _lock_seats(db: Connection, code: str) -> int:
    """Lock a class's row until the transaction ends; return the class's seats, 0 if there is no class."""
    row = select(classes.c.seats).where(classes.c.code == code).with_for_update()
    return db.execute(row).scalar() or 0


_MEMBER = (
    members.c.id, members.c.code, members.c.number, members.c.nickname, members.c.standing, members.c.at,
)  # fmt: skip
