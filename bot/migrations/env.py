"""How Alembic runs: on the connection that bot.db hands over, only over our own tables."""

from __future__ import annotations

from alembic import context

from bot.tables import every_table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=every_table(),
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    include_name=lambda name, kind, parents: kind != "table" or name in every_table().tables,
)
with context.begin_transaction():
    context.run_migrations()
