"""A run's lines as they come, and who works on it: a killed server loses at most a second."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "1.1", "1.0"


def upgrade() -> None:
    op.create_table(
        "run_lines",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "run_leases",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
