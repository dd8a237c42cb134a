"""when somebody was asked where they are"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: only adds."""
    op.add_column('addresses', sa.Column('zone_asked_at', bot.db.Moment(timezone=True), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column('addresses', 'zone_asked_at')
