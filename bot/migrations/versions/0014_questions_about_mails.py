"""open questions about copied mails are found by their person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ASKED = sa.text("question = 'open'")


def upgrade() -> None:
    """Forward: only adds."""
    op.create_index("ix_copied_mails_asked", "copied_mails", ["person_id"], postgresql_where=_ASKED, sqlite_where=_ASKED)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_copied_mails_asked", table_name="copied_mails")
