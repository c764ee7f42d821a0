"""Judges' exam results by judge, prompt and edition of the exam, kept for later runs of anybody."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "1.3", "1.2"


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("judge", sa.String(700), primary_key=True),
        sa.Column("prompt", sa.String(100), primary_key=True),
        sa.Column("exam", sa.String(64), primary_key=True),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
