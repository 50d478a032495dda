"""Workers and their beats, and which of them made an attempt.

Locks: ``ACCESS EXCLUSIVE`` on attempts while its check is validated, a second or so for ten
million. Workers of the version before go on; what they leave behind is found by age only.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "beat_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("suspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )
    op.add_column("attempts", sa.Column("worker", sa.Text(), nullable=True))
    op.drop_constraint(op.f("ck_attempts_outcome"), "attempts")
    op.create_check_constraint(
        op.f("ck_attempts_outcome"),
        "attempts",
        "outcome IN ('done', 'failed', 'interrupted', 'died')",
    )
    op.create_index(
        "ix_attempts_open", "attempts", ["worker"], postgresql_where=sa.text("outcome IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_attempts_open", table_name="attempts")
    op.execute("UPDATE attempts SET outcome = NULL, ended_at = NULL WHERE outcome = 'died'")
    op.drop_constraint(op.f("ck_attempts_outcome"), "attempts")
    op.create_check_constraint(
        op.f("ck_attempts_outcome"), "attempts", "outcome IN ('done', 'failed', 'interrupted')"
    )
    op.drop_column("attempts", "worker")
    op.drop_table("workers")
