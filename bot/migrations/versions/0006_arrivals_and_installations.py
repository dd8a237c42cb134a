"""arrivals kept before the vendor's 200; installations of many workspaces; what a vendor says of a person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

NOT_DONE = sa.text("open_at IS NOT NULL")


def upgrade() -> None:
    """Forward: only adds columns and tables."""
    op.create_table('arrivals',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('line', sa.String(length=200), nullable=False),
    sa.Column('payload', bot.db.Encrypted(), nullable=True),
    sa.Column('arrived_at', bot.db.Moment(timezone=True), nullable=False),
    sa.Column('open_at', bot.db.Moment(timezone=True), nullable=True),
    sa.Column('worker', sa.String(length=80), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('channel', 'key')
    )
    op.create_index('ix_arrivals_open', 'arrivals', ['open_at'], unique=False, postgresql_where=NOT_DONE, sqlite_where=NOT_DONE)
    op.create_index('ix_arrivals_line', 'arrivals', ['line', 'id'], unique=False, postgresql_where=NOT_DONE, sqlite_where=NOT_DONE)
    op.create_table('installations',
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('secrets', bot.db.Encrypted(), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('expires_at', bot.db.Moment(timezone=True), nullable=True),
    sa.Column('rotating_until', bot.db.Moment(timezone=True), nullable=True),
    sa.Column('installed_at', bot.db.Moment(timezone=True), nullable=False),
    sa.Column('removed_at', bot.db.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('workspace_id')
    )
    op.create_table('install_states',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('expires_at', bot.db.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest')
    )
    op.create_index('ix_install_states_expires_at', 'install_states', ['expires_at'], unique=False)
    for column in (
        sa.Column('profile_at', bot.db.Moment(timezone=True), nullable=True),
        sa.Column('zone', sa.String(length=64), nullable=True),
        sa.Column('locale', sa.String(length=20), nullable=True),
        sa.Column('left_at', bot.db.Moment(timezone=True), nullable=True),
    ):
        op.add_column('addresses', column)


def downgrade() -> None:
    """Back: what arrived and was not answered is lost, installations have to be made again."""
    for name in ('left_at', 'locale', 'zone', 'profile_at'):
        op.drop_column('addresses', name)
    op.drop_index('ix_install_states_expires_at', table_name='install_states')
    for table in ('install_states', 'installations'):
        op.drop_table(table)
    op.drop_index('ix_arrivals_line', table_name='arrivals')
    op.drop_index('ix_arrivals_open', table_name='arrivals')
    op.drop_table('arrivals')
