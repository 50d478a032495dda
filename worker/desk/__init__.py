"""The operator's desk: what Flower gets from us, see docs/decisions/0017."""
