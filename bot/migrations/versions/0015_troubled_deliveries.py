"""deliveries that failed or are in doubt are found and counted by an index of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TROUBLED = sa.text("state IN ('failed', 'in_doubt')")


def upgrade() -> None:
    """Forward: only adds."""
    op.create_index("ix_deliveries_troubled", "deliveries", ["moved_at"], postgresql_where=_TROUBLED, sqlite_where=_TROUBLED)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_deliveries_troubled", table_name="deliveries")
