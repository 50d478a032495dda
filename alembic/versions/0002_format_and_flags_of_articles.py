"""Format and flags of articles.

Locks: ``ACCESS EXCLUSIVE`` on articles for an instant; constant defaults rewrite no row.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("format", sa.Text(), server_default="text", nullable=False))
    op.add_column(
        "articles",
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("articles", "flags")
    op.drop_column("articles", "format")
