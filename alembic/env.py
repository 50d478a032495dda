"""How Alembic reaches the database: a connection handed over, or DATABASE_URL."""

from __future__ import annotations

from alembic import context
from models import Base
from worker import config, db


def run(connection) -> None:  # noqa: ANN001 - Alembic's own type is private
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(
        url=db.database_url(config.load()), target_metadata=Base.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
elif (handed_over := context.config.attributes.get("connection")) is not None:
    run(handed_over)
else:
    with db.make_engine(db.database_url(config.load())).connect() as own:
        run(own)
        own.commit()
