"""links that sign in once, the browsers that are signed in; questions that curators have settled"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0011'
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: only adds."""
    op.create_table('sign_in_links',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('made_at', bot.db.Moment(timezone=True), nullable=False),
    sa.Column('expires_at', bot.db.Moment(timezone=True), nullable=False),
    sa.Column('used_at', bot.db.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('digest')
    )
    op.create_index(op.f('ix_sign_in_links_expires_at'), 'sign_in_links', ['expires_at'], unique=False)
    op.create_index(op.f('ix_sign_in_links_person_id'), 'sign_in_links', ['person_id'], unique=False)
    op.create_table('web_sessions',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('device', bot.db.Encrypted(), nullable=True),
    sa.Column('made_at', bot.db.Moment(timezone=True), nullable=False),
    sa.Column('seen_at', bot.db.Moment(timezone=True), nullable=False),
    sa.Column('expires_at', bot.db.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('digest')
    )
    op.create_index(op.f('ix_web_sessions_person_id'), 'web_sessions', ['person_id'], unique=False)
    op.add_column('unanswered', sa.Column('settled_at', bot.db.Moment(timezone=True), nullable=True))


def downgrade() -> None:
    """Back: everybody is signed out, and settled questions are open again."""
    op.drop_column('unanswered', 'settled_at')
    op.drop_table('web_sessions')
    op.drop_table('sign_in_links')
