"""Every table of version 1.0.

Runs by code, visitors' shelves, classes with members, rounds and entries, bets, and counted attempts.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "1.0", None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "shelves",
        sa.Column("secret", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "classes",
        sa.Column("code", sa.String(8), primary_key=True),
        sa.Column("teacher", sa.String(64), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("content", sa.Integer, nullable=False),
        sa.Column("run", sa.LargeBinary, nullable=False),
        sa.Column("seats", sa.Integer, nullable=False, server_default="200"),
        sa.Column("door", sa.String(8), nullable=False, server_default=""),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(8), sa.ForeignKey("classes.code"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("nickname", sa.String(24), nullable=False),
        sa.Column("folded", sa.String(64), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("standing", sa.String(8), nullable=False, server_default="in"),
        sa.Column("at", sa.Float, nullable=False, server_default="0"),
        sa.UniqueConstraint("code", "folded"),
        sa.UniqueConstraint("code", "number"),
        sa.UniqueConstraint("code", "secret"),
    )
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(8), sa.ForeignKey("classes.code"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.UniqueConstraint("code", "number"),
    )
    op.create_table(
        "entries",
        sa.Column("round", sa.Integer, sa.ForeignKey("rounds.id"), primary_key=True, autoincrement=False),
        sa.Column("member", sa.Integer, sa.ForeignKey("members.id"), primary_key=True, autoincrement=False),
        sa.Column("item", sa.String(300), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "tries",
        sa.Column("who", sa.String(64), primary_key=True),
        sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_table(
        "bets",
        sa.Column("plan", sa.String(64), primary_key=True),
        sa.Column("bets", sa.Integer, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
    )
