"""The pure heart: no Celery, no database, no clock, no disk. Text in, facts out."""
