"""Constraints that an instance adds to a problem: one class each, honoured or refused by every method."""
