"""Indexes for what is asked: amounts by value; and none for what nobody asks of deliveries.

A delivery is written some four times, and each time it is entered in all of its indexes: so what
is no duplicate, and what has not ended, is left out of those about that.

Locks: ``SHARE`` on mentions and deliveries while the indexes are made, which keeps writers out for
some seconds for a million articles. Workers and intake of the version before go on.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_deliveries_content_hash", table_name="deliveries")
    for column in ("duplicate_of", "ended_at"):
        op.drop_index(f"ix_deliveries_{column}", table_name="deliveries")
        op.create_index(
            f"ix_deliveries_{column}",
            "deliveries",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_index(
        "ix_mentions_money",
        "mentions",
        [
            sa.text("split_part(canonical, ' ', 2)"),
            sa.text("(split_part(canonical, ' ', 1)::numeric)"),
        ],
        postgresql_where=sa.text("label = 'MONEY'"),
    )


def downgrade() -> None:
    op.drop_index("ix_mentions_money", table_name="mentions")
    for column in ("ended_at", "duplicate_of"):
        op.drop_index(f"ix_deliveries_{column}", table_name="deliveries")
        op.create_index(f"ix_deliveries_{column}", "deliveries", [column])
    op.create_index("ix_deliveries_content_hash", "deliveries", ["content_hash"])
