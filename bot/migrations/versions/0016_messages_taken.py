"""of a card that goes as several messages, how many the vendor has taken"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: only adds."""
    op.add_column("deliveries", sa.Column("taken", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Back."""
    op.drop_column("deliveries", "taken")
