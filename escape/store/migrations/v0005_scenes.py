"""The scene on each class's board, so that it is shown again after a restart."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "1.4", "1.3"


def upgrade() -> None:
    op.add_column("classes", sa.Column("scene", sa.Text, nullable=False, server_default=""))
