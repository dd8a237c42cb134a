"""the team's own layer of knowledge: its versions and changes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0012'
down_revision = "0011"
branch_labels = None
depends_on = None

ACCEPTED = sa.text("state = 'accepted'")


def upgrade() -> None:
    """Forward: only adds."""
    op.create_table('layer_versions',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('layer', bot.db.Encrypted(), nullable=False),
    sa.Column('touched', sa.JSON(), nullable=False),
    sa.Column('made_at', bot.db.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('number')
    )
    op.create_table('layer_changes',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('part', sa.String(length=120), nullable=False),
    sa.Column('change', bot.db.Encrypted(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('proposed_by', sa.String(length=32), nullable=True),
    sa.Column('proposed_at', bot.db.Moment(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(length=32), nullable=True),
    sa.Column('decided_at', bot.db.Moment(timezone=True), nullable=True),
    sa.Column('despite', sa.Boolean(), nullable=False),
    sa.Column('step', sa.String(length=20), nullable=True),
    sa.Column('leased_until', bot.db.Moment(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('report', bot.db.Encrypted(), nullable=True),
    sa.ForeignKeyConstraint(['proposed_by'], ['people.id'], ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['decided_by'], ['people.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_layer_changes_accepted', 'layer_changes', ['id'], unique=False, postgresql_where=ACCEPTED, sqlite_where=ACCEPTED)
    op.create_index('ix_layer_changes_proposed_by', 'layer_changes', ['proposed_by'], unique=False)
    op.create_index('ix_layer_changes_decided_by', 'layer_changes', ['decided_by'], unique=False)


def downgrade() -> None:
    """Back: the layer is lost; export it first."""
    op.drop_table('layer_changes')
    op.drop_table('layer_versions')
