"""Rotative: the way of an article from the drop folder to Postgres."""
