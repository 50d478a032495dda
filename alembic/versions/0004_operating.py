"""What operating needs: retries, causes of quarantine, where files stand, alarms.

Locks: ``ACCESS EXCLUSIVE`` on deliveries while it is written anew (the cause is a stored generated
column), filled and indexed, some seconds for a million. Workers and intake of the version before
go on with the new schema.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CAUSE = r"""
CASE WHEN disposition = 'quarantined' THEN left(step || ': ' ||
    regexp_replace(regexp_replace(regexp_replace(split_part(reason, E'\n', 1),
        '"[^"]*"|«[^»]*»|“[^”]*”|`[^`]*`|(?<!\w)''[^'']*''(?!\w)', '…', 'g'),
        '\m(0x)?(?=[a-f]*\d)[0-9a-f]{8,}\M', '…', 'g'),
        '\d+([.,:-]\d+)*', '…', 'g'), 300) END
"""
MISFILED = """
folder IS NOT NULL AND CASE disposition
    WHEN 'quarantined' THEN folder <> 'quarantine'
    WHEN 'rejected' THEN folder <> 'rejected'
    WHEN 'pending' THEN false
    ELSE folder IN ('quarantine', 'rejected') END
"""


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("retried_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("folder", sa.Text(), nullable=True))
    op.add_column(
        "deliveries",
        sa.Column("cause", sa.Text(), sa.Computed(CAUSE, persisted=True), nullable=True),
    )
    # Where intake of the version before has put them; what was ingested stayed where it was.
    op.execute(
        "UPDATE deliveries SET folder = CASE WHEN raw_sha256 IS NULL THEN 'rejected' "
        "ELSE 'processed' END WHERE arrival NOT LIKE 'ingest:%'"
    )
    op.create_check_constraint(
        op.f("ck_deliveries_folder"),
        "deliveries",
        "folder IN ('processed', 'deleted', 'rejected', 'quarantine')",
    )
    op.create_index("ix_deliveries_ended_at", "deliveries", ["ended_at"])
    op.create_index(
        "ix_deliveries_quarantined",
        "deliveries",
        ["cause", "ended_at"],
        postgresql_where=sa.text("disposition = 'quarantined'"),
    )
    op.create_index(
        "ix_deliveries_misfiled", "deliveries", ["id"], postgresql_where=sa.text(MISFILED)
    )
    op.create_table(
        "retries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name="fk_retries_delivery_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_retries"),
    )
    op.create_index("ix_retries_delivery_id", "retries", ["delivery_id"])
    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=True),
        sa.Column("figure", sa.Double(), nullable=False),
        sa.Column("usual_low", sa.Double(), nullable=True),
        sa.Column("usual_high", sa.Double(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column(
            "raised_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
    )
    op.create_index(
        "ix_alarms_open",
        "alarms",
        ["kind", "feed"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_alarms_raised_at", "alarms", ["raised_at"])


def downgrade() -> None:
    op.drop_table("alarms")
    op.drop_table("retries")
    op.drop_index("ix_deliveries_misfiled", table_name="deliveries")
    op.drop_index("ix_deliveries_quarantined", table_name="deliveries")
    op.drop_index("ix_deliveries_ended_at", table_name="deliveries")
    op.drop_constraint(op.f("ck_deliveries_folder"), "deliveries")
    op.drop_column("deliveries", "cause")
    op.drop_column("deliveries", "folder")
    op.drop_column("deliveries", "retried_at")
