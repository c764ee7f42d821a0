"""How many people a teacher expects, and who of those who came is still waiting to be let in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Add a column to classes and one to members."""
    op.add_column("classes", sa.Column("seats", sa.Integer, nullable=False, server_default="200"))
    op.add_column("members", sa.Column("standing", sa.String(8), nullable=False, server_default="in"))
