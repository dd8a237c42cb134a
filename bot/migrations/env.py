"""How Alembic runs: on the connection that bot.db hands over, only over our own tables."""

from __future__ import annotations

from alembic import context

from bot.broadcasts import broadcast_tables
from bot.broadcasts import tables as broadcasts
from bot.conversations import tables as conversations
from bot.curation import tables as curation
from bot.db import Table
from bot.delivery import tables as delivery
from bot.followups import mail_tables as mail
from bot.followups import tables as followups
from bot.people import tables as people
from bot.vendors import tables as vendors

OURS = (
    people,
    conversations,
    curation,
    delivery,
    followups,
    mail,
    vendors,
    broadcasts,
    broadcast_tables,
)  # imported so that their tables are known

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    include_name=lambda name, kind, parents: kind != "table" or name in Table.metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
