"""Every table we have, each kept by its feature: imported by whoever opens a database, since much runs over all of them.

Backup, export, erasure, linking and retention go through `Table.metadata`; what nobody imported would be left out unsaid.
"""

from __future__ import annotations

from sqlalchemy import MetaData

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

HOMES = (people, conversations, curation, delivery, followups, mail, vendors, broadcasts, broadcast_tables)


def every_table() -> MetaData:
    """All tables, in what SQLAlchemy keeps them in. To be called by whoever opens a database: then none is unknown."""
    return Table.metadata
