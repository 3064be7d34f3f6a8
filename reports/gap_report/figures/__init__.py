"""Figures of the gap report."""
