"""Settings, read from the environment once and never changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from worker.errors import UserError

# Names that writers give to what they have not finished, and READMEs, which are no articles.
IGNORED_NAMES = (
    ".*",
    "~*",
    "*~",
    "*.part",
    "*.partial",
    "*.filepart",
    "*.tmp",
    "*.temp",
    "*.crdownload",
    "*.download",
    "*.swp",
    "README*",
)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class Settings(BaseSettings):
    """Every setting, its unit in its name, its default in place. `README.md` has the table."""

    model_config = SettingsConfigDict(env_prefix="ROTATIVE_", frozen=True, extra="ignore")

    home: Path = Path(".rotative")
    """Everything that a run writes lives below it, unless a folder below is set elsewhere."""
    inbox_dir: Path | None = Field(None, validation_alias="ROTATIVE_INBOX")
    processed_dir: Path | None = Field(None, validation_alias="ROTATIVE_PROCESSED")
    rejected_dir: Path | None = Field(None, validation_alias="ROTATIVE_REJECTED")
    quarantine_dir: Path | None = Field(None, validation_alias="ROTATIVE_QUARANTINE")

    database_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("DATABASE_URL", "ROTATIVE_DATABASE_URL")
    )
    redis_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("REDIS_URL", "ROTATIVE_REDIS_URL")
    )

    after: Literal["move", "delete"] = "move"
    """What becomes of a taken file, once its bytes are committed."""
    watch: Literal["auto", "events", "poll"] = "auto"
    """How new files are noticed; auto polls on network file systems only."""
    quiet_seconds: float = Field(0.5, ge=0)
    """How long a file that nobody is writing must have been left alone."""
    unseen_quiet_seconds: float = Field(15, ge=0)
    """The same where the system cannot tell whether somebody is writing."""
    rescan_seconds: float = Field(30, gt=0)
    poll_seconds: float = Field(2, gt=0)
    ignore: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = IGNORED_NAMES
    max_bytes: int = Field(1_000_000, gt=0)
    """A larger file is rejected as too-large."""

    batch: int = Field(64, ge=1)
    """Most deliveries that one message carries."""
    batch_bytes: int = Field(2_000_000, ge=1)
    """Most bytes of raw files that one message stands for."""
    queue: str = "rotative"
    """The broker's queue, with one more beside it; another name lets two corpora share a Redis."""
    queue_limit: int = Field(1_000, ge=1)
    """Messages waiting in the broker at which intake stops taking."""
    bulk_limit: int = Field(64, ge=1)
    """The same for what comes in bulk, which waits in the inbox instead."""
    concurrency: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    """Processes of one worker."""
    attempts: int = Field(3, ge=1)
    """Starts of one step that may fail before a delivery is quarantined."""
    backoff_seconds: float = Field(1, ge=0)
    """First pause before a retry; it doubles each time, up to a minute, with jitter."""
    soft_limit_seconds: int = Field(120, gt=0)
    hard_limit_seconds: int = Field(150, gt=0)
    reconcile_seconds: float = Field(5, gt=0)
    """Between looks for deliveries whose message is gone."""
    recogniser: Literal["spacy", "null"] = "spacy"

    flower_address: str = "127.0.0.1"
    flower_port: int = Field(5555, ge=0, le=65535)
    flower_basic_auth: SecretStr | None = Field(None, validation_alias="FLOWER_BASIC_AUTH")
    """``user:password``; needed as soon as Flower listens beyond loopback."""

    metrics_address: str = "127.0.0.1"
    metrics_port: int = Field(0, ge=0, le=65534)
    """Where intake serves its metrics to Prometheus; a worker does so at the next one. 0: none."""

    alarm_seconds: float = Field(60, gt=0)
    """Between looks for what is not as usual."""
    alarm_webhook: SecretStr = SecretStr("")
    """Where alarms are sent to, as JSON; empty: nowhere."""
    pending_limit_seconds: float = Field(900, gt=0)
    """A delivery that has been pending for longer is an alarm."""

    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def bulk_queue(self) -> str:
        """The broker's queue of what comes in bulk, beside that of what is fresh."""
        return f"{self.queue}.bulk"

    @property
    def inbox(self) -> Path:
        """The watched folder."""
        return self.inbox_dir or self.home / "inbox"

    @property
    def processed(self) -> Path:
        """Where taken files go."""
        return self.processed_dir or self.home / "processed"

    @property
    def rejected(self) -> Path:
        """Where the files go of what was rejected, each with why."""
        return self.rejected_dir or self.home / "rejected"

    @property
    def quarantine(self) -> Path:
        """Where the files go of what is quarantined, each with why."""
        return self.quarantine_dir or self.home / "quarantine"


def load() -> Settings:
    """Read the settings from the environment.

    Raises:
        UserError: names each variable that cannot be used, and why.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc']))} is {item['input']!r}: {item['msg']}"
            for item in error.errors()
        )
        raise UserError(f"The environment has settings that cannot be used. {wrong}.") from None
