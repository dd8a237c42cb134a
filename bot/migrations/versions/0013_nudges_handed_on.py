"""nudges that failed are looked at once and handed on; a nudge's events are found by its delivery"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FAILED_NUDGE = sa.text("kind = 'nudge' AND state = 'failed' AND settled_at IS NULL")
_CARRIED = sa.text("delivery_id IS NOT NULL")


def upgrade() -> None:
    """Forward: only adds. What failed before counts as looked at: nobody wants last month's nudge now."""
    op.add_column("deliveries", sa.Column("instead_of", sa.String(length=32), nullable=True))
    op.add_column("deliveries", sa.Column("settled_at", bot.db.Moment(timezone=True), nullable=True))
    op.execute("UPDATE deliveries SET settled_at = moved_at WHERE kind = 'nudge' AND state = 'failed'")
    op.create_index(
        "ix_deliveries_failed_nudge",
        "deliveries",
        ["moved_at"],
        postgresql_where=_FAILED_NUDGE,
        sqlite_where=_FAILED_NUDGE,
    )
    op.create_index(
        "ix_followup_events_delivery", "followup_events", ["delivery_id"], postgresql_where=_CARRIED, sqlite_where=_CARRIED
    )


def downgrade() -> None:
    """Back: nudges that fail stay where they are."""
    op.drop_index("ix_followup_events_delivery", table_name="followup_events")
    op.drop_index("ix_deliveries_failed_nudge", table_name="deliveries")
    op.execute("ALTER TABLE deliveries DROP COLUMN settled_at")
    op.execute("ALTER TABLE deliveries DROP COLUMN instead_of")
