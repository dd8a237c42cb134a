"""copied mail: secret addresses, mails taken in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward: only adds tables."""
    op.create_table('mail_addresses',
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('made_at', bot.db.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id'),
    sa.UniqueConstraint('digest')
    )
    op.create_table('copied_mails',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=32), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('message', sa.String(length=64), nullable=True),
    sa.Column('action', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('outcome', bot.db.Encrypted(), nullable=False),
    sa.Column('held', bot.db.Encrypted(), nullable=True),
    sa.Column('question', sa.String(length=8), nullable=True),
    sa.Column('taken_at', bot.db.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('person_id', 'digest')
    )
    op.create_index('ix_copied_mails_message', 'copied_mails', ['person_id', 'message'])
    op.create_index('ix_copied_mails_taken', 'copied_mails', ['taken_at'])


def downgrade() -> None:
    """Back: the addresses are unknown then, and mail to them is refused."""
    op.drop_table('copied_mails')
    op.drop_table('mail_addresses')
