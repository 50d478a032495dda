"""These tests talk to Postgres."""

from tests.fixtures import connection, corpus, schema

__all__ = ["connection", "corpus", "schema"]
