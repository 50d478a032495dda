# One image for intake, workers, Flower and migrations: they differ in the command only.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /app

# The dependencies change rarely and weigh most. Wheels only: nothing is ever compiled here.
COPY requirements/base.txt requirements/
RUN pip install --only-binary=:all: --require-hashes -r requirements/base.txt

# Installed where it lies: migrations are read from alembic/ and pyproject.toml beside worker/.
# It stays root's, compiled and readable to all, so that the process cannot change its own code.
COPY pyproject.toml ./
COPY alembic alembic
COPY models models
COPY worker worker
RUN pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q alembic models worker \
    && chmod -R a+rX .

# The uid and gid that dropped files must be readable and movable for.
ARG ROTATIVE_UID=1000
ARG ROTATIVE_GID=1000
ENV ROTATIVE_HOME=/data \
    ROTATIVE_LOG_FORMAT=json
RUN groupadd --gid "$ROTATIVE_GID" --non-unique rotative \
    && useradd --uid "$ROTATIVE_UID" --gid rotative --non-unique --no-log-init \
        --home-dir /data --no-create-home --shell /usr/sbin/nologin rotative \
    && install -d -o rotative -g rotative /data
USER rotative

# Exec form: the process is PID 1 and is the one that SIGTERM reaches.
ENTRYPOINT ["rotative"]
CMD ["--help"]
