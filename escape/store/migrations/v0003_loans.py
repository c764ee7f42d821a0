"""What visitors have spent of the owner's money, by day and visitor.

It is stored so that a killed server forgets none of it.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "1.2", "1.1"


def upgrade() -> None:
    op.create_table(
        "loans",
        sa.Column("loan", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), nullable=False, index=True),
        sa.Column("visitor", sa.String(64), nullable=False),
        sa.Column("lent", sa.Float, nullable=False),
        sa.Column("spent", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
