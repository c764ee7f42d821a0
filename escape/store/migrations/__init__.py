"""Migrations of the store, by alembic: one file per revision, in order; never change a released one.

In: a connection within a transaction. Out: the same database with every table as in `tables`, or a one-line
StoreError if a newer Escape made it. A revision spells out its tables, since those in `tables` keep changing.
"""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from escape.types import StoreError

_HERE = str(Path(__file__).parent)
_COUNTED = {0: None, 1: "0001", 2: "0002"}  # before alembic the schema number was in a table "version"


def migrate(db: Connection) -> None:
    """Bring a database of any age up to date. Raises StoreError if a newer Escape made it."""
    script = ScriptDirectory(_HERE, version_locations=[_HERE])
    context = MigrationContext.configure(db)
    if inspect(db).has_table("version"):
        number = db.execute(text("select number from version")).scalar_one()
        if number not in _COUNTED:
            raise _newer()
        if (revision := _COUNTED[number]) is not None:
            context.stamp(script, revision)
        db.execute(text("drop table version"))
    if not set(context.get_current_heads()) <= {r.revision for r in script.walk_revisions()}:
        raise _newer()
    with EnvironmentContext(Config(), script, fn=lambda now, _: script._upgrade_revs("head", now)) as environment:
        environment.configure(connection=db)
        environment.run_migrations()


def _newer() -> StoreError:
    return StoreError("this database was made by a newer Escape; update Escape, or name another database")
