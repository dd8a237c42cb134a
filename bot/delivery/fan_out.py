"""How does a broadcast reach everybody's row? One INSERT … SELECT, whatever its size; the cards are shared.

The audience is a query of the feature that sends; nothing of it passes through this process.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from sqlalchemy import SelectBase, String, func, literal, null, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from bot.db import Moment, insert_into
from bot.delivery.progress import count
from bot.delivery.tables import KINDS, DeliveryRow

_D = cast("SqlTable", DeliveryRow.__table__)


def fan_out(session: Session, broadcast_id: str, audience: SelectBase, now: dt.datetime) -> int:
    """One waiting row for each of the audience, counted; returns how many are new. Commits nothing.

    `audience` selects the columns address_id, channel, workspace_id, lang, due_at, and perhaps room (`Address.place`);
    the card of each lang is shared before (`cards.share`). An address that has its row already is left out, so a
    fan-out that was interrupted is simply done again.
    """
    to = audience.subquery("audience")
    lane = literal(f"{KINDS['broadcast']}/") + to.c.channel + "/" + func.coalesce(to.c.workspace_id, "") + f"/{broadcast_id}"
    values: dict[str, Any] = {
        "id": func.md5(literal(f"{broadcast_id}/", String()) + to.c.address_id),
        "address_id": to.c.address_id,
        "channel": to.c.channel,
        "lane": lane,
        "room": to.c.room if "room" in to.c else literal("", String()),
        "kind": literal("broadcast", String()),
        "broadcast_id": literal(broadcast_id, String()),
        "part": literal(0),
        "card": null(),
        "lang": to.c.lang,
        "state": literal("waiting", String()),
        "due_at": to.c.due_at,
        "moved_at": literal(now, Moment()),
        "tries": literal(0),
        "doubts": literal(0),
    }
    # with a WHERE: without one SQLite takes ON CONFLICT for the ON of a join
    rows = select(*(value.label(name) for name, value in values.items())).select_from(to).where(to.c.address_id.is_not(None))
    insert = (
        insert_into(_D, session.get_bind().dialect.name)
        .from_select(list(values), rows)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    number = session.connection().execute(insert.execution_options(preserve_rowcount=True)).rowcount
    count(session, "fan-out", {(broadcast_id, "put"): number})
    return number
