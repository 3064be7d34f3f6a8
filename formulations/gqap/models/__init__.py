"""Explicit models of the generalised quadratic assignment problem."""
