"""broadcasts with versions, runs and votes; members of vendors' segments; the audit trail; approval by a second person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NEXT, OPEN = sa.text("next_at IS NOT NULL"), sa.text("ended_at IS NULL")


def person(name: str) -> list[sa.schema.SchemaItem]:
    """A column that names a person until they are erased."""
    return [
        sa.Column(name, sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint([name], ["people.id"], ondelete="SET NULL"),
    ]


def upgrade() -> None:
    """Forward: only adds."""
    moment = bot.db.Moment(timezone=True)
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.String(length=32), nullable=False),
        *person("author_id"),
        *person("approver_id"),
        sa.Column("content", bot.db.Encrypted(), nullable=False),
        sa.Column("segment", sa.String(length=500), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approved_version", sa.Integer(), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("next_at", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "broadcast_versions",
        sa.Column("broadcast_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *person("author_id"),
        sa.Column("content", bot.db.Encrypted(), nullable=False),
        sa.Column("segment", sa.String(length=500), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("broadcast_id", "version"),
    )
    op.create_table(
        "broadcast_runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("broadcast_id", sa.String(length=32), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("wall", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("try_at", moment, nullable=False),
        sa.Column("card", sa.String(length=70), nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("last_due", moment, nullable=True),
        sa.Column("lanes", sa.JSON(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("audience", "opted_out", "withdrawn", "off", "late", "unreachable")
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("broadcast_id", "due_at"),
    )
    op.create_table(
        "broadcast_times",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("quiet", sa.String(length=11), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "zone", "quiet"),
    )
    op.create_table(
        "segment_members",
        sa.Column("segment", sa.String(length=100), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("segment", "address_id"),
    )
    op.create_table(
        "broadcast_votes",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["broadcast_runs.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "person_id"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.String(length=12), nullable=False),
        *person("actor_id"),
        sa.Column("what", sa.String(length=40), nullable=False),
        *person("subject_id"),
        sa.Column("target", sa.String(length=40), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("workspaces", sa.Column("second_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_broadcasts_next", "broadcasts", ["next_at"], postgresql_where=NEXT, sqlite_where=NEXT)
    op.create_index("ix_broadcast_runs_open", "broadcast_runs", ["try_at"], postgresql_where=OPEN, sqlite_where=OPEN)
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


INDEXES = (
    ("broadcasts", "author_id"),
    ("broadcasts", "approver_id"),
    ("broadcast_versions", "author_id"),
    ("segment_members", "address_id"),
    ("broadcast_votes", "person_id"),
    ("audit", "at"),
    ("audit", "actor_id"),
    ("audit", "subject_id"),
)


def downgrade() -> None:
    """Back: broadcasts and the trail are forgotten; what waits of a broadcast is taken back."""
    op.execute("UPDATE deliveries SET state = 'cancelled' WHERE state = 'waiting' AND broadcast_id IS NOT NULL")
    op.drop_column("workspaces", "second_approval")
    for table in ("audit", "broadcast_votes", "segment_members", "broadcast_times", "broadcast_runs", "broadcast_versions"):
        op.drop_table(table)
    op.drop_table("broadcasts")
