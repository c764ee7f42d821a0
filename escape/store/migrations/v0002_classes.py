"""Classes with their members, rounds and entries; and how often someone tried something."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.create_table(
        "classes",
        sa.Column("code", sa.String(8), primary_key=True),
        sa.Column("teacher", sa.String(64), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("content", sa.Integer, nullable=False),
        sa.Column("run", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(8), sa.ForeignKey("classes.code"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("nickname", sa.String(24), nullable=False),
        sa.Column("folded", sa.String(64), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
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
