"""Which of the two queues a delivery was handed to.

Locks: ``ACCESS EXCLUSIVE`` on deliveries for an instant; no row is written. Workers of the version
before take only what is fresh: what came in bulk waits for the first new one.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deliveries",
        sa.Column("bulk", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("deliveries", "bulk")
