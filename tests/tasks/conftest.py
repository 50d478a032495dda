"""These tests run tasks on a real broker."""

from tests.fixtures import connection, corpus, schema

__all__ = ["connection", "corpus", "schema"]
