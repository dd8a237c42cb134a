"""subscriptions to tips, opt-outs of what is sent to many, tips shown"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ON = sa.text("next_tip_at IS NOT NULL")


def upgrade() -> None:
    """Forward: only adds."""
    op.create_table(
        "subscriptions",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("tips", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("rhythm", sa.String(length=12), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("next_tip_at", bot.db.Moment(timezone=True), nullable=True),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=True),
        sa.Column("last_delivery", sa.String(length=32), nullable=True),
        sa.Column("changed_at", bot.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("ix_subscriptions_due", "subscriptions", ["next_tip_at"], unique=False, postgresql_where=ON, sqlite_where=ON)
    op.create_index("ix_subscriptions_address_id", "subscriptions", ["address_id"], unique=False)
    op.create_table(
        "opt_outs",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("opted_out_at", bot.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "tips_shown",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("tip", sa.String(length=70), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("at", bot.db.Moment(timezone=True), nullable=False),
        sa.Column("vote", sa.String(length=8), nullable=True),
        sa.Column("delivery_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tips_shown_person", "tips_shown", ["person_id", "at"], unique=False)


def downgrade() -> None:
    """Back: who subscribed or opted out is forgotten."""
    for table in ("tips_shown", "opt_outs", "subscriptions"):
        op.drop_table(table)
