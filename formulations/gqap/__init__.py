"""Generalised quadratic assignment: data, evaluation, explicit models."""
