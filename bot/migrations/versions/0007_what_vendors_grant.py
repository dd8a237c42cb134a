"""tokens, windows and quotas of vendors; codes that link addresses; the address preferred for reminders"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

HELD = sa.text("state = 'held'")


def upgrade() -> None:
    """Forward: only adds."""
    op.create_table('vendor_tokens',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('value', bot.db.Encrypted(), nullable=True),
    sa.Column('expires_at', bot.db.Moment(timezone=True), nullable=True),
    sa.Column('holder', sa.String(length=32), nullable=True),
    sa.Column('leased_until', bot.db.Moment(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('windows',
    sa.Column('address_id', sa.String(length=32), nullable=False),
    sa.Column('opened_by', sa.String(length=40), nullable=False),
    sa.Column('left', sa.Integer(), nullable=False),
    sa.Column('until', bot.db.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('address_id', 'opened_by')
    )
    op.create_table('quotas',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', 'day')
    )
    op.create_table('link_codes',
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('address_id', sa.String(length=32), nullable=False),
    sa.Column('expires_at', bot.db.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id'),
    sa.UniqueConstraint('digest')
    )
    op.create_table('link_tries',
    sa.Column('address_id', sa.String(length=32), nullable=False),
    sa.Column('wrong', sa.Integer(), nullable=False),
    sa.Column('until', bot.db.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['address_id'], ['addresses.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('address_id')
    )
    op.add_column('addresses', sa.Column('preferred', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index('ix_deliveries_held', 'deliveries', ['address_id'], unique=False, postgresql_where=HELD, sqlite_where=HELD)


def downgrade() -> None:
    """Back: what was held counts as failed, as the older version knows no such state."""
    op.execute("UPDATE deliveries SET state = 'failed', reason = 'held' WHERE state = 'held'")
    op.drop_index('ix_deliveries_held', table_name='deliveries')
    op.drop_column('addresses', 'preferred')
    for table in ('link_tries', 'link_codes', 'quotas', 'windows', 'vendor_tokens'):
        op.drop_table(table)
