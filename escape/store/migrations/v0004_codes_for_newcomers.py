"""A class's code for newcomers, when somebody joined, and how often a plan was bet on rightly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    """Add a column to classes and one to members, and create a table."""
    op.add_column("classes", sa.Column("door", sa.String(8), nullable=False, server_default=""))
    op.add_column("members", sa.Column("at", sa.Float, nullable=False, server_default="0"))
    op.create_table(
        "bets",
        sa.Column("plan", sa.String(64), primary_key=True),
        sa.Column("bets", sa.Integer, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
    )
