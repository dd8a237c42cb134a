"""shared cards of broadcasts, last words to the erased, urgent chunks, an index less to keep"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

UNDELIVERED = sa.text("broadcast_id IS NOT NULL AND state IN ('failed', 'in_doubt')")
BROADCAST = sa.text("broadcast_id IS NOT NULL")


def upgrade() -> None:
    """Forward: adds columns and a table; a delivery may be without an address row and without a card of its own."""
    with op.batch_alter_table('deliveries') as table:
        table.alter_column('address_id', existing_type=sa.String(length=32), nullable=True)
        table.alter_column('card', existing_type=bot.db.Encrypted(), nullable=True)
        table.add_column(sa.Column('last_address', bot.db.Encrypted(), nullable=True))
        table.add_column(sa.Column('lang', sa.String(length=2), nullable=True))
    op.drop_index('ix_deliveries_broadcast', table_name='deliveries')
    op.create_index('ix_deliveries_undelivered', 'deliveries', ['broadcast_id'], postgresql_where=UNDELIVERED, sqlite_where=UNDELIVERED)
    op.add_column('chunks', sa.Column('urgent', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table('shared_cards',
    sa.Column('broadcast_id', sa.String(length=32), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('card', bot.db.Encrypted(), nullable=False),
    sa.PrimaryKeyConstraint('broadcast_id', 'lang')
    )


def downgrade() -> None:
    """Back: what the older version cannot send is given up; rows that shared a card take a copy of it."""
    op.execute("DELETE FROM deliveries WHERE address_id IS NULL")
    op.execute(
        "UPDATE deliveries SET card = (SELECT s.card FROM shared_cards s WHERE s.broadcast_id = deliveries.broadcast_id "
        "AND s.lang = deliveries.lang) WHERE card IS NULL"
    )
    op.execute("DELETE FROM deliveries WHERE card IS NULL")
    op.drop_index('ix_deliveries_undelivered', table_name='deliveries')
    op.create_index('ix_deliveries_broadcast', 'deliveries', ['broadcast_id'], postgresql_where=BROADCAST, sqlite_where=BROADCAST)
    op.drop_table('shared_cards')
    op.drop_column('chunks', 'urgent')
    with op.batch_alter_table('deliveries') as table:
        table.drop_column('lang')
        table.drop_column('last_address')
        table.alter_column('card', existing_type=bot.db.Encrypted(), nullable=False)
        table.alter_column('address_id', existing_type=sa.String(length=32), nullable=False)
