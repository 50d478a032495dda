"""A worker as in production, but for one fault that tests switch on and off.

`python -m tests.faulty worker`: while the file that FAULT names exists, enrich fails for every
article that has the file's text in its own. The error differs from article to article.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from worker import cli
from worker.core.enrich import enrich

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.core.article import CleanArticle, EnrichedArticle
    from worker.core.enrich.recognise import Recogniser

SWITCH = "FAULT"


def _faulty(
    articles: Sequence[CleanArticle], recognisers: Mapping[str, Recogniser]
) -> Sequence[EnrichedArticle]:
    switch = Path(os.environ[SWITCH])
    if switch.exists():
        for article in articles:
            if switch.read_text() in article.body:
                raise LookupError(f"no weights for an article of {len(article.body)} characters")
    return enrich(articles, recognisers)


if __name__ == "__main__":
    with patch("worker.tasks.enrich.enrich_articles", _faulty):
        cli.main()
