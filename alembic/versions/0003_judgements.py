"""Judgements, what the linker found beside them, and versions of the enrich step.

Locks: ``ACCESS EXCLUSIVE`` on mentions, entities and articles until all mentions are written anew
and indexed, some seconds for a million; ``VACUUM mentions`` gives the space of the old rows back.
Stop the workers first: those of the version before cannot write mentions any more.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judgements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("uuid", postgresql.UUID(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("surface", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("with_key", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('merge', 'split', 'rename', 'ignore')", name=op.f("ck_judgements_kind")
        ),
        sa.CheckConstraint(
            "(kind IN ('merge', 'split')) = (target IS NOT NULL)", name=op.f("ck_judgements_target")
        ),
        sa.CheckConstraint(
            "(kind IN ('rename', 'split')) = (name IS NOT NULL)", name=op.f("ck_judgements_name")
        ),
        sa.CheckConstraint(
            "(kind = 'split') = (num_nonnulls(surface, content_hash, with_key) > 0)",
            name=op.f("ck_judgements_evidence"),
        ),
        sa.CheckConstraint("key <> target", name=op.f("ck_judgements_not_own_target")),
        sa.PrimaryKeyConstraint("id", name="pk_judgements"),
        sa.UniqueConstraint("uuid", name="uq_judgements_uuid"),
    )

    op.add_column("mentions", sa.Column("found", sa.Text(), nullable=True))
    op.execute(
        "UPDATE mentions SET found = key, canonical = NULL FROM entities WHERE id = entity_id"
    )
    op.create_check_constraint(
        op.f("ck_mentions_found"), "mentions", "found IS NOT NULL OR entity_id IS NULL"
    )
    op.create_check_constraint(
        op.f("ck_mentions_canonical"), "mentions", "found IS NULL OR canonical IS NULL"
    )
    op.create_index("ix_mentions_found_article_id", "mentions", ["found", "article_id"])

    op.drop_index("ix_entities_canonical", table_name="entities")
    op.add_column("entities", sa.Column("named", sa.Text(), nullable=True))
    op.execute("UPDATE entities SET named = canonical")
    op.alter_column("entities", "named", nullable=False)
    op.drop_column("entities", "canonical")
    op.add_column(
        "entities", sa.Column("named_by", sa.Text(), server_default="text", nullable=False)
    )
    op.alter_column("entities", "named_by", server_default=None)
    op.add_column("entities", sa.Column("renamed", sa.Text(), nullable=True))
    op.add_column(
        "entities",
        sa.Column(
            "canonical",
            sa.Text(),
            sa.Computed("coalesce(renamed, named)", persisted=True),
            nullable=False,
        ),
    )
    op.add_column("entities", sa.Column("wikidata", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_entities_named_by"), "entities", "named_by IN ('key', 'text', 'file')"
    )
    op.create_check_constraint(op.f("ck_entities_wikidata"), "entities", "wikidata ~ '^Q[0-9]+$'")
    op.create_index("ix_entities_canonical", "entities", ["canonical"])

    # Constant defaults rewrite no row; an update would have Postgres make each search vector anew.
    op.add_column("articles", sa.Column("enricher", sa.Text(), server_default="0", nullable=False))
    op.alter_column("articles", "enricher", server_default=None)
    op.add_column(
        "articles", sa.Column("entities_by", sa.Text(), server_default="model", nullable=False)
    )
    op.alter_column("articles", "entities_by", server_default=None)
    op.execute("UPDATE articles SET entities_by = 'none' WHERE recogniser = 'none'")
    op.create_check_constraint(
        op.f("ck_articles_entities_by"), "articles", "entities_by IN ('model', 'rules', 'none')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_articles_entities_by"), "articles")
    op.drop_column("articles", "entities_by")
    op.drop_column("articles", "enricher")

    op.drop_index("ix_mentions_found_article_id", table_name="mentions")
    op.drop_constraint(op.f("ck_mentions_canonical"), "mentions")
    op.drop_constraint(op.f("ck_mentions_found"), "mentions")
    # What the linker found is all that the version before knows of.
    op.execute(
        "UPDATE mentions SET entity_id = id, canonical = named FROM entities WHERE key = found"
    )
    op.drop_column("mentions", "found")

    op.drop_index("ix_entities_canonical", table_name="entities")
    op.drop_constraint(op.f("ck_entities_wikidata"), "entities")
    op.drop_constraint(op.f("ck_entities_named_by"), "entities")
    op.drop_column("entities", "canonical")
    op.add_column("entities", sa.Column("canonical", sa.Text(), nullable=True))
    op.execute("UPDATE entities SET canonical = named")
    op.alter_column("entities", "canonical", nullable=False)
    for column in ("wikidata", "renamed", "named_by", "named"):
        op.drop_column("entities", column)
    op.create_index("ix_entities_canonical", "entities", ["canonical"])

    op.drop_table("judgements")
