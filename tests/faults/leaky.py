"""A worker whose steps fail with words of the article: `python -m tests.faults.leaky worker`.

Which way is said by the article's own title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from sqlalchemy import text

from worker import articles, cli
from worker.core.enrich import enrich

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from worker.core.article import CleanArticle, EnrichedArticle
    from worker.core.enrich.judgements import Judgements
    from worker.core.enrich.recognise import Recogniser
    from worker.core.persist import ArticleRows

# Disk full, which is the services' fault; its words are what the article says.
DISK_FULL = "DO $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = '{}'; END$$"
already = set[str]()


def _enrich(
    found: Sequence[CleanArticle], recognisers: Mapping[str, Recogniser]
) -> Sequence[EnrichedArticle]:
    for article in found:
        if "erreur du modèle" in str(article.title):
            raise ValueError(f"no weights for {article.body}") from KeyError(article.body)
    return enrich(found, recognisers)


def _write(
    connection: Connection, rows: Mapping[int, ArticleRows], judgements: Judgements
) -> dict[int, int]:
    for row in rows.values():
        body, title = str(row.article["body"]), str(row.article["title"])
        if "erreur de données" in title:
            connection.execute(text("SELECT CAST(:body AS integer)"), {"body": body})
        if "panne du disque" in title and title not in already:
            already.add(title)
            connection.exec_driver_sql(DISK_FULL.format(body.replace("'", "").replace("%", "")))
    return articles.write(connection, rows, judgements)


if __name__ == "__main__":
    with (
        patch("worker.tasks.enrich.enrich_articles", _enrich),
        patch("worker.tasks.persist.write", _write),
    ):
        cli.main()
