"""Stories: which articles tell the same, how they are found, and what duplicates have in common.

Locks: ``ACCESS EXCLUSIVE`` on deliveries and claims while their checks are validated, a second or
so for a million; nothing is rewritten. Workers of the version before go on: their duplicates have
no level, and their articles no edition until ``rotative restory`` compares them.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Whatever is checked of a table in one statement is checked in one pass over it.
LEVELS = (
    """
ALTER TABLE deliveries
    ADD COLUMN level text,
    ADD CONSTRAINT ck_deliveries_level CHECK (level IN ('bytes', 'text', 'body')),
    ADD CONSTRAINT ck_deliveries_level_of_duplicate
        CHECK (level IS NULL OR disposition = 'duplicate')
""",
    """
ALTER TABLE claims
    ADD COLUMN level text DEFAULT 'text' NOT NULL,
    ADD CONSTRAINT ck_claims_level CHECK (level IN ('text', 'body'))
""",
)
# In two halves, so that a condition on story_id reaches both. An article without an edition is a
# story of its own.
STORIES = """
CREATE VIEW stories AS
SELECT e.story_id,
       max(e.article_id) FILTER (WHERE e.current) AS current_id,
       (array_agg(a.title ORDER BY e.current DESC, e.version DESC NULLS LAST, a.id))[1] AS title,
       count(*) AS articles,
       count(e.version) AS versions,
       count(*) FILTER (WHERE e.role = 'copy') AS copies,
       max(e.article_id) FILTER (WHERE e.role = 'withdrawal') AS withdrawn_by,
       min(a.first_seen) AS first_seen,
       max(a.first_seen) AS last_seen
FROM editions e JOIN articles a ON a.id = e.article_id
GROUP BY e.story_id
UNION ALL
SELECT a.id, a.id, a.title, 1, 1, 0, NULL, a.first_seen, a.first_seen
FROM articles a
WHERE NOT EXISTS (SELECT FROM editions e WHERE e.article_id = a.id)
"""


def upgrade() -> None:
    for statement in LEVELS:
        op.execute(statement)
    op.create_table(
        "editions",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("notice_number", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.SmallInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("titles", ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint(
            "role IN ('original', 'version', 'copy', 'withdrawal')", name=op.f("ck_editions_role")
        ),
        sa.CheckConstraint(
            "notice IN ('correction', 'update', 'withdrawal')", name=op.f("ck_editions_notice")
        ),
        sa.CheckConstraint(
            "(role IN ('original', 'version')) = (version IS NOT NULL)",
            name=op.f("ck_editions_version"),
        ),
        sa.CheckConstraint("NOT current OR version IS NOT NULL", name=op.f("ck_editions_current")),
        sa.CheckConstraint("story_id <= article_id", name=op.f("ck_editions_story_id")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_editions_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["articles.id"], name=op.f("fk_editions_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_editions")),
    )
    op.create_index("ix_editions_story_id", "editions", ["story_id"])
    op.create_index(
        "ix_editions_current",
        "editions",
        ["story_id"],
        unique=True,
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "bands",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_bands_first", "bands", ["key"], unique=True, postgresql_where=sa.text("first")
    )
    op.create_index(
        "ix_bands_later",
        "bands",
        ["key", "article_id"],
        unique=True,
        postgresql_where=sa.text("NOT first"),
    )
    op.create_table(
        "twins",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("twin_id", sa.BigInteger(), nullable=False),
        sa.Column("tie", sa.Text(), nullable=False),
        sa.Column("jaccard", sa.REAL(), nullable=False),
        sa.Column("containment", sa.REAL(), nullable=False),
        sa.CheckConstraint("tie IN ('body', 'title')", name=op.f("ck_twins_tie")),
        sa.CheckConstraint("twin_id < article_id", name=op.f("ck_twins_order")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_twins_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["twin_id"], ["articles.id"], name=op.f("fk_twins_twin_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "twin_id", name=op.f("pk_twins")),
    )
    op.create_index("ix_twins_twin_id", "twins", ["twin_id"])
    op.execute(STORIES)


def downgrade() -> None:
    op.execute("DROP VIEW stories")
    op.drop_table("twins")
    op.drop_table("bands")
    op.drop_table("editions")
    # What the version before takes any claim for is one of a text.
    op.execute("DELETE FROM claims WHERE level = 'body'")
    op.drop_column("claims", "level")
    op.drop_column("deliveries", "level")
