"""the language a person last spoke, for what comes to them unasked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: only adds. Until they speak again nothing is known, as before."""
    op.add_column("people", sa.Column("spoken", sa.String(length=2), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("people", "spoken")
