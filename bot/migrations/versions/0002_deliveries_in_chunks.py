"""deliveries in chunks: lanes, fences, holds, counts, pace"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

WAITING, SENDING = sa.text("state = 'waiting'"), sa.text("state = 'sending'")
OPEN = sa.text("state = 'waiting' AND chunk IS NULL")
TAKEN = sa.text("chunk IS NOT NULL")
REPLIES = sa.text("reply_to IS NOT NULL")
BROADCAST = sa.text("broadcast_id IS NOT NULL")


def upgrade() -> None:
    """Forward: only adds columns and tables; indexes are exchanged for narrower ones."""
    for column in (
        sa.Column('lane', sa.String(length=100), nullable=False, server_default=''),
        sa.Column('broadcast_id', sa.String(length=32), nullable=True),
        sa.Column('chunk', sa.String(length=32), nullable=True),
        sa.Column('verify_at', bot.db.Moment(timezone=True), nullable=True),
        sa.Column('doubts', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('slot', bot.db.Moment(timezone=True), nullable=True),
    ):
        op.add_column('deliveries', column)
    op.execute(
        "UPDATE deliveries SET lane = '0/' || channel || '/' || coalesce((SELECT workspace_id FROM addresses "
        "WHERE addresses.id = deliveries.address_id), '') || '/', verify_at = CASE WHEN state = 'sending' THEN moved_at END"
    )
    op.drop_index('ix_deliveries_due', table_name='deliveries')
    op.drop_index('ix_deliveries_sending', table_name='deliveries')
    op.drop_index('ix_deliveries_reply', table_name='deliveries')
    for name, columns, where in (
        ('ix_deliveries_reply', ['address_id', 'reply_to'], REPLIES),
        ('ix_deliveries_open', ['lane', 'due_at'], OPEN),
        ('ix_deliveries_verify', ['verify_at'], SENDING),
        ('ix_deliveries_chunk', ['chunk'], TAKEN),
        ('ix_deliveries_broadcast', ['broadcast_id'], BROADCAST),
    ):
        op.create_index(name, 'deliveries', columns, unique=False, postgresql_where=where, sqlite_where=where)
    op.create_table('chunks',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('worker', sa.String(length=80), nullable=True),
    sa.Column('beat_at', bot.db.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('holds',
    sa.Column('broadcast_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=6), nullable=False),
    sa.Column('at', bot.db.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('broadcast_id')
    )
    op.create_table('chunk_counts',
    sa.Column('broadcast_id', sa.String(length=32), nullable=False),
    sa.Column('chunk', sa.String(length=32), nullable=False),
    sa.Column('put', sa.Integer(), nullable=False),
    sa.Column('sent', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('in_doubt', sa.Integer(), nullable=False),
    sa.Column('cancelled', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('broadcast_id', 'chunk')
    )
    op.create_table('paces',
    sa.Column('key', sa.String(length=250), nullable=False),
    sa.Column('free_at', bot.db.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )


def downgrade() -> None:
    """Back: what was cancelled counts as failed, as the older version knows no other end."""
    op.execute("UPDATE deliveries SET state = 'failed', reason = 'cancelled' WHERE state = 'cancelled'")
    for table in ('paces', 'chunk_counts', 'holds', 'chunks'):
        op.drop_table(table)
    for name in ('broadcast', 'chunk', 'verify', 'open', 'reply'):
        op.drop_index(f'ix_deliveries_{name}', table_name='deliveries')
    for name in ('slot', 'doubts', 'verify_at', 'chunk', 'broadcast_id', 'lane'):
        op.drop_column('deliveries', name)
    op.create_index('ix_deliveries_reply', 'deliveries', ['address_id', 'reply_to'], unique=False)
    op.create_index('ix_deliveries_due', 'deliveries', ['due_at'], unique=False, postgresql_where=WAITING, sqlite_where=WAITING)
    op.create_index('ix_deliveries_sending', 'deliveries', ['moved_at'], unique=False, postgresql_where=SENDING, sqlite_where=SENDING)
