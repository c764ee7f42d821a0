"""Migrations of the store, by alembic: one file per revision, in order. Never change a released one.

`migrate` gives a database every table in `rows`. A revision spells out its tables, since `rows` keeps
changing.
"""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from escape.types import StoreError

UNRELEASED = {"0001", "0002", "0003", "0004"}  # before 1.0
_HERE = str(Path(__file__).parent)


def migrate(db: Connection) -> None:
    """Bring a database up to date. Raises StoreError if a newer Escape made it, or one before 1.0."""
    script = ScriptDirectory(_HERE, version_locations=[_HERE])
    context = MigrationContext.configure(db)
    heads = set(context.get_current_heads())
    if inspect(db).has_table("version") or (heads and heads <= UNRELEASED):
        file = db.engine.url.database or "this database"  # a path, or a name without its password
        raise StoreError(f"{file} was made before Escape 1.0; move it away, and a new one is made")
    if not heads <= {r.revision for r in script.walk_revisions()}:
        raise StoreError("this database was made by a newer Escape; update Escape, or name another database")
    with EnvironmentContext(
        Config(), script, fn=lambda now, _: script._upgrade_revs("head", now)
    ) as environment:
        environment.configure(connection=db)
        environment.run_migrations()
