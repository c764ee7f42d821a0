"""Migrations of the store, by alembic: one file a revision, in order; none is changed once it has been released.

In: a connection within a transaction. Out: the same database with every table as `tables` has it, or a StoreError
in one line where a newer Escape made it. A revision writes its tables out, since those of `tables` go on changing.
"""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from escape.errors import StoreError

_HERE = str(Path(__file__).parent)
_COUNTED = {0: None, 1: "0001", 2: "0002"}  # before alembic the schema's number stood in a table called "version"


def migrate(db: Connection) -> None:
    """Bring a database up to date, whatever its age. Raises StoreError for one that a newer Escape made."""
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
