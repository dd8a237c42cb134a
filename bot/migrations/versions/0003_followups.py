"""contacts, follow-ups, their mails and history, cadences; quiet hours of people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('open', 'snoozed', 'escalated')")
SHOWN = sa.text("channel = 'web' AND state = 'sent' AND reply_to IS NULL")


def upgrade() -> None:
    """Forward: only adds."""
    op.create_table(
        "cadences",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("set_at", bot.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("name", bot.db.Encrypted(), nullable=False),
        sa.Column("organisation", bot.db.Encrypted(), nullable=True),
        sa.Column("phones", bot.db.Encrypted(), nullable=False),
        sa.Column("wechat", bot.db.Encrypted(), nullable=True),
        sa.Column("reach", sa.String(length=10), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("nudged_at", bot.db.Moment(timezone=True), nullable=True),
        sa.Column("created_at", bot.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contacts_person_id", "contacts", ["person_id"], unique=False)
    op.create_table(
        "contact_emails",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("email", bot.db.Encrypted(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "digest"),
    )
    op.create_index("ix_contact_emails_contact_id", "contact_emails", ["contact_id"], unique=False)
    op.create_table(
        "followups",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=True),
        sa.Column("origin", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("subject", bot.db.Encrypted(), nullable=False),
        sa.Column("excerpt", bot.db.Encrypted(), nullable=True),
        sa.Column("reach", sa.String(length=10), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("sent_at", bot.db.Moment(timezone=True), nullable=True),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("touches", sa.Integer(), nullable=False),
        sa.Column("due_at", bot.db.Moment(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("wall", sa.String(length=16), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.Column("deadline", bot.db.Moment(timezone=True), nullable=True),
        sa.Column("nudged_at", bot.db.Moment(timezone=True), nullable=True),
        sa.Column("created_at", bot.db.Moment(timezone=True), nullable=False),
        sa.Column("ended_at", bot.db.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "origin"),
    )
    op.create_index("ix_followups_address_id", "followups", ["address_id"], unique=False)
    op.create_index("ix_followups_due", "followups", ["due_at"], unique=False, postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index("ix_followups_person", "followups", ["person_id", "state"], unique=False)
    op.create_table(
        "followup_contacts",
        sa.Column("followup_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["followup_id"], ["followups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("followup_id", "contact_id"),
    )
    op.create_index("ix_followup_contacts_contact_id", "followup_contacts", ["contact_id"], unique=False)
    op.create_table(
        "followup_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("followup_id", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("note", bot.db.Encrypted(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("delivery_id", sa.String(length=32), nullable=True),
        sa.Column("at", bot.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["followup_id"], ["followups.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_followup_events_followup_id", "followup_events", ["followup_id"], unique=False)
    op.create_table(
        "followup_mails",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("followup_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", bot.db.Encrypted(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["followup_id"], ["followups.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("followup_id", "digest"),
    )
    op.create_index("ix_followup_mails_digest", "followup_mails", ["person_id", "digest"], unique=False)
    op.create_index(
        "ix_deliveries_shown", "deliveries", ["address_id", "moved_at"], unique=False, postgresql_where=SHOWN, sqlite_where=SHOWN
    )
    op.add_column("addresses", sa.Column("heard_at", bot.db.Moment(timezone=True), nullable=True))
    op.add_column("people", sa.Column("quiet", sa.String(length=11), nullable=True))


def downgrade() -> None:
    """Back: follow-ups and contacts are lost."""
    op.drop_index("ix_deliveries_shown", table_name="deliveries")
    op.drop_column("people", "quiet")
    op.drop_column("addresses", "heard_at")
    op.drop_index("ix_followup_mails_digest", table_name="followup_mails")
    op.drop_table("followup_mails")
    op.drop_index("ix_followup_events_followup_id", table_name="followup_events")
    op.drop_table("followup_events")
    op.drop_index("ix_followup_contacts_contact_id", table_name="followup_contacts")
    op.drop_table("followup_contacts")
    op.drop_index("ix_followups_person", table_name="followups")
    op.drop_index("ix_followups_due", table_name="followups", postgresql_where=OPEN, sqlite_where=OPEN)
    op.drop_index("ix_followups_address_id", table_name="followups")
    op.drop_table("followups")
    op.drop_index("ix_contact_emails_contact_id", table_name="contact_emails")
    op.drop_table("contact_emails")
    op.drop_index("ix_contacts_person_id", table_name="contacts")
    op.drop_table("contacts")
    op.drop_table("cadences")
