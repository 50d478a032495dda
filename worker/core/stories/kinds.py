"""The words in which stories are spoken of."""

from __future__ import annotations

from typing import Literal

Level = Literal["bytes", "text", "body"]
"""What a duplicate has in common with the delivery that it duplicates."""
Notice = Literal["correction", "update", "withdrawal"]
"""What an article says of itself: ``RECTIFICATIF``; ``ACTUALISATION``, ``2e lead``; ``KILL``."""
Role = Literal["original", "version", "copy", "withdrawal"]
"""What an article is in its story: the first; a later one of the same source; one of another
source, with another wording; a note that withdraws the story."""
Tie = Literal["body", "title"]
"""By what two articles of a story were found to belong together: their bodies are alike; or one
says that it corrects, continues or withdraws what has the other's title."""
