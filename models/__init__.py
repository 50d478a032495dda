"""The tables, as typed SQLAlchemy models. `docs/schema.md` draws and explains them."""

from models.alarm import Alarm
from models.article import Article
from models.base import Base
from models.delivery import Attempt, Claim, Delivery, RawContent, Retry
from models.entity import Alias, Entity, Mention
from models.heartbeat import Heartbeat
from models.judgement import Judgement
from models.story import STORIES, Band, Edition, Twin
from models.worker import Worker

__all__ = [
    "STORIES",
    "Alarm",
    "Alias",
    "Article",
    "Attempt",
    "Band",
    "Base",
    "Claim",
    "Delivery",
    "Edition",
    "Entity",
    "Heartbeat",
    "Judgement",
    "Mention",
    "RawContent",
    "Retry",
    "Twin",
    "Worker",
]
