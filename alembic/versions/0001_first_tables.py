"""First tables.

Locks: none that anybody could wait for, the database is empty.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEARCH = """
to_tsvector(
    CASE language WHEN 'fr' THEN 'french'::regconfig
                  WHEN 'en' THEN 'english'::regconfig
                  WHEN 'es' THEN 'spanish'::regconfig
                  WHEN 'de' THEN 'german'::regconfig
                  ELSE 'simple'::regconfig END,
    coalesce(title, '') || ' ' || coalesce(lead, '') || ' ' || left(body, 200000))
"""


def upgrade() -> None:
    op.create_table(
        "entities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "label IN ('PER', 'ORG', 'LOC', 'MISC', 'DATE', 'MONEY')",
            name=op.f("ck_entities_label"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_entities"),
        sa.UniqueConstraint("key", name="uq_entities_key"),
    )
    op.create_index("ix_entities_canonical", "entities", ["canonical"], unique=False)
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "beat_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    op.create_table(
        "raw_contents",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column(
            "first_seen",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("sha256", name="pk_raw_contents"),
    )
    op.create_table(
        "aliases",
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name="fk_aliases_entity_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entity_id", "surface", name="pk_aliases"),
    )
    op.create_index("ix_aliases_surface", "aliases", ["surface"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("feed", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("arrival", sa.Text(), nullable=False),
        sa.Column("raw_sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "queued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("disposition", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(disposition = 'duplicate') = (duplicate_of IS NOT NULL)",
            name=op.f("ck_deliveries_duplicate_of"),
        ),
        sa.CheckConstraint(
            "(disposition = 'pending') = (ended_at IS NULL)", name=op.f("ck_deliveries_ended")
        ),
        sa.CheckConstraint(
            "disposition <> 'stored' OR content_hash IS NOT NULL", name=op.f("ck_deliveries_hashed")
        ),
        sa.CheckConstraint(
            "disposition IN ('pending', 'stored', 'duplicate', 'rejected', 'quarantined')",
            name=op.f("ck_deliveries_disposition"),
        ),
        sa.CheckConstraint(
            "disposition NOT IN ('rejected', 'quarantined') OR reason IS NOT NULL",
            name=op.f("ck_deliveries_reason"),
        ),
        sa.CheckConstraint(
            "raw_sha256 IS NOT NULL OR disposition = 'rejected'",
            name=op.f("ck_deliveries_raw_kept"),
        ),
        sa.CheckConstraint("duplicate_of <> id", name=op.f("ck_deliveries_not_own_duplicate")),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["deliveries.id"], name="fk_deliveries_duplicate_of"
        ),
        sa.ForeignKeyConstraint(
            ["raw_sha256"], ["raw_contents.sha256"], name="fk_deliveries_raw_sha256"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("arrival", name="uq_deliveries_arrival"),
    )
    op.create_index("ix_deliveries_content_hash", "deliveries", ["content_hash"], unique=False)
    op.create_index(
        "ix_deliveries_disposition_received_at",
        "deliveries",
        ["disposition", "received_at"],
        unique=False,
    )
    op.create_index("ix_deliveries_duplicate_of", "deliveries", ["duplicate_of"], unique=False)
    op.create_index(
        "ix_deliveries_feed_received_at", "deliveries", ["feed", "received_at"], unique=False
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["queued_at"],
        unique=False,
        postgresql_where=sa.text("disposition = 'pending'"),
    )
    op.create_index("ix_deliveries_raw_sha256", "deliveries", ["raw_sha256"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("dateline_place", sa.Text(), nullable=True),
        sa.Column("dateline_agency", sa.Text(), nullable=True),
        sa.Column("byline", sa.Text(), nullable=True),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("credits", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("related", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("removed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("repairs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("cleaner", sa.Text(), nullable=False),
        sa.Column("recogniser", sa.Text(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "search", postgresql.TSVECTOR(), sa.Computed(SEARCH, persisted=True), nullable=False
        ),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_articles_delivery_id"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.UniqueConstraint("content_hash", name="uq_articles_content_hash"),
        sa.UniqueConstraint("delivery_id", name="uq_articles_delivery_id"),
    )
    op.create_index("ix_articles_feed_published", "articles", ["feed", "published"], unique=False)
    op.create_index("ix_articles_feed_first_seen", "articles", ["feed", "first_seen"], unique=False)
    op.create_index("ix_articles_first_seen", "articles", ["first_seen"], unique=False)
    op.create_index("ix_articles_published", "articles", ["published"], unique=False)
    op.create_index(
        "ix_articles_search", "articles", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("retries", sa.SmallInteger(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'failed') = (error IS NOT NULL)", name=op.f("ck_attempts_error")
        ),
        sa.CheckConstraint(
            "outcome IN ('done', 'failed', 'interrupted')", name=op.f("ck_attempts_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_attempts_ended")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_attempts_delivery_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index(
        "ix_attempts_delivery_id_step", "attempts", ["delivery_id", "step"], unique=False
    )
    op.create_index("ix_attempts_task_id", "attempts", ["task_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("normalisation", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_claims_delivery_id"),
        sa.PrimaryKeyConstraint("content_hash", "normalisation", name="pk_claims"),
    )
    op.create_index("ix_claims_delivery_id", "claims", ["delivery_id"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("start_offset", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("end_offset", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=True),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("field IN ('title', 'lead', 'body')", name=op.f("ck_mentions_field")),
        sa.CheckConstraint(
            "label IN ('PER', 'ORG', 'LOC', 'MISC', 'DATE', 'MONEY')",
            name=op.f("ck_mentions_label"),
        ),
        sa.CheckConstraint(
            "0 <= start_offset AND start_offset < end_offset", name=op.f("ck_mentions_offsets")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_mentions_article_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name="fk_mentions_entity_id"),
        sa.PrimaryKeyConstraint(
            "article_id", "field", "start_offset", "end_offset", name="pk_mentions"
        ),
    )
    op.create_index(
        "ix_mentions_entity_id_article_id", "mentions", ["entity_id", "article_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_mentions_entity_id_article_id", table_name="mentions")
    op.drop_table("mentions")
    op.drop_index("ix_claims_delivery_id", table_name="claims")
    op.drop_table("claims")
    op.drop_index("ix_attempts_task_id", table_name="attempts")
    op.drop_index("ix_attempts_delivery_id_step", table_name="attempts")
    op.drop_table("attempts")
    op.drop_index("ix_articles_search", table_name="articles", postgresql_using="gin")
    op.drop_index("ix_articles_published", table_name="articles")
    op.drop_index("ix_articles_first_seen", table_name="articles")
    op.drop_index("ix_articles_feed_first_seen", table_name="articles")
    op.drop_index("ix_articles_feed_published", table_name="articles")
    op.drop_table("articles")
    op.drop_index("ix_deliveries_raw_sha256", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_pending",
        table_name="deliveries",
        postgresql_where=sa.text("disposition = 'pending'"),
    )
    op.drop_index("ix_deliveries_feed_received_at", table_name="deliveries")
    op.drop_index("ix_deliveries_duplicate_of", table_name="deliveries")
    op.drop_index("ix_deliveries_disposition_received_at", table_name="deliveries")
    op.drop_index("ix_deliveries_content_hash", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index("ix_aliases_surface", table_name="aliases")
    op.drop_table("aliases")
    op.drop_table("raw_contents")
    op.drop_table("heartbeats")
    op.drop_index("ix_entities_canonical", table_name="entities")
    op.drop_table("entities")
