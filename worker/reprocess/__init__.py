"""Stored articles made again, by newer versions of the steps."""
